"""Which rows of a returned table are whose: by their marks, held against the texts people know them by."""

from __future__ import annotations

from functools import cached_property

from xltiltak.identity import Bound, Row, bind
from xltiltak.kinds import Text, Value
from xltiltak.layout import rows_of
from xltiltak.marks import mark_of_row, read_mark
from xltiltak.repair import Raw, is_blank, shown
from xltiltak.report import Report
from xltiltak.workbook.columns import Columns
from xltiltak.workbook.sheets import Sheet


class Rows:
    """The rows of one area sheet's table, as they were sent and as they stand now."""

    def __init__(self, sheet: Sheet, columns: Columns, sent: Report) -> None:
        self.sheet, self.columns, self.sent = sheet, columns, sent
        self.geometry = columns.geometry

    def bonds(self) -> dict[int, Bound]:
        """For each row of the table, the mark it is taken to have."""
        if not self.geometry.is_table:
            return {}
        known, rows = self.marks, {}
        marks, head = self.columns.marks, self.columns.head
        for number, row in self.sheet.rows.items():
            text = row.get(marks) if marks else None
            marked = text if isinstance(text, str) and text in known else None
            if marked or (number > head > 0 and self._is_typed(row, text)):
                rows[number] = tuple.__new__(Row, (marked, self.key_text(row)))  # as Row(), many times in a form
        rows |= self._strayed(rows)
        return dict(zip(rows, bind([*rows.values()], known), strict=True))

    def _strayed(self, rows: dict[int, Row]) -> dict[int, Row]:
        """Rows of the table that stand under the marks of lists and titles, which sorting has left behind."""
        sought = set(self.marks.values()) - {row.text for row in rows.values()} - {""}
        if not sought or not self.columns.head:
            return {}
        below = {n: row for n, row in self.sheet.rows.items() if n > self.columns.head and n not in rows}
        texts = {n: self.key_text(row) for n, row in below.items()}
        return {n: Row(None, text) for n, text in texts.items() if text in sought}

    def _is_typed(self, row: dict[int, Raw], mark: Raw) -> bool:
        """Could it be a row of the table that we did not write?"""
        return any(not is_blank(row.get(col)) for col in self._key_columns) and not self._ours(mark)

    def _ours(self, text: Raw) -> bool:
        """Is it the mark of a line that is no row of the table?"""
        mark = read_mark(text) if isinstance(text, str) else None
        return mark is not None and (not mark.refs or bool(mark.field) or mark.refs[0] in self.sent.by_ref)

    @cached_property
    def marks(self) -> dict[str, str]:
        """The rows of the table as they were sent: their marks and the texts people know them by."""
        leaf, get, kinds = self.sent.template.leaf.id, self.sent.values.get, self.geometry.kinds
        keys = {
            level.id: [(f.id, kinds[level.id, f.id]) for f in self.sent.template.fields_of(level.id) if f.identifies]
            for level in self.sent.template.levels
        }
        found = {}
        for nodes in rows_of(self.geometry, self.sent.nodes):
            if nodes[-1].level == leaf:
                held = [(get((n.ref, field, None)), kind) for n in nodes for field, kind in keys[n.level]]  # type: ignore[call-overload]
                texts = [v if type(v) is str and kind.single else self._shown(v, kind) for v, kind in held]
                found[mark_of_row(nodes)] = " ".join(texts)
        return found

    def _shown(self, value: Value | None, kind: Text) -> str:
        """A choice stands there by its label."""
        return "" if value is None else "\n".join(map(shown, kind.cells(value)))

    @cached_property
    def _key_columns(self) -> list[int]:
        return [self.columns.now[c.col] for c in self.geometry.table if c.field.identifies]

    def key_text(self, row: dict[int, Raw]) -> str:
        """The text a row is known by, as it stands there now."""
        held = map(row.get, self._key_columns)
        return " ".join([raw if type(raw) is str else "" if raw is None else shown(raw) for raw in held])
