"""Check an appendix made by hand against its rows and the last one; preview an import."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from docx import Document
from openpyxl.comments import Comment

from tests.small import DATES, HEAD, HEADINGS, ROWS, TEMPLATE
from xltiltak.cli import main as cli
from xltiltak.importers.import_flow import (
    check_appendix,
    import_plan,
    import_source,
    preview_import,
)
from xltiltak.importers.report_builder import ImportResult
from xltiltak.model.errors import PlanError, WorkbookError
from xltiltak.model.finding import Finding
from xltiltak.model.report import Slot

SHEET = (HEADINGS, *ROWS)


@pytest.fixture(autouse=True)
def _in_bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


def book(
    folder: Path, rows: Any = SHEET, edit: Any = None, name: str = "vedlegg.xlsx", head: str = HEAD
) -> Path:
    """Save a workbook as made by hand, statuses as numbers, with report details beside it."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in rows:
        sheet.append([int(cell) if cell.isdecimal() else cell or None for cell in row])
    if edit:
        edit(workbook)
    path = folder / name
    workbook.save(path)
    if head:
        path.with_suffix(".toml").write_text(head, "utf-8")
    return path


def changed(row: int, col: int, value: str) -> list[tuple[str, ...]]:
    """Return the rows with one cell changed."""
    rows = [list(cells) for cells in SHEET]
    rows[row][col] = value
    return [tuple(cells) for cells in rows]


def checked(path: Path, previous: Path | None = None) -> list[Finding]:
    """Return what `check` finds."""
    return list(check_appendix([path], TEMPLATE, previous=previous).findings)


def of(findings: list[Finding], code: str) -> list[Finding]:
    """Return the findings of one code."""
    return [finding for finding in findings if finding.code == code]


def printed(*figures: str) -> list[tuple[str, ...]]:
    """Return the rows of one area with a line of figures below."""
    rows = [(*row[:3], row[3] or "1", row[4], row[4], row[6]) for row in ROWS]
    return [HEADINGS, *rows[:3], (ROWS[0][0], figures[0], "", *figures[1:], ""), *rows[3:]]


def test_a_status_outside_the_scale_is_reported_with_its_cell(tmp_path: Path) -> None:
    (finding,) = of(checked(book(tmp_path, changed(1, 4, "7"))), "V101")
    assert (finding.place.sheet, finding.place.cell, finding.values["value"]) == (
        "Sheet",
        "E2",
        "7",
    )
    assert finding.what == "Oppvekst · Tiltak 1 · Status 31.08.2020"


def test_a_row_without_status_is_reported_if_others_have_one(tmp_path: Path) -> None:
    reported = of(checked(book(tmp_path)), "V102")
    assert [(f.ref, f.date) for f in reported] == [("TEK-002", DATES[0])]


def test_repeated_and_missing_numbers_are_reported(tmp_path: Path) -> None:
    found = checked(book(tmp_path, changed(2, 1, "3")))
    assert [(f.ref, f.values["value"], f.values["count"]) for f in of(found, "A102")] == [
        ("OPP-002", "3", "2"),
        ("OPP-003", "3", "2"),
    ]
    assert [(f.area, f.values["value"]) for f in of(found, "A103")] == [("OPP", "2")]


def test_copied_remarks_are_reported_once(tmp_path: Path) -> None:
    same = "Arbeidet er godt i gang og følger planen."
    rows = [(*row[:6], same) if n in (1, 4) else row for n, row in enumerate(SHEET)]
    (finding,) = of(checked(book(tmp_path, rows)), "C105")
    assert (finding.ref, finding.values["others"]) == ("OPP-001", "Tiltak 1 Ny pumpestasjon")


def test_a_file_with_nothing_of_the_template_is_refused_as_such(
    tmp_path: Path,
) -> None:
    letter = tmp_path / "svar.docx"
    letter.write_text("Hei, her er svarene våre.\n", "utf-8")
    with pytest.raises(PlanError, match=r"svar\.docx") as error:
        import_plan(letter, TEMPLATE, tmp_path / "plan.xlsx")
    assert error.value.key == "nothing_understood"
    assert "«Hei, her er svarene våre.»" in error.value.message("nb")
    assert not (tmp_path / "plan.xlsx").exists()


def test_a_remark_that_contradicts_its_status_is_reported_with_its_cell(tmp_path: Path) -> None:
    row, status, remark = len(SHEET) - 1, len(SHEET[-1]) - 2, len(SHEET[-1]) - 1
    rows = [list(cells) for cells in SHEET]
    rows[row][status], rows[row][remark] = "5", "Det meste gjenstår."
    (finding,) = of(checked(book(tmp_path, [tuple(cells) for cells in rows])), "C102")
    assert finding.values["word"] == "gjenstår"
    assert finding.place.cell


@pytest.mark.parametrize(
    ("figures", "why"),
    [
        (("2", "4,0", "5,0", "5,0"), "Summene av 3 rader er delt på 2."),
        (("2", "3,0", "3,5", "3,5"), "Rad 2 er ikke regnet med."),
        (("3", "2,6", "3,3", "3,3"), "Tallene er kuttet, ikke avrundet."),
        (("3", "2,7", "2,7", "3,3"), "Tallet for 31.08.2020 er det samme som for 30.04.2020."),
        (("3", "1,1", "9,9", "3,3"), ""),
    ],
)
def test_wrong_figures_are_explained_if_exactly_one_mistake_gives_them(
    tmp_path: Path, figures: tuple[str, ...], why: str
) -> None:
    (finding,) = of(checked(book(tmp_path, printed(*figures))), "A101")
    assert finding.values["computed"] == "3 · 2,7 · 3,3 · 3,3"
    assert finding.message("nb").endswith(why or "3,3.")


def test_correct_figures_are_no_finding_and_no_measure(tmp_path: Path) -> None:
    path = book(tmp_path, printed("3", "2,7", "3,3", "3,3"))
    assert of(checked(path), "A101") == []
    assert sum(node.level == "measure" for node in import_source(path, TEMPLATE).report.nodes) == 5


def test_statuses_that_fell_or_stood_still_or_were_rewritten_are_reported(tmp_path: Path) -> None:
    before = [row[:5] + row[6:] for row in SHEET]
    head = HEAD.replace(", 2020-12-31", "")
    old = book(tmp_path, before, name="forrige.xlsx", head=head)
    now = [list(row) for row in SHEET]
    for row, status in zip(now[1:], ("1", "3", "5", "4", "2"), strict=True):
        row[5] = status
    now[2][3] = "4"
    found = checked(book(tmp_path, [tuple(row) for row in now]), old)
    reported = {
        code: [(f.ref, f.date, f.values["before"], f.values["after"]) for f in of(found, code)]
        for code in C
    }
    assert reported == {
        "C106": [("OPP-001", DATES[2], "2 Såvidt startet", "1 Ikke påbegynt")],
        "C107": [
            ("OPP-002", DATES[2], "3 Godt i gang", "3 Godt i gang"),
            ("TEK-002", DATES[2], "2 Såvidt startet", "2 Såvidt startet"),
        ],
        "C108": [("OPP-002", DATES[0], "2 Såvidt startet", "4 Snart ferdig")],
    }


C = ("C106", "C107", "C108")


def test_a_plan_of_xltiltak_is_checked_and_compared_as_well(tmp_path: Path) -> None:
    plan = tmp_path / "plan.xlsx"
    import_plan(book(tmp_path), TEMPLATE, plan)
    assert [f.code for f in checked(plan)] == [f.code for f in checked(book(tmp_path))]
    assert of(checked(book(tmp_path, changed(1, 4, "1")), plan), "C108") != []


def test_a_plan_of_xltiltak_is_not_imported(tmp_path: Path) -> None:
    plan = tmp_path / "plan.xlsx"
    import_plan(book(tmp_path), TEMPLATE, plan)
    with pytest.raises(PlanError, match=r"plan\.xlsx er laget av xltiltak"):
        preview_import(plan, TEMPLATE)


# Features of Excel and Word only.


def test_hidden_cells_are_read_and_a_hidden_sheet_is_only_reported(tmp_path: Path) -> None:
    def hide(workbook: Any) -> None:
        workbook.worksheets[0].row_dimensions[3].hidden = True
        workbook.worksheets[0].column_dimensions["E"].hidden = True
        other = workbook.create_sheet("Gammelt")
        other.append(HEADINGS)
        other.append(ROWS[0])
        other.sheet_state = "hidden"

    done = import_source(book(tmp_path, edit=hide), TEMPLATE)
    assert done.report == import_source(book(tmp_path), TEMPLATE).report
    reported = {f.values["reason"]: f for f in done.findings if f.code == "I110"}
    assert (
        reported["hidden_rows"].values["value"],
        reported["hidden_columns"].values["value"],
    ) == (
        "3",
        "E",
    )
    assert "Bygge ny barnehage" in reported["hidden_sheet"].values["value"]
    assert reported["hidden_sheet"].severity == "warning"


def test_comments_are_reported(tmp_path: Path) -> None:
    def edit(workbook: Any) -> None:
        workbook.worksheets[0]["G2"].comment = Comment("Spør Kari", "meg")

    reported = import_source(book(tmp_path, edit=edit), TEMPLATE).findings
    assert [(f.code, f.place.cell, f.values["value"]) for f in reported] == [
        ("I101", "G2", "Spør Kari")
    ]


def test_an_unknown_column_is_named_and_its_texts_are_reported(tmp_path: Path) -> None:
    rows = [
        (*row, extra) for row, extra in zip(SHEET, ("Merkand", "a", "", "b", "", ""), strict=True)
    ]
    reported = import_source(book(tmp_path, rows), TEMPLATE).findings
    assert [(f.code, f.severity, f.values["value"], f.values["texts"]) for f in reported] == [
        ("I102", "warning", "Merkand", "a · b")
    ]
    assert "≈ «Merknad" in reported[0].message("nb")


def test_two_columns_of_one_field_are_both_refused(tmp_path: Path) -> None:
    rows = [
        (*row, extra) for row, extra in zip(SHEET, ("Merknad", "a", "", "", "", ""), strict=True)
    ]
    done = import_source(book(tmp_path, rows), TEMPLATE)
    assert Slot("OPP-001", "remark") not in done.report.values
    assert {"Tomten er kjøpt.", "Holdt i mars.", "Venter på anbud.", "a"} <= {
        f.values["value"] for f in done.findings if f.code == "I101"
    }


def test_rows_without_any_area_are_one_area(tmp_path: Path) -> None:
    rows = [row[1:] for row in SHEET]
    done = import_source(book(tmp_path, rows), TEMPLATE)
    assert [done.report.area_name(ref) for ref in done.report.area_refs] == ["Prøveby kommune"]
    assert [(f.code, f.values["value"]) for f in done.findings] == [("I117", "Prøveby kommune")]
    done = import_source(
        book(tmp_path, rows, head=HEAD + 'areas = [{ name = "Oppvekst" }]\n'), TEMPLATE
    )
    assert done.report.area_refs == ("OPP",)


def document(folder: Path, *tables: Sequence[Sequence[str]]) -> ImportResult:
    """Import a document whose tables follow each other below the heading of one area."""
    word = Document()
    word.add_heading("Kommunalområdet Oppvekst", 1)
    for rows in tables:
        table = word.add_table(rows=0, cols=len(rows[0]))
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
        word.add_paragraph("")
    path = folder / "vedlegg.docx"
    word.save(str(path))
    path.with_suffix(".toml").write_text(HEAD, "utf-8")
    return import_source(path, TEMPLATE)


WORD = [row[1:] for row in SHEET[:4]]


@pytest.mark.parametrize("again", [True, False])
def test_a_table_that_continues_after_a_page_break_is_one(tmp_path: Path, again: bool) -> None:  # noqa: FBT001
    whole = document(tmp_path, WORD)
    split = document(tmp_path, WORD[:3], [*(WORD[:1] if again else []), *WORD[3:]])
    assert split.report == whole.report
    assert [f.code for f in split.findings] == ([] if again else ["I109"])


def test_a_row_that_continues_after_a_page_break_is_one(tmp_path: Path) -> None:
    first = ("1", "Bygge ny barnehage på Øra", "1", "2", "", "Tomten er")
    split = document(tmp_path, [WORD[0], first], [("", "", "", "", "", "kjøpt."), *WORD[2:]])
    assert split.report == document(tmp_path, WORD).report
    assert [f.code for f in split.findings] == ["I109", "I104"]


def test_a_table_about_something_else_is_reported_and_gives_no_measure(tmp_path: Path) -> None:
    other = [("Post", "Budsjett", "Regnskap", "Avvik", "", ""), ("Lønn", "100", "90", "10", "", "")]
    done = document(tmp_path, WORD, other)
    assert done.report == document(tmp_path, WORD).report
    assert [f.values["value"] for f in done.findings if f.code == "I101"] == [
        "Post · Budsjett · Regnskap · Avvik",
        "Lønn · 100 · 90 · 10",
    ]


def test_a_list_in_a_cell_becomes_its_lines(tmp_path: Path) -> None:
    word = Document()
    word.add_heading("Kommunalområdet Oppvekst", 1)
    table = word.add_table(rows=2, cols=3)
    for cell, text in zip(table.rows[0].cells, ("Nr", "Tiltak", "Merknader"), strict=True):
        cell.text = text
    for cell, text in zip(table.rows[1].cells, ("1", "Ny bro", "Gjort:"), strict=True):
        cell.text = text
    for item, style in (("bygd", "List Bullet"), ("malt", "List Bullet 2")):
        table.rows[1].cells[2].add_paragraph(item, style)
    inner = table.rows[1].cells[2].add_table(1, 2)
    inner.rows[0].cells[0].text, inner.rows[0].cells[1].text = "Kostnad", "3 mill."
    path = tmp_path / "liste.docx"
    word.save(str(path))
    path.with_suffix(".toml").write_text(HEAD, "utf-8")
    done = import_source(path, TEMPLATE)
    assert done.report.values[Slot("OPP-001", "remark")] == "Gjort:\nbygd\nmalt\nKostnad – 3 mill."


def test_sheets_titled_plan_for_their_areas_have_the_title_plan(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name in ("Helse", "Skole"):
        sheet = book.create_sheet(name)
        sheet.append([f"Plan for {name}"])
        sheet.append(["Nr", "Tiltak", "Status 30.04.2024"])
        sheet.append([1, f"Bygge for {name}", 2])
    book.save(tmp_path / "plan.xlsx")
    done = import_source(tmp_path / "plan.xlsx", TEMPLATE)
    assert done.report.head.title == "Plan"
    assert [f.code for f in done.findings] == ["I107"]


# On the command line.


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Run one command; return its exit code and what it printed."""
    capsys.readouterr()
    code = cli.run([str(word) for word in words])
    return code, *capsys.readouterr()


def test_a_dry_run_shows_how_a_source_is_understood_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(tmp_path, [(*row, "x") for row in SHEET])
    before = sorted(tmp_path.iterdir())
    code, out, _ = run(capsys, "import", path, "--template", "tiltaksstatus", "--dry-run")
    assert code == 0
    for text in (
        "Oppvekst",
        "Teknikk",
        "30.04.2020, 31.08.2020, 31.12.2020",
        "Status 311220",
        "ukjent",
        "I102",
    ):
        assert text in out
    assert sorted(tmp_path.iterdir()) == before
    _, out, _ = run(capsys, "import", path, "--template", "tiltaksstatus", "--dry-run", "--json")
    reported = json.loads(out)
    assert reported["tables"][0]["columns"][-1] == {"says": "x", "read_as": None}
    assert (reported["written"], [area["code"] for area in reported["areas"]]) == (
        [],
        ["OPP", "TEK"],
    )


def test_an_import_needs_a_target_or_a_dry_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, printed_error = run(capsys, "import", book(tmp_path), "--template", "tiltaksstatus")
    assert (code, "--dry-run" in printed_error) == (2, True)


def test_check_of_an_appendix_made_by_hand_ends_with_its_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(tmp_path, printed("2", "4,0", "5,0", "5,0"))
    code, out, _ = run(capsys, "check", path, "--template", "tiltaksstatus", "--json")
    reported = [
        (f["code"], f["area"]) for f in json.loads(out)["findings"] if f["severity"] == "error"
    ]
    assert (code, reported) == (1, [("A101", "OPP")])
    code, _, printed_error = run(capsys, "check", path, "--previous", path)
    assert (code, "--template" in printed_error) == (2, True)


def test_one_appendix_is_checked_at_a_time(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="ett vedlegg om gangen"):
        check_appendix([tmp_path / "a.xlsx", tmp_path / "b.xlsx"], TEMPLATE)


def test_an_appendix_published_from_here_reads_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, out = tmp_path / "plan.xlsx", tmp_path / "publisert.xlsx"
    import_plan(book(tmp_path), TEMPLATE, plan)
    assert run(capsys, "report", plan, "-o", out)[0] == 0
    out.with_suffix(".toml").write_text(HEAD, "utf-8")
    done = import_source(out, TEMPLATE)
    whole = import_source(book(tmp_path), TEMPLATE).report
    assert (done.report.nodes, done.report.values) == (whole.nodes, whole.values)
    assert {f.code for f in done.findings} <= {"I101", "I113"}  # I113: its chart


def test_a_name_right_above_a_table_is_its_area(tmp_path: Path) -> None:
    rows = [("Status 2020",), ("",), ("Oppvekst",), *(row[1:] for row in SHEET[:4])]
    rows += [("",), ("Teknikk",), SHEET[0][1:], *(row[1:] for row in SHEET[4:])]
    done = import_source(book(tmp_path, rows), TEMPLATE)
    assert done.report == import_source(book(tmp_path, name="annen.xlsx"), TEMPLATE).report
    assert [(f.code, f.values["value"]) for f in done.findings] == [("I101", "Status 2020")]


def test_sheets_named_for_areas_win_over_a_title_above_their_tables(tmp_path: Path) -> None:
    def edit(workbook: Any) -> None:
        first = workbook.worksheets[0]
        first.title = "Oppvekst"
        second = workbook.create_sheet("Teknikk")
        for row in (("Status 2020",), *(row[1:] for row in (SHEET[0], *SHEET[4:]))):
            second.append([int(cell) if cell.isdecimal() else cell or None for cell in row])

    rows = [("Status 2020",), *(row[1:] for row in SHEET[:4])]
    done = import_source(book(tmp_path, rows, edit), TEMPLATE)
    assert done.report == import_source(book(tmp_path, name="annen.xlsx"), TEMPLATE).report


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
WIDE = '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="999"/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>'


@pytest.mark.parametrize(
    "markup",
    [
        f'<!DOCTYPE a [<!ENTITY b "c">]><w:document {W}><w:body/></w:document>',
        f"<w:document {W}></w:document>",
        "<w:document",
        f"<w:document {W}><w:body>{'<w:ins>' * 3000}{'</w:ins>' * 3000}</w:body></w:document>",
        f"<w:document {W}><w:body>{WIDE}</w:body></w:document>",
    ],
)
def test_a_hostile_document_is_refused_as_damaged(tmp_path: Path, markup: str) -> None:
    path = tmp_path / "vond.docx"
    with ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", markup)
    with pytest.raises(WorkbookError, match=r"vond\.docx: Filen er skadet"):
        import_source(path, TEMPLATE)
