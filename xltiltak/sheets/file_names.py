"""Make the names of files from what stands in a report: of forms, letters, and the plan as sent.

People know areas and leaders, not codes. So a form is called after its area, or after the leader if
it has several areas. What is typed in a plan may lead out of a folder or make a name that some
system cannot have. So it is cleaned, and every such name goes through `checked_filename`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from pathlib import Path

from xltiltak.model.errors import OutputError
from xltiltak.model.language import translate
from xltiltak.model.recipients import recipient_name
from xltiltak.model.report import BLANK_AREA, Report
from xltiltak.model.visible_text import visible

_MOST_NAMES = 3  # areas in the name of a form without a leader; of the others, their number
_LONGEST = 180  # characters of a name, so that the path fits in what Excel opens
_LONGEST_STEM = 120  # bytes of the name of an area or leader; a name of a file has at most 255
_FORBIDDEN = '<>:"/\\|?*'
_SEPARATING = re.compile(r"\s*[/\\|:]+\s*")  # between words: "Plan/bygg"
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\..*)?", re.IGNORECASE)
_HIDDEN = (".", "~")  # such a name is hidden, or taken for what a program has left behind
_AT_EDGES = " .~-–_"
_JOINED = " + "
_WITH_CODE = re.compile(r".*\([A-Z0-9]+\)")


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


def round_filename(
    report: Report,
    *refs: str,
    addition: str = "",
    suffix: str = ".xlsx",
    recipient: str = "",
) -> str:
    """Return the name of a file about these areas at the open date. Raise OutputError.

    It is called after the area, or of several areas after their leader: "Havn – 2020-12-31.xlsx";
    a form for a `recipient` after them.
    `addition` are more words at the end. No two areas or leaders of a report have the same name
    on any system: where their names are alike, the code of the area is added.
    """
    name = recipient_name(recipient) if recipient else _known_name(report, refs)
    stem = _legal_stem(name)
    names = _names_in_use(report, with_leaders=not recipient)
    alike = names[_sameness(stem)] + (_JOINED in name and not recipient)
    if not stem or alike > 1 or _WITH_CODE.fullmatch(stem):
        number = f"-{_recipients(report).index(recipient) + 1}" if recipient else ""
        stem = f"{stem} ({refs[0]}{number})".strip()
    end = f" {addition}" if addition else ""
    return checked_filename(f"{stem} – {report.head.current}{end}{suffix}")


def sent_plan_path(plan: Path, report: Report) -> Path:
    """Return the path of the plan as it was sent, which is beside the plan."""
    word = translate("book.sent", report.head.language)
    stem = plan.stem.split(f" {word} ")[0]
    return plan.with_name(f"{stem} {word} {report.head.current}.xlsx")


def _known_name(report: Report, refs: tuple[str, ...]) -> str:
    """Return what people call these areas: the area, their leader, or else all their names."""
    leaders = {report.areas.get(ref, BLANK_AREA).leader for ref in refs}
    if len(refs) > 1 and len(leaders) == 1 and _legal_stem(leader := leaders.pop()):
        return leader
    names = [report.area_name(ref) for ref in refs]
    if len(names) > _MOST_NAMES:
        names[_MOST_NAMES:] = [str(len(names) - _MOST_NAMES)]
    return _JOINED.join(names)


def _legal_stem(text: str) -> str:
    """Return a text as the beginning of a file name; empty if nothing is left of it."""
    text = _SEPARATING.sub("-", unicodedata.normalize("NFC", text).strip())
    seen = "".join(
        " " if character.isspace() else character
        for character in text
        if character not in _FORBIDDEN and (character.isspace() or visible(character) == character)
    )
    words = " ".join(seen.split())
    shortened = words.encode()[:_LONGEST_STEM].decode(errors="ignore")
    if shortened != words:
        shortened = f"{shortened.rstrip(_AT_EDGES)}…"
    stem = shortened.strip(_AT_EDGES)
    return stem.replace(".", "-") if _DEVICE.fullmatch(f"{stem} ") else stem


def _recipients(report: Report) -> list[str]:
    """Return all recipients of forms, in the order of their names."""
    return sorted(frozenset().union(*report.recipients.values()) - {""})


def _names_in_use(report: Report, *, with_leaders: bool) -> Counter[str]:
    """Return how often each name of an area, recipient or leader is used, in any case of letters.

    No file of a recipient is one of a leader who has the same name.
    """
    areas = (report.area_name(ref) for ref in report.area_refs)
    leaders = {area.email.lower() or area.leader: area.leader for area in report.areas.values()}
    recipients = map(recipient_name, _recipients(report))
    others = tuple(leaders.values()) if with_leaders else ()
    return _count_names((*areas, *recipients), others)


@lru_cache(maxsize=8)
def _count_names(areas: tuple[str, ...], leaders: tuple[str, ...]) -> Counter[str]:
    return Counter(_sameness(_legal_stem(name)) for name in (*areas, *leaders))


def _sameness(name: str) -> str:
    """Return a name as a system sees it that ignores case and how letters are composed."""
    return unicodedata.normalize("NFKC", name).casefold()
