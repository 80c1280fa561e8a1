"""Match the rows of a returned sheet to nodes, by their row keys and their texts.

A key alone is not trusted: if only the visible columns are sorted, every key is left on the wrong
row, and nobody sees it. So each row's text is compared with what was sent under its key, in three
passes (`RowMatcher`). docs/reading/matching.md has an example of each.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Literal, NamedTuple

from xltiltak.model.field_types import Value
from xltiltak.model.normalize import normalize

SIMILAR = 90.0  # per cent: texts at least this much alike may mean the same …
MARGIN = 10.0  # … if no other unmatched node has a text that is nearly as much alike
_MAX_WORK = 50_000_000_000  # pairs of characters compared for the rivals of one sheet: a second

MatchKind = Literal["exact", "moved", "similar", "conflict", "duplicate", "repeated", "unknown"]
"""How a row was matched.

- exact: key and text agree.
- moved: the text was sent under another key, or the row has no key.
- similar: the text was edited, or emptied.
- conflict: the key is known, the text is another one.
- duplicate: several rows match one node.
- repeated: the text is that of a node which another row was matched to.
- unknown: the row matches no node.
"""

LockedCells = AbstractSet[tuple[int, Value]]
"""The filled locked cells beside a text, as (column as sent, value): number, earlier statuses."""


class KeyedText(NamedTuple):
    """A row as it is in a sheet: its row key, None without one, and its identifying text."""

    key: str | None
    text: str


class RowMatch(NamedTuple):
    """The row key of the node that a row matches, None if it matches none, and how it matches."""

    key: str | None
    kind: MatchKind


class Evidence(NamedTuple):
    """What the locked cells of a sheet say about which node a row is.

    `in_row(position, key)` returns the locked cells of a row, read as cells of the node of `key`;
    `as_sent(key)` the locked cells that this node was sent with.
    """

    in_row: Callable[[int, str], LockedCells]
    as_sent: Callable[[str], LockedCells]


_NO_EVIDENCE = Evidence(lambda *_: frozenset(), lambda _: frozenset())


def match_rows(
    rows: Sequence[KeyedText], sent: Mapping[str, str], evidence: Evidence = _NO_EVIDENCE
) -> list[RowMatch]:
    """Return the match of each row; `sent` maps the row keys to the texts that were sent."""
    return RowMatcher(rows, sent, evidence).match()


class RowMatcher:
    """Matches rows to nodes in three passes, each over the rows and nodes that earlier ones left.

    1. Key and text agree. If several nodes have the text, the locked cells must not contradict.
    2. The text is equal to that of exactly one unmatched node.
    3. The key is known, and the text is similar to its node's.

    `matches` has the matches so far, by position in `rows`. `unmatched` are the keys of the nodes
    that no row matches yet.
    """

    def __init__(
        self, rows: Sequence[KeyedText], sent: Mapping[str, str], evidence: Evidence
    ) -> None:
        self.rows, self.evidence = rows, evidence
        self.texts = [normalize(row.text) for row in rows]
        self.sent = {key: normalize(text) for key, text in sent.items()}
        self.sent_texts = frozenset(self.sent.values())
        self.matches: dict[int, RowMatch] = {}
        self.unmatched = dict.fromkeys(self.sent)
        self.work = 0

    def match(self) -> list[RowMatch]:
        """Return the match of each row."""
        for one_pass in (self.by_key_and_text, self.by_unique_text, self.by_similarity):
            matches = one_pass()
            self.matches |= matches
            for match in matches.values():
                self.unmatched.pop(match.key or "", None)
        self.matches |= {position: self._without_node(position) for position in self._left()}
        return self._with_duplicates()

    def by_key_and_text(self) -> dict[int, RowMatch]:
        """Match each row whose text is the one sent under its key (pass 1).

        A row sent without a text may have got one since, if that is no other row's text.
        """
        matches = {}
        for position, (row, text) in enumerate(zip(self.rows, self.texts, strict=True)):
            key, sent = row.key or "", self.sent.get(row.key or "")
            is_same = sent == text and not self._is_twin(position, key, text)
            if is_same or (sent == "" and text not in self.sent_texts):
                matches[position] = RowMatch(key, "exact")
        return matches

    def _is_twin(self, position: int, key: str, text: str) -> bool:
        """Return True if a row with the text of several nodes is another one than its key says.

        The text says nothing then: more locked cells agree with another node of the same text.
        """
        twins = self._keys_of_text[text]
        if len(twins) == 1:
            return False
        cells = self.evidence.in_row(position, key)
        agreeing = len(cells & self.evidence.as_sent(key))
        return agreeing < len(cells) and any(
            len(cells & self.evidence.as_sent(twin)) > agreeing for twin in twins
        )

    @cached_property
    def _keys_of_text(self) -> dict[str, list[str]]:
        """Return the keys of all nodes by their texts."""
        keys: dict[str, list[str]] = defaultdict(list)
        for key, text in self.sent.items():
            keys[text].append(key)
        return keys

    def by_unique_text(self) -> dict[int, RowMatch]:
        """Match each row whose text exactly one unmatched node was sent with (pass 2)."""
        key_of = keys_by_unique_text({key: self.sent[key] for key in self.unmatched})
        key_of.pop("", None)
        return {
            position: RowMatch(key_of[self.texts[position]], "moved")
            for position in self._left()
            if self.texts[position] in key_of
        }

    def by_similarity(self) -> dict[int, RowMatch]:
        """Match each row with the key of an unmatched node whose text is similar (pass 3)."""
        return {
            position: RowMatch(key, "similar")
            for position in self._left()
            if (key := self._unmatched_key(position)) and self._is_edited(position, key)
        }

    def _left(self) -> list[int]:
        """Return the positions of the rows without a match."""
        return [position for position in range(len(self.rows)) if position not in self.matches]

    def _unmatched_key(self, position: int) -> str | None:
        """Return the key of a row if it is that of an unmatched node."""
        key = self.rows[position].key
        return key if key in self.unmatched else None

    def _is_edited(self, position: int, key: str) -> bool:
        """Return True if a row is the node of its key with an edited or emptied text.

        A text of another node is no edit. A locked cell that differs speaks against the row, one
        that agrees for it; a similar text counts like one that agrees.
        """
        from rapidfuzz import fuzz  # most forms need no comparison

        text, sent = self.texts[position], self.sent[key]
        if text and text in self.sent_texts:
            return False
        similarity = fuzz.ratio(text, sent, score_cutoff=SIMILAR) if text else 0.0
        if text and not similarity:
            return False
        cells = self.evidence.in_row(position, key)
        agreeing = len(cells & self.evidence.as_sent(key))
        if len(cells) - agreeing > agreeing + bool(text):
            return False
        return not text or not self._has_rival(key, text, similarity - MARGIN, cells, agreeing)

    def _has_rival(
        self, key: str, text: str, cutoff: float, cells: LockedCells, agreeing: int
    ) -> bool:
        """Return True if another unmatched node fits a row about as well as the node of its key.

        Its text is nearly as much alike, and as many locked cells agree. Of a sheet with very many
        or very long texts not all are compared; then a rival is assumed.
        """
        from rapidfuzz import fuzz

        for rival in self._keys_with_cells(cells, agreeing):
            other = self.sent[rival]
            if rival == key or len(cells & self.evidence.as_sent(rival)) < agreeing:
                continue
            self.work += len(text) * len(other)
            if self.work > _MAX_WORK or fuzz.ratio(text, other, score_cutoff=cutoff):
                return True
        return False

    def _keys_with_cells(self, cells: LockedCells, agreeing: int) -> AbstractSet[str]:
        """Return the unmatched nodes that at least `agreeing` of the cells may agree with.

        Such a node has one of any `len(cells) - agreeing + 1` of the cells; the rarest cells leave
        the fewest nodes to compare.
        """
        if not agreeing:
            return self.unmatched.keys()
        by_rarity = sorted((self._keys_by_cell[cell] for cell in cells), key=len)
        return frozenset[str]().union(*by_rarity[: len(cells) - agreeing + 1])

    @cached_property
    def _keys_by_cell(self) -> dict[tuple[int, Value], set[str]]:
        """Return the unmatched nodes by each of their locked cells."""
        keys: dict[tuple[int, Value], set[str]] = defaultdict(set)
        for key in self.unmatched:
            for cell in self.evidence.as_sent(key):
                keys[cell].add(key)
        return keys

    def _without_node(self, position: int) -> RowMatch:
        """Return why a row that no pass has matched has no node of its own."""
        if key := self._unmatched_key(position):
            return RowMatch(key, "conflict")
        if owner := self._key_by_text.get(self.texts[position]):
            return RowMatch(owner, "repeated")
        return RowMatch(None, "unknown")

    @cached_property
    def _key_by_text(self) -> dict[str, str]:
        """Return the keys of all nodes by their texts, without texts that several nodes have."""
        return keys_by_unique_text({key: text for key, text in self.sent.items() if text})

    def _with_duplicates(self) -> list[RowMatch]:
        """Return the matches in order; several rows of one node are all duplicates."""
        matches = [self.matches[position] for position in range(len(self.rows))]
        counts = Counter(match.key for match in matches if match.kind != "repeated")
        return [
            RowMatch(match.key, "duplicate")
            if match.key and match.kind != "repeated" and counts[match.key] > 1
            else match
            for match in matches
        ]


def keys_by_unique_text(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the keys by their texts, without texts that several keys have."""
    counts = Counter(texts.values())
    return {text: key for key, text in texts.items() if counts[text] == 1}
