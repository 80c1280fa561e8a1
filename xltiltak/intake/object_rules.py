"""The rules about what is not in a cell: objects, links, names of sheets, printed pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from xltiltak.intake.returned_sheet import (
    QUOTED_KINDS,
    ReturnedAreaSheet,
    ReturnedWorkbook,
    UnexpectedCell,
)
from xltiltak.intake.sheet_look import SheetLook
from xltiltak.layout.geometry import Geometry, geometry_of
from xltiltak.merging.registry import rule
from xltiltak.model.cell_values import display
from xltiltak.model.finding import Finding, Place
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Report
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.sheet_names import is_name_of_program, legal_sheet_name
from xltiltak.xlsx.sheet_objects import SheetObject
from xltiltak.xlsx.sheet_reader import CellLink, Sheet

_MOST_OF_ONE_NAME = 10
_MOST_TOLD = 500  # findings of one rule about one file; the rest is counted
_NOTES = frozenset(("shape", "unticked", "not_chosen", "unreached", "unknown", "missing", "filter"))
# A code in the text of a printed page: a font, a size, a colour, a style, or a doubled "&".
_PAGE_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d+|[BIUEXYSOHLCRG&])')
_PAGE_FIELD = re.compile(r"&[PNDTZFA](?:[+-]\d+)?")  # the page's number, the date, the file …
_BROKEN_FONT = re.compile(r'[\w ]+,(?:Regular|Bold|Italic|Bold Italic)"')  # as Gnumeric writes it
# What Excel and Numbers add to the name of a sheet: "Havn (2)", "Havn - Tabell 1".
_ADDED_NUMBER = re.compile(r"(?: - (?:Tabell|Table|Tabelle))? ?\(?\d+\)?$")
_LONGEST_ON_PAGE = 90  # characters from which on we may have cut a text above or below a page
_SECTION = re.compile(r"&[LCR]")
_NUMBERING = re.compile(r"(?i)(?:side|sida|page|seite|av|of|von|[-/,.()\s]|\d)*")


def objects_on_sheet(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Yield all findings about an area sheet's objects, links, name and printed pages."""
    yield from object_not_read((sheet.name, one) for one in sheet.look.objects)
    yield from cell_links(sheet.look.sheet)
    yield from sheet_renamed(sheet)
    yield from page_texts(sheet.look.sheet, own_page_texts(sheet.sent, sheet.area))
    if sheet.look.sheet.prompts:
        head = sheet.sent.head
        geometry = geometry_of(sheet.sent.template, head.dates, head.language)
        yield from typed_prompts(sheet.look.sheet, _own_prompts(geometry))


def objects_outside_form(workbook: ReturnedWorkbook) -> Iterator[Finding]:
    """Yield all findings about what is not in a cell of a sheet of ours."""
    yield from object_not_read(workbook.objects)
    for look in workbook.other_looks:
        yield from object_not_read((look.sheet.name, one) for one in look.objects)
        yield from cell_links(look.sheet)
        yield from page_texts(look.sheet, ())
        yield from typed_prompts(look.sheet, ())
        yield from struck_outside_form(look.sheet)
        yield from _other_name(look)


@rule("S111")
def object_not_read(things: Iterable[tuple[str, SheetObject]]) -> Iterator[Finding]:
    """Report the things on a sheet that are not read, each with its place and its words."""
    rest = 0
    for n, (sheet, thing) in enumerate(one for one in things if one[1].kind not in QUOTED_KINDS):
        if n >= _MOST_TOLD:
            rest += 1
            continue
        reason = f"{thing.kind}_named" if thing.text else thing.kind
        place = Place("", sheet, thing.cell)
        found = Finding.create("S111", place, reason=f"object_{reason}", value=thing.text)
        yield found.with_severity("note") if thing.kind in _NOTES else found
    if rest:
        yield Finding.create("S111", reason="object_more", count=rest)


@rule("S112")
def cell_links(sheet: Sheet, own: Collection[CellLink] = ()) -> Iterator[Finding]:
    """Report the links of cells, except our own and those whose address stands in the cell."""
    links = [link for link in sheet.links if link not in own and not _is_shown(link, sheet)]
    for link in links[:_MOST_TOLD]:
        first, last = cell_name(*link.cells[:2]), cell_name(*link.cells[2:])
        place = Place("", sheet.name, first if first == last else f"{first}:{last}")
        yield Finding.create("S112", place, value=link.target)
    if rest := links[_MOST_TOLD:]:
        yield Finding.create("S112", Place("", sheet.name), value=f"… ({len(rest)})")


def _is_shown(link: CellLink, sheet: Sheet) -> bool:
    """Return True if the cell's text has the address, as for an e-mail address that is typed."""
    value = sheet.rows.get(link.cells.first_row, {}).get(link.cells.first_col)
    shown, target = display(value), link.target.removeprefix("mailto:").rstrip("/")
    return target in shown or re.sub(r"^https?://", "", target) == shown.strip().rstrip("/")


@rule("V112")
def struck_outside_form(sheet: Sheet) -> Iterator[Finding]:
    """Report what is struck out on a sheet that is not ours; its cells are quoted as they stand."""
    for cell, words in [*sheet.struck.items()][:_MOST_TOLD]:
        place = Place("", sheet.name, cell_name(*cell))
        found = Finding.create("V112", place, reason="struck_beside", value=words)
        yield found.with_severity("note")


@rule("S114")
def sheet_renamed(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report a sheet with another name than it was sent with.

    A name that only has a number more, as of a copy, is a note.
    """
    title, name = sheet.sent.area_name(sheet.area), sheet.name
    ours = legal_sheet_name(title)
    numbers = range(2, _MOST_OF_ONE_NAME)  # if a workbook has several areas of one name
    if name == ours or name in (legal_sheet_name(title, number) for number in numbers):
        return
    bare = _ADDED_NUMBER.sub("", name)
    found = Finding.create("S114", Place("", name), value=name, held=ours)
    is_numbered = bare not in ("", name) and ours.startswith(bare)
    yield found.with_severity("note") if is_numbered else found


@rule("S114")
def _other_name(look: SheetLook) -> Iterator[Finding]:
    """Report the name of an empty sheet, if somebody has typed it."""
    sheet = look.sheet
    if not sheet.rows and not is_name_of_program(sheet.name):
        yield Finding.create("S114", Place("", sheet.name), value=sheet.name, held="–")


@rule("S115")
def page_texts(sheet: Sheet, own: Collection[str]) -> Iterator[Finding]:
    """Report the words above and below the printed pages that are not ours."""
    for words in _page_words(sheet):
        text = normalize(words.removesuffix("…"))
        is_cut = len(words) >= _LONGEST_ON_PAGE or text != normalize(words)
        is_ours = text in own or (is_cut and any(one.startswith(text) for one in own))
        if not is_ours:
            yield Finding.create("S115", Place("", sheet.name), value=words)


@rule("S108")
def typed_prompts(sheet: Sheet, own: Collection[str]) -> Iterator[Finding]:
    """Report the messages that Excel shows beside a chosen cell, if they are not ours.

    A long message is cut off.
    """
    for cell, text in sheet.prompts[:_MOST_TOLD]:
        lines = [line for line in text.splitlines() if line.strip()]
        whole = [normalize(line.removesuffix("…")) for line in lines]
        words = [
            line
            for line, text in zip(lines, whole, strict=True)
            if not any(own_line.startswith(text) for own_line in own)
        ]
        if words:
            yield Finding.create("S108", Place("", sheet.name, cell), value="\n".join(words))


@lru_cache(maxsize=8)  # the forms of a round have the same ones
def _own_prompts(geometry: Geometry) -> set[str]:
    """Return the lines of the messages that our forms show beside a chosen cell."""
    lines = {translate("validation.choose", language) for language in LANGUAGES}
    for steps in geometry.template.scales.values():
        values = [str(step.value) for step in steps]
        labels = [step.label for step in steps]
        legend = [f"{step.value} {step.label}" for step in steps]
        lines |= {*legend, *", ".join(labels).splitlines(), ", ".join(values)}
    for field_type in geometry.field_types.values():
        choices = map(str, (field_type.validation() or {}).get("source", ()))
        lines.update(", ".join(choices).splitlines())
    return {normalize(line) for line in lines}


def words_beside_cells(look: SheetLook) -> Iterator[UnexpectedCell]:
    """Yield the words of a sheet that is not read, which have findings of their own otherwise."""
    for thing in look.objects:
        if thing.text and thing.kind not in QUOTED_KINDS:
            yield UnexpectedCell(thing.cell, thing.text)
    for link in look.sheet.links:
        if not _is_shown(link, look.sheet):
            yield UnexpectedCell(cell_name(*link.cells[:2]), link.target)
    for words in _page_words(look.sheet):
        yield UnexpectedCell("", words)


def _page_words(sheet: Sheet) -> list[str]:
    """Return the words above and below the printed pages, each once."""
    sections = (words for _, text in sheet.page_texts for words in _words_of_page(text))
    return [*dict.fromkeys(sections)]


@lru_cache(maxsize=64)  # the forms of a round have the same footer
def _words_of_page(text: str) -> tuple[str, ...]:
    """Return the words of each section of a header or footer that has more than page numbers."""
    sections = map(_words, _SECTION.split(text.replace("&&", "\0")))
    return tuple(words for words in sections if not _NUMBERING.fullmatch(words))


def _words(section: str) -> str:
    """Return the words of a section, without codes and fields."""
    text = _PAGE_FIELD.sub(" ", _PAGE_CODE.sub("", section))
    if font := _BROKEN_FONT.match(text):
        text = text[font.end() :]
    return " ".join(text.replace("\0", "&").split())


def own_page_texts(sent: Report, *areas: str) -> set[str]:
    """Return what the sheets of these areas print above and below their pages."""
    head = sent.head
    names = {_as_printed(sent.area_name(area)) for area in areas}
    return {*names, *_texts_of_all_pages(head.title, head.organisation)}


@lru_cache(maxsize=8)
def _texts_of_all_pages(title: str, organisation: str) -> frozenset[str]:
    pages = (translate("sheet.page", language, page="", pages="") for language in LANGUAGES)
    return frozenset(map(_as_printed, (title, organisation, *pages)))


def _as_printed(text: str) -> str:
    return normalize(" ".join(text.split()))
