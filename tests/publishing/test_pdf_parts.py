"""A PDF that is laid out in parts says the same as one that is laid out as a whole.

Texts, tags, bookmarks and links are compared. The laws of the tag tree are those of ISO 32000-1,
14.7: an element and what it marks on a page name each other.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests.documents import headings, landscape, sample
from tests.examples import sampled
from tests.parts import Poppler
from tests.pdf_files import faults, read, read_headings, structure, text
from tests.publishing.test_sizes import assert_laid_out, document
from tests.sources import SHIPPED, report_of
from xltiltak.model.register import Register
from xltiltak.publishing import pdf
from xltiltak.publishing.compose import compose
from xltiltak.publishing.document import Document
from xltiltak.publishing.public_view import public_view

pytestmark = pytest.mark.slow

SIZES = (1, 40)  # rows of a part
DOCUMENTS = {
    "tables and cards": sample(36),
    "many areas": landscape(document(10, 3)),
}


@pytest.fixture(scope="module", params=DOCUMENTS)
def shown(request: pytest.FixtureRequest) -> Document:
    return DOCUMENTS[request.param]


@pytest.fixture(scope="module")
def whole(shown: Document) -> bytes:
    return pdf.render(shown)


@pytest.fixture(scope="module", params=SIZES)
def joined(request: pytest.FixtureRequest, shown: Document) -> bytes:
    return pdf.render(shown, request.param)


def landings(poppler: Poppler, path: Path) -> list[str]:
    """Return for each bookmark and each link to a place the first words at that place."""
    file = read(path.read_bytes())
    pages = poppler.words(path)
    found = [*(part.dest_array for part in bookmarks(file)), *_links(file)]
    return [_words_at(file, pages, target) for target in found]


def bookmarks(file: Any) -> Iterator[Any]:
    """Yield the bookmarks of a file in their order."""

    def listed(outline: Any) -> Iterator[Any]:
        for part in outline:
            yield from listed(part) if isinstance(part, list) else [part]

    yield from listed(file.outline)


def _links(file: Any) -> Iterator[Any]:
    for page in file.pages:
        for link in page.get("/Annots", ()):
            target = link.get_object().get("/Dest")
            assert target is not None, link.get_object()
            yield file.named_destinations[target].dest_array if isinstance(target, str) else target


def _words_at(file: Any, pages: Any, target: Any) -> str:
    page = target[0].get_object()
    number = next(n for n, other in enumerate(file.pages) if other.get_object() == page)
    _, height, words = pages[number]
    top = height - float(target[3]) - 1
    below = sorted((round(float(box[1])), float(box[0]), text) for *box, text in words)
    return " ".join(text for y, _, text in below if y >= top and y > 45)[:40]


def without_page_numbers(lines: list[str]) -> list[str]:
    """Return lines in which the numbers of pages, in links and the list of contents, are gone."""
    return [re.sub(r"(side |\u2060)\d+", r"\1#", line) for line in lines]


def saved(content: bytes, folder: Path) -> Path:
    path = folder / "rapport.pdf"
    with pikepdf.open(io.BytesIO(content)) as file:  # Poppler is slow with compressed objects
        file.save(path, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return path


@pytest.mark.poppler
def test_everything_is_read_aloud_as_in_the_whole(poppler: Poppler, tmp_path: Path) -> None:
    """Test that the tag trees have the same elements with the same texts in the same order."""
    document = sample(3)
    files = (pdf.render(document), pdf.render(document, 1))
    assert files[1] != files[0]
    trees = [poppler.struct_text(saved(content, tmp_path)) for content in files]
    assert any("side " in line for line in trees[0])
    assert without_page_numbers(trees[1]) == without_page_numbers(trees[0])


def test_the_tags_are_those_of_the_whole(whole: bytes, joined: bytes) -> None:
    keys = ("/S", "/T", "/Alt", "/Lang")
    found, expected = (
        [[str(node.get(key, "")) for key in keys] for node in structure(content)]
        for content in (joined, whole)
    )
    assert found == expected
    assert read_headings(joined) == read_headings(whole)


@pytest.mark.poppler
def test_every_link_and_bookmark_leads_to_the_same_words(
    poppler: Poppler, whole: bytes, joined: bytes, tmp_path: Path
) -> None:
    expected, found = (landings(poppler, saved(content, tmp_path)) for content in (whole, joined))
    assert len(set(expected)) > len(headings(sample())) // 2
    assert found == expected


def test_the_page_numbers_of_links_are_those_of_the_pages_they_lead_to(joined: bytes) -> None:
    file = read(joined)
    described = Counter[str]()
    for page in file.pages:
        for link in page.get("/Annots", ()):
            named = re.search(r"side (\d+)$", str(link.get_object()["/Contents"]))
            assert named
            target = link.get_object()["/Dest"]
            if isinstance(target, str):
                target = file.named_destinations[target].dest_array
            assert file.pages[int(named[1]) - 1].get_object() == target[0].get_object()
            described[named[1]] += 1
    printed = Counter(re.findall(r"\bside (\d+)", " ".join(text(joined).split())))
    assert printed
    assert printed <= described


def test_every_page_has_its_number_and_chapter(joined: bytes, shown: Document) -> None:
    file = read(joined)
    pages = [page.extract_text() for page in file.pages]
    assert all(f"Side {n} av {len(pages)}" in page for n, page in enumerate(pages, 1))
    chapters = {section.title for section in shown.sections if section.chapter}
    begun = {
        (file.get_destination_page_number(part) or 0) + 1: str(part.title)
        for part in bookmarks(file)
        if part.title in chapters
    }
    assert begun
    for number, page in enumerate(pages[1:], 2):
        before = [begun[start] for start in sorted(begun) if start <= number]
        drawn = page.split("\n")[-2]  # the header is drawn before the footer
        assert drawn == before[-1] if before else drawn not in chapters


@pytest.mark.poppler
def test_no_page_is_bare_and_no_text_overlaps(
    poppler: Poppler, joined: bytes, tmp_path: Path
) -> None:
    assert_laid_out(poppler, saved(joined, tmp_path))


def test_it_meets_both_standards(joined: bytes, tmp_path: Path) -> None:
    assert not faults(joined, tmp_path)


@pytest.mark.parametrize("template", sampled(SHIPPED))
def test_every_template_in_parts_meets_both_standards(template: str, tmp_path: Path) -> None:
    document = compose(public_view(Register(report_of(template))))
    rendered = pdf.render(document, 3)
    assert not faults(rendered, tmp_path)
    assert read_headings(rendered) == read_headings(pdf.render(document))


def test_elements_and_marked_content_name_each_other(whole: bytes, joined: bytes) -> None:
    for content in (whole, joined):
        with pikepdf.open(io.BytesIO(content)) as file:
            assert_tags_hold(file)


def assert_tags_hold(file: Any) -> None:
    """Assert that the tag tree and the pages name each other, and that ids are unique."""
    root = file.Root.StructTreeRoot
    numbers = list(root.ParentTree.Nums)
    keys = [int(key) for key in numbers[::2]]
    assert keys == sorted(set(keys))
    assert keys[-1] < int(root.ParentTreeNextKey)
    parents = dict(zip(keys, numbers[1::2], strict=True))
    marked = Counter[tuple[Any, int]]()
    for page in file.pages:
        for number in content_ids(page):
            element = parents[int(page.obj.StructParents)][number]
            marked[page.obj.objgen, number] += 1
            assert (page.obj.objgen, number) in kids(element)
        for link in page.obj.get("/Annots", ()):
            element = parents[int(link.StructParent)]
            assert any(getattr(kid, "Obj", None) == link for kid in element.K)
    ids = [bytes(name) for name in list(root.IDTree.Names)[::2]]
    assert ids == sorted(set(ids))
    claimed = Counter[tuple[Any, int]]()
    for element in walk(root.K[0]):
        claimed.update(kids(element))
        for attributes in element.get("/A", ()):
            assert all(bytes(name) in ids for name in attributes.get("/Headers", ()))
    assert claimed == marked
    heads = list(root.IDTree.Names)
    assert all(name == head.ID for name, head in zip(heads[::2], heads[1::2], strict=True))


def content_ids(page: Any) -> Iterator[int]:
    """Yield the numbers of what a page marks for the tag tree."""
    for instruction in pikepdf.parse_content_stream(page):
        if str(instruction.operator) == "BDC":
            properties: Any = instruction.operands[1]
            if "/MCID" in properties:
                yield int(properties.MCID)


def walk(element: Any) -> Iterator[Any]:
    """Yield an element and those below it; each names the one above it."""
    yield element
    for kid in element.get("/K", ()):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            assert element == kid.P
            yield from walk(kid)


def kids(element: Any) -> list[tuple[Any, int]]:
    """Return page and number of what an element has marked itself."""
    found = []
    for kid in element.get("/K", ()):
        if isinstance(kid, int):
            found.append((element.Pg.objgen, kid))
        elif "/MCID" in kid:
            found.append((kid.Pg.objgen, int(kid.MCID)))
    return found


def test_the_same_document_gives_the_same_bytes() -> None:
    assert pdf.render(sample(12), 10) == pdf.render(sample(12), 10)


def test_a_report_that_is_short_enough_is_not_divided(shown: Document, whole: bytes) -> None:
    assert pdf.render(shown, 10**6) == whole
