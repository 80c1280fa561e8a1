"""Where pages of a table begin, so that none ends with a heading; and the scale at which it is as wide as the paper.

Programs break pages by hand only at a scale that is set: fitted to the width they would leave the heading behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from xltiltak.layout.sheet_rows import CellSpec, SheetRow

_WIDE, _HIGH = 770.0, 487.0  # points within the margins of A4 on its side, less a little
_WIDER = 1.06  # so much wider do some programs draw columns
_LEAST = 40  # percent; smaller letters nobody reads


def has_bands(spots: Iterable[CellSpec]) -> bool:
    """Is any of them a heading between the rows?"""
    return any(spot.look == "over" for spot in spots)


def scale_of(widths: Iterable[float]) -> int:
    """The percent at which columns of these widths, in characters, go on one page."""
    points = sum(int(width * 7 + 5) * 0.75 for width in widths) * _WIDER
    return max(_LEAST, min(100, int(100 * _WIDE / points)))


def breaks(
    lines: Sequence[SheetRow], heights: Sequence[float], head: int, scale: int
) -> Iterator[int]:
    """The rows with headings that begin a page, since not even one row would follow them; `head` is repeated on each.

    Rows and heights (in points) are counted from the top; all other pages end where the program ends them.
    """
    page, used = _HIGH * 100 / scale, 0.0
    for first, last in _units(lines):
        size = sum(heights[first - 1 : last])
        if used + size > page:
            if last > first:
                yield first
            used = heights[head - 1]
        used += size


def _units(lines: Sequence[SheetRow]) -> Iterator[tuple[int, int]]:
    """What stays together, as first and last row: a heading with all to the first row below it, other rows alone."""
    first = 0
    for row, line in enumerate(lines, 1):
        if not first and has_bands(line.specs):
            first = row
        elif not first:
            yield row, row
        elif (
            line.refs
            and "|" not in line.key
            and not line.key.startswith("@")
            and not has_bands(line.specs)
        ):
            yield first, row
            first = 0
    if first:
        yield first, len(lines)
