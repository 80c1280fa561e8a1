"""Findings: what is wrong in people's files, where, and what to do. A finding stops nothing.

The codes are listed here, so that every package can use them. Their texts are in the catalogues of
the languages under `finding.<code>`: the message, the fix, and why it matters.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple

from xltiltak.model.file_kinds import REMEDIES
from xltiltak.model.language import day_text, translate
from xltiltak.model.typed_text import name_invisible
from xltiltak.model.written_dates import with_days_alike

_FINGERPRINT = 24  # characters
_QUOTATION_MARKS = re.compile("[«»“”„]")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
DayValues = Mapping[str, date]
Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


class Code(NamedTuple):
    """A code of findings: its name in words, as in a linter, and its usual severity."""

    name: str
    severity: Severity


CODES: dict[str, Code] = {
    "F001": Code("not-a-workbook", "error"),
    "F002": Code("encrypted-workbook", "error"),
    "F003": Code("foreign-workbook", "error"),
    "F004": Code("other-template", "error"),
    "F005": Code("skipped-file", "note"),
    "F006": Code("damaged-workbook", "error"),
    "F007": Code("over-limit", "error"),
    "F008": Code("active-content", "warning"),
    "F009": Code("file-held", "error"),
    "F010": Code("internal-error", "error"),
    "F011": Code("words-beside-form", "note"),
    "F013": Code("record-not-believed", "warning"),
    "F012": Code("without-plan", "note"),
    "S101": Code("area-sheet-unclear", "error"),
    "S102": Code("measure-missing", "error"),
    "S103": Code("measure-duplicated", "error"),
    "S104": Code("measure-added", "warning"),
    "S105": Code("label-changed", "note"),
    "S106": Code("rows-reordered", "note"),
    "S107": Code("refs-detached", "warning"),
    "S108": Code("content-outside-form", "note"),
    "S109": Code("text-missing", "warning"),
    "S110": Code("lines-displaced", "error"),
    "S111": Code("object-not-read", "warning"),
    "S112": Code("cell-link", "note"),
    "S113": Code("cells-merged", "warning"),
    "S114": Code("sheet-renamed", "warning"),
    "S115": Code("page-text", "note"),
    "S116": Code("measures-repeated", "error"),
    "S117": Code("column-not-taken", "error"),
    "S118": Code("sheet-not-taken", "error"),
    "S119": Code("not-kept-in-plan", "warning"),
    "S120": Code("title-gone", "warning"),
    "L101": Code("given-text-changed", "error"),
    "L102": Code("earlier-date-changed", "error"),
    "L103": Code("later-date-filled", "warning"),
    "L104": Code("answer-beside-other-name", "error"),
    "L105": Code("measure-not-in-force", "error"),
    "L106": Code("derived-value-typed-over", "warning"),
    "V101": Code("value-outside-scale", "error"),
    "V102": Code("required-input-missing", "warning"),
    "V103": Code("not-a-number", "error"),
    "V104": Code("not-a-date", "error"),
    "V105": Code("became-a-date", "error"),
    "V106": Code("formula-or-error-cell", "error"),
    "V107": Code("repaired-value", "note"),
    "V108": Code("markup-in-text", "note"),
    "V109": Code("text-too-long", "warning"),
    "V110": Code("control-characters", "note"),
    "V111": Code("input-cleared", "warning"),
    "V112": Code("struck-out", "warning"),
    "V113": Code("two-readings", "error"),
    "V114": Code("hardly-seen", "warning"),
    "C101": Code("status-fell", "warning"),
    "C102": Code("remark-says-otherwise", "warning"),
    "C103": Code("remark-unchanged", "note"),
    "C104": Code("standstill", "note"),
    "C105": Code("remark-repeated", "note"),
    "C106": Code("status-fell-since", "warning"),
    "C107": Code("standstill-since", "note"),
    "C108": Code("published-rewritten", "warning"),
    "C109": Code("deadline-passed", "note"),
    "C110": Code("share-among-percentages", "warning"),
    "M101": Code("area-missing", "warning"),
    "M102": Code("area-twice", "error"),
    "M103": Code("area-twice-united", "note"),
    "M104": Code("mixed-rounds", "error"),
    "M105": Code("register-changed", "warning"),
    "M106": Code("ref-missing-in-plan", "error"),
    "M107": Code("message-to-coordinator", "note"),
    "M108": Code("address-missing", "warning"),
    "M109": Code("dispute-settled", "note"),
    "M110": Code("plan-and-appendix-differ", "warning"),
    "M111": Code("decision-dropped", "warning"),
    "M120": Code("earlier-file-removed", "note"),
    "M121": Code("earlier-file-kept", "warning"),
    "M122": Code("area-empty", "warning"),
    "M123": Code("area-without-row", "note"),
    "M124": Code("deadline-not-sent", "warning"),
    "M125": Code("area-name-twice", "error"),
    "M126": Code("proposal-undecided", "warning"),
    "A101": Code("printed-figure-differs", "error"),
    "A102": Code("number-repeated", "warning"),
    "A103": Code("number-missing", "note"),
    "I101": Code("not-placed", "note"),
    "I102": Code("column-unknown", "warning"),
    "I103": Code("row-unclear", "error"),
    "I104": Code("text-joined", "note"),
    "I105": Code("introduction-taken", "note"),
    "I106": Code("hyphen-kept", "note"),
    "I107": Code("head-worked-out", "note"),
    "I108": Code("column-twice", "error"),
    "I109": Code("table-continued", "note"),
    "I110": Code("hidden-part", "note"),
    "I111": Code("area-not-found", "error"),
    "I112": Code("struck-out", "warning"),
    "I113": Code("object-not-read", "warning"),
    "I114": Code("link-target", "note"),
    "I115": Code("colour-as-answer", "warning"),
    "I116": Code("leaders-differ", "warning"),
    "I117": Code("area-assumed", "warning"),
    "I118": Code("heading-in-row", "note"),
    "I119": Code("heading-alike", "note"),
    "I120": Code("colours-read", "note"),
    "I121": Code("name-missing", "warning"),
    "I122": Code("measure-repeated", "warning"),
    "P101": Code("personal-data", "warning"),
    "P102": Code("character-without-glyph", "warning"),
    "P103": Code("not-a-character", "warning"),
    "T101": Code("unused-scale", "warning"),
    "T104": Code("steps-alike", "warning"),
    "T105": Code("table-too-wide", "warning"),
    "T106": Code("heading-unreadable", "warning"),
    "T107": Code("folder-named-otherwise", "warning"),
    "T108": Code("help-is-cut", "warning"),
}


class Place(NamedTuple):
    """File name, sheet and cell of a finding; empty for a whole file or sheet, or for no file."""

    file: str = ""
    sheet: str = ""
    cell: str = ""


ANYWHERE = Place()


class About(NamedTuple):
    """The area and slot of a report that a finding is about; empty where they are not known.

    `what` names the slot for a reader: "Tiltak 12 · Status 311220". `date` is None for a field
    without dates.
    """

    area: str = ""
    ref: str = ""
    field: str = ""
    date: date | None = None
    what: str = ""


NOTHING = About()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at in a file or a report.

    `values` fill the places of the message. If a code has several reasons, the value `reason` is
    the key of the phrase that fills `{why}`. `days` are those of the values that are days: they are
    31.12.2020 in `values`, and as its language writes them in a message. `handled` is what the
    coordinator wrote when they closed the finding, "" while it is open.
    """

    code: str
    place: Place = ANYWHERE
    area: str = ""
    ref: str = ""
    field: str = ""
    date: date | None = None
    what: str = ""
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    severity: Severity = "error"
    handled: str = ""
    days: DayValues = dataclasses.field(default_factory=dict)

    @classmethod
    def create(
        cls, code: str, place: Place = ANYWHERE, about: About = NOTHING, /, **values: object
    ) -> Finding:
        """Return a finding with the usual severity of its code. `values` fill the message.

        Signs that cannot be seen are named in them: 3⟨U+200B⟩.
        """
        days = {name: value for name, value in values.items() if isinstance(value, date)}
        quoted = {name: name_invisible(_neutral_text(value)) for name, value in values.items()}
        return cls(code, place, *about, quoted, CODES[code].severity, days=days)

    @property
    def name(self) -> str:
        """Return the code in words, as in a linter."""
        return CODES[self.code].name

    def message(self, language: str) -> str:
        """Return what is wrong, in this language."""
        reason, values = self.values.get("reason"), self._values_in(language)
        why = _fill(translate(f"why.{reason}", language), values) if reason else ""
        text = translate(f"finding.{self.code}.message", language)
        return _fill(text, {"why": why, **values}).rstrip()

    def fix(self, language: str) -> str:
        """Return what to do, in this language: about the reason if it has a text of its own.

        Of a finding that was handled, return what was done.
        """
        if self.handled:
            return translate("book.handled_as", language, value=self.handled)
        remedy = REMEDIES.get(self.values.get("reason", ""))
        values = self._values_in(language)
        if remedy:
            return _fill(translate(f"remedy.{remedy}", language), values)
        return _fill(translate(f"finding.{self.code}.fix", language), values)

    def _values_in(self, language: str) -> Mapping[str, str]:
        """Return the values with their days as a language writes them."""
        return {**self.values, **{name: day_text(day, language) for name, day in self.days.items()}}

    def where(self) -> str:
        """Return file, slot or else sheet, and cell, as far as they are known."""
        inner = self.what or self.place.sheet
        parts = [part for part in (self.place.file, inner) if part]
        cell = f" ({self.place.cell})" if self.place.cell else ""
        return " · ".join(parts) + cell

    def sentence(self, language: str) -> str:
        """Return where, what is wrong, what to do and the code, in one line."""
        where = f"{self.where()}: " if self.where() else ""
        return f"{where}{self.message(language)} {self.fix(language)} [{self.code}]"

    @property
    def fingerprint(self) -> str:
        """Return a short text that is the same for the same finding in every run and language.

        The sheets of another language have other quotation marks, decimal commas and days.
        """
        return self._digest({name: with_days_alike(value) for name, value in self.values.items()})

    @property
    def earlier_fingerprint(self) -> str:
        """Return the fingerprint in workbooks of versions that wrote all days as 31.12.2020."""
        return self._digest(self.values)

    def _digest(self, values: Mapping[str, str]) -> str:
        day = str(self.date or "")
        parts = (self.code, *self.place, self.area, self.ref, self.field, day)
        named = (f"{name}={_neutral(value)}" for name, value in sorted(values.items()))
        return hashlib.sha256("\0".join((*parts, *named)).encode()).hexdigest()[:_FINGERPRINT]

    def as_handled(self, text: str) -> Finding:
        """Return a copy that the coordinator has closed with this text: it is a note."""
        return replace(self, severity="note", handled=text)

    def with_file(self, file: str) -> Finding:
        """Return a copy with the name of the file."""
        return replace(self, place=self.place._replace(file=file))

    def with_severity(self, severity: Severity) -> Finding:
        """Return a copy with another severity than the usual one of its code."""
        return replace(self, severity=severity)


class FindingFilter(NamedTuple):
    """Selects findings by the prefixes of their codes: all of `select`, but none of `ignore`.

    An empty `select` takes all codes.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def selects(self, finding: Finding) -> bool:
        """Return True if a finding is shown, and counts for the exit code of a command."""
        is_selected = finding.code.startswith(self.select or ("",))
        return is_selected and not finding.code.startswith(self.ignore)


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings in the order of every list: errors first, then by file, sheet and cell.

    Of one severity, those about a file come before those about the whole report.
    """
    return sorted(findings, key=_sort_key)


def _sort_key(finding: Finding) -> tuple[object, ...]:
    place = finding.place
    letters = place.cell.rstrip("0123456789")
    row = place.cell[len(letters) :].split(":")[0]
    cell = (int(row) if row.isdecimal() else 0, len(letters), letters)
    return (
        SEVERITIES.index(finding.severity),
        not place.file,
        place.file,
        place.sheet,
        cell,
        finding.code,
        finding.ref,
        finding.field,
        sorted(finding.values.items()),
    )


def _neutral_text(value: object) -> str:
    """Return a value as a text; a day in the form that is the same in all languages."""
    return f"{value:%d.%m.%Y}" if isinstance(value, date) else str(value)


def _neutral(value: str) -> str:
    """Return a value without what differs between the languages of a report."""
    return _DECIMAL_COMMA.sub(".", _QUOTATION_MARKS.sub('"', value))


class _MessageValues(dict[str, str]):
    """Values that fill a message; a missing one is empty, since old records may lack new values."""

    def __missing__(self, key: str) -> str:
        return ""


def _fill(text: str, values: Mapping[str, str]) -> str:
    return text.format_map(_MessageValues(values))
