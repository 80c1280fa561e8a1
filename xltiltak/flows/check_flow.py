"""Check returned files against the plan, and write the forms to send back.

Read `check` first. `merge_flow` and `remind_flow` use parts of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from xltiltak.flows.merged_returns import merge_files
from xltiltak.flows.plan_files import found_files, plans_among, without_plan
from xltiltak.flows.results import Outputs, Result, selected_findings, traces_kept
from xltiltak.flows.sources import read_sources
from xltiltak.intake.return_rules import internal_error
from xltiltak.intake.returned_file import DEFAULT_OPTIONS, Options
from xltiltak.model import files
from xltiltak.model.errors import PlanError
from xltiltak.model.files import FoundFile
from xltiltak.model.finding import Finding, Place
from xltiltak.model.visible_text import visible


def check(
    paths: Sequence[Path], *, plan: Path | None = None, options: Options = DEFAULT_OPTIONS
) -> Result:
    """Read returned files, or a plan or an appendix, and return their answers and findings.

    A plan may be among `paths` or given as `plan`; None without one: then the forms say what was
    sent. Only correction forms are written, if the options ask for them. Raises PlanError if there
    is nothing to read, or more than one plan.
    """
    found = found_files(paths)
    plans = [] if plan else plans_among(found)
    if len(plans) > 1:
        raise PlanError("several_plans", files=", ".join(visible(path.name) for path in plans))
    plan = plans[0] if plans else plan
    is_folder = any(map(files.is_folder, paths))
    return check_files(plan, without_plan(found, plan), options, is_folder=is_folder)


def check_files(
    plan: Path | None, found: Sequence[FoundFile], options: Options, *, is_folder: bool
) -> Result:
    """Merge the files into the plan, and write nothing but correction forms."""
    sources = read_sources(plan, is_sent=bool(found))
    result = merge_files(sources, found, options, is_folder=is_folder)
    with traces_kept(result.returned_files):
        forms, kept, errors = forms_to_send_back(result, options)
        written = files.write(forms, force=options.force)
    findings = selected_findings(result, options)
    result = replace(result, findings=(*findings, *kept), written=written)
    return result.with_internal_errors(errors)


def forms_to_send_back(
    result: Result, options: Options
) -> tuple[Outputs, list[Finding], list[tuple[Exception, Finding]]]:
    """Return the forms to send back by their paths; empty if the options name no folder.

    Also return the findings about changed files in their way, and the errors of this program that
    stopped some of them.
    """
    if options.corrections_folder is None:
        return {}, [], []
    from xltiltak.mail.earlier_files import set_aside
    from xltiltak.sheets.forms import correction_forms

    forms, failed = correction_forms(result.register, result.returned_files)
    contents: Outputs = {options.corrections_folder / name: form for name, form in forms.items()}
    read = [path for path, file in result.returned_files if file.outcome != "skipped"]
    files.refuse_sources(contents, read)
    contents, kept = set_aside(contents, result.register.report.head.language)
    return (
        contents,
        kept,
        [
            (error, internal_error(Place(file.file), error=error, reason="internal_return"))
            for file, error in failed
        ],
    )
