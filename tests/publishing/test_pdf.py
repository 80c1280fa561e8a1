"""The PDF meets PDF/UA-1 and PDF/A-2a, has the texts of the document, and no text can break it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents import headings, landscape, sample
from tests.examples import examples, sampled
from tests.parts import Poppler
from tests.pdf_files import faults, read, read_headings, structure, text
from tests.sources import SHIPPED, demo, report_of
from xltiltak.model.register import Register
from xltiltak.publishing import pdf, published_text
from xltiltak.publishing.compose import compose
from xltiltak.publishing.document import Document, Paragraphs, Style, texts
from xltiltak.publishing.public_view import public_view

pytestmark = pytest.mark.slow

NASTY = (
    '=1+1 <script>alert("x")</script> {{ 7*7 }} {% if %} #panic("x") $x$ *b* _i_ '
    "@ref \\alpha `raw` // % & « » – …"
)
HOSTILE = "😀 👍🏽 👩‍💻 \x07\x00\ufeff \ue000 漢字 עברית \u202e \ud800 e\u0301 \u2028 \ufb01"
SLOW = settings(max_examples=examples(15), deadline=None)


@pytest.fixture(scope="module")
def rendered() -> bytes:
    return pdf.render(sample())


def with_contents(document: Document) -> list[tuple[int, str]]:
    """Return all headings, that of the list of contents between the news and the chapters."""
    found = headings(document)
    news = headings(replace(document, sections=()))
    return [*news, (2, document.labels.contents), *found[len(news) :]]


@pytest.mark.parametrize(
    "document", [sample(), landscape(sample()), sample(0), sample(3, NASTY), sample(3, HOSTILE)]
)
def test_every_file_meets_both_standards(document: Document, tmp_path: Path) -> None:
    assert not faults(pdf.render(document), tmp_path)


@pytest.mark.parametrize("template", sampled(SHIPPED))
def test_every_template_gives_a_file_of_both_standards_with_all_headings(
    template: str, tmp_path: Path
) -> None:
    document = compose(public_view(Register(report_of(template))))
    rendered = pdf.render(document)
    assert not faults(rendered, tmp_path)
    assert read_headings(rendered) == with_contents(document)
    assert not published_text.missing_glyphs(texts(document))


def test_the_demonstration_meets_both_standards(tmp_path: Path) -> None:
    assert not faults(pdf.render(compose(public_view(Register(demo())))), tmp_path)


@pytest.mark.parametrize("extra", ["", NASTY, "uendret = #panic()"])
def test_the_headings_are_the_documents_own(extra: str) -> None:
    document = sample(2, extra)
    assert read_headings(pdf.render(document)) == with_contents(document)


def test_bookmarks_link_to_every_heading_except_the_title(rendered: bytes) -> None:
    def titles(outline: Any, level: int = 2) -> Iterator[tuple[int, str]]:
        for part in outline:
            yield from (
                titles(part, level + 1)
                if isinstance(part, list)
                else [(level, " ".join(str(part.title).split()))]
            )

    assert list(titles(read(rendered).outline)) == headings(sample())[1:]


def test_a_table_is_one_table_however_many_pages_it_takes() -> None:
    long = pdf.render(sample(36))
    kinds = Counter(str(node["/S"]) for node in structure(long))
    assert kinds["/Table"] == kinds["/THead"] == 4
    # The head is repeated on the page, but not in the structure.
    pages = [" ".join(page.extract_text().split()) for page in read(long).pages]
    assert sum("Nr Tiltak Status" in page for page in pages) > 2


def test_every_row_of_a_table_has_one_header(rendered: bytes) -> None:
    """Test that the name of a row is its header in the tag tree, as the heads of columns are."""
    scopes = Counter[str]()
    for row in (node for node in structure(rendered) if node["/S"] == "/TR"):
        cells = [cell.get_object() for cell in row["/K"]]
        headers = [cell for cell in cells if cell["/S"] == "/TH"]
        found = {str(part.get("/Scope")) for cell in headers for part in cell["/A"]} - {"None"}
        scopes.update(found)
        assert found == {"/Column"} or len(headers) == 1 or len(cells) == 1
    assert scopes == {"/Column": 4, "/Row": 3 + 1 + 2 * 13}


def test_a_chapter_in_another_language_is_marked_with_it(rendered: bytes) -> None:
    document = sample()
    chapter = replace(document.sections[0], language="nn-NO")
    edited = pdf.render(replace(document, sections=(chapter, *document.sections[1:])))
    assert "nn-NO" in {str(node.get("/Lang")) for node in structure(edited)}
    assert "nn-NO" not in {str(node.get("/Lang")) for node in structure(rendered)}


def test_charts_have_descriptions(rendered: bytes) -> None:
    found = [str(node["/Alt"]) for node in structure(rendered) if node["/S"] == "/Figure"]
    bars, chart = "Fordelingen i ord", "Oppvekst: 2,6, 3,0, 3,2."
    histories = [text for text in found if text.startswith("30.04.2020: ")]
    assert [text for text in found if text not in histories] == [bars, bars, chart, bars, bars]
    assert len(histories) == 24
    assert "30.04.2020: 2 Såvidt startet, 31.08.2020: 3 Godt i gang" in histories[0]


def test_the_properties_have_title_and_language_but_no_clock_or_person(rendered: bytes) -> None:
    file = read(rendered)
    root: Any = file.root_object
    info: Any = file.metadata
    assert root["/Lang"] == "nb-NO"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert info["/Title"] == sample().title
    assert info["/Author"] == sample().organisation
    assert set(re.findall(rb"D:(\d{4})", rendered)) == {b"1980"}


def test_pages_are_numbered_and_named_after_their_section(rendered: bytes) -> None:
    pages = [page.extract_text() for page in read(rendered).pages]
    assert all(f"Side {n} av {len(pages)}" in page for n, page in enumerate(pages, 1))
    named = [page.split("\n")[0] for page in pages[1:]]
    assert named == ["Oppvekst", "Helse og omsorg", "Programmer"]


def test_texts_are_kept_as_written() -> None:
    shown = text(pdf.render(sample(2, NASTY))).replace("\xad", "")
    shown = "".join(shown.split())
    assert shown.count("".join(NASTY.split())) >= 2 * len(headings(sample())) / 3


@pytest.mark.parametrize(
    "word",
    ["x" * 400, "Rapport_om_tiltak_2020_" * 9, "https://example.no/" + "sti/" * 60, "漢" * 90],
)
def test_no_long_word_leaves_the_page(poppler: Poppler, tmp_path: Path, word: str) -> None:
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


def test_only_our_fonts_are_used(rendered: bytes) -> None:
    fonts = {str(node) for node in re.findall(rb"/FontName\s*/[A-Z]{6}\+([\w-]+)", rendered)}
    assert fonts == {"b'LiberationSans'", "b'LiberationSans-Bold'", "b'NotoSansSymbols2-Regular'"}


@SLOW
@given(st.text(max_size=200))
def test_no_text_stops_typst(extra: str) -> None:
    assert pdf.render(sample(1, extra)).startswith(b"%PDF-")


def test_every_character_that_the_fonts_have_can_be_shown() -> None:
    covered = "".join(
        chr(code)
        for code in range(0x20, 0x1FFFF)
        if not published_text.missing_glyphs([chr(code)]) and published_text.printable(chr(code))
    )
    assert len(covered) > 5000
    assert {*"æøåÆØÅäöéü–—…«»“”•→≥½²✓✔😀👍⚠"} <= set(covered)
    assert pdf.render(replace(sample(0), front=(Paragraphs((covered,)),), sections=()))


def test_a_character_that_no_font_has_is_a_box_and_is_counted() -> None:
    assert published_text.printable("漢 ok\x07\ufeff \ue000") == "□ ok □"
    assert published_text.missing_glyphs(["漢漢", "a\x07\ue000"]) == Counter({"漢": 2, "\ue000": 1})
    assert not published_text.missing_glyphs(texts(sample()))
    assert set(published_text.missing_glyphs(texts(sample(1, HOSTILE)))) == set("漢字\ue000\ud800")


def test_a_card_is_not_broken_between_pages(rendered: bytes) -> None:
    pages = [page.extract_text() for page in read(rendered).pages]
    for n in range(1, 7):
        (own,) = [page for page in pages[1:] if re.search(rf"Prosjekt {n}\b", page)]
        assert own.count("Prosjekt ") == own.count("Tilstand")


def test_the_fonts_have_their_licence_beside_them() -> None:
    readme = (published_text.FONT_FOLDER / "README.md").read_text("utf-8")
    for file in published_text.FONT_FOLDER.glob("*.ttf"):
        assert file.name in readme
    assert "SIL OPEN FONT LICENSE" in (published_text.FONT_FOLDER / "OFL.txt").read_text("utf-8")


def test_a_style_gives_colours_and_a_logo_with_its_description() -> None:
    logo = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4">'
    logo += b'<path d="M0,0H4V4Z" fill="#0A7A3C"/></svg>'
    style = Style(accent="#0A7A3C", logo=logo, logo_text="Byvåpen", font="Liberation Sans")
    styled = pdf.render(replace(sample(1), style=style))
    assert "Byvåpen" in [str(node["/Alt"]) for node in structure(styled) if node["/S"] == "/Figure"]
    accent = re.compile(r"0\.039\d* 0\.478\d* 0\.235\d* (?:rg|scn)")
    assert accent.search(drawing_commands(styled))
    assert not accent.search(drawing_commands(pdf.render(sample(1))))


def test_the_symbol_of_a_step_is_not_read_aloud(rendered: bytes) -> None:
    """The letters of the symbol font are outside the marked content."""
    marked = [
        content
        for _, content in re.findall(
            r"/(\w+)\s*<<[^>]*?/MCID[^>]*>>\s*BDC(.*?)EMC", drawing_commands(rendered), re.DOTALL
        )
    ]
    assert marked
    symbols = {name for name, font in fonts_of(rendered).items() if "Symbols2" in font}
    assert symbols
    assert not [content for content in marked if any(f"/{name} " in content for name in symbols)]


def fonts_of(content: bytes) -> dict[str, str]:
    """Return the fonts of a file by their names on the pages."""
    pages: Any = read(content).pages
    return {
        name.lstrip("/"): str(font.get_object()["/BaseFont"])
        for page_ in pages
        for name, font in page_["/Resources"]["/Font"].items()
    }


def drawing_commands(content: bytes) -> str:
    """Return the drawing commands of the pages."""
    contents = [page.get_contents() for page in read(content).pages]
    return " ".join(c.get_data().decode("latin-1") for c in contents if c is not None)
