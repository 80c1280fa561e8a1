"""The PDF is accessible and fit for the archive, says what the document says, and no text can break it."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import page
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents import headings, sample, upright
from tests.examples import examples
from tests.parts import Poppler
from tests.sources import TEMPLATES, demo, report_of
from xltiltak.model.register import Register
from xltiltak.publishing import glyphs, pdf
from xltiltak.publishing.compose import compose
from xltiltak.publishing.document import Document, Paragraphs, Style

NASTY = '=1+1 <script>alert("x")</script> {{ 7*7 }} {% if %} #panic("x") $x$ *b* _i_ @ref \\alpha `raw` // % & « » – …'
HOSTILE = "😀 👍🏽 👩‍💻 \x07\x00\ufeff \ue000 漢字 עברית \u202e \ud800 e\u0301 \u2028 \ufb01"
PROFILES = (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_2A)
SLOW = settings(max_examples=examples(15), deadline=None)


@pytest.fixture(scope="module")
def made() -> bytes:
    return pdf.render(sample())


def faults(content: bytes, folder: Path) -> list[str]:
    """What the two standards find wrong."""
    file = folder / "rapport.pdf"
    file.write_bytes(content)
    found = [
        str(fault)
        for profile in PROFILES
        for fault in page.validate_pdf(str(file), profile=profile).failures
    ]
    return [
        fault for fault in found if "STREAM-LENGTH" not in fault or not lengths_are_right(content)
    ]


def lengths_are_right(content: bytes) -> bool:
    """Is each stream as long as it says? The validator takes a last byte of 13 for half a line end, Typst does not."""
    streams = re.finditer(rb"/Length (\d+)[^>]*>>\s*stream\n", content)
    return all(content[at.end() + int(at[1]) :].startswith(b"\nendstream") for at in streams)


def read(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def elements(node: Any) -> Iterator[dict[str, Any]]:
    """The structure elements of a file, in the order they are read out."""
    node = node.get_object()
    if isinstance(node, list):
        for part in node:
            yield from elements(part)
    elif isinstance(node, dict):
        if "/S" in node:
            yield {**node}
        if "/K" in node:
            yield from elements(node["/K"])


def structure(content: bytes) -> list[dict[str, Any]]:
    return list(elements(read(content).root_object["/StructTreeRoot"]))


def read_headings(content: bytes) -> list[tuple[int, str]]:
    found = [
        (str(node["/S"]), str(node["/T"]))
        for node in structure(content)
        if re.fullmatch(r"/H\d", str(node["/S"]))
    ]
    return [(int(kind[2]), title) for kind, title in found]


def with_contents(document: Document) -> list[tuple[int, str]]:
    first, *rest = headings(document)
    return [first, (2, document.words.contents), *rest]


def text(content: bytes) -> str:
    """All text in one line, as a file's own order has it."""
    return " ".join(" ".join(page.extract_text() for page in read(content).pages).split())


@pytest.mark.parametrize(
    "document", [sample(), upright(sample()), sample(0), sample(3, NASTY), sample(3, HOSTILE)]
)
def test_every_file_keeps_both_standards(document: Document, tmp_path: Path) -> None:
    assert not faults(pdf.render(document), tmp_path)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_gives_a_file_of_both_standards_with_its_own_headings(
    template: str, tmp_path: Path
) -> None:
    document = compose(Register(report_of(template)))
    made = pdf.render(document)
    assert not faults(made, tmp_path)
    assert read_headings(made) == with_contents(document)
    assert not pdf.lacking(document)


def test_the_demonstration_keeps_both_standards(tmp_path: Path) -> None:
    assert not faults(pdf.render(compose(Register(demo()))), tmp_path)


@pytest.mark.parametrize("extra", ["", NASTY, "uendret = #panic()"])
def test_the_headings_are_the_documents_own(extra: str) -> None:
    document = sample(2, extra)
    assert read_headings(pdf.render(document)) == with_contents(document)


def test_bookmarks_lead_to_every_heading_but_the_title(made: bytes) -> None:
    def titles(outline: Any, level: int = 2) -> Iterator[tuple[int, str]]:
        for part in outline:
            yield from (
                titles(part, level + 1) if isinstance(part, list) else [(level, str(part.title))]
            )

    assert list(titles(read(made).outline)) == headings(sample())[1:]


def test_a_table_is_one_table_however_many_pages_it_takes() -> None:
    long = pdf.render(sample(36))
    kinds = Counter(str(node["/S"]) for node in structure(long))
    assert kinds["/Table"] == kinds["/THead"] == 3
    assert (
        "Nr Tiltak Status" in read(long).pages[3].extract_text()
    )  # repeated for the eye, said once


def test_charts_are_told_in_words(made: bytes) -> None:
    told = [str(node["/Alt"]) for node in structure(made) if node["/S"] == "/Figure"]
    assert told == [
        "Oppvekst: 2,6, 3,0, 3,2.",
        "Fordelingen i Oppvekst i ord",
        "Fordelingen i Helse og omsorg i ord",
    ]


def test_the_file_says_its_title_and_language_and_no_clock_or_person(made: bytes) -> None:
    file = read(made)
    root: Any = file.root_object
    said: Any = file.metadata
    assert root["/Lang"] == "nb-NO"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert said["/Title"] == sample().title
    assert said["/Author"] == sample().organisation
    assert set(re.findall(rb"D:(\d{4})", made)) == {b"1980"}


def test_pages_are_numbered_and_named_after_their_section(made: bytes) -> None:
    pages = [page.extract_text() for page in read(made).pages]
    assert all(f"Side {n} av {len(pages)}" in page for n, page in enumerate(pages, 1))
    assert all("Oppvekst" in page.split("\n")[0] for page in pages[1:3])
    assert "Helse og omsorg" in pages[3].split("\n")[0]


def test_texts_come_out_as_they_were_written() -> None:
    said = text(pdf.render(sample(2, NASTY))).replace("\xad", "")
    whole = "".join(said.split())
    assert whole.count("".join(NASTY.split())) >= 2 * len(headings(sample())) / 3


@pytest.mark.parametrize(
    "word",
    ["x" * 400, "Rapport_om_tiltak_2020_" * 9, "https://example.no/" + "sti/" * 60, "漢" * 90],
)
def test_no_word_is_so_long_that_it_leaves_the_page(
    poppler: Poppler, tmp_path: Path, word: str
) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf.render(sample(2, word)))
    edges = poppler.edges(tmp_path / "a.pdf")
    assert edges
    assert all(left >= 0 and right <= wide for left, right, wide in edges)


def test_the_same_document_gives_the_same_bytes() -> None:
    code = "import sys; from tests.documents import sample; from xltiltak.publishing import pdf;"
    code += "sys.stdout.buffer.write(pdf.render(sample(3)))"
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert other.stdout == pdf.render(sample(3))


def test_only_our_fonts_are_used(made: bytes) -> None:
    fonts = {str(node) for node in re.findall(rb"/FontName\s*/[A-Z]{6}\+([\w-]+)", made)}
    assert fonts == {"b'LiberationSans'", "b'LiberationSans-Bold'", "b'NotoSansSymbols2-Regular'"}


@SLOW
@given(st.text(max_size=200))
def test_no_text_stops_the_setting(extra: str) -> None:
    assert pdf.render(sample(1, extra)).startswith(b"%PDF-")


def test_every_character_that_the_fonts_cover_can_be_set() -> None:
    covered = "".join(
        chr(code)
        for code in range(0x20, 0x1FFFF)
        if not glyphs.lacking([chr(code)]) and glyphs.printable(chr(code))
    )
    assert len(covered) > 5000
    assert {*"æøåÆØÅäöéü–—…«»“”•→≥½²✓✔😀👍⚠"} <= set(covered)
    assert pdf.render(replace(sample(0), front=(Paragraphs((covered,)),), sections=()))


def test_what_no_font_has_is_a_box_and_is_told() -> None:
    assert glyphs.printable("漢 ok\x07\ufeff \ue000") == "□ ok □"
    assert glyphs.lacking(["漢漢", "a\x07\ue000"]) == Counter({"漢": 2, "\ue000": 1})
    assert not pdf.lacking(sample())
    assert set(pdf.lacking(sample(1, HOSTILE))) == set("漢字\ue000\ud800")


def test_a_card_stands_whole_on_a_page(made: bytes) -> None:
    pages = [page.extract_text() for page in read(made).pages]
    for n in range(1, 7):
        (own,) = [page for page in pages[1:] if re.search(rf"Prosjekt {n}\b", page)]
        assert own.count("Prosjekt ") == own.count("Tilstand")


def test_the_fonts_travel_with_their_licence() -> None:
    for file in glyphs.FOLDER.glob("*.ttf"):
        told = (glyphs.FOLDER / "README.md").read_text("utf-8")
        assert file.name in told
    assert "SIL OPEN FONT LICENSE" in (glyphs.FOLDER / "OFL.txt").read_text("utf-8")


def test_a_style_gives_colours_and_a_logo_with_its_words() -> None:
    logo = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0,0H4V4Z" fill="#0A7A3C"/></svg>'
    style = Style(accent="#0A7A3C", logo=logo, logo_text="Byvåpen", font="Liberation Sans")
    styled = pdf.render(replace(sample(1), style=style))
    assert "Byvåpen" in [str(node["/Alt"]) for node in structure(styled) if node["/S"] == "/Figure"]
    accent = re.compile(r"0\.039\d* 0\.478\d* 0\.235\d* (?:rg|scn)")
    assert accent.search(drawn(styled))
    assert not accent.search(drawn(pdf.render(sample(1))))


def test_a_sign_is_for_the_eye_and_no_letter_to_those_who_listen(made: bytes) -> None:
    """The letters of a step's sign are drawn outside what is read out."""
    marked = [
        content
        for _, content in re.findall(
            r"/(\w+)\s*<<[^>]*?/MCID[^>]*>>\s*BDC(.*?)EMC", drawn(made), re.DOTALL
        )
    ]
    assert marked
    signs = {name for name, font in fonts_of(made).items() if "Symbols2" in font}
    assert signs
    assert not [content for content in marked if any(f"/{name} " in content for name in signs)]


def fonts_of(content: bytes) -> dict[str, str]:
    """What the fonts of a file are called on its pages."""
    pages: Any = read(content).pages
    return {
        name.lstrip("/"): str(font.get_object()["/BaseFont"])
        for page_ in pages
        for name, font in page_["/Resources"]["/Font"].items()
    }


def drawn(content: bytes) -> str:
    """What the pages are drawn by."""
    contents = [page.get_contents() for page in read(content).pages]
    return " ".join(c.get_data().decode("latin-1") for c in contents if c is not None)
