"""The command line run within a test: a small round in a folder, and what a command says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests import small
from xltiltak.cli import main as cli

SENT = "plan sendt 2020-12-31.xlsx"
OPP, TEK = "ut/OPP-2020-12-31.xlsx", "ut/TEK-2020-12-31.xlsx"


class Said(NamedTuple):
    """How a command ended, and what it said where."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> Any:
        """The one JSON object on standard output."""
        return json.loads(self.out)

    @property
    def codes(self) -> list[str]:
        """The codes of the findings in it."""
        return [finding["code"] for finding in self.object["findings"]]


Run = Callable[..., Said]


@pytest.fixture
def bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Says everything in bokmål, on lines that are long enough."""
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command, and sees to it that nobody ever meets a traceback."""

    def running(*words: object) -> Said:
        capsys.readouterr()
        try:
            code = cli.run([str(word) for word in words])
        except SystemExit as stopped:  # argparse's own, after --help and --version
            code = int(stopped.code or 0)
        said = Said(code, *capsys.readouterr())
        assert "Traceback" not in said.out + said.err
        return said

    return running


def round_in(folder: Path, head: str = small.HEAD) -> Path:
    """The folder with a plan, the plan as sent and the forms in `ut`."""
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
