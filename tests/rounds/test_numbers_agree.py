"""Test that web page, Word, PDF and workbook show the same numbers, and LibreOffice too."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import docx as word
import openpyxl
import pytest

from tests.office import Office
from tests.parts import Poppler
from tests.programs.test_office_figures import assert_computed, gappy
from tests.publishing.test_docx import opened
from tests.rounds.test_one_count import Page
from tests.sources import TEMPLATES, demo, report_of
from xltiltak.model.carried import carried_steps, with_steps
from xltiltak.model.language import decimal_text, translate
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.model.summary import CATEGORIES
from xltiltak.publishing import publication
from xltiltak.publishing.public_view import public_view


def with_carried_steps() -> Report:
    """Return the demonstration, in which leaders have left what was finished before."""
    report = demo()
    report = report.with_open_date(report.head.dates[-1])
    last, done = report.head.current, 5
    unfinished = {s: v for s, v in report.values.items() if (s.date, v) != (last, done)}
    steps = carried_steps(replace(report, values=unfinished))
    assert steps
    return replace(with_steps(report, steps), head=replace(report.head, current=None))


CASES: dict[str, Callable[[], Report]] = {
    **{name: partial(report_of, name) for name in TEMPLATES},
    "demo": demo,
    "with gaps": gappy,
    "with carried steps": with_carried_steps,
}
BARS = ("Trinn, nå over forrige", "Skala")  # columns of drawings
TITLES = ("Område for område", "Område för område", "Allt tillsammans")

Table = list[tuple[str, ...]]
Lines = list[tuple[str, ...]]


@dataclass(frozen=True)
class Numbers:
    """Hold the figures of one format.

    `table` is the table of all areas with its head, each line of a cell after a line break; `lines`
    are the labels and values of figures outside tables.
    """

    table: Table
    lines: Lines


def on_the_page(content: bytes) -> Numbers:
    """Return the numbers on a web page."""
    page = Page(content)
    (rows,) = (rows for caption, rows in page.tables if caption in TITLES)
    lines = [tuple(part for pair in line.items() for part in pair) for line in page.facts]
    return Numbers(without_drawings(rows), lines)


def without_drawings(rows: list[list[str]]) -> Table:
    """Return the rows of a table without its column of bars."""
    shown = [n for n, label in enumerate(rows[0]) if label not in BARS]
    return [tuple(row[n] for n in shown) for row in rows]


def in_word(content: bytes) -> Numbers:
    """Return the numbers in a Word file; `lines` are the paragraphs of labels and bold values."""
    file = opened(content)
    caption = "string(w:tblPr/w:tblCaption/@w:val)"
    (table,) = (t for t in file.tables if t._tbl.xpath(caption) in TITLES)
    rows = [["\n".join(map(unsigned, c.text.split("\n"))) for c in row.cells] for row in table.rows]
    lines = [line for p in file.paragraphs if (line := tuple(facts_of(p)))]
    return Numbers(without_drawings(rows), lines)


def on_paper(drawn: str, page: Numbers) -> Numbers:
    """Return those of the numbers of the web page that are printed, cell after cell."""
    head, *rows = page.table
    firsts = ["".join("".join(cell.split("\n")[0].split()) for cell in row[1:]) for row in rows]
    printed = [row for row, cells in zip(rows, firsts, strict=True) if cells in drawn]
    lines = [line for line in page.lines if "".join("".join(line).split()) in drawn]
    return Numbers([head, *printed], lines)


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
    return re.sub("^[▲▼■●○] ", "", " ".join(text.split()))


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


def expected(report: Report, table: Table) -> dict[str, dict[str, str]]:
    """Return the cells of the web page's table by area and the workbook's column label."""
    found = {}
    for row in table[1:]:
        cells = dict(zip(table[0], row, strict=True))
        mean = cells.pop("Gjennomsnitt og endring", "")
        shown, _, note = mean.partition("\n")
        number, _, change = shown.partition(" ")
        if mean and shown != "ingen svar":
            cells["Endring"] = change or note
        leaf = report.template.leaf.label
        count = translate("report.measures", report.head.language, measure=leaf)
        cells[leaf] = cells.pop("I alt", "") or cells.pop(count)
        if mean and report.report_date:
            cells[f"Gjennomsnitt {report.report_date:%d.%m.%Y}"] = (
                "ingen svar" if shown == "ingen svar" else number
            )
        name = row[0].split("\n")[0]
        if not report.template.area_level:  # workbooks say "all areas" also where there are none
            name = translate("term.total", report.head.language)
        found[name] = cells
    return found


@pytest.mark.parametrize("case", CASES)
def test_every_format_shows_the_same_words_and_numbers(
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

    page = on_the_page(content[".html"])
    assert in_word(content[".docx"]) == page
    assert on_paper("".join(poppler.drawn(tmp_path / "rapport.pdf")), page) == page
    with office.open(tmp_path / "rapport.xlsx") as document:
        assert assert_computed(document, tmp_path / "rapport.xlsx") >= 1
    book = in_the_workbook(content[".xlsx"], report, edition.language)
    for name, figures in expected(edition.report, page.table).items():
        both = {label for label in book[name] if label in figures}
        assert len(both) >= 1 + 3 * bool(edition.scored)
        assert {label: figures[label] for label in both} == {
            label: book[name][label] for label in both
        }


def test_the_outputs_share_one_list_of_terms() -> None:
    """Test that heads of tables, changes, steps and dates are written alike everywhere."""
    report = demo()
    register = Register(report)
    public = publication.Publication(register, public_view(register))
    page = Page(publication.FORMATS[".html"](public))
    file = opened(publication.FORMATS[".docx"](public))
    book = openpyxl.load_workbook(io.BytesIO(publication.FORMATS[".xlsx"](public)))
    on_page = [cell for _, rows in page.tables for row in rows for cell in row]
    in_file = [cell.text for t in file.tables for row in t.rows for cell in row.cells]
    in_book = [str(c.value) for s in book for row in s.iter_rows() for c in row if c.value]
    written = [
        {word for cell in cells for line in cell.split("\n") for word in [unsigned(line)]}
        for cells in (on_page, in_file, in_book)
    ]
    terms = ("book.area", "term.change", "term.same", *(f"term.{name}" for name in CATEGORIES[:4]))
    for words in written:
        assert {translate(key, "nb") for key in terms} <= words
        assert any(re.fullmatch("opp 2", word) for word in words)
        assert any("31.12.2020" in word for word in words)
        assert not any("Snitt" in word or "Uendret" in word for word in words)


def test_a_paragraph_without_bold_values_has_no_figures() -> None:
    """An ordinary paragraph of a Word file has no figures."""
    file = word.Document()
    file.add_paragraph("Merknad: ingen")
    assert [tuple(facts_of(p)) for p in file.paragraphs] == [()]
