"""Return the names of the files that `split` writes: forms, and the plan as it was sent."""

from __future__ import annotations

from pathlib import Path

from xltiltak.model.language import translate
from xltiltak.model.report import Report

_MOST_NAMED = 6  # areas in the name of a file; of more, how many


def form_filename(report: Report, *refs: str) -> str:
    """The file name of a form with these areas: from codes alone, so that it is legal everywhere."""
    named = (
        refs if len(refs) <= _MOST_NAMED else (*refs[:_MOST_NAMED], f"{len(refs) - _MOST_NAMED}")
    )
    return f"{'+'.join(named)}-{report.head.current}.xlsx"


def sent_plan_path(plan: Path, report: Report) -> Path:
    """The plan as sent, beside the plan."""
    word = translate("book.sent", report.head.language)
    stem = plan.stem.split(f" {word} ")[0]
    return plan.with_name(f"{stem} {word} {report.head.current}.xlsx")
