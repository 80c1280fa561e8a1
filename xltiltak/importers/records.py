"""The records of a source: measures in table rows or on cards, and texts below a group's heading.

A row gives a value for each column of its table. A card is a list of labels, each with its value
beside it or below it. In text that was copied out of a PDF, a line end may have broken a row or a
word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from xltiltak.importers.labels import (
    FieldColumn,
    HeadingStack,
    Labels,
    RecordCells,
    find_group,
    is_calendar,
    normalize_label,
)
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.importers.table_parts import TableHeader, header_in, is_scale_step
from xltiltak.model.field_types import field_type_of
from xltiltak.model.finding import Finding
from xltiltak.model.normalize import parse_step
from xltiltak.model.template import Level, Template

_TICKED = re.compile(
    r"(?s)(?:(?P<before>[☐☑☒✓✗■□])\s*)?(?P<label>.+?)\s*:?\s*(?P<after>[xX☐☑☒✓✗■□])?"
)
_NUMBERED_TITLE = re.compile(r"(?s)(?P<no>\d{1,4})[.)]?\s+(?P<name>.+)")
_EMPTY_BOXES = {"☐", "□", None}
# In Norwegian and Swedish a compound with a joining s has no hyphen behind the s.
_BROKEN_WORD = re.compile(r"\b[^\W\d_]{3,}s-[^\W\d_]{4,}\b")

LabelledValue = tuple[FieldColumn, SourceCell | None]


@dataclass
class OpenRecord:
    """A record that is being read: its cells so far, and the headings above it.

    `line` is its first line. `titled` is True for a card with a title. `level` is None for a
    measure, else the level of the group that the record belongs to. `groups` are the groups of a
    table row, by level, for the rows below it. `label` is the label whose value may follow, and
    `label_at` the table and column of that label. `title` is the heading above a card, which names
    it if nothing else does.
    """

    headings: RecordCells
    line: SourceLine
    titled: bool = False
    level: Level | None = None
    values: dict[FieldColumn, list[SourceCell]] = field(default_factory=dict)
    groups: dict[str, RecordCells] = field(default_factory=dict)
    label: FieldColumn | None = None
    label_at: tuple[int, int] = (0, 0)
    title: SourceLine | None = None

    def add(self, column: FieldColumn, cell: SourceCell) -> None:
        """Add a value, or one more line of it."""
        self.values.setdefault(column, []).append(cell)

    def add_row(
        self,
        cells: RecordCells,
        groups_above: Mapping[str, RecordCells],
        header: TableHeader,
        template: Template,
    ) -> None:
        """Add the cells of a table row; a group that it leaves blank is that of the row above."""
        in_header = {column.level for column in header.field_columns()}
        self.groups = dict(groups_above)
        row = dict(cells)
        for level in template.levels[:-1]:
            group = {column: cell for column, cell in cells.items() if column.level == level.id}
            if any(cell.text for cell in group.values()):
                self.groups[level.id] = group
            elif level.id in in_header and level.id in self.groups and not level.optional:
                row |= self.groups[level.id]
            else:
                for column in group:
                    del row[column]
        for column, cell in row.items():
            if column.level != template.leaf.id or not cell.copied:
                self.add(column, cell)

    def continue_row(self, cells: RecordCells) -> None:
        """Append the texts of a row that continues this one, as after a page break.

        A merged cell is not in it twice.
        """
        own = {column: cell for column, cell in cells.items() if not cell.copied}
        for column, cell in own.items():
            values = self.values.get(column)
            if values and cell.text:
                last = values[-1]
                between = "" if last.text.endswith("-") else " "
                values[-1] = replace(last, raw=f"{last.text}{between}{cell.text}")
            elif cell.text:
                self.add(column, cell)

    def add_labelled(self, column: FieldColumn, cell: SourceCell | None, line: SourceLine) -> None:
        """Add a label with its value; with None the value may follow in later lines."""
        self.label = column
        self.label_at = (line.table, min(line.own_cells()))
        if cell:
            self.add(column, cell)

    def add_below_label(self, line: SourceLine, labels: Labels) -> bool:
        """Add a line as a value of the label above it, or as the name below a card's title.

        Return False if the line is neither. In a table a second value below a label has to stand in
        another column than the label.
        """
        cell = line.only_cell
        if cell is None or self._ends_at(line):
            return False
        if self.label is None:
            if self.titled and self.add_steps(cell, labels):
                return True
            name = FieldColumn(labels.template.leaf.id, "name")
            has_name = labels.template.field_of(name.level, name.field) is not None
            is_named = name in self.values
            if not self.titled or not has_name or is_named or line.table != self.line.table:
                return False
            self.add(name, cell)
            return True
        table, col = self.label_at
        is_in_label_column = table != 0 and min(line.own_cells()) == col
        if line.table != table or (is_in_label_column and self.label in self.values):
            return False
        self.add(self.label, cell)
        return True

    def add_steps(self, cell: SourceCell | None, labels: Labels) -> bool:
        """Add the steps that a text below a card's title names; False if it is something else."""
        steps = _lone_steps(cell, labels) if cell else {}
        self.values |= {column: [value] for column, value in steps.items()}
        return bool(steps)

    def _ends_at(self, line: SourceLine) -> bool:
        """Return True if a heading outside tables ends the card: its last label has a value."""
        return line.rank > 0 and line.table == 0 and self.label in self.values

    def take_title(self, labels: Labels) -> SourceLine | None:
        """Name a card by the heading above it, if nothing else does; return a heading left over."""
        leaf, title, self.title = labels.template.leaf.id, self.title, None
        name, number = FieldColumn(leaf, "name"), FieldColumn(leaf, "no")
        if title is None or name not in labels.measure_keys or self.titled:
            return title
        cell = title.only_cell
        if cell is None or any(value.text for value in self.values.get(name, ())):
            return title
        self.values[name] = [cell]
        if labels.template.field_of(leaf, "no") and number not in self.values:
            numbered = _NUMBERED_TITLE.fullmatch(f"{cell.number} {cell.text}".strip())
            if numbered:
                self.values[number] = [replace(cell, raw=numbered["no"])]
                self.values[name] = [replace(cell, raw=numbered["name"])]
        return None

    def is_complete_before(self, column: FieldColumn, line: SourceLine, labels: Labels) -> bool:
        """Return True if a label belongs to the next measure.

        This measure has that label already, or the label identifies a measure and begins a new
        table below a card without title.
        """
        if column in self.values or column == self.label:
            return True
        identifying = labels.measure_keys | {FieldColumn(labels.template.leaf.id, "no")}
        return line.table != self.line.table and not self.titled and column in identifying

    def cells(self) -> RecordCells:
        """Return each value as one cell; several lines of a value become one text."""
        return {
            column: replace(cells[0], raw="\n".join(cell.text for cell in cells))
            if len(cells) > 1
            else cells[0]
            for column, cells in self.values.items()
        }

    def text(self) -> str:
        """Return the texts of all values, separated by dots."""
        cells = (cell for values in self.values.values() for cell in values)
        return " · ".join(cell.text for cell in cells if cell.text)


# Rows of a table


def is_measure(cells: RecordCells, labels: Labels) -> bool:
    """Return True if a row is a measure: it has an identifying field, or a number and more."""
    leaf = labels.template.leaf.id
    filled = {
        column
        for column, cell in cells.items()
        if column.level == leaf and cell.text and not cell.copied
    }
    if filled & labels.measure_keys:
        return True
    number, column = labels.template.field_of(leaf, "no"), FieldColumn(leaf, "no")
    if number is None or column not in filled or len(filled) < 2:
        return False
    reading = field_type_of(number, labels.template).parse(
        [cells[column].raw], labels.template.language
    )
    return reading.outcome != "invalid"


def is_continuation(cells: RecordCells, labels: Labels) -> bool:
    """Return True if a row has only free text of a measure, so that it continues the one above."""
    template = labels.template
    filled = [column for column, cell in cells.items() if cell.text and not cell.copied]
    for column in filled:
        template_field = template.field_of(column.level, column.field)
        if column.level != template.leaf.id or template_field is None or template_field.scale:
            return False
        if not field_type_of(template_field, template).free_text("x"):
            return False
    return bool(filled)


def fits_columns(cells: RecordCells, labels: Labels) -> bool:
    """Return True if a row is a measure and each value is valid in its column.

    Such a row without a header above it may continue the table before it.
    """
    for column, cell in cells.items():
        template_field = labels.template.field_of(column.level, column.field)
        if template_field is None:
            continue
        field_type = field_type_of(template_field, labels.template)
        reading = field_type.parse([cell.raw], labels.template.language)
        if reading.outcome == "invalid":
            return False
    return is_measure(cells, labels)


def lone_texts_are_groups(rows: Iterable[SourceLine], header: TableHeader, labels: Labels) -> bool:
    """Return True if rows that only name something are headings or notes, and no measures.

    They are if at least as many rows say more of their measure. In a table with a column of groups
    a blank cell means the group of the row above, so that a row may well be a name alone.
    """
    levels = {level.id for level in labels.template.levels[:-1]}
    if any(column.level in levels for column in header.field_columns()):
        return False
    sizes = [len(row.own_cells()) for row in rows if is_measure(dict(header.read(row)), labels)]
    return 0 < sizes.count(1) <= len(sizes) - sizes.count(1)


def spans_columns(line: SourceLine, header: TableHeader) -> bool:
    """Return True if the only text of a row reaches over several columns with a label."""
    covered = (col for col, cell in line.cells.items() if cell.copied == "across")
    return line.only_cell is not None and any(col in header.names for col in covered)


def without_own_label(column: FieldColumn, cell: SourceCell, labels: Labels) -> SourceCell:
    """Return a cell without its column's label before the value, as in "Start: May 2017"."""
    found = _split_label(cell, labels) if column not in labels.measure_keys else None
    return found[1] if found and found[0] == column else cell


def rejection_reason(record: RecordCells, labels: Labels) -> dict[str, str]:
    """Return why a record has no place in the report, as values of a finding; empty if it has one.

    It needs an area, a group of each level whose groups the template lists, and a field that
    identifies it or its number.
    """
    template = labels.template
    keys = {*labels.measure_keys, FieldColumn(template.leaf.id, "no")}
    if labels.measure_keys and not any(column in keys and c.text for column, c in record.items()):
        return {"reason": "no_key"}
    area_level = template.area_level
    area = record.get(FieldColumn(area_level.id, "name")) if area_level else None
    if area_level and not (area and area.text):
        return {"reason": "no_area", "label": area_level.label}
    for level in template.levels:
        cell = record.get(FieldColumn(level.id))
        if level.groups and (cell is None or find_group(level, cell.text) is None):
            return {
                "reason": "no_group",
                "label": level.label,
                "name": cell.text if cell else "",
                "there": ", ".join(group.label for group in level.groups),
            }
    return {}


# Labels with values


def labelled_values(
    line: SourceLine, labels: Labels, *, in_table: bool = False
) -> list[LabelledValue] | None:
    """Return the labels of a line with their values; None if it is no such line.

    The value is None if the label has none beside it. `in_table` is True below a table's header:
    there a label beside other text is a row that happens to begin with that word, and only labels
    with their values in the same cell count.
    """
    cells = [cell for cell in line.own_cells().values() if cell.text]
    if is_calendar(cells):
        return None
    if len(cells) == line.width == 2 and not in_table:
        column = _labelled_column(cells[0].text, labels)
        if column:
            return [(column, cells[1])]
    found: list[LabelledValue] = []
    for cell in cells:
        if (choices := _ticked_choice(cell, labels)) is not None:
            found += choices
        elif column := _labelled_column(cell.text, labels):
            found.append((column, None))
        elif (pair := _split_label(cell, labels)) and not (
            in_table and pair[0] in labels.measure_keys
        ):
            found.append(pair)
        elif found and found[-1][1] is None and not in_table:
            found[-1] = (found[-1][0], cell)
        else:
            return None
    return found or None


def _split_label(cell: SourceCell, labels: Labels) -> tuple[FieldColumn, SourceCell] | None:
    """Return the label and the value in a cell with a colon between them; None without a label."""
    label, _, value = cell.text.partition(":")
    column = _labelled_column(label, labels) if value.strip() else None
    return (column, replace(cell, raw=value.strip())) if column else None


def _labelled_column(text: str, labels: Labels) -> FieldColumn | None:
    """Return what a label means; of several meanings one of the measure's level comes first."""
    columns = labels.columns_of(text)
    of_measure = [column for column in columns if column.level == labels.template.leaf.id]
    return next(iter(of_measure or columns), None)


def _lone_steps(cell: SourceCell, labels: Labels) -> RecordCells:
    """Return the steps that the text below a card's title names, as " ● Finished   Large "."""
    template, found = labels.template, RecordCells()
    for text in re.split(r"\s{2,}", cell.text.replace("\xa0", " ")):
        for each in template.fields_of(template.leaf.id):
            column = FieldColumn(template.leaf.id, each.id)
            steps = () if each.per_checkpoint else template.scales.get(each.scale, ())
            if column not in found and parse_step(steps, text):
                found[column] = replace(cell, raw=text)
                break
        else:
            return {}
    return found


def _ticked_choice(cell: SourceCell, labels: Labels) -> list[LabelledValue] | None:
    """Return the choice that is ticked in a cell such as "☒ Started" or "Started: x".

    Return an empty list if the choice is not ticked, and None if the cell is no choice.
    """
    found = _TICKED.fullmatch(cell.text)
    if found is None or not (found["after"] or found["before"] or cell.text.endswith(":")):
        return None
    template, label = labels.template, normalize_label(found["label"])
    for template_field in template.fields_of(template.leaf.id):
        step = parse_step(template.scales.get(template_field.scale, ()), label)
        if step is None:
            continue
        if (found["after"] or found["before"]) in _EMPTY_BOXES:
            return []
        shown = field_type_of(template_field, template).display(step.value, template.language)
        return [(FieldColumn(template.leaf.id, template_field.id), replace(cell, raw=shown))]
    return None


def continues_row(
    row: SourceLine, line: SourceLine, header: TableHeader, headings: HeadingStack
) -> bool:
    """Return True if a line only continues the row before it, which a line end has broken.

    A paragraph continues a measure. A row continues a row that lacks cells, if it is no measure
    itself and the two together are no wider than the header.
    """
    labels = headings.labels
    if not row.table or not line.close or headings.read(line):
        return False
    if header_in(row, labels) or header_in(line, labels):
        return False
    if line.table:
        is_complete = fits_columns(dict(header.read(line)), labels)
        joined_width = row.width + line.width - 1
        return not is_complete and joined_width <= header.width and row.width < header.width
    return (
        row.width <= header.width
        and not line.is_page_number()
        and is_measure(dict(header.read(row)), labels)
        and not is_scale_step(row, labels)
    )


def join_rows(row: SourceLine, line: SourceLine) -> SourceLine:
    """Return a row with the line that continues it.

    The last cell of the row continues in the first cell of the line.
    """
    at = row.width - 1
    last, first = row.cells.get(at), line.cells.get(0)
    between = "" if last and last.text.endswith("-") else " "
    text = between.join(cell.text for cell in (last, first) if cell and cell.text)
    joined = SourceCell(text, last.place if last else line.place)
    moved = {at + col: cell for col, cell in line.cells.items() if col}
    cells = {**row.cells, at: joined, **moved}
    return SourceLine(cells, 0, row.table, at + line.width, row.close)


def broken_words(line: SourceLine) -> Iterator[Finding]:
    """Yield a finding for each word that a line end has probably broken; it is kept as printed."""
    for cell in line.own_cells().values():
        for word in _BROKEN_WORD.findall(cell.text):
            yield Finding.create("I106", cell.place, value=word)
