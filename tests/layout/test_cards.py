"""Cards on a form: ticks and the overview on top."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest

from tests.sources import cells, open_cells, small
from xltiltak.model.report import Report
from xltiltak.sheets.forms import write_form
from xltiltak.templates import catalogue

CARDS = sorted(name for name in catalogue.folders() if catalogue.find(name).layout == "cards")


def part_of(template: str) -> tuple[str, Report]:
    """Return the first area of a made-up report with an open date."""
    report = small(catalogue.find(template))
    return next(iter(report.with_open_date(report.head.dates[-1]).parts().items()))


@pytest.mark.parametrize("template", CARDS)
def test_every_open_slot_has_a_tick_that_counts_its_cells(template: str) -> None:
    area, part = part_of(template)
    form = write_form(part, area, {area: "O'Hara"})
    formulas, values = (
        openpyxl.load_workbook(BytesIO(form), data_only=only_values).worksheets[0]
        for only_values in (False, True)
    )
    for at in open_cells(part, area).values():
        if not formulas["A" + at[1:]].value.startswith("@"):
            tick = "E" + at[1:]
            assert formulas[tick].value.startswith(f"=IF(COUNTA({at}")
            assert values[tick].value == ("✓" if formulas[at].value is not None else "○")


@pytest.mark.parametrize("template", CARDS)
def test_the_overview_leads_to_every_card_by_its_name(template: str) -> None:
    area, part = part_of(template)
    sheet = openpyxl.load_workbook(BytesIO(write_form(part, area, {area: area}))).worksheets[0]
    names = {
        line.refs[0]: at
        for at, line, cell in cells(part, area)
        if cell.slot and at[0] == "D" and "|" not in line.key and line.refs
    }
    links = [
        (line.refs[0], at)
        for at, line, _ in cells(part, area)
        if line.key == "@toc" and line.refs and at[0] == "D"
    ]
    assert [ref for ref, _ in links] == [
        n.ref for n in part.nodes if n.level == part.template.leaf.id
    ]
    for ref, at in links:
        assert (
            sheet[at].value
            == f"""=HYPERLINK("#'{sheet.title}'!D"&ROW({names[ref]}),{names[ref]})"""
        )
