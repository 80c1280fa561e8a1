"""Test that what the coordinator has settled is told as a note, and that errors can reach 0."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests import pairs, small
from tests.examples import sampled
from tests.forms import KEY
from tests.merging.test_merge import REPORT
from tests.pairs import PAIRS, faulty
from tests.running import OPP, SENT, TEK, Run, answer, round_in
from xltiltak import flows
from xltiltak.intake import returned_file
from xltiltak.model.finding import CODES, Finding
from xltiltak.model.register import Register
from xltiltak.model.report import Report, Slot
from xltiltak.sheets.appendix import write_appendix

pytestmark = [
    pytest.mark.usefixtures("bokmaal"),
    pytest.mark.filterwarnings("ignore:Duplicate name"),
]
STATUS = Slot("OPP-001", "status", small.LAST)


def merged(folder: Path) -> flows.Result:
    """Merge the forms into the appendix of the folder."""
    return flows.merge([folder / "ut"], folder / "vedlegg.xlsx", plan=folder / SENT)


def edited(path: Path, edit: Callable[[Any], object]) -> None:
    """Edit a workbook with openpyxl."""
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)


def column_of(sheet: Any, label: str) -> int:
    """Return the column of a list with this label."""
    return int(next(c.column for row in sheet.iter_rows() for c in row if c.value == label))


def handle(path: Path, text: str, *codes: str) -> int:
    """Write a text beside each finding of these codes, or each error; return how many there are."""
    count = 0

    def edit(book: Any) -> None:
        nonlocal count
        sheet = book["Funn"]
        code, grade = column_of(sheet, "Kode"), column_of(sheet, "Grad")
        for row in range(4, sheet.max_row + 1):
            if sheet.cell(row, code).value in codes or sheet.cell(row, grade).value == "feil":
                sheet.cell(row, column_of(sheet, "Behandlet")).value = text
                count += 1

    edited(path, edit)
    return count


def handled(result: flows.Result) -> list[Finding]:
    """Return the findings that the coordinator has closed."""
    return [finding for finding in result.findings if finding.handled]


def listed(result: flows.Result, code: str) -> list[Finding]:
    """Return the findings with this code."""
    return [finding for finding in result.findings if finding.code == code]


def errors(result: flows.Result) -> list[Finding]:
    """Return the findings that are errors."""
    return [finding for finding in result.findings if finding.severity == "error"]


# Findings that do not stand in the output of a merge over one appendix
ELSEWHERE = {
    *("C105", "C106", "C107", "C108", "M106", "M108", "M120", "M121"),
    *("M122", "M123", "M124", "M125", "S119", "S120"),  # about the plan, whatever came back
    *(code for code in CODES if code[0] in "AIPT"),
}
ROUNDS_OF_THEIR_OWN = {"F009", "F010", "F012", "M109", "M110", "M111", "M126"}
PLAYED = [code for code in CODES if code not in ELSEWHERE | ROUNDS_OF_THEIR_OWN]


def contents_of(code: str, folder: Path) -> tuple[Report, list[bytes | tuple[str, bytes]]]:
    """Return the plan and the files in which the case of a code raises it."""
    seen: list[bytes | tuple[str, bytes]] = []
    plans: list[Report] = [REPORT]
    with pytest.MonkeyPatch.context() as patched:
        merge_forms, parse = pairs.__dict__["merged"], pairs.__dict__["parse_return"]
        answered = pairs.__dict__["returned"]

        def merge_seen(*forms: bytes, into: Any = REPORT) -> Register:
            plans[:] = [into]
            seen[:] = forms
            register: Register = merge_forms(*forms, into=into)
            return register

        def parse_seen(name: str, content: bytes, *more: Any, **named: Any) -> Any:
            seen.append((name, content))
            return parse(name, content, *more, **named)

        def answered_seen(*words: Any) -> Any:
            returned = answered(*words)
            plans[:], seen[:] = [returned.plan], [returned.content]
            return returned

        patched.setattr(pairs, "merged", merge_seen)
        patched.setattr(pairs, "parse_return", parse_seen)
        patched.setattr(pairs, "returned", answered_seen)
        assert code in {finding.code for finding in PAIRS[code].raises(folder)}
    return plans[0], seen


@pytest.mark.parametrize("code", sampled(PLAYED))
def test_each_finding_of_a_merge_can_be_closed_so_that_no_error_is_left(
    code: str, tmp_path: Path, run: Run
) -> None:
    plan, files = contents_of(code, tmp_path)
    folder, sent, appendix = tmp_path / "svar", tmp_path / "sendt.xlsx", tmp_path / "vedlegg.xlsx"
    folder.mkdir()
    key = "another key" if code == "F013" else KEY
    sent.write_bytes(write_appendix(Register(plan, key=key)))
    for number, file in enumerate(files):
        name, content = file if isinstance(file, tuple) else (f"{number}.xlsx", file)
        (folder / name).write_bytes(content)
    words = ("merge", folder, "--plan", sent, "-o", appendix, "--json")
    first = run(*words)
    assert code in first.codes
    assert first.code == any(f["severity"] == "error" for f in first.object["findings"])
    assert handle(appendix, "Avklart med Per", code)
    closed = run(*words)
    content = appendix.read_bytes()
    told = [f for f in closed.object["findings"] if f["code"] == code]
    assert closed.code == 0
    assert {(f["severity"], f["handled"]) for f in told} == {("note", "Avklart med Per")}
    assert run(*words).code == 0
    assert appendix.read_bytes() == content


def test_an_error_of_the_program_is_told_until_the_file_is_gone(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_in(tmp_path)
    words = ("merge", tmp_path / "ut", "--plan", tmp_path / SENT, "-o", tmp_path / "v.xlsx")
    with monkeypatch.context() as patched:
        patched.setattr(returned_file, "read_form", faulty)
        assert run(*words).code == 4
    assert run(*words).code == 0


def test_a_file_that_cannot_be_opened_can_be_handled(folder: Path) -> None:
    os.mkfifo(folder / "ut" / "kø.xlsx")
    assert {error.code for error in errors(merged(folder))} == {"F009", "V101"}
    handle(folder / "vedlegg.xlsx", "Spurt IT")
    assert not errors(merged(folder))


def test_an_error_about_plan_and_appendix_can_be_handled(folder: Path) -> None:
    def new_row(title: str) -> Callable[[Any], None]:
        def edit(book: Any) -> None:
            sheet = book["Oppvekst"]
            row = next(cell.row for cell in sheet["A"] if cell.value == "OPP-003")
            sheet.insert_rows(row + 1)
            sheet.cell(row + 1, small.cell_of(sheet, "OPP-003", small.NAME).column).value = title

        return edit

    edited(folder / "vedlegg.xlsx", new_row("Ny i vedlegget"))
    edited(folder / SENT, new_row("Ny i planen"))
    flows.split(folder / SENT, folder / "ut2", force=True)
    assert {error.code for error in errors(merged(folder))} == {"M110", "V101"}
    handle(folder / "vedlegg.xlsx", "Står i vedlegget")
    assert not errors(merged(folder))


# Handled findings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a round with an error, two new rows and an answer."""
    round_in(tmp_path)
    answer(tmp_path, "OPP-001", "4 - nesten")

    def add_rows(book: Any) -> None:
        sheet = book.worksheets[0]
        last = next(cell.row for cell in sheet["A"] if cell.value == "OPP-003")
        place = next(cell.row for cell in sheet["A"] if cell.value == "@new")
        for row, title in ((last + 1, "Ny brygge"), (place, "Nytt naust")):
            sheet.cell(row, small.cell_of(sheet, "OPP-003", small.NAME).column).value = title

    edited(tmp_path / OPP, add_rows)
    answer(tmp_path, "TEK-001", 2)
    merged(tmp_path)
    return tmp_path


def test_a_handled_finding_stays_closed_until_it_changes(folder: Path) -> None:
    appendix = folder / "vedlegg.xlsx"
    assert handle(appendix, "Ringt Kari") == 1
    result = merged(folder)
    assert [(f.code, f.handled) for f in handled(result)] == [("V101", "Ringt Kari")]
    assert not errors(result)
    before = appendix.read_bytes()
    assert not errors(merged(folder))
    assert appendix.read_bytes() == before
    answer(folder, "OPP-001", "ferdig?")  # the leader saves another answer
    (error,) = errors(merged(folder))
    assert error.values["value"] == "ferdig?"


def test_what_was_written_beside_a_finding_can_be_taken_back(folder: Path) -> None:
    appendix = folder / "vedlegg.xlsx"
    handle(appendix, "Ringt Kari")
    merged(folder)

    def clear(book: Any) -> None:
        sheet = book["Funn"]
        for row in range(4, sheet.max_row + 1):
            sheet.cell(row, column_of(sheet, "Behandlet")).value = None

    edited(appendix, clear)
    assert len(errors(merged(folder))) == 1


@pytest.mark.parametrize("first", [1, 2])
def test_the_list_of_findings_may_be_sorted_with_and_without_its_keys(
    folder: Path, first: int
) -> None:
    appendix = folder / "vedlegg.xlsx"

    def sort(book: Any) -> None:
        sheet = book["Funn"]
        code, where = column_of(sheet, "Kode"), column_of(sheet, "Behandlet")
        row = next(r for r in range(4, sheet.max_row + 1) if sheet.cell(r, code).value == "V101")
        sheet.cell(row, where).value = "Ringt Kari"
        columns = range(first, sheet.max_column + 1)
        values = [[sheet.cell(r, c).value for c in columns] for r in range(4, sheet.max_row + 1)]
        for row, texts in enumerate(reversed(values), 4):
            for column, text in zip(columns, texts, strict=True):
                sheet.cell(row, column).value = text

    edited(appendix, sort)
    assert [f.code for f in handled(merged(folder))] == ["V101"]


def test_a_finding_is_the_same_in_the_other_languages_of_the_report(folder: Path) -> None:
    appendix = folder / "vedlegg.xlsx"
    handle(appendix, "Ringt Kari")

    def speak_english(book: Any) -> None:
        sheet = book["Rapporten"]
        row = next(cell.row for cell in sheet["A"] if cell.value == "head|language")
        sheet.cell(row, 3).value = "en"

    edited(appendix, speak_english)
    assert [f.handled for f in handled(merged(folder))] == ["Ringt Kari"]


def test_a_reminder_asks_for_nothing_that_is_handled_or_decided(folder: Path) -> None:
    appendix = folder / "vedlegg.xlsx"
    (folder / TEK).unlink()
    flows.merge([folder / OPP], appendix, plan=folder / SENT, fresh=True)

    def decide(book: Any) -> None:
        sheet = book["Oppvekst"]
        small.cell_of(sheet, "OPP-002", small.STATUS).value = 3

    handle(appendix, "Avklart", "M101", "V102")
    edited(appendix, decide)
    done = flows.remind(appendix, [folder / "ut"], folder / "purr")
    assert {reminder.state for reminder in done.reminders} == {"complete"}
    assert not done.result.written


def test_errors_about_a_file_that_left_the_folder_are_notes(folder: Path) -> None:
    bad = folder / "ut" / "skadet.xlsx"
    bad.write_bytes((folder / OPP).read_bytes()[:-300])
    assert listed(merged(folder), "F006")[0].severity == "error"
    bad.unlink()
    last = merged(folder)
    assert [finding.severity for finding in listed(last, "F006")] == ["note"]
    assert errors(flows.check([folder / "vedlegg.xlsx"])) == errors(last)  # as `report` lists them


def test_errors_about_the_files_of_another_folder_stay(folder: Path) -> None:
    other = folder / "senere"
    other.mkdir()
    (folder / TEK).rename(other / "TEK.xlsx")
    result = flows.merge([other], folder / "vedlegg.xlsx", plan=folder / SENT)
    assert [error.code for error in errors(result)] == ["V101"]


def test_a_form_of_another_date_is_a_note_once_the_area_has_answered(folder: Path) -> None:
    flows.split(folder / "plan.xlsx", folder / "ut8", day=small.DATES[1])
    (august,) = (path for path in (folder / "ut8").iterdir() if "Oppvekst" in path.name)
    august.rename(folder / "ut" / august.name)
    assert [finding.severity for finding in listed(merged(folder), "M104")] == ["note"]


# Proposals


def decided(folder: Path, *texts: str | None) -> flows.Result:
    """Write a text beside each proposal, and merge again."""

    def edit(book: Any) -> None:
        sheet = book["Forslag"]
        rows = [c.row for c in sheet["A"] if str(c.value).startswith("proposal|")]
        for row, text in zip(rows, texts, strict=True):
            sheet.cell(row, 2).value = text

    edited(folder / "vedlegg.xlsx", edit)
    return merged(folder)


def decisions(folder: Path) -> list[object]:
    """Return the texts beside the proposals."""
    sheet = openpyxl.load_workbook(folder / "vedlegg.xlsx")["Forslag"]
    return [r[1].value for r in sheet.iter_rows() if str(r[0].value).startswith("proposal|")]


def names(result: flows.Result) -> list[object]:
    """Return the titles of the measures that are new."""
    report = result.register.report
    known = {row[2] for row in small.ROWS}
    titles = (report.values.get(Slot(n.ref, "name")) for n in report.nodes if n.parent)
    return [title for title in titles if title not in known]


def test_proposals_that_are_decided_are_told_no_more_and_the_decisions_are_shown(
    folder: Path,
) -> None:
    result = decided(folder, "ja", "nei, dekkes av tiltak 3")
    assert [finding.severity for finding in listed(result, "S104")] == ["note"]
    assert decisions(folder) == ["ja", "nei, dekkes av tiltak 3"]
    assert names(result) == ["Ny brygge"]
    before = (folder / "vedlegg.xlsx").read_bytes()
    merged(folder)
    assert (folder / "vedlegg.xlsx").read_bytes() == before


def test_a_decision_on_a_proposal_can_be_changed_and_changed_back(folder: Path) -> None:
    assert names(decided(folder, "ja", "nei")) == ["Ny brygge"]
    back = decided(folder, "nei", None)
    assert names(back) == []
    assert "removed" in {change.kind for change in back.plan_changes}
    assert [finding.severity for finding in listed(back, "S104")] == ["warning", "note"]
    again = decided(folder, "ja", "ja")
    assert names(again) == ["Nytt naust", "Ny brygge"]
    assert not listed(again, "S104")


def test_a_text_that_is_neither_yes_nor_no_decides_nothing_and_is_kept(folder: Path) -> None:
    result = decided(folder, "ja", "spør Kari")
    assert [finding.values["value"] for finding in listed(result, "M126")] == ["spør Kari"]
    assert names(result) == ["Ny brygge"]
    assert decisions(folder) == ["ja", "spør Kari"]
    before = (folder / "vedlegg.xlsx").read_bytes()
    assert len(listed(merged(folder), "M126")) == 1
    assert (folder / "vedlegg.xlsx").read_bytes() == before
    unsure = decided(folder, "ja, men først i 2022", "nei")  # what was decided stands
    assert names(unsure) == ["Ny brygge"]
    assert decisions(folder) == ["ja, men først i 2022", "nei"]
    sent = flows.split(folder / "vedlegg.xlsx", folder / "ut3", dry_run=True)
    assert [finding.code for finding in sent.findings if finding.code == "M126"] == ["M126"]
    assert not listed(decided(folder, "ja", "nei"), "M126")


def test_beginning_again_tells_what_stood_beside_a_proposal(folder: Path) -> None:
    decided(folder, None, "spør Kari")
    again = flows.merge([folder / "ut"], folder / "vedlegg.xlsx", plan=folder / SENT, fresh=True)
    assert "spør Kari" in {f.values["value"] for f in listed(again, "M111")}


def test_a_refused_row_that_comes_again_in_another_file_is_not_told_again(folder: Path) -> None:
    decided(folder, "nei", "nei")
    (folder / "ut" / "igjen.xlsx").write_bytes((folder / OPP).read_bytes())
    edited(folder / "ut" / "igjen.xlsx", lambda _: None)
    result = merged(folder)
    assert {finding.severity for finding in listed(result, "S104")} == {"note"}
    assert decisions(folder) == ["nei", "nei"]


# Decided answers and texts


def test_a_text_that_the_plan_has_now_is_no_error(folder: Path) -> None:
    answer(folder, "OPP-003", "Kurs i hjertestans", small.NAME)
    assert [error.code for error in errors(merged(folder))] == ["V101", "L101"]

    def correct(book: Any) -> None:
        small.cell_of(book["Oppvekst"], "OPP-003", small.NAME).value = "Kurs i hjertestans"

    edited(folder / SENT, correct)
    assert [error.code for error in errors(merged(folder))] == ["V101"]


def test_a_third_text_that_the_coordinator_chose_is_no_error(folder: Path) -> None:
    answer(folder, "OPP-003", "Kurs i hjertestans", small.NAME)
    merged(folder)

    def correct(book: Any) -> None:
        small.cell_of(book["Oppvekst"], "OPP-003", small.NAME).value = "Kurs om hjertet"
        small.cell_of(book["Oppvekst"], "OPP-001", small.STATUS).value = 4

    edited(folder / "vedlegg.xlsx", correct)
    assert not errors(merged(folder))


def test_a_report_says_how_many_errors_are_open_and_strict_refuses_them(
    folder: Path, run: Run
) -> None:
    appendix = folder / "vedlegg.xlsx"
    done = run("report", appendix, "-o", folder / "a.html")
    assert (done.code, (folder / "a.html").exists()) == (1, True)
    assert "Åpne feil i vedlegget: 1 (Oppvekst 1)" in done.out
    assert run("report", appendix, "-o", folder / "b.html", "--strict").code == 1
    assert not (folder / "b.html").exists()
    handle(appendix, "Ringt Kari")
    assert run("report", appendix, "-o", folder / "b.html", "--strict").code == 0
