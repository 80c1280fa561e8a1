"""Test that workbooks of earlier versions are read correctly.

`tests/older/<version>/` holds a plan, the plan as sent, two answered forms (a status 7 among the
answers), the form sent back for its correction, and the appendix, all written by that version.
"""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests import small
from xltiltak import flows
from xltiltak.model.report import Report, Slot

OLDER = sorted(path for path in (Path(__file__).parents[1] / "older").iterdir())
FORMS = ("form-OPP.xlsx", "form-TEK.xlsx")
ANSWERS = {
    Slot("OPP-001", "status", small.LAST): 4,
    Slot("OPP-001", "remark"): "Første avsnitt.\nAndre avsnitt.",
    Slot("TEK-001", "status", small.LAST): 3,
}


@pytest.fixture(params=OLDER, ids=lambda path: path.name)
def older(request: pytest.FixtureRequest) -> Path:
    """Return the folder of one earlier version."""
    folder: Path = request.param
    return folder


def merged(older: Path, target: Path, *returned: Path) -> flows.Result:
    """Merge returned files into the plan that the version sent out."""
    return flows.merge(returned, target, plan=older / "sent.xlsx")


def status(report: Report, ref: str) -> object:
    """Return a measure's status at the open date."""
    return report.values.get(Slot(ref, "status", small.LAST))


def test_the_plan_has_the_table_it_was_imported_from(older: Path, tmp_path: Path) -> None:
    assert flows.read_plan(older / "plan.xlsx").report.nodes == small.report(tmp_path).nodes
    sent = flows.read_plan(older / "sent.xlsx").report
    assert sent.values == small.report(tmp_path).values
    assert sent.head.current == small.LAST


def test_its_forms_are_merged_and_the_wrong_status_is_found(older: Path, tmp_path: Path) -> None:
    result = merged(older, tmp_path / "appendix.xlsx", *(older / form for form in FORMS))
    assert {slot: result.register.report.values[slot] for slot in ANSWERS} == ANSWERS
    assert [f.ref for f in result.findings if f.severity == "error"] == ["OPP-002"]


def test_its_appendix_has_the_answers_and_can_be_merged_with_the_forms_again(
    older: Path, tmp_path: Path
) -> None:
    appendix = older / "appendix.xlsx"
    before = flows.read_plan(appendix)
    assert {slot: before.report.values[slot] for slot in ANSWERS} == ANSWERS
    returned = [older / form for form in FORMS]
    again = flows.merge(returned, tmp_path / "again.xlsx", plan=appendix).register
    assert again.report.values == before.report.values
    assert again.previous_values == before.previous_values


def test_the_form_that_went_back_corrects_the_first_one(older: Path, tmp_path: Path) -> None:
    corrected = tmp_path / "OPP rettet.xlsx"
    book = openpyxl.load_workbook(older / "correction-OPP.xlsx")
    small.cell_of(book.worksheets[1], "OPP-002", small.STATUS).value = 3
    book.save(corrected)
    result = merged(older, tmp_path / "appendix.xlsx", older / FORMS[0], corrected)
    assert status(result.register.report, "OPP-001") == 4
    assert status(result.register.report, "OPP-002") == 3
    assert not [f for f in result.findings if f.severity == "error"]
