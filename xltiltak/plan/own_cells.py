"""Read what the coordinator has added to their workbook for themselves, and tell what is lost.

On an area sheet, the filled cells of columns that are not ours belong to own columns. They are kept
by row, so that they follow their measure. A filled cell of ours that holds no slot, and a row that
is a note and not a measure, cannot be kept and are quoted (S119). A sheet that is none of ours is
kept whole, within bounds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache

from xltiltak.intake.boilerplate import Boilerplate, is_derived_formula, is_our_formula
from xltiltak.intake.columns import ColumnMap
from xltiltak.intake.row_classifier import ListRow, OwnRow, RowKind
from xltiltak.layout.geometry import LABEL_COL
from xltiltak.layout.sheet_rows import SUM_KEY
from xltiltak.merging.registry import rule
from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.finding import Finding, Place
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.own_content import OwnCell, OwnColumn, OwnSheet, own_cell
from xltiltak.model.report import Report
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.sheet_names import legal_sheet_name
from xltiltak.xlsx.sheet_reader import Sheet

Cells = Mapping[int, CellValue]
_MOST_TOLD = 200  # findings of one reason about one sheet
_MOST_QUOTED = 40  # formulas or rows in one finding
_MOST_ROWS, _MOST_COLUMNS, _MOST_SHEETS = 5_000, 200, 50  # of own sheets, as they are kept
_OUR_SHEETS = ("overview", "amounts", "findings", "proposals", "sources", "report")
_REMINDER = re.compile(
    r"(husk|hugs|kom ihåg|remember|reminder|obs|nb|p\.?s|notat|notis|note|merk|merknad|anm"
    r"|anmärkning|todo|to do|kilde|källa|source|fotnote|fotnot)\s*[:!–—-].*|\*+\s?\S.*",
    re.IGNORECASE | re.DOTALL,
)
_KEY = re.compile(r"@[\w.-]+|([^\W_]+)(-\d+)?([|/].*)?", re.DOTALL)  # also that of another plan
_TOTALS = frozenset(
    (
        *("sum", "summa", "total", "totalt", "totalsum", "i alt", "alt i alt", "subtotal"),
        *("snitt", "gjennomsnitt", "gjennomsnittet", "medel", "medelvärde", "average", "mean"),
    )
)


def _is_key(text: str) -> bool:
    """Return True for a text that may be a row key: a mark of ours, or a code in capitals."""
    found = _KEY.fullmatch(text)
    if found is None or found[1] is None:
        return found is not None
    return found[1] == found[1].upper() and any(map(str.isalpha, found[1]))


def is_note(texts: Mapping[int, CellValue], name_columns: Collection[int]) -> bool:
    """Return True if the filled cells of a row without a key are a note and not a new measure.

    `texts` are the cells in the columns of the measure, by column. A row with several filled cells
    is a measure. One text is a note if it is in no column that names a measure, or if it begins
    like a reminder ("Husk: …"), or is the label of a sum.
    """
    if len(texts) != 1:
        return False
    ((column, value),) = texts.items()
    text = display(value).strip()
    is_named = not name_columns or column in name_columns
    return not is_named or bool(_REMINDER.fullmatch(text)) or text.rstrip(":").casefold() in _TOTALS


class OwnCells:
    """The cells of one area sheet that hold no slot: those of own columns, and those that are lost.

    `part` returns the report of the sheet's area as it was written.
    """

    def __init__(self, sheet: Sheet, columns: ColumnMap, part: Callable[[], Report]) -> None:
        self.sheet, self.columns, self._part = sheet, columns, part
        self.our_columns = {*columns.position_of.values(), columns.key_column}
        self.cells: dict[int, dict[str, OwnCell]] = defaultdict(dict)
        self.lost: list[tuple[int, list[tuple[int, CellValue]]]] = []
        self.language = columns.geometry.language

    @cached_property
    def _boilerplate(self) -> Boilerplate:
        part = self._part()
        return Boilerplate(self.columns, part, part.area_refs[0])

    def add_row(
        self, number: int, row: Cells, kind: RowKind, name: str, read: Collection[int]
    ) -> None:
        """Account for the cells of a row except those that were read, which are of its slots.

        `name` is what an own cell of the row is kept by, "" if it cannot be.
        """
        lost = self._formulas_without_value(number, row, kind, read)
        for col, value in row.items():
            if col in read or is_blank(value):
                continue
            if col == self.columns.key_column:
                if not _is_key(str(value)):
                    lost.append((col, value))
            elif col in self.our_columns:
                if not self._is_ours(number, col, value, kind):
                    lost.append((col, value))
            elif name and name not in self.cells[col]:
                kept = own_cell(value, self.language)
                if kept is not None:
                    self.cells[col][name] = kept
            else:
                lost.append((col, value))
        if lost:
            self.lost.append((number, lost))

    def _formulas_without_value(
        self, number: int, row: Cells, kind: RowKind, read: Collection[int]
    ) -> list[tuple[int, CellValue]]:
        """Return the formulas of a row that are not ours, and that no program has computed."""
        return [
            (col, f"={self.sheet.formulas[number, col]}")
            for col in self._formula_columns.get(number, ())
            if (col not in read or isinstance(kind, ListRow))
            and is_blank(row.get(col))
            and not (col in self.our_columns and self._is_ours(number, col, "", kind))
        ]

    @cached_property
    def _formula_columns(self) -> Mapping[int, list[int]]:
        """Return the columns with formulas by row."""
        found: dict[int, list[int]] = defaultdict(list)
        for number, col in self.sheet.formulas:
            found[number].append(col)
        return found

    def _is_ours(self, number: int, col: int, value: CellValue, kind: RowKind) -> bool:
        """Return True for a text or formula that the sheet was written with."""
        formula = self.sheet.formulas.get((number, col))
        if formula is not None:
            derived = self.columns.geometry.derived_formulas
            is_ours = is_our_formula(formula) or is_derived_formula(formula, derived)
            return is_ours or self._is_sum(formula, col, kind)
        shown = display(value, self.language)
        return self._boilerplate.contains(value) or self._boilerplate.contains(shown)

    def _is_sum(self, formula: str, col: int, kind: RowKind) -> bool:
        """Return True for the formula of a line that sums up a group: it begins with a label."""
        may_be_sum = kind == OwnRow(SUM_KEY) or self.columns.key_column is None
        is_first = col == self.columns.position_of.get(LABEL_COL)
        return may_be_sum and is_first and formula.startswith('"')

    def own_columns(self) -> tuple[OwnColumn, ...]:
        """Return the own columns from left to right."""
        return tuple(self.cells[col] for col in sorted(self.cells) if self.cells[col])

    def findings(self) -> Iterator[Finding]:
        """Yield what is not kept of the sheet."""
        yield from lost_cells(self.sheet, self.lost, self.language)
        own = {at: formula for at, formula in self.sheet.formulas.items() if at[1] in self.cells}
        yield from own_formulas(self.sheet, own)


@rule("S119")
def lost_cells(
    sheet: Sheet, lost: Iterable[tuple[int, list[tuple[int, CellValue]]]], language: str
) -> Iterator[Finding]:
    """Report the filled cells that no slot and no own column has, row by row."""
    for number, cells in [*lost][:_MOST_TOLD]:
        value = " · ".join(display(value, language) for _, value in cells)
        place = Place("", sheet.name, cell_name(number, cells[0][0]))
        yield Finding.create("S119", place, reason="plan_beside", value=value)


@rule("S119")
def own_formulas(sheet: Sheet, formulas: Mapping[tuple[int, int], str]) -> Iterator[Finding]:
    """Report the coordinator's own formulas: their values are kept."""
    if formulas:
        texts = [f"{cell_name(*at)} ={formula}" for at, formula in sorted(formulas.items())]
        first = cell_name(*min(formulas))
        value = "; ".join(texts[:_MOST_QUOTED])
        value += f" … ({len(texts)})" if len(texts) > _MOST_QUOTED else ""
        found = Finding.create(
            "S119", Place("", sheet.name, first), reason="plan_formula", value=value
        )
        is_lost = any(is_blank(sheet.rows.get(r, {}).get(c)) for r, c in formulas)
        yield found if is_lost else found.with_severity("note")


@rule("S119")
def note_below(sheet: Sheet, number: int, cells: Cells, language: str) -> Iterator[Finding]:
    """Report a row that is read as a note and not as a new measure."""
    value = " · ".join(display(value, language) for value in cells.values() if not is_blank(value))
    place = Place("", sheet.name, cell_name(number, min(cells)))
    yield Finding.create("S119", place, reason="plan_note", value=value)


@rule("S119")
def other_tab(sheet: Sheet, title: str) -> Iterator[Finding]:
    """Report a tab that has another name than the area, and gets the area's name again."""
    ours = {legal_sheet_name(title, number) for number in range(1, 10)}
    if sheet.name not in ours:
        found = Finding.create(
            "S119",
            Place("", sheet.name),
            reason="plan_tab",
            value=sheet.name,
            held=legal_sheet_name(title),
        )
        yield found.with_severity("note")


@rule("S119")
def hidden_rows(sheet: Sheet, rows: Collection[int]) -> Iterator[Finding]:
    """Report hidden rows with measures: they are read, and are visible in the next workbook."""
    hidden = [number for number in sheet.hidden_rows if number in rows]
    if hidden:
        value = ", ".join(map(str, hidden[:_MOST_QUOTED]))
        value += f" … ({len(hidden)})" if len(hidden) > _MOST_QUOTED else ""
        found = Finding.create("S119", Place("", sheet.name), reason="plan_hidden", value=value)
        yield found.with_severity("note")


# Own sheets


def is_our_list(sheet: Sheet) -> bool:
    """Return True for the sheets of the coordinator's workbook besides those of the areas.

    They are known by their name, or by the title on top of them.
    """
    titles = {sheet.rows.get(1, {}).get(col) for col in (1, 2)}
    return not {sheet.name, *map(str, titles)}.isdisjoint(_our_names())


@lru_cache(maxsize=1)
def _our_names() -> frozenset[str]:
    return frozenset(translate(f"book.{key}", name) for key in _OUR_SHEETS for name in LANGUAGES)


def read_own_sheets(sheets: Iterable[Sheet], language: str) -> tuple[list[OwnSheet], list[Finding]]:
    """Return the coordinator's own sheets as they are kept, and what is not kept of them."""
    kept: list[OwnSheet] = []
    findings: list[Finding] = []
    for sheet in sheets:
        if len(kept) == _MOST_SHEETS:
            place, bound = Place("", sheet.name), _MOST_SHEETS
            findings.append(
                Finding.create("S119", place, reason="plan_sheets", value=sheet.name, bound=bound)
            )
            continue
        rows = {
            number: {col: own_cell(value, language) for col, value in row.items()}
            for number, row in sheet.rows.items()
            if number <= _MOST_ROWS
        }
        last_row = max((n for n, row in rows.items() if row), default=0)
        last_col = max((col for row in rows.values() for col in row), default=0)
        width = min(last_col, _MOST_COLUMNS)
        kept.append(
            OwnSheet(
                sheet.name,
                tuple(
                    tuple(rows.get(n, {}).get(col) for col in range(1, width + 1))
                    for n in range(1, last_row + 1)
                ),
                sheet.is_hidden,
            )
        )
        findings += own_formulas(sheet, sheet.formulas)
        findings += _out_of_bounds(sheet, language)
    return kept, findings


@rule("S119")
def _out_of_bounds(sheet: Sheet, language: str) -> Iterator[Finding]:
    """Report the cells of an own sheet that are too far down or right to be kept."""
    outside = [
        f"{cell_name(number, col)} {display(value, language)}"
        for number, row in sheet.rows.items()
        for col, value in row.items()
        if (number > _MOST_ROWS or col > _MOST_COLUMNS) and not is_blank(value)
    ]
    outside += [f"{cell} {display(value, language)}" for cell, value in sheet.out_of_bounds]
    for start in range(0, min(len(outside), _MOST_TOLD * _MOST_QUOTED), _MOST_QUOTED):
        value = "; ".join(outside[start : start + _MOST_QUOTED])
        yield Finding.create("S119", Place("", sheet.name), reason="plan_outside", value=value)
