"""The web page: everything a document says, as somebody typed it, from one file that asks for nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from tests.publishing.test_compose import published, rows, section, table_in
from tests.sources import TEMPLATES, demo, report_of
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.publishing import characters
from xltiltak.publishing.document import Document, Paragraphs, Section, Style, texts
from xltiltak.publishing.html import render

HARD = (
    "🏗️",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "#set",
    "$x$",
    "=1+1",
    "&amp;",
    '"><b>',
    "]]>",
)
VOID = {"meta", "input", "col", "img", "br", "use", "circle", "path", "rect", "polygon"}


class Page(HTMLParser):
    """The elements of a page with their attributes, its text, and what was left open."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.open: list[str] = []
        self.feed(content.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.said.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module", params=TEMPLATES)
def document(request: pytest.FixtureRequest) -> Document:
    return published(report_of(request.param))


@pytest.fixture(scope="module")
def page(document: Document) -> Page:
    return Page(render(document))


def test_all_that_the_document_says_stands_on_the_page(document: Document, page: Page) -> None:
    said = " ".join(" ".join(page.said).split())
    lost = [
        text
        for part in (document.front, document.sections)
        for text in texts(part)
        if _shown(text, said)
    ]
    assert not lost


def _shown(text: str, said: str) -> bool:
    """Is a text of the document missing? Anchors, colours and names of shapes are not said."""
    silent = re.fullmatch(r"#[0-9A-F]{6}|[\w-]+|[○◔◑◕●]|lines|shares|up|down|same", text)
    return not silent and " ".join(text.split()) not in said


def test_everything_that_is_opened_is_closed_and_headings_skip_no_level(page: Page) -> None:
    assert page.open == []
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_links_lead_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    led = {attributes.get("href") for tag, attributes in page.elements if tag in ("a", "use")}
    assert {str(target).removeprefix("#") for target in led} <= set(map(str, ids))


def test_it_asks_for_nothing_from_outside(document: Document, page: Page) -> None:
    asked = [
        a
        for _, attributes in page.elements
        for a in attributes
        if a in ("src", "srcset", "action", "poster")
    ]
    assert not asked
    assert not page.all("link")
    style = render(document).decode().split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_a_reader_is_told_what_is_what(document: Document, page: Page) -> None:
    assert page.all("html")[0]["lang"] == document.language
    assert page.all("main")
    assert page.all("nav")
    assert {a.get("scope") for a in page.all("th")} <= {"col", "row", "colgroup"}
    assert len(page.all("caption")) == len(page.all("table"))
    assert "#content" in {a.get("href") for a in page.all("a")}


@pytest.mark.parametrize("text", HARD)
def test_what_somebody_typed_is_shown_and_never_carried_out(text: str) -> None:
    plain = published(demo())
    told = replace(plain, title=text, organisation=text, front=(Paragraphs((text,)),), sections=())
    page = Page(render(told))
    assert sum(text in said for said in page.said) >= 3
    assert len(page.all("script")) == 1
    assert not page.all("b")


def test_what_shows_nothing_is_left_out_and_what_is_no_character_replaced() -> None:
    told = replace(
        published(demo()),
        front=(Paragraphs(("før\x07\x00\ud800\ufdd0\U0001ffffetter",)),),
        sections=(),
    )
    assert "før\ufffd\ufffd\ufffdetter" in render(told).decode()
    assert characters.noncharacters(texts(told.front)) == {
        "\ud800": 1,
        "\ufdd0": 1,
        "\U0001ffff": 1,
    }


def test_the_same_document_gives_the_same_bytes(document: Document) -> None:
    assert render(document) == render(document)


def test_the_figures_on_the_page_are_those_of_the_document() -> None:
    document = published(demo())
    said = " ".join(" ".join(Page(render(document)).said).split())
    for row in rows(table_in(section(document, "figures"))):
        assert " ".join(row[:6]) in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_the_page_follow_the_language(language: str) -> None:
    page = Page(render(published(demo(), language)))
    said = " ".join(" ".join(page.said).split())
    assert translate("html.text", language) in said
    assert translate("report.skip", language) in said


def test_a_style_colours_the_page_and_carries_its_logo() -> None:
    style = Style(
        accent="#205030", font='Fjord "Sans"}', logo=b"\x89PNG\r\n", logo_text="Fjordvik kommune"
    )
    content = render(replace(published(demo()), style=style)).decode()
    assert "--accent: #205030" in content
    assert 'font-family: "Fjord Sans", ' in content
    assert 'src="data:image/png;base64,' in content
    assert 'alt="Fjordvik kommune"' in content


def test_only_chapters_are_landmarks() -> None:
    inner = Section("Mål", "b", ())
    told = replace(
        published(demo()),
        front=(),
        sections=(Section("Område", "a", (), (inner, replace(inner, anchor="c"))),),
    )
    labelled = [a.get("aria-labelledby") for a in Page(render(told)).all("section")]
    assert labelled == ["a", None, None]
