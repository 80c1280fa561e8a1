"""Which node a row is about, when marks and texts may have parted.

A mark alone is not believed: sorting only the visible columns leaves every mark on the wrong row, silently. So each
row's text is held against what was sent under its mark (design §5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from xltiltak.model.normalize import normalize

SIMILAR, MARGIN = (
    0.9,
    0.1,
)  # how alike two texts are that mean the same, and how much more than any other two
MatchKind = Literal["agrees", "rebound", "close", "unrelated", "duplicate", "unknown"]


class KeyedText(NamedTuple):
    """A row as it stands in a sheet: its mark, None without one, and the text people know it by."""

    key: str | None
    text: str


class RowMatch(NamedTuple):
    """The mark that a row is taken to have, None where it has none, and how that was found."""

    key: str | None
    kind: MatchKind


def match_rows(rows: Sequence[KeyedText], known: Mapping[str, str]) -> list[RowMatch]:
    """For each row the node it is about, by the marks and texts that were sent (`known`)."""
    if rows == [*known.items()]:
        return [
            tuple.__new__(RowMatch, (mark, "agrees")) for mark in known
        ]  # as it was sent, to the letter
    known = {mark: normalize(text) for mark, text in known.items()}
    texts = [normalize(row.text) for row in rows]
    bounds = [_by_mark(row, text, known) for row, text in zip(rows, texts, strict=True)]
    held = {bound.key for bound in bounds if bound and bound.kind == "agrees"}
    by_text = keys_by_unique_text(
        {mark: text for mark, text in known.items() if text and mark not in held}
    )
    found: list[RowMatch] = []
    sought_by = {
        by_text[text]
        for text, bound in zip(texts, bounds, strict=True)
        if not bound and text in by_text
    }
    free = set(by_text.values()) - sought_by
    for row, text, bound in zip(rows, texts, bounds, strict=True):
        other = by_text.get(text)
        sought = RowMatch(other, "rebound") if other else None
        found.append(bound or sought or _doubtful(row, text, known, free, sought_by))
    return _without_doubles(found)


def _by_mark(row: KeyedText, text: str, known: Mapping[str, str]) -> RowMatch | None:
    """The row's own mark where its text agrees, or where there is no text to hold against it."""
    sent = known.get(row.key or "")
    unnamed = sent == "" and text not in known.values()  # then it may have got its text since
    return RowMatch(row.key, "agrees") if unnamed or sent == text else None


def _doubtful(
    row: KeyedText, text: str, known: Mapping[str, str], free: set[str], elsewhere: set[str]
) -> RowMatch:
    """A known mark beside another text, or no mark at all; the texts of some marks stand elsewhere."""
    if row.key is None or row.key not in known or (not text and row.key in elsewhere):
        return RowMatch(None, "unknown")
    if not text or closest(text, known) == row.key:
        return RowMatch(row.key, "close")
    return RowMatch(row.key, "unrelated") if row.key in free else RowMatch(None, "unknown")


def closest(text: str, known: Mapping[str, str]) -> str | None:
    """The one mark whose text is close to this, closer than any other; None when there is no such one."""
    ranked = sorted(
        ((_alike(text, sent), mark) for mark, sent in known.items() if sent), reverse=True
    )[:2]
    if (
        not ranked
        or ranked[0][0] < SIMILAR
        or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < MARGIN)
    ):
        return None
    return ranked[0][1]


def _alike(one: str, other: str) -> float:
    from difflib import SequenceMatcher  # where every row has its mark, nobody asks

    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < SIMILAR - MARGIN or matcher.quick_ratio() < SIMILAR - MARGIN:
        return 0.0
    return matcher.ratio()


def keys_by_unique_text(known: Mapping[str, str]) -> dict[str, str]:
    """Marks by their text, where it is nobody else's."""
    counts = Counter(known.values())
    return {text: mark for mark, text in known.items() if counts[text] == 1}


def _without_doubles(found: list[RowMatch]) -> list[RowMatch]:
    """Two rows that would be the same node are neither."""
    taken = Counter(bound.key for bound in found if bound.key)
    return [RowMatch(b.key, "duplicate") if b.key and taken[b.key] > 1 else b for b in found]
