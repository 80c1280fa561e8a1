"""Whose sheet it is, and what was sent in it: by its visible code, by its marks, by its texts (design §5).

The hidden sheet of its own workbook says it best. A sheet that was moved or copied into another workbook has none;
then the coordinator's register says what went out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import NamedTuple, Protocol

from xltiltak.intake.columns import OPENING, ColumnMap
from xltiltak.layout.geometry import geometry_of
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.normalize import normalize
from xltiltak.model.register import Register
from xltiltak.model.report import BLANK_AREA, Area, Report, Slot
from xltiltak.model.row_keys import find_form_code, form_code, parse_row_key
from xltiltak.xlsx.sheet_reader import Sheet

_RESENT = 4  # so many sendings are tried beyond those that the register knows of
_SHARE = (
    0.5  # so much of an area's texts makes a sheet that has nothing else to be known by its own
)


class SentForms(Protocol):
    """What can say whose sheet it is, and what was sent in it."""

    def by_code(self, code: str) -> tuple[str, Report] | None:
        """The area of a form code and its part of what was sent; None for a code of nobody's."""

    def parts(self) -> Mapping[str, Report]:
        """The part of every area as it was sent last."""


class EmbeddedSnapshot:
    """The home that a workbook's own hidden sheet makes."""

    def __init__(self, sent: Report) -> None:
        self.sent = sent

    def by_code(self, code: str) -> tuple[str, Report] | None:
        """The area of a form that stands in the workbook, and what was sent in it; None for any other code."""
        area = self._codes.get(code)
        return (area, self.parts()[area]) if area else None

    def parts(self) -> Mapping[str, Report]:
        """What was sent, area by area."""
        return self._parts

    @cached_property
    def _parts(self) -> Mapping[str, Report]:
        return self.sent.parts()

    @cached_property
    def _codes(self) -> Mapping[str, str]:
        return {form_code(part, ref): ref for ref, part in self._parts.items()}


class RegisterForms:
    """The home that the register makes: every form it has sent, as far as it still knows what stood in it.

    In a first sending that is what the slots held before returns changed them, in a later one what they hold now.
    """

    def __init__(self, register: Register) -> None:
        self.register = register

    def by_code(self, code: str) -> tuple[str, Report] | None:
        """The area, and what was sent in the form with this code; None for one of another report."""
        found = self._codes.get(code)
        if found is None:
            return None
        area, day, sending = found
        return area, self._part(area, day, sending)

    def parts(self) -> Mapping[str, Report]:
        """What each area's last form was sent with."""
        return self._last

    @cached_property
    def _last(self) -> Mapping[str, Report]:
        report = self.register.report
        refs = report.area_refs
        return {
            ref: self._part(ref, report.head.current, report.areas.get(ref, BLANK_AREA).sent)
            for ref in refs
        }

    @cached_property
    def _codes(self) -> Mapping[str, tuple[str, date | None, int]]:
        report = self.register.report
        opened = [replace(report, head=replace(report.head, current=day)) for day in _days(report)]
        return {
            form_code(replace(of_day, areas={ref: Area(sent=sending)}), ref): (
                ref,
                of_day.head.current,
                sending,
            )
            for of_day in opened
            for ref in report.area_refs
            for sending in range(report.areas.get(ref, BLANK_AREA).sent + _RESENT)
        }

    @cached_property
    def _now(self) -> Mapping[str, Report]:
        return self.register.report.parts()

    @cached_property
    def _before(self) -> Mapping[str, Report]:
        """What stood in the slots before anybody answered."""
        report, base = self.register.report, self.register.previous_values
        values = {
            slot: value for slot, value in {**report.values, **base}.items() if value is not None
        }
        return replace(report, values=values).parts()

    def _part(self, area: str, day: date | None, sending: int) -> Report:
        return _counted((self._before if sending <= 1 else self._now)[area], area, day, sending)


def _days(report: Report) -> set[date | None]:
    return {*report.head.dates, report.head.current}


def _counted(report: Report, area: str, day: date | None, sending: int) -> Report:
    """The report with this date open and so many sendings of the area."""
    known = {area: replace(report.areas.get(area, BLANK_AREA), sent=sending)}
    return replace(report, head=replace(report.head, current=day), areas=known)


class LocatedSheet(NamedTuple):
    """A sheet that is an area's: its part of what was sent, its columns, and the code that stands on it.

    `unclear` is the area its rows belong to, where that is another than its code says.
    """

    area: str
    sent: Report
    columns: ColumnMap
    code: str
    unclear: str = ""


def locate_sheet(sheet: Sheet, homes: Sequence[SentForms]) -> LocatedSheet | None:
    """Whose a sheet is; None when it is no form of any home. The code comes first, then the marks, then the texts."""
    code = visible_form_code(sheet)
    for home in homes:
        if found := home.by_code(code):
            return _placed(sheet, home, code, *found)
    refs = set(refs_in_sheet(sheet))
    for home in homes:
        if area := _most_marks(home.parts(), refs):
            return _placed(sheet, home, code, area, home.parts()[area])
    for home in homes if not refs else ():
        if area := _most_texts(home.parts(), sheet):
            return _placed(sheet, home, code, area, home.parts()[area])
    return None


def _placed(sheet: Sheet, home: SentForms, code: str, area: str, sent: Report) -> LocatedSheet:
    marked = _most_marks(home.parts(), set(refs_in_sheet(sheet))) if len(home.parts()) > 1 else area
    return LocatedSheet(
        area, sent, _columns(sheet, sent), code, marked if marked and marked != area else ""
    )


def _columns(sheet: Sheet, sent: Report) -> ColumnMap:
    return ColumnMap(sheet, geometry_of(sent.template, sent.head.dates, sent.head.language))


def _most_marks(parts: Mapping[str, Report], refs: set[str]) -> str:
    """The area that most of the marks belong to; empty when there are none of ours."""
    held = {ref: sum(node.ref in refs for node in part.nodes) for ref, part in parts.items()}
    best = max(held, key=lambda ref: held[ref], default="")
    return best if best and held[best] else ""


def _most_texts(parts: Mapping[str, Report], sheet: Sheet) -> str:
    """The one area whose measures stand on a sheet that has lost its hidden column and its code."""
    there = {
        normalize(raw)
        for row in sheet.rows.values()
        for raw in row.values()
        if isinstance(raw, str)
    }
    shares = {ref: _share(part, there) for ref, part in parts.items()}
    best = [
        ref for ref, share in shares.items() if share >= _SHARE and share == max(shares.values())
    ]
    return best[0] if len(best) == 1 else ""


def _share(part: Report, there: set[str]) -> float:
    """How many of the texts that measures are known by are among these, as a share."""
    leaf = part.template.leaf
    keys = [f.id for f in part.template.fields_of(leaf.id) if f.is_identifying]
    texts = [
        part.values.get(Slot(n.ref, key)) for n in part.nodes if n.level == leaf.id for key in keys
    ]
    words = [normalize(text) for text in texts if isinstance(text, str)]
    return sum(word in there for word in words) / len(words) if words else 0.0


def refs_in_sheet(sheet: Sheet) -> Iterator[str]:
    """The refs that the marks of nodes' rows name, wherever their column has gone."""
    col = next(
        (
            c
            for row in _opening(sheet)
            for c, text in row.items()
            if text in ("@title", "@code", "@head")
        ),
        0,
    )
    texts = (row.get(col) for row in sheet.rows.values()) if col else ()
    marks = (parse_row_key(text) for text in texts if isinstance(text, str))
    yield from (ref for mark in marks if mark and not mark.field for ref in mark.refs)


def visible_form_code(sheet: Sheet) -> str:
    """The form code as it stands on the sheet, whosever it is; empty without one."""
    texts = (text for row in _opening(sheet) for text in row.values() if isinstance(text, str))
    return next(filter(None, map(find_form_code, texts)), "")


def is_leader_form(sheet: Sheet) -> bool:
    """Is it a leader's area sheet, not one of the coordinator's own? Only the first has room for a message."""
    keys = ("message", "message_on_card")
    asked = {translate(f"sheet.{key}", language) for language in LANGUAGES for key in keys}
    return any(
        text == "@message" or text in asked for row in _opening(sheet) for text in row.values()
    )


def _opening(sheet: Sheet) -> Iterable[Mapping[int, object]]:
    return (row for number, row in sheet.rows.items() if number <= OPENING)
