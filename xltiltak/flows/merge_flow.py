"""Merge returned files into an appendix: read, merge, write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xltiltak.flows.check_flow import forms_to_send_back
from xltiltak.flows.merged_returns import merge_files
from xltiltak.flows.plan_files import found_files, with_key_of_earlier
from xltiltak.flows.results import Outputs, Result, selected_findings
from xltiltak.flows.sources import Sources, sources_of_merge
from xltiltak.intake.returned_file import DEFAULT_OPTIONS, Options
from xltiltak.model import files
from xltiltak.model.errors import OutputError, XltiltakError
from xltiltak.model.register import Register
from xltiltak.model.visible_text import visible
from xltiltak.snapshot.register_json import digest_of_findings


def merge(
    paths: Sequence[Path],
    target: Path,
    *,
    plan: Path | None = None,
    strict: bool = False,
    force: bool = False,
    fresh: bool = False,
    options: Options = DEFAULT_OPTIONS,
) -> Result:
    """Write the appendix that the plan and the returned files give to `target`.

    An appendix that is there already, of the same report and date, is continued: what was decided
    in it stands. With `fresh` it is begun again, and with `force` another file is overwritten;
    findings list the decisions that are dropped so. `plan` may also be an earlier appendix; without
    one the appendix at `target` is the plan, or else the forms say what was sent. With `strict` the
    appendix is not written if there are errors. Raises PlanError, WorkbookError or OutputError.
    """
    sources = sources_of_merge(target, plan, force=force, fresh=fresh)
    read_already = [path for path in (plan, sources.appendix and target) if path]
    found = [
        file
        for file in found_files(paths)
        if not any(files.is_same(file.path, path) for path in read_already)
        and options.is_whole(file.path)
    ]
    is_folder = any(map(files.is_folder, paths))
    result = merge_files(sources, found, options, is_folder=is_folder)
    if not all(options.is_whole(file.path) for file in found):
        return result
    try:
        return _write_appendix(result, target, sources, options, strict=strict, force=force)
    except (XltiltakError, OSError):
        raise
    except Exception:  # noqa: BLE001 - perhaps one file stops it, and the others go on
        from xltiltak.sheets.appendix import write_appendix

        result = merge_files(sources, found, options, write_appendix, is_folder=is_folder)
        return _write_appendix(result, target, sources, options, strict=strict, force=force)


def _write_appendix(
    result: Result,
    target: Path,
    sources: Sources,
    options: Options,
    *,
    strict: bool,
    force: bool,
) -> Result:
    """Write the appendix of a merge, unless `strict` forbids it, and the forms to send back."""
    for path, file in result.returned_files:
        if file.submissions and files.is_same(path, target):
            raise OutputError("is_an_answer", file=visible(target.name))
    result = replace(result, register=with_key_of_earlier(result.register, target))
    findings = selected_findings(result, options)
    outputs: Outputs = {}
    is_unchanged = _is_as_written(result.register, sources.appendix)
    is_forbidden = strict and any(finding.severity == "error" for finding in findings)
    if not is_unchanged and not is_forbidden:
        from xltiltak.sheets.appendix import write_appendix

        outputs[target] = write_appendix(result.register)
    forms, kept, errors = forms_to_send_back(result, options)
    files.refuse_existing(forms, force=force)
    is_agreed = bool(sources.appendix or sources.dropped)  # to write over the file at `target`
    written = files.write(outputs | forms, force=force or is_agreed)
    findings = (*findings, *kept)
    result = replace(result, findings=findings, written=written, is_unchanged=is_unchanged)
    return result.with_internal_errors(errors)


def _is_as_written(register: Register, appendix: Register | None) -> bool:
    """Return True if an appendix has all this already, and nobody has edited it."""
    if appendix is None or appendix.written:
        return False
    digest = digest_of_findings(register.findings)
    as_read = replace(
        appendix, findings=register.findings, findings_digest=register.findings_digest
    )
    return digest == appendix.findings_digest and as_read == register
