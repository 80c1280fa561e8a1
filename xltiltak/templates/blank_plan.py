"""Make an empty plan of a template: example areas without measures, to be filled in."""

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

AREAS = 3  # example areas; those that are not needed are deleted
_CARDS = 3  # empty cards in each group, if there is no table with empty rows


def blank_report(template: Template, year: int, areas: int = AREAS) -> Report:
    """Return an empty plan of a year, with one reporting date, the last day of the year.

    Texts that the coordinator must replace say what belongs there.
    """
    language, day = template.language, date(year, 12, 31)
    organisation = translate("book.organisation", language)
    title = template.title.format(year=year, date=day, name="…", no=1, label="…")
    head = Head(area_code(organisation), organisation, title, year, language, (day,))
    builder = _BlankNodes(template)
    if template.area_level:
        nodes = tuple(builder.areas(areas))
        refs = [node.ref for node in nodes if node.level == template.area_level.id]
    else:
        nodes = tuple(builder.nodes_below(None, 0, head.code))
        refs = [head.code]
    details = {ref: Area(highest=builder.highest[ref]) for ref in refs}
    return Report(template, head, nodes, builder.values, details)


class _BlankNodes:
    """Builds the nodes of an empty plan.

    `highest` is the highest number of a ref in each area. `values` are the values of the nodes.
    """

    def __init__(self, template: Template) -> None:
        self.template, self.geometry = template, Geometry(template)
        self.highest: Counter[str] = Counter()
        self.values: dict[Slot, Value] = {}
        self._cards: Counter[str] = Counter()

    def areas(self, count: int) -> Iterator[Node]:
        """Yield so many areas, each with the nodes below it; of a closed level its groups."""
        level = self.template.levels[0]
        for n, group in enumerate(_groups(level, count), 1):
            ref = f"{area_code(level.label)[:1]}{n}"
            if self.template.field_of(level.id, "name"):
                self.values[Slot(ref, "name")] = f"{level.label} {n}"
            yield Node(ref, level.id, None, group)
            yield from self.nodes_below(ref, 1, ref)

    def nodes_below(self, parent: str | None, depth: int, area: str) -> Iterator[Node]:
        """Yield the nodes of the level at this depth that have a title line, and those below them.

        Below them is an empty table, or else a few empty cards. Optional levels are left out.
        """
        level = self.template.levels[depth]
        if level.optional:
            yield from self.nodes_below(parent, depth + 1, area)
        elif self.geometry.has_title_line(level):
            is_measure = level is self.template.leaf
            for group in _groups(level, _CARDS if is_measure else 1):
                self.highest[area] += 1
                ref = f"{area}-{self.highest[area]:03}"
                yield Node(ref, level.id, parent, group)
                if is_measure:
                    self._number_card(ref, area)
                else:
                    yield from self.nodes_below(ref, depth + 1, area)

    def _number_card(self, ref: str, area: str) -> None:
        """Give a card the next number, if cards have one, so that its title line is visible."""
        self._cards[area] += 1
        field_type = self.geometry.field_types.get((self.template.leaf.id, "no"))
        number = field_type.parse((self._cards[area],)).value if field_type else None
        if number is not None:
            self.values[Slot(ref, "no")] = number


def _groups(level: Level, count: int) -> list[str | None]:
    """Return the ids of the closed groups of a level; without any, None so many times."""
    return [group.id for group in level.groups] or [None] * count
