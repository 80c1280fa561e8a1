"""Print findings, figures and changes as tables, and show progress on standard error.

A terminal gets its tables from rich, in colour. A pipe or file gets plain text, without rich:
loading rich takes longer than reading four forms.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xltiltak.cli.text_table import TextColumn, text_table
from xltiltak.model.finding import SEVERITIES, Finding
from xltiltak.model.language import day_text, decimal_text, translate
from xltiltak.model.summary import (
    NO_MEAN,
    TOTAL,
    Standing,
    area_statistics,
    decimals_of,
    inactive_count,
    node_counts,
    standings,
)
from xltiltak.model.visible_text import shortened, visible

if TYPE_CHECKING:
    from xltiltak.importers.table_parts import TableReading
    from xltiltak.model.register import Register
    from xltiltak.model.report import Report
    from xltiltak.plan.plan_changes import PlanChange
    from xltiltak.years.comparison import ReportChange

_COLOURS = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_MOST_ALIKE = 3  # findings of one code and file before the rest are only counted
_LONGEST_TEXT = 240  # characters of a message or a changed text in a table
_MOST_CHANGES = 40  # rows of the table of changes
_MOST_EDITS = 20  # changes of one kind in one area of a plan
_MOST_AREAS = 30  # rows of the table of figures; the appendix shows all areas
_MOST_WITHOUT_PROGRESS = 50  # files
_PAGE = 110  # columns of a table in a pipe or file, if COLUMNS does not say
_NO_WRAP = ("code", "severity")
_KEPT = "\n\t\u00ad"  # line ends, and what a terminal does not show


def print_line(text: str) -> None:
    """Print a line of the result on standard output."""
    sys.stdout.write(visible(text, _KEPT) + "\n")


def print_error(text: str) -> None:
    """Print a line for people on standard error."""
    sys.stderr.write(visible(text, _KEPT) + "\n")


def show_findings(findings: Sequence[Finding], language: str, *, every: bool = False) -> None:
    """Print the table of findings, errors first, and how many there are.

    Unless `every`, only the first few of many alike are listed; the last says how many are left.
    """
    if findings:
        listed = list(_collapse(findings, every=every))
        rows = [_finding_row(finding, left, language) for finding, left in listed]
        columns = _columns("severity", "code", "where", "says", language=language)
        _print_table(columns, rows, [_COLOURS[finding.severity] for finding, _ in listed])
    print_line(count_findings(findings, language))


def count_findings(findings: Sequence[Finding], language: str) -> str:
    """Return how many findings of each severity there are."""
    if not findings:
        return translate("cli.no_findings", language)
    counts = []
    for severity in SEVERITIES:
        count = sum(finding.severity == severity for finding in findings)
        word = translate(f"book.{severity}" if count == 1 else f"cli.{severity}s", language)
        counts.append(f"{count} {word}")
    return " · ".join(counts)


def show_figures(register: Register) -> None:
    """Print each area with its measures, answers and means, and the total. Needs a scale."""
    report = register.valid_report
    if not report.template.mean_field():
        return
    language, decimals, days = report.head.language, decimals_of(report), report.head.dates
    statistics, counts = area_statistics(report), standings(report)
    means = [translate("term.mean_at", language, date=day_text(day, language)) for day in days]
    labels = [translate("book.area", language), report.template.leaf.label]
    labels += [translate("term.answered", language), *means]
    columns = [TextColumn(label, right=n > 0) for n, label in enumerate(labels)]
    rows: list[Sequence[str]] = []
    left_out = len(report.area_refs) - _MOST_AREAS
    for ref in (*report.area_refs[:_MOST_AREAS], TOTAL):
        if ref == TOTAL and left_out > 0:
            text = translate("cli.more_areas", language, count=left_out)
            rows.append([text, *("" for _ in columns[1:])])
        name = report.area_name(ref) if ref != TOTAL else translate("term.total", language)
        row = [name, str(counts[ref].measures), _answered_text(counts, ref, language)]
        for day in days:
            mean = statistics[ref, day].mean(decimals)
            row.append(NO_MEAN if mean is None else decimal_text(mean, language))
        rows.append(row)
    _print_table(columns, rows)
    show_inactive(report)


def _answered_text(counts: Mapping[str, Standing], ref: str, language: str) -> str:
    """Return how many measures are answered; "2 of 3" where not all of them are to be answered."""
    if all(one.asked == one.measures for one in counts.values()):
        return str(counts[ref].answered)
    return translate("term.of", language, n=counts[ref].answered, total=counts[ref].asked)


def show_inactive(report: Report) -> None:
    """Print how many measures of the plan do not count at the report's date, if there are any."""
    if count := inactive_count(report):
        print_line(translate("cli.not_counted", report.head.language, count=count))


def show_changes(changes: Sequence[ReportChange], language: str, *, every: bool = False) -> None:
    """Print the table of changes between two appendices by kind, and how many there are.

    Unless `every`, new answers are only counted.
    """
    from xltiltak.years.comparison import counts_text, grouped

    lines = grouped(changes, every=every)
    if lines:
        keys = ("sort", "area", "what", "before", "after")
        columns = [TextColumn(translate(f"compare.{key}", language)) for key in keys]
        rows = []
        for change in lines if every else lines[:_MOST_CHANGES]:
            sort, what = change.kind_text(language), change.subject_text(language)
            texts = (sort, change.area, what, change.before, change.after)
            rows.append([shortened(text, _LONGEST_TEXT) for text in texts])
        _print_table(columns, rows)
    text = counts_text(changes, language) if changes else translate("compare.none", language)
    print_line(text)
    if len(lines) > _MOST_CHANGES and not every:
        print_line(translate("cli.more", language, count=len(lines) - _MOST_CHANGES))


def show_plan_changes(changes: Sequence[PlanChange], language: str, *, every: bool = False) -> None:
    """Print what the coordinator changed in the plan, area by area.

    Unless `every`, only the first few of many changed values of an area are listed.
    """
    print_line(translate("plan_change.title", language))
    keys = ("area", "sort", "what", "before", "after")
    columns = [TextColumn(translate(f"compare.{key}", language)) for key in keys]
    rows: list[Sequence[str]] = []
    for _, group in groupby(changes, key=lambda change: (change.area, change.kind)):
        alike = list(group)
        listed = alike if every or len(alike) <= _MOST_EDITS + 1 else alike[:_MOST_EDITS]
        for change in listed:
            after = f"{change.after} ({change.cell})" if change.cell else change.after
            texts = (change.what, change.before, after)
            rows.append(
                [
                    change.area_name,
                    change.kind_text(language),
                    *(shortened(text, _LONGEST_TEXT) for text in texts),
                ]
            )
        if len(listed) < len(alike):
            more = translate("cli.more", language, count=len(alike) - len(listed))
            rows.append(["", alike[0].kind_text(language), more, "", ""])
    _print_table(columns, rows)


def show_understood(report: Report, tables: Sequence[TableReading]) -> None:
    """Print how a source was read: areas with their nodes, dates, and the meaning of columns."""
    language, counts = report.head.language, node_counts(report)
    columns = [TextColumn(translate("book.area", language))]
    columns += [TextColumn(level.label, right=True) for level in report.template.levels]
    rows = []
    for ref in (*report.area_refs, TOTAL) if report.template.area_level else (TOTAL,):
        name = report.area_name(ref) if ref != TOTAL else translate("term.total", language)
        rows.append([name, *(str(count) for count in counts[ref].values())])
    _print_table(columns, rows)
    show_inactive(report)
    print_line(translate("cli.import.dates", language, dates=report.head.dates or "–"))
    labels = [translate(f"cli.import.{key}", language) for key in ("where", "says", "means")]
    show_table(labels, _column_rows(tables, language))


def _column_rows(tables: Sequence[TableReading], language: str) -> list[Sequence[str]]:
    """Return where each column is, its heading and its meaning; columns of equal tables once."""
    rows: list[Sequence[str]] = []
    unknown = translate("cli.import.unknown", language)
    first_places = {columns: where for where, columns in reversed(tables)}
    for columns, where in first_places.items():
        for n, (says, means) in enumerate(columns):
            rows.append(["" if n else where, says, means or unknown])
    return rows


def show_written(written: Iterable[Path], language: str) -> None:
    """Print the names of the files that were written."""
    for path in written:
        print_line(translate("cli.written", language, path=path))


def show_table(labels: Iterable[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with these headings."""
    _print_table([TextColumn(label) for label in labels], rows)


@contextmanager
def working(name: str, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show on a terminal the name of the file at work, until all is done. With `quiet` nothing.

    Yields the function to call with the name of the next file; an empty name hides it until then.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(visible(name))) as status:

        def show(name: str) -> None:
            """Show another name, or nothing."""
            status.update(Text(visible(name)))
            (status.start if name else status.stop)()

        yield show


@contextmanager
def progress(count: int, language: str, *, quiet: bool) -> Iterator[Any]:
    """Show a bar on a terminal while `count` files are read. With `quiet` show nothing.

    Yields the function to call for each file; None without a bar.
    """
    if quiet or count < _MOST_WITHOUT_PROGRESS or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(translate("cli.reading", language), total=count)
        yield lambda _: bar.advance(task)


def _columns(*keys: str, language: str) -> list[TextColumn]:
    """Return columns with the headings of the workbooks."""
    return [TextColumn(translate(f"book.{key}", language), no_wrap=key in _NO_WRAP) for key in keys]


def _print_table(
    columns: Sequence[TextColumn], rows: Sequence[Sequence[str]], colours: Sequence[str] = ()
) -> None:
    """Print a table; on a terminal with the first cell of each row in its colour.

    Control characters are escaped: those of a file's name or a cell could repaint the terminal.
    """
    rows = [[visible(text, _KEPT) for text in row] for row in rows]
    if not sys.stdout.isatty() and not os.environ.get("FORCE_COLOR"):
        width = os.environ.get("COLUMNS", "")
        page = int(width) if width.isdecimal() and int(width) else _PAGE
        sys.stdout.write(f"\n{text_table(columns, rows, page)}\n")
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text  # a Text is never read as rich's markup

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        justify: Any = "right" if column.right else "left"
        table.add_column(
            Text(column.label), justify=justify, no_wrap=column.no_wrap, overflow="fold"
        )
    for n, row in enumerate(rows):
        first = Text(row[0], style=colours[n] if colours else "")
        table.add_row(first, *map(Text, row[1:]))
    Console(highlight=False).print(table)


def _collapse(findings: Sequence[Finding], *, every: bool) -> Iterator[tuple[Finding, int]]:
    """Yield the findings to list, each with the number of similar ones that follow unlisted."""
    for _, group in groupby(findings, key=_sort_of_finding):
        alike = list(group)
        listed = alike if every or len(alike) <= _MOST_ALIKE + 1 else alike[:_MOST_ALIKE]
        yield from ((finding, 0) for finding in listed[:-1])
        yield listed[-1], len(alike) - len(listed)


def _sort_of_finding(finding: Finding) -> tuple[str, str, str]:
    """Return what findings have in common that may be collapsed: of errors also the file."""
    file = finding.place.file if finding.severity == "error" else ""
    return finding.severity, finding.code, file


def _finding_row(finding: Finding, left: int, language: str) -> tuple[str, ...]:
    text = f"{shortened(finding.message(language), _LONGEST_TEXT)} {finding.fix(language)}"
    if left:
        text += f"\n{translate('cli.more', language, count=left)}"
    return translate(f"book.{finding.severity}", language), finding.code, finding.where(), text
