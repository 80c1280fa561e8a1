"""What has happened since the date before: what moved, what fell back, what stands still, what is finished."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from xltiltak.model.report import Node
from xltiltak.model.summary import measure_nodes
from xltiltak.publishing.public_view import PublicView

_STANDING = 3  # so many dates at the same step are a standstill


class Move(NamedTuple):
    """A measure with its value at the date before and at this one; both are known."""

    node: Node
    area: str
    before: int | Decimal
    now: int | Decimal

    @property
    def by(self) -> Decimal:
        """How far it moved; below nothing where it fell back."""
        return Decimal(self.now) - Decimal(self.before)


class Movement(NamedTuple):
    """Measures by how they have moved, in the order they are printed; `new_done` was not finished the date before."""

    up: tuple[Move, ...]
    down: tuple[Move, ...]
    still: tuple[Move, ...]
    new_done: tuple[Move, ...]
    standing: tuple[Move, ...]


def movement(edition: PublicView) -> Movement:
    """How all measures with a value at both dates have moved. What is finished does not stand still."""
    moves, done = tuple(_moves(edition)), edition.report.finished_refs
    ending = {step.value for step in edition.steps if step.done}
    still = tuple(m for m in moves if not m.by and m.node.ref not in done)
    return Movement(
        up=tuple(m for m in moves if m.by > 0),
        down=tuple(m for m in moves if m.by < 0),
        still=still,
        new_done=tuple(m for m in moves if m.now in ending and m.before not in ending),
        standing=tuple(m for m in still if _stands(edition, m)),
    )


def _moves(edition: PublicView) -> Iterator[Move]:
    scored, area_of = edition.scored, edition.report.area_of
    if scored is None or edition.before is None:
        return
    for node in measure_nodes(edition.report):
        before, now = (edition.value(node, scored, day) for day in (edition.before, edition.shown))
        if (
            isinstance(before, int | Decimal)
            and isinstance(now, int | Decimal)
            and node.is_active_on(edition.shown)
        ):
            yield Move(node, area_of[node.ref], before, now)


def _stands(edition: PublicView, move: Move) -> bool:
    """Has it been at the same step for so many dates?"""
    days = edition.days[-_STANDING:]
    values = (
        {edition.value(move.node, edition.scored, day) for day in days} if edition.scored else set()
    )
    return len(days) == _STANDING and values == {move.now}
