"""The rules about marked cells of an area sheet: struck out, merged, coloured, pale, a picture.

What is struck out, hidden below a merged cell or shown as a picture is not an answer. It is told,
and the value that was sent stays. Read `judge_marks` first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from xltiltak.intake.columns import find_key_column
from xltiltak.intake.returned_sheet import CellChange, ReturnedAreaSheet
from xltiltak.intake.sheet_look import Cell
from xltiltak.merging.registry import rule
from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.colours import colour_name
from xltiltak.model.finding import NOTHING, About, Finding, Place
from xltiltak.model.report import Slot
from xltiltak.model.row_keys import parse_row_key
from xltiltak.model.template import Field
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.sheet_reader import Sheet, SheetRange

_MOST_NAMES = 20  # of slots below one merged cell


def judge_marks(sheet: ReturnedAreaSheet) -> list[Finding]:
    """Return the findings about marked cells, and take from the changes what is not an answer."""
    if not (sheet.look.marked or sheet.look.coloured or sheet.look.sheet.pale_cells):
        return []
    kept, findings = list[CellChange](), list[Finding]()
    judged = set[Cell]()
    for change in sheet.changes:
        is_open = sheet.sent.is_open(change.field, change.slot.date, change.node)
        findings += pale_answer(change, sheet) if is_open else ()
        if is_open and not sheet.look.marked.isdisjoint(change.cells):
            judged.update(change.cells)
            findings += _answer_findings(change, sheet)
            kept += _standing_answer(change, sheet)
        else:
            kept.append(change)
    sheet.changes = kept
    return [*findings, *_cell_findings(sheet, judged)]


def _answer_findings(change: CellChange, sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    yield from picture_as_answer(change, sheet)
    yield from hidden_answer(change, sheet)
    yield from struck_answer(change, sheet)


def _cell_findings(sheet: ReturnedAreaSheet, judged: set[Cell]) -> Iterator[Finding]:
    """Yield the findings about all marked cells but those of changed answers."""
    yield from struck_elsewhere(sheet, judged)
    yield from merged_cells(sheet)
    for cell in sorted(sheet.look.pictures.keys() - judged):
        yield _picture(sheet, cell)
    yield from _empty_answers(sheet)


def _standing_answer(change: CellChange, sheet: ReturnedAreaSheet) -> Iterator[CellChange]:
    """Yield an answer without what does not stand; nothing if all of it is gone."""
    gone = {*sheet.look.pictures, *sheet.look.covered, *sheet.look.sheet.struck_cells}
    if gone.isdisjoint(change.cells):
        yield change
        return
    left = tuple(
        None if cell in gone else value
        for cell, value in zip(change.cells, change.cell_values, strict=True)
    )
    if not all(map(is_blank, left)):
        yield change._replace(cell_values=left)


@rule("V112")
def struck_answer(change: CellChange, sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report an answer that is struck out, in whole or in part."""
    struck_cells, words = sheet.look.sheet.struck_cells, sheet.look.sheet.struck
    filled = dict(zip(change.cells, change.cell_values, strict=True))
    whole = [cell for cell in change.cells if cell in struck_cells and not is_blank(filled[cell])]
    about = _about(sheet, change.slot)
    if whole:
        value = "\n".join(_shown(sheet, filled[cell]) for cell in whole)
        if any(not is_blank(filled[cell]) for cell in change.cells if cell not in whole):
            yield _finding(sheet, "V112", whole[0], about, reason="struck_words", value=value)
        else:
            found = _finding(sheet, "V112", whole[0], about, reason="struck_answer", value=value)
            yield found.with_severity("error")
    for cell in change.cells:
        if cell in words and cell not in whole:
            found = _finding(sheet, "V112", cell, about, reason="struck_words", value=words[cell])
            is_text = bool(change.field_type.free_text(("",)))
            yield found if is_text else found.with_severity("note")


@rule("V114")
def pale_answer(change: CellChange, sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report an answer in letters that can hardly be seen: tiny, or in the colour behind them."""
    for cell, value in zip(change.cells, change.cell_values, strict=True):
        if cell in sheet.look.sheet.pale_cells and not is_blank(value):
            about = _about(sheet, change.slot)
            yield _finding(sheet, "V114", cell, about, value=_shown(sheet, value))


@rule("S113")
def hidden_answer(change: CellChange, sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report a value below a merged cell: nobody sees it, so it is not taken."""
    for cell, value in zip(change.cells, change.cell_values, strict=True):
        merged = sheet.look.covered.get(cell)
        if merged and not is_blank(value):
            about = _about(sheet, change.slot)
            yield _finding(
                sheet,
                "S113",
                cell,
                about,
                reason="merged_hidden",
                merged=_range_name(merged),
                cell=cell_name(*cell),
                value=_shown(sheet, value),
            ).with_severity("error")


@rule("S111")
def picture_as_answer(change: CellChange, sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report an open cell that holds a picture instead of an answer."""
    for cell in change.cells:
        if cell in sheet.look.pictures:
            yield _picture(sheet, cell, _about(sheet, change.slot)).with_severity("error")


@rule("V112")
def struck_elsewhere(sheet: ReturnedAreaSheet, judged: Collection[Cell] = ()) -> Iterator[Finding]:
    """Report what is struck out besides changed answers; of a struck measure all in one."""
    keys = _hidden_key_column(sheet.look.sheet)
    struck = {
        cell: words
        for cell, words in _struck_texts(sheet)
        if cell not in judged and not (cell[1] == keys and _is_row_key(sheet, words))
    }
    rows: dict[int, list[Cell]] = defaultdict(list)
    for cell in sorted(struck):
        rows[cell[0]].append(cell)
    for cells in rows.values():
        titles = [cell for cell in cells if _is_title(sheet, cell)]
        if titles:
            ref = sheet.look.slots[titles[0]].ref
            about = About(ref=ref, what=sheet.sent.describe_node(ref))
            value = " · ".join(struck[cell] for cell in cells)
            yield _finding(sheet, "V112", titles[0], about, reason="struck_row", value=value)
        for cell in cells:
            is_answer = _is_open(sheet, cell)
            if is_answer or not titles:
                yield _struck_cell(sheet, cell, struck[cell])


def _hidden_key_column(sheet: Sheet) -> int | None:
    """Return the column of the row keys; None if it is gone, or somebody can see it."""
    col = find_key_column(sheet)
    is_hidden = any(first <= (col or 0) <= last for first, last in sheet.hidden_columns)
    return col if is_hidden else None


def _is_row_key(sheet: ReturnedAreaSheet, text: str) -> bool:
    """Return True for a text that the form was sent with in the hidden column of row keys."""
    key = parse_row_key(text)
    return text.startswith("@") or bool(key and key.refs[0] in sheet.sent.by_ref)


def _struck_texts(sheet: ReturnedAreaSheet) -> Iterator[tuple[Cell, str]]:
    yield from sheet.look.sheet.struck.items()
    for cell in sheet.look.sheet.struck_cells:
        value = _value(sheet, cell)
        if not is_blank(value):
            yield cell, _shown(sheet, value)


def _struck_cell(sheet: ReturnedAreaSheet, cell: Cell, text: str) -> Finding:
    """Return the finding about one struck cell; one that still has its sent answer is an error."""
    slot = sheet.look.slots.get(cell)
    about = _about(sheet, slot) if slot else NOTHING
    is_whole = cell in sheet.look.sheet.struck_cells
    if not _is_open(sheet, cell):
        found = _finding(sheet, "V112", cell, about, reason="struck_beside", value=text)
        return found if slot else found.with_severity("note")
    if not is_whole:
        return _finding(sheet, "V112", cell, about, reason="struck_words", value=text)
    found = _finding(sheet, "V112", cell, about, reason="struck_answer", value=text)
    return found.with_severity("error")


def _shown(sheet: ReturnedAreaSheet, value: CellValue) -> str:
    """Return a value as the leader saw it; empty for an empty cell."""
    return "" if is_blank(value) else display(value, sheet.sent.head.language)


def _value(sheet: ReturnedAreaSheet, cell: Cell) -> CellValue:
    return sheet.look.sheet.rows.get(cell[0], {}).get(cell[1])


def _field(sheet: ReturnedAreaSheet, cell: Cell) -> Field | None:
    """Return the field of a cell; None if it belongs to no slot."""
    slot = sheet.look.slots.get(cell)
    if slot is None:
        return None
    return sheet.sent.template.field_of(sheet.sent.by_ref[slot.ref].level, slot.field)


def _is_open(sheet: ReturnedAreaSheet, cell: Cell) -> bool:
    """Return True if the leader can answer in a cell."""
    field, slot = _field(sheet, cell), sheet.look.slots.get(cell)
    if field is None or slot is None:
        return False
    return sheet.sent.is_open(field, slot.date, sheet.sent.by_ref[slot.ref])


def _is_title(sheet: ReturnedAreaSheet, cell: Cell) -> bool:
    """Return True if the title of a measure or group is wholly struck out in a cell."""
    field = _field(sheet, cell)
    is_struck = cell in sheet.look.sheet.struck_cells
    return bool(is_struck and field and field.is_identifying and field.kind != "integer")


@rule("S113")
def merged_cells(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Report merged cells that cover open or filled cells of other slots than their own."""
    look, covered = sheet.look, defaultdict[SheetRange, dict[str, None]](dict)
    for cell, merged in look.covered.items():
        slot, value = look.slots[cell], _value(sheet, cell)
        is_other = slot != look.slots.get(merged[:2]) and is_blank(value)
        if is_other and (_is_open(sheet, cell) or slot in sheet.sent.values):
            covered[merged][sheet.sent.describe(slot)] = None
    for merged, names in covered.items():
        others = ", ".join([*names][:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
        shown, name = _value(sheet, merged[:2]), _range_name(merged)
        ending = "blank" if is_blank(shown) else "shown"
        yield _finding(
            sheet,
            "S113",
            merged[:2],
            reason=f"merged_{ending}",
            merged=name,
            value=_shown(sheet, shown),
            others=others,
        )


def _empty_answers(sheet: ReturnedAreaSheet) -> Iterator[Finding]:
    """Yield V102 for empty required cells that are covered or coloured.

    The rule of V102 takes these in place of its own findings. A step that need not be chosen is a
    note if its cell is coloured: the colour can be an answer.
    """
    look = sheet.look
    for cell in sorted({*look.covered, *look.coloured} & look.slots.keys()):
        if not is_blank(_value(sheet, cell)) or not _is_open(sheet, cell):
            continue
        field = _field(sheet, cell)
        about = _about(sheet, look.slots[cell])
        if field is None or not (field.required or field.scale):
            continue
        merged = look.covered.get(cell)
        if merged and field.required:
            name = _range_name(merged)
            yield _finding(sheet, "V102", cell, about, reason="merged_empty", merged=name)
        elif cell in look.coloured:
            colour = colour_name(look.coloured[cell])
            found = _finding(sheet, "V102", cell, about, reason=f"coloured_{colour}")
            yield found if field.required else found.with_severity("note")


def _picture(sheet: ReturnedAreaSheet, cell: Cell, about: About = NOTHING) -> Finding:
    text = sheet.look.pictures[cell]
    name = "cell_picture_named" if text else "cell_picture"
    return _finding(sheet, "S111", cell, about, reason=f"object_{name}", value=text)


def _finding(
    sheet: ReturnedAreaSheet, code: str, at: Cell, about: About = NOTHING, **values: str
) -> Finding:
    return Finding.create(code, Place("", sheet.name, cell_name(*at)), about, **values)


def _about(sheet: ReturnedAreaSheet, slot: Slot) -> About:
    return About("", *slot, sheet.sent.describe(slot))


def _range_name(merged: SheetRange) -> str:
    return f"{cell_name(*merged[:2])}:{cell_name(*merged[2:])}"
