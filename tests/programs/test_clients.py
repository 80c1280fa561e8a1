"""Test forms that other programs filled in and saved: every value is read, losses are reported."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from tests.forms import book_of, keystrokes, saved
from tests.intake.test_relocated import Round, same
from tests.office import Office
from tests.sources import TEMPLATES
from xltiltak.xlsx.cell_names import cell_name

Edits = Sequence[tuple[str, Any]]  # addresses and values of cells
Client = Callable[[Path, Path, Edits], object]
MODULES = os.environ.get("XLTILTAK_NODE_MODULES", "")
QUIET = {"S108", "V102", "M101"}  # findings that a correct form may have


def by_pandas(form: Path, target: Path, edits: Edits) -> None:
    """Save every sheet from a data frame: formulas, formats and hidden states are losses."""
    import pandas as pd

    frames = pd.read_excel(
        form, sheet_name=None, header=None, dtype=object, na_filter=False, engine="openpyxl"
    )
    first = frames[next(iter(frames))]
    for cell, raw in edits:
        letters = cell.rstrip("0123456789")
        first.iloc[int(cell[len(letters) :]) - 1, ord(letters) - ord("A")] = raw
    # Otherwise a text that begins with = becomes a formula without a value.
    options = {"options": {"strings_to_formulas": False}}
    with pd.ExcelWriter(target, engine="xlsxwriter", engine_kwargs=options) as writer:
        for name, frame in frames.items():
            frame.to_excel(writer, sheet_name=str(name), header=False, index=False)


def by_gnumeric(form: Path, target: Path, edits: Edits) -> None:
    """Type with openpyxl, then open and save with Gnumeric."""
    _require(which("ssconvert"))
    form.write_bytes(_typed(form, edits))
    subprocess.run(
        ["ssconvert", "-T", "Gnumeric_Excel:xlsx2", form, target], check=True, capture_output=True
    )


def by_node(name: str) -> Client:
    """Return a client that opens, types and saves with a library for Node."""

    def rewrite(form: Path, target: Path, edits: Edits) -> None:
        _require(MODULES and which("node"))
        listed = form.with_suffix(".json")
        listed.write_text(json.dumps(list(edits), default=str), "utf-8")
        script = Path(__file__).parents[1].joinpath("rewrite.js")
        environment = {**os.environ, "NODE_PATH": MODULES}
        subprocess.run(
            ["node", script, name, form, target, listed],
            check=True,
            capture_output=True,
            env=environment,
        )

    return rewrite


def _require(part: object) -> None:
    if not part:
        if os.environ.get("CI"):
            pytest.fail("absent: see .ci/run")
        pytest.skip("absent")


def _typed(form: Path, edits: Edits) -> bytes:
    book = book_of(form.read_bytes())
    for cell, raw in edits:
        book.worksheets[0][cell] = raw
        if isinstance(raw, str):
            book.worksheets[0][cell].data_type = "s"
    return saved(book)


CLIENTS: dict[str, Client] = {
    "gnumeric": by_gnumeric,
    "sheetjs": by_node("sheetjs"),
    "exceljs": by_node("exceljs"),
}


def answered_by(client: Client, round_: Round) -> dict[str, bytes]:
    """Return every form of a round, filled in and saved by a program, by file name."""
    answered = {}
    for name, form in round_.empty.items():
        source, target = round_.folder / f"fra {name}", round_.folder / f"til {name}"
        source.write_bytes(form)
        client(source, target, edits_of(form, round_))
        answered[name] = target.read_bytes()
    return answered


def edits_of(form: bytes, round_: Round) -> Edits:
    """Return the cells of a form that get an answer, and their values."""
    return [
        (cell_name(*at), raw)
        for _, at, raw in keystrokes(form, round_.answers(form))
        if raw is not None
    ]


@pytest.mark.clients
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("template", TEMPLATES)
def test_answers_typed_in_another_program_are_read(
    tmp_path: Path, template: str, client: str
) -> None:
    round_ = Round(template, tmp_path)
    register = round_.merged(answered_by(CLIENTS[client], round_))
    same(register, round_)
    assert {f.code for f in register.findings} - QUIET <= {"V107"}


@pytest.mark.parametrize("template", TEMPLATES)
def test_answers_written_by_pandas_are_read(tmp_path: Path, template: str) -> None:
    round_ = Round(template, tmp_path)
    register = round_.merged(answered_by(by_pandas, round_))
    same(register, round_)
    losses = {f.message("en") for f in register.findings if f.code == "S108"}
    assert all(text.count("fylt") or text.count("ifyll") or "“" in text for text in losses)


@pytest.mark.office
@pytest.mark.parametrize("template", TEMPLATES)
def test_answers_typed_in_libreoffice_are_read(
    office: Office, tmp_path: Path, template: str
) -> None:
    round_ = Round(template, tmp_path)
    answered = {}
    for name, form in round_.empty.items():
        source = tmp_path / f"fra {name}"
        source.write_bytes(form)
        with office.open(source) as document:
            for cell, raw in edits_of(form, round_):
                document.put(0, cell, raw)
            answered[name] = document.save(tmp_path / f"til {name}").read_bytes()
    register = round_.merged(answered)
    same(register, round_)
    assert {f.code for f in register.findings} - QUIET == set()
