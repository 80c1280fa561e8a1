"""Correction forms: nothing that was right is lost, and filling in what is marked is enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from tests import small
from tests.conservation import ROUNDS, returned
from tests.damage import EDITS, Hand
from tests.examples import sampled
from tests.forms import KEY
from tests.running import OPP, SENT, Run, answer, round_in
from xltiltak.intake.returned_file import parse_return
from xltiltak.merging.merge import merge
from xltiltak.model.language import translate
from xltiltak.model.register import Register
from xltiltak.model.report import Slot
from xltiltak.sheets.forms import correction_form

FIXED = "Oppvekst – 2020-12-31 rettes.xlsx"


pytestmark = pytest.mark.usefixtures("bokmaal")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a round in which one leader has answered, with one wrong answer of three."""
    folder = round_in(tmp_path)
    answer(folder, "OPP-001", 4)
    answer(folder, "OPP-002", 7)
    answer(folder, "OPP-003", 5)
    answer(folder, "OPP-001", "Graves i vår.", small.REMARK)
    return folder


def corrected(run: Run, folder: Path, *returned: Path) -> Path:
    """Return the correction form of the return."""
    assert (
        run(
            "check",
            *(returned or (folder / OPP,)),
            "--plan",
            folder / SENT,
            "--fix",
            folder / "rett",
        ).code
        == 1
    )
    return folder / "rett" / FIXED


def edited(path: Path, edit: Callable[[Any], None], sheet: str = "Oppvekst") -> None:
    """Fill in a sheet of a form that was sent back."""
    book = openpyxl.load_workbook(path)
    edit(book[sheet])
    book.save(path)


def typing(ref: str, raw: Any, heading: str = small.STATUS) -> Callable[[Any], None]:
    """Return an edit that types into a cell, found by its row's ref and its column's heading."""

    def edit(sheet: Any) -> None:
        small.cell_of(sheet, ref, heading).value = raw

    return edit


def merged(run: Run, folder: Path, *returned: Path) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Merge; return each measure's status and remark, and the findings with their severity."""
    target = folder / f"v{len(list(folder.glob('v*.xlsx')))}.xlsx"
    result = run("merge", *returned, "--plan", folder / SENT, "-o", target, "--json", "--force")
    sheet = openpyxl.load_workbook(target)["Oppvekst"]
    values = {
        f"{ref} {heading}": small.cell_of(sheet, f"OPP-00{ref}", heading).value
        for ref in (1, 2, 3)
        for heading in (small.STATUS, small.REMARK)
    }
    return values, [(f["severity"], f["code"]) for f in result.object["findings"]]


def test_right_answers_are_kept_and_wrong_ones_are_emptied_and_explained(
    run: Run, folder: Path
) -> None:
    book = openpyxl.load_workbook(corrected(run, folder))
    assert book.sheetnames[:2] == ["Å rette", "Oppvekst"]
    sheet = book["Oppvekst"]
    assert [small.cell_of(sheet, f"OPP-00{n}", small.STATUS).value for n in (1, 2, 3)] == [
        4,
        None,
        5,
    ]
    assert small.cell_of(sheet, "OPP-001", small.REMARK).value == "Graves i vår."
    wrong = small.cell_of(sheet, "OPP-002", small.STATUS)
    assert wrong.comment.text.strip() == "«7» er ikke på skalaen. Velg en av disse: 1, 2, 3, 4, 5."
    marked = [
        spot.sqref
        for spot in sheet.conditional_formatting
        if spot.rules[0].formula[0].startswith("ISBLANK")
    ]
    assert list(map(str, marked)) == [wrong.coordinate]
    listed = [[cell.value for cell in row[2:]] for row in book["Å rette"].iter_rows(min_row=5)]
    assert listed == [
        [
            "Tiltak 2 Leseløft i småskolen · Status 31.12.2020",
            "«7» er ikke på skalaen.",
            "Velg en av disse: 1, 2, 3, 4, 5.",
        ]
    ]
    assert book["Å rette"]["C5"].hyperlink.location == f"'Oppvekst'!{wrong.coordinate}"


def test_filling_in_what_is_marked_ends_the_findings(run: Run, folder: Path) -> None:
    form = corrected(run, folder)
    edited(form, typing("OPP-002", 2))
    for came in ((form,), (form, folder / OPP)):
        values, findings = merged(run, folder, *came)
        assert [values[f"{n} {small.STATUS}"] for n in (1, 2, 3)] == [4, 2, 5]
        assert values[f"1 {small.REMARK}"] == "Graves i vår."
        assert not [found for found in findings if found[0] == "error"]
        assert ("note", "V101") in findings  # what stood there is still quoted
        assert ("note", "S108") not in findings  # the list of what was wrong is ours


def test_an_unmodified_correction_form_gives_the_answers_of_the_first_return(
    run: Run, folder: Path
) -> None:
    form = corrected(run, folder)
    first, _ = merged(run, folder, folder / OPP)
    values, findings = merged(run, folder, form)
    assert values == first
    assert ("warning", "V102") in findings


def test_a_changed_answer_overrides_the_first_one(run: Run, folder: Path) -> None:
    form = corrected(run, folder)
    edited(form, typing("OPP-001", 1))
    edited(form, typing("OPP-001", None, small.REMARK))
    for came in ((form,), (folder / OPP, form)):
        values, findings = merged(run, folder, *came)
        assert values[f"1 {small.STATUS}"] == 1
        assert values[f"1 {small.REMARK}"] is None
        assert ("note", "V111") in findings


def test_what_is_typed_on_the_list_is_quoted(run: Run, folder: Path) -> None:
    form = corrected(run, folder)

    def edit(sheet: Any) -> None:
        sheet["F5"].value = "Det var en skrivefeil"

    edited(form, edit, "Å rette")
    result = run("check", form, "--plan", folder / SENT, "--json")
    assert [f["message"] for f in result.object["findings"] if f["code"] == "S108"] == [
        translate("finding.S108.message", "nb", value="Det var en skrivefeil")
    ]


def test_a_form_with_a_new_error_goes_back_once_more(run: Run, folder: Path) -> None:
    form = corrected(run, folder)
    edited(form, typing("OPP-002", 9))
    again = folder / "igjen"
    assert run("check", form, "--plan", folder / SENT, "--fix", again).code == 1
    edited(again / FIXED, typing("OPP-002", 3))
    for came in ((again / FIXED,), (again / FIXED, form, folder / OPP)):
        values, findings = merged(run, folder, *came)
        assert [values[f"{n} {small.STATUS}"] for n in (1, 2, 3)] == [4, 3, 5]
        assert not [found for found in findings if found[0] == "error"]


def test_rows_that_were_lost_doubled_or_rewritten_are_restored(run: Run, folder: Path) -> None:
    def spoil(sheet: Any) -> None:
        small.cell_of(sheet, "OPP-003", small.NAME).value = "Kurs i livredning og førstehjelp"
        sheet.append(
            [cell.value for cell in sheet[small.cell_of(sheet, "OPP-001", small.NAME).row]]
        )
        sheet.delete_rows(small.cell_of(sheet, "OPP-002", small.NAME).row)

    edited(folder / OPP, spoil)
    form = corrected(run, folder)
    book = openpyxl.load_workbook(form)
    codes = {"OPP-001", "OPP-002", "OPP-003"}
    assert codes <= {row[0].value for row in book["Oppvekst"].iter_rows()}
    fixes = [row[4].value for row in book["Å rette"].iter_rows(min_row=5)]
    assert {translate(f"mend.{code}", "nb") for code in ("S102", "S103", "L101")} <= set(fixes)
    for n in (1, 2, 3):
        edited(form, typing(f"OPP-00{n}", n))
    values, findings = merged(run, folder, form, folder / OPP)
    assert [values[f"{n} {small.STATUS}"] for n in (1, 2, 3)] == [1, 2, 3]
    assert not [found for found in findings if found[0] == "error"]


def test_a_form_of_another_round_comes_back_as_one_of_this(run: Run, folder: Path) -> None:
    sent = folder / SENT
    assert (
        run(
            "split", folder / "plan.xlsx", "--to", folder / "aug", "--date", "2020-08-31", "--force"
        ).code
        == 0
    )
    old = folder / "aug" / "Oppvekst – 2020-08-31.xlsx"
    edited(old, typing("OPP-001", 5, "Status 31.08.2020"))
    form = corrected(run, folder, old)
    edited(form, typing("OPP-001", 3))
    values, findings = merged(run, folder, form, old)
    assert values[f"1 {small.STATUS}"] == 3
    assert not [found for found in findings if found[0] == "error"]
    assert sent.exists()


def test_it_is_in_the_leaders_language(run: Run, tmp_path: Path) -> None:
    folder = round_in(tmp_path, small.HEAD + '[[areas]]\nname = "Oppvekst"\nlanguage = "sv"\n')
    answer(folder, "OPP-002", 7)
    assert openpyxl.load_workbook(corrected(run, folder)).sheetnames[0] == "Att rätta"


def test_two_returns_of_an_area_get_a_form_each_and_nothing_is_written_over(
    run: Run, folder: Path
) -> None:
    other = folder / "annen.xlsx"
    other.write_bytes(small.filled((folder / OPP).read_bytes(), {"OPP-003": "snart"}))
    words = ("check", folder / OPP, other, "--plan", folder / SENT, "--fix", folder / "rett")
    assert run(*words).code == 1
    assert sorted(path.name for path in (folder / "rett").iterdir()) == [
        "Oppvekst – 2020-12-31 rettes 2.xlsx",
        FIXED,
    ]
    assert run(*words).code == 3
    assert run(*words, "--force").code == 1


def test_a_sheet_that_left_its_workbook_keeps_its_answers_in_the_form_that_goes_back(
    run: Run, folder: Path
) -> None:
    book = openpyxl.load_workbook(folder / OPP)
    del book["_xltiltak"]
    book.save(folder / OPP)
    form = corrected(run, folder)
    again = parse_return("rett.xlsx", form.read_bytes(), key=KEY)
    claimed = {
        c.slot: c.value for r in again.corrected_files for s in r.submissions for c in s.changes
    }
    assert claimed[Slot("OPP-001", "status", small.LAST)] == 4
    assert claimed[Slot("OPP-001", "remark")] == "Graves i vår."
    sheet = next(sheet for sheet in openpyxl.load_workbook(form) if sheet.title == "Oppvekst")
    assert small.cell_of(sheet, "OPP-001", small.STATUS).value == 4


def test_merge_writes_them_beside_the_appendix_and_strict_leaves_only_them(
    run: Run, folder: Path
) -> None:
    words = ("merge", folder / OPP, "--plan", folder / SENT, "--fix", folder / "rett")
    result = run(*words, "-o", folder / "v.xlsx", "--json")
    assert result.object["written"] == [str(folder / "v.xlsx"), str(folder / "rett" / FIXED)]
    assert run(*words, "-o", folder / "w.xlsx", "--strict", "--force").code == 1
    assert not (folder / "w.xlsx").exists()


def test_a_return_without_errors_gets_no_correction_form(run: Run, folder: Path) -> None:
    answer(folder, "OPP-002", 2)
    assert run("check", folder / OPP, "--plan", folder / SENT, "--fix", folder / "rett").code == 0
    assert not (folder / "rett").exists()


@pytest.mark.parametrize("name", ROUNDS)
@pytest.mark.parametrize("number", sampled(range(10)))
def test_after_any_damage_the_correction_form_keeps_the_answers(name: str, number: int) -> None:
    plan, _ = ROUNDS[name]
    hand = Hand(Random(number))
    form = returned(
        name, [EDITS[hand.choose(sorted(EDITS))] for _ in range(hand.choose(range(1, 4)))], hand
    )
    came, once = form.received, form.merged
    sent_back = correction_form(replace(once, key=KEY), [came], [*plan.area_refs])
    again = parse_return("rett.xlsx", sent_back, key=KEY)
    assert again.submissions, again.findings
    assert not again.submissions[0].changes
    twice = merge(Register(plan), [again])
    both = merge(Register(plan), [again, came])
    assert dict(twice.report.values) == dict(both.report.values) == dict(once.report.values)
    assert not {f.code for f in both.findings if f.severity == "error"} - {"S101"}
    assert {f.place for f in once.findings if f.place.file} <= {f.place for f in twice.findings}


def test_the_list_is_recognised_whatever_program_saved_it(run: Run, folder: Path) -> None:
    form = corrected(run, folder)
    target = BytesIO()
    openpyxl.load_workbook(form).save(target)
    came = parse_return("x.xlsx", target.getvalue(), key=KEY)
    assert not came.findings
    assert came.submissions[0].corrects
    assert {Slot("OPP-001", "remark")} <= {
        c.slot for r in came.corrected_files for s in r.submissions for c in s.changes
    }
