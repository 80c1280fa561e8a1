"""How the rows of a card look: its title band, bullets, frames around inputs, ticks.

On a form each open slot has a tick beside it, and an overview of all cards stands at the top.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xltiltak.layout.geometry import BULLET_COL, CARD_VALUE_COL, LABEL_COL, TICK_COL
from xltiltak.layout.sheet_rows import CellSpec, SheetRow, SpecAndValue, make_row

# Row keys of the empty row below a card, and of the rows of the overview.
GAP_KEY, OVERVIEW_KEY = "@gap", "@toc"
_HEADING_LOOKS = ("outermost", "outer", "inner")  # of the headings above the cards
_TICK = CellSpec(TICK_COL, "tick")
_OVERVIEW_SPECS = (CellSpec(LABEL_COL, "toc"), CellSpec(CARD_VALUE_COL, "toc_name"), _TICK)


def overview_rows(heading: str, titles: Iterable[SheetRow]) -> Iterator[SheetRow]:
    """Yield a heading and a row for each card; `titles` are the title rows of the cards."""
    empty = [
        (CellSpec(col, "plain", look="toc_head"), None)
        for col in (BULLET_COL, CARD_VALUE_COL, TICK_COL)
    ]
    yield make_row(OVERVIEW_KEY, (CellSpec(LABEL_COL, "toc_head"), heading), *empty)
    for title in titles:
        values = {spec.col: value for spec, value in zip(title.specs, title.values, strict=True)}
        texts = (values.get(LABEL_COL), values.get(CARD_VALUE_COL), None)
        yield SheetRow(OVERVIEW_KEY, _OVERVIEW_SPECS, texts, title.refs)


def group_heading(spec: CellSpec, depth: int) -> CellSpec:
    """Return a cell of a group's title row; `depth` is the number of levels outside the group."""
    if spec.style != "heading":
        return spec
    return spec.with_look(_HEADING_LOOKS[min(depth, len(_HEADING_LOOKS) - 1)])


def title_band(specs: Iterable[CellSpec], *, has_tick: bool) -> Iterator[CellSpec]:
    """Yield the title row of a card from side to side, with empty cells in the free columns."""
    by_col = {spec.col: spec for spec in specs}
    band = {LABEL_COL, BULLET_COL, CARD_VALUE_COL} | ({TICK_COL} if has_tick else set())
    for col in sorted(band | by_col.keys()):
        spec = by_col.get(col)
        if spec is None:
            yield CellSpec(col, "plain", look="band")
        elif spec.style == "heading":
            yield spec.with_look("name" if col == CARD_VALUE_COL else "band")
        else:
            yield spec


def slot_rows(rows: Iterable[SheetRow], *, has_tick: bool) -> Iterator[SheetRow]:
    """Yield the rows of one slot as a card shows them.

    A list item has a bullet, pale where nothing is written yet. An input has one frame around all
    its rows, and with `has_tick` a tick in the first one. Rows without a key stay as they are.
    """
    listed = list(rows)
    last = sum(bool(row.key) for row in listed) - 1
    for number, row in enumerate(listed):
        if not row.key:
            yield row
            continue
        *labels, (spec, value) = zip(row.specs, row.values, strict=True)
        cells: list[SpecAndValue] = [*labels]
        if spec.field_type and spec.field_type.bullet:
            look = "pale_bullet" if value is None else "bullet"
            cells.append((CellSpec(BULLET_COL, "plain", look=look), spec.field_type.bullet))
        cells.append((_with_frame(spec, number, last), value))
        if has_tick and number == 0 and spec.style == "input":
            cells.append((_TICK, None))
        yield make_row(row.key, *cells, refs=row.refs)


def _with_frame(spec: CellSpec, number: int, last: int) -> CellSpec:
    """Return the value's cell in row `number` (from 0) of rows up to `last`."""
    if spec.style != "input":
        return spec.with_look("value") if spec.style == "given" else spec
    if last == 0:
        return spec.with_look("only")
    if number == 0:
        return spec.with_look("first")
    return spec.with_look("last" if number == last else "middle")
