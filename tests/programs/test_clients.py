"""Forms answered in other programs and saved there: every value is taken, and what the program lost is named."""

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

Typed = Sequence[tuple[str, Any]]  # cells and what is typed into them
Client = Callable[[Path, Path, Typed], object]
MODULES = os.environ.get("XLTILTAK_NODE_MODULES", "")
QUIET = {"S108", "V102", "M101"}  # what may be told of a form that says just what it should


def by_pandas(form: Path, target: Path, edits: Typed) -> None:
    """Every sheet through a frame: formulas, looks and what is hidden are gone."""
    import pandas as pd

    frames = pd.read_excel(
        form, sheet_name=None, header=None, dtype=object, na_filter=False, engine="openpyxl"
    )
    first = frames[next(iter(frames))]
    for cell, raw in edits:
        letters = cell.rstrip("0123456789")
        first.iloc[int(cell[len(letters) :]) - 1, ord(letters) - ord("A")] = raw
    kept = {
        "options": {"strings_to_formulas": False}
    }  # a text that begins with = would be a formula without value
    with pd.ExcelWriter(target, engine="xlsxwriter", engine_kwargs=kept) as writer:
        for name, frame in frames.items():
            frame.to_excel(writer, sheet_name=str(name), header=False, index=False)


def by_gnumeric(form: Path, target: Path, edits: Typed) -> None:
    """Typed elsewhere, opened and saved by Gnumeric."""
    _needed(which("ssconvert"))
    form.write_bytes(_typed(form, edits))
    subprocess.run(
        ["ssconvert", "-T", "Gnumeric_Excel:xlsx2", form, target], check=True, capture_output=True
    )


def by_node(name: str) -> Client:
    """Opened, typed into and saved by a library for Node."""

    def rewrite(form: Path, target: Path, edits: Typed) -> None:
        _needed(MODULES and which("node"))
        listed = form.with_suffix(".json")
        listed.write_text(json.dumps(list(edits), default=str), "utf-8")
        script = Path(__file__).parents[1].joinpath("rewrite.js")
        known = {**os.environ, "NODE_PATH": MODULES}
        subprocess.run(
            ["node", script, name, form, target, listed], check=True, capture_output=True, env=known
        )

    return rewrite


def _needed(part: object) -> None:
    if not part:
        if os.environ.get("CI"):
            pytest.fail("absent: see .ci/run")
        pytest.skip("absent")


def _typed(form: Path, edits: Typed) -> bytes:
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
    """Every form of a round, answered and saved in a program."""
    answered = {}
    for name, form in round_.empty.items():
        source, target = round_.folder / f"fra {name}", round_.folder / f"til {name}"
        source.write_bytes(form)
        client(source, target, edits_of(form, round_))
        answered[name] = target.read_bytes()
    return answered


def edits_of(form: bytes, round_: Round) -> Typed:
    """What is typed into a form, cell by cell."""
    return [
        (cell_name(*at), raw)
        for _, at, raw in keystrokes(form, round_.answers(form))
        if raw is not None
    ]


@pytest.mark.clients
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_form_answered_in_another_program(tmp_path: Path, template: str, client: str) -> None:
    round_ = Round(template, tmp_path)
    register = round_.merged(answered_by(CLIENTS[client], round_))
    same(register, round_)
    assert {f.code for f in register.findings} - QUIET <= {"V107"}


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_form_answered_in_a_frame(tmp_path: Path, template: str) -> None:
    round_ = Round(template, tmp_path)
    register = round_.merged(answered_by(by_pandas, round_))
    same(register, round_)
    lost = {f.message("en") for f in register.findings if f.code == "S108"}
    assert all(text.count("fylt") or text.count("ifyll") or "“" in text for text in lost)


@pytest.mark.office
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_form_answered_in_libreoffice(office: Office, tmp_path: Path, template: str) -> None:
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
