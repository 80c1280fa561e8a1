"""Test the plain table for pipes and files: complete, aligned, and without the library rich."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from xltiltak.cli import console
from xltiltak.cli.text_table import TextColumn, display_width, text_table, wrap

ROOT = Path(__file__).parents[2]
letters = st.sampled_from("abcæøå ,.–«»\u00a0…表e\u0301😀\n\t\x1b")
texts = st.text(letters, max_size=90)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[TextColumn], list[tuple[str, ...]]]:
    """Draw columns, and rows with a text for each of them."""
    columns = draw(st.lists(st.builds(TextColumn, texts, st.booleans()), min_size=1, max_size=4))
    return columns, draw(st.lists(st.tuples(*(texts for _ in columns)), max_size=4))


@given(tables(), st.integers(10, 130))
@example(
    ([TextColumn("a"), TextColumn("b", right=True)], [("ord " * 30, "tall"), ("lang" * 20, "")]), 60
)
def test_every_word_of_every_cell_is_in_the_table(
    table: tuple[list[TextColumn], list[tuple[str, ...]]], width: int
) -> None:
    columns, rows = table
    lines = text_table(columns, rows, width)
    for text in [*(column.label for column in columns), *(cell for row in rows for cell in row)]:
        for word in text.replace("\t", " ").replace("\x1b", " ").replace("\n", " ").split(" "):
            assert word in lines
    assert "\x1b" not in lines
    assert "\t" not in lines


@given(tables(), st.integers(10, 130))
def test_columns_begin_at_the_same_place_in_every_line(
    table: tuple[list[TextColumn], list[tuple[str, ...]]], width: int
) -> None:
    columns, rows = table
    framed = [column._replace(label=column.label + "x") for column in columns]  # no column is empty
    lines = text_table(framed, rows, width).split("\n")[:-1]
    (rule,) = [line for line in lines if set(line) <= {"-", " "} and line.startswith("-")][:1]
    gaps = [n for n, character in enumerate(rule) if character == " "]
    for line in lines:
        padded = "".join(
            character + "\0" * (display_width(character) - 1)
            for character in line
            if display_width(character)
        )
        assert all(padded[n : n + 1] in ("", " ") for n in gaps)
        assert display_width(line) <= len(rule)
        assert line == line.rstrip(" ")


@given(texts, st.integers(1, 60))
def test_a_text_is_broken_only_at_spaces(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert " ".join(lines) == text.replace("\t", " ").replace("\x1b", " ").replace("\n", " ")
    assert all(display_width(line) <= width or " " not in line.strip(" ") for line in lines)


def test_a_table_is_easy_to_read() -> None:
    columns = [TextColumn("Område"), TextColumn("Snitt", right=True), TextColumn("Hva")]
    rows = [
        ("Skole", "3,5", "kort"),
        ("表", "10,0", "Dette er en lengre tekst som fortsetter under.\nNy linje"),
    ]
    assert text_table(columns, rows, 50).splitlines() == [
        "Område  Snitt  Hva",
        "------  -----  ---------------------------------------",
        "Skole     3,5  kort",
        "表       10,0  Dette er en lengre tekst som fortsetter",
        "               under.",
        "               Ny linje",
    ]


@pytest.mark.parametrize("text", ["abc", "å–«", "表", "e\u0301", "漢字かな", "\u200b"])
def test_the_width_of_a_text_is_that_of_rich(text: str) -> None:
    assert display_width(text) == cell_len(text)


def test_a_pipe_does_not_load_rich(tmp_path: Path) -> None:
    command = "import sys; from xltiltak.cli import console; console.show_table(['a'], [['b']]); "
    command += "print('rich' in sys.modules)"
    process = subprocess.run(
        [sys.executable, "-c", command],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "FORCE_COLOR": ""},
    )
    assert process.stdout.splitlines()[-1] == "False"


def test_a_terminal_gets_the_table_of_rich(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    console.show_table(["Hva"], [["[bold]tekst[/bold]"]])
    out = capsys.readouterr().out
    assert "[bold]tekst[/bold]" in out  # not read as markup
    assert "─" in out
