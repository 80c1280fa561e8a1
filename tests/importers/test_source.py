"""Import appendices as people make them, in Word and Excel, with rows and with cards.

Each gives the report that it was written from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import shapes
from tests.examples import examples, sampled
from tests.office import Office
from tests.sources import REAL, SCORED, TEMPLATES, report_of, small
from xltiltak.importers.import_flow import import_source
from xltiltak.importers.report_builder import ImportResult
from xltiltak.model.finding import Finding
from xltiltak.model.report import Area, Report
from xltiltak.templates import catalogue

Shape = Callable[[Report, Path], Path]


@pytest.fixture(autouse=True)
def _in_bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


def word_rows(report: Report, folder: Path) -> Path:
    """Write a document with headings above its tables."""
    return shapes.saved_word(shapes.word_rows(report), folder / "vedlegg.docx")


def word_cards(report: Report, folder: Path) -> Path:
    """Write a document with a table of labels and values for each measure."""
    return shapes.saved_word(shapes.word_cards(report), folder / "vedlegg.docx")


def word_cards_untitled(report: Report, folder: Path) -> Path:
    """Write the same with the number among the labels."""
    return shapes.saved_word(shapes.word_cards(report, titles=False), folder / "vedlegg.docx")


def sheet_per_area(report: Report, folder: Path) -> Path:
    """Write a workbook with a sheet for each area."""
    return shapes.excel(shapes.sheet_per_area(report), folder / "vedlegg.xlsx")


def one_with_headings(report: Report, folder: Path) -> Path:
    """Write a workbook with the area in a heading on the sheet."""
    return shapes.excel(shapes.one_with_headings(report), folder / "vedlegg.xlsx")


def one_with_column(report: Report, folder: Path) -> Path:
    """Write a workbook with the area in a column."""
    return shapes.excel(shapes.one_with_column(report), folder / "vedlegg.xlsx")


def merged_with_dates(report: Report, folder: Path) -> Path:
    """Write a workbook with areas merged over rows, and dates below one merged label."""
    return shapes.merged_with_dates(report, folder / "vedlegg.xlsx")


CARDS = [t for t in TEMPLATES if catalogue.find(t).layout == "cards"]
WITH_AREAS = [t for t in TEMPLATES if catalogue.find(t).area_level]
CASES: list[tuple[str, Shape]] = [
    *((t, shape) for t in TEMPLATES for shape in (word_rows, one_with_column)),
    *((t, shape) for t in CARDS for shape in (word_cards, word_cards_untitled)),
    *((t, shape) for t in WITH_AREAS for shape in (sheet_per_area, one_with_headings)),
    (SCORED, merged_with_dates),
]


def head(folder: Path, report: Report) -> Path:
    """Write the report details of a report to a file."""
    details, dates = report.head, ", ".join(map(str, report.head.dates))
    lines = [
        f"organisation = {details.organisation!r}",
        f"title = {details.title!r}",
        f"year = {details.year}",
    ]
    lines += [
        f"language = {details.language!r}",
        f"periods = [{dates}]",
        f"code = {details.code!r}",
    ]
    if report.template.area_level:
        lines += [
            f"[[areas]]\nname = {report.area_name(ref)!r}\ncode = {ref!r}"
            for ref in report.area_refs
        ]
    path = folder / "hode.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


def bare(report: Report) -> Report:
    """Return the report without what no printed appendix has."""
    refs = {ref: Area(highest=area.highest) for ref, area in report.areas.items()}
    nodes = tuple(node._replace(first=None, last=None) for node in report.nodes)
    bare_head = replace(
        report.head, intro="", current=None, deadline=None, contact="", case_number=""
    )
    named = {
        slot: v for slot, v in report.values.items() if slot.ref not in refs or slot.field == "name"
    }
    return replace(report, head=bare_head, areas=refs, nodes=nodes, values=named)


def renumbered(report: Report) -> tuple[Any, ...]:
    """Return the content of a report with nodes by position instead of by ref."""
    order = {node.ref: n for n, node in enumerate(report.nodes)}
    nodes = [(node.level, order.get(node.parent or ""), node.group) for node in report.nodes]
    values = {
        (order[slot.ref], slot.field, slot.date): value for slot, value in report.values.items()
    }
    return nodes, values, report.head


@pytest.mark.parametrize(("template", "shape"), sampled(CASES))
def test_every_shape_gives_the_report_it_was_written_from(
    template: str, shape: Shape, tmp_path: Path
) -> None:
    report = bare(report_of(template))
    done = import_source(shape(report, tmp_path), report.template, head(tmp_path, report))
    assert renumbered(done.report) == renumbered(report)
    assert [f.sentence("nb") for f in done.findings if f.severity != "note"] == []


def test_word_as_libreoffice_writes_it_gives_the_same(office: Office, tmp_path: Path) -> None:
    report = bare(report_of(SCORED))
    path = word_rows(report, tmp_path)
    with office.open(path) as document:
        saved = document.save(tmp_path / "lagret.docx")
    assert saved.read_bytes() != path.read_bytes()
    done = import_source(saved, report.template, head(tmp_path, report))
    assert renumbered(done.report) == renumbered(report)
    assert [f.code for f in done.findings] == []


@pytest.mark.parametrize("template", CARDS)
def test_cards_as_libreoffice_writes_them_give_the_same(
    office: Office, template: str, tmp_path: Path
) -> None:
    report = bare(report_of(template))
    with office.open(word_cards(report, tmp_path)) as document:
        saved = document.save(tmp_path / "lagret.docx")
    done = import_source(saved, report.template, head(tmp_path, report))
    assert renumbered(done.report) == renumbered(report)


def test_excel_as_libreoffice_writes_it_gives_the_same(office: Office, tmp_path: Path) -> None:
    report = bare(report_of(SCORED))
    with office.open(merged_with_dates(report, tmp_path)) as document:
        saved = document.save(tmp_path / "lagret.xlsx")
    done = import_source(saved, report.template, head(tmp_path, report))
    assert renumbered(done.report) == renumbered(report)


# The law: for any order, labels and lines between, the import gives the report, and every line is
# placed or reported.

NOISE = ("Utarbeidet av staben", "Side 3 av 12", "Kilde: årsregnskapet", "* foreløpige tall")
SHAPES: dict[str, Callable[..., dict[str, list[list[Any]]]]] = {
    "sheets": shapes.sheet_per_area,
    "headings": shapes.one_with_headings,
    "column": shapes.one_with_column,
}


@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    seed=st.integers(0, 10**6),
    template=st.sampled_from(WITH_AREAS),
    shape=st.sampled_from(sorted(SHAPES)),
)
def test_in_excel_no_order_and_no_line_between_makes_a_difference(
    seed: int, template: str, shape: str, tmp_path: Path
) -> None:
    noise, report = Random(seed), bare(small(catalogue.find(template)))
    pages = SHAPES[shape](report, lambda shown: shuffled(shown, noise))
    added = [text for rows in pages.values() for text in scattered(rows, noise)]
    done = import_source(
        shapes.excel(pages, tmp_path / "vedlegg.xlsx"), report.template, head(tmp_path, report)
    )
    assert renumbered(done.report) == renumbered(report)
    assert not_placed(done) == sorted(added)


@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10**6), template=st.sampled_from(TEMPLATES))
def test_in_word_no_order_and_no_line_between_makes_a_difference(
    seed: int, template: str, tmp_path: Path
) -> None:
    noise, report = Random(seed), bare(small(catalogue.find(template)))
    document = shapes.word_rows(report, lambda shown: shuffled(shown, noise))
    added = [noise.choice(NOISE) for _ in range(noise.randrange(3))]
    for text in added:
        document.add_paragraph(text)
        document.add_paragraph("")
    done = import_source(
        shapes.saved_word(document, tmp_path / "vedlegg.docx"),
        report.template,
        head(tmp_path, report),
    )
    assert renumbered(done.report) == renumbered(report)
    assert not_placed(done) == sorted(added)


def shuffled(shown: list[shapes.PrintedColumn], noise: Random) -> list[shapes.PrintedColumn]:
    """Return the columns in another order, some with another of their labels."""
    other = [column._replace(label=another(column, noise)) for column in shown]
    noise.shuffle(other)
    return other


def another(column: shapes.PrintedColumn, noise: Random) -> str:
    """Return a label that the template knows for a column, as people write it."""
    names = [column.label]
    if column.field and column.date:
        before = column.field.label_for()
        names += [
            f"{before} {column.date:%d.%m.%Y}",
            f"{before}: {column.date:%d.%m.%y}",
            f"{before}\n{column.date}",
        ]
    elif column.field:
        names += column.field.aliases
    name = noise.choice(names)
    return noise.choice([name, name.upper(), f"{name}:", f" {name} "])


def scattered(rows: list[list[Any]], noise: Random) -> list[str]:
    """Add blank rows among the rows and lines of other text below; return the added texts."""
    for _ in range(noise.randrange(4)):
        rows.insert(noise.randrange(len(rows) + 1), [])
    added = [noise.choice(NOISE) for _ in range(noise.randrange(3))]
    for text in added:
        rows += [[], [text]]
    return added


def not_placed(done: ImportResult) -> list[str]:
    """Return the texts that had no place in the report."""
    return sorted(f.values["value"] for f in done.findings if f.code == "I101")


# The real documents, if they are beside the checkout.

needs_real = pytest.mark.skipif(
    not REAL.is_dir(), reason=f"needs the real documents; not in {REAL}"
)


@needs_real
@pytest.mark.parametrize(("template", "shape"), sampled(CASES))
def test_a_real_appendix_in_every_shape_gives_the_report_of_its_table(
    template: str, shape: Shape, tmp_path: Path
) -> None:
    table = next(REAL.glob(f"*_{template}.csv"))
    report = report_of(template)
    done = import_source(shape(report, tmp_path), report.template, table.with_suffix(".toml"))
    assert done.report == report
    assert wrong(done.findings) == wrong(import_source(table, report.template).findings)


def wrong(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    """Return the errors with their messages."""
    return [(f.code, f.message("nb")) for f in findings if f.severity == "error"]
