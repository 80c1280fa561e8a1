"""One file never stops the others, and an error of this program is told as one.

An error is put into each stage of reading a file, for the first file of a round. The law: the file
gets F010 with its cells quoted, the other file is merged, the appendix is written, the exit code is
4, and the path of the log stands on standard error only.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import InvalidOperation
from itertools import chain
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

import xltiltak
from tests.running import OPP, SENT, Run, answer, round_in
from tests.small import LAST
from tests.tampering import record_of, with_record
from xltiltak import flows
from xltiltak.flows import merged_returns, split_flow
from xltiltak.intake import (
    form_reader,
    processes,
    return_rules,
    returned_file,
    row_reader,
)
from xltiltak.mail import reminders
from xltiltak.merging import merge
from xltiltak.merging.collection import is_other_round
from xltiltak.model import internal_errors
from xltiltak.model.errors import InternalError, PlanError
from xltiltak.model.files import FoundFile, list_files
from xltiltak.model.internal_errors import write_log
from xltiltak.model.register import Register, ReturnedFile, Submission
from xltiltak.plan import plan_reader
from xltiltak.sheets import appendix, forms
from xltiltak.xlsx import package, sheet_reader

STAGES = [
    (package.Package, "read"),
    (sheet_reader, "read_workbook_parts"),
    (sheet_reader, "_parse_cells"),
    (form_reader, "read_sheets"),
    (form_reader, "parse_snapshot"),
    (form_reader, "locate_sheet"),
    (form_reader, "read_unmoved"),
    (form_reader, "repair_row_keys"),
    (row_reader.RowReader, "read"),
    (form_reader, "content_outside_grid"),
    (returned_file, "last_saved"),
    (returned_file, "check_sheet"),
    (return_rules, "_quote"),
    (returned_file, "judge"),
    (returned_file, "proposals"),
    (returned_file, "active_content"),
]
ERRORS = (KeyError(), InvalidOperation(), RecursionError(), MemoryError(), PlanError("exists"))


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the logs, which is one of the test."""
    folder = tmp_path / "logger"
    for name in ("XDG_STATE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(folder))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a round whose two forms are answered, one with a word for a number."""
    folder = round_in(tmp_path)
    answer(folder, "OPP-001", "fire")
    answer(folder, "TEK-001", 4)
    return folder


def fail_at(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, error: BaseException, times: int = 1
) -> None:
    """Let a function raise the error when the first file is read."""
    right: Callable[..., Any] = getattr(owner, name)
    left = [error] * times
    state = {"reads": False}

    def failing(*arguments: Any, **named: Any) -> Any:
        if left and state["reads"]:
            raise left.pop()
        return right(*arguments, **named)

    monkeypatch.setattr(owner, name, failing)
    read_found = returned_file._read_found

    def reading(found: FoundFile, *known: Any) -> Iterator[ReturnedFile]:
        state["reads"] = True
        return read_found(found, *known)

    monkeypatch.setattr(returned_file, "_read_found", reading)


@pytest.mark.parametrize(("owner", "name"), STAGES, ids=[name for _, name in STAGES])
def test_an_error_at_any_stage_stops_one_file_only(
    owner: Any, name: str, folder: Path, logs: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name != "read_unmoved":
        monkeypatch.setattr(form_reader, "read_unmoved", lambda *_: False)  # so that rows are read
    fail_at(monkeypatch, owner, name, KeyError("navn"))
    result = run("merge", folder / "ut", "--plan", folder / SENT, "-o", folder / "v.xlsx", "--json")
    assert result.code == 4
    (told,) = [f for f in result.object["findings"] if f["code"] == "F010"]
    assert (told["file"], told["severity"], told["values"]["error"]) == (
        Path(OPP).name,
        "error",
        "KeyError",
    )
    quoted = [f["values"]["value"] for f in result.object["findings"] if f["code"] == "S108"]
    assert any("fire" in text for text in quoted), quoted
    assert not any("_xltiltak" in text for text in quoted)
    values = flows.read_plan(folder / "v.xlsx").report.values
    assert [v for s, v in values.items() if s.date == LAST and s.field == "status"] == [4]
    (log,) = logs.rglob("*.log")
    assert "navn" in log.read_text("utf-8")
    assert str(log) in result.err
    assert str(folder) not in str(result.object["findings"])
    with ZipFile(folder / "v.xlsx") as archive:
        parts = [archive.read(part) for part in archive.namelist()]
    assert not any(str(folder).encode() in part or b"Traceback" in part for part in parts)


def test_a_file_that_stops_the_merge_is_left_out_of_it(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(submission: Submission, current: date | None) -> bool:
        if submission.area == "OPP":
            raise KeyError(submission.area)
        return is_other_round(submission, current)

    monkeypatch.setattr(merge, "is_other_round", failing)
    result = run("merge", folder / "ut", "--plan", folder / SENT, "-o", folder / "v.xlsx", "--json")
    assert (result.code, "F010" in result.codes) == (4, True)
    values = flows.read_plan(folder / "v.xlsx").report.values
    assert [v for s, v in values.items() if s.date == LAST and s.field == "status"] == [4]


def test_two_files_that_stop_the_merge_together_leave_the_others(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "ut" / "OPP kopi.xlsx").write_bytes((folder / OPP).read_bytes())
    answer(folder, "OPP-002", 3)

    def failing(files: Iterable[ReturnedFile]) -> Iterator[ReturnedFile]:
        files = list(files)
        if sum(s.area == "OPP" for file in files for s in file.submissions) > 1:
            raise KeyError("OPP")
        return iter(files)

    monkeypatch.setattr(merge, "_without_copies", failing)
    result = run("merge", folder / "ut", "--plan", folder / SENT, "-o", folder / "v.xlsx", "--json")
    assert (result.code, result.codes.count("F010")) == (4, 1)
    values = flows.read_plan(folder / "v.xlsx").report.values
    assert [v for s, v in values.items() if s.date == LAST and s.field == "status"] == [4]


def test_a_file_that_stops_the_writing_of_the_appendix_is_left_out_of_it(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(folder, "OPP-001", 5)
    right = appendix.write_appendix

    def failing(register: Register, *parts: Any) -> bytes:
        if 5 in [v for s, v in register.report.values.items() if s.date == LAST]:
            raise KeyError("5")
        return right(register, *parts)

    monkeypatch.setattr(appendix, "write_appendix", failing)
    result = run("merge", folder / "ut", "--plan", folder / SENT, "-o", folder / "v.xlsx", "--json")
    (told,) = [f for f in result.object["findings"] if f["code"] == "F010"]
    assert (result.code, told["file"]) == (4, Path(OPP).name)
    values = flows.read_plan(folder / "v.xlsx").report.values
    assert [v for s, v in values.items() if s.date == LAST and s.field == "status"] == [4]


def test_a_form_to_send_back_that_cannot_be_made_stops_nothing(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(folder, "TEK-001", "fire")
    right = forms.correction_form

    def failing(register: Register, returned: Any, areas: list[str]) -> bytes:
        if "OPP" in areas:
            raise KeyError("OPP")
        return right(register, returned, areas)

    monkeypatch.setattr(forms, "correction_form", failing)
    words = ("--plan", folder / SENT, "--fix", folder / "retur", "--json")
    merged = run("merge", folder / "ut", "-o", folder / "v.xlsx", *words)
    assert (merged.code, merged.codes.count("F010")) == (4, 1)
    assert (folder / "v.xlsx").exists()
    assert ".log" in merged.err
    assert [path.name[:7] for path in (folder / "retur").iterdir()] == ["Teknikk"]
    assert run("check", folder / "ut", *words, "--force").code == 4


def test_a_reminder_that_cannot_be_made_stops_no_other(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = reminders.mail_job

    def failing(register: Register, reminder: reminders.Reminder) -> Any:
        if reminder.area == "OPP":
            raise KeyError("OPP")
        return right(register, reminder)

    monkeypatch.setattr(reminders, "mail_job", failing)
    result = run("remind", folder / SENT, folder / "ut", "--to", folder / "purr", "--json")
    (told,) = [f for f in result.object["findings"] if f["code"] == "F010"]
    assert (result.code, told["area"]) == (4, "OPP")
    assert [path.suffix for path in (folder / "purr").iterdir()] == [".eml"]


@pytest.mark.parametrize("left", [None, b"PK\3\4", b""])
def test_a_file_that_is_gone_or_another_when_it_is_quoted_stops_nothing(
    left: bytes | None, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / OPP
    texts = record_of(path.read_bytes())
    texts["template"] = texts["template"].replace('"Fullf', '"Ufullf', 1)
    path.write_bytes(with_record(path.read_bytes(), texts))
    refuse = returned_file.refuse_unproven

    def refusing(*arguments: Any) -> ReturnedFile:
        path.unlink()
        if left is not None:
            path.write_bytes(left)
        return refuse(*arguments)

    monkeypatch.setattr(merged_returns, "refuse_unproven", refusing)
    result = run("merge", folder / "ut", "--plan", folder / SENT, "-o", folder / "v.xlsx", "--json")
    assert (result.code, "F004" in result.codes, "F010" in result.codes) == (1, True, False)
    assert (folder / "v.xlsx").exists()


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_whatever_is_raised_is_told(
    error: BaseException, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(monkeypatch, form_reader, "parse_snapshot", error)
    result = run("check", folder / "ut", "--plan", folder / SENT, "--json")
    assert (result.code, result.codes[0]) == (4, "F010")
    assert type(error).__name__ in str(result.object["findings"][0]["message"])


def test_an_interruption_stops_everything(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(monkeypatch, form_reader, "parse_snapshot", KeyboardInterrupt())
    result = run("merge", folder / "ut", "--plan", folder / SENT, "-o", folder / "v.xlsx")
    assert result.code == 3
    assert not (folder / "v.xlsx").exists()


def test_cells_are_quoted_as_stored_where_the_usual_reader_fails_again(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(monkeypatch, sheet_reader, "_parse_cells", ZeroDivisionError(), times=2)
    result = run("check", folder / OPP, "--plan", folder / SENT, "--json")
    texts = [f["values"].get("value", "") for f in result.object["findings"]]
    assert any("fire" in text for text in texts)


def test_a_file_that_cannot_even_be_quoted_is_told(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(monkeypatch, package.Package, "__init__", ZeroDivisionError(), times=3)
    result = run("check", folder / OPP, "--plan", folder / SENT, "--json")
    assert (result.code, result.codes.count("F010"), result.codes.count("S108")) == (4, 1, 0)


def test_the_exit_code_is_4_also_if_the_finding_is_not_shown(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(monkeypatch, form_reader, "parse_snapshot", KeyError())
    result = run("check", folder / "ut", "--plan", folder / SENT, "--ignore", "F,S,V,M")
    assert (result.code, "F010" in result.out) == (4, False)


def test_the_exit_code_is_4_also_if_nothing_is_written(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at(monkeypatch, form_reader, "parse_snapshot", KeyError())
    result = run("merge", folder / OPP, "-o", folder / "v.xlsx")  # no form, no plan
    assert (result.code, "F010" in result.err) == (4, True)


def test_a_file_is_read_again_when_the_program_is_mended(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    appendix = folder / "v.xlsx"
    with monkeypatch.context() as patched:
        fail_at(patched, form_reader, "parse_snapshot", KeyError())
        assert run("merge", folder / "ut", "--plan", folder / SENT, "-o", appendix).code == 4
    kept = run("check", appendix, "--json")
    assert (kept.code, "F010" in kept.codes) == (1, True)
    again = run("merge", folder / "ut", "--plan", appendix, "-o", appendix, "--force", "--json")
    assert (again.code, "F010" in again.codes, "V101" in again.codes) == (1, False, True)


def test_a_fault_in_reading_the_plan_is_a_sentence_that_names_it(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: object) -> None:
        raise KeyError("navn")

    monkeypatch.setattr(plan_reader, "is_unmodified", failing)
    result = run("split", folder / "plan.xlsx", "--to", folder / "x", "--date", "2020-12-31")
    assert result.code == 4
    assert result.err.startswith("plan.xlsx: ")
    with pytest.raises(InternalError):
        xltiltak.read(folder / "plan.xlsx")


def test_any_other_fault_is_a_sentence_too(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split_flow, "round_filename", None)
    words = ("--to", folder / "x", "--date", "2021-01-31", "--new-date", "--json")
    result = run("split", folder / "plan.xlsx", *words)
    assert (result.code, list(result.object)) == (4, ["schema", "error"])
    assert str(folder) not in result.out
    assert ".log" in result.err


def test_the_functions_for_analysts_raise_nothing_for_one_file(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fail_at(monkeypatch, form_reader, "parse_snapshot", KeyError())
    done = xltiltak.merge(folder / "ut", folder / "v.xlsx", plan=folder / SENT)
    assert [f.code for f in done.errors] == ["F010"]
    assert done.written == (folder / "v.xlsx",)
    assert ".log" in caplog.text


def test_few_logs_are_kept(logs: Path) -> None:
    for n in range(30):
        assert write_log([f"{n}\udce6" + "x" * 1_000_000])
    kept = list(logs.rglob("*.log"))
    assert len(kept) == 20
    assert max(log.stat().st_size for log in kept) < 600_000


def test_a_log_that_cannot_be_written_stops_nothing(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(internal_errors, "_write_in", full)
    fail_at(monkeypatch, form_reader, "parse_snapshot", KeyError())
    assert run("check", folder / "ut", "--plan", folder / SENT).code == 4


def dying(found: FoundFile) -> tuple[ReturnedFile, ...]:
    """Read a file, or end the process as the system does when memory is short."""
    if found.name.startswith("Opp"):
        os._exit(9)
    return returned_file.read_return(found)


@pytest.mark.slow
def test_a_process_that_dies_takes_one_file_with_it(folder: Path) -> None:
    found = list_files([folder / "ut"])
    lost = returned_file._lost_file
    read = [*chain(*processes.read_in_processes(dying, [*found, found[1]], 2, lost))]
    assert [file.outcome for file in read] == ["refused", "read", "read"]
    assert read[0].findings[0].code == "F010"


@pytest.mark.slow
def test_a_script_without_a_protected_part_reads_its_files_all_the_same(folder: Path) -> None:
    script = folder / "skript.py"
    script.write_text(
        f"import xltiltak\n"
        f"done = xltiltak.check({str(folder / 'ut')!r}, plan={str(folder / SENT)!r}, jobs=2)\n"
        f"print([finding.code for finding in done.findings])\n",
        "utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(xltiltak.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, env=environment
    )
    assert "V101" in done.stdout
    assert "F010" not in done.stdout


@pytest.mark.slow
def test_a_trace_comes_back_from_another_process(folder: Path) -> None:
    found = list_files([folder / "ut"])
    read = chain(*processes.read_in_processes(raising, found, 2, returned_file._lost_file))
    assert ["KeyError" in file.trace for file in read] == [True, True]


def raising(found: FoundFile) -> tuple[ReturnedFile, ...]:
    """Read a file with a reader that has a fault."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(returned_file, "read_form", _with_fault)
        return returned_file.read_return(found)


def _with_fault(*_: object) -> None:
    raise KeyError("navn")
