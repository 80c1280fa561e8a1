"""Test that files are written completely or not at all, and that files are listed."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

import pytest

from tests import small
from tests.forms import received_from
from tests.running import OPP, SENT, round_in
from xltiltak import flows
from xltiltak.model import files
from xltiltak.model.errors import OutputError, PlanError
from xltiltak.model.files import FoundFile

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def names(folder: Path) -> list[str]:
    """Everything in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def test_files_are_written_with_the_folders_they_need(tmp_path: Path) -> None:
    one, two = tmp_path / "Ny mappe" / "æøå.xlsx", tmp_path / "b.xlsx"
    assert files.write({one: b"1", two: b"2"}) == (one, two)
    assert (one.read_bytes(), two.read_bytes()) == (b"1", b"2")
    assert names(one.parent) == ["æøå.xlsx"]


def test_what_exists_is_not_touched_without_force(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"old")
    with pytest.raises(OutputError) as stopped:
        files.write({tmp_path / "b.xlsx": b"new", tmp_path / "a.xlsx": b"new"})
    assert (stopped.value.key, stopped.value.values["files"]) == ("exists", "a.xlsx")
    assert names(tmp_path) == ["a.xlsx"]
    assert (tmp_path / "a.xlsx").read_bytes() == b"old"


def test_all_that_exists_is_named_at_once(tmp_path: Path) -> None:
    targets = [tmp_path / name for name in ("a.xlsx", "b.xlsx", "c.xlsx")]
    for target in targets[:2]:
        target.write_bytes(b"")
    with pytest.raises(OutputError, match=r"a\.xlsx, b\.xlsx"):
        files.refuse_existing(targets, force=False)
    files.refuse_existing(targets, force=True)


def test_force_writes_over(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"old and longer")
    files.write({tmp_path / "a.xlsx": b"new"}, force=True)
    assert (tmp_path / "a.xlsx").read_bytes() == b"new"
    assert names(tmp_path) == ["a.xlsx"]


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_nothing_changes_when_a_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    targets = [tmp_path / f"{n}.xlsx" for n in range(3)]
    targets[0].write_bytes(b"old")
    calls = iter(range(1, 9))

    def full(_: int) -> None:
        if next(calls) == failing:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError) as stopped:
        files.write(dict.fromkeys(targets, b"new"), force=True)
    assert stopped.value.key == "disk_full"
    assert stopped.value.values["file"] == str(targets[failing - 1])
    assert names(tmp_path) == ["0.xlsx"]
    assert targets[0].read_bytes() == b"old"


def test_a_file_another_program_holds_open_stands_and_the_new_one_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = tmp_path / "Vedlegg æ.xlsx"
    locked.write_bytes(b"old")
    renamed = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if Path(target) == locked:
            raise PermissionError(13, "Permission denied")
        return renamed(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OutputError) as stopped:
        files.write({locked: b"new"}, force=True)
    assert (stopped.value.key, stopped.value.values["beside"]) == (
        "held_open",
        "Vedlegg æ (2).xlsx",
    )
    assert locked.read_bytes() == b"old"
    assert (tmp_path / "Vedlegg æ (2).xlsx").read_bytes() == b"new"
    assert names(tmp_path) == ["Vedlegg æ (2).xlsx", "Vedlegg æ.xlsx"]


@pytest.mark.parametrize("locked", [0, 1, 2])
def test_no_temporary_file_is_left_when_one_of_several_is_held_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locked: int
) -> None:
    targets = [tmp_path / f"{n}.xlsx" for n in range(3)]
    for target in targets:
        target.write_bytes(b"old")
    renamed = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if Path(target) == targets[locked]:
            raise PermissionError(13, "Permission denied")
        return renamed(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OutputError):
        files.write(dict.fromkeys(targets, b"new"), force=True)
    assert names(tmp_path) == sorted([*(f"{n}.xlsx" for n in range(3)), f"{locked} (2).xlsx"])
    assert targets[locked].read_bytes() == b"old"
    assert [t.read_bytes() for n, t in enumerate(targets) if n != locked] == [b"new", b"new"]


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(OutputError) as stopped:
        files.write({tmp_path / "b.xlsx": b"1", tmp_path / "a.xlsx": b"1"}, force=True)
    assert stopped.value.key == "folder_in_the_way"
    assert names(tmp_path) == ["a.xlsx"]


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "fil").write_bytes(b"x")
    with pytest.raises(OutputError) as stopped:
        files.write({tmp_path / "fil" / "under" / "a.xlsx": b"1"})
    assert stopped.value.key == "file_in_the_way"
    assert names(tmp_path) == ["fil"]


@pytest.mark.skipif(AS_ROOT, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written_in_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError):
        files.write({tmp_path / "a.xlsx": b"1"})
    tmp_path.chmod(0o700)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_rights_of_any_other(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        files.write({tmp_path / "a.xlsx": b"1"})
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.xlsx").stat().st_mode) == 0o666 & ~mask


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / ("å" * 110 + ".xlsx")
    files.write({target: b"1"})
    assert target.read_bytes() == b"1"


def test_a_folder_is_everything_directly_in_it_but_what_the_system_leaves(tmp_path: Path) -> None:
    names = ("b.xlsx", "a.XLSX", "svar.pdf", "notat.txt", "~$b.xlsx")
    for name in (*names, "Thumbs.db", ".DS_Store", "desktop.ini"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "under").mkdir()
    (tmp_path / "under" / "f.xlsx").write_bytes(b"")
    assert [file.name for file in files.list_files([tmp_path])] == sorted(
        [*names, "under › f.xlsx"]
    )


def test_a_file_given_twice_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"")
    assert files.list_files([path, tmp_path, path]) == [FoundFile(path, path.name)]


def test_a_file_that_is_named_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    path = tmp_path / "svar uten endelse"
    path.write_bytes(b"")
    assert files.list_files([path]) == [FoundFile(path, path.name)]


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError) as stopped:
        files.list_files([tmp_path, tmp_path / "borte.xlsx"])
    assert (stopped.value.key, stopped.value.values["path"]) == (
        "not_there",
        str(tmp_path / "borte.xlsx"),
    )


def test_reading_a_folder_or_nothing_is_told(tmp_path: Path) -> None:
    for path, key in ((tmp_path, "is_folder"), (tmp_path / "borte.xlsx", "not_there")):
        with pytest.raises(PlanError) as stopped:
            files.read(path)
        assert stopped.value.key == key


def test_a_file_too_large_is_never_read(tmp_path: Path) -> None:
    path = tmp_path / "stor.xlsx"
    with path.open("wb") as file:
        file.truncate((256 << 20) + 1)
    with pytest.raises(PlanError) as stopped:
        files.read(path)
    assert stopped.value.key == "too_large"


@pytest.mark.parametrize(
    "content",
    [
        "Måned – ø".encode(),
        "Måned – ø".encode("utf-8-sig"),
        "Måned – ø".encode("utf-16"),
        b"\xff\xfe" + "Måned – ø".encode("utf-16-le"),
        b"\xfe\xff" + "Måned – ø".encode("utf-16-be"),
        "Måned – ø".encode("cp1252"),
    ],
)
def test_text_in_the_encodings_of_common_editors_is_decoded(content: bytes) -> None:
    assert files.decode_text(content, "a.txt") == "Måned – ø"


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"\xe5 \x81", "å \ufffd"), (b"\xff\xfea\0b", "a\ufffd")],
    ids=["no character of Windows-1252", "half a character of UTF-16"],
)
def test_bytes_that_no_encoding_has_are_refused_or_replaced(content: bytes, text: str) -> None:
    with pytest.raises(PlanError, match=r"a\.txt") as stopped:
        files.decode_text(content, "a.txt")
    assert stopped.value.key == "encoding"
    assert files.decode_text(content, "a.txt", errors="replace") == text


@pytest.mark.parametrize("name", ["~$OPP.xlsx", "._OPP.xlsx", ".~lock.OPP.xlsx"])
def test_what_programs_leave_behind_is_skipped_with_a_note(tmp_path: Path, name: str) -> None:
    sent, folder = small.report(tmp_path), tmp_path / "inn"
    folder.mkdir()
    for ref, form in small.forms(sent).items():
        (folder / f"{ref}.xlsx").write_bytes(form)
    (folder / name).write_bytes(b"eier" + b"\0" * 160)
    done = flows.check([folder])
    assert [
        (f.code, f.severity, f.place.file)
        for f in done.findings
        if f.code[0] == "F" and f.place.file
    ] == [("F005", "note", name)]
    assert {path.name: received.outcome for path, received in done.returned_files}[
        name
    ] == "skipped"


def test_a_file_that_vanishes_while_it_is_read_stops_no_batch(tmp_path: Path) -> None:
    received = received_from(tmp_path / "borte.xlsx")
    assert (received.outcome, [f.code for f in received.findings]) == ("refused", ["F009"])
    assert "borte.xlsx" in received.findings[0].sentence("nb")


def test_a_file_another_program_holds_is_told_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, folder = small.report(tmp_path), tmp_path / "inn"
    folder.mkdir()
    for ref, form in small.forms(sent).items():
        (folder / f"{ref}.xlsx").write_bytes(form)
    opened = Path.open

    def locked(path: Path, mode: str) -> IO[Any]:
        if path.name == "OPP.xlsx":
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, mode)

    monkeypatch.setattr(Path, "open", locked)
    outcomes = {path.name: received_from(path) for path in sorted(folder.iterdir())}
    assert outcomes["OPP.xlsx"].outcome == "refused"
    assert "Lukk den i andre programmer" in outcomes["OPP.xlsx"].findings[0].sentence("nb")
    assert outcomes["TEK.xlsx"].outcome == "read"


def test_a_file_not_fetched_from_the_cloud_yet_says_so(tmp_path: Path) -> None:
    (tmp_path / "svar.xlsx").write_bytes(b"")
    (told,) = received_from(tmp_path / "svar.xlsx").findings
    assert (told.code, "skyen" in told.sentence("nb")) == ("F005", True)


def test_a_file_too_large_among_returns_is_named_with_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "svar.xlsx").write_bytes(b"PK" * 100)
    monkeypatch.setattr(files, "LARGEST", 100)
    (told,) = received_from(tmp_path / "svar.xlsx").findings
    assert told.code == "F007"
    assert "200 byte" in told.sentence("nb")


@pytest.mark.parametrize(
    ("number", "key"),
    [(errno.ENOSPC, "disk_full"), (errno.EROFS, "may_not_write"), (errno.EIO, "cannot_write")],
)
def test_why_a_file_cannot_be_written_is_said_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, key: str
) -> None:
    def failing(**_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "mkstemp", failing)
    with pytest.raises(OutputError) as stopped:
        files.write({tmp_path / "a.xlsx": b"1"})
    assert stopped.value.key == key
    assert all("a.xlsx" in stopped.value.message(language) for language in ("nb", "nn", "sv", "en"))


def test_an_answer_is_never_written_over_by_the_appendix(tmp_path: Path) -> None:
    folder = round_in(tmp_path)
    before = (folder / OPP).read_bytes()
    with pytest.raises(OutputError) as stopped:
        flows.merge([folder / "ut"], folder / OPP, plan=folder / SENT, force=True)
    assert stopped.value.key == "is_an_answer"
    assert (folder / OPP).read_bytes() == before
    flows.merge([folder / "ut"], folder / "ut" / "vedlegg.xlsx", plan=folder / SENT)
    flows.merge(
        [folder / "ut"], folder / "ut" / "vedlegg.xlsx", plan=folder / SENT, force=True
    )  # that one may be


def test_a_plan_not_fetched_from_the_cloud_yet_says_so(tmp_path: Path) -> None:
    (tmp_path / "plan.xlsx").write_bytes(bytes(4096))
    with pytest.raises(PlanError) as stopped:
        flows.read_plan(tmp_path / "plan.xlsx")
    assert stopped.value.key == "empty_plan"


def test_where_nothing_could_be_read_every_area_is_missing(tmp_path: Path) -> None:
    folder = round_in(tmp_path)
    (folder / "svar.xlsx").write_bytes(b"")
    done = flows.merge([folder / "svar.xlsx"], folder / "v.xlsx", plan=folder / SENT)
    assert [f.code for f in done.findings] == ["F005", "M101", "M101"]


@pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows")
def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "arkiv").mkdir()
    real, link = tmp_path / "arkiv" / "v.xlsx", tmp_path / "v.xlsx"
    real.write_bytes(b"old")
    link.symlink_to(real)
    with pytest.raises(OutputError):
        files.write({link: b"new"})
    assert files.write({link: b"new"}, force=True) == (link,)
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert names(tmp_path / "arkiv") == ["v.xlsx"]


@pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows")
@pytest.mark.parametrize("target", ["borte.xlsx", "v.xlsx"], ids=["to nothing", "to itself"])
def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path, target: str) -> None:
    link = tmp_path / "v.xlsx"
    link.symlink_to(tmp_path / target)
    with pytest.raises((OutputError, PlanError)):
        files.write({tmp_path / "a.xlsx": b"1", link: b"new"}, force=True)
    assert names(tmp_path) == ["v.xlsx"]
    assert link.is_symlink()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.xlsx")
    with pytest.raises(PlanError) as read:
        files.read(tmp_path / "a.xlsx")
    with pytest.raises(OutputError) as written:
        files.write({tmp_path / "a.xlsx": b"1"}, force=True)
    assert (read.value.key, written.value.key) == ("special_file", "special_target")
    (told,) = received_from(tmp_path / "a.xlsx").findings
    assert (told.code, "kø" in told.sentence("nb")) == ("F009", True)


@pytest.mark.parametrize("twin", ["A.xlsx", "x/../a.xlsx"])
def test_one_file_is_not_written_twice(tmp_path: Path, twin: str) -> None:
    with pytest.raises(OutputError):
        files.write({tmp_path / "a.xlsx": b"1", tmp_path / twin: b"2"})
    assert names(tmp_path) == []


def test_a_file_that_is_read_is_never_written_over(tmp_path: Path) -> None:
    source = tmp_path / "a.xlsx"
    source.write_bytes(b"1")
    same = [source, tmp_path / "x" / ".." / "a.xlsx"]
    (tmp_path / "x").mkdir()
    if os.name != "nt":
        (tmp_path / "lenke.xlsx").symlink_to(source)
        (tmp_path / "hard.xlsx").hardlink_to(source)
        same += [tmp_path / "lenke.xlsx", tmp_path / "hard.xlsx"]
    for target in same:
        with pytest.raises(OutputError):
            files.refuse_sources([target], [source])
    files.refuse_sources([tmp_path / "b.xlsx"], [source, tmp_path / "borte.xlsx"])


@pytest.mark.parametrize("name", ["a" * 300 + ".xlsx", "a" * 300 + "/a.xlsx", "a\0b.xlsx"])
def test_a_name_that_no_file_can_have_is_told(tmp_path: Path, name: str) -> None:
    for attempt in (
        lambda path: files.refuse_existing([path], force=True),
        lambda path: files.write({path: b"1"}),
        files.read,
        lambda path: files.list_files([path]),
    ):
        with pytest.raises((OutputError, PlanError)) as stopped:
            attempt(tmp_path / name)
        assert stopped.value.key in ("name_too_long", "bad_name", "not_there")
        assert len(stopped.value.message("nb")) < 400
    assert names(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a folder that is in use")
def test_a_working_folder_that_was_deleted_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "borte"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    for attempt in (
        lambda path: files.write({path: b"1"}),
        files.read,
        files.resolved,
    ):
        with pytest.raises((OutputError, PlanError)) as stopped:
            attempt(Path("a.xlsx"))
        assert stopped.value.key == "no_working_folder"
    assert files.working_folder() is None
    files.write({tmp_path / "a.xlsx": b"1"})


def test_an_interrupted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = iter(range(9))

    def interrupted(_: int) -> None:
        if next(calls) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write({tmp_path / f"{n}.xlsx": b"1" for n in range(3)})
    assert names(tmp_path) == []


KILLED = """
import os, sys
from pathlib import Path
from xltiltak.model import files
calls = iter(range(9))
def killed(_):
    if next(calls) == 1:
        os._exit(9)
os.fsync = killed
files.write({Path(sys.argv[1]) / f"{n}.xlsx": b"1" for n in range(3)})
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows waits an hour")
def test_what_a_killed_run_leaves_is_no_answer_and_is_deleted_by_the_next(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    left = names(tmp_path)
    assert len(left) == 2
    assert all(name.startswith(".xltiltak-") for name in left)
    assert files.list_files([tmp_path]) == []
    (told,) = received_from(tmp_path / left[0]).findings
    assert told.code == "F005"
    files.write({tmp_path / "a.xlsx": b"1"})
    assert names(tmp_path) == ["a.xlsx"]


def test_only_old_or_dead_files_of_ours_are_deleted(tmp_path: Path) -> None:
    machine = files._machine()
    alive = f".xltiltak-{machine}-{os.getpid()}-abcdefgh.tmp"
    others = f".xltiltak-{'0' * 8}-99999999-abcdefgh.tmp"
    foreign = (".xltiltak-notat.tmp", ".xltiltak-abcdefgh.tmp.bak", "xltiltak-abcdefgh.tmp")
    old = (".xltiltak-abcdefgh.xlsx", f".xltiltak-{'0' * 8}-1-abcdefgh.tmp")
    for name in (alive, others, *foreign, *old):
        (tmp_path / name).write_bytes(b"1")
    for name in (*foreign, *old):
        os.utime(tmp_path / name, (0, 0))
    files.write({tmp_path / "a.xlsx": b"1"})
    assert names(tmp_path) == sorted([alive, others, *foreign, "a.xlsx"])


def test_the_plan_as_sent_gets_its_name_last(tmp_path: Path) -> None:
    folder = round_in(tmp_path)
    (folder / SENT).unlink()
    *forms, sent = flows.split(
        folder / "plan.xlsx", folder / "ny", day=small.LAST, mail=True
    ).written
    assert sent == folder / SENT
    assert all(form.parent == folder / "ny" for form in forms)


def test_reading_stops_at_the_bound_though_the_size_said_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"x" * 1000)
    stated = path.stat()
    grown = os.stat_result((*stated[:6], 10, *stated[7:]))
    monkeypatch.setattr(Path, "stat", lambda *_, **__: grown)
    assert files.read(path) == b"x" * 1000
    with pytest.raises(PlanError, match="500"):
        files.read(path, 500)
