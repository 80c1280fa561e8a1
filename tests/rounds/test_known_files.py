"""Test that files which an appendix has already are not read again, and that nobody can tell."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests import small, wrapped
from tests.conservation import LAWS, ROUNDS, TABLES, returned
from tests.damage import Hand
from tests.examples import sampled
from tests.forms import KEY, book_of
from tests.running import OPP, SENT, TEK, Run, answer, round_in
from xltiltak import flows
from xltiltak.intake import returned_file
from xltiltak.intake.known_files import KnownFiles
from xltiltak.intake.returned_file import DEFAULT_OPTIONS, Options
from xltiltak.model.register import Register
from xltiltak.sheets.appendix import write_appendix

LATER = [pytest.param(number, marks=pytest.mark.laws) for number in range(100, 300)]
pytestmark = pytest.mark.usefixtures("bokmaal")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a round; in `svar` are files of many sorts, right and wrong ones."""
    round_in(tmp_path)
    answer(tmp_path, "OPP-001", "4 - nesten")
    answer(tmp_path, "OPP-002", 7)
    answer(tmp_path, "TEK-001", 2)
    opp, tek = ((tmp_path / form).read_bytes() for form in (OPP, TEK))
    files = {
        "b.xlsx": opp,
        "tek.xlsx": small.filled(tek, {"TEK-001": 5}),  # answers that disagree
        "skadd.xlsx": opp[:-2000],
        "notat.txt": b"OPP-003 er 5",
        "tom.xlsx": b"",
        "annet.xlsx": small.filled(opp, {"OPP-001": 1}).replace(b"PK", b"pk", 1),
        **dict([wrapped.in_mail("a.xlsx", opp), wrapped.in_zip("tek.xlsx", tek)]),
        "~$b.xlsx": b"Kari",
    }
    for name, content in files.items():
        (tmp_path / "svar").mkdir(exist_ok=True)
        (tmp_path / "svar" / name).write_bytes(content)
    return tmp_path


def merged(
    folder: Path, target: Path, source: str = "svar", options: Options = DEFAULT_OPTIONS
) -> flows.Result:
    """Merge the files of a folder into an appendix."""
    return flows.merge([folder / source], target, plan=folder / SENT, options=options)


def read_names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the name of each file that is read from now on."""
    names: list[str] = []
    read_return = returned_file.read_return

    def noted(found: Any, *words: Any, **options: Any) -> Any:
        names.append(found.name)
        return read_return(found, *words, **options)

    monkeypatch.setattr(returned_file, "read_return", noted)
    return names


@pytest.mark.parametrize("number", sampled(range(12)))
def test_merging_in_steps_gives_what_merging_all_at_once_gives(
    folder: Path, tmp_path: Path, number: int
) -> None:
    once, steps = tmp_path / "på en gang.xlsx", tmp_path / "stegvis.xlsx"
    whole = merged(folder, once)
    paths = sorted((folder / "svar").iterdir())
    chance = Random(number)
    chance.shuffle(paths)
    (folder / "inn").mkdir()
    while paths:
        for path in [paths.pop() for _ in range(min(len(paths), chance.randint(1, 4)))]:
            shutil.copy(path, folder / "inn")
        last = merged(folder, steps, "inn")
    assert last.findings == whole.findings
    assert steps.read_bytes() == once.read_bytes()


@pytest.mark.parametrize("number", [*sampled(range(12)), *LATER])
def test_it_does_so_in_generated_rounds(tmp_path: Path, number: int) -> None:
    """Several forms of a round, each edited at random as people do, in a random order."""
    chance = Random(number)
    round_ = sorted(ROUNDS)[number % len(ROUNDS)]
    edits = LAWS["conserved"][1]
    names = sorted(edits if round_ in TABLES else edits.keys() - {LAWS["conserved"][2]})
    register = Register(ROUNDS[round_][0], key=KEY)
    (tmp_path / SENT).write_bytes(write_appendix(register))
    paths = []
    for n in range(chance.randint(2, 4)):
        hand = Hand(Random(f"{number} {n}"))
        chosen = [edits[hand.choose(names)] for _ in range(chance.randint(0, 3))]
        paths.append(tmp_path / "svar" / f"{n}.xlsx")
        paths[-1].parent.mkdir(exist_ok=True)
        paths[-1].write_bytes(returned(round_, chosen, hand).content)
    once, steps = tmp_path / "på en gang.xlsx", tmp_path / "stegvis.xlsx"
    whole = merged(tmp_path, once)
    chance.shuffle(paths)
    (tmp_path / "inn").mkdir()
    for path in paths:
        shutil.copy(path, tmp_path / "inn")
        last = merged(tmp_path, steps, "inn")
    assert last.findings == whole.findings
    assert steps.read_bytes() == once.read_bytes()
    assert merged(tmp_path, steps, "inn").is_unchanged


def test_a_second_merge_reads_only_what_is_new(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "vedlegg.xlsx"
    merged(folder, target)
    names = read_names(monkeypatch)
    (folder / "svar" / "ny.xlsx").write_bytes(
        small.filled((folder / TEK).read_bytes(), {"TEK-002": 3})
    )
    merged(folder, target)
    assert {*names} == {"ny.xlsx", "svar.eml"}  # it has a copy of b.xlsx, which may be gone


def test_findings_and_exit_code_are_those_of_a_full_merge(
    folder: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "vedlegg.xlsx"
    words = ("merge", folder / "svar", "--plan", folder / SENT, "-o", target, "--json")
    first, second = run(*words), run(*words)
    monkeypatch.setattr(KnownFiles, "find", lambda *_: None)
    full = run(*words)
    assert first.code == second.code == full.code == 1
    for key in ("findings", "areas", "total"):
        assert first.object[key] == second.object[key] == full.object[key]
    outcomes = [
        sorted((file["name"], file["outcome"]) for file in done.object["files"])
        for done in (second, full)
    ]
    assert outcomes[0] == outcomes[1]


def test_where_nothing_is_new_nothing_is_written(folder: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "vedlegg.xlsx"
    words = ("merge", folder / "svar", "--plan", folder / SENT, "-o", target)
    code = run(*words).code
    os.utime(target, ns=(1, 1))
    done = run(*words)
    assert done.code == code
    assert "Ingenting er nytt: vedlegg.xlsx er som før." in done.out
    assert target.stat().st_mtime_ns == 1
    found = run(*words, "--json").object
    assert (found["unchanged"], found["written"]) == (True, [])


def retitle_plan(folder: Path, _: Path) -> None:
    """Give a measure another title in the plan."""
    _retype(folder / SENT, "OPP-003", small.NAME, "Kurs i hjertestarter")


def decide(_: Path, target: Path) -> None:
    """Type a value in the appendix."""
    _retype(target, "OPP-002", small.STATUS, 3)


def add_file(folder: Path, _: Path) -> None:
    """Add an answer."""
    content = small.filled((folder / TEK).read_bytes(), {"TEK-002": 3})
    (folder / "svar" / "ny.xlsx").write_bytes(content)


def change_file(folder: Path, _: Path) -> None:
    """Change an answer."""
    (folder / "svar" / "notat.txt").write_text("Noe annet.", "utf-8")


def remove_file(folder: Path, _: Path) -> None:
    """Remove an answer."""
    (folder / "svar" / "skadd.xlsx").unlink()


def _retype(path: Path, ref: str, heading: str, value: object) -> None:
    book = book_of(path.read_bytes())
    small.cell_of(book["Oppvekst"], ref, heading).value = value
    book.save(path)


@pytest.mark.parametrize("change", [retitle_plan, decide, add_file, change_file, remove_file])
def test_what_is_new_is_written(
    folder: Path, tmp_path: Path, change: Callable[[Path, Path], None]
) -> None:
    target = tmp_path / "vedlegg.xlsx"
    merged(folder, target)
    assert merged(folder, target).is_unchanged
    change(folder, target)
    done = merged(folder, target)
    assert done.written == (target,)
    again = merged(folder, target)
    assert again.is_unchanged
    assert again.findings == done.findings


def test_other_rows_in_the_plan_let_all_files_be_read_and_replace_their_records(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "vedlegg.xlsx"
    before = {f.judged_by for f in merged(folder, target).register.returned_files if f.sha256}
    retitle_plan(folder, target)
    names = read_names(monkeypatch)
    after = {f.judged_by for f in merged(folder, target).register.returned_files if f.sha256}
    assert len(names) == len(list((folder / "svar").iterdir()))
    assert len(before) == len(after) == 1
    assert before != after


def test_another_version_of_the_reader_reads_all_files(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "vedlegg.xlsx"
    merged(folder, target)
    monkeypatch.setattr("xltiltak.snapshot.hidden_sheet.__version__", "99")
    names = read_names(monkeypatch)
    merged(folder, target)
    assert len(names) == len(list((folder / "svar").iterdir()))


def test_forms_to_send_back_are_made_of_files_that_were_merged_before(
    folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "vedlegg.xlsx"
    first, second = tmp_path / "rettes 1", tmp_path / "rettes 2"
    merged(folder, target, options=Options(corrections_folder=first))
    merged(folder, target, options=Options(corrections_folder=second))
    forms = {path.name: path.read_bytes() for path in first.iterdir()}
    assert forms
    assert forms == {path.name: path.read_bytes() for path in second.iterdir()}


def test_a_file_that_an_error_of_ours_stopped_is_read_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "vedlegg.xlsx"
    with monkeypatch.context() as broken:
        broken.setattr(returned_file, "_judge_changes", lambda *_: 1 / 0)
        for _ in range(2):
            assert merged(folder, target).traces
    done = merged(folder, target)
    assert not done.traces
    assert done.written == (target,)
    fresh = tmp_path / "ny.xlsx"
    assert merged(folder, fresh).findings == done.findings
    assert fresh.read_bytes() == target.read_bytes()


def test_a_check_against_an_appendix_does_not_read_what_it_has(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "vedlegg.xlsx"
    first = merged(folder, target)
    names = read_names(monkeypatch)
    done = flows.check([folder / "svar"], plan=target)
    assert "skadd.xlsx" not in names
    assert done.findings == first.findings
