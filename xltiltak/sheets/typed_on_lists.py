"""Tell what the coordinator typed on our lists outside the fields that are read there.

The lists are overview, amounts, findings, proposals, sources and report details. They are written
anew in the next workbook, so nothing else that is typed on them can stay (S119).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from xltiltak.intake.boilerplate import without_cells
from xltiltak.merging.registry import rule
from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.finding import ANYWHERE, SEVERITIES, About, Finding, Place
from xltiltak.model.language import translate
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.model.written_dates import with_days_alike
from xltiltak.plan.edits import fields_of_lists, typed_beside_findings
from xltiltak.plan.own_cells import is_our_list
from xltiltak.sheets.appendix import write_appendix
from xltiltak.sheets.to_do import GRADES
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.package import LARGE_FILE_BOUNDS, Package
from xltiltak.xlsx.sheet_reader import Sheet, read_sheets

_MOST_QUOTED = 40  # cells in one finding
_MOST_TOLD = 5_000  # cells of one sheet
_LABELS, _OTHER_LABELS = 3, 2  # of a row with labels; that tell another version
_SEVERITY, _AREA = 2, 4  # columns of the list of findings
_REPEATED = 3  # columns of what the overview repeats of them
# Depends on the findings, which are not kept.
_HELP = ("book.handled_help", "book.none_found", "to_do.alarm", "to_do.no_errors", "to_do.no_alarm")
_NUMBER = re.compile(r"\d+")
Cells = Mapping[int, str]  # what a row shows, by column, with days alike in all languages


def typed_on_lists(content: bytes, written: Register) -> Iterator[Finding]:
    """Yield what was typed on the lists of a workbook that was written from a register."""
    language = written.report.head.language
    lists = _lists_in(content)
    findings = tuple(_findings_in(lists, written.report))
    again = _lists_in(write_appendix(replace(written, findings=findings)))
    ours = {_name(sheet): _OurList(sheet, language) for sheet in again}
    none = _OurList(Sheet(""), language)
    found = [(sheet, ours.get(_name(sheet), none)) for sheet in lists]
    is_of_now = all(expected.has_labels(sheet, language) for sheet, expected in found)
    for sheet, expected in found:
        fields = fields_of_lists(sheet, language)
        typed = [cell for cell in _typed(sheet, expected, language) if cell[:2] not in fields]
        repeated = _rows_to_decide(sheet, language)
        typed = [cell for cell in typed if cell[0] not in repeated or cell[1] > _REPEATED]
        if not is_of_now:  # another version wrote it: what is in our columns may be its words
            last = max(sheet.rows.get(expected.label_row, ()), default=0)
            typed = [cell for cell in typed if cell[1] > last]
        yield from _told(sheet, typed)


def _lists_in(content: bytes) -> list[Sheet]:
    return [
        sheet for sheet in read_sheets(Package(content, LARGE_FILE_BOUNDS)) if is_our_list(sheet)
    ]


def _name(sheet: Sheet) -> str:
    """Return what a list is known by: its title, or the name of the overview."""
    title = sheet.rows.get(1, {}).get(2)
    return sheet.name if is_blank(title) else str(title)


def _findings_in(lists: Iterable[Sheet], report: Report) -> Iterator[Finding]:
    """Yield a finding of the same severity and area for each that a workbook lists.

    The overview counts them. Which ones they were is not kept.
    """
    language = report.head.language
    severities = {translate(f"book.{name}", language): name for name in SEVERITIES}
    refs = {report.area_name(ref): ref for ref in report.area_refs}
    for row in (row for sheet in lists for row in sheet.rows.values()):
        if str(row.get(1)).startswith("finding|"):
            severity = severities.get(str(row.get(_SEVERITY)), "note")
            area = refs.get(str(row.get(_AREA)), "")
            yield Finding.create("M107", ANYWHERE, About(area), value="").with_severity(severity)


def _rows_to_decide(sheet: Sheet, language: str) -> range:
    """Return the rows in which the overview repeats findings and proposals, two rows each."""
    title = translate("to_do.title", language)
    grades = {translate(f"to_do.one_{grade}", language) for grade in GRADES}
    first = next((n for n, row in sheet.rows.items() if row.get(1) == title), None)
    if first is None:
        return range(0)
    last = first + 2  # below the title and the labels
    while sheet.rows.get(last, {}).get(2) in grades:
        last += 2
    return range(first, last + 1)


class _OurList:
    """A list as it was written: its texts by row, all its texts, and the shapes of its formulas."""

    def __init__(self, sheet: Sheet, language: str) -> None:
        self.rows = {number: _shown(row, language) for number, row in sheet.rows.items()}
        self.texts = {text for row in self.rows.values() for text in row.values()}
        self.texts |= {translate(key, language) for key in _HELP}
        self.formulas = {_shape(formula) for formula in sheet.formulas.values()}
        labels = (n for n, row in self.rows.items() if self._is_of_labels(n, row, sheet))
        self.label_row = next(labels, 0)

    @staticmethod
    def _is_of_labels(number: int, row: Cells, sheet: Sheet) -> bool:
        """Return True for a row with several texts, no key and no formula."""
        has_formula = any((number, col) in sheet.formulas for col in row)
        return len(row) >= _LABELS and "|" not in row.get(1, "") and not has_formula

    def has_labels(self, sheet: Sheet, language: str) -> bool:
        """Return True unless another version wrote a list: several labels differ, or one moved."""
        ours = self.rows.get(self.label_row, {})
        row = _shown(sheet.rows.get(self.label_row, {}), language)
        others = [row[col] for col, text in ours.items() if row.get(col, text) != text]
        return len(others) < _OTHER_LABELS and self.texts.isdisjoint(others)

    @cached_property
    def _rows_with(self) -> Mapping[tuple[int, str], list[int]]:
        found: dict[tuple[int, str], list[int]] = {}
        for number, row in self.rows.items():
            for item in row.items():
                found.setdefault(item, []).append(number)
        return found

    def row_like(self, number: int, row: Cells) -> Cells:
        """Return the row that most cells of a row agree with: the one in its place, or another.

        Rows may have been sorted, or stand lower because others were inserted.
        """
        in_place = self.rows.get(number, {})
        if 2 * _agreeing(row, in_place) > len(row):
            return in_place
        rarest = min((self._rows_with.get(item, []) for item in row.items()), key=len, default=[])
        candidates = Counter[int]()
        for item in row.items():
            rows = self._rows_with.get(item, [])
            candidates.update(rows if len(rows) <= max(len(rarest), _MOST_QUOTED) else rarest)
        best = max(candidates, key=lambda n: (candidates[n], -n), default=number)
        other = self.rows.get(best, {})
        return other if _agreeing(row, other) > _agreeing(row, in_place) else in_place


def _agreeing(row: Cells, other: Cells) -> int:
    return sum(other.get(col) == text for col, text in row.items())


def _typed(sheet: Sheet, ours: _OurList, language: str) -> Iterator[tuple[int, int, str]]:
    """Yield row, column and text of the cells that were typed, fields and others.

    Which findings a workbook had is not kept: the keys of their rows tell if they were changed.
    """
    of_findings = typed_beside_findings(sheet, language)
    for number, cells in sheet.rows.items():
        row = _shown(cells, language)
        if number in of_findings:
            yield from (
                (number, col, _as_told(cells[col], language))
                for col in of_findings[number]
                if col in row
            )
            continue
        like = ours.row_like(number, row)
        is_ours = _agreeing(row, like) > 0
        for col, text in row.items():
            is_known = like.get(col) == text if is_ours else text in ours.texts
            if not is_known and (number, col) not in sheet.formulas:
                yield number, col, _as_told(cells[col], language)
    for (number, col), formula in sheet.formulas.items():
        if _shape(formula) not in ours.formulas:
            yield number, col, f"={formula}"


def _shown(row: Mapping[int, CellValue], language: str) -> dict[int, str]:
    """Return the texts of the filled cells of a row, as they are compared."""
    filled = ((col, value) for col, value in row.items() if not is_blank(value))
    shown = {col: with_days_alike(_as_told(value, language)) for col, value in filled}
    return {col: text for col, text in shown.items() if text}


def _as_told(value: CellValue, language: str) -> str:
    """Return the text of a cell as a finding quotes it."""
    return " ".join(display(value, language).split())


def _shape(formula: str) -> str:
    """Return a formula without its cells and numbers, which programs and new rows change."""
    return _NUMBER.sub("#", without_cells(formula))


@rule("S119")
def _told(sheet: Sheet, cells: Iterable[tuple[int, int, str]]) -> Iterator[Finding]:
    """Report the typed cells of a list, many in one finding."""
    told = sorted(cells)[:_MOST_TOLD]
    for start in range(0, len(told), _MOST_QUOTED):
        some = told[start : start + _MOST_QUOTED]
        value = "; ".join(f"{cell_name(row, col)} «{text}»" for row, col, text in some)
        place = Place("", sheet.name, cell_name(*some[0][:2]))
        yield Finding.create("S119", place, reason="plan_list", value=value)
