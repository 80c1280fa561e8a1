"""Every file that a user names has the same kinds of bounds as returned files, told in words."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document

from tests import small
from tests.running import SENT, CommandResult, Run, round_in
from xltiltak.model import files
from xltiltak.publishing.style import picture_size

MIB = 1 << 20
DEEP = b"a = " + b"[" * 100_000
LONG_NUMBER = b"a = " + b"9" * 10_000
BIG = b"#" * (MIB + 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a round."""
    return round_in(tmp_path)


def letterhead_with(name: str, content: bytes, count: int = 1) -> bytes:
    """Return a Word file with more parts."""
    target = BytesIO()
    Document().save(target)
    with ZipFile(target, "a", ZIP_DEFLATED) as archive:
        for n in range(count):
            archive.writestr(name.format(n), content)
    return target.getvalue()


def png(width: int, height: int) -> bytes:
    """Return the beginning of a picture that states a size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + head
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(head))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
    )


def jpeg(width: int, height: int) -> bytes:
    """Return a picture that states a size after a segment and a fill byte."""
    comment = b"\xff\xfe\x00\x06\xff\xc0hi"
    return b"\xff\xd8" + comment + b"\xff\xff\xc2\x00\x0b\x08" + struct.pack(">HH", height, width)


def report(run: Run, folder: Path, *words: object) -> CommandResult:
    """Write a report."""
    return run("report", folder / SENT, "-o", folder / "r.docx", *words)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (letterhead_with("word/media/x.bin", bytes(20 * MIB)), "100"),  # the ratio
        (letterhead_with("word/media/{}.bin", b"", 1_001), "1000"),
        (letterhead_with("x", os.urandom(8)) + bytes(32 * MIB), "33554432"),
    ],
    ids=["ratio", "entries", "size"],
)
def test_a_word_template_has_the_bounds_of_a_form(
    content: bytes, said: str, folder: Path, run: Run
) -> None:
    (folder / "brev.docx").write_bytes(content)
    result = report(run, folder, "--docx-template", folder / "brev.docx")
    assert result.code == 3
    assert "brev.docx" in result.err
    assert said in result.err
    assert "skjema" not in result.err  # it is no form
    assert not (folder / "r.docx").exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("l.png", png(60_000, 60_000), "5000"),
        ("l.png", png(10, 5_001), "5000"),
        ("l.jpg", jpeg(9_000, 10), "5000"),
        ("l.png", b"\x89PNG" + bytes(MIB), "1024"),
    ],
)
def test_a_logo_has_a_bound_for_its_size_and_its_pixels(
    name: str, content: bytes, said: str, folder: Path, run: Run
) -> None:
    (folder / name).write_bytes(content)
    (folder / "style.toml").write_text(f'logo = "{name}"', "utf-8")
    result = report(run, folder)
    assert result.code == 3
    assert name in result.err
    assert said in result.err


def test_the_size_that_a_picture_states_is_read_from_its_head() -> None:
    assert picture_size(png(3, 4)) == (3, 4)
    assert picture_size(jpeg(3, 4)) == (3, 4)
    for content in (
        b"",
        b"\x89PNG",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xff\xff",
        b"<svg/>",
    ):
        assert picture_size(content) == (0, 0)


@pytest.mark.parametrize("content", [BIG, DEEP, LONG_NUMBER], ids=["big", "deep", "long"])
def test_what_people_write_is_bounded(content: bytes, folder: Path, run: Run) -> None:
    def style() -> CommandResult:
        (folder / "style.toml").write_bytes(content)
        return report(run, folder)

    def details() -> CommandResult:
        source = small.source(folder, name="t.csv")
        source.with_suffix(".toml").write_bytes(content)
        target = folder / "p.xlsx"
        return run("import", source, "--template", "tiltaksstatus", "-o", target)

    def template() -> CommandResult:
        (folder / "mal").mkdir()
        (folder / "mal" / "template.toml").write_bytes(content)
        return run("template", "plan", folder / "mal", "-o", folder / "p.xlsx")

    commands: tuple[Callable[[], CommandResult], ...] = (style, details, template)
    for command in commands:
        result = command()
        assert result.code == 3, command
        assert ".toml" in result.err
        assert content is not BIG or str(MIB) in result.err


def test_a_letter_is_bounded(folder: Path, run: Run) -> None:
    (folder / "brev.txt").write_bytes(BIG)
    words = ("--to", folder / "ut", "--text", folder / "brev.txt", "--force")
    result = run("split", folder / SENT, *words)
    assert result.code == 3
    assert "brev.txt" in result.err


@pytest.mark.parametrize("name", ["plan", "tabell"])
def test_a_file_above_the_largest_is_told(
    name: str, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST", 100)
    if name == "plan":
        result = run("check", folder / "ut", "--plan", folder / SENT)
    else:
        target = folder / "p.xlsx"
        result = run("import", folder / "tiltak.csv", "--template", "tiltaksstatus", "-o", target)
    assert result.code == 3
    assert " 100" in result.err


def test_a_template_folder_with_other_files_is_not_copied(folder: Path, run: Run) -> None:
    run("template", "new", "min", "--from", "tiltaksstatus", "--to", folder)
    for n in range(201):
        (folder / "min" / f"{n}.txt").write_bytes(b"")
    result = run("template", "new", "din", "--from", folder / "min", "--to", folder)
    assert result.code == 3
    assert "200" in result.err
    assert not (folder / "din").exists()
