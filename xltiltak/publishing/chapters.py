"""The chapters of a document: an area each, its groups as sections, its measures as rows of a table or as cards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from xltiltak.model.language import translate
from xltiltak.model.report import BLANK_AREA, Node
from xltiltak.model.template import Field, Level
from xltiltak.publishing.document import (
    Block,
    CardBlock,
    Content,
    FactList,
    Legend,
    Mark,
    Paragraphs,
    Section,
)
from xltiltak.publishing.figures import area_facts, distribution_over_time, group_facts
from xltiltak.publishing.public_view import PublicView
from xltiltak.publishing.rows import table_of


def chapters(edition: PublicView) -> tuple[Section, ...]:
    """A chapter for each area; where the report is the only one, a chapter of all its measures."""
    report = edition.report
    if report.template.area_level is None:
        title = report.template.leaf.label
        return (
            Section(
                title, "all", tuple(_measures(edition, edition.below.get(None, ()))), page=True
            ),
        )
    return tuple(_chapter(edition, node) for node in edition.below.get(None, ()))


def _chapter(edition: PublicView, node: Node) -> Section:
    """An area: what it is about, its figures, and all that stands in it."""
    intro = edition.report.areas.get(node.ref, BLANK_AREA).intro
    blocks: list[Block] = [area_facts(edition, node.ref)]
    if intro:
        blocks.append(Paragraphs(tuple(line for line in intro.split("\n") if line.strip())))
    if edition.steps:
        blocks.append(
            Legend(translate("report.scale", edition.language), edition.marks(edition.steps))
        )
        blocks.extend(distribution_over_time(edition, node.ref))
    inner = _section(edition, node, _titled(edition, node))
    return Section(inner.title, inner.anchor, (*blocks, *inner.blocks), inner.sections, page=True)


def _section(edition: PublicView, node: Node, title: str, above: tuple[str, ...] = ()) -> Section:
    """A group with its own fields, its measures and the groups within it; `above` are the headings it stands under."""
    inside = edition.below.get(node.ref, ())
    groups = [
        n
        for n in inside
        if edition.geometry.has_title_line(_level(edition, n)) and not _is_measure(edition, n)
    ]
    measures = [n for n in inside if n not in groups]
    counted = group_facts(edition, node.ref) if above else ()  # an area has its own line
    blocks = (
        *counted,
        *_about(edition, node, title),
        *_measures(edition, measures, " · ".join((*above, title))),
    )
    titles = _numbered([_titled(edition, group) for group in groups])
    sections = tuple(
        _section(edition, group, name, (*above, title))
        for group, name in zip(groups, titles, strict=True)
    )
    return Section(title, edition.anchor(node.ref), blocks, sections)


def _measures(edition: PublicView, nodes: Sequence[Node], title: str = "") -> Iterator[Block]:
    """The measures of one group: rows of a table, or a card each."""
    if not nodes:
        return
    if edition.geometry.is_table:
        yield table_of(edition, nodes, title)
    else:
        yield from map(partial(_card, edition), nodes)


def _about(edition: PublicView, node: Node, title: str) -> Iterator[Block]:
    """A group's own fields, but for what its heading says. One alone needs no label where the heading is its label."""
    level = _level(edition, node)
    known = [
        (f, edition.content(node, f)) for f in edition.fields(level.id) if not _in_heading(level, f)
    ]
    filled = [(edition.label(node, f), content) for f, content in known if content != ""]
    if len(filled) == 1 and not isinstance(filled[0][1], str | Mark):
        ((label, content),) = filled
        yield from () if title.startswith(label) else (Paragraphs((f"{label}:",)),)
        yield content  # type: ignore[misc]  # what is neither text nor a mark is a block
    elif all(isinstance(content, str) for _, content in filled):
        yield from (
            (FactList(tuple((label, str(content)) for label, content in filled)),) if filled else ()
        )
    else:
        yield CardBlock("", tuple(filled))


def _card(edition: PublicView, node: Node) -> CardBlock:
    """A measure as labels and values; steps without dates are shown beside its title."""
    level = _level(edition, node)
    named = level.id in edition.short_names
    shown = [
        f
        for f in edition.fields(level.id)
        if not _in_heading(level, f) and not (named and f.id == "name")
    ]
    beside = [
        f for f in shown if f.scale and not f.per_checkpoint and f.applies(edition.groups[node.ref])
    ]
    rows = [
        row for field in shown if field not in beside for row in _card_rows(edition, node, field)
    ]
    found = (edition.content(node, field) for field in beside)
    marks = tuple(mark for mark in found if isinstance(mark, Mark))
    return CardBlock(_titled(edition, node), tuple(rows), marks, edition.anchor(node.ref))


def _card_rows(edition: PublicView, node: Node, field: Field) -> Iterator[tuple[str, Content]]:
    """A field at its dates; where an answer is asked for and not given, it says so."""
    for day in edition.geometry.dates_of(field) if field.applies(edition.groups[node.ref]) else ():
        content = edition.answer(node, field, day)
        if content != "":
            yield edition.label(node, field, day), content


def _titled(edition: PublicView, node: Node) -> str:
    """The heading of a node: as its level words it, and a measure's name after that where names are short."""
    level = _level(edition, node)
    group = level.group(node.group)
    places = {f.id: edition.text(node, f) for f in edition.fields(level.id)} | (
        {"name": group.label} if group else {}
    )
    named = set(re.findall(r"\{(\w+)", level.heading))
    blank = not level.heading or (named and not any(places.get(name) for name in named))
    heading = (
        level.label
        if blank
        else level.heading.format_map({name: places.get(name, "") for name in named})
    )
    if (
        _is_measure(edition, node)
        and "name" not in named
        and level.id in edition.short_names
        and places.get("name")
    ):
        return " ".join(f"{heading} {places['name']}".split())
    return " ".join(heading.split())


def _numbered(titles: list[str]) -> list[str]:
    """Headings that are all alike get a number each, so that they can be told apart."""
    alike = len(titles) > 1 and len(set(titles)) == 1
    return [f"{title} {k}" for k, title in enumerate(titles, 1)] if alike else titles


def _level(edition: PublicView, node: Node) -> Level:
    return edition.report.template.level(node.level)


def _is_measure(edition: PublicView, node: Node) -> bool:
    return node.level == edition.report.template.leaf.id


def _in_heading(level: Level, field: Field) -> bool:
    return f"{{{field.id}}}" in level.heading
