"""What is wrong in people's content, with its place and what to do. It stops nothing.

The table of codes lives here, so that every layer can name one; what a code says stands in the language catalogue
under `finding.<code>`: message, fix, and why it matters.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple

from xltiltak.model.language import translate

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


class Code(NamedTuple):
    """A kind of finding: its name in words and its usual severity."""

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
    "L101": Code("given-text-changed", "error"),
    "L102": Code("earlier-date-changed", "error"),
    "L103": Code("later-date-filled", "warning"),
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
    "C101": Code("status-fell", "warning"),
    "C102": Code("remark-says-otherwise", "warning"),
    "C103": Code("remark-unchanged", "note"),
    "C104": Code("standstill", "note"),
    "C105": Code("remark-repeated", "note"),
    "C106": Code("status-fell-since", "warning"),
    "C107": Code("standstill-since", "note"),
    "C108": Code("published-rewritten", "warning"),
    "M101": Code("area-missing", "warning"),
    "M102": Code("area-twice", "error"),
    "M103": Code("area-twice-united", "note"),
    "M104": Code("mixed-rounds", "error"),
    "M105": Code("register-changed", "warning"),
    "M106": Code("ref-missing-in-plan", "error"),
    "M107": Code("message-to-coordinator", "note"),
    "M108": Code("address-missing", "warning"),
    "M109": Code("dispute-settled", "note"),
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
    "P101": Code("personal-data", "warning"),
    "P102": Code("character-without-glyph", "warning"),
    "P103": Code("not-a-character", "warning"),
    "T101": Code("unused-scale", "warning"),
    "T102": Code("list-too-long", "warning"),
    "T103": Code("comma-in-choice", "warning"),
    "T104": Code("steps-alike", "warning"),
    "T105": Code("table-too-wide", "warning"),
    "T106": Code("heading-unreadable", "warning"),
    "T107": Code("folder-named-otherwise", "warning"),
}


class Place(NamedTuple):
    """Where something stands: a file's own name, a sheet, a cell; empty where it is the whole of the outer one."""

    file: str = ""
    sheet: str = ""
    cell: str = ""


ANYWHERE = Place()


class About(NamedTuple):
    """What a finding is about: an area and a slot of the report, as far as they are known.

    `what` says in people's words which slot it is ("Tiltak 12 · Status 311220"). `date` is None for a field without.
    """

    area: str = ""
    ref: str = ""
    field: str = ""
    date: date | None = None
    what: str = ""


NOTHING = About()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell.

    `values` are quoted by the message. A value `reason` names the phrase that its {why} is, where a code has several.
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

    @classmethod
    def create(
        cls, code: str, place: Place = ANYWHERE, about: About = NOTHING, /, **values: object
    ) -> Finding:
        """Return a finding with the usual severity of its code; the message quotes `values`."""
        quoted = {name: str(value) for name, value in values.items()}
        return cls(code, place, *about, values=quoted, severity=CODES[code].severity)

    @property
    def name(self) -> str:
        """The code in words, as in a linter."""
        return CODES[self.code].name

    def message(self, language: str) -> str:
        """What is wrong."""
        reason = self.values.get("reason")
        why = _filled(translate(f"why.{reason}", language), self.values) if reason else ""
        return _filled(
            translate(f"finding.{self.code}.message", language), {"why": why, **self.values}
        ).rstrip()

    def fix(self, language: str) -> str:
        """What to do."""
        return _filled(translate(f"finding.{self.code}.fix", language), self.values)

    def where(self) -> str:
        """File, sheet or slot, and cell, as far as they are known."""
        inner = self.what or self.place.sheet
        parts = [part for part in (self.place.file, inner) if part]
        cell = f" ({self.place.cell})" if self.place.cell else ""
        return " · ".join(parts) + cell

    def sentence(self, language: str) -> str:
        """What, where, what to do, in one line for a reader."""
        where = self.where()
        return f"{where + ': ' if where else ''}{self.message(language)} {self.fix(language)} [{self.code}]"

    def with_file(self, file: str) -> Finding:
        """The same finding, now that its file is known."""
        return replace(self, place=self.place._replace(file=file))

    def with_severity(self, severity: Severity) -> Finding:
        """The same, taken more or less seriously than its code usually is."""
        return replace(self, severity=severity)


class FindingFilter(NamedTuple):
    """Which findings count, by how their codes begin: those of `select` (all where it is empty) but not of `ignore`."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def selects(self, finding: Finding) -> bool:
        """Is it shown, and does it decide how a command ends?"""
        return finding.code.startswith(self.select or ("",)) and not finding.code.startswith(
            self.ignore
        )


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first, then by file, sheet and place in it: the order of every list of findings."""
    return sorted(findings, key=_rank)


def _rank(finding: Finding) -> tuple[object, ...]:
    letters = finding.place.cell.rstrip("0123456789")
    row = finding.place.cell[len(letters) :].split(":")[0]
    at = (int(row) if row.isdecimal() else 0, len(letters), letters)
    values = sorted(finding.values.items())
    severity = SEVERITIES.index(finding.severity)
    no_file = (
        not finding.place.file
    )  # what somebody sent comes first, then what follows from all of it
    return (
        severity,
        no_file,
        finding.place.file,
        finding.place.sheet,
        at,
        finding.code,
        finding.ref,
        finding.field,
        values,
    )


class _Quoted(dict[str, str]):
    """Values for a message; one that is not known is left out, so that an old record can still be told."""

    def __missing__(self, key: str) -> str:
        return ""


def _filled(text: str, values: Mapping[str, str]) -> str:
    return text.format_map(_Quoted(values))
