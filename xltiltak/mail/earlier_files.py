"""Find what an earlier sending left in a folder, and keep what people have changed there.

A form or letter that nobody has changed since it was written can be written again at any time. Its
seal proves that: the fingerprint of a workbook, the first header of a draft. Such a file is removed
if it is wrong now. All others stay, and are told: somebody may have saved answers in them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from email import message_from_bytes, policy
from itertools import count
from pathlib import Path
from unicodedata import normalize

from xltiltak.mail.mail_drafts import kind_of_draft
from xltiltak.merging.collection import is_about_same
from xltiltak.merging.registry import rule
from xltiltak.model import files
from xltiltak.model.errors import XltiltakError
from xltiltak.model.finding import ANYWHERE, Finding, Place
from xltiltak.model.language import translate
from xltiltak.model.report import Report
from xltiltak.model.visible_text import visible
from xltiltak.snapshot.hidden_sheet import SHEET_NAME, parse_snapshot
from xltiltak.xlsx.fingerprint import is_unmodified
from xltiltak.xlsx.package import LARGE_FILE_BOUNDS, Package
from xltiltak.xlsx.sheet_reader import read_sheet

Outputs = dict[Path, bytes]


@dataclass(frozen=True, slots=True)
class EarlierFile:
    """A form, or a letter with forms: what it was written for, and why it cannot be removed.

    `keep` is the key of the reason, "" if nobody has changed the file since it was written.
    """

    areas: frozenset[str]
    day: date | None
    keep: str = ""


@rule("M120", "M121")
def leftovers(
    folder: Path, report: Report, outputs: Collection[Path], sent: Collection[str]
) -> tuple[list[Path], list[Finding]]:
    """Return the files of earlier sendings to remove from a folder, and the findings about all.

    `outputs` are the files that are written now, `sent` the areas that these are about. A file is
    wrong now if it is of the open date, and about one of these areas or one that is gone.
    """
    removable: list[Path] = []
    findings: list[Finding] = []
    older: list[str] = []
    still_valid = set(report.area_refs).difference(sent)
    for path in _others_in(folder, outputs):
        earlier = earlier_file(path, report)
        if earlier is None:
            continue
        if earlier.day != report.head.current:
            older.append(visible(path.name))
        elif not earlier.areas <= still_valid:
            reason = earlier.keep or ("areas" if earlier.areas & still_valid else "")
            if reason:
                place = Place(visible(path.name))
                names = ", ".join(sorted(map(report.area_name, earlier.areas)))
                findings.append(
                    Finding.create("M121", place, reason=f"earlier_{reason}", area=names)
                )
            else:
                removable.append(path)
    if older:
        told = Finding.create("M121", ANYWHERE, reason="older_date", value=", ".join(older))
        findings.append(told.with_severity("note"))
    return removable, [*findings, *_removed(removable)]


def old_reminders(
    folder: Path, report: Report, outputs: Collection[Path]
) -> tuple[list[Path], list[Finding]]:
    """Return the untouched reminders in a folder that are not written again now: no longer needed.

    Also return the finding that names them.
    """
    found = [
        path
        for path in _others_in(folder, outputs)
        if path.suffix.lower() == ".eml"
        and kind_of_draft(_content(path)) == "remind"
        and (earlier := earlier_file(path, report))
        and earlier.day == report.head.current
    ]
    return found, _removed(found)


def _removed(paths: Collection[Path]) -> list[Finding]:
    """Return the finding that names the removed files; none without any."""
    names = ", ".join(visible(path.name) for path in paths)
    values = {"reason": "earlier_removed", "value": names}
    return [Finding.create("M120", ANYWHERE, **values)] if paths else []


def as_planned(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings about earlier files as those of a dry run: nothing was done yet."""
    return [replace(finding, values=_planned(finding.values)) for finding in findings]


def _planned(values: Mapping[str, str]) -> dict[str, str]:
    """Return the values of a finding before anything is done."""
    if values["reason"] == "earlier_removed":
        return {"reason": "earlier_planned", "value": values["value"]}
    if values["reason"] == "in_the_way":
        return {"reason": "in_the_way_planned", "value": values["value"]}
    return dict(values)


def remove(paths: Collection[Path]) -> None:
    """Remove files. One that was changed meanwhile, or is open in another program, stays."""
    for path in paths:
        with suppress(OSError):
            if _is_untouched(path, _content(path)):
                path.unlink(missing_ok=True)


@rule("M121")
def set_aside(
    outputs: Outputs, language: str, source: Path | None = None
) -> tuple[Outputs, list[Finding]]:
    """Return the outputs with a copy of each file in their way that somebody has changed.

    The copies come first, so that they are there before the files are written over. `source` is a
    file that was read: what was changed in it is in what is written over it.
    """
    copies: Outputs = {}
    findings: list[Finding] = []
    word = translate("book.changed_file", language)
    for target, content in outputs.items():
        there = _content(target)
        is_read = source is not None and files.is_same(target, source)
        if not there or is_read or there == content or _is_untouched(target, there):
            continue
        stems = (f"{target.stem} {word}{f' {n}' if n > 1 else ''}" for n in count(1))
        names = map(target.with_stem, stems)
        copy = next(path for path in names if path not in outputs and not files.exists(path))
        copies[copy] = there
        values = {"reason": "in_the_way", "value": visible(copy.name)}
        findings.append(Finding.create("M121", Place(visible(target.name)), **values))
    return {**copies, **outputs}, findings


def earlier_file(path: Path, report: Report) -> EarlierFile | None:
    """Return what a file of this report was written for; None for any other file."""
    content = _content(path)
    if path.suffix.lower() != ".eml":
        return _earlier_form(content, report)
    message = message_from_bytes(content, policy=policy.default)
    attached = (part.get_payload(decode=True) for part in message.walk())
    forms = [
        form
        for payload in attached
        if isinstance(payload, bytes) and (form := _earlier_form(payload, report))
    ]
    if not forms:
        return None
    areas = frozenset().union(*(form.areas for form in forms))
    keep = "" if kind_of_draft(content) else "changed"
    return replace(forms[0], areas=areas, keep=keep)


def _earlier_form(content: bytes, report: Report) -> EarlierFile | None:
    """Return what a form of this report was sent with; None for any other content."""
    try:
        package = Package(content, LARGE_FILE_BOUNDS)
        hidden = read_sheet(package, SHEET_NAME)
        snapshot = parse_snapshot(hidden.rows) if hidden else None
    except XltiltakError:
        return None
    if not snapshot or snapshot.register_records or not is_about_same(snapshot.sent, report):
        return None
    keep = "" if is_unmodified(package) else "changed"
    if snapshot.correction_records:
        keep = keep or "correction"
    return EarlierFile(frozenset(snapshot.sent.area_refs), snapshot.sent.head.current, keep)


def _others_in(folder: Path, outputs: Collection[Path]) -> Iterator[Path]:
    """Yield the workbooks and letters in a folder, without those that are written now.

    Names are compared as on a system that ignores case.
    """
    written = {_sameness(path.name) for path in outputs if path.parent == folder}
    for path in sorted(folder.iterdir()) if files.is_folder(folder) else ():
        is_ours = path.suffix.lower() in (".xlsx", ".eml") and not path.is_symlink()
        if is_ours and path.is_file() and _sameness(path.name) not in written:
            yield path


def _sameness(name: str) -> str:
    return normalize("NFC", name).casefold()


def _is_untouched(path: Path, content: bytes) -> bool:
    """Return True if nobody has changed a file since this program wrote it."""
    if path.suffix.lower() == ".eml":
        return bool(kind_of_draft(content))
    try:
        return is_unmodified(Package(content, LARGE_FILE_BOUNDS))
    except XltiltakError:
        return False


def _content(path: Path) -> bytes:
    """Return the content of a file; nothing if it is missing or cannot be read."""
    try:
        return files.read(path) if files.exists(path) else b""
    except XltiltakError:
        return b""
