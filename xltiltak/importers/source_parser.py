"""From the lines of a source to records: what each line is, whatever program it came from.

`SourceParser.parse` reads the lines once, from top to bottom. A line is the first of these that
fits:

1. a row of labels: it opens a table, or adds to the labels in the row above;
2. a step of the scale, or a text of the report details: it is skipped;
3. a heading: the title of a card, or of a group that the following records belong to;
4. a row of the open table: printed figures, a measure, or the continuation of a measure;
5. a label with its value, or a value below a label: a part of a card;
6. none of these: it is *pending*. The next table or heading may make it a title, the upper row of
   the labels, printed figures or an introduction; otherwise a finding reports it.

A record ends where the next one begins; the builder then gets it. No line disappears.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from xltiltak.importers.colour_answers import (
    ColouredTable,
    coloured_beside,
    coloured_cell,
    is_answer,
)
from xltiltak.importers.labels import (
    HeadingStack,
    Labels,
    RecordCells,
    is_bare_heading,
    suggest_label,
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
    rejection_reason,
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
    is_scale_step,
    is_scale_word,
    summary_in,
)
from xltiltak.model.finding import Finding, Place
from xltiltak.model.normalize import normalize
from xltiltak.model.template import Level

# The names that spreadsheet programs give new sheets.
_DEFAULT_SHEET_NAME = re.compile(r"(?i)(?:ark|sheet|blad|tabell?e?)\s*\d*")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\'_–-]+")


@dataclass
class OpenTable:
    """The table whose rows are read now.

    `labelled` is its header with all columns, `header` the same without columns whose field another
    column holds too. `label_rows` are the lines of labels, until the first line below them.
    `colours` has its measures for the colours of their cells.
    """

    labelled: TableHeader
    header: TableHeader
    label_rows: list[SourceLine]
    colours: ColouredTable


@dataclass
class SourceParser:
    """Parses the pages of one source; the builder gets the records.

    `details_texts` are normalized texts that only repeat the report details. Results: `findings`,
    `tables` as they were understood, and `summaries`, the printed figures by area name ("" for the
    whole report).

    State while parsing: the current page, the open headings, table and record, and the pending
    lines. `lone_texts` are the places of pending lines that stand alone on a row of a table.
    `in_introduction` is True from a heading of a group or area to its first measure.
    `titles_name_areas` is True if neither headings nor sheets name the areas, so that a title right
    above a table does.
    """

    labels: Labels
    builder: ReportBuilder
    details_texts: frozenset[str]
    findings: list[Finding] = field(default_factory=list)
    tables: list[TableReading] = field(default_factory=list)
    summaries: dict[str, list[SummaryLine]] = field(default_factory=dict)
    page: SourcePage = field(default_factory=lambda: SourcePage(()))
    headings: HeadingStack = field(init=False)
    table: OpenTable | None = None
    record: OpenRecord | None = None
    pending: list[SourceLine] = field(default_factory=list)
    lone_texts: set[Place] = field(default_factory=set)
    in_introduction: bool = False
    titles_name_areas: bool = False

    def __post_init__(self) -> None:
        areas = self.builder.details.areas
        self.headings = HeadingStack(self.labels, frozenset(normalize(area.name) for area in areas))

    def parse(self, pages: Sequence[SourcePage]) -> None:
        """Parse all pages, in order."""
        lines = (line for page in pages for line in page.lines)
        named_sheets = [page for page in pages if page.lines and _has_own_name(page)]
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
        for line in page.filled_lines():
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
        self._report_colours()
        self.findings += page.findings

    def _start_page(self, page: SourcePage) -> None:
        """Forget the headings and the table of the page before; neither goes on over its end."""
        self.page, self.table, self.record = page, None, None
        self.headings.start_page(self._default_area(page))

    def _default_area(self, page: SourcePage) -> SourceCell | None:
        """Return the area of records that name none; None if it is unknown.

        It is the only area of the report details, or the one that the sheet is named for. Excel
        cuts the names of sheets at 31 characters and forbids some signs in them.
        """
        areas = self.builder.details.areas
        if len(areas) == 1:
            return SourceCell(areas[0].name, Place(self.builder.file))
        if not _has_own_name(page):
            return None
        name = _as_sheet_name(page.name)
        matches = [area.name for area in areas if _as_sheet_name(area.name).startswith(name)]
        area = matches[0] if len(matches) == 1 else page.name
        return SourceCell(area, Place(self.builder.file, page.name))

    def _parse_line(self, line: SourceLine) -> None:
        """Find out what a line is, as the module's docstring lists it."""
        if self.page.printed:
            self.findings += broken_words(line)
        label_rows = self.table.label_rows if self.table else []
        above = label_rows or self.pending
        if header := header_in(line, self.labels, above[-1] if above else None):
            self._read_label_row(line, header)
            return
        self._report_table()
        if is_scale_step(line, self.labels) or self._repeats_details(line):
            return
        if figures := figures_in_paragraph(line, self.labels):
            self._close_record()
            self._add_summary(figures, {})
            return
        if heading := self.headings.read(line):
            self._open_heading(line, *heading)
        elif header := self._header_above(line):
            self._read_row(line, header)
        elif not self._read_labels(line):
            if line.rank and not line.table:
                self._close_record()
            self.pending.append(line)

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
        self.table = OpenTable(header, header.without_duplicates(), rows, colours)
        if not rows_above:
            self._take_title_above(header)
        for above in list(self.pending):
            if summary := summary_in(above, header, self.labels):
                self.pending.remove(above)
                self._add_summary(summary, dict(header.read(above)))
        self._place_pending()
        self.builder.source_labels |= header.labels_in_source()

    def _take_title_above(self, header: TableHeader) -> None:
        """Open the area that a line above a table names, if titles name areas in this source.

        The title is the last pending heading. If there is none, it is the last pending line, in
        printed text only if the template's heading of an area is the name alone.
        """
        area_level = self.labels.template.area_level
        if not area_level or not self.titles_name_areas:
            return
        if any(column.level == area_level.id for column in header.field_columns()):
            return
        lines = [line for line in self.pending if line.rank]
        if not lines and (not self.page.printed or is_bare_heading(area_level)):
            lines = self.pending[-1:]
        titles = [line for line in lines if line.only_cell and not is_scale_word(line.only_cell)]
        if titles and (cell := titles[-1].only_cell):
            at = self.pending.index(titles[-1])
            below = self.pending[at + 1 :]
            del self.pending[at:]
            self._place_pending()
            self.pending = below
            self.headings.open_area(cell)
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
            hint = suggest_label(cell.text, self.labels.all_labels())
            self._report("I102", cell.place, value=cell.text, near=hint)
        for name in header.duplicate_names():
            self._report("I108", Place(self.builder.file), value=name)

    def _report_colours(self) -> None:
        """Report the answers of the table so far that are nothing but colours."""
        if self.table:
            self.findings += self.table.colours.findings()
            self.table.colours.rows.clear()

    # 3. Headings

    def _open_heading(self, line: SourceLine, level: Level, cells: RecordCells) -> None:
        """Open the card that a line is the title of, or the group that it is the heading of."""
        self._close_record()
        if level is self.labels.template.leaf:
            self.record = OpenRecord(self.headings.cells(), line, titled=True)
            for column, cell in cells.items():
                self.record.add(column, cell)
            return
        self._place_pending()
        self.headings.open(level, cells)
        self.in_introduction = True

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

        A row that is none of these is an error, unless it is one text alone: that may be the title
        of the next table.
        """
        if summary := summary_in(line, header, self.labels):
            self._close_record()
            self._add_summary(summary, dict(header.read(line)))
            return
        cells: RecordCells = {}
        for column, cell in header.read(line):
            cells[column] = without_own_label(column, cell, self.labels)
            if cells[column] is not cell:
                self._report("V107", cell.place, before=cell.text, after=cells[column].text)
        is_below_table = line.only_cell is not None and not line.close
        if not is_below_table and is_measure(cells, self.labels):
            groups_above = self.record.groups if self.record else {}
            self._close_record()
            self.record = OpenRecord(self.headings.cells(), line)
            self.record.add_row(cells, groups_above, self.labels.template)
            self._report_merged(cells, line)
            if self.table:
                self.table.colours.add(line, cells)
        elif not is_below_table and self.record and is_continuation(cells, self.labels):
            self.record.continue_row(cells)
            self._report("I104", line.place, value=line.text)
        elif line.only_cell:
            self.pending.append(line)
            self.lone_texts.add(line.place)
            return
        else:
            self._report("I103", line.place, value=line.text, reason="no_key")
            return
        for label, cell in header.unread_cells(line):
            self._warn_not_placed(cell.place, cell.text, reason="column", label=label or "–")

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
            record.add_labelled(column, cell, line)
            self.record = record
            if cell is None and is_answer(column, self.labels.template):
                self._report_colour_beside(line)
        return True

    def _title_above(self) -> SourceLine | None:
        """Return the last heading among the pending lines, for the card that begins.

        The lines above it are placed. Those below it stand in the card without a label.
        """
        ranked = [n for n, line in enumerate(self.pending) if line.rank and line.only_cell]
        if not ranked or self.page.printed:
            self._place_pending()
            return None
        title, below = self.pending[ranked[-1]], self.pending[ranked[-1] + 1 :]
        del self.pending[ranked[-1] :]
        self._place_pending()
        self.findings += [line.not_placed() for line in below]
        return title

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
        if reason := rejection_reason(cells, self.labels):
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
            introduces = line.table == 0 and line.only_cell and not line.is_page_number()
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


def _has_own_name(page: SourcePage) -> bool:
    """Return True if a sheet has a name that somebody gave it."""
    return bool(page.name) and not _DEFAULT_SHEET_NAME.fullmatch(page.name)


def _as_sheet_name(name: str) -> str:
    """Return a name as it is compared with the names of sheets."""
    return normalize(_NOT_IN_SHEET_NAMES.sub(" ", name))
