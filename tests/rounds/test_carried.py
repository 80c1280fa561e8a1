"""Test finished steps that a form proposes: left, cleared and changed, in every output."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

from tests import small
from tests.running import OPP, SENT, TEK, answer, round_in
from xltiltak import flows
from xltiltak.api import publish, read
from xltiltak.intake.returned_file import Options
from xltiltak.model.finding import Finding
from xltiltak.model.register import Register
from xltiltak.model.report import Slot
from xltiltak.model.summary import standings

pytestmark = pytest.mark.usefixtures("bokmaal")
FINISHED = "OPP-003"  # 5 at both earlier dates
SLOT = Slot(FINISHED, "status", small.LAST)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a plan, the plan as sent, and forms in which nothing is answered."""
    return round_in(tmp_path)


def merged(folder: Path, *returned: Path | str) -> flows.Result:
    """Merge returned files into the appendix of the folder."""
    paths = [folder / path for path in returned]
    return flows.merge(paths, folder / "vedlegg.xlsx", plan=folder / SENT)


def status_cell(path: Path) -> Any:
    """Return the cell of the finished measure's status in a workbook."""
    sheet = openpyxl.load_workbook(path)["Oppvekst"]
    row = next(n for n, cells in enumerate(sheet.iter_rows(), 1) if cells[0].value == FINISHED)
    headings = small.headings(small.STATUS)
    (head,) = (c for cells in sheet.iter_rows() for c in cells if c.value in headings)
    return sheet.cell(row, head.column)


def edited(path: Path, value: object) -> None:
    """Type a status of the finished measure into an appendix."""
    cell = status_cell(path)
    cell.value = value
    cell.parent.parent.save(path)


def resent(folder: Path) -> Path:
    """Send the appendix out once more; return the new form."""
    flows.split(folder / "vedlegg.xlsx", folder / "på nytt")
    return folder / "på nytt" / Path(OPP).name


def told(result: flows.Result, code: str) -> list[Finding]:
    """Return the findings about the finished measure with a code."""
    return [found for found in result.findings if found.code == code and found.ref == FINISHED]


def finished(register: Register, area: str = "OPP") -> int:
    """Return how many measures of an area count as finished before."""
    return standings(register.valid_report)[area].categories["finished_before"]


def test_a_form_proposes_the_finished_step_in_an_open_cell(folder: Path) -> None:
    cell = status_cell(folder / OPP)
    assert cell.value == 5
    assert not cell.protection.locked
    assert SLOT not in flows.read_plan(folder / SENT).report.values


def test_a_step_that_was_left_counts_but_is_not_stored(folder: Path) -> None:
    register = merged(folder, OPP).register
    assert SLOT not in register.report.values
    assert register.shown_report.values[SLOT] == 5
    assert finished(register) == 1
    assert flows.read_plan(folder / "vedlegg.xlsx").report.values == register.report.values
    assert status_cell(folder / "vedlegg.xlsx").value == 5


def test_nothing_is_carried_where_nothing_came_back(folder: Path) -> None:
    register = merged(folder, TEK).register
    assert SLOT not in register.shown_report.values
    assert finished(register) == 0
    assert status_cell(folder / "vedlegg.xlsx").value is None


def test_a_step_that_was_left_is_not_missing(folder: Path) -> None:
    result = merged(folder, OPP)
    assert not told(result, "V102")
    assert [found.ref for found in result.findings if found.code == "V102"] == [
        "OPP-001",
        "OPP-002",
    ]


def test_a_cleared_step_is_missing_and_told(folder: Path) -> None:
    answer(folder, FINISHED, None)
    result = merged(folder, OPP)
    (found,) = told(result, "V102")
    assert "Her sto «5 Fullført» fra sist, og det er tømt." in found.message("nb")
    assert found.place.file == Path(OPP).name
    assert SLOT not in result.register.shown_report.values
    assert merged(folder, OPP).is_unchanged


def test_a_changed_step_is_an_answer_and_a_fall_is_told(folder: Path) -> None:
    answer(folder, FINISHED, 4)
    result = merged(folder, OPP)
    assert result.register.report.values[SLOT] == 4
    assert told(result, "C101")


def test_a_cleared_step_is_asked_again_and_can_be_chosen_the_second_time(folder: Path) -> None:
    answer(folder, FINISHED, None)
    merged(folder, OPP)
    again = resent(folder)
    assert status_cell(again).value is None
    assert told(merged(folder, OPP, again), "V102")
    edited(again, 5)
    result = merged(folder, OPP, again)
    assert result.register.report.values[SLOT] == 5
    assert not told(result, "V102")


def test_a_correction_form_asks_for_a_cleared_step(folder: Path) -> None:
    answer(folder, FINISHED, None)
    answer(folder, "OPP-001", 7)
    options = Options(corrections_folder=folder / "rettes")
    flows.check([folder / OPP], plan=folder / SENT, options=options)
    (correction,) = (folder / "rettes").iterdir()
    assert status_cell(correction).value is None
    assert told(merged(folder, OPP, correction), "V102")
    edited(correction, 5)
    result = merged(folder, OPP, correction)
    assert result.register.report.values[SLOT] == 5
    assert not told(result, "V102")


def test_a_cleared_step_and_another_one_are_a_conflict(folder: Path) -> None:
    other = folder / "ut" / "kopi.xlsx"
    other.write_bytes((folder / OPP).read_bytes())
    answer(folder, FINISHED, None)
    other.write_bytes(small.filled(other.read_bytes(), {FINISHED: 3}, small.STATUS))
    result = merged(folder, OPP, other)
    assert told(result, "M102")
    assert SLOT not in result.register.shown_report.values
    assert not told(result, "V102")


def test_an_answer_that_is_refused_is_not_the_step_of_before(folder: Path) -> None:
    answer(folder, FINISHED, 7)
    register = merged(folder, OPP).register
    assert SLOT not in register.valid_report.values


def test_the_coordinator_empties_a_step_for_good(folder: Path) -> None:
    merged(folder, OPP)
    edited(folder / "vedlegg.xlsx", None)
    read_back = flows.read_plan(folder / "vedlegg.xlsx")
    assert SLOT not in read_back.shown_report.values
    result = merged(folder, OPP)
    assert [(c.ref, c.before, c.after) for c in result.plan_changes] == [
        (FINISHED, "5 Fullført", "")
    ]
    assert SLOT not in result.register.shown_report.values
    assert status_cell(folder / "vedlegg.xlsx").value is None


def test_an_edit_elsewhere_does_not_store_the_step(folder: Path) -> None:
    merged(folder, OPP)
    book = openpyxl.load_workbook(folder / "vedlegg.xlsx")
    book.save(folder / "vedlegg.xlsx")
    register = flows.read_plan(folder / "vedlegg.xlsx")
    assert SLOT not in register.report.values
    assert not register.overridden_slots


def test_the_next_date_keeps_what_the_appendix_showed(folder: Path) -> None:
    merged(folder, OPP)
    day = small.LAST.replace(year=2021)
    flows.split(folder / "vedlegg.xlsx", folder / "neste", day=day, new_date=True)
    (sent,) = folder.glob("*sendt 2021-12-31.xlsx")
    assert flows.read_plan(sent).report.values[SLOT] == 5


def test_every_output_shows_and_marks_the_step(folder: Path) -> None:
    merged(folder, OPP)
    names = ("ut.html", "ut.docx", "ut.csv", "ut.json", "ut.xlsx")
    publish(folder / "vedlegg.xlsx", *(folder / name for name in names))
    html = (folder / "ut.html").read_text("utf-8")
    assert "Fullført · ferdig før" in html
    with ZipFile(folder / "ut.docx") as parts:
        assert "Fullført · ferdig før" in parts.read("word/document.xml").decode()
    content = json.loads((folder / "ut.json").read_text("utf-8"))
    (node,) = (node for node in content["nodes"] if node["ref"] == FINISHED)
    assert node["values"]["status"]["2020-12-31"] == 5
    assert node["carried"] == ["status"]
    assert content["areas"][0]["change"]["finished_before"] == 1
    rows = csv.DictReader(StringIO((folder / "ut.csv").read_text("utf-8-sig")), delimiter=";")
    (row,) = (
        row
        for row in rows
        if (row["ref"], row["field"], row["date"]) == (FINISHED, "status", "2020-12-31")
    )
    assert (row["value"], row["number"]) == ("5 Fullført · ferdig før", "5")
    assert status_cell(folder / "ut.xlsx").value == 5
    assert read(folder / "vedlegg.xlsx").values[SLOT] == 5


def test_a_remark_that_is_left_is_told_but_not_that_of_a_finished_measure(folder: Path) -> None:
    answer(folder, "OPP-001", 2)
    answer(folder, "OPP-002", 3)
    found = [f.ref for f in merged(folder, OPP).findings if f.code == "C103"]
    assert found == ["OPP-001"]  # OPP-002 has no remark, and OPP-003 was finished before
    answer(folder, "OPP-001", "Muren er reist.", heading=small.REMARK)
    assert "C103" not in [f.code for f in merged(folder, OPP).findings]
