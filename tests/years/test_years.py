"""Test the commands `compare` and `roll`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from tests import small
from xltiltak.cli import main as cli
from xltiltak.flows import read_plan
from xltiltak.model.register import Register
from xltiltak.model.report import Report, Slot
from xltiltak.sheets.appendix import write_appendix

DATES = "2021-04-30,2021-08-31,2021-12-31"


@pytest.fixture(autouse=True)
def _spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


def saved(report: Report, path: Path) -> Path:
    """Write a report as an appendix."""
    path.write_bytes(write_appendix(Register(report)))
    return path


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return saved(small.report(tmp_path), tmp_path / "Vedlegg på Øra.xlsx")


def corrected(path: Path) -> Path:
    """Return the appendix with one status corrected."""
    report = read_plan(path).report
    slot = Slot("OPP-003", "status", small.DATES[1])
    assert report.values[slot] == 5
    return saved(replace(report, values={**report.values, slot: 4}), path.with_name("Rettet.xlsx"))


def test_a_correction_is_listed_with_the_figures_it_moves(
    published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right, listed = corrected(published), published.with_name("Endringer.xlsx")
    assert cli.run(["compare", str(published), str(right), "-o", str(listed)]) == 0
    output = capsys.readouterr().out
    assert "5 Fullført" in output
    assert "4 Snart ferdig" in output
    rows = list(openpyxl.load_workbook(listed).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    told = [row[1:6] for row in rows if row[1] == "Verdi endret"]
    assert told == [
        (
            "Verdi endret",
            "Oppvekst",
            "Tiltak 3 Kurs i førstehjelp · Status 31.08.2020",
            "5 Fullført",
            "4 Snart ferdig",
        )
    ]
    assert sum(row[1] == "Tall" for row in rows) == 2  # its area and all areas


def test_changes_as_json(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["compare", "--json", str(published), str(corrected(published))]) == 0
    found = json.loads(capsys.readouterr().out)
    change = next(c for c in found["changes"] if c["sort"] == "changed")
    assert (change["ref"], change["field"], change["date"]) == ("OPP-003", "status", "2020-08-31")


def test_equal_appendices_have_no_changes(
    published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["compare", str(published), str(published)]) == 0
    assert capsys.readouterr().out.strip() == "Ingen endringer."


def test_the_next_plan_can_be_sent(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "Plan 2021.xlsx"
    arguments = [
        "roll",
        str(published),
        "-o",
        str(plan),
        "--year",
        "2021",
        "--dates",
        DATES,
        "--code",
        "OPP=BUF",
    ]
    assert cli.run(arguments) == 0
    output = capsys.readouterr().out
    assert "Tiltak 3 Kurs i førstehjelp" in output  # it is finished
    assert cli.run(["split", str(plan), "--to", str(tmp_path / "ut"), "--date", "2021-04-30"]) == 0
    assert sorted(path.name for path in (tmp_path / "ut").iterdir()) == [
        "Oppvekst – 2021-04-30.xlsx",
        "Teknikk – 2021-04-30.xlsx",
    ]
    report = read_plan(plan).report
    assert report.areas["BUF"].predecessor == "OPP"
    assert "Tidligere kode" in _texts(plan)


def test_own_columns_and_sheets_go_on_and_those_of_what_is_left_behind_are_named(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = openpyxl.load_workbook(published)
    page, column = book["Oppvekst"], 20
    head = next(row[0].row for row in page.iter_rows() if row[0].value == "@head")
    page.cell(head, column, "Mine notater")
    page.cell(small.cell_of(page, "OPP-001", small.NAME).row, column, "ring Siv")
    page.cell(small.cell_of(page, "OPP-003", small.NAME).row, column, "ring Per")  # finished
    book.create_sheet("Møter")["A1"] = "3. mai"
    book.save(published)
    plan = tmp_path / "Plan 2021.xlsx"
    words = ["roll", str(published), "-o", str(plan), "--year", "2021", "--dates", DATES]
    assert cli.run([*words, "--code", "OPP=BUF", "--json"]) == 0
    left = json.loads(capsys.readouterr().out)["left_behind"]
    assert ["Mine notater: ring Per" in one["what"] for one in left] == [True]
    texts = _texts(plan)
    assert {"Mine notater", "ring Siv", "3. mai"} <= set(texts)
    assert "ring Per" not in texts


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--year", "2021", "--dates", "30.4.21"], "31.12.2026 eller 2026-12-31"),
        (["--year", "2021", "--dates", DATES, "--code", "OPP"], "GAMMEL=NY"),
    ],
)
def test_words_that_cannot_be_read_are_a_wrong_usage(
    published: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        cli.run(["roll", str(published), "-o", str(published.with_name("ny.xlsx")), *arguments])
        == 2
    )
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--year", "2020", "--dates", "2020-04-30"], "2020-08-31"),
        (["--year", "2021", "--dates", DATES, "--code", "XYZ=ABC"], "XYZ"),
        (["--year", "2021", "--dates", DATES, "--code", "OPP=TEK"], "TEK"),
    ],
)
def test_a_year_that_does_not_fit_is_refused_and_nothing_written(
    published: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = published.with_name("ny.xlsx")
    assert cli.run(["roll", str(published), "-o", str(plan), *arguments]) == 3
    assert message in capsys.readouterr().err
    assert not plan.exists()


def _texts(path: Path) -> set[str]:
    book = openpyxl.load_workbook(path)
    return {
        str(cell)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell
    }
