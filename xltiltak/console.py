"""What people see in a terminal: findings as a table, figures as a table, progress on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, groupby, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xltiltak.model.finding import SEVERITIES, Finding
from xltiltak.model.language import decimal_text, translate
from xltiltak.model.summary import TOTAL, area_statistics, decimals_of, node_counts
from xltiltak.piped import Column, drawn, room

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from xltiltak.importers.header import TableReading
    from xltiltak.model.register import Register
    from xltiltak.model.report import Report
    from xltiltak.years.comparison import ReportChange

_COLOURS = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_REPEATS = 3  # so many findings of one code and file are told one by one
_MOST_QUOTED = 120  # characters of a quotation in the table
_MOST_CHANGES = 40  # in the table
_MOST_AREAS = 30  # areas in the table; the appendix shows them all
_ENOUGH_FOR_A_BAR = 50  # files


def console() -> Console:
    """Standard output, as wide as the terminal; a fixed width into a file."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False, width=room())


def say(text: str) -> None:
    """A line for people, on standard error."""
    sys.stderr.write(text + "\n")


def tell(text: str) -> None:
    """A line of the result, on standard output."""
    sys.stdout.write(text + "\n")


def show_findings(findings: Sequence[Finding], spoken: str, *, every: bool = False) -> None:
    """The table of findings, errors first, repeats collapsed; then how many there are."""
    if findings:
        shown = list(_collapsed(findings, every=every))
        rows = [_cells(finding, rest, spoken) for finding, rest in shown]
        columns = _columns("severity", "where", "says", "code", spoken=spoken)
        _show(columns, rows, [_COLOURS[finding.severity] for finding, _ in shown])
    counted = ((severity, sum(f.severity == severity for f in findings)) for severity in SEVERITIES)
    counts = [
        f"{n} {translate(f'book.{of}' if n == 1 else f'cli.{of}s', spoken)}" for of, n in counted
    ]
    tell(" · ".join(counts) if findings else translate("cli.no_findings", spoken))


def show_figures(register: Register) -> None:
    """Each area with its measures, answers and means, and all together."""
    report = register.report
    if not report.template.scored():
        return
    spoken, decimals, known = report.head.language, decimals_of(report), area_statistics(report)
    counts, current = (
        node_counts(report),
        report.head.current or max(report.head.dates, default=None),
    )
    dates = [translate("book.mean", spoken, date=f"{day:%d.%m.%y}") for day in report.head.dates]
    columns = [
        *_columns("area", "measures", "answered", spoken=spoken),
        *(Column(label, right=True) for label in dates),
    ]
    rows: list[Sequence[str]] = []
    left_out = len(report.area_refs) - _MOST_AREAS
    for ref in (*report.area_refs[:_MOST_AREAS], TOTAL):
        if ref == TOTAL and left_out > 0:
            rows.append(
                [
                    translate("cli.more_areas", spoken, count=left_out),
                    *("" for _ in columns[1:]),
                ]
            )
        means = [known[ref, day].mean(decimals) for day in report.head.dates]
        name = report.area_name(ref) if ref != TOTAL else translate("book.total", spoken)
        shown = ["–" if mean is None else decimal_text(mean, spoken) for mean in means]
        measures = str(counts[ref][report.template.leaf.id])
        answered = str(known[ref, current].answered) if current else "–"
        rows.append([name, measures, answered, *shown])
    _show(columns, rows)


def show_changes(changes: Sequence[ReportChange], spoken: str, *, every: bool = False) -> None:
    """The table of changes, and how many there are."""
    if changes:
        keys = ("sort", "area", "what", "before", "after")
        rows = []
        for change in changes if every else changes[:_MOST_CHANGES]:
            texts = (
                change.said_sort(spoken),
                change.area,
                change.said_what(spoken),
                change.before,
                change.after,
            )
            rows.append([_short(text) for text in texts])
        _show([Column(translate(f"compare.{key}", spoken)) for key in keys], rows)
    tell(translate("compare.count" if changes else "compare.none", spoken, count=len(changes)))
    if len(changes) > _MOST_CHANGES and not every:
        tell(translate("cli.more", spoken, count=len(changes) - _MOST_CHANGES))


def show_understood(report: Report, tables: Sequence[TableReading]) -> None:
    """How a source was read: each area with its nodes, the dates, and what every column was read as."""
    spoken, counts = report.head.language, node_counts(report)
    levels = (Column(level.label, right=True) for level in report.template.levels)
    rows = []
    for ref in (*report.area_refs, TOTAL) if report.template.sent else (TOTAL,):
        name = report.area_name(ref) if ref != TOTAL else translate("book.total", spoken)
        rows.append([name, *(str(count) for count in counts[ref].values())])
    _show([*_columns("area", spoken=spoken), *levels], rows)
    dates = ", ".join(f"{day:%d.%m.%Y}" for day in report.head.dates) or "–"
    tell(translate("cli.import.dates", spoken, dates=dates))
    _show(
        [Column(translate(f"cli.import.{key}", spoken)) for key in ("where", "says", "means")],
        _read_as(tables, spoken),
    )


def _read_as(tables: Sequence[TableReading], spoken: str) -> list[Sequence[str]]:
    """Each column with what it was read as; columns that are alike in several tables once."""
    rows: list[Sequence[str]] = []
    unknown = translate("cli.import.unknown", spoken)
    for place, columns in {
        columns: (where, columns) for where, columns in reversed(tables)
    }.values():
        for n, (says, means) in enumerate(columns):
            rows.append(["" if n else place, says, means or unknown])
    return rows


def show_written(written: Iterable[Path], spoken: str) -> None:
    """The files that were written."""
    for path in written:
        tell(translate("cli.written", spoken, path=path))


def show_table(labels: Iterable[str], rows: Iterable[Sequence[str]]) -> None:
    """Any table, a text a cell."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for label in labels:
        table.add_column(label, overflow="fold")
    for row in rows:
        table.add_row(*map(_plain, row))
    console().print(table)


@contextmanager
def progress(count: int, spoken: str) -> Iterator[Any]:
    """A bar on a terminal while many files are read; gives what is to be called for each, None elsewhere."""
    if count < _ENOUGH_FOR_A_BAR or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(translate("cli.reading", spoken), total=count)
        yield lambda _: bar.advance(task)


def _columns(*keys: str, spoken: str) -> list[Column]:
    """The columns of what stands in a workbook, under its headings."""
    right, whole = ("measures", "answered"), ("code", "severity")
    return [Column(translate(f"book.{key}", spoken), key in right, key in whole) for key in keys]


def _show(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], colours: Sequence[str] = ()
) -> None:
    """A table, the first cell of each row in its colour. Only a terminal, or a letter that is not plain, needs rich."""
    page = room()
    plain = drawn(columns, rows, page) if page else None
    if plain is None:
        console().print(_table(columns, rows, colours))
    else:
        sys.stdout.write(plain)


def _table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], colours: Sequence[str]
) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(
            _plain(column.label), justify="right" if column.right else "left", no_wrap=column.whole
        )
    for row, colour in zip(rows, chain(colours, repeat("")), strict=False):
        table.add_row(_plain(row[0], colour), *map(_plain, row[1:]))
    return table


def _collapsed(findings: Sequence[Finding], *, every: bool) -> Iterator[tuple[Finding, int]]:
    """Findings one by one; of many alike the first few, the last of them with how many more there are."""
    for _, group in groupby(
        findings, key=lambda f: (f.severity, f.code, f.place.file if f.severity == "error" else "")
    ):
        alike = list(group)
        shown = alike if every or len(alike) <= _REPEATS + 1 else alike[:_REPEATS]
        yield from ((f, 0) for f in shown[:-1])
        yield shown[-1], len(alike) - len(shown)


def _cells(finding: Finding, rest: int, spoken: str) -> tuple[str, ...]:
    says = f"{_short(finding.message(spoken))} {finding.fix(spoken)}"
    more = f"\n{translate('cli.more', spoken, count=rest)}" if rest else ""
    return (
        translate(f"book.{finding.severity}", spoken),
        finding.where(),
        says + more,
        finding.code,
    )


def _short(text: str) -> str:
    return text if len(text) <= 2 * _MOST_QUOTED else text[: 2 * _MOST_QUOTED - 2].rstrip() + " …"


def _plain(text: str, colour: str = "") -> Any:
    """A text of somebody's, never rich's own markup."""
    from rich.text import Text

    return Text(text, style=colour)
