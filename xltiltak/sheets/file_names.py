"""Return the names of the files that `split` writes: forms, and the plan as it was sent."""

from __future__ import annotations

from pathlib import Path

from xltiltak.model.language import translate
from xltiltak.model.report import Report

_MOST_CODES = 6  # area codes in a file name; of the others, their number


def form_filename(report: Report, *refs: str) -> str:
    """Return the file name of a form with these areas.

    It is made of codes only, so that it is legal on every system.
    """
    codes = list(refs)
    if len(codes) > _MOST_CODES:
        codes[_MOST_CODES:] = [str(len(codes) - _MOST_CODES)]
    return f"{'+'.join(codes)}-{report.head.current}.xlsx"


def sent_plan_path(plan: Path, report: Report) -> Path:
    """Return the path of the plan as it was sent, which is beside the plan."""
    word = translate("book.sent", report.head.language)
    stem = plan.stem.split(f" {word} ")[0]
    return plan.with_name(f"{stem} {word} {report.head.current}.xlsx")
