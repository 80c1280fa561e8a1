"""The commands for what people already have: import a source to a plan, and check an appendix.

An appendix that was made by hand is compared with its own rows and with the appendix before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xltiltak.flows import Result, read_plan
from xltiltak.importers.appendix_checks import check_appendix_rows
from xltiltak.importers.report_builder import ImportResult
from xltiltak.importers.source import import_source
from xltiltak.model import files
from xltiltak.model.errors import PlanError
from xltiltak.model.finding import sort_findings
from xltiltak.model.register import Register
from xltiltak.model.template import Template
from xltiltak.plan.plan_reader import is_appendix, is_xltiltak_workbook
from xltiltak.years.published_rules import check_since_published

_WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")


def import_plan(
    source: Path, template: Template, target: Path, *, head: Path | None = None, force: bool = False
) -> Result:
    """Write a source as a plan in which all dates are closed.

    `head` is the file with the report details, by default the .toml beside the source. Raises
    PlanError, WorkbookError, and OutputError if `target` exists and `force` is False.
    """
    from xltiltak.sheets.appendix import write_appendix

    files.refuse_existing([target], force=force)
    _refuse_xltiltak_workbook(source)
    result = _result(import_source(source, template, head))
    content = write_appendix(replace(result.register, findings=()))
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
    if source.suffix.lower() in _WORKBOOK_SUFFIXES and is_xltiltak_workbook(files.read(source)):
        raise PlanError("already_ours", file=source.name)


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
