"""What people have already, taken in: a source to a plan, and an appendix made by hand held against its own rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xltiltak.flows import Result, read_plan
from xltiltak.importers.appendix_checks import check_appendix_rows
from xltiltak.importers.imported import ImportResult
from xltiltak.importers.source import import_source
from xltiltak.model import files
from xltiltak.model.errors import PlanError
from xltiltak.model.finding import Finding, sort_findings
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.model.template import Template
from xltiltak.plan.plan_reader import is_appendix, is_xltiltak_workbook
from xltiltak.years.published_rules import check_since_published

_BOOKS = (".xlsx", ".xlsm")


def import_plan(
    source: Path, template: Template, target: Path, *, head: Path | None = None, force: bool = False
) -> Result:
    """A source to a plan whose dates are all closed. Raises PlanError, WorkbookError."""
    from xltiltak.sheets.appendix import write_appendix

    files.refuse_existing([target], force=force)
    _refuse_ours(source)
    done = _result(import_source(source, template, head))
    written = files.write(
        {target: write_appendix(replace(done.register, findings=()))}, force=force
    )
    return replace(done, written=written)


def preview_import(
    source: Path, template: Template, *, head: Path | None = None
) -> tuple[Result, ImportResult]:
    """How a source would be read; nothing is written. Raises PlanError, WorkbookError."""
    _refuse_ours(source)
    imported = import_source(source, template, head)
    return _result(imported), imported


def check_appendix(
    paths: Sequence[Path],
    template: Template,
    *,
    previous: Path | None = None,
    head: Path | None = None,
) -> Result:
    """What there is to tell of an appendix, one made by hand or ours; nothing is written.

    Its figures are held against its rows, its rows against each other, and all of it against the `previous` one.
    Raises PlanError, WorkbookError.
    """
    if len(paths) != 1:
        raise PlanError("one_appendix", files=", ".join(path.name for path in paths))
    imported = _read(paths[0], template, head)
    told = [*imported.findings, *check_appendix_rows(imported.report, imported.places)]
    if previous:
        told += check_since_published(_report(previous, template), imported.report, imported.places)
    return _result(imported._replace(findings=tuple(told)))


def _refuse_ours(source: Path) -> None:
    """A plan or form of ours needs no import: reading what people see of it would lose what it knows."""
    if source.suffix.lower() in _BOOKS and is_xltiltak_workbook(files.read(source)):
        raise PlanError("already_ours", file=source.name)


def _result(imported: ImportResult) -> Result:
    findings: tuple[Finding, ...] = tuple(sort_findings(imported.findings))
    return Result(Register(imported.report, findings=findings), findings=findings)


def _read(path: Path, template: Template, head: Path | None) -> ImportResult:
    """An appendix of ours, or one that somebody made."""
    if is_appendix(files.read(path)):
        register = read_plan(path)
        return ImportResult(register.report, register.findings)
    return import_source(path, template, head)


def _report(path: Path, template: Template) -> Report:
    return _read(path, template, None).report
