"""Test a whole year of a made-up municipality, by the command line and LibreOffice alone.

A table with leaders becomes a plan. The plan is edited in every way, three rounds are sent and come
back, disputes are settled in the workbook and merged again and again, and the plan is rolled to the
next year. At each step nothing that was decided may be lost.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

from tests.office import Office
from tests.small import headings

TABLE = """Kommunalområde;Leder;E-post;Nr;Tiltak
Havn;Kari Nes;kari@vik.example;1;Dekke kaien
Havn;Kari Nes;kari@vik.example;2;Male fyret
Havn;Kari Nes;kari@vik.example;3;Merke leia
Skole;Ola Vik;ola@vik.example;1;Ny gymsal
Skole;Ola Vik;ola@vik.example;2;Lekeplass ved elva
Skole;Ola Vik;ola@vik.example;3;Leksehjelp
Helse;Ola Vik;ola@vik.example;1;Dagsenter
Helse;Ola Vik;ola@vik.example;2;Flere fastleger
"""
APRIL, AUGUST, DECEMBER = "2020-04-30", "2020-08-31", "2020-12-31"
STATUS = {
    APRIL: "Status 30.04.2020",
    AUGUST: "Status 31.08.2020",
    DECEMBER: "Status 31.12.2020",
}
NAME, REMARK, LAST = "Tiltak", "Oppdaterte merknader", "Siste dato"
PLAN = "Plan 2020.xlsx"

pytestmark = [pytest.mark.office, pytest.mark.slow]


class Outcome(NamedTuple):
    """What a command printed with `--json`, and its exit code."""

    code: int
    said: Any

    @property
    def errors(self) -> list[str]:
        """Return the codes of the findings that are errors."""
        return [f["code"] for f in self.said["findings"] if f["severity"] == "error"]

    @property
    def changes(self) -> set[tuple[str, str, str]]:
        """Return what was changed in the plan: its kind, area and new text."""
        return {(c["kind"], c["area_name"], c["after"]) for c in self.said["plan_changes"]}


@dataclass
class Year:
    """The folder of the coordinator, and the programs that they use."""

    folder: Path
    office: Office

    def run(self, *words: object) -> Outcome:
        """Run a command in the folder."""
        command = [sys.executable, "-m", "xltiltak", *map(str, words), "--json"]
        process = subprocess.run(
            command, cwd=self.folder, capture_output=True, encoding="utf-8", check=False
        )
        assert "Traceback" not in process.stderr
        assert process.stdout, process.stderr
        return Outcome(process.returncode, json.loads(process.stdout))

    def edit(self, name: str, cells: Mapping[tuple[str, str, str], str | float]) -> None:
        """Type into cells of a workbook in LibreOffice and save it.

        A cell is given by its sheet, a text in its row, and the heading of its column.
        """
        path = self.folder / name
        addresses = {at: address(path, *at) for at in cells}
        with self.office.open(path) as document:
            for at, value in cells.items():
                document.put(at[0], addresses[at], value)
            document.save(path)

    def answer(self, form: str, day: str, answers: Mapping[str, Mapping[str, float]]) -> None:
        """Fill in a form that was sent, sheet by sheet, as a leader does, and return it."""
        path = self.folder / f"ut {day}" / form
        back = self.folder / f"svar {day}" / form
        back.parent.mkdir(exist_ok=True)
        with self.office.open(path) as document:
            for sheet, statuses in answers.items():
                for measure, status in statuses.items():
                    at = address(path, sheet, measure, STATUS[day])
                    # What was finished is filled in already.
                    assert (
                        document.type(sheet, at, f"{status}") or document.value(sheet, at) == status
                    )
                    remark = f"{measure}: {status} i {day[:7]}"
                    document.type(sheet, address(path, sheet, measure, REMARK), remark)
            document.save(back)

    def merge(self, plan: str, day: str) -> Outcome:
        """Merge all answers of a round into its appendix."""
        return self.run("merge", f"svar {day}", "--plan", plan, "-o", f"Vedlegg {day}.xlsx")

    def values(self, name: str, sheet: str, heading: str) -> dict[str, Any]:
        """Return the values below a heading by the names of the measures."""
        path = self.folder / name
        page: Any = openpyxl.load_workbook(path, data_only=True)[sheet]
        head = next(row for row in page.iter_rows() if row[0].value == "@head")
        column = {cell.value: cell.column for cell in head}
        col = next(column[text] for text in headings(heading) if text in column)
        return {
            page.cell(row, column[NAME]).value: page.cell(row, col).value
            for row in range(head[0].row + 1, page.max_row + 1)
            if page.cell(row, column[NAME]).value
        }


def address(path: Path, sheet: str, text: str, heading: str) -> str:
    """Return the address of the cell in the row with a text, below a heading."""
    page: Any = openpyxl.load_workbook(path)[sheet]
    written = headings(heading)
    head = next(r for r in page.iter_rows() if any(cell.value in written for cell in r))
    column = next(cell.column_letter for cell in head if cell.value in written)
    below = page.iter_rows(min_row=head[0].row + 1)
    row = next(r[0].row for r in below if text in [str(cell.value) for cell in r])
    return f"{column}{row}"


def row_of(sheet: Any, key: str) -> int:
    """Return the number of the row with a key in the hidden column."""
    found: int = next(cell.row for cell in sheet["A"] if cell.value == key)
    return found


@pytest.fixture
def year(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Year:
    """Return an empty folder with the table that the municipality has."""
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    (tmp_path / "tiltak.csv").write_text(TABLE, "utf-8")
    return Year(tmp_path, office)


def test_a_whole_year(year: Year) -> None:
    dates = ",".join(STATUS)
    details = ("--title", "Tiltak 2020", "--organisation", "Vik kommune", "--year", "2020")
    imported = year.run(
        "import",
        "tiltak.csv",
        "--template",
        "tiltaksstatus",
        "-o",
        PLAN,
        *details,
        "--dates",
        dates,
    )
    assert imported.code == 0
    assert [(area["name"], area["measures"]) for area in imported.said["areas"]] == [
        ("Havn", 3),
        ("Skole", 3),
        ("Helse", 2),
    ]
    april = _april(year)
    august = _august(year, april)
    december = _december(year, august)
    rolled = year.run(
        "roll",
        december,
        "-o",
        "Plan 2021.xlsx",
        "--year",
        "2021",
        "--dates",
        "2021-04-30,2021-12-31",
    )
    assert rolled.code == 0
    left = json.dumps(rolled.said, ensure_ascii=False)
    assert "Dekke kaien" in left  # it was finished
    assert "Leksehjelp" in left  # it was retired
    assert "Mine notater: ring Siv" in left  # the note goes with the measure
    assert "Møter" in openpyxl.load_workbook(year.folder / "Plan 2021.xlsx").sheetnames


def _april(year: Year) -> str:
    """Edit the plan, send, and settle what comes back. Return the appendix."""
    year.edit(
        PLAN,
        {
            ("Havn", "HAV-002", NAME): "Male fyret rødt og hvitt",
            ("Rapporten", "HEL", "Leder"): "Siv Ås",
            ("Rapporten", "HEL", "E-post"): "siv@vik.example",
        },
    )
    _add_to_plan(year)
    dry = year.run("split", PLAN, "--to", f"ut {APRIL}", "--date", APRIL, "--dry-run")
    assert {
        ("renamed", "Havn", "Male fyret rødt og hvitt"),
        ("new", "Skole", "Svømmehall"),
        ("area_details", "Helse", "Siv Ås"),
        ("own_column", "Havn", "ring Siv"),
        ("own_sheet", "", "Møte 3. mai"),
    } <= dry.changes
    assert not (year.folder / f"ut {APRIL}").exists()
    sent = year.run("split", PLAN, "--to", f"ut {APRIL}", "--date", APRIL, "--mail")
    assert sent.code == 0
    assert sent.changes == dry.changes
    plan = f"Plan 2020 sendt {APRIL}.xlsx"

    havn = {"Dekke kaien": 4, "Male fyret rødt og hvitt": 2, "Merke leia": 3}
    year.answer(f"Havn – {APRIL}.xlsx", APRIL, {"Havn": havn})
    skole = {"Ny gymsal": 1, "Lekeplass ved elva": 2, "Leksehjelp": 3, "Svømmehall": 1}
    year.answer(f"Skole – {APRIL}.xlsx", APRIL, {"Skole": skole})
    year.answer(f"Helse – {APRIL}.xlsx", APRIL, {"Helse": {"Dagsenter": 2, "Flere fastleger": 3}})
    _second_answer(year)
    first = year.merge(plan, APRIL)
    assert first.code == 1
    assert {"M102", "V101", "S104"} <= {f["code"] for f in first.said["findings"]}

    appendix = f"Vedlegg {APRIL}.xlsx"
    decided = {
        ("Havn", "Dekke kaien", STATUS[APRIL]): 5.0,
        ("Skole", "Lekeplass ved elva", STATUS[APRIL]): 2.0,
    }
    year.edit(appendix, decided)
    _refuse_proposals(year, appendix)
    second = year.merge(plan, APRIL)
    assert (second.errors, second.code) == ([], 0)
    content = (year.folder / appendix).read_bytes()
    assert year.merge(plan, APRIL).code == 0
    assert (year.folder / appendix).read_bytes() == content
    assert year.values(appendix, "Havn", STATUS[APRIL])["Dekke kaien"] == 5
    assert year.values(appendix, "Skole", STATUS[APRIL])["Lekeplass ved elva"] == 2
    assert year.values(appendix, "Havn", "Mine notater")["Dekke kaien"] == "ring Siv"
    reminded = year.run("remind", appendix, f"svar {APRIL}")
    assert {one["state"] for one in reminded.said["reminders"]} == {"complete"}
    return appendix


def _add_to_plan(year: Year) -> None:
    """Add a measure, a column and a sheet of the coordinator's own, and a note below a table."""
    path = year.folder / PLAN
    book = openpyxl.load_workbook(path)
    head, last = row_of(book["Havn"], "@head"), row_of(book["Skole"], "SKO-003")
    with year.office.open(path) as document:
        document.put("Skole", f"C{last + 1}", "Svømmehall")
        document.put("Skole", f"C{book['Skole'].max_row + 2}", "Husk: ring rektor")
        document.put("Havn", f"J{head}", "Mine notater")
        document.put("Havn", f"J{row_of(book['Havn'], 'HAV-001')}", "ring Siv")
        document.model.Sheets.insertNewByName("Møter", len(document.sheet_names))
        document.put("Møter", "A1", "Møte 3. mai")
        document.save(path)


def _second_answer(year: Year) -> None:
    """Return the form of Havn again with another answer, and Skole with a wrong one and a row."""
    folder = year.folder / f"svar {APRIL}"
    for form, sheet, measure, status in (
        (f"Havn – {APRIL}.xlsx", "Havn", "Dekke kaien", 2.0),
        (f"Skole – {APRIL}.xlsx", "Skole", "Lekeplass ved elva", 9.0),
    ):
        path = folder / form
        at = address(path, sheet, measure, STATUS[APRIL])
        with year.office.open(path) as document:
            document.unprotect(sheet)
            document.put(sheet, at, status)
            if sheet == "Skole":
                place = row_of(openpyxl.load_workbook(path)[sheet], "@new")
                document.put(sheet, f"C{place}", "Ny sykkelbod")
            document.save(folder / form.replace(".xlsx", " (2).xlsx") if sheet == "Havn" else path)


def _refuse_proposals(year: Year, appendix: str) -> None:
    """Write "nei" beside each proposal."""
    path = year.folder / appendix
    page = openpyxl.load_workbook(path)["Forslag"]
    rows = [row[0].row for row in page.iter_rows() if str(row[0].value).startswith("proposal|")]
    assert rows
    with year.office.open(path) as document:
        for row in rows:
            document.put("Forslag", f"B{row}", "nei, står i budsjettet")
        document.save(path)


def _august(year: Year, appendix: str) -> str:
    """Retire a measure, add an area, send, and close what is missing. Return the appendix."""
    year.edit(appendix, {("Skole", "SKO-003", LAST): 43951.0})  # 30.04.2020
    with year.office.open(year.folder / appendix) as document:
        page = openpyxl.load_workbook(year.folder / appendix)["Rapporten"]
        row = next(r[0].row for r in page.iter_rows() if r[0].value == "area|" and not r[2].value)
        for column, text in {"C": "Kultur", "D": "Ola Vik", "F": "ola@vik.example"}.items():
            document.put("Rapporten", f"{column}{row}", text)
        document.save(year.folder / appendix)
    options = ("--to", f"ut {AUGUST}", "--date", AUGUST, "--per", "leader", "--mail")
    listed = year.run("split", appendix, *options, "--dry-run")
    assert ("area_new", "Kultur", "Kultur") in listed.changes
    assert {kind for kind, _, _ in listed.changes} >= {"retired"}
    sent = year.run("split", appendix, *options)
    plan = f"Vedlegg {APRIL} sendt {AUGUST}.xlsx"
    assert plan in sent.said["written"]

    havn = {"Dekke kaien": 5, "Male fyret rødt og hvitt": 3, "Merke leia": 2}
    year.answer(f"Havn – {AUGUST}.xlsx", AUGUST, {"Havn": havn})
    skole = {"Ny gymsal": 2, "Lekeplass ved elva": 3, "Svømmehall": 2}
    year.answer(f"Ola Vik – {AUGUST}.xlsx", AUGUST, {"Skole": skole})
    first = year.merge(plan, AUGUST)
    assert "M101" in {f["code"] for f in first.said["findings"]}  # Helse has not answered
    waiting = year.run("remind", f"Vedlegg {AUGUST}.xlsx", f"svar {AUGUST}")
    assert [one["area"] for one in waiting.said["reminders"] if one["state"] == "waiting"] == [
        "HEL"
    ]

    name = f"Vedlegg {AUGUST}.xlsx"
    _close(year, name, "M101", "Siv er syk, tas i desember")
    second = year.merge(plan, AUGUST)
    assert (second.errors, second.code) == ([], 0)
    (missing,) = [f for f in second.said["findings"] if f["code"] == "M101"]
    assert missing["handled"] == "Siv er syk, tas i desember"
    calm = year.run("remind", name, f"svar {AUGUST}")
    assert "waiting" not in {one["state"] for one in calm.said["reminders"]}
    counted = {area["name"]: area["measures"] for area in second.said["areas"]}
    assert counted == {"Havn": 3, "Skole": 3, "Helse": 2, "Kultur": 0}
    assert year.values(name, "Havn", STATUS[APRIL])["Dekke kaien"] == 5  # decided in April
    assert year.values(name, "Havn", "Mine notater")["Dekke kaien"] == "ring Siv"
    return name


def _close(year: Year, appendix: str, code: str, why: str) -> None:
    """Write why into the column Behandlet beside the findings of a code."""
    path = year.folder / appendix
    page = openpyxl.load_workbook(path)["Funn"]
    rows = [row[0].row for row in page.iter_rows() if row[2].value == code]
    with year.office.open(path) as document:
        for row in rows:
            document.put("Funn", f"H{row}", why)
        document.save(path)


def _december(year: Year, appendix: str) -> str:
    """Fill the new area, send, merge and publish. Return the appendix."""
    path = year.folder / appendix
    below: Any = openpyxl.load_workbook(path)["Kultur"]
    head = next(row[0].row for row in below.iter_rows() if row[0].value == "@head")
    with year.office.open(path) as document:
        document.put("Kultur", f"C{head + 1}", "Nytt bibliotek")
        document.save(path)
    sent = year.run("split", appendix, "--to", f"ut {DECEMBER}", "--date", DECEMBER)
    assert ("new", "Kultur", "Nytt bibliotek") in sent.changes
    plan = f"Vedlegg {APRIL} sendt {DECEMBER}.xlsx"
    if plan not in sent.said["written"]:
        plan = f"Vedlegg {AUGUST} sendt {DECEMBER}.xlsx"
    statuses: dict[str, dict[str, float]] = {
        "Havn": {"Dekke kaien": 5, "Male fyret rødt og hvitt": 4, "Merke leia": 3},
        "Skole": {"Ny gymsal": 3, "Lekeplass ved elva": 5, "Svømmehall": 3},
        "Helse": {"Dagsenter": 4, "Flere fastleger": 4},
        "Kultur": {"Nytt bibliotek": 1},
    }
    for area, answers in statuses.items():
        year.answer(f"{area} – {DECEMBER}.xlsx", DECEMBER, {area: answers})
    merged = year.merge(plan, DECEMBER)
    assert (merged.errors, merged.code) == ([], 0)
    assert merged.said["total"]["answered"] == merged.said["total"]["asked"] == 9
    name = f"Vedlegg {DECEMBER}.xlsx"
    for sheet, answers in statuses.items():
        found = year.values(name, sheet, STATUS[DECEMBER])
        assert {measure: found[measure] for measure in answers} == answers
    published = year.run("report", name, "-o", "Rapport.html", "-o", "Rapport.xlsx")
    assert published.code == 0
    page = (year.folder / "Rapport.html").read_text("utf-8")
    assert "Siv er syk" not in page
    assert "ring Siv" not in page
    return name
