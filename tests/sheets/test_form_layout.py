"""What a leader sees of a form: its head, its first cell, its sheets, and room for proposals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from tests import small
from tests.forms import saved
from tests.sources import TEMPLATES, demo, report_of
from xltiltak.intake.returned_file import parse_return
from xltiltak.layout.geometry import FIRST_LAYOUT, geometry_of
from xltiltak.layout.guidance import fitting_look
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.merging.merge import merge
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.model.report import Report
from xltiltak.sheets.forms import write_form, write_forms
from xltiltak.snapshot.hidden_sheet import LAYOUT_ROW
from xltiltak.xlsx.excel_limits import cut_at_word

DAY = date(2020, 8, 31)
AREA = "HEL"


def part() -> Report:
    """Return the demonstration's smallest area with its second date open."""
    report = demo().with_open_date(DAY)
    head = replace(report.head, deadline=date(2020, 9, 15), contact="Staben, plan@eksempel.no")
    return replace(report, head=head).parts()[AREA]


def book_of(content: bytes) -> Any:
    """Return a form as openpyxl reads it."""
    return openpyxl.load_workbook(BytesIO(content))


def form() -> bytes:
    """Return the form of that area."""
    return write_form(part(), AREA, {AREA: "Helse"})


def rows_of(sheet: Any) -> dict[str, Any]:
    """Return the first row with each row key."""
    found: dict[str, Any] = {}
    for row in sheet.iter_rows():
        found.setdefault(row[0].value, row)
    return found


def returned(edit: Any) -> ReturnedFile:
    """Return what is read of the form after an edit of its sheet."""
    book = book_of(form())
    edit(book.worksheets[0])
    return parse_return("svar.xlsx", saved(book))


def test_the_head_has_title_count_deadline_and_address_above_the_labels() -> None:
    sheet = book_of(form()).worksheets[0]
    title, *texts = [cell.value for cell in sheet[1][1:] if cell.value is not None]
    assert title == "Kommunalområdet Helse og mestring"
    assert str(texts[0]).endswith(f'" {translate("sheet.filled", "nb", n=6)}"')
    assert texts[1] == "Svarfrist 15.09.2020. Send filen til plan@eksempel.no."
    labels = [cell.value for cell in sheet[2]]
    assert labels[3:6] == ["Status 30.04.2020", "Fyll ut per 31.08.2020", "Status 31.12.2020"]


def test_a_long_contact_without_an_address_stands_among_the_instructions_only() -> None:
    contact = "Ring staben, eller kom innom i tredje etasje. " * 90
    whole = replace(part(), head=replace(part().head, contact=contact))
    content = write_form(whole, AREA, {AREA: "Helse"})
    head = " ".join(str(cell.value) for cell in book_of(content).worksheets[0][1])
    assert translate("sheet.send_back", "nb") in head
    read = parse_return("svar.xlsx", content)
    assert (read.outcome, read.all_findings()) == ("read", ())


def test_future_dates_stay_in_place_and_are_hidden() -> None:
    sheet = book_of(form()).worksheets[0]
    hidden = [name for name, column in sheet.column_dimensions.items() if column.hidden]
    assert hidden == ["A", "F"]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_heading_over_open_cells_begins_with_a_digit(template: str, language: str) -> None:
    report = report_of(template)
    head = replace(report.head, language=language)
    geometry = geometry_of(report.template, head.dates, language)
    for column in geometry.table_columns:
        if column.field.role == "input":
            assert not geometry.heading_of(column, column.date)[0].isdigit()


def test_the_first_open_cell_is_chosen_and_a_filled_one_is_not() -> None:
    empty, answered = part(), part()
    first = next(node for node in empty.nodes if node.level == "measure")
    values = {s: v for s, v in empty.values.items() if s.date != DAY}
    empty = replace(empty, values=values)
    answered = replace(
        answered,
        values={s: v for s, v in part().values.items() if s.ref == first.ref or not s.date},
    )
    chosen = []
    for report in (empty, answered):
        sheet = book_of(write_form(report, AREA, {AREA: "Helse"})).worksheets[0]
        (selection,) = sheet.sheet_view.selection
        chosen.append(
            (sheet.cell(sheet[selection.activeCell].row, 1).value, selection.activeCell[0])
        )
        assert selection.pane == "bottomLeft"
    refs = [node.ref for node in empty.nodes if node.level == "measure"]
    assert chosen[0] == (refs[0], "E")
    assert chosen[1][0] != refs[0]


def test_a_form_has_no_filter_that_would_sort_its_instructions() -> None:
    assert book_of(form()).worksheets[0].auto_filter.ref is None


def test_each_count_has_its_word() -> None:
    rows = rows_of(book_of(form()).worksheets[0])
    assert rows["@count"][2].value == "Tiltak på arket"
    assert str(rows["@count"][3].value).startswith("=COUNTIF(")


def test_a_row_for_proposals_becomes_a_proposal_and_may_be_inserted_among_them() -> None:
    def propose(sheet: Any) -> None:
        first = rows_of(sheet)["@new"][0].row
        sheet.cell(first, 3, "Svømmekurs for alle")
        sheet.insert_rows(first + 2)
        sheet.cell(first + 2, 3, "Turgruppe på tirsdager")
        sheet.cell(first + 2, 5, 2)

    (submission,) = returned(propose).submissions
    names = [{name: v for name, _, v in p.values}["name"] for p in submission.proposals]
    assert names == ["Svømmekurs for alle", "Turgruppe på tirsdager"]
    assert {f.code for f in submission.findings} == {"S104"}


def test_what_stands_in_a_row_for_proposals_without_a_name_is_quoted() -> None:
    def remark(sheet: Any) -> None:
        sheet.cell(rows_of(sheet)["@new"][0].row, 7, "Vi trenger mer")

    file = returned(remark)
    assert [f.values["value"] for f in file.all_findings()] == ["Vi trenger mer"]


def test_proposals_are_in_no_count_and_no_mean() -> None:
    sheet = book_of(form()).worksheets[0]
    first = rows_of(sheet)["@new"][0].row
    formulas = [c.value for row in sheet.iter_rows() for c in row if str(c.value).startswith("=")]
    assert not [text for text in formulas if f"E{first}" in text or f"E{first + 2}" in text]


def test_who_filled_in_is_read_with_the_answers() -> None:
    def sign(sheet: Any) -> None:
        rows_of(sheet)["@by"][6].value = "Kari Nordmann"

    (submission,) = returned(sign).submissions
    assert submission.source.filled_by == "Kari Nordmann"
    register = merge(Register(part()), [returned(sign)])
    assert register.returned_files[0].submissions[0].source.filled_by == "Kari Nordmann"


def test_a_measure_that_has_ended_says_so_and_the_word_is_no_answer() -> None:
    report = part()
    first = next(n for n, node in enumerate(report.nodes) if node.level == "measure")
    nodes = list(report.nodes)
    nodes[first] = nodes[first]._replace(last=date(2020, 4, 30))
    values = {s: v for s, v in report.values.items() if (s.ref, s.date) != (nodes[first].ref, DAY)}
    content = write_form(replace(report, nodes=tuple(nodes), values=values), AREA, {AREA: "Helse"})
    book = book_of(content)
    row = rows_of(book.worksheets[0])[nodes[first].ref]
    assert (row[4].value, row[4].protection.locked) == ("avsluttet", True)
    book.worksheets[0].cell(1, 12, "Vår merknad")  # so that the sheet is read row by row
    file = parse_return("svar.xlsx", saved(book))
    assert [f.code for f in file.all_findings()] == ["S108"]
    assert not file.submissions[0].changes


def test_the_first_of_several_sheets_lists_them_with_their_counts() -> None:
    parts = demo().with_open_date(DAY).parts()
    book = book_of(write_forms(parts, {}))
    listed = [
        str(cell.value)
        for row in book.worksheets[0].iter_rows()
        for cell in row
        if row[0].value == "@sheets" and cell.value and cell.column > 1
    ]
    links = [text for text in listed if "HYPERLINK" in text]
    assert "Du har 4 ark. I alt" in listed[0]
    assert len(links) == len(parts) - 1
    assert all(f"#'{sheet.title}'!" in " ".join(links) for sheet in book.worksheets[1:4])
    assert "@sheets" not in rows_of(book.worksheets[1])
    assert [f.code for f in parse_return("svar.xlsx", saved(book)).all_findings()] == []


def test_the_record_says_which_layout_a_form_has() -> None:
    rows = list(book_of(form())["_xltiltak"].iter_rows(values_only=True))
    assert (LAYOUT_ROW, "2") in [row[:2] for row in rows]


def test_a_record_without_a_layout_is_of_the_first_and_its_texts_are_known() -> None:
    first = {str(v) for row in layout_sheet(part(), AREA, layout=FIRST_LAYOUT) for v in row.values}
    assert "Status 310820" in first
    assert "Status 31.08.2020" not in first


def test_the_overview_of_cards_has_their_groups() -> None:
    report = report_of("programstatus")
    area = report.area_refs[0]
    groups = [n.ref for n in report.parts()[area].nodes if n.level not in ("programme", "project")]
    rows = [row for row in layout_sheet(report.parts()[area], area) if row.key == "@toc"]
    listed = [row.refs[0] for row in rows if row.specs[0].style == "toc_group"]
    assert listed == groups


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("Bygge ny skole", 14, "Bygge ny skole"),
        ("Bygge ny skole", 13, "Bygge ny…"),
        ("Bygge ny skole", 9, "Bygge ny…"),
        ("Bygge ny skole", 8, "Bygge…"),
        ("Samferdselsplan", 8, "Samferd…"),  # one long word
    ],
)
def test_a_long_title_is_cut_at_a_word(text: str, most: int, short: str) -> None:
    assert cut_at_word(text, most) == short


def test_a_heading_gets_letters_that_fit_its_line() -> None:
    looks = {"large": 14.0, "small": 9.0}
    assert fitting_look("Kort", 40, looks) == "large"
    assert fitting_look("Et navn på et program som er langt", 40, looks) == "small"
    assert fitting_look("ord " * 100, 40, looks) == "small"


def test_narrow_columns_have_the_year_on_the_newest_date_only() -> None:
    fields = tuple(
        replace(field, width=8) if field.per_checkpoint else field
        for field in small.TEMPLATE.fields
    )
    template = replace(small.TEMPLATE, fields=fields)
    geometry = geometry_of(template, small.DATES, "nb")
    headings = [geometry.heading_of(c) for c in geometry.table_columns if c.date]
    assert headings == ["Status 30.04", "Status 31.08", "Status 31.12.2020"]


@pytest.mark.parametrize(("name_width", "is_above"), [(45, False), (8, True)])
def test_the_label_of_what_a_leader_writes_about_the_sheet_can_be_read(
    name_width: int, *, is_above: bool
) -> None:
    """Test it at the first date, when the columns before the remark are those of later dates."""
    report = demo().with_open_date(date(2020, 4, 30))
    fields = tuple(
        replace(f, width=name_width) if f.id == "name" else f for f in report.template.fields
    )
    report = replace(report, template=replace(report.template, fields=fields)).parts()[AREA]
    book = book_of(write_form(report, AREA, {AREA: "Helse"}))
    sheet = book.worksheets[0]
    for key in ("message", "filled_by"):
        label = translate(f"sheet.{key}", "nb")
        (cell,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == label]
        assert not sheet.column_dimensions[cell.column_letter].hidden
        is_moved = is_above and key == "message"  # the other one is short
        assert cell.column_letter == ("B" if is_moved else "D")
        sheet.cell(cell.row + is_moved, 7, "Vi trenger mer")
    read = parse_return("svar.xlsx", saved(book))
    assert read.submissions[0].source.filled_by == "Vi trenger mer"
    assert [f.values["value"] for f in read.all_findings()] == ["Vi trenger mer"]


def test_a_form_with_several_scales_says_which_field_each_is_of() -> None:
    report = report_of("internkontroll").with_open_date(date(2020, 12, 31))
    area, whole = next(report.iter_parts())
    sheet = book_of(write_form(whole, area, {area: "Park"})).worksheets[0]
    legends = [
        row[1].value.partition(":")[0] for row in sheet.iter_rows() if row[0].value == "@scale"
    ]
    assert legends == ["Sannolikhet", "Konsekvens"]
