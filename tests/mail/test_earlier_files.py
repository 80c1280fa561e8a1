"""What an earlier sending left in the folder: removed if it is wrong and untouched, else told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tests import small
from tests.forms import saved
from tests.running import OPP, SENT, Run, answer, round_in
from xltiltak import flows
from xltiltak.mail.mail_drafts import kind_of_draft
from xltiltak.model import files
from xltiltak.model.errors import OutputError

HEAD = small.HEAD + "".join(
    f'\n[[areas]]\nname = "{name}"\nleader = "Kari Fjell"\nemail = "kari@proveby.example"\n'
    for name in ("Oppvekst", "Teknikk")
)
KARI, OLD = "Kari Fjell – 2020-12-31.xlsx", "OPP-2020-12-31.xlsx"
pytestmark = pytest.mark.usefixtures("bokmaal")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return round_in(tmp_path, HEAD)


def names(folder: Path) -> list[str]:
    """Return the names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


def send_again(run: Run, folder: Path, *words: str, plan: str = "plan.xlsx") -> list[str]:
    """Send the plan out again into the same folder; return code and reason of each finding."""
    day = ("--date", "2020-12-31") if "--date" not in words else ()
    done = run("split", folder / plan, "--to", folder / "ut", *day, "--force", "--json", *words)
    assert done.code == 0
    return [f"{f['code']} {f['values'].get('reason', '')}".strip() for f in done.object["findings"]]


def test_a_leader_gets_one_form_when_the_grouping_changes(run: Run, folder: Path) -> None:
    send_again(run, folder, "--mail")
    assert send_again(run, folder, "--mail", "--per", "leader") == ["M120 earlier_removed"]
    assert names(folder / "ut") == ["Kari Fjell – 2020-12-31.eml", KARI]
    assert send_again(run, folder) == [
        "M120 earlier_removed"
    ]  # also the letter, which has the form of both
    assert names(folder / "ut") == [Path(OPP).name, "Teknikk – 2020-12-31.xlsx"]


def test_a_dry_run_lists_what_would_be_removed_and_what_left(run: Run, folder: Path) -> None:
    send_again(run, folder, "--mail")
    (folder / OPP).write_bytes(typed(folder / OPP))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert send_again(run, folder, "--dry-run") == [
        "M121 in_the_way_planned",
        "M120 earlier_planned",
    ]
    told = send_again(run, folder, "--per", "leader", "--mail", "--dry-run")
    assert told == ["M121 earlier_changed", "M120 earlier_planned"]
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = [reason.replace("_planned", "_removed") for reason in told]
    assert send_again(run, folder, "--per", "leader", "--mail") == done


def typed(path: Path) -> bytes:
    """Return the form with an answer."""
    return small.filled(path.read_bytes(), {"OPP-001": 4})


def only_saved(path: Path) -> bytes:
    """Return the form as a program saves it in which nobody typed anything."""
    return saved(openpyxl.load_workbook(path))


@pytest.mark.parametrize("edit", [typed, only_saved])
def test_an_answer_saved_over_a_form_is_never_deleted(
    edit: Callable[[Path], bytes], run: Run, folder: Path
) -> None:
    form = folder / OPP
    form.write_bytes(edit(form))
    content = form.read_bytes()
    assert send_again(run, folder, "--per", "leader") == [
        "M121 earlier_changed",
        "M120 earlier_removed",
    ]
    assert form.read_bytes() == content
    assert names(folder / "ut") == [KARI, form.name]


def test_force_keeps_a_changed_form_beside_the_new_one(run: Run, folder: Path) -> None:
    answer(folder, "OPP-001", 4)
    content = (folder / OPP).read_bytes()
    assert send_again(run, folder) == ["M121 in_the_way"]
    copy = (folder / OPP).with_stem("Oppvekst – 2020-12-31 endret")
    assert copy.read_bytes() == content != (folder / OPP).read_bytes()
    assert send_again(run, folder) == ["M121 earlier_changed"]  # the copy
    answer(folder, "OPP-001", 3)
    send_again(run, folder)
    assert names(folder / "ut")[:3] == [
        "Oppvekst – 2020-12-31 endret 2.xlsx",
        "Oppvekst – 2020-12-31 endret.xlsx",
        "Oppvekst – 2020-12-31.xlsx",
    ]


def test_force_keeps_the_changed_plan_as_it_was_sent(run: Run, folder: Path) -> None:
    sent = folder / SENT
    sent.write_bytes(only_saved(sent))
    content = sent.read_bytes()
    assert send_again(run, folder) == ["M121 in_the_way"]
    assert sent.with_stem(f"{sent.stem} endret").read_bytes() == content


def test_a_plan_that_is_sent_on_from_itself_is_not_kept_twice(run: Run, folder: Path) -> None:
    sent = folder / SENT
    book = openpyxl.load_workbook(sent)
    small.cell_of(book["Oppvekst"], "OPP-001", small.NAME).value = "Bygge skole på Øra"
    book.save(sent)
    assert send_again(run, folder, "--area", "OPP", plan=SENT) == []
    assert not list(folder.glob("*endret*"))
    assert "Bygge skole på Øra" in flows.read_plan(sent).report.values.values()


def test_a_letter_that_was_changed_is_kept(run: Run, folder: Path) -> None:
    send_again(run, folder, "--mail")
    letter = folder / "ut" / "Kari Fjell – 2020-12-31.eml"
    content = letter.read_bytes()
    assert kind_of_draft(content) == "split"
    letter.write_bytes(content.replace(b"Vedlagt er", b"Her er"))
    assert not kind_of_draft(letter.read_bytes())
    assert send_again(run, folder) == ["M121 earlier_changed"]
    assert letter.exists()
    assert send_again(run, folder, "--mail") == ["M121 in_the_way"]
    kept = letter.with_stem(f"{letter.stem} endret")
    assert b"Her er" in kept.read_bytes()


def test_forms_of_areas_that_are_not_sent_now_stay(run: Run, folder: Path) -> None:
    (folder / OPP).rename(folder / "ut" / OLD)
    assert send_again(run, folder, "--area", "TEK") == []
    assert names(folder / "ut") == [OLD, "Teknikk – 2020-12-31.xlsx"]
    send_again(run, folder, "--per", "leader")
    assert send_again(run, folder, "--area", "TEK") == ["M121 earlier_areas"]
    assert KARI in names(folder / "ut")


def test_forms_to_send_back_stay(run: Run, folder: Path) -> None:
    answer(folder, "OPP-001", 9)
    run("check", folder / OPP, "--plan", folder / SENT, "--fix", folder / "ut")
    assert send_again(run, folder) == ["M121 earlier_correction", "M121 in_the_way"]


def test_forms_of_another_date_are_named_and_those_of_another_report_are_not(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "annen").mkdir()
    other = round_in(tmp_path / "annen", HEAD.replace("2020\n", "2021\n").replace("Prøveby", "By"))
    (other / OPP).rename(folder / "ut" / "annen.xlsx")
    (folder / "ut" / "notat.xlsx").write_bytes(b"PK")
    assert send_again(run, folder, "--date", "2020-08-31") == ["M121 older_date"]
    assert {"annen.xlsx", "notat.xlsx", Path(OPP).name} <= {*names(folder / "ut")}


def test_a_run_that_is_stopped_removes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.xlsx")}

    def full_disk(*_: object, **__: object) -> None:
        raise OutputError("disk_full", file="x")

    monkeypatch.setattr(files, "write", full_disk)
    with pytest.raises(OutputError):
        flows.split(
            folder / "plan.xlsx",
            folder / "ut",
            day=date(2020, 12, 31),
            per_leader=True,
            force=True,
        )
    assert {path: path.read_bytes() for path in folder.rglob("*.xlsx")} == before


def test_a_reminder_is_removed_when_the_answer_has_come_unless_it_was_changed(
    run: Run, tmp_path: Path
) -> None:
    folder = round_in(tmp_path)
    words = ("remind", folder / SENT, "--to", folder / "purring", "--json", "--force")
    run(*words)
    drafts = names(folder / "purring")
    assert drafts == ["Oppvekst – 2020-12-31.eml", "Teknikk – 2020-12-31.eml"]
    changed = folder / "purring" / drafts[1]
    changed.write_bytes(changed.read_bytes().replace(b"Hei", b"Hallo"))
    for ref in ("OPP-001", "OPP-002", "OPP-003", "TEK-001", "TEK-002"):
        answer(folder, ref, 4)
    done = run(*words[:2], folder / "ut", *words[2:])
    assert "M120" in done.codes
    assert names(folder / "purring") == drafts[1:]
