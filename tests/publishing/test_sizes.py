"""Reports of one to sixty areas and one to twelve dates: every area and date is there and legible.

The smallest and a large one are tested always; all sizes are marked.
"""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from pathlib import Path
from random import Random

import pypdf
import pytest

from tests.parts import Poppler
from tests.publishing.test_docx import opened
from tests.publishing.test_html import Page
from tests.sources import demo
from xltiltak.model.field_types import Value
from xltiltak.model.register import Register
from xltiltak.model.report import Node, Report, Slot
from xltiltak.publishing import docx, pdf
from xltiltak.publishing import html as web
from xltiltak.publishing.compose import compose
from xltiltak.publishing.document import Document
from xltiltak.publishing.public_view import public_view

SIZES = [*product((1, 5, 18, 25, 40, 60), (1, 3, 6, 12))]
SAMPLE = [(1, 1), (25, 12)]
MEASURES = 7  # of each area
KINDS = ("skole", "barnehage", "sykehjem", "bibliotek og kulturhus", "legevakt")
PLACES = ("Nord", "Sør", "Øst", "Vest", "Sentrum", "Åsen", "Fjæra", "Li", "Bø", "Nes", "Vik")


def area_name(n: int) -> str:
    """Return the name of an area; no two have the same."""
    return f"{PLACES[n % len(PLACES)]} {KINDS[n % len(KINDS)]} {n + 1:02}"


def sized(areas: int, dates: int) -> Report:
    """Return a report of so many areas and dates, with the measures of the demonstration."""
    draw, base = Random(areas * 100 + dates), demo()
    days = tuple(date(2018 + k // 4, 3 * (k % 4) + 1, 28) for k in range(dates))
    refs = [node.ref for node in base.nodes if node.level == "measure"]
    nodes, values = list[Node](), dict[Slot, Value]()
    for n in range(areas):
        area = f"A{n:02}"
        nodes.append(Node(area, "area"))
        values[Slot(area, "name")] = area_name(n)
        for k in range(MEASURES):
            ref, model = f"{area}-{k:03}", refs[(n * MEASURES + k) % len(refs)]
            nodes.append(Node(ref, "measure", area))
            values[Slot(ref, "no")] = k + 1
            for name in ("name", "remark"):
                if (text := base.values.get(Slot(model, name))) is not None:
                    values[Slot(ref, name)] = text
            step = draw.randint(1, 4)
            for day in days:
                step = max(1, min(5, step + draw.choice((-2, -1, 0, 0, 1, 1))))
                if draw.random() < 0.93:
                    values[Slot(ref, "status", day)] = step
    head = replace(base.head, dates=days, current=None)
    return replace(base, head=head, nodes=tuple(nodes), values=values, areas={})


def document(areas: int, dates: int) -> Document:
    """Return the document of a report of this size."""
    return compose(public_view(Register(sized(areas, dates))))


def assert_readable(text: str, areas: int, dates: int) -> None:
    """Assert that a text has the name of every area and every date."""
    flat = " ".join(text.replace("\xad", "").split())
    report = sized(areas, dates)
    assert not [area_name(n) for n in range(areas) if area_name(n) not in flat]
    assert not [day for day in report.head.dates if f"{day:%d.%m.%Y}" not in flat]


@dataclass(frozen=True)
class Word:
    """A word on a page and its box, in points."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Word) -> bool:
        """Return True if two words cover each other by more than a hair."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        height = min(self.bottom - self.top, other.bottom - other.top)
        return across > 1 and down > 0.45 * height


def assert_laid_out(poppler: Poppler, path: Path) -> None:
    """Assert that no two words overlap, that none leaves the page, and that no page is bare."""
    pages = poppler.words(path)
    for number, (width, height, found) in enumerate(pages, 1):
        words = [Word(html.unescape(text), *map(float, box)) for *box, text in found]
        assert all(word.left >= 0 and word.right <= width for word in words), number
        assert all(word.top >= 0 and word.bottom <= height for word in words), number
        words.sort(key=lambda word: word.left)
        for k, word in enumerate(words):
            for other in words[k + 1 :]:
                if other.left >= word.right:
                    break
                assert not word.overlaps(other), (number, word, other)
        body = [word for word in words if word.top > 60 and word.bottom < height - 60]
        lowest = max((word.bottom for word in body), default=0.0)
        if number < len(pages):
            assert lowest > 0.2 * height, (number, lowest)


def check(areas: int, dates: int) -> bytes:
    """Assert that all formats have every area and date; return the PDF."""
    shown = document(areas, dates)
    page = Page(web.render(shown))
    assert_readable(" ".join(page.texts), areas, dates)
    file = opened(docx.render(shown))
    cells = (cell.text for t in file.tables for row in t.rows for cell in row.cells)
    assert_readable(" ".join([*cells, *(p.text for p in file.paragraphs)]), areas, dates)
    printed = pdf.render(shown)
    read = pypdf.PdfReader(io.BytesIO(printed))
    assert_readable(" ".join(page.extract_text() for page in read.pages), areas, dates)
    return printed


@pytest.mark.parametrize(("areas", "dates"), SAMPLE)
def test_every_area_and_date_can_be_read_in_every_format(areas: int, dates: int) -> None:
    check(areas, dates)


@pytest.mark.slow
@pytest.mark.parametrize(("areas", "dates"), SIZES)
def test_every_size_can_be_read_and_nothing_overlaps(
    poppler: Poppler, tmp_path: Path, areas: int, dates: int
) -> None:
    path = tmp_path / "r.pdf"
    path.write_bytes(check(areas, dates))
    assert_laid_out(poppler, path)


@pytest.mark.slow
def test_a_row_that_fills_more_than_a_page_goes_on_with_its_number_and_name() -> None:
    report = sized(1, 3)
    remark = tuple(f"Avsnitt {n} " + "om arbeidet som er gjort. " * 30 for n in range(20))
    values = {**report.values, Slot("A00-003", "remark"): "\n".join(remark)}
    shown = compose(public_view(Register(replace(report, values=values))))
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.render(shown))).pages]
    name = " ".join(str(report.values[Slot("A00-003", "name")]).split())
    flat = [" ".join(page.replace("\xad", "").split()) for page in pages]
    holding = [page for page in flat if re.search(r"Avsnitt \d+ om arbeidet", page)]
    assert len(holding) > 1
    assert all(name in page for page in holding)
    assert sum(f"4 {name} (forts.)" in page for page in holding) >= len(holding) - 1
    assert all(any(f"Avsnitt {n} " in page for page in holding) for n in range(20))
