"""An empty plan of a template: made-up areas without measures, for a coordinator to type into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from xltiltak.layout.geometry import Geometry
from xltiltak.model.field_types import Value
from xltiltak.model.language import translate
from xltiltak.model.report import Area, Head, Node, Report, Slot
from xltiltak.model.row_keys import area_code
from xltiltak.model.template import Level, Template

AREAS = 3  # made-up ones, of which one can delete
_CARDS = 3  # empty ones in each group, where there is no table to type below


def blank_report(template: Template, year: int, areas: int = AREAS) -> Report:
    """The plan of a year, which ends with its one reporting date; what is to be replaced says what belongs there."""
    language, day = template.language, date(year, 12, 31)
    organisation = translate("book.organisation", language)
    title = template.title.format(year=year, date=day, name="…", no=1, label="…")
    head = Head(area_code(organisation), organisation, title, year, language, (day,))
    grown = _Tree(template)
    nodes = tuple(grown.areas(areas) if template.area_level else grown.below(None, 0, head.code))
    refs = (
        [node.ref for node in nodes if node.level == template.levels[0].id]
        if template.area_level
        else [head.code]
    )
    return Report(
        template, head, nodes, grown.values, {ref: Area(highest=grown.counts[ref]) for ref in refs}
    )


class _Tree:
    """Nodes in the making; `counts` is the last number of each area, `values` what can be known of them."""

    def __init__(self, template: Template) -> None:
        self.template, self.geometry = template, Geometry(template)
        self.counts: Counter[str] = Counter()
        self.cards: Counter[str] = Counter()
        self.values: dict[Slot, Value] = {}

    def areas(self, count: int) -> Iterator[Node]:
        """The areas, each with what stands in it."""
        level = self.template.levels[0]
        for n, group in enumerate(_groups(level, count), 1):
            ref = f"{area_code(level.label)[:1]}{n}"
            if self.template.field_of(level.id, "name"):
                self.values[Slot(ref, "name")] = f"{level.label} {n}"
            yield Node(ref, level.id, None, group)
            yield from self.below(ref, 1, ref)

    def below(self, parent: str | None, depth: int, area: str) -> Iterator[Node]:
        """A title line for each group; the table below it is empty, and where there is none a few cards are."""
        level = self.template.levels[depth]
        if level.optional:
            yield from self.below(parent, depth + 1, area)
        elif self.geometry.has_title_line(level):
            last = level is self.template.leaf
            for group in _groups(level, _CARDS if last else 1):
                self.counts[area] += 1
                ref = f"{area}-{self.counts[area]:03}"
                yield Node(ref, level.id, parent, group)
                yield from self._card(ref, area) if last else self.below(ref, depth + 1, area)

    def _card(self, ref: str, area: str) -> Iterator[Node]:
        """Gives a card its number, so that its title line can be seen; nothing stands below it."""
        self.cards[area] += 1
        kind = self.geometry.field_types.get((self.template.leaf.id, "no"))
        value = kind.parse((self.cards[area],)).value if kind else None
        self.values |= {Slot(ref, "no"): value} if value is not None else {}
        yield from ()


def _groups(level: Level, count: int) -> list[str | None]:
    """The closed groups of a level, each once; so many open ones where it has none."""
    return [group.id for group in level.groups] or [None] * count
