"""What a row below a head is: a measure, or more of the one above it."""

from __future__ import annotations

from xltiltak.importers.cards import SourceCard, split
from xltiltak.importers.headings import Cells
from xltiltak.importers.labels import FieldColumn, Labels, group_of
from xltiltak.importers.source_lines import SourceCell
from xltiltak.model.field_types import field_type_of
from xltiltak.model.finding import Place
from xltiltak.model.template import Template


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
