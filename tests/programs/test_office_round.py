"""Test a whole round: forms, answers typed and saved in LibreOffice, the appendix."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tests.office import Document, Office
from tests.sources import SCORED, answers, errors, open_cells, plan_before, report_of, sent_out
from xltiltak import flows
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
