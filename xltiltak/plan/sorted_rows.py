"""Say what each row of a plan's area sheet is, also where the hidden row keys do not say it.

People sort only the visible columns, paste rows over others, retype them, or delete the hidden
column. So the rows pass the same matching as those of a form (`intake.row_matching`):

1. A row is what its key says if its text agrees.
2. A text that was sent for exactly one node that is left gives the row that node.
3. A text that is similar to that of a node that is left: of its own key, or of any that is left.

A text that the coordinator has edited is no reason to doubt a key: a row keeps its key unless its
text was written in another row. Rows without a measure are known by their whole text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from xltiltak.intake.card_row_keys import repair_row_keys
from xltiltak.intake.columns import ColumnMap, RowKeys
from xltiltak.intake.row_classifier import NodeRow, OwnRow, RowClassifier, RowKind
from xltiltak.intake.row_matching import MARGIN, SIMILAR, RowMatch
from xltiltak.intake.table_rows import TableRows
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.layout.sheet_rows import GAP_KEY, SUM_KEY, SheetRow
from xltiltak.model.cell_values import display, is_blank
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Report
from xltiltak.xlsx.sheet_reader import Sheet

_MOST_COMPARED = 40_000  # pairs of rows and nodes that are left of one sheet
_USUAL_KEYS = frozenset(("@title", "@code", "@head", SUM_KEY, GAP_KEY))


@dataclass(frozen=True, slots=True)
class SheetRows:
    """What each row of an area sheet is, by row number.

    `moved` are the refs of nodes that were known by their texts, `lost` those of cards whose lines
    cannot be told apart; these keep their values as they were written.
    """

    kinds: Mapping[int, RowKind]
    moved: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def classify_rows(
    sheet: Sheet,
    columns: ColumnMap,
    keys: RowKeys,
    classifier: RowClassifier,
    sent: Report,
    area: str,
    elsewhere: Collection[str] = (),
) -> SheetRows:
    """Return what the rows of an area sheet are.

    `sent` is the report as the workbook was written from it, `area` the code of the area that the
    sheet was written for, `elsewhere` the refs whose keys are on other sheets.
    """
    if not columns.geometry.is_table:
        part = sent.parts()[area]
        repair = repair_row_keys(sheet, columns, keys, part, area)
        kinds = {number: classifier.classify(repair.keys.get(number)) for number in sheet.rows}
        return SheetRows(kinds, repair.moved, repair.lost)
    kinds = {number: classifier.classify(keys.get(number)) for number in sheet.rows}
    return _TableMatching(sheet, columns, keys, classifier, kinds, sent, area, elsewhere).rows()


@dataclass
class _TableMatching:
    """Matches the rows of one table. `kinds` is what their keys say."""

    sheet: Sheet
    columns: ColumnMap
    keys: RowKeys
    classifier: RowClassifier
    kinds: dict[int, RowKind]
    sent: Report
    area: str
    elsewhere: Collection[str]

    def rows(self) -> SheetRows:
        """Return what the rows are."""
        matches = self.table.match()
        found = {n: m.key for n, m in matches.items() if m.kind == "moved" and m.key}
        keyless = {number: key for number, key in found.items() if not self._has_key(number)}
        others = {number: key for number, key in found.items() if number not in keyless}
        moved = keyless | (others if others and self._are_sorted(others) else {})
        moved |= self._similar(matches, moved)
        kinds = dict(self.kinds)
        if moved:
            kinds |= dict.fromkeys(self._displaced(matches, {*moved.values()}), None)
            kinds |= {number: NodeRow(tuple(key.split("/"))) for number, key in moved.items()}
        kinds |= self._by_whole_text(kinds)
        return SheetRows(kinds, tuple(key.split("/")[-1] for key in moved.values()))

    @cached_property
    def table(self) -> TableRows:
        """Return the rows of the nodes that the sheet was written with, or has keys of."""
        keyed = {
            ref for kind in self.kinds.values() if isinstance(kind, NodeRow) for ref in kind.refs
        }
        area_of, elsewhere = self.sent.area_of, {*self.elsewhere}
        nodes = tuple(
            node
            for node in self.sent.nodes
            if node.ref in keyed or (area_of[node.ref] == self.area and node.ref not in elsewhere)
        )
        part = replace(self.sent, nodes=nodes, values=self.sent.value_table)
        return TableRows(self.sheet, self.columns, self.keys, part)

    def _has_key(self, number: int) -> bool:
        """Return True if a row has the key of a node or of a line of a list."""
        return self.kinds[number] is not None and not isinstance(self.kinds[number], OwnRow)

    def _are_sorted(self, moved: Mapping[int, str]) -> bool:
        """Return True if the other cells of the moved rows agree with their texts, not their keys.

        Otherwise the coordinator has given measures the names of others.
        """
        by_text = by_key = 0
        evidence = self.table.evidence
        for number, key in moved.items():
            cells = evidence.in_row(number, key)
            by_text += len(cells & evidence.as_sent(key))
            own = self.keys.get(number)
            if own in self.table.sent_texts:
                by_key += len(cells & evidence.as_sent(str(own)))
        return by_text >= by_key

    def _similar(self, matches: Mapping[int, RowMatch], moved: Mapping[int, str]) -> dict[int, str]:
        """Return the rows whose text is similar to that of exactly one node that is left.

        Only rows count that have no key of their own, or one whose node was found elsewhere.
        """
        taken = {m.key for m in matches.values() if m.kind in ("exact", "similar", "duplicate")}
        taken |= {*moved.values()} | {m.key for m in matches.values() if m.kind == "conflict"}
        left = {key: normalize(text) for key, text in self.table.sent_texts.items()}
        left = {key: text for key, text in left.items() if text and key not in taken}
        rows = {
            number: normalize(self.table.key_text(self.sheet.rows[number]))
            for number, match in matches.items()
            if match.kind == "unknown" and number not in moved
        }
        if not left or len(left) * len(rows) > _MOST_COMPARED:
            return {}
        found = {n: key for n, text in rows.items() if (key := _most_similar(text, left))}
        keys = [*found.values()]
        return {
            number: key
            for number, key in found.items()
            if keys.count(key) == 1 and self._agrees(number, key)
        }

    def _agrees(self, number: int, key: str) -> bool:
        """Return True if the locked cells of a row do not contradict a node."""
        cells = self.table.evidence.in_row(number, key)
        agreeing = len(cells & self.table.evidence.as_sent(key))
        return len(cells) - agreeing <= agreeing + 1

    def _displaced(self, matches: Mapping[int, RowMatch], moved: set[str]) -> Iterator[int]:
        """Yield the rows under a key whose node was found in another row."""
        for number, match in matches.items():
            if match.kind in ("unknown", "repeated") and self.keys.get(number) in moved:
                yield number

    def _by_whole_text(self, kinds: Mapping[int, RowKind]) -> dict[int, RowKind]:
        """Return what the rows are that have no valid key, by their whole text as it was written.

        These are headings of groups, lines of lists, and our own lines.
        """
        unknown = [number for number in self.sheet.rows if not self._is_known(kinds[number])]
        if not unknown:
            return {}
        seen = {key for number, key in self.keys.items() if self._is_known(kinds[number])}
        refs = {ref for kind in kinds.values() if isinstance(kind, NodeRow) for ref in kind.refs}
        found: dict[int, RowKind] = {n: None for n in unknown if isinstance(kinds[n], OwnRow)}
        numbers: dict[str, list[int]] = defaultdict(list)
        for number in unknown:
            numbers[self._whole_text(number)].append(number)
        for text, rows in numbers.items():
            keys = [key for key in self._keys_by_text.get(text, ()) if key not in seen]
            of_keys = [self.classifier.classify(key) for key in keys]
            kinds_left = [k for k in of_keys if not (isinstance(k, NodeRow) and refs & {*k.refs})]
            if len(kinds_left) == len(
                rows
            ):  # several rows with one text are in the order as written
                found |= dict(zip(rows, kinds_left, strict=True))
        return found

    def _is_known(self, kind: RowKind) -> bool:
        """Return True for a row with a key that we wrote."""
        if not isinstance(kind, OwnRow):
            return kind is not None
        return kind.key in _USUAL_KEYS or kind.key in self._written_keys

    @cached_property
    def _written(self) -> list[SheetRow]:
        """Return the rows of the sheet as it was written."""
        part = self.sent.parts()[self.area]
        geometry = self.columns.geometry
        return list(layout_sheet(part, self.area, geometry.purpose, geometry.layout))

    @cached_property
    def _written_keys(self) -> frozenset[str]:
        return frozenset(row.key for row in self._written)

    @cached_property
    def _keys_by_text(self) -> Mapping[str, list[str]]:
        """Return the keys of the written rows by their texts, from top to bottom."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in self._written:
            text = normalize(" ".join(display(v) for v in row.values if not is_blank(v)))
            if text and row.key:
                found[text].append(row.key)
        return found

    def _whole_text(self, number: int) -> str:
        """Return all texts of a row in our columns."""
        ours, row = {*self.columns.position_of.values()}, self.sheet.rows[number]
        cells = (row[col] for col in sorted(row) if col in ours and not is_blank(row[col]))
        return normalize(" ".join(map(display, cells)))


def _most_similar(text: str, texts: Mapping[str, str]) -> str:
    """Return the key of the only text that is similar to this one; "" if there is none."""
    from rapidfuzz import fuzz  # most plans need no comparison

    scored = sorted(((fuzz.ratio(text, other), key) for key, other in texts.items()), reverse=True)
    best, second = scored[0], scored[1] if len(scored) > 1 else (0.0, "")
    return best[1] if best[0] >= SIMILAR and best[0] - second[0] >= MARGIN else ""
