"""What stands across a table: a group's heading on a band, and below it what is said of the group, in lines as wide.

A text runs on over the empty cells to its right, so that none are merged. One that is wider than the table is broken
into rows; the mark of those that go on says what joins them to the row before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from xltiltak.layout import metrics
from xltiltak.layout.sheet_rows import CellSpec, SheetRow
from xltiltak.model.normalize import CellValue, display

_INDENT = 2.0  # characters
_JOINTS = {"+": " ", "^": "\n"}  # a mark's last sign, and what was left out where its row begins
_SIGNS = {text: sign for sign, text in _JOINTS.items()}


def headed(spots: Sequence[CellSpec], columns: Iterable[int]) -> Iterator[CellSpec]:
    """The heading's row from side to side."""
    yield from (spot._replace(look="over") for spot in spots)
    yield from _ground(spots, columns, "under")


def told(rows: Iterable[SheetRow], columns: Sequence[int], room: float) -> Iterator[SheetRow]:
    """The rows of what is given of a group, in `room` characters; without `columns` there is no band behind them."""
    look = "across" if columns else "along"
    for line in rows:
        *before, spot = line.specs
        *labels, value = line.values
        pieces = list(_pieces(value, room - _INDENT)) if isinstance(value, str) else [("", value)]
        for k, (sign, piece) in enumerate(pieces):
            here = [] if sign else [s._replace(look="aside") for s in before]
            spots = (*here, spot._replace(look=look if k == len(pieces) - 1 else f"{look}_on"))
            spots = (*spots, *_ground(spots, columns, "ground"))
            held = ([] if sign else labels) + [piece]
            values = (*held, *[None] * (len(spots) - len(held)))
            yield SheetRow(line.key + sign, spots, values, line.refs)


def summed(line: SheetRow, columns: Iterable[int]) -> SheetRow:
    """The line that sums a group up, on its band."""
    empty = list(_ground(line.specs, columns, "ground"))
    look = [spot._replace(look="sum_on_band") for spot in line.specs]
    return line._replace(specs=(*look, *empty), values=(*line.values, *[None] * len(empty)))


def separator_before(mark: str) -> str:
    """What joins the text of a row to that of the row before; empty for a row that begins something."""
    return _JOINTS.get(mark[-1:], "") if "|" in mark else ""


def join_pieces(before: CellValue, joint: str, piece: CellValue) -> CellValue:
    """The text of two rows as it was before it was broken."""
    return joint.join("" if raw is None else display(raw) for raw in (before, piece))


def _ground(spots: Iterable[CellSpec], columns: Iterable[int], look: str) -> Iterator[CellSpec]:
    taken = {spot.col for spot in spots}
    yield from (CellSpec(col, "plain", look=look) for col in columns if col not in taken)


def _pieces(text: str, room: float) -> Iterator[tuple[str, CellValue]]:
    """The text in pieces that fit the room, each with the sign of what joins it to the one before."""
    for n, paragraph in enumerate(text.split("\n")):
        for k, piece in enumerate(metrics.split_paragraph(paragraph, room)):
            yield (_SIGNS[" "] if k else _SIGNS["\n"] if n else ""), piece or None
