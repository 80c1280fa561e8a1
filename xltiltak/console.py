"""What people see in a terminal: findings as a table, figures as a table, progress on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xltiltak import language
from xltiltak.finding import SEVERITIES, Finding
from xltiltak.language import decimal_text
from xltiltak.summary import TOTAL, decimals_of, figures, node_counts

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from xltiltak.comparison import Change
    from xltiltak.importers.header import Understood
    from xltiltak.register import Register
    from xltiltak.report import Report

_COLOURS = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_REPEATS = 3  # so many findings of one code and file are told one by one
_MOST_QUOTED = 120  # characters of a quotation in the table
_MOST_CHANGES = 40  # in the table
_MOST_AREAS = 30  # areas in the table; the appendix shows them all
_PIPED = 110  # columns where nobody says how wide the page is
_ENOUGH_FOR_A_BAR = 50  # files


def console() -> Console:
    """Standard output, as wide as the terminal; a fixed width into a file."""
    from rich.console import Console

    out = Console(highlight=False, soft_wrap=False)
    return out if out.is_terminal or out.size.width != 80 else Console(highlight=False, width=_PIPED)


def say(text: str) -> None:
    """A line for people, on standard error."""
    sys.stderr.write(text + "\n")


def tell(text: str) -> None:
    """A line of the result, on standard output."""
    sys.stdout.write(text + "\n")


def show_findings(findings: Sequence[Finding], spoken: str, *, every: bool = False) -> None:
    """The table of findings, errors first, repeats collapsed; then how many there are."""
    if findings:
        table = _table("severity", "where", "says", "code", spoken=spoken)
        for finding, rest in _collapsed(findings, every=every):
            table.add_row(*_cells(finding, rest, spoken), style=None)
        console().print(table)
    counted = ((severity, sum(f.severity == severity for f in findings)) for severity in SEVERITIES)
    counts = [f"{n} {language.word(f'book.{of}' if n == 1 else f'cli.{of}s', spoken)}" for of, n in counted]
    tell(" · ".join(counts) if findings else language.word("cli.no_findings", spoken))


def show_figures(register: Register) -> None:
    """Each area with its measures, answers and means, and all together."""
    report = register.report
    if not report.template.scored():
        return
    spoken, decimals, known = report.head.language, decimals_of(report), figures(report)
    counts, current = node_counts(report), report.head.current or max(report.head.dates, default=None)
    dates = [language.word("book.mean", spoken, date=f"{day:%d.%m.%y}") for day in report.head.dates]
    table = _table("area", "measures", "answered", spoken=spoken)
    for label in dates:
        table.add_column(label, justify="right")
    left_out = len(report.area_refs) - _MOST_AREAS
    for ref in (*report.area_refs[:_MOST_AREAS], TOTAL):
        if ref == TOTAL and left_out > 0:
            table.add_row(_plain(language.word("cli.more_areas", spoken, count=left_out)))
        means = [known[ref, day].mean(decimals) for day in report.head.dates]
        name = report.area_name(ref) if ref != TOTAL else language.word("book.total", spoken)
        shown = ["–" if mean is None else decimal_text(mean, spoken) for mean in means]
        measures = str(counts[ref][report.template.leaf.id])
        answered = str(known[ref, current].answered) if current else "–"
        table.add_row(_plain(name), measures, answered, *shown)
    console().print(table)


def show_changes(changes: Sequence[Change], spoken: str, *, every: bool = False) -> None:
    """The table of changes, and how many there are."""
    if changes:
        table = _table_of(
            language.word(f"compare.{key}", spoken) for key in ("sort", "area", "what", "before", "after")
        )
        for change in changes if every else changes[:_MOST_CHANGES]:
            texts = (change.said_sort(spoken), change.area, change.said_what(spoken), change.before, change.after)
            table.add_row(*(_plain(_short(text)) for text in texts))
        console().print(table)
    tell(language.word("compare.count" if changes else "compare.none", spoken, count=len(changes)))
    if len(changes) > _MOST_CHANGES and not every:
        tell(language.word("cli.more", spoken, count=len(changes) - _MOST_CHANGES))


def show_understood(report: Report, tables: Sequence[Understood]) -> None:
    """How a source was read: each area with its nodes, the dates, and what every column was read as."""
    spoken, counts = report.head.language, node_counts(report)
    table = _table("area", spoken=spoken)
    for level in report.template.levels:
        table.add_column(level.label, justify="right")
    for ref in (*report.area_refs, TOTAL) if report.template.sent else (TOTAL,):
        name = report.area_name(ref) if ref != TOTAL else language.word("book.total", spoken)
        table.add_row(_plain(name), *(str(count) for count in counts[ref].values()))
    console().print(table)
    dates = ", ".join(f"{day:%d.%m.%Y}" for day in report.head.dates) or "–"
    tell(language.word("cli.import.dates", spoken, dates=dates))
    console().print(_columns(tables, spoken))


def _columns(tables: Sequence[Understood], spoken: str) -> Table:
    """Each column with what it was read as; columns that are alike in several tables once."""
    table = _table(spoken=spoken)
    for key in ("where", "says", "means"):
        table.add_column(language.word(f"cli.import.{key}", spoken))
    unknown = language.word("cli.import.unknown", spoken)
    for place, columns in {columns: (where, columns) for where, columns in reversed(tables)}.values():
        for n, (says, means) in enumerate(columns):
            table.add_row(_plain("" if n else place), _plain(says), _plain(means or unknown))
    return table


def show_written(written: Iterable[Path], spoken: str) -> None:
    """The files that were written."""
    for path in written:
        tell(language.word("cli.written", spoken, path=path))


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
        task = bar.add_task(language.word("cli.reading", spoken), total=count)
        yield lambda _: bar.advance(task)


def _table_of(labels: Iterable[str]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    for label in labels:
        table.add_column(label)
    return table


def _table(*keys: str, spoken: str) -> Table:
    table = _table_of(())
    for key in keys:
        right = key in ("measures", "answered")
        table.add_column(
            language.word(f"book.{key}", spoken),
            justify="right" if right else "left",
            no_wrap=key in ("code", "severity"),
            ratio=None,
        )
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


def _cells(finding: Finding, rest: int, spoken: str) -> tuple[Any, ...]:
    from rich.text import Text

    says = f"{_short(finding.message(spoken))} {finding.fix(spoken)}"
    more = f"\n{language.word('cli.more', spoken, count=rest)}" if rest else ""
    severity = Text(language.word(f"book.{finding.severity}", spoken), style=_COLOURS[finding.severity])
    return severity, Text(finding.where()), Text(says + more), Text(finding.code)


def _short(text: str) -> str:
    return text if len(text) <= 2 * _MOST_QUOTED else text[: 2 * _MOST_QUOTED - 2].rstrip() + " …"


def _plain(text: str) -> Any:
    """A text of somebody's, never rich's own markup."""
    from rich.text import Text

    return Text(text)
