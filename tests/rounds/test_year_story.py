"""Test a whole year: an appendix in Word, three rounds with changes, and the plan of next year."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from tests import small
from xltiltak.cli import main as cli
from xltiltak.flows import read_plan
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import measure_nodes

APRIL, AUGUST, DECEMBER = date(2020, 4, 30), date(2020, 8, 31), date(2020, 12, 31)
# The plan of the demonstration: four areas, 127 measures, three dates.
PLAN = files("xltiltak.demo") / "nb" / "plan.csv"
HEAD = """organisation = "Fjordvik kommune"
title = "Gjennomføring av tiltak 2019"
year = 2019
language = "nb"
periods = [2019-12-31]
"""
ADDED = "Felles lekeplass ved torget"
MOVED, RETIRED, CORRECTED, FINISHED = "OPP-002", "HEL-002", "OPP-001", 5
SCHOOLS, HEALTH = "Oppvekst og læring", "Helse og mestring"


def last_year() -> Mapping[str, list[tuple[str, ...]]]:
    """Return the rows of each area a year ago: number, measure, status and remark."""
    found: dict[str, list[tuple[str, ...]]] = {}
    with StringIO(PLAN.read_text("utf-8-sig")) as table:
        for area, number, name, status, *_, remark in list(csv.reader(table, delimiter=";"))[1:]:
            found.setdefault(area, []).append((number, name, status, remark))
    return found


@pytest.fixture(autouse=True)
def _bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


def run(*words: str | Path) -> None:
    """Run a command, which must end without errors."""
    assert cli.run([str(word) for word in words]) == 0, words


def written_in_word(path: Path) -> Path:
    """Write last year's appendix as a Word file: a heading and a table for each area."""
    document = docx.Document()
    for area, rows in last_year().items():
        document.add_heading(f"Kommunalområdet {area}", 1)
        table = document.add_table(1, 4)
        for cell, label in zip(
            table.rows[0].cells, ("Nr", "Tiltak", "Status 31.12.2019", "Merknader"), strict=True
        ):
            cell.text = label
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    document.save(str(path))
    path.with_suffix(".toml").write_text(HEAD, "utf-8")
    return path


def edit(path: Path, change: Callable[[Any], object]) -> None:
    """Change a workbook as a user does in a spreadsheet program."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def answered(folder: Path, day: date, statuses: Mapping[str, Mapping[str, int]]) -> list[Path]:
    """Type these statuses, by area and ref, into the forms of a round, and return their paths."""
    for area, answers in statuses.items():
        form = form_of(folder, area, day)
        form.write_bytes(small.filled(form.read_bytes(), dict(answers), f"Status {day:%d.%m.%Y}"))
    return [form_of(folder, area, day) for area in statuses]


def form_of(folder: Path, area: str, day: date) -> Path:
    """Return the form of an area, which is called after its name."""
    forms = folder.glob(f"* – {day}.xlsx")
    return next(p for p in forms if openpyxl.load_workbook(p).worksheets[0]["A1"].value == area)


def all_at(report: Report, area: str, status: int) -> dict[str, int]:
    """Return this status for every active measure of an area."""
    current = report.head.current
    active = (
        n
        for n in measure_nodes(report)
        if report.area_of[n.ref] == area and n.is_active_on(current)
    )
    return {node.ref: status for node in active}


def plan_changes(book: Any) -> None:
    """Retire a measure, add one, and move one to the other area."""
    health, schools = book[HEALTH], book[SCHOOLS]
    small.cell_of(health, RETIRED, "Siste dato").value = APRIL
    moving = next(row for row in schools.iter_rows() if row[0].value == MOVED)
    below = health.max_row + 1
    for cell in moving:
        health.cell(below, cell.column).value = cell.value
    schools.delete_rows(moving[0].row)
    health.cell(below + 1, 3).value = ADDED


def assert_means(path: Path) -> None:
    """Assert that every mean in a published workbook is the mean of the statuses below it."""
    for sheet in openpyxl.load_workbook(path, data_only=True).worksheets[1:]:
        rows = list(sheet.iter_rows(values_only=True))
        head = next(row for row in rows if row[0] == "@head")
        means = next(row for row in rows if row[0] == "@mean")
        measures = [row for row in rows if row[0] and str(row[0])[0] != "@"]
        for col, label in enumerate(head):
            if str(label).startswith("Status "):
                statuses = [row[col] for row in measures]
                answers = [status for status in statuses if isinstance(status, int)]
                mean = (
                    (Decimal(sum(answers)) / len(answers)).quantize(Decimal("0.1"), ROUND_HALF_UP)
                    if answers
                    else ""
                )
                assert str(means[col] or "") == str(mean), (sheet.title, label)


@pytest.mark.slow
def test_a_whole_year(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = written_in_word(tmp_path / "Vedlegg 2019.docx")
    run("import", document, "-o", tmp_path / "Vedlegg 2019.xlsx", "--template", "tiltaksstatus")
    plan = tmp_path / "Plan 2020.xlsx"
    dates = ",".join(map(str, (APRIL, AUGUST, DECEMBER)))
    run("roll", tmp_path / "Vedlegg 2019.xlsx", "-o", plan, "--year", "2020", "--dates", dates)
    finished = sum(int(row[2] or 0) == FINISHED for rows in last_year().values() for row in rows)
    assert finished
    assert len(list(measure_nodes(read_plan(plan).report))) == 127 - finished

    april = _april(tmp_path, plan)
    august = _august(tmp_path, april)
    december = _december(tmp_path, august)
    _correction(tmp_path, december, capsys)
    for path in sorted((tmp_path / "publisert").iterdir()):
        assert_means(path)
    assert len(list((tmp_path / "publisert").iterdir())) == 4


def _published(folder: Path, appendix: Path, name: str) -> None:
    (folder / "publisert").mkdir(exist_ok=True)
    run("report", appendix, "-o", folder / "publisert" / f"{name}.xlsx")


def _april(folder: Path, plan: Path) -> Path:
    run("split", plan, "--to", folder / "april", "--date", str(APRIL))
    sent = folder / f"Plan 2020 sendt {APRIL}.xlsx"
    report = read_plan(sent).report
    returned = answered(
        folder / "april", APRIL, {area: all_at(report, area, 3) for area in report.area_refs}
    )
    run("merge", *returned, "--plan", sent, "-o", folder / "Vedlegg april.xlsx")
    _published(folder, folder / "Vedlegg april.xlsx", "april")
    return folder / "Vedlegg april.xlsx"


def _august(folder: Path, appendix: Path) -> Path:
    """Edit the plan, and merge a late form over the appendix with the others."""
    edit(appendix, plan_changes)
    run("split", appendix, "--to", folder / "august", "--date", str(AUGUST))
    sent = folder / f"Vedlegg april sendt {AUGUST}.xlsx"
    report = read_plan(sent).report
    (added,) = (n.ref for n in measure_nodes(report) if report.values.get(_name(n.ref)) == ADDED)
    assert report.area_of[MOVED] == report.area_of[added] == "HEL"
    *in_time, late = answered(
        folder / "august", AUGUST, {a: all_at(report, a, 4) for a in report.area_refs}
    )
    run("merge", *in_time, "--plan", sent, "-o", folder / "Vedlegg august.xlsx")
    run(
        "merge",
        late,
        "--plan",
        folder / "Vedlegg august.xlsx",
        "-o",
        folder / "Vedlegg august 2.xlsx",
    )
    _published(folder, folder / "Vedlegg august 2.xlsx", "august")
    merged = read_plan(folder / "Vedlegg august 2.xlsx").report
    assert _statuses(merged, AUGUST) == {
        n.ref: 4 for n in measure_nodes(merged) if n.ref != RETIRED
    }
    return folder / "Vedlegg august 2.xlsx"


def _december(folder: Path, appendix: Path) -> Path:
    run("split", appendix, "--to", folder / "desember", "--date", str(DECEMBER))
    sent = folder / f"Vedlegg august 2 sendt {DECEMBER}.xlsx"
    report = read_plan(sent).report
    statuses = {area: all_at(report, area, 5 if area == "OPP" else 4) for area in report.area_refs}
    returned = answered(folder / "desember", DECEMBER, statuses)
    run("merge", *returned, "--plan", sent, "-o", folder / "Vedlegg desember.xlsx")
    _published(folder, folder / "Vedlegg desember.xlsx", "desember")
    return folder / "Vedlegg desember.xlsx"


def _correction(folder: Path, appendix: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Correct a published status, compare both appendices, and roll the plan to the next year."""
    right = folder / "Vedlegg desember rettet.xlsx"
    right.write_bytes(appendix.read_bytes())
    edit(right, lambda book: _set(book[SCHOOLS], 4))
    capsys.readouterr()
    run("compare", appendix, right)
    output = capsys.readouterr().out
    assert "Tiltak 1" in output
    assert "Status 31.12.2020" in output
    assert "4 Snart ferdig" in output
    run("report", right, "-o", folder / "publisert" / "desember rettet.xlsx")
    dates = "2021-04-30,2021-08-31,2021-12-31"
    run("roll", right, "-o", folder / "Plan 2021.xlsx", "--year", "2021", "--dates", dates)
    report = read_plan(folder / "Plan 2021.xlsx").report
    assert RETIRED not in report.by_ref
    assert {CORRECTED, MOVED} <= report.by_ref.keys()
    assert _statuses(report, DECEMBER)[CORRECTED] == 4
    assert report.head.dates == (DECEMBER, date(2021, 4, 30), date(2021, 8, 31), date(2021, 12, 31))


def _set(sheet: Any, status: int) -> None:
    small.cell_of(sheet, CORRECTED, f"Status {DECEMBER:%d.%m.%Y}").value = status


def _name(ref: str) -> Slot:
    return Slot(ref, "name")


def _statuses(report: Report, day: date) -> dict[str, Any]:
    return {
        slot.ref: value
        for slot, value in report.values.items()
        if slot.field == "status" and slot.date == day
    }
