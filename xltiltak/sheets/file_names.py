"""Make the names of files from what stands in a report: of forms, and of the plan as it was sent.

A code comes from people's files. It must neither lead out of the folder nor make a name that some
system cannot have, so every such name goes through `checked_filename`.
"""

from __future__ import annotations

import re
from pathlib import Path

from xltiltak.model.errors import OutputError
from xltiltak.model.language import translate
from xltiltak.model.report import Report
from xltiltak.model.visible_text import visible

_MOST_CODES = 6  # area codes in a file name; of the others, their number
_LONGEST = 180  # characters of a name, so that the path fits in what Excel opens
_FORBIDDEN = '<>:"/\\|?*'
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\..*)?", re.IGNORECASE)
_HIDDEN = (".", "~")  # such a name is hidden, or taken for what a program has left behind


def checked_filename(name: str) -> str:
    """Return a file name made from data. Raise OutputError if some system cannot have it.

    Those of Windows are the strictest. The names of its devices are not files, with any suffix.
    """
    stem = name.rpartition(".")[0]
    is_legal = (
        len(name) <= _LONGEST
        and visible(name) == name
        and not set(name) & set(_FORBIDDEN)
        and not name.startswith(_HIDDEN)
        and all(part.rstrip(" .") == part != "" for part in (name, stem))
        and not _DEVICE.fullmatch(name)
    )
    if not is_legal:
        shown = visible(name)[:_LONGEST]
        raise OutputError("name_of_data", name=shown, forbidden=_FORBIDDEN, limit=_LONGEST)
    return name


def form_filename(report: Report, *refs: str) -> str:
    """Return the file name of a form with these areas, made of their codes. Raise OutputError."""
    codes = list(refs)
    if len(codes) > _MOST_CODES:
        codes[_MOST_CODES:] = [str(len(codes) - _MOST_CODES)]
    return checked_filename(f"{'+'.join(codes)}-{report.head.current}.xlsx")


def sent_plan_path(plan: Path, report: Report) -> Path:
    """Return the path of the plan as it was sent, which is beside the plan."""
    word = translate("book.sent", report.head.language)
    stem = plan.stem.split(f" {word} ")[0]
    return plan.with_name(f"{stem} {word} {report.head.current}.xlsx")
