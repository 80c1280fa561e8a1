"""Cards as they are drawn: what is ticked off, the overview on top, where pages end."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest

from tests.sources import cells, open_cells, small
from xltiltak.layout.sheet_rows import CellSpec, SheetRow
from xltiltak.model.report import Report
from xltiltak.sheets import page_setup
from xltiltak.sheets.form import write_form
from xltiltak.templates import catalogue

CARDS = sorted(name for name in catalogue.folders() if catalogue.find(name).layout == "cards")


def part_of(template: str) -> tuple[str, Report]:
    """The first area of a made-up report with an open date."""
    report = small(catalogue.find(template))
    return next(iter(report.with_open_date(report.head.dates[-1]).parts().items()))


@pytest.mark.parametrize("template", CARDS)
def test_every_open_slot_has_a_tick_that_counts_its_cells(template: str) -> None:
    area, part = part_of(template)
    formulas, shown = (
        openpyxl.load_workbook(
            BytesIO(write_form(part, area, {area: "O'Hara"})), data_only=known
        ).worksheets[0]
        for known in (False, True)
    )
    for at in open_cells(part, area).values():
        if not formulas["A" + at[1:]].value.startswith("@"):
            tick = "E" + at[1:]
            assert formulas[tick].value.startswith(f"=IF(COUNTA({at}")
            assert shown[tick].value == ("✓" if formulas[at].value is not None else "○")


@pytest.mark.parametrize("template", CARDS)
def test_the_overview_leads_to_every_card_by_its_name(template: str) -> None:
    area, part = part_of(template)
    sheet = openpyxl.load_workbook(BytesIO(write_form(part, area, {area: area}))).worksheets[0]
    names = {
        line.refs[0]: at
        for at, line, cell in cells(part, area)
        if cell.slot and at[0] == "D" and "|" not in line.key and line.refs
    }
    told = [
        (line.refs[0], at)
        for at, line, _ in cells(part, area)
        if line.key == "@toc" and line.refs and at[0] == "D"
    ]
    assert [ref for ref, _ in told] == [
        n.ref for n in part.nodes if n.level == part.template.leaf.id
    ]
    for ref, at in told:
        assert (
            sheet[at].value
            == f"""=HYPERLINK("#'{sheet.title}'!D"&ROW({names[ref]}),{names[ref]})"""
        )


def card(ref: str, rows: int) -> list[SheetRow]:
    """A card with one slot of so many rows."""
    title = SheetRow(ref, (CellSpec(2, "heading", look="band"),), (ref,), (ref,))
    return [
        title,
        *(SheetRow(f"{ref}|text|{k}", refs=(ref,)) for k in range(1, rows + 1)),
        SheetRow("@gap"),
    ]


def begins(*rows: int, page: float) -> list[int]:
    """Where pages begin under cards of such sizes, all lines of one height."""
    lines = [
        SheetRow("@title"),
        *(line for n, count in enumerate(rows) for line in card(f"X-{n}", count)),
    ]
    return list(page_setup.card_page_breaks(lines, [1.0] * len(lines), page))


def test_a_card_moves_whole_where_it_fits() -> None:
    assert begins(3, 3, page=10.0) == [7]
    assert begins(3, 3, page=11.0) == []


def test_a_large_card_begins_where_there_is_room_and_leaves_no_row_alone() -> None:
    assert begins(2, 12, page=10.0) == [11]
    assert begins(2, 5, page=11.0) == [10]
    assert begins(17, page=20.0) == []
    assert begins(18, page=20.0) == [19]
