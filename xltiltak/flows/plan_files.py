"""Find the files that a command is given, and read the plan or appendix among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from xltiltak.merging.collection import is_same_report
from xltiltak.model import files
from xltiltak.model.errors import ForeignWorkbook, NotAWorkbook, PlanError, WorkbookError
from xltiltak.model.files import SEPARATOR, FoundFile
from xltiltak.model.internal_errors import named_internal_errors
from xltiltak.model.register import Register
from xltiltak.model.visible_text import visible, visible_path
from xltiltak.snapshot.proof import with_key

# What a file is that can be imported: a table as text, a document, a workbook that is not ours.
_SOURCES = ("text", "csv", "docx", "html", "hidden")


def read_plan(path: Path) -> Register:
    """Return the register in a plan or appendix, with the file's name in its findings.

    Raises WorkbookError with the file's name, and PlanError if the file does not exist or is empty.
    """
    return parse_plan(path, files.read(path))


def parse_plan(path: Path, content: bytes) -> Register:
    """Return the register in the content of a plan or appendix, as `read_plan` does."""
    from xltiltak.plan.plan_reader import read_appendix

    name = visible(path.name)
    try:
        with named_internal_errors(name):
            register = read_appendix(content)
    except (WorkbookError, PlanError) as error:
        if error.key == "empty":
            raise PlanError("empty_plan", file=name) from error
        if isinstance(error, NotAWorkbook | ForeignWorkbook) and error.key in _SOURCES:
            raise PlanError("plan_is_a_source", file=name) from error
        error.values["file"] = name
        raise
    findings = register.findings
    if register.written:
        from xltiltak.sheets.typed_on_lists import typed_on_lists

        findings = *findings, *typed_on_lists(content, register.written)
    return replace(
        register,
        findings=tuple(f.with_file(file=name) for f in findings),
        rows_without_ref=tuple(f.with_file(file=name) for f in register.rows_without_ref),
    )


def is_plan_only(register: Register) -> bool:
    """Return True for a plan that nothing was merged into yet."""
    return register.plan is None and not register.returned_files


def refuse_unsent(register: Register) -> Register:
    """Return the register. Raises PlanError if the plan has rows that were never sent."""
    if register.rows_without_ref:
        rows = [f"{row.where()}: «{row.values['value']}»." for row in register.rows_without_ref]
        raise PlanError("unnumbered", rows=" ".join(rows))
    return register


def with_key_of_earlier(register: Register, target: Path) -> Register:
    """Return the register with a key: its own, or that of an earlier output to `target`.

    A plan of an earlier version has none. Forms that were sent with the earlier output stay proven.
    """
    if not register.key and target.exists():
        try:
            earlier = read_plan(target)
        except (PlanError, WorkbookError):  # it is something else, and written over by order
            return with_key(register)
        if is_same_report(earlier.report, register.report):
            register = replace(register, key=earlier.key)
    return with_key(register)


def found_files(paths: Sequence[Path]) -> list[FoundFile]:
    """Return the files among the paths and in folders. Raises PlanError if there are none."""
    found = files.list_files(paths)
    if not found:
        raise PlanError("nothing_found", paths=", ".join(map(visible_path, paths)))
    return found


def without_plan(found: Iterable[FoundFile], plan: Path | None) -> list[FoundFile]:
    """Return the files that may be returned forms: all but the plan itself."""
    return [file for file in found if plan is None or not files.is_same(file.path, plan)]


def plans_among(found: Iterable[FoundFile]) -> list[Path]:
    """Return the plans and appendices among some files.

    Those in a folder within a folder are left out: they are copies that somebody keeps.
    """
    return [file.path for file in found if SEPARATOR not in file.name and _is_plan(file.path)]


def _is_plan(path: Path) -> bool:
    """Return True for a plan or appendix. A file that cannot be read is told when it is read."""
    from xltiltak.plan.plan_reader import is_appendix

    try:
        return not files.is_folder(path) and is_appendix(files.read(path))
    except Exception:  # noqa: BLE001 - nor may an error of this program stop the other files
        return False
