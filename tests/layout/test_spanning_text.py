"""Texts across a table are split into rows, and joined again to the letter."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.forms import book_of, forms_of, retyped, saved
from tests.sources import small
from xltiltak.intake.returned_file import parse_return
from xltiltak.layout import metrics
from xltiltak.layout.sheet_rows import (
    CellSpec,
    SheetRow,
    join_pieces,
    separator_before,
    spread_rows,
)
from xltiltak.model.cell_values import CellValue
from xltiltak.model.field_types import FieldType, ParagraphsType
from xltiltak.model.register import Register
from xltiltak.model.report import Report, Slot
from xltiltak.model.row_keys import slot_row_key
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue

GOALS = "maaloppnaaelse"
SENTENCE = (
    "Kommunen skal ha trygge skoleveier i alle grender, "
    "og ingen skal måtte gå langs en vei uten fortau. "
)
LONG = SENTENCE * 3 + "Det haster."
WORDS = st.text(st.sampled_from("abc de fgh  æøå WM\n"), max_size=300)


def rows(text: str, width: float) -> list[SheetRow]:
    """Return the rows of a slot with one text, across a table with two columns."""
    spec, key = CellSpec(2, "given", FieldType()), slot_row_key(Slot("A-1", "goal"), 1)
    row = SheetRow(key, (spec,), (text,), ("A-1",))
    return list(spread_rows([row], (2, 3), width))


def joined(pieces: list[SheetRow]) -> CellValue:
    """Return the text of such rows as a reader joins it."""
    text = pieces[0].values[0]
    for row in pieces[1:]:
        separator = separator_before(row.key)
        assert separator
        text = join_pieces(text, separator, row.values[0], "nb")
    return text


@given(WORDS, st.integers(8, 90))
def test_a_text_that_was_split_is_joined_again_to_the_letter(text: str, width: int) -> None:
    assert (joined(rows(text, width)) or "") == text


@given(WORDS, st.integers(8, 90))
def test_each_row_fits_the_table_and_holds_something(text: str, width: int) -> None:
    assume(all(metrics.line_count(word, width - 2) == 1 for word in text.split()))
    pieces = [line.values[0] for line in rows(text, width)]
    assert all(
        metrics.line_count(" ".join(str(piece).split()), width - 2) == 1
        for piece in pieces
        if piece
    )
    assert sum(piece is None for piece in pieces) <= text.count("\n") + 1


def test_only_the_first_row_of_a_text_has_a_label() -> None:
    label, spec = CellSpec(2, "label"), CellSpec(4, "given", ParagraphsType())
    row = SheetRow("A-1|goal|1", (label, spec), ("Mål", LONG), ("A-1",))
    first, *others = spread_rows([row], (2, 3, 4), 60)
    piece = next(iter(metrics.split_paragraph(LONG, 58)))
    assert [value for value in first.values if value is not None] == ["Mål", piece]
    assert piece != LONG
    for one in (first, *others):
        assert [spec.col for spec in one.specs] == sorted({spec.col for spec in one.specs})
    assert len(others) > 2
    assert all(2 not in cols_with_text(row) for row in others)


def cols_with_text(row: SheetRow) -> set[int]:
    """Return the columns of a row's cells that are not empty."""
    cells = zip(row.specs, row.values, strict=True)
    return {spec.col for spec, value in cells if value is not None}


def with_long_goals() -> Report:
    """Return a report whose groups have long texts."""
    report = small(catalogue.find(GOALS))
    longer = {slot: ("Kort mål", LONG) for slot in report.values if slot.field == "goals"}
    return replace(report, values={**report.values, **longer}).with_open_date(report.head.dates[-1])


def test_no_text_of_a_group_is_wider_than_the_sheet_and_no_cells_are_merged() -> None:
    report = with_long_goals()
    for form in forms_of(report).values():
        sheet = book_of(form).worksheets[0]
        goals = [row for row in sheet.iter_rows() if "|goals|" in str(row[0].value)]
        assert not sheet.merged_cells.ranges
        assert len(goals) > 4
        assert all(metrics.line_count(str(row[1].value), 136) == 1 for row in goals)
        assert any(str(row[0].value).endswith("+") for row in goals)
        assert not any(
            cell.value for row in goals for cell in row[2:]
        )  # the text runs on over them


def test_an_untouched_form_with_long_texts_has_no_findings() -> None:
    for form in forms_of(with_long_goals()).values():
        received = parse_return("a.xlsx", form)
        assert (received.outcome, received.all_findings()) == ("read", ())


def test_a_word_changed_in_a_locked_text_is_reported_with_the_whole_text() -> None:
    form = next(iter(forms_of(with_long_goals()).values()))
    with retyped(form) as (sheet, target):
        row = next(row for row in sheet.iter_rows() if str(row[0].value).endswith("|2+"))
        row[1].value = f"{row[1].value} HER"
    (submission,) = parse_return("a.xlsx", target.getvalue()).submissions
    (claim,) = submission.changes
    first = next(
        cell.row for cell in sheet["A"] if str(cell.value) == str(row[0].value).replace("2+", "1")
    )
    assert (claim.cell, claim.is_editable) == (f"B{first}", False)
    assert (claim.sent, claim.value) == (
        ("Kort mål", LONG),
        ("Kort mål", LONG.replace(" Det", " Det HER")),
    )


def test_the_coordinator_can_edit_a_text_that_was_split() -> None:
    report = with_long_goals()
    report = replace(report, head=replace(report.head, current=None))
    book = book_of(write_appendix(Register(report)))
    sheet = next(s for s in book.worksheets if any("|goals|" in str(c.value) for c in s["A"]))
    row = next(row for row in sheet.iter_rows() if str(row[0].value).endswith("|2+"))
    row[1].value = f"{row[1].value} HER"
    read = read_appendix(saved(book)).report
    (changed,) = (slot for slot in report.values if read.values.get(slot) != report.values[slot])
    assert " HER" in str(read.values[changed])
    assert str(read.values[changed]).replace(" HER", "", 1) == str(("Kort mål", LONG))
