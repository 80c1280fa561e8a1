"""The web page has all texts of a document, as they were typed, and loads nothing from outside."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from tests.publishing.test_compose import published, rows, section, table_in
from tests.sources import TEMPLATES, demo, report_of
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.publishing import published_text
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
    """The elements of a page with their attributes, its texts, and the elements left open."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
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
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element with this tag."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module", params=TEMPLATES)
def document(request: pytest.FixtureRequest) -> Document:
    return published(report_of(request.param))


@pytest.fixture(scope="module")
def page(document: Document) -> Page:
    return Page(render(document))


def test_every_text_of_the_document_is_on_the_page(document: Document, page: Page) -> None:
    spoken = [str(a.get("aria-label")) for _, a in page.elements]
    page_text = " ".join(" ".join([*page.texts, *spoken]).split())
    missing = [
        text
        for part in (document.front, document.news, document.sections)
        for text in texts(part)
        if _is_missing(text, page_text)
    ]
    assert not missing


def _is_missing(text: str, page_text: str) -> bool:
    """Return True if a text is missing. Anchors, colours and names are not shown.

    Shorter words are said in attributes, for readers who do not see the drawing.
    """
    not_shown = re.fullmatch(r"#[0-9A-F]{6}|[\w-]+|[○◔◑◕●–]|\(av \d+\)", text)
    return not not_shown and " ".join(text.split()) not in page_text


def test_every_element_is_closed_and_no_heading_level_is_skipped(page: Page) -> None:
    assert page.open == []
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_links_lead_somewhere(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    targets = {attributes.get("href") for tag, attributes in page.elements if tag in ("a", "use")}
    assert {str(target).removeprefix("#") for target in targets} <= set(map(str, ids))


def test_the_page_loads_nothing_from_outside(document: Document, page: Page) -> None:
    external = [
        a
        for _, attributes in page.elements
        for a in attributes
        if a in ("src", "srcset", "action", "poster")
    ]
    assert not external
    assert not page.all("link")
    style = render(document).decode().split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_the_page_has_landmarks_captions_and_a_language(document: Document, page: Page) -> None:
    assert page.all("html")[0]["lang"] == document.language
    assert page.all("main")
    assert page.all("nav")
    assert {a.get("scope") for a in page.all("th")} <= {"col", "row", "colgroup"}
    assert len(page.all("caption")) == len(page.all("table"))
    assert "#content" in {a.get("href") for a in page.all("a")}


@pytest.mark.parametrize("text", HARD)
def test_typed_text_is_shown_and_never_executed(text: str) -> None:
    plain = published(demo())
    edited = replace(
        plain, title=text, organisation=text, front=(Paragraphs((text,)),), news=(), sections=()
    )
    page = Page(render(edited))
    assert sum(text in shown for shown in page.texts) >= 3
    assert len(page.all("script")) == 1
    assert len(page.all("b")) == 1  # the organisation


def test_control_characters_are_removed_and_noncharacters_replaced() -> None:
    edited = replace(
        published(demo()),
        front=(Paragraphs(("før\x07\x00\ud800\ufdd0\U0001ffffetter",)),),
        news=(),
        sections=(),
    )
    assert "før\ufffd\ufffd\ufffdetter" in render(edited).decode()
    assert published_text.noncharacters(texts(edited.front)) == {
        "\ud800": 1,
        "\ufdd0": 1,
        "\U0001ffff": 1,
    }


def test_the_same_document_gives_the_same_bytes(document: Document) -> None:
    assert render(document) == render(document)


def test_the_figures_on_the_page_are_those_of_the_document() -> None:
    document = published(demo())
    page_text = " ".join(" ".join(Page(render(document)).texts).split())
    for row in rows(table_in(section(document, "figures"))):
        assert " ".join(row) in page_text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_the_page_follow_the_language(language: str) -> None:
    page = Page(render(published(demo(), language)))
    page_text = " ".join(" ".join(page.texts).split())
    assert translate("html.text", language) in page_text
    assert translate("report.skip", language) in page_text


def test_a_style_colours_the_page_and_carries_its_logo() -> None:
    style = Style(
        accent="#205030", font='Fjord "Sans"}', logo=b"\x89PNG\r\n", logo_text="Fjordvik kommune"
    )
    content = render(replace(published(demo()), style=style)).decode()
    assert "--style-accent: #205030" in content
    assert 'font-family: "Fjord Sans", ' in content
    assert 'src="data:image/png;base64,' in content
    assert 'alt="Fjordvik kommune"' in content


def test_a_chapter_of_a_leader_with_another_language_is_marked_with_it() -> None:
    report = demo()
    first = report.area_refs[0]
    areas = {**report.areas, first: replace(report.areas[first], language="nn")}
    page = Page(render(published(replace(report, areas=areas))))
    assert [a.get("lang") for a in page.all("section") if "lang" in a] == ["nn-NO"]


def test_only_chapters_are_landmarks() -> None:
    subsection = Section("Mål", "b", ())
    edited = replace(
        published(demo()),
        front=(),
        news=(),
        sections=(Section("Område", "a", (), (subsection, replace(subsection, anchor="c"))),),
    )
    labelled = [a.get("aria-labelledby") for a in Page(render(edited)).all("section")]
    assert labelled == ["a", None, None]
