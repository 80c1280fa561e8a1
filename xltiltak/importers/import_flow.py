"""The commands for what people already have: import a source to a plan, and check an appendix.

The reader of a source returns pages, and one parser understands them. An appendix that was made by
hand is compared with its own rows and with the appendix before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import dropwhile, takewhile
from pathlib import Path

from xltiltak.flows import Result, read_plan
from xltiltak.importers.appendix_checks import check_appendix_rows, check_since_published
from xltiltak.importers.details_file import (
    ImportOptions,
    SourceDetails,
    SourcePeriod,
    details_skeleton,
    find_details,
    load_details,
)
from xltiltak.importers.labels import HeadingStack, Labels, normalize_label
from xltiltak.importers.markdown import markdown_pages
from xltiltak.importers.own_reports import without_own_summaries
from xltiltak.importers.refusals import missing_date, nothing_understood
from xltiltak.importers.report_builder import ImportResult, ReportBuilder, finish_import
from xltiltak.importers.source_lines import SourceLine, SourcePage, text_pages
from xltiltak.importers.source_parser import SourceParser
from xltiltak.importers.table import table_pages
from xltiltak.importers.table_parts import header_in
from xltiltak.importers.taken_in import TakenInPart, taken_in_lines
from xltiltak.importers.word import word_pages
from xltiltak.importers.workbook_source import workbook_pages
from xltiltak.model import files
from xltiltak.model.errors import NotAWorkbook, PlanError, WorkbookError
from xltiltak.model.files import decode_text
from xltiltak.model.finding import Finding, Place, sort_findings
from xltiltak.model.internal_errors import named_internal_errors
from xltiltak.model.language import LANGUAGES, day_text, preferred_language, quoted, translate
from xltiltak.model.normalize import normalize
from xltiltak.model.register import Register
from xltiltak.model.row_keys import area_code
from xltiltak.model.template import Template
from xltiltak.model.visible_text import visible
from xltiltak.plan.plan_reader import is_appendix, is_xltiltak_workbook
from xltiltak.snapshot.proof import with_key

_WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
_TABLE_SUFFIX, _MARKDOWN_SUFFIXES = ".csv", (".md", ".markdown")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_FIRST_LINES = 6  # in which the title and the year stand
_ANY_YEAR = 2000
_BETWEEN = " -–—:,·()"  # signs between a title and the name of an area
_NOT_UNDERSTOOD = ("nothing_understood", "headings")  # errors
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_NO_OPTIONS = ImportOptions()


def import_plan(
    source: Path,
    template: Template,
    target: Path,
    *,
    head: Path | None = None,
    options: ImportOptions = _NO_OPTIONS,
    force: bool = False,
) -> Result:
    """Write a source as a plan in which all dates are closed.

    `head` is the file with the report details, by default the .toml beside the source. If there is
    none, a file with the details that were worked out is written beside the plan, unless it
    exists. Raises PlanError, WorkbookError, and OutputError if `target` exists and `force` is
    False.
    """
    from xltiltak.sheets.appendix import write_appendix

    files.refuse_existing([target], force=force)
    files.refuse_sources([target], [source, *([head] if head else [])])
    _refuse_xltiltak_workbook(source)
    result = _result(import_source(source, template, head, options))
    content = write_appendix(with_key(replace(result.register, findings=())))
    written = files.write({target: content}, force=force)
    skeleton = target.with_name(source.with_suffix(".toml").name)
    if find_details(source, head) is None and not files.exists(skeleton):
        is_assumed = any(found.code == "I117" for found in result.findings)
        text = details_skeleton(result.register.report, with_areas=not is_assumed)
        written += files.write({skeleton: text.encode()})
    return replace(result, written=written)


def preview_import(
    source: Path,
    template: Template,
    *,
    head: Path | None = None,
    options: ImportOptions = _NO_OPTIONS,
) -> tuple[Result, ImportResult]:
    """Return how a source would be read; write nothing. Raises PlanError, WorkbookError."""
    _refuse_xltiltak_workbook(source)
    imported = import_source(source, template, head, options)
    return _result(imported), imported


def check_appendix(
    paths: Sequence[Path],
    template: Template,
    *,
    previous: Path | None = None,
    head: Path | None = None,
) -> Result:
    """Return the findings about one appendix, made by hand or by xltiltak; write nothing.

    Its printed figures are compared with its rows, its rows with each other, and all of it with the
    `previous` appendix. Raises PlanError, also for more than one path, and WorkbookError.
    """
    if len(paths) != 1:
        raise PlanError("one_appendix", files=", ".join(path.name for path in paths))
    imported = _read_appendix(paths[0], template, head)
    report, places = imported.report, imported.places
    findings = [*imported.findings, *check_appendix_rows(report, places)]
    if previous:
        before = _read_appendix(previous, template, None).report
        findings += check_since_published(before, report, places)
    return _result(replace(imported, findings=tuple(findings)))


def _refuse_xltiltak_workbook(source: Path) -> None:
    """Raise PlanError for a plan or form of xltiltak.

    An import would lose what its hidden sheet has.
    """
    with named_internal_errors(visible(source.name)):
        is_workbook = source.suffix.lower() in _WORKBOOK_SUFFIXES
        if is_workbook and is_xltiltak_workbook(files.read(source)):
            raise PlanError("already_ours", file=visible(source.name))


def _result(imported: ImportResult) -> Result:
    """Return the result of a command, with its findings sorted."""
    findings = tuple(sort_findings(imported.findings))
    return Result(Register(imported.report, findings=findings), findings=findings)


def _read_appendix(path: Path, template: Template, head: Path | None) -> ImportResult:
    """Return the report in an appendix, made by xltiltak or by hand."""
    if is_appendix(files.read(path)):
        register = read_plan(path)
        return ImportResult(register.report, register.findings)
    return import_source(path, template, head)


def import_source(
    source: Path,
    template: Template,
    head: Path | None = None,
    options: ImportOptions = _NO_OPTIONS,
) -> ImportResult:
    """Return the report in a table (.csv), a workbook, a Word document, a web page or a text.

    A table and Markdown are known by their suffixes, every other source by its content. `head` is
    the file with the report details, by default the .toml beside the source. Without one, the
    details are worked out from the source and reported (I107). Raises PlanError, WorkbookError.
    """
    with named_internal_errors(visible(source.name)):
        details_file = find_details(source, head)
        given = load_details(details_file) if details_file else None
        pages = read_pages(source, given.language if given else template.language)
        _check_columns(visible(source.name), template, options, pages)
        reading = SourceReading(source, template, options, pages)
        if given:
            return reading.parse(options.applied_to(given))
        details = reading.details()
        return reading.parse(details, (_worked_out(source, details, template.language),))


def read_pages(source: Path, language: str) -> tuple[SourcePage, ...]:
    """Return the pages of a source, with places in words of `language`.

    Raises PlanError, and WorkbookError with the file's name.
    """
    content, file = files.read(source), visible(source.name)
    if source.suffix.lower() == _TABLE_SUFFIX:
        return table_pages(source)
    try:
        try:
            return workbook_pages(content, file)
        except NotAWorkbook as error:
            if error.key == "docx":
                return word_pages(content, file, language)
            if error.key == "html":
                lines, findings = taken_in_lines(TakenInPart(content, file, language))
                return (SourcePage(lines, findings=findings),)
            if error.key == "text" or content.startswith(_UTF_16_MARKS):
                text = decode_text(content, file)
                is_markdown = source.suffix.lower() in _MARKDOWN_SUFFIXES
                return (markdown_pages if is_markdown else text_pages)(text, file, language)
            raise
    except WorkbookError as error:
        error.values["file"] = file
        raise


@dataclass(frozen=True)
class SourceReading:
    """The reading of one source: its pages, and what the user says about them."""

    source: Path
    template: Template
    options: ImportOptions
    pages: tuple[SourcePage, ...]

    @property
    def file(self) -> str:
        """Return the name of the source as it is shown."""
        return visible(self.source.name)

    def labels(self, dates: Sequence[date] = (), *, lenient: bool = False) -> Labels:
        """Return the labels that count in this source."""
        return Labels(self.template, dates, self.options.columns, lenient=lenient)

    def details(self) -> SourceDetails:
        """Return report details from the source itself and from what the user says.

        The title is how the titles of several sheets begin; else the first of the first lines that
        is a heading, else the first line if it is one text alone, else the file's name. The year is
        that of the last date in a label, else a year in the title or the file's name, else the only
        one in the first lines. Raises PlanError if there is no year, or if a heading lacks its
        date.
        """
        lines = [line for page in self.pages for line in page.filled_lines()[:_FIRST_LINES]]
        lines = lines[:_FIRST_LINES] or [SourceLine()]
        first = next((line for line in lines if line.rank == 1 and not line.table), lines[0])
        has_title = bool(first.only_cell) and not first.close and not self._is_heading(first)
        title = common_beginning(list(self._sheet_titles().values()))
        title = title or (first.text if has_title else visible(self.source.stem))
        days = self.options.dates or tuple(sorted(set(self._days())))
        named = _YEAR.findall(f"{title} {visible(self.source.stem)}")
        if not named and len(years := {year for line in lines for year in _years_in(line)}) == 1:
            named = list(years)
        year = days[-1].year if days else int(named[-1]) if named else 0
        periods = self._periods(days, self.options.year or year)
        year = year or max((period.date.year for period in periods), default=0)
        found = SourceDetails("", title, year, self.template.language, periods or days)
        details = self.options.applied_to(found)
        if self.options.complete:
            details = self.options.complete(details)
        if not details.year or not details.periods:
            error = missing_date(self.file, self.pages, self.labels(), details.year)
            if error:
                raise error if details.year else self._without_year(details, error)
        return details

    def _without_year(self, details: SourceDetails, error: PlanError) -> PlanError:
        """Return the error for a source without a year; `error` if it has no measures either.

        Cards, and headings in two rows, show only when they are read as those of some year.
        """
        builder = self._parsed(replace(details, year=_ANY_YEAR)).builder
        if error.key not in _NOT_UNDERSTOOD or not builder.nodes:
            return error
        level_of = {node.ref: node.level for node in builder.nodes}
        read = {(level_of[slot.ref], slot.field) for slot in builder.values}
        labels = (
            field.label_for()
            for level in self.template.levels
            for field in self.template.fields_of(level.id)
            if (level.id, field.id) in read
        )
        known = ", ".join(quoted(label, preferred_language()) for label in labels)
        return PlanError("no_year", file=self.file, known_names=known, unknown_names="–")

    def _sheet_titles(self) -> dict[str, str]:
        """Return the text alone on top of each named sheet; none if a sheet has no such text."""
        pages = [page for page in self.pages if page.has_own_name and page.lines]
        firsts = [page.filled_lines()[0] for page in pages]
        if not all(line.only_cell and not line.key for line in firsts):
            return {}
        return {page.name: line.text for page, line in zip(pages, firsts, strict=True)}

    def _is_heading(self, line: SourceLine) -> bool:
        """Return True if a line is written as the template writes the heading of a group."""
        return HeadingStack(self.labels(), frozenset()).read(line) is not None

    def _periods(self, days: Sequence[date], year: int) -> tuple[SourcePeriod, ...]:
        """Return the periods that headings name; none if a reporting date has no name."""
        labels = self.labels()
        lines = (line for page in self.pages for line in page.filled_lines())
        cells = (cell for line in lines for cell in line.own_cells().values())
        names = dict(labels.period_names(cells, year))
        named = tuple(SourcePeriod(day, name) for day, name in sorted(names.items()))
        return named if set(days) <= set(names) else ()

    def _days(self) -> Iterator[date]:
        """Yield the dates in the headers of tables, and after labels outside them."""
        labels = self.labels(lenient=True)
        for page in self.pages:
            above: SourceLine | None = None
            for line in page.filled_lines():
                header = header_in(line, labels, above)
                if header:
                    days = [column.date for column in header.field_columns() if column.date]
                    yield from days
                    if days:
                        yield from labels.days_before(max(days), header.unknown.values())
                else:
                    yield from labels.dates_in(line.own_cells().values())
                above = line

    def parse(self, details: SourceDetails, findings: tuple[Finding, ...] = ()) -> ImportResult:
        """Return the report in the source. Raises PlanError if it holds no measure.

        A source that has no measure is read again with lenient labels, and then with all measures
        in one area. If the report details have no dates, the reporting dates are those in the
        labels.
        """
        parser = self._parsed(details)
        if not parser.builder.nodes:
            parser = self._parsed(details, lenient=True)
        reasons = {found.values.get("reason") for found in parser.findings}
        if not parser.builder.nodes and "no_area" in reasons:
            area = details.organisation or details.title
            parser = self._parsed(details, lenient=True, last_area=area)
            findings = (*findings, Finding.create("I117", Place(self.file), value=area))
        builder = parser.builder
        if not builder.nodes:
            raise nothing_understood(self.file, self.pages, parser.labels)
        dates = {slot.date for slot in builder.values} | {c.date for c in builder.source_labels}
        return finish_import(
            builder,
            builder.head.dates or tuple(sorted(day for day in dates if day)),
            (*findings, *parser.findings),
            tuple(parser.tables),
            parser.summaries,
        )

    def _parsed(
        self, details: SourceDetails, *, lenient: bool = False, last_area: str = ""
    ) -> SourceParser:
        """Return the parser that has read the pages."""
        head = details.to_head()
        if not head.code.strip("X"):  # without an organisation refs begin with a code of the title
            head = replace(head, code=area_code(head.title))
        template = self.template.for_report(head.year, head.periods, head.language)
        builder = ReportBuilder(self.file, template, details, head)
        # "Plan 2024 – Health" on the sheet Health says nothing but the title and the area.
        titles = (
            text
            for name, text in self._sheet_titles().items()
            if normalize(_after_title(text, head.title)) == normalize(name)
        )
        details_texts = frozenset(map(normalize, (head.title, head.organisation, "", *titles)))
        named = replace(self, template=template)
        labels = named.labels(head.dates, lenient=lenient)
        parser = SourceParser(labels, builder, details_texts, self.options.area, last_area)
        parser.parse(without_own_summaries(self.pages))
        return parser


def common_beginning(titles: Sequence[str]) -> str:
    """Return how several titles begin, in whole words: "Plan A" of "Plan A – X", "Plan A – Y".

    It does not end in a word that joins it to the rest, as "for" in "Plan for X".
    """
    if len(titles) < 2:
        return ""
    columns = zip(*(title.split() for title in titles), strict=False)
    alike = [words[0] for words in takewhile(lambda words: len(set(words)) == 1, columns)]
    while alike and _is_joining(alike[-1]):
        alike.pop()
    return " ".join(alike).rstrip(_BETWEEN)


def _is_joining(word: str) -> bool:
    """Return True for a preposition, an article or "and"; not for a letter that is a name."""
    is_name = len(word) == 1 and word.isupper()
    return not is_name and word.casefold() in _joining_words()


@cache
def _joining_words() -> frozenset[str]:
    """Return the words of all languages that join a title to the name of an area."""
    texts = (translate("import.joining_words", language) for language in LANGUAGES)
    return frozenset(word for text in texts for word in text.split("|"))


def _after_title(text: str, title: str) -> str:
    """Return the rest of a text that begins with the title, without what joins it to that."""
    words = text.removeprefix(title).strip(_BETWEEN).split()
    return " ".join(dropwhile(_is_joining, words))


def _years_in(line: SourceLine) -> list[str]:
    """Return the years in a line that is one text."""
    return _YEAR.findall(line.text) if line.only_cell else []


def _worked_out(source: Path, details: SourceDetails, language: str) -> Finding:
    """Return the finding that quotes the report details of a source without a file of them."""
    return Finding.create(
        "I107",
        Place(visible(source.name)),
        title=details.title,
        year=details.year,
        dates=", ".join(day_text(day, language) for day in details.dates) or "–",
        file=visible(source.with_suffix(".toml").name),
    )


def _check_columns(
    file: str, template: Template, options: ImportOptions, pages: Sequence[SourcePage]
) -> None:
    """Raise PlanError for a heading that the user names but the source or the template lacks."""
    if not options.columns:
        return
    labels = Labels(template, options.dates)
    lines = (line for page in pages for line in page.filled_lines())
    texts = {normalize_label(cell.text) for line in lines for cell in line.own_cells().values()}
    for name, label in options.columns.items():
        if normalize_label(name) not in texts:
            raise PlanError("no_such_heading", file=file, name=name)
        if not labels.columns_of_heading(label) and not labels.lacks_date(label):
            wanted = ", ".join(labels.wanted())
            raise PlanError("no_such_label", name=label, there=wanted)
