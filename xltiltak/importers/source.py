"""A source of whatever kind to a report: its reader gives pages, one walk understands them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from xltiltak.importers.details_file import SourceHead, load_head
from xltiltak.importers.labels import Labels
from xltiltak.importers.pasted_text import text_pages
from xltiltak.importers.report_builder import ImportResult, ReportBuilder, concluded
from xltiltak.importers.source_lines import SourceLine, SourcePage, filled
from xltiltak.importers.source_parser import SourceParser
from xltiltak.importers.table import decoded, import_table
from xltiltak.importers.word import word_pages
from xltiltak.importers.workbook_source import workbook_pages
from xltiltak.model import files
from xltiltak.model.errors import NotAWorkbook, PlanError, WorkbookError
from xltiltak.model.finding import Finding, Place
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Head
from xltiltak.model.row_keys import area_code
from xltiltak.model.template import Template

_TABLE = ".csv"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def import_source(source: Path, template: Template, head: Path | None = None) -> ImportResult:
    """The report of a source: a table (.csv), a workbook, a Word document or pasted text.

    What it is, is told by its content, but for a table, whose name says so. The head is `head`, else the .toml beside
    the source; without one it is worked out from the source and told. Raises PlanError, WorkbookError.
    """
    if source.suffix.lower() == _TABLE:
        return import_table(source, template, head)
    beside = head or source.with_suffix(".toml")
    said = load_head(beside) if head or beside.exists() else None
    pages = read_pages(source, said.language if said else template.language)
    told: tuple[Finding, ...] = ()
    if said is None:
        said, told = _worked_out(source, template, pages)
    return _understood(source.name, template, said, pages, told)


def read_pages(source: Path, language: str) -> tuple[SourcePage, ...]:
    """The pages of a source, by the reader for what it is. Raises PlanError, WorkbookError with the file's name."""
    content = files.read(source)
    try:
        try:
            return workbook_pages(content, source.name)
        except NotAWorkbook as other:
            if other.key == "docx":
                return word_pages(content, source.name, language)
            if other.key == "text" or content.startswith((b"\xff\xfe", b"\xfe\xff")):
                return text_pages(decoded(content, source.name), source.name, language)
            raise
    except WorkbookError as error:
        error.values["file"] = source.name
        raise


def _understood(
    file: str,
    template: Template,
    said: SourceHead,
    pages: tuple[SourcePage, ...],
    told: tuple[Finding, ...],
) -> ImportResult:
    head = said.head()
    if not head.code.strip("X"):
        head = _coded(head)
    grower = ReportBuilder(file, template, said, head)
    walk = SourceParser(
        Labels(template, head.dates),
        grower,
        frozenset({normalize(head.title), normalize(head.organisation), ""}),
    )
    walk.over(pages)
    if not grower.nodes:
        raise PlanError("nothing_understood", file=file, lines="\n".join(_first(walk.findings)))
    dates = head.dates or tuple(
        sorted({slot.date for slot in grower.values if slot.date} | _days(walk))
    )
    return concluded(grower, dates, (*told, *walk.findings), tuple(walk.tables), walk.figures)


def _coded(head: Head) -> Head:
    """A head without an organisation takes its code from the title: refs are made of it."""
    return replace(head, code=area_code(head.title))


def _days(walk: SourceParser) -> set[date]:
    return {spot.date for spot in walk.builder.labels if spot.date}


def _first(findings: Iterable[Finding], most: int = 5) -> list[str]:
    """The first lines that could not be placed, for who looks for what is wrong."""
    return [f"{f.where()}: {f.values.get('value', '')[:80]}" for f in findings][:most]


def _quoted(lines: Iterable[SourceLine], most: int = 5) -> list[str]:
    """The first lines, for who looks at what she gave."""
    return [f"«{line.text[:80]}»" for line in lines][:most]


def _worked_out(
    source: Path, template: Template, pages: tuple[SourcePage, ...]
) -> tuple[SourceHead, tuple[Finding, ...]]:
    """The head of a source that has none beside it: its first line alone is the title, its last date the year.

    Raises PlanError where no label of the template stands in it, or no year can be found.
    """
    lines = [line for page in pages for line in filled(iter(page.lines))]
    title = next((line.text for line in lines[:1] if line.alone and not line.close), source.stem)
    labels = Labels(template)
    known = [spot for line in lines for cell in line.own().values() for spot in labels.of(cell.raw)]
    if not known:  # then it is not the head that is missing
        raise PlanError("nothing_understood", file=source.name, lines="\n".join(_quoted(lines)))
    days = {spot.date for spot in known if spot.date}
    years = [str(max(days).year)] if days else _YEAR.findall(f"{title} {source.stem}")
    if not years:
        raise PlanError("no_head", file=source.with_suffix(".toml").name)
    said = SourceHead("", title, int(years[-1]), template.language, tuple(sorted(days)))
    dates = ", ".join(f"{day:%d.%m.%Y}" for day in sorted(days)) or "–"
    place = Place(source.name)
    told = Finding.create(
        "I107",
        place,
        title=title,
        year=said.year,
        dates=dates,
        file=source.with_suffix(".toml").name,
    )
    return said, (told,)
