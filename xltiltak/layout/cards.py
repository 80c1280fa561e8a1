"""What makes lines into cards: a band on each, bullets before list items, a frame around what is asked for.

On a form each open slot has a tick beside it, and an overview of all cards stands on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xltiltak.layout.geometry import BULLET_COL, CARD_VALUE_COL, LABEL_COL, TICK_COL
from xltiltak.layout.sheet_rows import CellSpec, SheetRow, fixed
from xltiltak.model.normalize import CellValue

GAP_KEY, OVERVIEW_KEY = (
    "@gap",
    "@toc",
)  # the marks of the air below a card, and of the lines of the overview
_LEVELS = ("outermost", "outer", "inner")  # how the headings above the cards are drawn
_TICK = CellSpec(TICK_COL, "tick")
_IN_OVERVIEW = (CellSpec(LABEL_COL, "toc"), CellSpec(CARD_VALUE_COL, "toc_name"), _TICK)


def overview(word: str, titles: Iterable[SheetRow]) -> Iterator[SheetRow]:
    """A line for each card, under a heading; titles are the cards' own title lines."""
    empty = [
        (CellSpec(col, "plain", look="toc_head"), None)
        for col in (BULLET_COL, CARD_VALUE_COL, TICK_COL)
    ]
    yield fixed(OVERVIEW_KEY, (CellSpec(LABEL_COL, "toc_head"), word), *empty)
    for title in titles:
        shown = {spot.col: value for spot, value in zip(title.specs, title.values, strict=True)}
        yield SheetRow(
            OVERVIEW_KEY,
            _IN_OVERVIEW,
            (shown.get(LABEL_COL), shown.get(CARD_VALUE_COL), None),
            title.refs,
        )


def headed(spot: CellSpec, above: int) -> CellSpec:
    """A heading above the cards, in so many others."""
    return (
        spot._replace(look=_LEVELS[min(above, len(_LEVELS) - 1)])
        if spot.style == "heading"
        else spot
    )


def band(spots: Iterable[CellSpec], *, plan: bool) -> Iterator[CellSpec]:
    """The title line of a card from side to side: its own spots, and empty ones between them."""
    own = {spot.col: spot for spot in spots}
    for col in sorted({LABEL_COL, BULLET_COL, CARD_VALUE_COL, *([] if plan else [TICK_COL]), *own}):
        spot = own.get(col, CellSpec(col, "plain", look="band"))
        look = "name" if col == CARD_VALUE_COL else "band"
        yield spot._replace(look=look) if spot.style == "heading" else spot


def drawn(rows: Iterable[SheetRow], *, ticked: bool) -> Iterator[SheetRow]:
    """The rows of one slot as they stand on a card; with `ticked` an open one says whether it is filled."""
    lines = list(rows)
    last = sum(bool(line.key) for line in lines) - 1
    for k, line in enumerate(lines):
        yield _drawn(line, k, last, ticked=ticked and k == 0) if line.key else line


def _drawn(line: SheetRow, k: int, last: int, *, ticked: bool) -> SheetRow:
    """One row of a slot."""
    *before, spot = zip(line.specs, line.values, strict=True)
    held: list[tuple[CellSpec, CellValue]] = [
        *before,
        *_bullet(*spot),
        (_framed(spot[0], k, last), spot[1]),
    ]
    if ticked and spot[0].style == "input":
        held.append((_TICK, None))
    return fixed(line.key, *held, refs=line.refs)


def _bullet(spot: CellSpec, value: CellValue) -> Iterator[tuple[CellSpec, CellValue]]:
    """The sign before a list item, pale where none is written yet."""
    if spot.kind and spot.kind.bullet:
        yield (
            CellSpec(BULLET_COL, "plain", look="pale_bullet" if value is None else "bullet"),
            spot.kind.bullet,
        )


def _framed(spot: CellSpec, k: int, last: int) -> CellSpec:
    """A value that is given has no frame; what is asked for has one around all its rows."""
    if spot.style != "input":
        return spot._replace(look="value") if spot.style == "given" else spot
    return spot._replace(
        look="only" if last == 0 else "first" if k == 0 else "last" if k == last else "middle"
    )
