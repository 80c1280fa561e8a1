"""What has no place in the report: told with its place, or taken as an area's introduction where it stands as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from xltiltak.importers.source_lines import SourceLine
from xltiltak.model.finding import About, Finding, Place
from xltiltak.model.normalize import normalize

PAGE_MARK = re.compile(
    r"(?i)(?:(?:side|page|sida|sid|s)\.?\s*)?[-–]?\s*\d{1,4}\s*(?:(?:av|of|/)\s*\d{1,4})?\s*[-–]?"
)


def not_placed(line: SourceLine) -> Finding:
    """A line that stands outside all tables and cards."""
    if line.alone and PAGE_MARK.fullmatch(line.text):
        return Finding.create("I101", line.place, About(), value=line.text, reason="page_mark")
    return Finding.create("I101", line.place, About(), value=line.text, reason="outside")


def alone_in_table(line: SourceLine) -> Finding:
    """A text that stands alone on a row of a table."""
    return Finding.create(
        "I101", line.place, About(), value=line.text, reason="row_alone"
    ).with_severity("warning")


def outside_columns(place: Place, text: str, label: str) -> Finding:
    """A cell of a measure's row in a column that nobody knows."""
    return Finding.create(
        "I101", place, About(), value=text, reason="column", label=label
    ).with_severity("warning")


def introduces(line: SourceLine) -> bool:
    """Can a line right below an area's heading be what introduces it?"""
    return line.table == 0 and line.alone is not None and not PAGE_MARK.fullmatch(line.text)


def of_introduction(lines: Iterable[SourceLine], intro: str, taken: list[str]) -> Iterator[Finding]:
    """What is told of the lines below an area's heading; without an `intro` in the head they are taken as one."""
    for line in lines:
        if not introduces(line):
            yield not_placed(line)
        elif not intro:
            taken.append(line.text)
            yield Finding.create("I105", line.place, value=line.text)
        elif normalize(line.text) not in normalize(intro):
            yield not_placed(line)
