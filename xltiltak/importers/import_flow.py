"""The commands for what people already have: import a source to a plan, and check an appendix.

The reader of a source returns pages, and one parser understands them. An appendix that was made by
hand is compared with its own rows and with the appendix before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xltiltak.flows import Result, read_plan
from xltiltak.importers.appendix_checks import check_appendix_rows, check_since_published
from xltiltak.importers.details_file import SourceDetails, load_details
from xltiltak.importers.labels import Labels
from xltiltak.importers.report_builder import ImportResult, ReportBuilder, finish_import
from xltiltak.importers.source_lines import SourcePage, text_pages
from xltiltak.importers.source_parser import SourceParser
from xltiltak.importers.table import import_table
from xltiltak.importers.word import word_pages
from xltiltak.importers.workbook_source import workbook_pages
from xltiltak.model import files
from xltiltak.model.errors import NotAWorkbook, PlanError, WorkbookError
from xltiltak.model.files import decode_text
from xltiltak.model.finding import Finding, Place, sort_findings
from xltiltak.model.internal_errors import named_internal_errors
from xltiltak.model.normalize import normalize
from xltiltak.model.register import Register
from xltiltak.model.row_keys import area_code
from xltiltak.model.template import Template
from xltiltak.model.visible_text import visible
from xltiltak.plan.plan_reader import is_appendix, is_xltiltak_workbook
from xltiltak.snapshot.proof import with_key

_WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
_TABLE_SUFFIX = ".csv"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_QUOTED_LINES, _QUOTED_LENGTH = 5, 80  # how much of a source an error message quotes


def import_plan(
    source: Path, template: Template, target: Path, *, head: Path | None = None, force: bool = False
) -> Result:
    """Write a source as a plan in which all dates are closed.

    `head` is the file with the report details, by default the .toml beside the source. Raises
    PlanError, WorkbookError, and OutputError if `target` exists and `force` is False.
    """
    from xltiltak.sheets.appendix import write_appendix

    files.refuse_existing([target], force=force)
    files.refuse_sources([target], [source, *([head] if head else [])])
    _refuse_xltiltak_workbook(source)
    result = _result(import_source(source, template, head))
    content = write_appendix(with_key(replace(result.register, findings=())))
    return replace(result, written=files.write({target: content}, force=force))


def preview_import(
    source: Path, template: Template, *, head: Path | None = None
) -> tuple[Result, ImportResult]:
    """Return how a source would be read; write nothing. Raises PlanError, WorkbookError."""
    _refuse_xltiltak_workbook(source)
    imported = import_source(source, template, head)
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


def import_source(source: Path, template: Template, head: Path | None = None) -> ImportResult:
    """Return the report in a table (.csv), a workbook, a Word document or a pasted text.

    A table is known by its suffix, every other source by its content. `head` is the file with the
    report details, by default the .toml beside the source. Without one, the details are worked out
    from the source and reported (I107). Raises PlanError, WorkbookError.
    """
    with named_internal_errors(visible(source.name)):
        return _import_source(source, template, head)


def _import_source(source: Path, template: Template, head: Path | None) -> ImportResult:
    if source.suffix.lower() == _TABLE_SUFFIX:
        return import_table(source, template, head)
    details_file = head or source.with_suffix(".toml")
    if head or details_file.exists():
        details = load_details(details_file)
        pages = read_pages(source, details.language)
        return _parse_pages(visible(source.name), template, details, pages)
    pages = read_pages(source, template.language)
    details, finding = _details_in_source(source, template, pages)
    return _parse_pages(visible(source.name), template, details, pages, (finding,))


def read_pages(source: Path, language: str) -> tuple[SourcePage, ...]:
    """Return the pages of a source, with places in words of `language`.

    Raises PlanError, and WorkbookError with the file's name.
    """
    content = files.read(source)
    try:
        try:
            return workbook_pages(content, visible(source.name))
        except NotAWorkbook as error:
            if error.key == "docx":
                return word_pages(content, visible(source.name), language)
            if error.key == "text" or content.startswith(_UTF_16_MARKS):
                return text_pages(
                    decode_text(content, visible(source.name)), visible(source.name), language
                )
            raise
    except WorkbookError as error:
        error.values["file"] = visible(source.name)
        raise


def _parse_pages(
    file: str,
    template: Template,
    details: SourceDetails,
    pages: tuple[SourcePage, ...],
    findings: tuple[Finding, ...] = (),
) -> ImportResult:
    """Return the report in these pages. Raises PlanError if they hold no measure.

    If the report details have no dates, the reporting dates are those in the labels.
    """
    head = details.to_head()
    if not head.code.strip("X"):  # without an organisation refs begin with a code from the title
        head = replace(head, code=area_code(head.title))
    builder = ReportBuilder(file, template, details, head)
    details_texts = frozenset({normalize(head.title), normalize(head.organisation), ""})
    parser = SourceParser(Labels(template, head.dates), builder, details_texts)
    parser.parse(pages)
    if not builder.nodes:
        quotes = [
            f"{f.where()}: {f.values.get('value', '')[:_QUOTED_LENGTH]}"
            for f in parser.findings[:_QUOTED_LINES]
        ]
        raise PlanError("nothing_understood", file=file, lines="\n".join(quotes))
    dates = {slot.date for slot in builder.values} | {c.date for c in builder.source_labels}
    return finish_import(
        builder,
        head.dates or tuple(sorted(day for day in dates if day)),
        (*findings, *parser.findings),
        tuple(parser.tables),
        parser.summaries,
    )


def _details_in_source(
    source: Path, template: Template, pages: tuple[SourcePage, ...]
) -> tuple[SourceDetails, Finding]:
    """Return report details from a source itself, and the finding that quotes them.

    The first line is the title if it is one text alone, else the file's name is. The year is that
    of the last date in a label, else a year in the title or the file's name. Raises PlanError if
    no label of the template is in the source, or no year.
    """
    lines = [line for page in pages for line in page.filled_lines()]
    labels = Labels(template)
    columns = [
        column
        for line in lines
        for cell in line.own_cells().values()
        for column in labels.columns_of(cell.raw)
    ]
    if not columns:  # then the missing report details are not the problem
        quotes = [f"«{line.text[:_QUOTED_LENGTH]}»" for line in lines[:_QUOTED_LINES]]
        raise PlanError("nothing_understood", file=visible(source.name), lines="\n".join(quotes))
    has_title = bool(lines[0].only_cell) and not lines[0].close
    title = lines[0].text if has_title else visible(source.stem)
    days = sorted({column.date for column in columns if column.date})
    years = [str(days[-1].year)] if days else _YEAR.findall(f"{title} {visible(source.stem)}")
    details_name = visible(source.with_suffix(".toml").name)
    if not years:
        raise PlanError("no_head", file=details_name)
    details = SourceDetails("", title, int(years[-1]), template.language, tuple(days))
    finding = Finding.create(
        "I107",
        Place(visible(source.name)),
        title=title,
        year=details.year,
        dates=", ".join(f"{day:%d.%m.%Y}" for day in days) or "–",
        file=details_name,
    )
    return details, finding
