"""Run the command line within a test, on a small round in a folder, and return what it prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests import small
from xltiltak.cli import main as cli

SENT = "plan sendt 2020-12-31.xlsx"
OPP, TEK = "ut/Oppvekst – 2020-12-31.xlsx", "ut/Teknikk – 2020-12-31.xlsx"


class CommandResult(NamedTuple):
    """The exit code of a command, and its text on standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> Any:
        """Return the one JSON object on standard output."""
        return json.loads(self.out)

    @property
    def codes(self) -> list[str]:
        """Return the codes of the findings in that object."""
        return [finding["code"] for finding in self.object["findings"]]


Run = Callable[..., CommandResult]


@pytest.fixture
def bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print everything in bokmål, on lines of 200 characters."""
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs one command and checks that no traceback is printed."""

    def running(*words: object) -> CommandResult:
        capsys.readouterr()
        try:
            code = cli.run([str(word) for word in words])
        except SystemExit as stopped:  # argparse raises it after --help and --version
            code = int(stopped.code or 0)
        result = CommandResult(code, *capsys.readouterr())
        assert "Traceback" not in result.out + result.err
        return result

    return running


def round_in(folder: Path, head: str = small.HEAD) -> Path:
    """Write a plan, the plan as sent and the forms (in `ut`) to the folder, and return it."""
    small.source(folder, head=head)
    assert (
        cli.run(
            [
                "import",
                f"{folder}/tiltak.csv",
                "-o",
                f"{folder}/plan.xlsx",
                "--template",
                "tiltaksstatus",
            ]
        )
        == 0
    )
    assert (
        cli.run(["split", f"{folder}/plan.xlsx", "--to", f"{folder}/ut", "--date", "2020-12-31"])
        == 0
    )
    return folder


def answer(folder: Path, ref: str, typed: Any, heading: str = small.STATUS) -> None:
    """Type an answer into a form of the round."""
    path = folder / (OPP if ref.startswith("OPP") else TEK)
    path.write_bytes(small.filled(path.read_bytes(), {ref: typed}, heading))
