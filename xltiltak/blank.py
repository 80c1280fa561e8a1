"""An empty plan of a template: made-up areas without measures, for a coordinator to type into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from xltiltak import language
from xltiltak.geometry import Geometry
from xltiltak.marks import area_code
from xltiltak.report import Area, Head, Node, Report, Slot
from xltiltak.template import Template

AREAS = 3  # made-up ones, of which one can delete
_CARDS = 3  # empty ones in each group, where there is no table to type below


def blank_report(template: Template, year: int, areas: int = AREAS) -> Report:
    """The plan of a year, which ends with its one reporting date; what is to be replaced says what belongs there."""
    spoken, day = template.language, date(year, 12, 31)
    organisation = language.word("book.organisation", spoken)
    title = template.title.format(year=year, date=day, name="…", no=1, label="…")
    head = Head(area_code(organisation), organisation, title, year, spoken, (day,))
    grown = _Tree(template, head.code)
    nodes = tuple(grown.areas(areas) if template.sent else grown.below(None, 0, head.code))
    report = Report(template, head, nodes, grown.names)
    return Report(template, head, nodes, grown.names, {ref: Area(highest=grown.counts[ref]) for ref in report.area_refs})


class _Tree:
    """Nodes in the making; `counts` is the last number of each area, `names` what the areas are called."""

    def __init__(self, template: Template, code: str) -> None:
        self.template, self.geometry, self.code = template, Geometry(template), code
        self.counts: Counter[str] = Counter()
        self.names: dict[Slot, str] = {}

    def areas(self, count: int) -> Iterator[Node]:
        """The areas, each with what stands in it."""
        level = self.template.levels[0]
        for n, group in enumerate([g.id for g in level.groups] or [None] * count, 1):
            ref = f"{level.label[0].upper()}{n}"
            if self.template.field_of(level.id, "name"):
                self.names[Slot(ref, "name")] = f"{level.label} {n}"
            yield Node(ref, level.id, None, group)
            yield from self.below(ref, 1, ref)

    def below(self, parent: str | None, depth: int, area: str) -> Iterator[Node]:
        """A title line for each group; the table below it is empty, and where there is none a few cards are."""
        level = self.template.levels[depth]
        if level.optional:
            yield from self.below(parent, depth + 1, area)
        elif self.geometry.titled(level):
            last = level is self.template.leaf
            for group in [g.id for g in level.groups] or [None] * (_CARDS if last else 1):
                self.counts[area] += 1
                ref = f"{area}-{self.counts[area]:03}"
                yield Node(ref, level.id, parent, group)
                yield from () if last else self.below(ref, depth + 1, area)
