"""From the lines of a source to records: what each line is, whatever program it came from.

`SourceParser.parse` reads the lines once, from top to bottom. A line is the first of these that
fits:

1. a row of labels: it opens a table, or adds to the labels in the row above;
2. a step of the scale, or a text of the report details: it is skipped;
3. a heading: the title of a card, or of a group that the following records belong to;
4. a row of the open table: printed figures, a measure, the continuation of a measure, or a text
   that stands alone: the heading of a group, or a note;
5. a label with its value, or a value below a label: a part of a card;
6. none of these: it is *pending*. The next table or heading may make it a title, the upper row of
   the labels, printed figures or an introduction; otherwise a finding reports it.

A record ends where the next one begins; the builder then gets it. No line disappears.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from xltiltak.importers.colour_answers import (
    ColouredTable,
    coloured_answers,
    coloured_beside,
    coloured_cell,
    colours_read,
    is_answer,
)
from xltiltak.importers.labels import (
    FieldColumn,
    HeadingStack,
    Labels,
    RecordCells,
    is_bare_heading,
    is_only_date,
    split_date,
)
from xltiltak.importers.records import (
    OpenRecord,
    broken_words,
    continues_row,
    fits_columns,
    is_continuation,
    is_measure,
    join_rows,
    labelled_values,
    lone_texts_are_groups,
    rejection_reason,
    spans_columns,
    without_own_label,
)
from xltiltak.importers.report_builder import ReportBuilder
from xltiltak.importers.source_lines import SourceCell, SourceLine, SourcePage
from xltiltak.importers.table_parts import (
    SummaryLine,
    TableHeader,
    TableReading,
    figures_in_paragraph,
    header_in,
    is_below_labels,
    is_scale_step,
    is_scale_word,
    is_total_row,
    summary_in,
)
from xltiltak.model.cell_values import FormattedNumber
from xltiltak.model.finding import Finding, Place
from xltiltak.model.normalize import normalize
from xltiltak.model.template import Level

# Why a column of answers is not read: they are lost.
_ANSWERS_LOST = ("without_date", "shown", "other_date")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\'_–-]+")


@dataclass
class OpenTable:
    """The table whose rows are read now.

    `labelled` is its header with all columns, `header` the same without columns whose field another
    column holds too. `label_rows` are the lines of labels, until the first line below them.
    `colours` has its measures for the colours of their cells, `answers` what those mean
    whose colour is an answer. With `has_groups` a row that only
    names something is no measure.
    """

    labelled: TableHeader
    header: TableHeader
    label_rows: list[SourceLine]
    colours: ColouredTable
    has_groups: bool
    answers: Mapping[Place, str]


@dataclass
class UnreadColumn:
    """A column of a page that is not read: its first and last heading, and the texts below."""

    first: SourceCell
    last: SourceCell
    texts: list[str] = field(default_factory=list)

    def finding(self, labels: Labels) -> Finding:
        """Return the finding that says why, and quotes everything."""
        raw, name = self.first.raw, self.first.text
        similar, problem = labels.suggestion(name), "unknown"
        if is_only_date(raw) and self.last.text != name:
            name, problem = f"{name} … {self.last.text}", "calendar"
        elif is_only_date(raw):
            problem = "other_date"
        elif labels.lacks_date(raw):
            problem = "without_date"
        elif isinstance(raw, FormattedNumber) and raw.kind == "date":
            problem = "shown"
        finding = Finding.create(
            "I102",
            self.first.place,
            value=name,
            near=f" (≈ «{similar}»)" if similar else "",
            texts=" · ".join(self.texts) or "–",
            like=similar or "…",
            reason=f"heading_{problem}",
        )
        is_lost = bool(self.texts) and (labels.has_date(similar) or problem in _ANSWERS_LOST)
        return finding.with_severity("error") if is_lost else finding


@dataclass
class SourceParser:
    """Parses the pages of one source; the builder gets the records.

    `details_texts` are normalized texts that only repeat the report details. Results: `findings`,
    `tables` as they were understood, and `summaries`, the printed figures by area name ("" for the
    whole report).

    `given_area` is the area that the user names for the records that name none. `last_area` is that
    of records whose area nothing else gives.

    State while parsing: the current page, its filled lines and their numbers by place, the open
    headings, table and record, and the pending lines. `lone_texts` are the places of pending lines
    that stand alone on a row of a table, `unused_headings` those that were taken for a heading of
    rows below while no row has come, and `unread` the columns of the page that are not read.
    `rows_name_areas` is True if such a text has named the area of the rows below it.
    `in_introduction` is True from a heading of a group or area to its first measure.
    `titles_name_areas` is True if neither headings nor sheets name the areas, so that a title right
    above a table does.
    """

    labels: Labels
    builder: ReportBuilder
    details_texts: frozenset[str]
    given_area: str = ""
    last_area: str = ""
    findings: list[Finding] = field(default_factory=list)
    tables: list[TableReading] = field(default_factory=list)
    summaries: dict[str, list[SummaryLine]] = field(default_factory=dict)
    page: SourcePage = field(default_factory=lambda: SourcePage(()))
    lines: list[SourceLine] = field(default_factory=list)
    line_numbers: dict[Place, int] = field(default_factory=dict)
    headings: HeadingStack = field(init=False)
    table: OpenTable | None = None
    record: OpenRecord | None = None
    pending: list[SourceLine] = field(default_factory=list)
    lone_texts: set[Place] = field(default_factory=set)
    unused_headings: list[SourceLine] = field(default_factory=list)
    unread: dict[str, UnreadColumn] = field(default_factory=dict)
    rows_name_areas: bool = False
    in_introduction: bool = False
    titles_name_areas: bool = False
    level_of_rank: dict[int, Level] = field(default_factory=dict)

    def __post_init__(self) -> None:
        areas = self.builder.details.areas
        self.headings = HeadingStack(self.labels, frozenset(normalize(area.name) for area in areas))

    def parse(self, pages: Sequence[SourcePage]) -> None:
        """Parse all pages, in order."""
        lines = (line for page in pages for line in page.lines)
        named_sheets = [page for page in pages if page.lines and page.has_own_name]
        self.titles_name_areas = (
            len(named_sheets) < 2
            and not self.headings.area_names
            and not self.headings.any_names_area(lines)
        )
        for page in pages:
            self._parse_page(page)

    def _parse_page(self, page: SourcePage) -> None:
        """Parse the lines of a page; first join the rows that line ends of a print have broken."""
        self._start_page(page)
        row: SourceLine | None = None
        for line in self.lines:
            header = self.table.header if self.table else None
            if page.printed and row and header and continues_row(row, line, header, self.headings):
                row = join_rows(row, line)
                self._report("I104", line.place, value=line.text)
                continue
            if row:
                self._parse_line(row)
            row = line
        if row:
            self._parse_line(row)
        self._report_table()
        self._close_record()
        self._place_pending()
        self.findings += [heading.not_placed() for heading in self.unused_headings]
        self.unused_headings.clear()
        self._report_colours()
        self.findings += [column.finding(self.labels) for column in self.unread.values()]
        self.findings += page.findings

    def _start_page(self, page: SourcePage) -> None:
        """Forget the headings and the table of the page before; neither goes on over its end."""
        self.page, self.table, self.record = page, None, None
        self.unread, self.rows_name_areas = {}, False
        self.lines = page.filled_lines()
        self.line_numbers = {line.place: number for number, line in enumerate(self.lines)}
        self.headings.start_page(self._default_area(page))

    def _default_area(self, page: SourcePage) -> SourceCell | None:
        """Return the area of records that name none; None if it is unknown.

        It is the one that the user gives, the only area of the report details, or the one that the
        sheet is named for. Excel cuts the names of sheets at 31 characters and forbids some signs
        in them.
        """
        areas = self.builder.details.areas
        if self.given_area or len(areas) == 1:
            return SourceCell(self.given_area or areas[0].name, Place(self.builder.file))
        area_level, first = self.labels.template.area_level, page.filled_lines()[:1]
        if first and first[0].key == "node" and area_level and is_bare_heading(area_level):
            return first[0].only_cell
        if not page.has_own_name:
            return SourceCell(self.last_area, Place(self.builder.file)) if self.last_area else None
        name = _as_sheet_name(page.name)
        matches = [area.name for area in areas if _as_sheet_name(area.name).startswith(name)]
        area = matches[0] if len(matches) == 1 else page.name
        return SourceCell(area, Place(self.builder.file, page.name))

    def _parse_line(self, line: SourceLine) -> None:
        """Find out what a line is, as the module's docstring lists it."""
        if self.page.printed:
            self.findings += broken_words(line)
        if self.table and self._repeats_labels(line, self.table):
            self._report("I101", line.place, value=line.text, reason="labels_again")
            return
        label_rows = self.table.label_rows if self.table else []
        above = label_rows or self.pending
        if header := header_in(line, self.labels, above[-1] if above else None):
            self._read_label_row(line, header)
            return
        if self.table and self.table.label_rows and is_below_labels(line, self.table.labelled):
            self._report("I101", line.place, value=line.text, reason="labels_again")
            return
        self._report_table()
        is_step = is_scale_step(line, self.labels) and not self._is_below_card_title()
        if is_step or self._repeats_details(line):
            return
        if figures := figures_in_paragraph(line, self.labels):
            if self.record is None or self.record.level is None:
                self._close_record()
            self._add_summary(figures, {})
            return
        if heading := self.headings.read(line) or self._heading_of_own(line):
            self._open_heading(line, *heading)
        elif not self._continues_group(line):
            self._read_other(line)

    def _read_other(self, line: SourceLine) -> None:
        """Read a row of a table or labels with values; keep any other line pending."""
        if header := self._header_above(line):
            self._read_row(line, header)
        elif not self._read_labels(line):
            if line.rank and not line.table:
                self._close_record()
            self.pending.append(line)

    def _is_below_card_title(self) -> bool:
        """Return True right below the title of a card, where its step may stand."""
        if self.pending:
            return self.pending[-1].rank > 0
        return self.record is not None and self.record.titled and self.record.label is None

    def _repeats_labels(self, line: SourceLine, table: OpenTable) -> bool:
        """Return True if a row below the labels of a table has some of them again, and no more.

        All labels again, or fewer in another table, are the header of a table.
        """
        labels = table.labelled
        if table.label_rows or line.table != table.header.table:
            return False
        return labels.is_repeated_by(line) and len(line.own_cells()) < len(labels.names)

    def _repeats_details(self, line: SourceLine) -> bool:
        """Return True if a line only repeats report details or is the title of a scale."""
        cells = [cell for cell in line.own_cells().values() if cell.text]
        return all(
            normalize(cell.text) in self.details_texts or is_scale_word(cell) for cell in cells
        )

    # 1. Rows of labels

    def _read_label_row(self, line: SourceLine, header: TableHeader) -> None:
        """Open a table, or add a row to the labels of the one that was opened by the line above."""
        self._close_record()
        rows_above = self.table.label_rows if self.table else []
        if header_in(line, self.labels) == header:  # complete without the row above
            self._report_table()
            rows_above = []
        elif not rows_above:
            self.pending.pop()  # the upper row of these labels
        self._report_colours()
        template, language = self.labels.template, self.builder.head.language
        colours = ColouredTable(template, language, header.labels_in_source())
        rows = [*rows_above, line]
        unique = header.without_duplicates()
        below = list(self._rows_below(line, header))
        has_groups = lone_texts_are_groups(below, unique, self.labels)
        answers = self._coloured_answers(below, unique)
        self.table = OpenTable(header, unique, rows, colours, has_groups, answers)
        if not rows_above:
            self._take_title_above(header)
        for above in list(self.pending):
            if summary := summary_in(above, header, self.labels):
                self.pending.remove(above)
                self._add_summary(summary, dict(header.read(above)))
        self._place_pending()
        self.builder.source_labels |= header.labels_in_source()

    def _coloured_answers(
        self, rows: Sequence[SourceLine], header: TableHeader
    ) -> dict[Place, str]:
        """Return the steps that the colours of cells stand for, by place; report each column."""
        found = coloured_answers((dict(header.read(row)) for row in rows), self.labels.template)
        for column, pairs in found.items():
            label, language = self.labels.title_of(column), self.builder.head.language
            self.findings.append(colours_read(label, pairs, language))
        return {cell.place: step.label for pairs in found.values() for cell, step in pairs}

    def _rows_below(self, line: SourceLine, header: TableHeader) -> Iterator[SourceLine]:
        """Yield the rows below the labels of a table, until they are repeated."""
        at = self.line_numbers.get(line.place, len(self.lines))
        for below in islice(self.lines, at + 1, None):
            repeated = header.is_repeated_by(below) and len(below.own_cells()) == len(header.names)
            if repeated or below.table != line.table:
                return
            yield below

    def _take_title_above(self, header: TableHeader) -> None:
        """Open the groups that the lines above a table name, if their headings are bare names.

        They are the last headings. If there are none, the area is the last pending line, in printed
        text only if the template's heading of an area is the name alone.
        """
        in_columns = {column.level for column in header.field_columns()}
        area_level = self.labels.template.area_level
        if self._open_titles(in_columns) or not area_level or not self.titles_name_areas:
            return
        if area_level.id in in_columns or (self.page.printed and not is_bare_heading(area_level)):
            return
        titles = [line for line in self.pending[-1:] if line.only_cell and not line.rank]
        if titles and (cell := titles[-1].only_cell) and not is_scale_word(cell):
            day, _ = split_date(normalize(cell.text))
            if day is None:  # "Adopted by the council 12.12.2024" is no area
                self._open_title(titles[-1], area_level, cell)

    def _open_titles(self, in_columns: Collection[str] = (), below: int = 0) -> bool:
        """Open the groups that the last pending headings name; return False if there are none.

        Only a level whose heading is a bare name is named so, and no level with a column. Each
        heading is of a higher rank than the one below it, the last of a higher one than `below`,
        unless that is 0. A rank stands for the same level in the whole source.
        """
        template = self.labels.template
        levels = [
            level
            for level in template.levels[:-1]
            if level.id not in in_columns and self._is_named_by_title(level)
        ]
        titles: list[tuple[SourceLine, SourceCell]] = []
        for line in reversed(self.pending):
            cell, rank = line.only_cell, titles[0][0].rank if titles else below
            if cell is None or not line.rank or is_scale_word(cell):
                continue
            if len(titles) == len(levels) or (rank and line.rank >= rank):
                break
            titles.insert(0, (line, cell))
        is_first = template.area_level is not None and not self.headings.area_name()
        chosen = levels[: len(titles)] if is_first else levels[len(levels) - len(titles) :]
        ranks = {line.rank: level for (line, _), level in zip(titles, chosen, strict=True)}
        self.level_of_rank = ranks | self.level_of_rank
        for line, cell in titles:
            self._open_title(line, self.level_of_rank[line.rank], cell)
        return bool(titles)

    def _is_named_by_title(self, level: Level) -> bool:
        """Return True if a heading can be the bare name of a group of this level."""
        if level is self.labels.template.area_level:
            return self.titles_name_areas
        has_name = self.labels.template.field_of(level.id, "name") is not None
        return has_name and bool(level.heading) and not level.groups and is_bare_heading(level)

    def _open_title(self, line: SourceLine, level: Level, cell: SourceCell) -> None:
        """Open the group that a pending line names; place the lines before it."""
        at = self.pending.index(line)
        below, self.pending = self.pending[at + 1 :], self.pending[:at]
        self._place_pending()
        self.pending = below
        self.headings.open(level, {FieldColumn(level.id, "name"): cell})
        self.in_introduction = True

    def _report_table(self) -> None:
        """Note how the table was understood that the line above has opened.

        This waits for the first line below the labels, which may have two rows. A table that goes
        on with the same labels is noted once.
        """
        if self.table is None or not self.table.label_rows:
            return
        place, header = self.table.label_rows[0].place, self.table.labelled
        self.table.label_rows = []
        where = " ".join(filter(None, (place.sheet, place.cell)))
        reading = header.reading(where, self.labels)
        if self.tables and self.tables[-1].columns == reading.columns and not place.sheet:
            return
        self.tables.append(reading)
        for cell in header.unknown.values():
            self._unread_column(cell).last = cell
        for col, cell in header.alike.items():
            title = self.labels.title_of(header.columns[col][0])
            self._report("I119", cell.place, value=cell.text, label=title)
        for name in header.duplicate_names():
            self._report("I108", Place(self.builder.file), value=name)

    def _unread_column(self, heading: SourceCell) -> UnreadColumn:
        """Return the column of the page with this heading; all columns of a calendar are one."""
        key = "" if is_only_date(heading.raw) else normalize(heading.text)
        return self.unread.setdefault(key, UnreadColumn(heading, heading))

    def _report_colours(self) -> None:
        """Report the answers of the table so far that are nothing but colours."""
        if self.table:
            self.findings += self.table.colours.findings()
            self.table.colours.rows.clear()

    # 3. Headings

    def _open_heading(self, line: SourceLine, level: Level, cells: RecordCells) -> None:
        """Open the card that a line is the title of, or the group that it is the heading of."""
        self._close_record()
        self._open_titles(below=line.rank)
        if level is self.labels.template.leaf:
            self.record = OpenRecord(self.headings.cells(), line, titled=True)
            for column, cell in cells.items():
                self.record.add(column, cell)
            return
        self._place_pending()
        self.headings.open(level, cells)
        self.in_introduction = True
        if label := self.headings.text_below(level, line.text):
            self.record = OpenRecord({}, line, level=level, label=label, label_at=(line.table, -1))

    def _heading_of_own(self, line: SourceLine) -> tuple[Level, RecordCells] | None:
        """Return what a bare name on a row of its own opens, in a workbook from here.

        It is a card if a part of its texts stands below, else a group if only one level is named
        so. A name in the column of the measures' names is a measure.
        """
        template, cell = self.labels.template, line.only_cell
        if cell is None or line.key != "node":
            return None
        at = self.line_numbers.get(line.place, len(self.lines)) + 1
        below, name = self.lines[at : at + 1], FieldColumn(template.leaf.id, "name")
        if self.table is None and below and below[0].key == "part" and name in self._keys:
            return template.leaf, {name: cell}
        columns = self.table.header.columns.get(min(line.own_cells()), ()) if self.table else ()
        levels = [level for level in template.levels[1:-1] if self._is_named_by_title(level)]
        if len(levels) != 1 or not self._keys.isdisjoint(columns):
            return None
        return levels[0], {FieldColumn(levels[0].id, "name"): cell}

    @property
    def _keys(self) -> frozenset[FieldColumn]:
        """Return the fields that identify a measure."""
        return self.labels.measure_keys

    def _continues_group(self, line: SourceLine) -> bool:
        """Add a row that is one text to the texts of the group above; False if it is none of them.

        A text in the column of the measures' names may be a measure.
        """
        record, cell = self.record, line.only_cell
        if record is None or record.level is None or cell is None or not line.table:
            return False
        columns = self.table.header.columns.get(min(line.own_cells()), ()) if self.table else ()
        if line.key != "part" and not self._keys.isdisjoint(columns):
            return False
        return record.add_below_label(line, self.labels)

    # 4. Rows of a table

    def _header_above(self, line: SourceLine) -> TableHeader | None:
        """Return the header of the table that a line is a row of; None if it is no row.

        A new table without labels continues the one before, as after a page break, if its first row
        fits the columns or continues the last measure (I109).
        """
        if self.table is None or not line.table:
            return None
        header = self.table.header
        if labelled_values(line, self.labels, in_table=True):
            return None
        if line.table == header.table:
            return header
        cells = dict(header.read(line))
        continues_measure = (
            self.record is not None
            and line.width == header.width
            and is_continuation(cells, self.labels)
        )
        if line.width > header.width or not (continues_measure or fits_columns(cells, self.labels)):
            return None
        self.table.header = replace(header, table=line.table)
        if self.pending or not self.page.printed:
            self._report("I109", line.place)
        return self.table.header

    def _read_row(self, line: SourceLine, header: TableHeader) -> None:
        """Read a row as printed figures, as a measure or as the continuation of one.

        A row that is none of these is an error, unless it is one text alone: that may be the
        heading of the rows below, or the title of the next table.
        """
        if self.page.delimited and self._is_too_wide(line, header):
            return
        if summary := summary_in(line, header, self.labels):
            self._close_record()
            self._add_summary(summary, dict(header.read(line)))
            return
        if is_total_row(line, self._group_names()):
            self._close_record()
            self._warn_not_placed(line.place, line.text, reason="total_row")
            return
        cells = self._cells_of(line, header)
        is_alone = self._stands_alone(line, header)
        if not is_alone and is_measure(cells, self.labels):
            self._open_measure(line, cells, header)
        elif not is_alone and self.record and is_continuation(cells, self.labels):
            self.record.continue_row(cells)
            self._report("I104", line.place, value=line.text)
        elif header.has_contacts_only(self.labels) and self._read_contacts(cells):
            pass
        elif line.only_cell:
            self._read_lone_text(line, cells)
            return
        else:
            self._report("I103", line.place, value=line.text, reason="no_key")
            return
        self._keep_unread(line, header)

    def _cells_of(self, line: SourceLine, header: TableHeader) -> RecordCells:
        """Return the fields of a row: without labels before values, and colours as the answers."""
        cells: RecordCells = {}
        answers = self.table.answers if self.table else {}
        for column, cell in header.read(line):
            cells[column] = without_own_label(column, cell, self.labels)
            if cells[column] is not cell:
                self._report("V107", cell.place, before=cell.text, after=cells[column].text)
            if not cell.text and cell.place in answers:
                cells[column] = replace(cell, raw=answers[cell.place])
        return cells

    def _group_names(self) -> set[str]:
        """Return the normalized names of the open groups and of the areas so far."""
        names = {normalize(cell.text) for cell in self.headings.cells().values()}
        return names | set(self.builder.refs) | {normalize(self.headings.area_name())}

    def _open_measure(self, line: SourceLine, cells: RecordCells, header: TableHeader) -> None:
        """Begin the record of a measure with its row."""
        groups_above = self.record.groups if self.record else {}
        self._close_record()
        self._open_group_above(header)
        if not self.lone_texts.isdisjoint(line.place for line in self.pending):
            self._place_pending()
        for heading in self.unused_headings:
            self._report("I118", heading.place, value=heading.text)
        self.unused_headings.clear()
        self.record = OpenRecord(self.headings.cells(), line)
        self.record.add_row(cells, groups_above, header, self.labels.template)
        self._report_merged(cells, line)
        if self.table:
            self.table.colours.add(line, cells)

    def _keep_unread(self, line: SourceLine, header: TableHeader) -> None:
        """Keep the texts of a row in columns with an unknown label; report those in no column."""
        for col, cell in header.unread_cells(line):
            if col in header.unknown:
                self._unread_column(header.unknown[col]).texts.append(cell.text)
            else:
                label = header.names.get(col, "–")
                self._warn_not_placed(cell.place, cell.text, reason="column", label=label)

    def _read_contacts(self, cells: RecordCells) -> bool:
        """Read a row of a table that says who answers for an area; False if it names none."""
        level = self.labels.template.area_level
        area = cells.get(FieldColumn(level.id, "name")) if level else None
        if area is None or not area.text:
            return False
        self._close_record()
        self.builder.add_contacts(area, cells)
        return True

    def _is_too_wide(self, line: SourceLine, header: TableHeader) -> bool:
        """Return True, and report the row, if a delimiter in a text has made it too wide."""
        is_too_wide = any(col >= header.width for col in line.own_cells())
        if is_too_wide:
            self._report(
                "I103",
                line.place,
                value=line.text,
                reason="too_many_cells",
                count=line.width,
                columns=header.width,
            )
        return is_too_wide

    def _stands_alone(self, line: SourceLine, header: TableHeader) -> bool:
        """Return True if a row is one text that is below the table, wide, or no measure here."""
        has_groups = self.table is not None and self.table.has_groups
        is_apart = has_groups or not line.close or spans_columns(line, header)
        return is_apart and line.only_cell is not None

    def _read_lone_text(self, line: SourceLine, cells: RecordCells) -> None:
        """Open the group that a text alone in its column names; keep any other text pending."""
        levels = {level.id: level for level in self.labels.template.levels[:-1]}
        own = [column for column, cell in cells.items() if cell.text and column.level in levels]
        if not own:
            self.pending.append(line)
            self.lone_texts.add(line.place)
            return
        groups = self.record.groups if self.record else {}
        self._close_record()
        for name, level in levels.items():
            if name == own[0].level:
                self.headings.open(level, {own[0]: cells[own[0]]})
                break
            if name in groups:
                self.headings.open(level, groups[name])
        self.unused_headings.append(line)

    def _open_group_above(self, header: TableHeader) -> None:
        """Open the group that a lone text right above a measure names.

        It is the area if nothing else names it, else the only level inside it whose heading is a
        bare name.
        """
        title = self.pending[-1] if self.pending else None
        cell = title.only_cell if title else None
        level = self._level_of_lone_text({column.level for column in header.field_columns()})
        if title is None or cell is None or level is None or title.place not in self.lone_texts:
            return
        self.pending.pop()
        self._place_pending()
        self.headings.open(level, {FieldColumn(level.id, "name"): cell})
        self.in_introduction = level is self.labels.template.area_level
        self.rows_name_areas = self.rows_name_areas or self.in_introduction
        self._report("I118", title.place, value=title.text)

    def _level_of_lone_text(self, in_columns: Collection[str]) -> Level | None:
        """Return the level that a lone text above a measure can be the name of."""
        area = self.labels.template.area_level
        is_known = self.headings.area_name() and not self.rows_name_areas
        if area and area.id not in in_columns and not is_known:
            return area
        levels = [
            level
            for level in self.labels.template.levels[1:-1]
            if level.id not in in_columns and self._is_named_by_title(level)
        ]
        return levels[0] if len(levels) == 1 else None

    def _report_merged(self, cells: RecordCells, line: SourceLine) -> None:
        """Report values that a merged cell has for this measure too: the first measure has them."""
        for column, cell in cells.items():
            is_own = column.level == self.labels.template.leaf.id
            if is_own and cell.copied == "down" and cell.text:
                self._warn_not_placed(cell.place, cell.text, reason="merged_answer", name=line.text)

    def _add_summary(self, summary: SummaryLine, row: RecordCells) -> None:
        """Keep printed figures for the area that their row names, else for the open area."""
        area = "" if summary.total else self.headings.area_name(row)
        self.summaries.setdefault(area, []).append(summary)

    # 5. Labels with values

    def _read_labels(self, line: SourceLine) -> bool:
        """Read a line as labels with values, or as a value below a label; False if it is neither.

        A label of a group adds to its heading. A label of a measure begins a new card if the card
        that is open is complete.
        """
        found = labelled_values(line, self.labels)
        if found is None:
            return self.record is not None and self.record.add_below_label(line, self.labels)
        for column, cell in found:
            level, record = self.labels.template.level(column.level), self.record
            if level is not self.labels.template.leaf:
                self._close_record()
                record = OpenRecord({}, line, level=level)
            elif (
                record is None
                or record.level
                or record.is_complete_before(column, line, self.labels)
            ):
                self._close_record()
                title = self._title_above()
                record = OpenRecord(self.headings.cells(), line, title=title)
                self._place_in_card(record)
            record.add_labelled(column, cell, line)
            self.record = record
            if cell is None and is_answer(column, self.labels.template):
                self._report_colour_beside(line)
        return True

    def _title_above(self) -> SourceLine | None:
        """Return the last heading among the pending lines, for the card that begins.

        The lines above it are placed. Those below it are pending.
        """
        ranked = [n for n, line in enumerate(self.pending) if line.rank and line.only_cell]
        if not ranked or self.page.printed:
            self._place_pending()
            return None
        title, below = self.pending[ranked[-1]], self.pending[ranked[-1] + 1 :]
        del self.pending[ranked[-1] :]
        self._open_titles(below=title.rank)
        self._place_pending()
        self.pending = below
        return title

    def _place_in_card(self, record: OpenRecord) -> None:
        """Add the steps that stand below the title of a card; other texts have no label there."""
        for line in self.pending:
            if not record.add_steps(line.only_cell, self.labels):
                self.findings.append(line.not_placed())
        self.pending.clear()

    def _report_colour_beside(self, line: SourceLine) -> None:
        """Report the colour of the empty cell beside a label, where the answer would stand."""
        label = list(line.own_cells().values())[-1]
        if beside := coloured_beside(line, label):
            self.findings.append(coloured_cell(beside, self.builder.head.language))

    # The ends of records and of pending lines

    def _close_record(self) -> None:
        """Give the open record to the builder, or to the headings if it belongs to a group."""
        record, self.record = self.record, None
        if record is None:
            return
        if record.level:
            self.headings.add_details(record.level, record.cells())
            return
        if left_over := record.take_title(self.labels):
            self.findings.append(left_over.not_placed())
        self.in_introduction = False
        cells = self.headings.with_area({**record.headings, **record.cells()})
        if not record.text():
            self.findings.append(record.line.not_placed())
        elif reason := rejection_reason(cells, self.labels):
            self._report("I103", record.line.place, value=record.text(), **reason)
        else:
            self.builder.add(cells)

    def _place_pending(self) -> None:
        """Take the pending lines as the introduction of the open area, or report them.

        Lines introduce an area if they stand between its heading and its first measure, outside
        tables. An introduction in the report details comes first; lines that it has are skipped.
        """
        lines, self.pending = self.pending, []
        area = normalize(self.headings.area_name()) if self.in_introduction and lines else ""
        given = self.builder.details_of(area).intro if area else ""
        for line in lines:
            is_text = line.only_cell and not line.is_page_number() and not line.is_caption
            introduces = line.table == 0 and is_text
            if area and introduces and not given:
                self.builder.add_introduction(area, line.text)
                self._report("I105", line.place, value=line.text)
            elif area and introduces and normalize(line.text) in normalize(given):
                continue
            elif not area and line.place in self.lone_texts:
                self._warn_not_placed(line.place, line.text, reason="row_alone")
            else:
                self.findings.append(line.not_placed())

    def _report(self, code: str, place: Place, **values: object) -> None:
        """Add a finding."""
        self.findings.append(Finding.create(code, place, **values))

    def _warn_not_placed(self, place: Place, text: str, **values: object) -> None:
        """Add a warning about a text of a table that has no place in the report."""
        finding = Finding.create("I101", place, value=text, **values)
        self.findings.append(finding.with_severity("warning"))


def _as_sheet_name(name: str) -> str:
    """Return a name as it is compared with the names of sheets."""
    return normalize(_NOT_IN_SHEET_NAMES.sub(" ", name))
