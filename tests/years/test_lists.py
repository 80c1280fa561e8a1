"""What `roll` leaves behind and what `compare` lists, as people and programs read it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests import small
from tests.running import OPP, SENT, Run, answer, round_in
from xltiltak.years.comparison import ReportChange, counts_text, grouped

pytestmark = pytest.mark.usefixtures("bokmaal")
ROWS = [
    ("Havn", str(n), f"Brygge {n}", "3", "5" if n <= 18 else "3", "", "Ferdig" if n <= 18 else "")
    for n in range(1, 25)
]
YEAR = ("--year", "2021", "--dates", "2021-04-30,2021-08-31")


def test_roll_names_every_measure_with_its_title(run: Run, tmp_path: Path) -> None:
    source = small.source(tmp_path, small.table(ROWS))
    plan = tmp_path / "p.xlsx"
    run("import", source, "-o", plan, "--template", "tiltaksstatus")
    done = run("roll", plan, "-o", tmp_path / "a.xlsx", *YEAR)
    for n in range(1, 19):
        assert f"Tiltak {n} Brygge {n} " in done.out
    assert "Tiltak 19" not in done.out
    assert "Ikke med i den nye planen: 18." in done.out
    left = run("roll", plan, "-o", tmp_path / "b.xlsx", *YEAR, "--json").object["left_behind"]
    assert [item["what"] for item in left] == [f"Tiltak {n} Brygge {n}" for n in range(1, 19)]
    assert left[0] == {
        "area": "Havn",
        "what": "Tiltak 1 Brygge 1",
        "reason": "finished",
        "ref": "HAV-001",
    }


def test_roll_names_what_was_ended_and_proposed_too(run: Run, tmp_path: Path) -> None:
    folder = round_in(tmp_path)
    book = openpyxl.load_workbook(folder / OPP)
    sheet = book["Oppvekst"]
    sheet.protection.sheet = False
    row = next(cell.row for cell in sheet["A"] if cell.value == "OPP-003") + 1
    sheet.insert_rows(row)
    sheet.cell(row, 2, 4)
    sheet.cell(row, 3, "Ny lekeplass på Nes")
    book.save(folder / OPP)
    answer(folder, "TEK-001", 5)
    appendix = folder / "v.xlsx"
    run("merge", folder / "ut", "--plan", folder / SENT, "-o", appendix)
    rolled = run("roll", appendix, "-o", folder / "n.xlsx", *YEAR, "--code", "OPP=BUF", "--json")
    left = {(item["what"], item["reason"]) for item in rolled.object["left_behind"]}
    assert ("Tiltak 1 Ny pumpestasjon", "finished") in left
    assert ("Tiltak 3 Kurs i førstehjelp", "finished") in left
    (proposed,) = (what for what, reason in left if reason == "proposed")
    assert "Ny lekeplass på Nes" in proposed
    assert len(left) == 3  # the area with a new code is in the plan


def change(sort: str, area: str = "Havn", label: str = "Status 31.08.2020") -> ReportChange:
    """Return a change of a measure."""
    return ReportChange(sort, f"Tiltak 1 Kai · {label}", "", "4", area, "HAV-001", "status")  # type: ignore[arg-type]


def test_changes_are_grouped_and_new_answers_counted() -> None:
    changes = [
        change("answered"),
        change("figure"),
        change("answered"),
        change("changed"),
        change("answered", "Skog"),
        change("answered", label="Merknad"),
        change("text"),
    ]
    shown = [(c.sort, c.area, c.what, c.after) for c in grouped(changes, every=False)]
    assert shown == [
        ("text", "Havn", "Tiltak 1 Kai · Status 31.08.2020", "4"),
        ("changed", "Havn", "Tiltak 1 Kai · Status 31.08.2020", "4"),
        ("answered", "Havn", "Status 31.08.2020", "2"),
        ("answered", "Skog", "Status 31.08.2020", "1"),
        ("answered", "Havn", "Merknad", "1"),
        ("figure", "Havn", "Tiltak 1 Kai · Status 31.08.2020", "4"),
    ]
    assert sorted(grouped(changes, every=True)) == sorted(changes)
    counted = "Antall endringer: 7 · Tekst endret: 1 · Verdi endret: 1 · Nytt svar: 4 · Tall: 1"
    assert counts_text(changes, "nb") == counted


@pytest.mark.parametrize("every", [False, True])
def test_new_answers_are_listed_only_when_asked_for(
    run: Run, tmp_path: Path, *, every: bool
) -> None:
    folder = round_in(tmp_path)
    for ref in ("OPP-001", "OPP-002", "OPP-003"):
        answer(folder, ref, 4)
    answer(folder, "OPP-001", "Grunnmuren er støpt.", small.REMARK)
    run("merge", folder / OPP, "--plan", folder / SENT, "-o", folder / "v.xlsx")
    words = ("compare", folder / SENT, folder / "v.xlsx", *(["--all"] if every else []))
    listed = folder / "e.xlsx"
    shown = run(*words, "-o", listed).out
    assert shown.count("Nytt svar") == (4 if every else 2)  # one is in the line of counts
    assert "Tekst endret" in shown
    rows = [
        row[1] for row in openpyxl.load_workbook(listed).worksheets[0].iter_rows(values_only=True)
    ]
    assert rows.count("Nytt svar") == (3 if every else 1)
    found = run(*words, "--json").object
    assert (
        sum(c["sort"] == "answered" for c in found["changes"]) == found["counts"]["answered"] == 3
    )
