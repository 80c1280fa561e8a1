"""Test `merge --watch`: a file is merged when it is whole, and Ctrl+C stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import pytest

from tests import small
from tests.running import OPP, SENT, TEK, answer, round_in
from xltiltak import flows
from xltiltak.cli import watching
from xltiltak.cli.watching import Arrivals
from xltiltak.intake.returned_file import Options
from xltiltak.model.report import Slot

_SECONDS = 60  # to wait for a line


# A process that a script starts in the background is deaf to Ctrl+C, and so are its children.
START = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from xltiltak.__main__ import main; sys.exit(main())"
)


class Watcher:
    """A `merge --watch` in a process of its own, and the lines that it prints."""

    def __init__(self, folder: Path) -> None:
        words = ["merge", "--watch", "inn", "--plan", SENT, "-o", "vedlegg.xlsx"]
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, *words],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env={**os.environ, "XLTILTAK_LANG": "nb", "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        self.lines: Queue[str] = Queue()
        Thread(target=self._collect, daemon=True).start()

    def _collect(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def line(self) -> str:
        """Return the next line without the time of the day."""
        return self.lines.get(timeout=_SECONDS).partition(" ")[2]

    def stop(self) -> int:
        """Press Ctrl+C and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(_SECONDS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a round with answers, and an empty folder `inn` for them."""
    round_in(tmp_path)
    answer(tmp_path, "OPP-001", 4)
    answer(tmp_path, "TEK-001", 9)
    (tmp_path / "inn").mkdir()
    return tmp_path


@pytest.fixture
def watcher(folder: Path) -> Iterator[Watcher]:
    """Return a watcher of the folder; it is ended with the test."""
    watcher = Watcher(folder)
    yield watcher
    watcher.process.kill()
    watcher.process.wait()
    assert watcher.process.stdout
    watcher.process.stdout.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there Ctrl+C goes to a whole console")
def test_files_that_come_slowly_are_merged_when_they_are_whole(
    folder: Path, watcher: Watcher
) -> None:
    assert watcher.line() == "Ser etter svar i inn. Trykk Ctrl+C for å stoppe."
    (folder / "inn" / "~$OPP.xlsx").write_bytes(b"Kari")
    content = (folder / OPP).read_bytes()
    with (folder / "inn" / "OPP.xlsx").open("wb") as file:
        for at in range(0, len(content), len(content) // 3 + 1):
            file.write(content[at : at + len(content) // 3 + 1])
            file.flush()
            assert watcher.lines.empty()
            time.sleep(2 * watching.PAUSE)
    assert watcher.line().startswith("OPP.xlsx · 0 feil")
    values = flows.read_plan(folder / "vedlegg.xlsx").report.values
    assert values[Slot("OPP-001", "status", small.LAST)] == 4
    (folder / "inn" / "TEK.xlsx").write_bytes((folder / TEK).read_bytes())
    assert watcher.line().startswith("TEK.xlsx · 1 feil")
    time.sleep(3 * watching.PAUSE)
    with pytest.raises(Empty):
        watcher.lines.get_nowait()
    assert watcher.stop() == 1
    assert watcher.process.wait() == 1


def test_a_file_that_never_gets_whole_is_merged_after_a_while(tmp_path: Path) -> None:
    half, text = tmp_path / "halv.xlsx", tmp_path / "notat.txt"
    half.write_bytes(b"PK\x03\x04")
    text.write_text("Hei", "utf-8")
    arrivals = Arrivals([tmp_path])
    arrivals.look()
    assert not arrivals.whole
    arrivals.look()
    assert set(arrivals.whole) == {text}
    for _ in range(watching._PATIENCE - 1):
        assert not arrivals.is_whole(half)
        arrivals.look()
    assert set(arrivals.whole) == {half, text}


def _rewrite(path: Path) -> None:
    path.write_text("Lengre enn før", "utf-8")


@pytest.mark.parametrize(
    ("event", "is_news"),
    [
        (lambda folder: (folder / "ny.txt").write_text("Ny", "utf-8"), True),
        (lambda folder: (folder / "notat.txt").unlink(), True),
        (lambda folder: _rewrite(folder / "notat.txt"), True),
        (lambda folder: (folder / "~$notat.xlsx").write_bytes(b"Kari"), False),
        (lambda folder: (folder / ".~lock.notat.xlsx#").write_bytes(b"Kari"), False),
        (lambda folder: (folder / "vedlegg.xlsx").write_bytes(b"PK"), False),
        (lambda folder: (folder / "svar.xlsx.crdownload").write_bytes(b"PK"), False),
        (lambda _: None, False),
    ],
)
def test_what_is_news(tmp_path: Path, event: Callable[[Path], object], *, is_news: bool) -> None:
    (tmp_path / "notat.txt").write_text("Hei", "utf-8")
    arrivals = Arrivals([tmp_path], [tmp_path / "vedlegg.xlsx"])
    for _ in range(2):
        arrivals.look()
    assert arrivals.news() == [tmp_path / "notat.txt"]
    arrivals.merged = dict(arrivals.whole)
    event(tmp_path)
    assert not arrivals.news()
    arrivals.look()
    arrivals.look()
    assert bool(arrivals.news()) is is_news


def test_nothing_is_merged_while_a_merged_file_is_written_again(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("Hei", "utf-8")
    arrivals = Arrivals([tmp_path])
    for _ in range(2):
        arrivals.look()
    arrivals.merged = dict(arrivals.whole)
    (tmp_path / "c.txt").write_text("Ny", "utf-8")
    arrivals.look()
    _rewrite(tmp_path / "a.txt")
    arrivals.look()
    assert not arrivals.news()
    arrivals.look()
    assert {path.name for path in arrivals.news()} == {"a.txt", "c.txt"}


def test_a_folder_that_is_away_for_a_while_stops_nothing(tmp_path: Path) -> None:
    arrivals = Arrivals([tmp_path / "borte"])
    arrivals.look()
    assert not arrivals.whole


def test_a_merge_writes_nothing_if_a_file_changes_while_it_is_read(folder: Path) -> None:
    answers = [True] * 3  # whole when it is listed, and not when it has been read
    (folder / "inn" / "OPP.xlsx").write_bytes((folder / OPP).read_bytes())
    options = Options(is_whole=lambda _: len(answers) > 2 and bool(answers.pop()))
    done = flows.merge(
        [folder / "inn"], folder / "vedlegg.xlsx", plan=folder / SENT, options=options
    )
    assert not done.written
    assert not (folder / "vedlegg.xlsx").exists()
