"""Test that web page, Word, PDF and workbook show the same numbers, and LibreOffice too."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx as word
import openpyxl
import pytest

from tests.office import Office
from tests.parts import Poppler
from tests.programs.test_office_figures import assert_computed, gappy
from tests.publishing.test_docx import opened
from tests.sources import TEMPLATES, demo, report_of
from xltiltak.model.language import decimal_text
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.model.summary import TOTAL
from xltiltak.publishing import publication
from xltiltak.publishing.public_view import PublicView, public_view

CASES: dict[str, Callable[[], Report]] = {
    **{name: partial(report_of, name) for name in TEMPLATES},
    "demo": demo,
    "with gaps": gappy,
}
# A cell of a table of figures, as it is printed.
CELL = (
    r"(?:(?:opp|ned|upp) [\d,]+|uendret|oförändrat|ingen svar|ikke levert"
    r"|\d+ av \d+ besvart|\d+ av \d+|\d+(?:,\d+)?|–|ja|nei)"
)

Table = list[tuple[str, ...]]
Lines = list[tuple[str, ...]]


@dataclass(frozen=True)
class Numbers:
    """Hold the figures of one format.

    `table` is the table of all areas without its header; `lines` are the labels and values above
    the table and above each area.
    """

    table: Table
    lines: Lines


class Page(HTMLParser):
    """Read the first table below a heading, and every list of labels and figures."""

    def __init__(self, content: bytes, below: str) -> None:
        super().__init__()
        self.below, self.inside, self.shown = below, False, False
        self.rows: list[list[str]] = []
        self.facts: list[list[str]] = []
        self.text: list[str] | None = None
        self.feed(content.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.inside |= attributes.get("id") == self.below
        if tag == "tr" and self.inside:
            self.rows.append([])
        if tag == "dl":
            self.shown = attributes.get("class") == "facts"
            self.facts += [[]] * self.shown
            self.facts[-1:] = [[]] if self.shown else self.facts[-1:]
        if (tag in ("td", "th") and self.inside) or (tag in ("dt", "dd") and self.shown):
            self.text = []

    def handle_endtag(self, tag: str) -> None:
        if self.text is not None and tag in ("td", "th", "dt", "dd"):
            (self.rows if tag in ("td", "th") else self.facts)[-1].append(
                " ".join("".join(self.text).split())
            )
            self.text = None
        self.inside &= tag != "table"

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.append(data)


def on_the_page(content: bytes) -> Numbers:
    page = Page(content, "figures")
    return Numbers([tuple(row) for row in page.rows[1:]], [tuple(line) for line in page.facts])


def in_word(content: bytes, caption: str) -> Numbers:
    """Return the numbers in a Word file; `lines` are the paragraphs of labels and bold values."""
    file = opened(content)
    tables = [t for t in file.tables if t._tbl.xpath("w:tblPr/w:tblCaption/@w:val") == [caption]]
    rows = [
        tuple(unsigned(cell.text) for cell in row.cells) for table in tables for row in table.rows
    ]
    return Numbers(rows[1:], [line for p in file.paragraphs if (line := tuple(facts_of(p)))])


def facts_of(paragraph: Any) -> Iterator[str]:
    """Yield labels and values in turn, or nothing if a paragraph has other text.

    Every value is bold, after a label that ends with a colon.
    """
    runs = [run for run in paragraph.runs if run.text.strip(" ·")]
    labels, values = runs[::2], runs[1::2]
    named = all(run.text.endswith(": ") and not run.bold for run in labels)
    if runs and named and len(labels) == len(values) and all(run.bold for run in values):
        yield from (run.text.removesuffix(": ") for run in runs)


def unsigned(text: str) -> str:
    return re.sub("^[▲▼■] ", "", " ".join(text.split()))


def on_paper(pages: list[str], expected_numbers: Numbers, caption: str) -> Numbers:
    """Return the numbers on printed pages, where `expected_numbers` are those of the web page.

    A row is a line below the caption that ends in as many figures as the row of the web page. Its
    name and empty cells are taken from the web page: a printed name may fill several lines.
    """
    text = "\n".join(pages)
    lines = text[text.index(caption) :].split("\n") if expected_numbers.table else []
    rows: Table = []
    for line in lines:
        if len(rows) < len(expected_numbers.table):
            name, *cells = expected_numbers.table[len(rows)]
            wide = len([cell for cell in cells if cell])
            if match := re.search(rf"((?:\s+{CELL}){{{wide}}})$", line.rstrip()):
                found = iter(re.findall(CELL, match[1]))
                rows.append((name, *(next(found) if cell else "" for cell in cells)))
    flat = " ".join(text.split())
    return Numbers(rows, [line for line in expected_numbers.lines if " ".join(line) in flat])


def in_the_workbook(content: bytes, report: Report, language: str) -> dict[str, dict[str, str]]:
    """Return the cells of the overview by area and column label, written as in other formats."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    top = next(n for n, row in enumerate(rows) if row[0] and row[1] == report.template.leaf.label)
    end = next(n for n in range(top, len(rows)) if rows[n][0] is None or n == len(rows) - 1)
    heads = [str(head) for head in rows[top] if head is not None]
    return {
        str(row[0]): {
            head: written(value, head, language)
            for head, value in zip(heads[1:], row[1:], strict=False)
        }
        for row in rows[top + 1 : end + 1]
        if row[0]
    }


def written(value: Any, head: str, language: str) -> str:
    """Return a cell of the workbook as other formats show it. `head` is its column's label."""
    number = decimal_text(f"{abs(value):.1f}", language) if isinstance(value, float | int) else ""
    if re.fullmatch(r"\S+ \d\d\.\d\d\.\d{4}", head):
        return number or "ingen svar"
    if head == "Endring" and isinstance(value, float | int):
        return f"{'opp' if value > 0 else 'ned'} {number}" if value else "uendret"
    return "" if value is None else unsigned(str(value))


def expected(edition: PublicView, table: Table, labels: list[str]) -> dict[str, dict[str, str]]:
    """Return the cells of the web page's table by area and the workbook's column label."""
    names = [edition.report.template.leaf.label, *labels[2:]]
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in table}


@pytest.mark.parametrize("case", CASES)
def test_every_format_shows_the_same_numbers(
    office: Office, poppler: Poppler, tmp_path: Path, case: str
) -> None:
    report = CASES[case]()
    register = Register(report)
    edition = public_view(register)
    public = publication.Publication(register, edition)
    content = {
        suffix: publication.FORMATS[suffix](public)
        for suffix in (".html", ".docx", ".pdf", ".xlsx")
    }
    for suffix in (".pdf", ".xlsx"):
        (tmp_path / f"rapport{suffix}").write_bytes(content[suffix])

    head = next((s.blocks[0] for s in public.document.sections if s.anchor == "figures"), None)
    caption, labels = (head.caption, [c.label for c in head.columns]) if head else ("", [])  # type: ignore[union-attr]
    page = on_the_page(content[".html"])
    assert page.lines, "no figures at all"
    assert in_word(content[".docx"], caption) == page
    assert on_paper(poppler.pdftotext(tmp_path / "rapport.pdf"), page, caption) == page
    assert_the_summary(edition, page)
    with office.open(tmp_path / "rapport.xlsx") as document:
        assert assert_computed(document, tmp_path / "rapport.xlsx") >= 1
    book = in_the_workbook(content[".xlsx"], report, edition.language)
    for name, figures in expected(edition, page.table, labels).items():
        both = {label for label in book[name] if label in figures}
        assert len(both) >= 1 + 3 * bool(edition.scored)
        assert {label: figures[label] for label in both} == {
            label: book[name][label] for label in both
        }


def assert_the_summary(edition: PublicView, page: Numbers) -> None:
    """Assert that the table of the web page has the figures of the summary."""
    for n, ref in enumerate((*edition.report.area_refs, TOTAL) if page.table else ()):
        if n == len(page.table):  # a single area has no total
            break
        day = edition.report_date
        means = [edition.mean(ref, day)] if edition.scored and day else []
        shown_means = [
            "ingen svar" if mean is None else decimal_text(mean, edition.language) for mean in means
        ]
        counts = [str(edition.standings[ref].measures), str(edition.standings[ref].answered)]
        assert [*page.table[n][1:3], *page.table[n][3 : 3 + len(shown_means)]] == [
            *counts,
            *shown_means,
        ]


def test_a_paragraph_without_bold_values_has_no_figures() -> None:
    """An ordinary paragraph of a Word file has no figures."""
    file = word.Document()
    file.add_paragraph("Merknad: ingen")
    assert [tuple(facts_of(p)) for p in file.paragraphs] == [()]
