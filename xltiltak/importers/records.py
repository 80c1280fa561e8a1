"""Labels with their values beside or below them: measures as cards, and what stands below a group's heading."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from xltiltak.importers.headings import Cells
from xltiltak.importers.labels import FieldColumn, Labels, group_of, named
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.importers.table_header import TableHeader
from xltiltak.model.field_types import field_type_of
from xltiltak.model.finding import Place
from xltiltak.model.normalize import parse_step
from xltiltak.model.template import Level, Template

_TICKED = re.compile(
    r"(?s)(?:(?P<before>[☐☑☒✓✗■□])\s*)?(?P<label>.+?)\s*:?\s*(?P<after>[xX☐☑☒✓✗■□])?"
)
_EMPTY_BOXES = {"☐", "□", None}

Part = tuple[FieldColumn, SourceCell | None]


@dataclass
class SourceCard:
    """A record in the making: what its cells say, and below which headings it stands.

    With `level` it is no measure but what stands below a group's heading. `groups` are the groups of the row above.
    """

    above: Cells
    line: SourceLine
    titled: bool = False
    level: Level | None = None
    held: dict[FieldColumn, list[SourceCell]] = field(default_factory=dict)
    groups: dict[str, Cells] = field(default_factory=dict)
    label: FieldColumn | None = None
    label_at: tuple[int, int] = (0, 0)  # the table and column of the label that is open

    def put(self, spot: FieldColumn, cell: SourceCell) -> None:
        """A value, or one more line of it."""
        self.held.setdefault(spot, []).append(cell)

    def go_on(self, spot: FieldColumn, cell: SourceCell) -> None:
        """More of a text that was broken."""
        before = self.held.get(spot)
        if not before:
            self.put(spot, cell)
            return
        last = before[-1]
        joint = "" if last.text.endswith("-") else " "
        before[-1] = last._replace(raw=f"{last.text}{joint}{cell.text}")

    def opens(self, spot: FieldColumn, line: SourceLine) -> None:
        """A label was met; what follows is its value."""
        self.label = spot
        self.label_at = (line.table, min(line.own()))

    def begins_anew(self, spot: FieldColumn, line: SourceLine, labels: Labels) -> bool:
        """Is a label of the next measure's? This one has it already, or another table begins with what names one."""
        if spot in self.held or spot == self.label:
            return True
        number = FieldColumn(labels.template.leaf.id, "no")
        return (
            line.table != self.line.table
            and not self.titled
            and spot in labels.leaf_keys | {number}
        )

    def takes(self, line: SourceLine, labels: Labels) -> bool:
        """Take a line as the value of the label before it, or as the name below a card's title; False if it is none."""
        cell, leaf = line.alone, labels.template.leaf.id
        if cell is None:
            return False
        if self.label is None:
            name = FieldColumn(leaf, "name")
            if (
                not self.titled
                or not labels.template.field_of(leaf, "name")
                or line.table != self.line.table
            ):
                return False
            self.put(name, cell)
            return True
        table, col = self.label_at
        if line.table != table or (table and min(line.own()) == col and self.label in self.held):
            return False
        self.put(self.label, cell)
        return True

    def cells(self) -> Cells:
        """Each value as one cell: several lines of it as one text."""
        return {
            spot: cells[0] if len(cells) == 1 else _one(cells) for spot, cells in self.held.items()
        }

    def text(self) -> str:
        """All that stands in it."""
        return " · ".join(cell.text for cells in self.held.values() for cell in cells if cell.text)


def card_row(
    line: SourceLine, labels: Labels, under: TableHeader | None = None
) -> list[Part] | None:
    """The labels of a line with the values beside them; None where it is no such line.

    `under` a head of a table only labels make it one: a label beside other text is a row that says so.
    """
    cells = [cell for cell in line.own().values() if cell.text]
    if len(cells) == line.width == 2 and not under and (spot := _of(cells[0].text, labels)):
        return [(spot, cells[1])]
    parts: list[Part] = []
    for cell in cells:
        spot, ticked, said = _of(cell.text, labels), _ticked(cell, labels), split(cell, labels)
        if ticked is not None:
            parts += ticked
        elif spot:
            parts.append((spot, None))
        elif said and not (under and said[0] in labels.leaf_keys):
            parts.append(said)
        elif parts and parts[-1][1] is None and not under:
            parts[-1] = (parts[-1][0], cell)
        else:
            return None
    return parts or None


def split(cell: SourceCell, labels: Labels) -> tuple[FieldColumn, SourceCell] | None:
    """A label and its value in one cell, with a colon between them; None where there is no such label."""
    label, colon, value = cell.text.partition(":")
    spot = _of(label, labels) if colon and value.strip() else None
    return (spot, cell._replace(raw=value.strip())) if spot else None


def _of(text: str, labels: Labels) -> FieldColumn | None:
    """The one spot that a label stands for; None where it is none, or could be several."""
    spots = labels.of(text)
    leaf = [spot for spot in spots if spot.level == labels.template.leaf.id]
    return next(iter(leaf or spots), None)


def _ticked(cell: SourceCell, labels: Labels) -> list[Part] | None:
    """A step of a choice with a box or an x: the choice where it is ticked, nothing where not; None for other text."""
    found = _TICKED.fullmatch(cell.text)
    if found is None or not (found["after"] or found["before"] or cell.text.endswith(":")):
        return None
    for known in labels.template.fields_of(labels.template.leaf.id):
        steps = labels.template.scales.get(known.scale, ())
        if steps and (step := parse_step(steps, named(found["label"]))):
            ticked = (found["after"] or found["before"]) not in _EMPTY_BOXES
            value = field_type_of(known, labels.template).display(
                step.value, labels.template.language
            )
            return (
                [(FieldColumn(labels.template.leaf.id, known.id), cell._replace(raw=value))]
                if ticked
                else []
            )
    return None


def _one(cells: list[SourceCell]) -> SourceCell:
    return cells[0]._replace(raw="\n".join(cell.text for cell in cells))


def is_measure(cells: Cells, labels: Labels) -> bool:
    """Does a row begin a measure? It has what tells it from others, or a number and more than that."""
    leaf = labels.template.leaf.id
    filled = {
        spot for spot, cell in cells.items() if spot.level == leaf and cell.text and not cell.copied
    }
    if filled & labels.leaf_keys:
        return True
    number = labels.template.field_of(leaf, "no")
    if number is None or FieldColumn(leaf, "no") not in filled or len(filled) < 2:
        return False
    return (
        field_type_of(number, labels.template).parse([cells[FieldColumn(leaf, "no")].raw]).outcome
        != "invalid"
    )


def continues(cells: Cells, labels: Labels) -> bool:
    """Does a row only have free text, and so belong to the measure above it?"""
    leaf = labels.template.leaf.id
    filled = [spot for spot, cell in cells.items() if cell.text and not cell.copied]
    fields = [labels.template.field_of(spot.level, spot.field) for spot in filled]
    free = [
        f for f in fields if f and not f.scale and field_type_of(f, labels.template).free_text("x")
    ]
    return bool(filled) and len(free) == len(filled) and all(spot.level == leaf for spot in filled)


def fits(cells: Cells, labels: Labels) -> bool:
    """Could a row without a head above it belong to the table before? All its values are such as their columns hold."""
    for spot, cell in cells.items():
        known = labels.template.field_of(spot.level, spot.field)
        if known and field_type_of(known, labels.template).parse([cell.raw]).outcome == "invalid":
            return False
    return is_measure(cells, labels)


def with_groups(cells: Cells, card: SourceCard, labels: Labels) -> Cells:
    """A row's cells; a group it leaves blank is that of the row above, as tables are printed."""
    template, kept = labels.template, dict(cells)
    for level in template.levels[:-1]:
        spots = [spot for spot in cells if spot.level == level.id]
        if not spots:
            continue
        if any(cells[spot].text for spot in spots):
            card.groups = {**card.groups, level.id: {spot: cells[spot] for spot in spots}}
        elif level.id in card.groups and not level.optional:
            kept |= card.groups[level.id]
        else:
            kept = {spot: cell for spot, cell in kept.items() if spot.level != level.id}
    return {
        spot: cell
        for spot, cell in kept.items()
        if spot.level != template.leaf.id or not cell.copied
    }


def without_own_label(spot: FieldColumn, cell: SourceCell, labels: Labels) -> SourceCell:
    """A cell that repeats its column's label before the value, as "Start: May 2017", without it."""
    said = split(cell, labels) if spot not in labels.leaf_keys else None
    return said[1] if said and said[0] == spot else cell


def with_area(record: Cells, template: Template, area: SourceCell | None) -> Cells:
    """A record with its area, where nothing nearer than the sheet or the head says it."""
    spot = FieldColumn(template.area_level.id, "name") if template.area_level else None
    if spot is None or area is None or (spot in record and record[spot].text):
        return record
    return {**record, spot: area}


def lacking(record: Cells, template: Template) -> dict[str, str]:
    """Why a record cannot be taken; empty where it can."""
    sent = template.area_level
    if sent and not record.get(FieldColumn(sent.id, "name"), SourceCell(None, Place())).text:
        return {"reason": "no_area", "label": sent.label}
    for level in template.levels:
        cell = record.get(FieldColumn(level.id))
        if level.groups and (cell is None or group_of(level, cell.text) is None):
            there = ", ".join(group.label for group in level.groups)
            return {
                "reason": "no_group",
                "label": level.label,
                "name": cell.text if cell else "",
                "there": there,
            }
    return {}
