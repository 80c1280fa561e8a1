"""Test a whole round: forms, answers typed and saved in LibreOffice, the appendix."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.office import Document, Office
from tests.programs.test_office_figures import assert_computed
from tests.sources import SCORED, answers, errors, open_cells, plan_before, report_of, sent_out
from xltiltak import api, flows
from xltiltak.demo.answers import answers as made_up_answers
from xltiltak.demo.example_round import input_cells, run_example
from xltiltak.intake.returned_file import parse_return
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import TOTAL, area_statistics

DAY = date(2020, 12, 31)
# The means of each area at the three dates, by its number of measures.
MEANS = {
    27: ["2.6", "3.0", "3.2"],
    44: ["3.2", "3.3", "3.8"],
    50: ["2.2", "3.3", "3.8"],
    6: ["2.7", "2.7", "3.3"],
}


def test_a_round_typed_in_libreoffice_gives_the_report_of_the_source(
    office: Office, tmp_path: Path
) -> None:
    source = report_of(SCORED)
    plan = plan_before(source, DAY)
    sent, forms = sent_out(plan, DAY, tmp_path)
    returned = []
    parts = flows.read_plan(sent).report.parts()
    for area, form in forms.items():
        returned.append(tmp_path / f"{area} svar.xlsx")
        typed = answers(source.parts()[area], DAY)
        with office.open(form) as document:
            fill(document, open_cells(parts[area], area), typed)
            document.save(returned[-1])

    result = flows.merge(returned, tmp_path / "Vedlegg.xlsx", plan=sent)

    assert not errors(result.findings)
    # A step that a form proposes and the leader leaves as it is, is not stored: it is carried on.
    merged = flows.read_plan(tmp_path / "Vedlegg.xlsx").shown_report
    assert answers(merged, DAY) == answers(source, DAY)
    assert len(answers(source, DAY)) >= 127
    assert means(merged) == MEANS


@pytest.mark.parametrize(
    "name",
    ["rag-action-plan", "internkontroll", "indikatorer", "budsjettiltak", "vedtaksoppfolging"],
)
def test_an_example_filled_in_libreoffice_gives_the_made_up_answers_in_every_format(
    office: Office, tmp_path: Path, name: str
) -> None:
    _, _, folder, sent, *_ = run_example(tmp_path / "demo", name).paths
    returned: list[Path] = []
    typed: dict[Slot, Any] = {}
    for form in sorted(folder.iterdir()):
        report = parse_return(form.name, form.read_bytes()).sent_report
        assert report is not None
        typed |= (values := made_up_answers(report))
        with office.open(form) as document:
            type_all(document, report, values)
            returned.append(document.save(tmp_path / form.name))
    assert not errors(flows.check(returned, plan=sent).findings)
    appendix = tmp_path / "Vedlegg.xlsx"
    assert not errors(flows.merge(returned, appendix, plan=sent).findings)
    merged = flows.read_plan(appendix).report.values
    assert {slot: merged.get(slot) for slot in typed} == typed
    reports = [tmp_path / f"rapport.{kind}" for kind in ("html", "docx", "pdf", "xlsx")]
    assert api.publish(appendix, *reports).written == tuple(reports)
    with office.open(appendix) as document:
        assert assert_computed(document, appendix) >= 4


def type_all(document: Document, report: Report, values: dict[Slot, Any]) -> None:
    """Type values into the form of a report."""
    parts = report.parts()
    names = {area: report.area_name(area) for area in parts} if len(parts) > 1 else {}
    for sheet, (area, part) in enumerate(parts.items()):
        for address, value in input_cells(part, area, names, values):
            assert document.type(sheet, address, str(value))


def fill(document: Document, where: dict[Slot, str], typed: dict[Slot, Any]) -> None:
    """Type every answer on the protected sheet, as a leader does."""
    assert document.is_protected(0)
    for slot, value in typed.items():
        if slot in where:
            document.type(0, where[slot], str(value))


def means(report: Report) -> dict[int, list[str]]:
    """Return the means of each area at every date, by its number of measures."""
    found: dict[int, list[str]] = {}
    for (area, _), statistics in area_statistics(report).items():
        if area != TOTAL:
            found.setdefault(statistics.count, []).append(str(statistics.mean()))
    return found
