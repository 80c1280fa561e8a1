"""Read the lists that the coordinator edits, and turn all their edits into a register.

The lists are details of the report, areas and accepted proposals. Each row has a key in column A:
`head|FIELD`, `area|CODE`, `columns|NAMES` (above the areas), `proposal|KEY` or `finding|KEYS`. So a
row is found wherever it was moved to. All columns are counted from 1.

Edits are: new measures, new and renamed areas, values typed over those of the last merge, accepted
and refused proposals, and handled findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, date
from typing import Any

from xltiltak.layout.list_rows import AREA_COLUMNS, HANDLED_COLUMN, row_check
from xltiltak.merging.registry import rule
from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.decisions import decision_of
from xltiltak.model.field_types import DateType
from xltiltak.model.finding import ANYWHERE, About, Finding, Place
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.normalize import normalize
from xltiltak.model.own_content import NO_OWN_CONTENT, OwnContent
from xltiltak.model.readings import read, refusal
from xltiltak.model.register import Proposal, Register
from xltiltak.model.report import BLANK_AREA, Area, Head, Node, Report, Slot
from xltiltak.model.row_keys import area_code, codes_in_use, spelled_code
from xltiltak.model.written_dates import date_readings
from xltiltak.model.written_numbers import parse_number
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.sheet_reader import Sheet

_DEFAULT_AREA_COLUMNS = ("leader", "deputy", "email", "language", "intro", "predecessor")
_DATE = DateType()
_VALUE = 3  # of a detail of the report
_AREA_CODE, _AREA_NAME = 2, 3
_FIRST_AREA_COLUMN = 4
_ACCEPTED = 2
_KINDS = ("head", "columns", "area", "proposal", "finding")


@dataclass(frozen=True, slots=True)
class NewArea:
    """A row that was added to the table of areas. `code` is the one that was typed, or empty."""

    name: str
    code: str
    area: Area

    def ref(self, taken: Collection[str]) -> str:
        """Return the code of the area: the one that was typed if it can be one and is not taken."""
        typed = spelled_code(self.code)
        return typed if typed and typed not in taken else area_code(self.name, taken)


@dataclass(frozen=True, slots=True)
class HeadSheet:
    """The lists as they were read.

    `areas` and `area_names` are by area code. `new_areas` are the rows of areas without a code.
    `findings` are about cells that could not be read.
    """

    head: Head
    areas: Mapping[str, Area]
    area_names: Mapping[str, str]
    new_areas: tuple[NewArea, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _KeyedRow:
    """A row of a list: the two parts of its key, its cells by column, its sheet and row number.

    `language` is that of the report.
    """

    kind: str
    name: str
    cells: Mapping[int, CellValue]
    sheet: str
    number: int
    language: str

    def text(self, column: int) -> str:
        """Return the text of a cell, empty for a blank one."""
        value = self.cells.get(column)
        return "" if is_blank(value) else display(value, self.language)

    @property
    def value_place(self) -> Place:
        """Return the place of the value, for a finding."""
        return Place("", self.sheet, cell_name(self.number, _VALUE))


def read_head(sheets: Iterable[Sheet], sent: Report) -> HeadSheet:
    """Return the lists in a workbook that was written from `sent`.

    A detail without a row, or that cannot be read, keeps its value in `sent`. A finding reports
    what cannot be read.
    """
    rows = list(_keyed_rows(sheets, sent.head.language))
    findings: list[Finding] = []
    details: dict[str, Any] = {}
    dates: set[date] = set()
    for row in rows:
        if row.kind == "head" and row.name == "date":
            if day := _read_date(row, _sent_date(row, sent.head), sent.head, findings):
                dates.add(day)
        elif row.kind == "head":
            details[row.name] = _read_detail(row, sent.head, findings)
    if dates:
        details["dates"] = tuple(sorted(dates))
    areas, area_names, new_areas = _read_areas(rows, sent)
    head = replace(sent.head, **details)
    return HeadSheet(head, areas, area_names, tuple(new_areas), tuple(findings))


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the coordinator wrote in the lists of proposals and findings.

    `proposals` has the text beside each proposal by its key, `findings` that beside each finding by
    its fingerprint; "" for an empty cell. What is not listed is not there.
    """

    proposals: Mapping[str, str]
    findings: Mapping[str, str]


def read_decisions(sheets: Iterable[Sheet]) -> Decisions:
    """Return what the coordinator decided in the lists of proposals and findings."""
    proposals: dict[str, str] = {}
    findings: dict[str, str] = {}
    for sheet in sheets:
        rows = list(_keyed_rows([sheet], "nb"))
        for row in rows:
            if row.kind == "proposal":
                proposals[row.name] = _decision_text(row.cells.get(_ACCEPTED), row)
        findings |= _read_handled(sheet, [row for row in rows if row.kind == "finding"])
    return Decisions(proposals, findings)


def _decision_text(value: CellValue, row: _KeyedRow) -> str:
    """Return the text beside a proposal; that of a ticked cell is a yes or a no."""
    if isinstance(value, bool):
        return translate("book.yes" if value else "book.refuse", row.language)
    return row.text(_ACCEPTED).strip()


def _read_handled(sheet: Sheet, rows: Sequence[_KeyedRow]) -> dict[str, str]:
    """Return the text beside each finding by its fingerprint.

    The key of a row has the fingerprint, and a check sum of the row's texts: if only the visible
    columns were sorted, the texts tell which finding a row is about.
    """
    column = _handled_column(sheet)
    checks = Counter(check for row in rows for check in [_parted(row.name)[2]])
    by_check = {
        check: fingerprint
        for row in rows
        for fingerprint, _, check in [_parted(row.name)]
        if checks[check] == 1
    }
    found: dict[str, str] = {}
    for row in rows:
        texts = [row.text(col) for col in sorted(row.cells) if col not in (1, column)]
        fingerprint = by_check.get(row_check(texts), _parted(row.name)[0])
        found[fingerprint] = row.text(column).strip() or found.get(fingerprint, "")
    return found


def _parted(name: str) -> tuple[str, str, str]:
    """Return the fingerprint, a bar and the check sum of a row's key."""
    return name.partition("|")


def _handled_column(sheet: Sheet) -> int:
    """Return the column in which findings are handled, by its label; it may have been moved."""
    labels = {translate("book.handled", language) for language in LANGUAGES}
    for cells in sheet.rows.values():
        for column, value in cells.items():
            if value in labels:
                return column
    return HANDLED_COLUMN


def fields_of_lists(sheet: Sheet, language: str) -> frozenset[tuple[int, int]]:
    """Return row and column of each cell of a list that is read: keys, and what is typed in."""
    handled, columns = _handled_column(sheet), (_AREA_CODE, _AREA_NAME)
    rows = list(_keyed_rows([sheet], language))
    of_areas = *columns, *(column for column, _ in _area_columns(rows))
    of_kind = {"head": (_VALUE,), "proposal": (_ACCEPTED,), "finding": (handled,), "area": of_areas}
    return frozenset(
        (row.number, column)
        for row in rows
        for column in (1, *of_kind.get(row.kind, ()))
        if column != _AREA_CODE or row.kind != "area" or not row.name
    )


def typed_beside_findings(sheet: Sheet, language: str) -> dict[int, list[int]]:
    """Return the columns that were typed in, by the row of each finding.

    The check sum in a row's key tells if its texts are as they were written. If one of them was
    added, the others still are; if one was typed over, that may be any of them.
    """
    rows = [row for row in _keyed_rows([sheet], language) if row.kind == "finding"]
    checks = {check for row in rows if (check := _parted(row.name)[2])}
    column, typed = _handled_column(sheet), dict[int, list[int]]()
    for row in rows:
        texts = {col: row.text(col) for col in sorted(row.cells) if col not in (1, column)}
        added = next((cols for cols in _one_or_more(texts) if _rest(texts, cols) in checks), None)
        typed[row.number] = [*texts] if added is None and checks else [*(added or ())]
    return typed


def _one_or_more(texts: Mapping[int, str]) -> Iterator[Sequence[int]]:
    """Yield the columns that may have been added to a row: none, one, and the last ones."""
    columns = [*texts]
    yield ()
    yield from ((col,) for col in reversed(columns))
    yield from (columns[start:] for start in range(len(columns) - 2, 0, -1))


def _rest(texts: Mapping[int, str], left_out: Collection[int]) -> str:
    """Return the check sum of a row without some columns."""
    return row_check(text for col, text in texts.items() if col not in left_out)


def _keyed_rows(sheets: Iterable[Sheet], language: str) -> Iterator[_KeyedRow]:
    """Yield the rows of the lists. A row without a key in the table of areas is a new area."""
    for sheet in sheets:
        above = ""  # the kind of the row directly above
        last = 0
        for number, cells in sheet.rows.items():
            kind, bar, name = str(cells.get(1) or "").partition("|")
            if not bar and not kind and above in ("columns", "area") and number == last + 1:
                kind, bar = "area", "" if is_blank(cells.get(_AREA_NAME)) else "|"
            above, last = kind, number
            if bar and kind in _KINDS:
                yield _KeyedRow(kind, name, cells, sheet.name, number, language)


def _read_detail(row: _KeyedRow, head: Head, findings: list[Finding]) -> str | int | date | None:
    """Return one detail of the report; that of `head` and a finding if it cannot be read."""
    if row.name in ("current", "deadline"):
        return _read_date(row, getattr(head, row.name), head, findings)
    if row.name == "language":
        return _read_language(row, head, findings)
    if row.name != "year":
        return row.text(_VALUE)
    year = parse_number(row.cells.get(_VALUE), head.language)
    if year is None or year != int(year) or not MINYEAR <= year <= MAXYEAR:
        findings.append(Finding.create("V103", row.value_place, value=row.text(_VALUE)))
        return head.year
    return int(year)


def _read_language(row: _KeyedRow, head: Head, findings: list[Finding]) -> str:
    """Return the language of the report; that of `head` and a finding if it is none of ours."""
    language = row.text(_VALUE).strip().casefold()
    if language in LANGUAGES:
        return language
    values = {"value": row.text(_VALUE) or "–", "allowed": ", ".join(LANGUAGES)}
    findings.append(Finding.create("V101", row.value_place, **values))
    return head.language


def _sent_date(row: _KeyedRow, head: Head) -> date | None:
    """Return the reporting date that a cell still means; None if it means another day."""
    days = date_readings(row.cells.get(_VALUE), head.language)
    return next((day for day in days if day in head.dates), None)


def _read_date(
    row: _KeyedRow, previous: date | None, head: Head, findings: list[Finding]
) -> date | None:
    """Return a date, None for a blank cell; `previous` and a finding if it cannot be read."""
    cells = (row.cells.get(_VALUE),)
    reading = read(_DATE, cells, head, previous)
    if reading.outcome == "invalid":
        code, values = refusal(_DATE, cells, reading, head.language)
        findings.append(Finding.create(code, row.value_place, **values))
        return previous
    return reading.value if isinstance(reading.value, date) else None


def _read_areas(
    rows: Sequence[_KeyedRow], sent: Report
) -> tuple[dict[str, Area], dict[str, str], list[NewArea]]:
    """Return the areas and the area names by code, and the areas without a code.

    Of rows with one key, all but one are copies that were typed over: new areas.
    """
    areas, names = dict(sent.areas), dict[str, str]()
    new_areas: list[NewArea] = []
    columns, of_areas = _area_columns(rows), [row for row in rows if row.kind == "area"]
    for row in of_areas:
        texts = {field: row.text(column) for column, field in columns}
        name = row.text(_AREA_NAME)
        if row.name and row is _original(of_areas, row.name, sent):
            names[row.name] = name
            if any(texts.values()) or row.name in areas:
                area = areas.get(row.name, BLANK_AREA)
                areas[row.name] = replace(area, **texts)  # type: ignore[arg-type]
        elif name := name or row.text(_AREA_CODE):
            area = Area(**texts)  # type: ignore[arg-type]
            new_areas.append(NewArea(name, row.text(_AREA_CODE), area))
    return areas, names, new_areas


def _original(rows: Iterable[_KeyedRow], code: str, sent: Report) -> _KeyedRow:
    """Return the row of an area: of several with its key the one that has its name, or the first.

    Excel puts a copied row above its original.
    """
    alike = [row for row in rows if row.name == code]
    return max(alike, key=lambda row: row.text(_AREA_NAME) == sent.area_name(code))


def _area_columns(rows: Iterable[_KeyedRow]) -> list[tuple[int, str]]:
    """Return column and field of the columns of the table of areas, without unknown fields."""
    fields: Sequence[str] = _DEFAULT_AREA_COLUMNS
    for row in rows:
        if row.kind == "columns":
            fields = row.name.split(",")
            break
    numbered = enumerate(fields, _FIRST_AREA_COLUMN)
    return [(column, field) for column, field in numbered if field in AREA_COLUMNS]


def apply_edits(
    register: Register,
    visible: Report,
    head_sheet: HeadSheet,
    new_rows: Mapping[str, Finding],
    decisions: Decisions,
    own: OwnContent = NO_OWN_CONTENT,
) -> Register:
    """Return the register as the coordinator edited it.

    `register` is the one the workbook was written from, `visible` the report in its area sheets.
    `new_rows` are the rows without a ref, each by the provisional ref that it has in `visible`.
    `decisions` are about proposals and findings, `own` the own columns and sheets.
    """
    before = register.report
    visible, emptied = _without_carried(visible, register)
    report, findings = _add_new_areas(visible, before, head_sheet)
    report, ref_of = _number_new_rows(report, new_rows)
    rows_without_ref = tuple(replace(found, ref=ref_of[ref]) for ref, found in new_rows.items())
    report = _rename_areas(report, before, head_sheet.area_names)
    overridden = register.overridden_slots | _overridden_slots(register, report) | emptied
    edited = replace(
        register,
        report=report,
        overridden_slots=overridden,
        rows_without_ref=rows_without_ref,
        findings=(*register.findings, *findings),
        own=own.with_refs(ref_of),
    )
    handled = {**edited.handled, **decisions.findings}
    edited = replace(edited, handled={key: text for key, text in handled.items() if text})
    return _decide_proposals(edited, decisions.proposals)


@rule("M123")
def _add_new_areas(
    report: Report, before: Report, head_sheet: HeadSheet
) -> tuple[Report, list[Finding]]:
    """Return the report with the new rows of the table of areas, and a finding for each half area.

    A row and a new sheet of one name are one area. The row of an area without a sheet gives an
    area without measures. A template without areas has none to add.
    """
    level = report.template.area_level
    if level is None:
        return report, []
    without_row = {
        normalize(report.area_name(ref)): ref
        for ref in report.area_refs
        if ref not in before.area_refs
    }
    for new in head_sheet.new_areas:
        ref = without_row.pop(normalize(new.name), "")
        if not ref:
            ref = new.ref(codes_in_use(report))
            values = {**report.values, Slot(ref, "name"): new.name}
            report = replace(report, nodes=(*report.nodes, Node(ref, level.id)), values=values)
        report = replace(report, areas={**report.areas, ref: new.area})
    findings = [
        Finding.create("M123", ANYWHERE, About(ref, what=name), value=name)
        for ref in without_row.values()
        for name in (report.area_name(ref),)
    ]
    return report, findings


def _number_new_rows(report: Report, new_rows: Iterable[str]) -> tuple[Report, dict[str, str]]:
    """Return the report with final refs for the new rows, and these by the provisional ones.

    Each gets the next number of its area, never one that was used before.
    """
    areas, ref_of = dict(report.areas), dict[str, str]()
    for provisional in new_rows:
        area = report.area_of[provisional]
        number = _next_number(report, area, areas)
        areas[area] = replace(areas.get(area, BLANK_AREA), highest=number)
        ref_of[provisional] = f"{area}-{number:03}"
    nodes = tuple(
        node._replace(
            ref=ref_of.get(node.ref, node.ref), parent=ref_of.get(node.parent or "", node.parent)
        )
        for node in report.nodes
    )
    values = {
        slot._replace(ref=ref_of.get(slot.ref, slot.ref)): value
        for slot, value in report.values.items()
    }
    return replace(report, nodes=nodes, values=values, areas=areas), ref_of


def _next_number(report: Report, area: str, areas: Mapping[str, Area]) -> int:
    """Return the number after the highest that a ref of the area has or ever had."""
    area_of = report.area_of
    numbers = [areas.get(area, BLANK_AREA).highest]
    for node in report.nodes:
        number = node.ref.rpartition("-")[2]
        if area_of[node.ref] == area and number.isdecimal():
            numbers.append(int(number))
    return max(numbers) + 1


def _rename_areas(report: Report, before: Report, area_names: Mapping[str, str]) -> Report:
    """Return the report with the names in the table of areas.

    An area may be renamed in its heading or in the table: the name that differs from the one
    before is the edit, and that in the heading counts if both do.
    """
    level = before.template.area_level
    if level is None or not before.template.field_of(level.id, "name"):
        return report
    values = dict(report.values)
    for ref, name in area_names.items():
        slot = Slot(ref, "name")
        in_heading = values.get(slot) != before.values.get(slot)
        if name and name != before.area_name(ref) and not in_heading:
            values[slot] = name
    return replace(report, values=values)


def _without_carried(visible: Report, register: Register) -> tuple[Report, frozenset[Slot]]:
    """Return the report without the steps that were carried on, and the slots of those emptied.

    A workbook whose open date was changed keeps them: what was shown is part of its report now.
    """
    carried = register.carried_steps
    if not carried or visible.head.current != register.report.head.current:
        return visible, frozenset()
    emptied = {s for s in carried if s.ref in visible.by_ref and s not in visible.values}
    values = {s: value for s, value in visible.values.items() if carried.get(s) != value}
    return replace(visible, values=values), frozenset(emptied)


def _overridden_slots(register: Register, report: Report) -> frozenset[Slot]:
    """Return the slots that the coordinator changed in areas that had answered."""
    answered = {s.area for file in register.returned_files for s in file.submissions}
    before, after = register.report.value_table, report.value_table
    refs = [
        ref
        for ref, row in before.rows.items()
        if report.area_of.get(ref) in answered and row != after.rows.get(ref)
    ]
    slots = {**before.items_of(refs), **after.items_of(refs)}
    return frozenset(slot for slot in slots if before.get(slot) != after.get(slot))


def _decide_proposals(register: Register, texts: Mapping[str, str]) -> Register:
    """Return the register with proposals accepted, refused, or open again, by the text beside each.

    An accepted proposal becomes a measure. If it is not accepted any more, the measure is gone. A
    text that says neither changes nothing, and is kept.
    """
    report = register.report
    accepted, refused = dict(register.accepted), dict(register.refused)
    undecided = dict(register.undecided)
    for proposal in sorted(register.proposals, key=lambda proposal: proposal.key):
        key, text = proposal.key, texts.get(proposal.key)
        if text is None:
            continue
        undecided.pop(key, None)
        decision = decision_of(text)
        if text and decision is None:
            undecided[key] = text
            continue
        refused.pop(key, None)
        if decision == "yes" and key not in accepted:
            report, accepted[key] = _add_measure(report, proposal)
        elif decision != "yes":
            report = _without_measure(report, accepted.pop(key, ""))
        if decision == "no":
            refused[key] = text
    return replace(register, report=report, accepted=accepted, refused=refused, undecided=undecided)


def _without_measure(report: Report, ref: str) -> Report:
    """Return the report without a measure; as it is if there is none of this ref."""
    if ref not in report.by_ref:
        return report
    nodes = tuple(node for node in report.nodes if node.ref != ref)
    values = {slot: value for slot, value in report.values.items() if slot.ref != ref}
    return replace(report, nodes=nodes, values=values)


def _add_measure(report: Report, proposal: Proposal) -> tuple[Report, str]:
    """Return the report with a proposal as a measure below the row it was typed under, and its ref.

    Without that row it comes last.
    """
    area, leaf = proposal.area, report.template.leaf
    number = _next_number(report, area, report.areas)
    ref = f"{area}-{number:03}"
    refs = [node.ref for node in report.nodes]
    if proposal.after in refs:
        position = refs.index(proposal.after) + 1
        above = report.nodes[position - 1]
        parent = above.parent if above.level == leaf.id else above.ref
    else:
        position = len(refs)
        parent = area if report.template.area_level else None
    nodes = (*report.nodes[:position], Node(ref, leaf.id, parent), *report.nodes[position:])
    values = {
        **report.values,
        **{Slot(ref, field, day): value for field, day, value in proposal.values},
    }
    edited_area = replace(report.areas.get(area, BLANK_AREA), highest=number)
    areas = {**report.areas, area: edited_area}
    return replace(report, nodes=nodes, values=values, areas=areas), ref
