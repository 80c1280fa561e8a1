"""Read a returned workbook: find its area sheets, and which slot each changed cell belongs to.

Nothing is judged here. A cell that belongs to no slot is returned with its place.

The form code on a sheet decides which area it belongs to; without one the row keys; without those
the texts of the measures. What was sent is best known by the hidden sheet of the workbook. A sheet
that was moved or copied into another workbook has none; then the coordinator's register knows what
was sent.

A hidden sheet is believed if the register's key proves that we wrote it. One that is not proven
only *claims* what was sent: its sheets are read as the register knows them, and each answer is held
against both. Without a plan there is nothing else to believe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, Protocol

from xltiltak.intake.card_row_keys import repair_row_keys
from xltiltak.intake.columns import SEARCHED_ROWS, ColumnMap, find_key_column, map_columns
from xltiltak.intake.object_rules import words_beside_cells
from xltiltak.intake.returned_sheet import (
    ReturnedAreaSheet,
    ReturnedWorkbook,
    UnexpectedCell,
    all_content,
    content_outside_grid,
)
from xltiltak.intake.row_reader import CardReader
from xltiltak.intake.sheet_look import SheetLook
from xltiltak.intake.slot_cells import slots_by_cell
from xltiltak.intake.table_reader import TableReader
from xltiltak.intake.unmoved import read_unmoved
from xltiltak.layout.geometry import FIRST_LAYOUT, LAYOUT, geometry_of
from xltiltak.layout.guidance import FILLED_BY_KEY, MESSAGE_KEY
from xltiltak.merging.collection import is_same_report
from xltiltak.model.carried import carried_steps, with_steps
from xltiltak.model.cell_values import display
from xltiltak.model.errors import ForeignWorkbook, OtherTemplate, SkippedFile
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.normalize import normalize
from xltiltak.model.register import Correction, Register
from xltiltak.model.report import BLANK_AREA, Area, Report, Slot
from xltiltak.model.row_keys import find_form_code, form_code, parse_row_key
from xltiltak.model.values import ValueTableBuilder
from xltiltak.snapshot.hidden_sheet import (
    CORRECTION_LIST_KEY,
    REGISTER_ROW,
    SHEET_NAME,
    Snapshot,
    parse_snapshot,
)
from xltiltak.snapshot.register_json import load_correction
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.cell_pictures import pictures_in_cells
from xltiltak.xlsx.inventory import Inventory, take_inventory
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_reader import Sheet, read_sheets

_NO_CORRECTION = Correction()
_LATER_SENDINGS = 4  # sendings beyond the register's count whose codes are recognised too
_TEXT_SHARE = 0.5  # share of an area's texts that identifies a sheet without code and row keys


def read_form(
    package: Package, register_forms: RegisterForms | None = None, key: str = ""
) -> ReturnedWorkbook:
    """Return the area sheets of a workbook and all its other content. Raises WorkbookError.

    With `register_forms`, sheets are also recognised that were moved or copied out of the workbook
    they were sent in; otherwise only those that the workbook's own snapshot knows. `key` is the
    register's: it proves a snapshot.
    """
    sheets = list(read_sheets(package))
    hidden = next((s for s in sheets if s.rows.get(1, {}).get(1) == SHEET_NAME), None)
    inventory = take_inventory(package)
    visible = list(_looks(package, (s for s in sheets if s is not hidden), inventory))
    if hidden and any(row.get(1) == REGISTER_ROW for row in hidden.rows.values()):
        # The coordinator's own workbook: only forms that were moved into it are read.
        forms = [look for look in visible if is_leader_form(look.sheet)]
        if register_forms is None or not forms:
            raise SkippedFile("own")
        return _read_sheets(forms, None, [register_forms], package, Inventory())
    try:
        snapshot = _read_snapshot(hidden, register_forms, key)
        workbook = _read_sheets(
            visible, snapshot, _sources(snapshot, register_forms), package, inventory
        )
    except (ForeignWorkbook, OtherTemplate) as error:
        error.cell_texts = tuple(_cell_texts(visible))
        raise
    return replace(workbook, has_unusable_record=hidden is not None and snapshot is None)


def cells_as_shown(package: Package) -> Iterator[tuple[str, str, str]]:
    """Yield sheet, cell and text of everything in a workbook that a person can see.

    Raises WorkbookError.
    """
    sheets = (s for s in read_sheets(package) if s.rows.get(1, {}).get(1) != SHEET_NAME)
    yield from _cell_texts(_looks(package, sheets, take_inventory(package)))


def _looks(package: Package, sheets: Iterable[Sheet], inventory: Inventory) -> Iterator[SheetLook]:
    """Yield each sheet with what lies on it and the pictures in its cells."""
    for sheet in sheets:
        yield SheetLook(sheet, inventory.on(sheet.part), pictures_in_cells(package, sheet))


def _cell_texts(looks: Iterable[SheetLook]) -> Iterator[tuple[str, str, str]]:
    """Yield sheet, cell and text of everything except the row keys, in a column that is hidden."""
    for look in looks:
        key_column = find_key_column(look.sheet)
        row_keys = {cell_name(row, key_column) for row in look.sheet.rows} if key_column else set()
        for found in (*all_content(look), *words_beside_cells(look)):
            if found.cell not in row_keys:
                yield look.sheet.name, found.cell, display(found.value)
        for cell, words in look.sheet.struck.items():
            if cell not in look.sheet.struck_cells:  # left out of the value
                yield look.sheet.name, cell_name(*cell), words


def _sources(snapshot: Snapshot | None, register_forms: RegisterForms | None) -> list[SentForms]:
    """Return what knows which forms were sent, the one to believe first."""
    if register_forms is None:
        return [EmbeddedSnapshot(snapshot)] if snapshot else []
    if snapshot is None:
        return [register_forms]
    if register_forms.decide_about(snapshot):
        return [_ClaimedForms(register_forms, snapshot)]
    return [EmbeddedSnapshot(snapshot), register_forms]


def _read_snapshot(
    hidden: Sheet | None, register_forms: RegisterForms | None, key: str
) -> Snapshot | None:
    """Return the workbook's own snapshot; None if only the register can say what was sent.

    Raises ForeignWorkbook if there is no usable snapshot and no register either.
    """
    if hidden is None:
        if register_forms is None:
            raise ForeignWorkbook("alone")
        return None
    try:
        return parse_snapshot(hidden.rows, key)
    except ForeignWorkbook:
        if register_forms is None:
            raise
        return None


def _read_sheets(
    looks: Sequence[SheetLook],
    snapshot: Snapshot | None,
    sources: Sequence[SentForms],
    package: Package,
    inventory: Inventory,
) -> ReturnedWorkbook:
    """Read the area sheets among some sheets; everything on the others is unexpected.

    Raises ForeignWorkbook if there is no area sheet.
    """
    records = snapshot.correction_records if snapshot else {}
    correction = _NO_CORRECTION
    if snapshot and snapshot.is_proven and records:
        correction = load_correction(snapshot.sent, records)
    area_sheets, others = _read_located(looks, sources, is_correction=bool(records))
    if not area_sheets:
        raise ForeignWorkbook("areas" if snapshot else "hidden")
    for area_sheet in area_sheets:
        area_sheet.unexpected_cells = _typed(area_sheet.unexpected_cells, correction)
    return ReturnedWorkbook(
        snapshot.sent if snapshot else area_sheets[0].sent,
        snapshot.areas if snapshot else {},
        tuple(area_sheets),
        tuple(
            (look.sheet.name, found)
            for look in others
            for found in _typed(list(all_content(look)), correction)
        ),
        tuple(look.sheet.name for look in others if _is_like_form(look.sheet, sources)),
        tuple(package.active_parts),
        correction,
        tuple(_without_own(look, correction) for look in others),
        tuple(inventory.beside_worksheets()),
        is_proven=bool(snapshot and snapshot.is_proven),
        has_unproven_answers=bool(records) and correction is _NO_CORRECTION,
        has_answers_of_others=bool(snapshot and _areas_in(records) - {*snapshot.sent.area_refs}),
    )


def _read_located(
    looks: Iterable[SheetLook], sources: Sequence[SentForms], *, is_correction: bool
) -> tuple[list[ReturnedAreaSheet], list[SheetLook]]:
    """Read the sheets that belong to an area; return them and all other sheets.

    The list of problems in a correction form belongs to none.
    """
    area_sheets: list[ReturnedAreaSheet] = []
    others: list[SheetLook] = []
    for look in looks:
        is_list = is_correction and _is_correction_list(look.sheet)
        located = None if is_list else locate_sheet(look.sheet, sources)
        if located:
            area_sheets.append(_read_area_sheet(look, located))
        else:
            others.append(look)
    return area_sheets, others


def _without_own(look: SheetLook, correction: Correction) -> SheetLook:
    """Return the look of a sheet, without the links and pages of our list in a correction form."""
    if not correction.own_texts or not _is_correction_list(look.sheet):
        return look
    return replace(look, sheet=replace(look.sheet, links=[], page_texts=[]))


def _areas_in(records: object) -> set[str]:
    """Return the areas that carried answers are about. Nothing else of the records is checked."""
    return {
        area
        for file in _items(records, "carried")
        for sheet in _items(file, "sheets")
        if isinstance(sheet, dict) and isinstance(area := sheet.get("area"), str)
    }


def _items(content: object, name: str) -> Sequence[object]:
    """Return the list of this name in JSON that may be anything; empty if there is none."""
    found = content.get(name) if isinstance(content, dict) else None
    return found if isinstance(found, list) else ()


def _is_correction_list(sheet: Sheet) -> bool:
    """Return True if it is the list of problems in a correction form."""
    return any(CORRECTION_LIST_KEY in row.values() for row in sheet.rows.values())


def _typed(cells: list[UnexpectedCell], correction: Correction) -> list[UnexpectedCell]:
    """Return the cells without those that we wrote ourselves in a correction form."""
    if not correction.own_texts:
        return cells
    return [found for found in cells if normalize(display(found.value)) not in correction.own_texts]


def _read_area_sheet(look: SheetLook, located: LocatedSheet) -> ReturnedAreaSheet:
    """Read one area sheet: as it was sent but for its answers, or else row by row."""
    carried = carried_steps(located.sent)
    found = ReturnedAreaSheet(
        look.sheet.name,
        located.area,
        with_steps(located.sent, carried),
        code=located.code,
        conflicting_area=located.conflicting_area,
        first_out_of_bounds=look.sheet.first_out_of_bounds or "",
        look=look,
        claimed=located.claimed,
        layout=located.layout,
        names=located.names,
        carried=carried,
    )
    if not read_unmoved(look, found):
        _read_rows(found)
    if any(field.unit_from for field in found.sent.template.fields):
        typed = found.sent.type_in_row
        found.changes = [
            one._replace(field_type=typed(one.field_type, one.field, one.slot.ref))
            for one in found.changes
        ]
    found.unexpected_cells += content_outside_grid(look)
    return found


def _read_rows(found: ReturnedAreaSheet) -> None:
    """Read an area sheet row by row, after the row keys of its cards were repaired."""
    look, sheet, sent = found.look, found.look.sheet, found.sent
    columns = _columns(sheet, sent, found.layout)
    repair = repair_row_keys(sheet, columns, columns.read_row_keys(sheet), sent, found.area)
    found.moved_refs, found.displaced_refs = [*repair.moved], repair.lost
    reader = (TableReader if columns.geometry.is_table else CardReader)(
        sheet, columns, repair.keys, found
    )
    reader.read()
    found.recipients = _recipients_shown(found)
    if claimed := found.claimed:  # what was added to the plan since was never on the sheet
        found.missing_refs = [ref for ref in found.missing_refs if ref in claimed.by_ref]
        found.missing_slots = [slot for slot in found.missing_slots if slot in claimed.values]
        found.moved_refs = [ref for ref in found.moved_refs if ref in claimed.by_ref]
    elif found.recipients is not None:
        found.missing_refs = [
            ref for ref in found.missing_refs if found.recipients & sent.recipients[ref]
        ]
    if look.has_marks():
        look.slots = slots_by_cell(reader)
        pictures = {cell_name(*cell) for cell in look.pictures}
        found.unexpected_cells = [c for c in found.unexpected_cells if c.cell not in pictures]


def _recipients_shown(found: ReturnedAreaSheet) -> frozenset[str] | None:
    """Return whose rows are on a sheet; None if what was sent has rows of one recipient only.

    What the register says was sent has the rows of all recipients of an area. Which of them got
    the form, only its rows show: a record that is not proven is not believed about that.
    """
    sent, missing = found.sent, frozenset(found.missing_refs)
    names = {ref: sent.recipients[ref] for ref in sent.end_refs} if sent.recipients else {}
    if len(frozenset().union(*names.values())) <= 1:
        return None
    return frozenset().union(*(whose for ref, whose in names.items() if ref not in missing))


class SentForms(Protocol):
    """A source that knows which forms were sent, and what was in them."""

    def by_code(self, code: str) -> tuple[str, Report] | None:
        """Return the area of a form code and its part of the report as sent; None if unknown."""

    @property
    def report(self) -> Report:
        """Return the report whose areas and nodes the forms have."""

    @property
    def parts(self) -> Mapping[str, Report]:
        """Return the part of every area as it was sent last."""

    @property
    def claimed(self) -> Report | None:
        """Return what the workbook says it was sent with, if that is not believed."""

    @property
    def layout(self) -> int | None:
        """Return the number of the layout of its sheets; None if each sheet has to be looked at."""

    @property
    def names(self) -> Mapping[str, str]:
        """Return the names of the areas that were sent in one form; none if that is not known."""


class EmbeddedSnapshot:
    """The forms that a workbook's own hidden sheet knows."""

    claimed = None

    def __init__(self, snapshot: Snapshot) -> None:
        self.report, self.layout = snapshot.sent, snapshot.layout
        self.names = {ref: self.report.area_name(ref) for ref in self.report.area_refs}

    def by_code(self, code: str) -> tuple[str, Report] | None:
        """Return the area and what was sent in its form; None for a code of another workbook."""
        area = self._areas_by_code.get(code)
        return (area, self.parts[area]) if area else None

    @cached_property
    def parts(self) -> Mapping[str, Report]:
        """Return what was sent, area by area."""
        return self.report.parts()

    @cached_property
    def _areas_by_code(self) -> Mapping[str, str]:
        return {form_code(part, ref): ref for ref, part in self.parts.items()}


class RegisterForms:
    """The forms that the register has sent, as far as it still knows what was in them.

    A first sending had the values from before any return, a later one the values of now.
    """

    claimed = layout = None
    names: Mapping[str, str] = MappingProxyType({})

    def __init__(self, register: Register, *, is_from_plan: bool = True) -> None:
        self.register, self.is_from_plan = register, is_from_plan

    def __getstate__(self) -> tuple[bytes, bool, frozenset[str]]:
        """Return the state for another process, where few files need the register."""
        return self._pickled, self.is_from_plan, self.refs

    def __setstate__(self, state: tuple[bytes, bool, frozenset[str]]) -> None:
        self._pickled, self.is_from_plan, self.refs = state

    @cached_property
    def refs(self) -> frozenset[str]:
        """Return the refs of all nodes that the register has."""
        return frozenset(self.report.by_ref)

    @cached_property
    def _pickled(self) -> bytes:
        import pickle  # few merges use several processes

        return pickle.dumps(self.register)

    @cached_property
    def register(self) -> Register:
        """Return the register; another process unpacks it when a file needs it."""
        import pickle

        register: Register = pickle.loads(self._pickled)  # noqa: S301 - from our own process
        return register

    @property
    def report(self) -> Report:
        """Return the report of the register."""
        return self.register.report

    def decide_about(self, snapshot: Snapshot) -> bool:
        """Return True if the register is believed and not the snapshot.

        That is so for a form of the same report that is not proven to be ours. A register that was
        made of the forms themselves proves nothing.
        """
        is_unproven = self.is_from_plan and not snapshot.is_proven
        return is_unproven and is_same_report(snapshot.sent, self.report)

    def by_code(self, code: str) -> tuple[str, Report] | None:
        """Return the area and what was sent in its form; None for a code of another report."""
        for area in self._known_areas:
            if code.startswith(f"{area}-"):
                for day, sending in self._sendings(area):
                    if code == self._code_of(area, day, sending):
                        return area, self._sent_part(area, day, sending)
        return None

    @cached_property
    def parts(self) -> Mapping[str, Report]:
        """Return what each area's last form was sent with."""
        report = self.report
        return {
            ref: self._sent_part(ref, report.head.current, report.areas.get(ref, BLANK_AREA).sent)
            for ref in self._known_areas
        }

    @cached_property
    def _known_areas(self) -> tuple[str, ...]:
        """Return the areas whose measures are known: without a plan only those whose form came."""
        refs = self.register.report.area_refs
        if self.is_from_plan:
            return refs
        parts = self._current_parts
        return tuple(ref for ref in refs if any(node.ref != ref for node in parts[ref].nodes))

    def _sendings(self, area: str) -> Iterator[tuple[date | None, int]]:
        """Yield the sendings of a form, each with its open date: those of now come first."""
        head = self.report.head
        last = self.report.areas.get(area, BLANK_AREA).sent + _LATER_SENDINGS
        for day in dict.fromkeys((head.current, *head.dates)):
            yield from ((day, sending) for sending in range(last))

    def _code_of(self, area: str, day: date | None, sending: int) -> str:
        """Return the form code of a sending."""
        head = replace(self.report.head, current=day)
        sent = replace(self.report, head=head, areas={area: Area(sent=sending)})
        return form_code(sent, area)

    def _sent_part(self, area: str, day: date | None, sending: int) -> Report:
        """Return an area's part as this sending had it."""
        part = (self._first_parts if sending <= 1 else self._current_parts)[area]
        asked_again = frozenset[Slot]() if sending <= 1 else self.register.asked_again
        return replace(
            part,
            asked_again=asked_again,
            head=replace(part.head, current=day),
            areas={area: replace(part.areas.get(area, BLANK_AREA), sent=sending)},
        )

    @cached_property
    def _current_parts(self) -> Mapping[str, Report]:
        return self.report.parts()

    @cached_property
    def _first_parts(self) -> Mapping[str, Report]:
        """Return the parts with the values from before any return."""
        values = ValueTableBuilder(self.report.value_table)
        for slot, value in self.register.previous_values.items():
            values[slot] = value
        return replace(self.report, values=values.build()).parts()


class _ClaimedForms:
    """The forms of a register, for a workbook with a snapshot that is not proven.

    A form code on a sheet tells its date; without one the sheet is of the date in the snapshot. A
    correction form holds answers that came back before: what it was sent with is not known.
    """

    def __init__(self, forms: RegisterForms, snapshot: Snapshot) -> None:
        self.forms, self.report, self.day = forms, forms.report, snapshot.sent.head.current
        self.layout = snapshot.layout
        self.names = {ref: snapshot.sent.area_name(ref) for ref in snapshot.sent.area_refs}
        self.claimed = None if snapshot.correction_records else snapshot.sent

    def by_code(self, code: str) -> tuple[str, Report] | None:
        """Return the area and what was sent in its form; None for a code of another report."""
        return self.forms.by_code(code)

    @cached_property
    def parts(self) -> Mapping[str, Report]:
        """Return what each area's form was sent with."""
        return {
            ref: replace(part, head=replace(part.head, current=self.day))
            for ref, part in self.forms.parts.items()
        }


class LocatedSheet(NamedTuple):
    """A sheet that belongs to an area.

    `sent` is the area's part as it was sent, `code` the form code on the sheet.
    `conflicting_area` is the area that the row keys name if it is another one; empty otherwise.
    `claimed` is what the workbook says it was sent with, if the register knows it better. `layout`
    is the number of its layout, `names` are those of all areas in the same form, by ref.
    """

    area: str
    sent: Report
    code: str
    conflicting_area: str = ""
    claimed: Report | None = None
    layout: int = LAYOUT
    names: Mapping[str, str] = MappingProxyType({})


def locate_sheet(sheet: Sheet, sources: Sequence[SentForms]) -> LocatedSheet | None:
    """Return the area of a sheet, by its code, its row keys or its texts; None if none fits."""
    code = visible_form_code(sheet)
    for source in sources:
        if found := source.by_code(code):
            area, sent = found
            by_keys = ""
            if len(source.report.area_refs) > 1:
                by_keys = _area_by_keys(source.report, set(refs_in_sheet(sheet)))
            conflicting = by_keys if by_keys != area else ""
            claimed, layout = _claim(source, area), _layout_of(sheet, source)
            return LocatedSheet(area, sent, code, conflicting, claimed, layout, source.names)
    refs = set(refs_in_sheet(sheet))
    by_content = (
        (
            source,
            _area_by_keys(source.report, refs) if refs else _area_by_texts(source.parts, sheet),
        )
        for source in sources
    )
    for source, area in by_content:
        if area:
            claimed, layout = _claim(source, area), _layout_of(sheet, source)
            part, names = source.parts[area], source.names
            return LocatedSheet(area, part, code, "", claimed, layout, names)
    return None


def _claim(source: SentForms, area: str) -> Report | None:
    """Return what a workbook says it was sent with, if it says so of this area."""
    return source.claimed if source.claimed and area in source.claimed.area_refs else None


def _layout_of(sheet: Sheet, source: SentForms) -> int:
    """Return the layout of a sheet: its workbook's own, or else by what only the present one has.

    That is the row in which the leader says who has filled in the form.
    """
    if source.layout is not None:
        return source.layout
    labels = _labels_of_row("filled_by", "filled_by_on_card")
    texts = {FILLED_BY_KEY, *labels}
    is_present = any(text in texts for row in _top_rows(sheet) for text in row.values())
    return LAYOUT if is_present else FIRST_LAYOUT


def _labels_of_row(*keys: str) -> set[str]:
    """Return the labels of rows in which a leader writes about the whole sheet, in any language."""
    return {translate(f"sheet.{key}", language) for language in LANGUAGES for key in keys}


def visible_form_code(sheet: Sheet) -> str:
    """Return the form code on the sheet, also one of another report; empty if there is none."""
    for row in _top_rows(sheet):
        for text in row.values():
            if isinstance(text, str) and (code := find_form_code(text)):
                return code
    return ""


def refs_in_sheet(sheet: Sheet) -> Iterator[str]:
    """Yield the refs in the row keys of nodes, whichever column the keys stand in now."""
    col = find_key_column(sheet)
    if col is None:
        return
    for row in sheet.rows.values():
        text = row.get(col)
        key = parse_row_key(text) if isinstance(text, str) else None
        if key and not key.field:
            yield from key.refs


def is_leader_form(sheet: Sheet) -> bool:
    """Return True if it is a leader's area sheet and not the coordinator's.

    Only a leader's sheet has room for a message.
    """
    texts = {MESSAGE_KEY, *_labels_of_row("message", "message_on_card")}
    return any(text in texts for row in _top_rows(sheet) for text in row.values())


def _is_like_form(sheet: Sheet, sources: Sequence[SentForms]) -> bool:
    """Return True if a sheet has a form code, row keys, or the labels of a form's table."""
    if visible_form_code(sheet) or any(refs_in_sheet(sheet)):
        return True
    parts = (part for source in sources for part in source.parts.values())
    part = next(parts, None)
    return part is not None and _columns(sheet, part).label_row is not None


def _columns(sheet: Sheet, sent: Report, layout: int = LAYOUT) -> ColumnMap:
    head = sent.head
    geometry = geometry_of(sent.template, head.dates, head.language, layout=layout)
    return map_columns(sheet, geometry)


def _area_by_keys(report: Report, refs: set[str]) -> str:
    """Return the area that most of the refs belong to; empty if they belong to none."""
    counts = Counter(report.area_of[ref] for ref in refs if ref in report.area_of)
    named = (area for area in report.area_refs if area in counts)
    return max(named, key=lambda area: counts[area], default="")


def _area_by_texts(parts: Mapping[str, Report], sheet: Sheet) -> str:
    """Return the one area whose measures are on the sheet; empty if there is none, or several."""
    texts = {
        normalize(value)
        for row in sheet.rows.values()
        for value in row.values()
        if isinstance(value, str)
    }
    shares = {area: _share_of_texts(part, texts) for area, part in parts.items()}
    highest = max(shares.values(), default=0.0)
    best = [area for area, share in shares.items() if share == highest >= _TEXT_SHARE]
    return best[0] if len(best) == 1 else ""


def _share_of_texts(part: Report, texts: set[str]) -> float:
    """Return the share of the texts that identify the area's measures that is among `texts`."""
    leaf = part.template.leaf
    keys = [field.id for field in part.template.fields_of(leaf.id) if field.is_identifying]
    values = [
        part.values.get(Slot(node.ref, key))
        for node in part.nodes
        if node.level == leaf.id
        for key in keys
    ]
    sent = [normalize(value) for value in values if isinstance(value, str)]
    return sum(text in texts for text in sent) / len(sent) if sent else 0.0


def _top_rows(sheet: Sheet) -> Iterable[Mapping[int, object]]:
    return (row for number, row in sheet.rows.items() if number <= SEARCHED_ROWS)
