"""Find cards in a source whose format nobody knows yet: a title, and labels with texts below.

Labels are short texts that come back, card after card: alone on a line, before a colon, or in the
first of two cells. A title is a word with a number, as "Goal 3", or a heading above the labels.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from xltiltak.importers.labels import normalize_label
from xltiltak.importers.source_lines import SourceCell, SourceLine, SourcePage

_LONGEST_LABEL = 40  # characters
_LEAST_LABELS, _LEAST_CARDS = 2, 2
_NUMBERED = re.compile(r"(?P<word>[^\W\d_]{2,20}\.?) (?P<no>\d{1,3})\.?")

Labelled = tuple[SourceLine, str, SourceCell | None]  # a line, its label ("" for none), its value


@dataclass
class SourceCards:
    """The cards of a source: how their titles are written, and the texts below each label.

    `heading` is "{name}", or a word and "{no}". `has_areas` is True if headings of a higher rank
    stand above the titles. `title` is the first line, if it is no part of a card.
    """

    heading: str
    has_areas: bool
    title: str
    texts: dict[str, list[SourceCell]] = field(default_factory=dict)


def cards_in(pages: Sequence[SourcePage]) -> SourceCards | None:
    """Return the cards of a source; None if it has none."""
    lines = [line for page in pages for line in page.filled_lines() if not line.is_caption]
    lines = [line for line in lines if not line.is_page_number()]
    labelled = list(_labelled(lines))
    counts = Counter(normalize_label(label) for _, label, _ in labelled if label)
    words = Counter(f["word"] for line in lines if (f := _NUMBERED.fullmatch(line.text.strip())))
    word, cards = words.most_common(1)[0] if words else ("", 0)
    ranks = _title_ranks(labelled, counts)
    if cards < _LEAST_CARDS:
        word, cards = "", sum(ranks.values())
    least = max(_LEAST_CARDS, cards // 2)
    known = {label for label, count in counts.items() if count >= least}
    if cards < _LEAST_CARDS or len(known) < _LEAST_LABELS:
        return None
    rank = max(ranks, key=ranks.__getitem__, default=0)
    above = [line for line in lines[1:] if 0 < line.rank < rank and not line.table]
    heading = f"{word} {{no}}" if word else "{name}"
    first = lines[0].text.strip()
    is_part = _NUMBERED.fullmatch(first) or normalize_label(first) in known
    found = SourceCards(heading, not word and len(above) > 1, "" if is_part else first)
    _add_texts(found, labelled, known)
    return found


def _labelled(lines: Sequence[SourceLine]) -> Iterator[Labelled]:
    """Yield each line with the label that it may begin with, and the value beside that."""
    for line in lines:
        cells = list(line.own_cells().values())
        label, colon, value = cells[0].text.partition(":")
        beside: SourceCell | None = None
        if len(cells) == line.width == 2:
            label, beside = cells[0].text, cells[1]
        elif len(cells) == 1 and colon:
            beside = replace(cells[0], raw=value.strip()) if value.strip() else None
        else:
            label = cells[0].text if len(cells) == 1 else ""
        is_label = len(label) <= _LONGEST_LABEL and label[-1:] not in ".!?" and "\n" not in label
        numbered = _NUMBERED.fullmatch(label.strip())
        yield line, label.strip() if is_label and not numbered else "", beside


def _title_ranks(labelled: Sequence[Labelled], counts: Counter[str]) -> Counter[int]:
    """Return how often headings of each rank stand above a label that comes back."""
    ranks: Counter[int] = Counter()
    rank = 0
    for line, label, _ in labelled:
        is_label = bool(label) and counts[normalize_label(label)] >= _LEAST_CARDS
        if line.rank and not line.table and not is_label:
            rank = line.rank
        elif is_label and rank:
            ranks[rank] += 1
            rank = 0
    return ranks


def _add_texts(found: SourceCards, labelled: Sequence[Labelled], known: set[str]) -> None:
    """Add the texts beside and below each label, up to the next label or title."""
    names: dict[str, str] = {}
    open_label = ""
    for line, label, value in labelled:
        if normalize_label(label) in known:
            open_label = names.setdefault(normalize_label(label), label.strip(" :"))
            cells = found.texts.setdefault(open_label, [])
            cells.append(value or SourceCell("", line.place))
        elif line.rank or _NUMBERED.fullmatch(line.text.strip()):
            open_label = ""
        elif open_label and (cell := line.only_cell):
            last = found.texts[open_label][-1]
            text = "\n".join(filter(None, (last.text, cell.text)))
            found.texts[open_label][-1] = replace(last, raw=text)
