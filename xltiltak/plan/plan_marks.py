"""Tell what stands on the coordinator's area sheets that is not a plain value of a cell.

A plan is read as the coordinator wrote it. What a register cannot hold is told: words that are
struck out, cells that are merged, comments, text boxes, pictures and other objects, and links. They
would be gone from the next file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from xltiltak.intake.object_rules import cell_links, object_not_read, page_texts
from xltiltak.intake.returned_sheet import QUOTED_KINDS
from xltiltak.layout.geometry import KEY_COL
from xltiltak.merging.registry import rule
from xltiltak.model.cell_values import display, is_blank
from xltiltak.model.finding import CODES, Finding, Place
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.inventory import Inventory
from xltiltak.xlsx.sheet_reader import Sheet

_MOST_TOLD = 500  # findings of one kind about one sheet


def marks_on_plan(
    sheet: Sheet, inventory: Inventory, language: str, own_texts: Collection[str] = ()
) -> Iterator[Finding]:
    """Yield the findings about an area sheet of a plan or an appendix in a language.

    `own_texts` are those that our sheets print above and below their pages.
    """
    yield from struck_in_plan(sheet)
    yield from merged_in_plan(sheet, language)
    yield from words_beside_plan(sheet, inventory)
    yield from object_not_read((sheet.name, thing) for thing in inventory.on(sheet.part))
    in_book = [link for link in sheet.links if link.target.startswith("#")]
    yield from cell_links(sheet, own=in_book)
    yield from page_texts(sheet, own_texts)


@rule("V112")
def struck_in_plan(sheet: Sheet) -> Iterator[Finding]:
    """Report what is struck out: some words of a cell are left out, a whole cell still counts."""
    seen = [(cell, words) for cell, words in sheet.struck.items() if cell[1] != KEY_COL]
    for cell, words in seen[:_MOST_TOLD]:
        place = Place("", sheet.name, cell_name(*cell))
        if cell in sheet.struck_cells:
            yield Finding.create("V112", place, reason="struck_in_plan", value=words)
        else:
            yield Finding.create("V112", place, reason="struck_words", value=words)


@rule("S113")
def merged_in_plan(sheet: Sheet, language: str) -> Iterator[Finding]:
    """Report merged cells; what they cover may be the value of another measure."""
    for cells in sheet.merged[:_MOST_TOLD]:
        first = cells[:2]
        shown = sheet.rows.get(first[0], {}).get(first[1])
        yield Finding.create(
            "S113",
            Place("", sheet.name, cell_name(*first)),
            reason="merged_in_plan",
            merged=f"{cell_name(*first)}:{cell_name(*cells[2:])}",
            value="–" if is_blank(shown) else display(shown, language),
        )


@rule("S108")
def words_beside_plan(sheet: Sheet, inventory: Inventory) -> Iterator[Finding]:
    """Report comments, text boxes and second values of cells; a new file does not have them.

    Our own notes are left out.
    """
    things = [
        (thing.cell, thing.text)
        for thing in inventory.on(sheet.part)
        if thing.kind in QUOTED_KINDS and not _is_own_note(thing.text)
    ]
    for cell, text in [*things, *sheet.second_values][:_MOST_TOLD]:
        yield Finding.create("S108", Place("", sheet.name, cell), value=text)


def _is_own_note(text: str) -> bool:
    """Return True for a note of the appendix: each line is a finding, which ends with its code."""
    codes = [line[-6:] for line in text.splitlines()]
    return bool(codes) and all(code[:1] == "[" and code[1:-1] in CODES for code in codes)
