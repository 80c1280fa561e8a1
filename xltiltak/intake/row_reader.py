"""One pass down the rows of a returned area sheet, from its marks and columns to whose slot each changed cell is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from xltiltak.intake.blocks import AnswerBlocks
from xltiltak.intake.boilerplate import Boilerplate, is_ours
from xltiltak.intake.columns import RECOVERED, ColumnMap
from xltiltak.intake.returned_sheet import ReturnedAreaSheet, UnexpectedCell, UnmatchedRow, filled
from xltiltak.intake.row_matching import MatchKind, TableRows
from xltiltak.layout.spanning_text import join_pieces, separator_before
from xltiltak.model.field_types import FieldType
from xltiltak.model.normalize import CellValue, display, is_blank, normalize
from xltiltak.model.report import Slot
from xltiltak.model.row_keys import RowKey, parse_row_key
from xltiltak.model.template import Field
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.sheet_reader import Sheet


class RowReader:
    """One pass down the rows of an area sheet, which fills an AreaSheet."""

    def __init__(self, sheet: Sheet, columns: ColumnMap, found: ReturnedAreaSheet) -> None:
        self.sheet, self.columns, self.found = sheet, columns, found
        self.geometry, self.sent = columns.geometry, found.sent
        self.rows, self.own = (
            TableRows(sheet, columns, self.sent),
            Boilerplate(columns, self.sent, found.area),
        )
        self.nodes = self.sent.by_ref
        self.lists: dict[Slot, list[tuple[CellValue, tuple[int, int]]]] = defaultdict(list)
        self.listed: dict[
            CellValue, int
        ] = {}  # the marks of their rows, and in which run of rows each stood first
        self.runs = 0
        self.twice: set[Slot] = set()
        self.blocks = AnswerBlocks(sheet, columns, found)
        self.seen: list[str] = []
        self.last: Slot | None = None

    def walk(self) -> None:
        """Every row, by its mark; then what was not found."""
        bonds = self.rows.match_table_rows()
        for number, row in self.sheet.rows.items():
            if number in bonds:
                self._table_row(number, row, *bonds[number])
                continue
            mark = self._mark(row)
            if mark is None or not self._is_known(mark):
                self._no_mark(number, row)
            elif mark.field:
                self._listed(number, row, mark)
            elif mark.refs:
                self._title_row(number, row, mark)
            else:
                self._own_line(number, row)
        self.blocks.compare()
        self._lists()
        self._conclude()

    def _mark(self, row: dict[int, CellValue]) -> RowKey | None:
        text = row.get(self.columns.key_column) if self.columns.key_column else None
        return parse_row_key(text) if isinstance(text, str) else None

    def _table_row(
        self, number: int, row: dict[int, CellValue], mark: str | None, bond: MatchKind
    ) -> None:
        """A row of the table: its node's slots, or a row that is nobody's."""
        self.last = None
        if bond != "agrees":
            self._foreign_mark(number, row)
        if mark and bond == "close" and self._is_others(row, mark):
            bond = "unrelated"
        if mark is None or bond in ("duplicate", "unrelated"):
            self._loose(number, bond, mark)
            return
        refs = mark.split("/")
        if bond == "rebound":
            self.found.moved_rows.append((refs[-1], f"{number}"))
        self._slots(number, row, refs)

    def _is_others(self, row: dict[int, CellValue], mark: str) -> bool:
        """Is a row without the text it is known by another's, as more of what is locked in it says?"""
        if self.rows.key_text(row).strip():
            return False
        refs = mark.split("/")
        agree = differ = 0
        for k, name, day, _, col, column in self.blocks.of(refs).columns:
            if not self.sent.is_open(column.field, day, self.nodes[refs[k]]) and not is_blank(
                row.get(col)
            ):
                reading = column.field_type.parse((column.extract_value(row.get(col)),))
                same = reading.value == self.sent.values.get(Slot(refs[k], name, day))
                agree, differ = agree + same, differ + (not same)
        return differ > agree

    def _is_known(self, mark: RowKey) -> bool:
        """Does a mark name nodes of the sheet, and a field of theirs?"""
        if not all(ref in self.nodes for ref in mark.refs):
            return False
        return (
            not mark.field
            or (self.nodes[mark.refs[0]].level, mark.field) in self.geometry.field_types
        )

    def _foreign_mark(self, number: int, row: dict[int, CellValue]) -> None:
        """What somebody has written in the hidden column."""
        col = self.columns.key_column
        if row.get(col) in self.rows.marks:
            return
        said = dict(filled(self.sheet, number)).get(col)
        mark = parse_row_key(said) if isinstance(said, str) else None
        is_ours = (
            mark is not None
            and self._is_known(mark)
            and (bool(mark.refs) or said in self.own.lines)
        )
        if said is not None and not is_ours:
            self.found.unexpected_cells.append(UnexpectedCell(cell_name(number, col), said))

    def _title_row(self, number: int, row: dict[int, CellValue], mark: RowKey) -> None:
        self.last = None
        self._slots(number, row, list(mark.refs))

    def _slots(self, number: int, row: dict[int, CellValue], refs: list[str]) -> None:
        """A row with the cells of its nodes' slots, and what else stands there."""
        self.seen += refs
        block = self.blocks.of(refs)
        block.rows.append((number, row, refs))
        if not row.keys() <= block.taken:
            self._beside(number, row, block.taken)

    def _listed(self, number: int, row: dict[int, CellValue], mark: RowKey) -> None:
        """One row of a slot that has rows of its own; more rows put in below it belong to it."""
        slot, text = Slot(mark.refs[0], mark.field, mark.date), row.get(self.columns.key_column)
        joint, col = separator_before(str(text)), self._own_col(slot)
        goes_on = bool(joint and self.last == slot and self.lists[slot])
        self.runs += self.last != slot
        if self.listed.setdefault(text, self.runs) != self.runs:
            self.twice.add(slot)
        if goes_on:
            before, at = self.lists[slot].pop()
            self.lists[slot].append((join_pieces(before, joint, row.get(col)), at))
        else:
            self.lists[slot].append((row.get(col), (number, col)))
        self.last = slot
        self._beside(number, row, {col, self.columns.key_column})

    def _own_col(self, slot: Slot) -> int:
        """The column of a slot that has rows of its own."""
        return self.columns.position_of[
            self.geometry.label_and_value_cols(self.nodes[slot.ref].level, slot.field)[1]
        ]

    def _no_mark(self, number: int, row: dict[int, CellValue]) -> None:
        """A row that is none of ours: below a list its text is one more item, elsewhere it is handed on."""
        held = dict(filled(self.sheet, number))
        col = (
            self._own_col(self.last)
            if self.last
            else self.columns.position_of[self.geometry.value_col]
        )
        taken = {self.columns.key_column} if self.columns.key_column not in held else set()
        beside = {self.columns.key_column, self.columns.position_of[self.geometry.label_col]}
        if held.keys() & (held.keys() if self.geometry.is_table else beside) - {col}:
            self.last = None  # it begins something of its own
        if (
            self.last
            and self.columns.key_column == RECOVERED
            and self._is_given(held.get(col), self.last)
        ):
            self.last = None  # what it stood under has lost its label
        if self.last and col in held:
            self.last = self._asked_below(number) or self.last
            self.lists[self.last].append((row[col], (number, col)))
            taken.add(col)
        self._beside(number, row, taken)

    def _is_given(self, raw: CellValue, answer: Slot) -> bool:
        """Is it a text that was sent locked in another slot, below an answer?"""
        known, _ = self._field(answer)
        if (
            raw is None
            or known is None
            or not self.sent.is_open(known, answer.date, self.nodes[answer.ref])
        ):
            return False
        return normalize(display(raw)) in self._given

    @cached_property
    def _given(self) -> set[str]:
        """The texts that were sent locked, line by line."""
        kinds, level = (
            self.geometry.field_types,
            {ref: node.level for ref, node in self.nodes.items()},
        )
        held = (
            (slot, value, self._field(slot)[0])
            for slot, value in self.sent.values.items()
            if slot.ref in level
        )
        locked = (
            (s, v) for s, v, f in held if f and not self.sent.is_open(f, s.date, self.nodes[s.ref])
        )
        texts = (cell for s, v in locked for cell in kinds[level[s.ref], s.field].to_cells(v))
        return {normalize(text) for text in texts if isinstance(text, str)}

    def _asked_below(self, number: int) -> Slot | None:
        """The answer that begins in the next row, the list above being locked: what is typed here is meant for it.

        What bears the sign of the list above is an item of that.
        """
        follows = next(
            (self.sheet.rows[n] for n in (number + 1, number + 2) if n in self.sheet.rows), {}
        )
        text = follows.get(self.columns.key_column)
        mark = parse_row_key(text) if isinstance(text, str) and text.endswith("|1") else None
        if self.last is None or mark is None or not mark.field or not self._is_known(mark):
            return None
        asked = Slot(mark.refs[0], mark.field, mark.date)
        (above, kind), (below, other) = self._field(self.last), self._field(asked)
        has_sign = kind.bullet != other.bullet and kind.bullet in self.sheet.rows[number].values()
        is_meant = above and above.role != "input" and below and below.role == "input"
        return asked if is_meant and not has_sign else None

    def _field(self, slot: Slot) -> tuple[Field | None, FieldType]:
        """The field of a slot and its kind."""
        level = self.nodes[slot.ref].level
        return self.sent.template.field_of(level, slot.field), self.geometry.field_types[
            level, slot.field
        ]

    def _loose(self, number: int, bond: MatchKind, mark: str | None) -> None:
        leaf = self.sent.template.leaf.id
        of_leaf = dict(self.columns.of_level[leaf])
        cells, strays = [], []
        for col, raw in filled(self.sheet, number):
            if col == self.columns.key_column:
                continue
            column = of_leaf.get(col)
            if column:
                slot = Slot("", column.field.id, column.date)
                cells.append((column.field, cell_name(number, col), slot, column.field_type, raw))
            else:
                strays.append(UnexpectedCell(cell_name(number, col), raw))
        ref = mark.split("/")[-1] if mark else ""
        after = self.seen[-1] if self.seen else ""
        self.found.unmatched_rows.append(
            UnmatchedRow(number, bond, ref, after, tuple(cells), tuple(strays))
        )

    def _own_line(self, number: int, row: dict[int, CellValue]) -> None:
        """One of our own lines: only what somebody has written there."""
        self.last = None
        mark, taken = row.get(self.columns.key_column), set[int]()
        if mark in self.own.lines:
            figures = (col for col in self.own.lines[mark] if self._is_ours(number, col))
            taken = {self.columns.key_column, *figures}
        if mark == "@message" and not self.found.message:
            taken.add(self._message(number))
        elif number == self.columns.label_row:
            taken |= self._labels(number)
        self._beside(number, row, taken)

    def _message(self, number: int) -> int:
        """The leader's own words; the column they stand in."""
        col = self.columns.position_of[self.geometry.value_col]
        said = dict(filled(self.sheet, number)).get(col)
        self.found.message = None if said is None else UnexpectedCell(cell_name(number, col), said)
        return col

    def _labels(self, number: int) -> set[int]:
        """The labels that are others now; their columns."""
        held = dict(filled(self.sheet, number))
        for label, col in self.columns.relabelled:
            if held.get(col) != label:
                self.found.relabelled.append((label, held.get(col), cell_name(number, col)))
        return {col for _, col in self.columns.relabelled}

    def _beside(self, number: int, row: dict[int, CellValue], taken: set[int]) -> None:
        """What else stands in a row of ours."""
        if len(row) <= len(taken) and row.keys() <= taken:
            return
        for col, raw in filled(self.sheet, number):
            if (
                col not in taken
                and not self.own.contains(raw)
                and not (self._has_formulas and self._is_ours(number, col))
            ):
                self.found.unexpected_cells.append(UnexpectedCell(cell_name(number, col), raw))

    @property
    def _has_formulas(self) -> bool:
        """Have rows formulas beside their slots: on cards ticks and labels that go on, without marks all of ours?"""
        return not self.geometry.is_table or not self.columns.key_column

    def _is_ours(self, number: int, col: int) -> bool:
        """Is the formula of a cell one of those that a form is sent with?"""
        formula = self.sheet.formulas.get((number, col), "")
        return bool(formula) and is_ours(formula)

    def _lists(self) -> None:
        for slot, held in self.lists.items():
            known, kind = self._field(slot)
            raws, at = zip(*held, strict=True)
            if known and slot in self.twice:
                self._list_twice(slot, known, kind)
            elif known and (
                self._differs(slot, kind, raws) or not self.sheet.formulas.keys().isdisjoint(at)
            ):
                self.blocks.entry(slot, known, kind, self.sent.values.get(slot), raws, at)

    def _differs(self, slot: Slot, kind: FieldType, raws: tuple[CellValue, ...]) -> bool:
        sent = self.sent.values.get(slot)
        return tuple(r for r in raws if not is_blank(r)) != (
            kind.to_cells(sent) if sent is not None else ()
        )

    def _list_twice(self, slot: Slot, known: Field, kind: FieldType) -> None:
        """The rows of one slot that stand in two places: nobody can tell which are meant."""
        held = [(at, dict(filled(self.sheet, at[0])).get(at[1])) for _, at in self.lists[slot]]
        cells = tuple(
            (known, cell_name(*at), slot, kind, raw) for at, raw in held if raw is not None
        )
        self.found.unmatched_rows.append(
            UnmatchedRow(held[0][0][0], "duplicate", slot.ref, slot.ref, cells, ())
        )

    @property
    def _findable(self) -> list[str]:
        """The nodes that are known by more than their mark, or whose marks are there."""
        shown = (
            {ref for mark in self.rows.marks for ref in mark.split("/")}
            if self.geometry.is_table
            else set()
        )
        return [
            ref
            for ref in self.nodes
            if self.columns.key_column or ref in shown or not self.geometry.is_table
        ]

    def _held_in_rows(self) -> Iterator[Slot]:
        """The slots with rows of their own that were sent with a value, of the nodes that are here."""
        for level in self.sent.template.levels:
            for known in self.geometry.fields_below_title(level):
                nodes = (ref for ref in self.seen if self.nodes[ref].level == level.id)
                slots = (
                    Slot(ref, known.id, day)
                    for ref in nodes
                    for day in self.geometry.dates_of(known)
                )
                yield from (slot for slot in slots if slot in self.sent.values)

    def _conclude(self) -> None:
        """What was sent and is not there, and rows in another order."""
        self.found.missing_slots = [slot for slot in self._held_in_rows() if slot not in self.lists]
        if self.seen == [*self.nodes]:
            return  # all of them, in their order
        seen, loose = set(self.seen), {row.ref for row in self.found.unmatched_rows if row.ref}
        self.found.missing = [ref for ref in self._findable if ref not in seen and ref not in loose]
        order = {ref: n for n, ref in enumerate(self.nodes)}
        turned = [
            ref
            for before, ref in zip(self.seen, self.seen[1:], strict=False)
            if order[ref] < order[before]
        ]
        if turned and not self.found.moved_rows:
            self.found.reordered = turned[0]
