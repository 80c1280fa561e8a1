"""Provide the real programs that the tests use as fixtures: office, validator, poppler, browser.

A test that uses one gets the fixture's name as a mark. If the program is missing, the test is
skipped; on a build machine (`CI` is set) it fails.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any, NamedTuple

import pytest

from tests.office import Office, missing

PARTS = ("office", "validator", "poppler", "browser")
NODE_MODULES = "XLTILTAK_NODE_MODULES"  # the folder of Node's packages
VALIDATOR = "XLTILTAK_OOXML_VALIDATOR"  # the program's path, where it is not on the search path
TEST_SECONDS = 300  # LibreOffice is stopped if a single test takes longer
RUN_SECONDS = 300
_running = pytest.StashKey[Office]()

Validator = Callable[[Path], list[str]]


Action = tuple[str | int, ...]  # a name of `browser.cjs` and its arguments


class Seen(NamedTuple):
    """What a visit to a page has shown: the answer to each action, errors, requested addresses."""

    answers: list[Any]
    wrong: list[str]
    asked: list[str]


class Browser:
    """Chromium, with the checkers that run in it and beside it."""

    def __init__(self, modules: Path, chromium: str) -> None:
        self.modules, self.chromium = modules, chromium

    def play(self, page: Path, *actions: Action, **settings: Any) -> Seen:
        """Open a page, act on it, and return what it answered, as `browser.cjs` describes."""
        return self.play_all([{"page": str(page), "actions": actions, **settings}])[0]

    def play_all(self, visits: Sequence[Mapping[str, Any]]) -> list[Seen]:
        """Make several visits in one run of the browser."""
        script = str(Path(__file__).with_name("browser.cjs"))
        command = ("node", script, str(self.modules), self.chromium)
        seen = json.loads(_run(*command, given=json.dumps(visits).encode()))
        return [Seen(one["answers"], one["wrong"], one["asked"]) for one in seen]

    def faults(self, page: Path) -> list[str]:
        """Return the errors that html-validate finds in a page."""
        program = self.modules / "html-validate" / "bin" / "html-validate.mjs"
        return (
            _run("node", str(program), "--formatter", "text", str(page), rejects=(1,))
            .decode("utf-8")
            .splitlines()
        )


class Poppler:
    """The programs that read the text of a PDF and draw its pages."""

    def pdftotext(self, path: Path) -> list[str]:
        """Return the text of each page in the layout of the paper."""
        text = _run("pdftotext", "-layout", "-enc", "UTF-8", str(path), "-").decode("utf-8")
        return text.split("\f")[:-1]

    def drawn(self, path: Path) -> list[str]:
        """Return the text of each page in drawing order (cell by cell), without white space."""
        text = _run("pdftotext", "-raw", "-enc", "UTF-8", str(path), "-").decode("utf-8")
        return ["".join(page.split()) for page in text.split("\f")[:-1]]

    def edges(self, path: Path) -> list[tuple[float, float, float]]:
        """Return the left and right edge of each word and the width of its page, in points."""
        pages = re.findall(
            r'<page width="([\d.]+)"(.*?)</page>',
            _run("pdftotext", "-bbox", str(path), "-").decode(),
            re.DOTALL,
        )
        words = (
            (float(wide), re.findall(r'xMin="([-\d.]+)".*?xMax="([-\d.]+)"', words))
            for wide, words in pages
        )
        return [(float(left), float(right), wide) for wide, found in words for left, right in found]

    def words(self, path: Path) -> list[tuple[float, float, list[tuple[str, ...]]]]:
        """Return width and height of each page and its words, in points.

        A word has its left, upper, right and lower edge, and its text, all as texts.
        """
        content = _run("pdftotext", "-bbox", "-enc", "UTF-8", str(path), "-").decode("utf-8")
        page = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
        edges = " ".join(rf'{name}="([-\d.]+)"' for name in ("xMin", "yMin", "xMax", "yMax"))
        word = re.compile(f"<word {edges}>(.*?)</word>")
        return [
            (float(width), float(height), word.findall(body))
            for width, height, body in page.findall(content)
        ]

    def struct_text(self, path: Path) -> list[str]:
        """Return the tag tree with its texts, one line for each, without attributes.

        It takes Poppler a second for a page of tables.
        """
        found = _run("pdfinfo", "-struct-text", "-enc", "UTF-8", str(path)).decode(
            "utf-8", "replace"
        )
        lines = (re.sub(r" <[^>]*>(?=[: ])", "", line).rstrip(":") for line in found.splitlines())
        return [line for line in lines if not line.strip().startswith(("/", "Object "))]

    def pdftoppm(self, path: Path, dpi: int = 60) -> list[bytes]:
        """Draw each page as a PNG image."""
        with tempfile.TemporaryDirectory() as folder:
            _run("pdftoppm", "-r", str(dpi), "-png", str(path), f"{folder}/page")
            return [picture.read_bytes() for picture in sorted(Path(folder).iterdir())]


@pytest.fixture(scope="session")
def office(pytestconfig: pytest.Config) -> Iterator[Office]:
    """Start LibreOffice once for all tests."""
    demand("LibreOffice over UNO", missing())
    running = pytestconfig.stash[_running] = Office()
    yield running
    running.close()


@pytest.fixture(scope="session")
def validator() -> Validator:
    """Return a function that lists the errors of Microsoft's Open XML SDK for a file."""
    program = os.environ.get(VALIDATOR) or shutil.which("ooxml-validator")
    demand(
        "the Open XML SDK validator",
        None if program else f"ooxml-validator (or {VALIDATOR}, its path)",
    )
    return lambda path: validate(str(program), path)


@pytest.fixture(scope="session")
def poppler() -> Poppler:
    """Return Poppler's programs."""
    absent = [name for name in ("pdftotext", "pdftoppm") if not shutil.which(name)]
    demand("Poppler", ", ".join(absent) or None)
    return Poppler()


@pytest.fixture(scope="session")
def browser() -> Browser:
    """Return a browser with axe and html-validate."""
    modules = Path(os.environ.get(NODE_MODULES, "node_modules"))
    chromium = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    packages = [
        name
        for name in ("playwright-core", "axe-core", "html-validate")
        if not (modules / name).is_dir()
    ]
    absent = [
        *packages,
        *([] if chromium else ["chromium"]),
        *([] if shutil.which("node") else ["node"]),
    ]
    demand(f"a browser ({NODE_MODULES} says where its packages are)", ", ".join(absent) or None)
    return Browser(modules, str(chromium))


def mark(items: list[pytest.Item]) -> None:
    """Mark each test with the names of the parts that it uses."""
    for item in items:
        for part in set(PARTS) & set(getattr(item, "fixturenames", ())):
            item.add_marker(part)


@contextmanager
def time_limit(item: pytest.Item) -> Iterator[None]:
    """Stop LibreOffice when the test lasts too long.

    A call that waits for LibreOffice then raises, so that nothing hangs.
    """
    timer = Timer(TEST_SECONDS, _end_office, [item.config])
    if item.get_closest_marker("office"):
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end_office(config: pytest.Config) -> None:
    running = config.stash.get(_running, None)
    if running is not None:
        sys.stderr.write(f"LibreOffice was killed: the test took more than {TEST_SECONDS} s\n")
        running.kill()


def demand(part: str, absent: str | None) -> None:
    """Skip the test if something is missing; fail it on a build machine."""
    if not absent:
        return
    reason = f"needs {part}; absent here: {absent}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def validate(program: str, path: Path) -> list[str]:
    """Return the errors that the Open XML SDK finds in a file."""
    return _faults(_run(program, str(path), rejects=(1,)))


def _faults(answer: bytes) -> list[str]:
    """Return each error as a line: part, place in the part, description."""
    errors = json.loads(answer)["errors"]
    return [" ".join(filter(None, (e["path"], e["xPath"], e["description"]))) for e in errors]


def _run(*command: str, rejects: tuple[int, ...] = (), given: bytes = b"") -> bytes:
    """Run a program and return its output. `given` is its standard input.

    `rejects` are the exit codes that mean "not valid". Any other code but 0 raises RuntimeError.
    """
    done = subprocess.run(
        command, input=given, capture_output=True, timeout=RUN_SECONDS, check=False
    )
    if done.returncode not in (0, *rejects):
        raise RuntimeError(f"{Path(command[0]).name}: {done.stderr.decode(errors='replace')}")
    return done.stdout
