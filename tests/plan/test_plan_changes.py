"""What the coordinator changed in a plan since it was written is listed before it goes out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests import small
from tests.plan.test_plan import copy_of, edited, plan, row_of, rows_of
from xltiltak import flows
from xltiltak.model.errors import UnknownDate
from xltiltak.model.register import Register
from xltiltak.model.report import Report, Slot
from xltiltak.plan.plan_changes import PlanChange, plan_changes, summary_text
from xltiltak.sheets.appendix import write_appendix

__all__ = ["plan"]  # the fixture


def changes_after(report: Report, edit: Callable[[Any], object]) -> tuple[PlanChange, ...]:
    """Return the changes of a plan after an edit of its workbook."""
    register = edited(report, edit)
    return plan_changes(register.written, register)


def on(sheet: str, key: str, col: int, value: object) -> Callable[[Any], object]:
    """Return an edit that types into one cell."""
    return lambda book: book[sheet].cell(row_of(book[sheet], key), col).__setattr__("value", value)


def _new(book: Any) -> None:
    book["Oppvekst"].cell(book["Oppvekst"].max_row + 1, 3, "Svømmekurs for alle")


def _remove(book: Any) -> None:
    book["Oppvekst"].delete_rows(row_of(book["Oppvekst"], "OPP-002"))


def _move(book: Any) -> None:
    source, target = book["Oppvekst"], book["Teknikk"]
    row, end = row_of(source, "OPP-002"), target.max_row + 1
    for column in range(1, 8):
        target.cell(end, column, source.cell(row, column).value)
    source.delete_rows(row)


def _retire(book: Any) -> None:
    sheet = book["Oppvekst"]
    column = next(c.column for c in sheet[row_of(sheet, "@head")] if c.value == "Siste dato")
    sheet.cell(row_of(sheet, "OPP-003"), column, datetime(2020, 8, 31))  # noqa: DTZ001


def _reorder(book: Any) -> None:
    sheet = book["Oppvekst"]
    row = row_of(sheet, "OPP-001")
    cells = [cell.value for cell in sheet[row]]
    sheet.delete_rows(row)
    for col, value in enumerate(cells, 1):
        sheet.cell(sheet.max_row + (col == 1), col, value)


def _copy_sheet(book: Any) -> None:
    sheet = copy_of(book, "Oppvekst", before=False)
    sheet.cell(row_of(sheet, "OPP"), 2, "Kommunalområdet Kultur")
    for key in ("OPP-001", "OPP-002", "OPP-003"):
        sheet.delete_rows(row_of(sheet, key))


def _date(book: Any) -> None:
    sheet = book["Rapporten"]
    sheet.cell(rows_of(sheet, "head|date")[3], 3, "31.12.2021")


EXAMPLES: dict[str, tuple[Callable[[Any], object], list[tuple[str, str, str, str, str]]]] = {
    "nothing": (lambda _: None, []),
    "new": (_new, [("new", "OPP", "OPP-004", "", "Svømmekurs for alle")]),
    "removed": (_remove, [("removed", "OPP", "OPP-002", "Leseløft i småskolen", "")]),
    "renamed": (
        on("Oppvekst", "OPP-002", 3, "Leseløft i skolen"),
        [("renamed", "OPP", "OPP-002", "Leseløft i småskolen", "Leseløft i skolen")],
    ),
    "status": (
        on("Oppvekst", "OPP-001", 4, 3),
        [("changed", "OPP", "OPP-001", "1 Ikke påbegynt", "3 Godt i gang")],
    ),
    "emptied": (
        on("Oppvekst", "OPP-001", 4, None),
        [("changed", "OPP", "OPP-001", "1 Ikke påbegynt", "")],
    ),
    "retired": (_retire, [("retired", "OPP", "OPP-003", "", "31.08.2020")]),
    "moved": (
        _move,
        [("moved", "TEK", "OPP-002", "Kommunalområde Oppvekst", "Kommunalområde Teknikk")],
    ),
    "reordered": (_reorder, [("reordered", "OPP", "OPP", "", "")]),
    "area renamed": (
        on("Oppvekst", "OPP", 2, "Kommunalområdet Skole"),
        [("area_renamed", "OPP", "OPP", "Oppvekst", "Skole")],
    ),
    "leader": (
        on("Rapporten", "area|TEK", 4, "Siv Berg"),
        [("area_details", "TEK", "TEK", "", "Siv Berg")],
    ),
    "area new": (_copy_sheet, [("area_new", "KUL", "KUL", "", "Kultur")]),
    "area removed": (
        lambda book: book.remove(book["Teknikk"]),
        [
            ("area_removed", "TEK", "TEK", "Teknikk", ""),
            ("removed", "TEK", "TEK-001", "Ny pumpestasjon", ""),
            ("removed", "TEK", "TEK-002", "Skilting av turstier", ""),
        ],
    ),
    "title": (
        on("Rapporten", "head|title", 3, "Status 2020, revidert"),
        [("details", "", "", "Gjennomføring av tiltak 2020", "Status 2020, revidert")],
    ),
    "date": (_date, [("date_new", "", "", "", "31.12.2021")]),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_change_of_a_plan_is_listed(plan: Report, name: str) -> None:
    edit, expected = EXAMPLES[name]
    found = changes_after(plan, edit)
    assert [(c.kind, c.area, c.ref, c.before, c.after) for c in found] == expected


def test_a_changed_value_has_its_slot_and_names_the_measure_by_number_and_title(
    plan: Report,
) -> None:
    (change,) = changes_after(plan, on("Oppvekst", "OPP-001", 4, 3))
    assert change.slot == Slot("OPP-001", "status", small.DATES[0])
    assert change.what.startswith("Tiltak 1 Bygge ny barnehage på Øra · Status")
    (change,) = changes_after(plan, _new)
    assert change.slot is None
    assert change.cell.startswith("B")


def test_the_changes_of_an_area_stand_together_and_removed_ones_come_first(plan: Report) -> None:
    def edit(book: Any) -> None:
        for one in ("status", "leader", "new"):
            EXAMPLES[one][0](book)
        _remove(book)

    found = changes_after(plan, edit)
    assert [(c.area, c.kind) for c in found] == [
        ("OPP", "removed"),
        ("OPP", "new"),
        ("OPP", "changed"),
        ("TEK", "area_details"),
    ]
    assert summary_text(found, "nb").startswith("Endret for området: Leder · FJERNET: Tiltak 2")


def saved_plan(report: Report, folder: Path, edit: Callable[[Any], object]) -> Path:
    """Write a plan that was edited, and return its path."""
    book, path = (
        openpyxl.load_workbook(BytesIO(write_appendix(Register(report)))),
        folder / "p.xlsx",
    )
    edit(book)
    book.save(path)
    return path


def test_a_dry_run_lists_the_changes_and_writes_nothing(plan: Report, tmp_path: Path) -> None:
    path = saved_plan(plan, tmp_path, _remove)
    done = flows.split(path, tmp_path / "ut", day=small.LAST, dry_run=True)
    assert [change.kind for change in done.plan_changes] == ["removed"]
    assert {*tmp_path.glob("**/*.xlsx")} == {path}
    sent = flows.split(path, tmp_path / "ut", day=small.LAST)
    assert sent.plan_changes == done.plan_changes
    assert flows.check([sent.written[-1]]).plan_changes == ()


def test_a_merge_lists_the_changes_of_its_plan(plan: Report, tmp_path: Path) -> None:
    sent = flows.split(saved_plan(plan, tmp_path, lambda _: None), tmp_path / "ut", day=small.LAST)
    book = openpyxl.load_workbook(sent.written[-1])
    _remove(book)
    book.save(sent.written[-1])
    done = flows.merge([tmp_path / "ut"], tmp_path / "v.xlsx", plan=sent.written[-1])
    assert [(change.kind, change.ref) for change in done.plan_changes] == [("removed", "OPP-002")]


def test_a_date_that_the_plan_does_not_have_must_be_said_to_be_new(
    plan: Report, tmp_path: Path
) -> None:
    path, day = saved_plan(plan, tmp_path, lambda _: None), small.LAST.replace(year=2022)
    with pytest.raises(UnknownDate, match=r"31/12/2022.*30/04/2020.*--new-date"):
        flows.split(path, tmp_path / "ut", day=day)
    assert {*tmp_path.glob("**/*.xlsx")} == {path}
    done = flows.split(path, tmp_path / "ut", day=day, new_date=True)
    assert done.register.report.head.current == day
