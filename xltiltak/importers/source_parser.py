"""From pages of lines to records: what each line of a source is, whatever program the source came from.

A line is a head of a table, a row of one, a heading, a label with its value, a step of the scale, printed figures – or
it is told as one that has no place in the report. No line disappears.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from xltiltak.importers.headings import Cells, HeadingStack, bare
from xltiltak.importers.labels import FieldColumn, Labels, near
from xltiltak.importers.pasted_text import hyphens, rejoin_rows
from xltiltak.importers.records import (
    SourceCard,
    card_row,
    continues,
    fits,
    is_measure,
    lacking,
    with_area,
    with_groups,
    without_own_label,
)
from xltiltak.importers.report_builder import ReportBuilder
from xltiltak.importers.source_lines import (
    SourceCell,
    SourceLine,
    SourcePage,
    alone_in_table,
    filled,
    not_placed,
    of_introduction,
    outside_columns,
)
from xltiltak.importers.summary_lines import SummaryLine, heads_scale, is_step, summary_in
from xltiltak.importers.table_header import TableHeader, TableReading, header_in
from xltiltak.model.finding import Finding, Place
from xltiltak.model.normalize import normalize

_UNNAMED = re.compile(
    r"(?i)(?:ark|sheet|blad|tabell?e?)\s*\d*"
)  # what a spreadsheet program calls a new sheet
_NOT_ON_TABS = re.compile(r"[\[\]:*?/\\'_–-]+")


@dataclass
class SourceParser:
    """One walk over all pages of a source; `grower` takes the records it finds."""

    labels: Labels
    builder: ReportBuilder
    known: frozenset[str]  # lines that say what the head says
    findings: list[Finding] = field(default_factory=list)
    tables: list[TableReading] = field(default_factory=list)
    figures: dict[str, list[SummaryLine]] = field(
        default_factory=dict
    )  # by the area's name, "" for all together
    headings: HeadingStack = field(init=False)
    header: TableHeader | None = None
    whole: TableHeader | None = None  # the same with the columns that are not taken
    heads: list[SourceLine] = field(
        default_factory=list
    )  # its rows, until the first line below them
    card: SourceCard | None = None
    pending: list[SourceLine] = field(default_factory=list)
    fallback: SourceCell | None = None
    in_words: bool = False  # headings say which area they are of
    by_sheet: bool = False  # each area has a sheet, by its name
    printed: bool = False  # the page was copied out of a printed document
    in_tables: set[Place] = field(default_factory=set)  # where texts stand alone below a head
    fresh: bool = False  # an area's heading was met, and no measure of it yet

    def __post_init__(self) -> None:
        self.headings = HeadingStack(
            self.labels, frozenset(normalize(area.name) for area in self.builder.said.areas)
        )

    def over(self, pages: Iterable[SourcePage]) -> None:
        """All pages, in order."""
        all_pages = list(pages)
        self.in_words = self.headings.any_in(
            line for page in all_pages for line in page.lines
        ) or bool(self.headings.names)
        named = [
            page.name
            for page in all_pages
            if page.lines and page.name and not _UNNAMED.fullmatch(page.name)
        ]
        self.by_sheet = len(named) > 1
        for page in all_pages:
            self._page(page)

    def _page(self, page: SourcePage) -> None:
        self.headings.said, self.header, self.card = {}, None, None
        named = page.name and not _UNNAMED.fullmatch(page.name)
        self.fallback = (
            SourceCell(self._area_called(page.name), Place(self.builder.file, page.name))
            if named
            else None
        )
        self.printed = page.printed
        lines = filled(iter(page.lines))
        for line in rejoin_rows(lines, self) if page.printed else lines:
            self._line(line)
        self._announce()
        self._close()
        self._flush()
        self.findings += page.findings

    def _line(self, line: SourceLine) -> None:
        if self.printed:
            self.findings += hyphens(line)
        above = self.heads[-1] if self.heads else self.pending[-1] if self.pending else None
        if header := header_in(line, self.labels, above):
            self._head(line, header)
            return
        self._announce()
        if is_step(line.own(), self.labels) or self._is_known(line):
            return
        if heading := self.headings.read(line):
            self._heading(line, *heading)
        elif header := self._header_over(line):
            self._row(line, header)
        elif not self._is_card(line):
            self.pending.append(line)

    def _area_called(self, name: str) -> str:
        """The area of a sheet's name, which Excel cuts at 31 characters and keeps free of some signs."""
        full = [
            a.name for a in self.builder.said.areas if _as_tab(a.name).startswith(_as_tab(name))
        ]
        return full[0] if len(full) == 1 else name

    def _is_known(self, line: SourceLine) -> bool:
        """Does it only repeat the head, or is it a word that stands above the scale?"""
        cells = [cell for cell in line.own().values() if cell.text]
        return all(normalize(cell.text) in self.known or heads_scale(cell) for cell in cells)

    # heads of tables

    def _head(self, line: SourceLine, header: TableHeader) -> None:
        self._close()
        if self.heads and header_in(line, self.labels) == header:
            self._announce()  # a table of labels and nothing else
        elif not self.heads and self.pending and header_in(line, self.labels) != header:
            self.pending.pop()  # it was the upper row of these labels
        self.whole, self.header = header, header.once()
        self.heads.append(line)
        if len(self.heads) == 1:
            self._title_above(header)
        self._figures_above(header)
        self._flush()
        self.builder.labels |= {
            spot: header.names[col] for col, spots in header.columns.items() for spot in spots
        }

    def _announce(self) -> None:
        """Tell how the head that was met is understood, once its last row is known."""
        heads, self.heads, header = self.heads, [], self.whole
        if not heads or header is None:
            return
        place = heads[0].place
        understood = header.understood(
            " ".join(filter(None, (place.sheet, place.cell))), self.labels
        )
        if not self.tables or self.tables[-1].columns != understood.columns or place.sheet:
            self.tables.append(understood)
            self.findings += self._unknown(header)

    def _unknown(self, header: TableHeader) -> Iterator[Finding]:
        for cell in header.unknown.values():
            yield Finding.create(
                "I102", cell.place, value=cell.text, near=near(cell.text, self.labels.known())
            )
        for name in header.twice():
            yield Finding.create("I108", Place(self.builder.file), value=name)

    def _title_above(self, header: TableHeader) -> None:
        """The area, where a heading right above the table is its name and nothing else."""
        sent = self.labels.template.area_level
        if (
            not sent
            or self.in_words
            or self.by_sheet
            or any(spot.level == sent.id for spot in header.spots())
        ):
            return
        last = self.pending[-1:] if not self.printed or bare(sent) else []
        ranked = [line for line in self.pending if line.rank]
        titles = [line for line in ranked or last if line.alone and not heads_scale(line.alone)]
        if titles and (cell := titles[-1].alone):
            at = self.pending.index(titles[-1])
            self.pending, after = self.pending[:at], self.pending[at + 1 :]
            self._flush()
            self.pending = after
            self.headings.area(cell)
            self.fresh = True

    def _figures_above(self, header: TableHeader) -> None:
        for line in list(self.pending):
            if summary := summary_in(line, header, self.labels):
                self.pending.remove(line)
                self._printed(summary, dict(header.read(line)))

    def _printed(self, summary: SummaryLine, row: Cells) -> None:
        """Figures of the area that their row names, else of the one they stand in."""
        area = "" if summary.total else self._area_now(row)
        self.figures.setdefault(area, []).append(summary)

    def _area_now(self, row: Cells | None = None) -> str:
        sent = self.labels.template.area_level
        cells = self._with_area(
            {**self.headings.cells(), **{s: c for s, c in (row or {}).items() if c.text}}
        )
        return (
            cells[FieldColumn(sent.id, "name")].text
            if sent and FieldColumn(sent.id, "name") in cells
            else ""
        )

    # headings

    def _heading(self, line: SourceLine, level: object, cells: Cells) -> None:
        self._close()
        leaf = self.labels.template.leaf
        if level is leaf:
            self.card = SourceCard(self.headings.cells(), line, titled=True)
            self.card.put(next(iter(cells)), next(iter(cells.values())))
            return
        self._flush()
        self.headings.open(next(v for v in self.labels.template.levels if v is level), cells)
        self.fresh = True

    # rows

    def _header_over(self, line: SourceLine) -> TableHeader | None:
        """The head of the table a line is a row of; of one that goes on, after a page's end for example, too."""
        header = self.header
        if header is None or not line.table or card_row(line, self.labels, under=header):
            return None
        if line.table == header.table:
            return header
        cells = dict(header.read(line))
        more = (
            self.card is not None and line.width == header.width and continues(cells, self.labels)
        )
        if line.width > header.width or not (more or fits(cells, self.labels)):
            return None
        self.header = replace(header, table=line.table)
        if self.pending or not self.printed:
            self.findings.append(Finding.create("I109", line.place))
        return self.header

    def _row(self, line: SourceLine, header: TableHeader) -> None:
        if summary := summary_in(line, header, self.labels):
            self._close()
            self._printed(summary, dict(header.read(line)))
            return
        cells = {spot: self._bare(spot, cell) for spot, cell in header.read(line)}
        apart = (
            line.alone is not None and not line.close
        )  # a line of its own below a table, for example
        if not apart and is_measure(cells, self.labels):
            before = self.card
            self._close()
            self.card = SourceCard(self.headings.cells(), line)
            self.card.groups = before.groups if before else {}
            for spot, cell in with_groups(cells, self.card, self.labels).items():
                self.card.put(spot, cell)
        elif not apart and self.card and continues(cells, self.labels):
            self._joined(line, cells)
        else:
            self._unplaced(line)
            return
        for label, cell in header.outside(line):
            self.findings.append(outside_columns(cell.place, cell.text, label or "–"))

    def _bare(self, spot: FieldColumn, cell: SourceCell) -> SourceCell:
        """A cell without its own column's label, which some write before the value."""
        bare_ = without_own_label(spot, cell, self.labels)
        if bare_ is not cell:
            self.findings.append(
                Finding.create("V107", cell.place, before=cell.text, after=bare_.text)
            )
        return bare_

    def _joined(self, line: SourceLine, cells: Cells) -> None:
        """A row that was broken, at a page's end for example: its texts belong to the row above."""
        for spot, cell in cells.items():
            if cell.text and self.card:
                self.card.go_on(spot, cell)
        self.findings.append(Finding.create("I104", line.place, value=line.text))

    def _unplaced(self, line: SourceLine) -> None:
        """A row in a table of measures that is none of them: an error where it has values that count."""
        if line.alone:
            self.pending.append(line)  # it may be the name above the next table
            self.in_tables.add(line.place)
        else:
            self.findings.append(
                Finding.create("I103", line.place, value=line.text, reason="no_key")
            )

    # cards

    def _is_card(self, line: SourceLine) -> bool:
        """Is it a label with its value, or the value of the label before it?"""
        parts = card_row(line, self.labels)
        if parts is None:
            return bool(self.card and self.card.takes(line, self.labels))
        for spot, cell in parts:
            self._put(spot, cell, line)
        return True

    def _put(self, spot: FieldColumn, cell: SourceCell | None, line: SourceLine) -> None:
        level = self.labels.template.level(spot.level)
        if level is not self.labels.template.leaf:
            self._close()
            self.card = SourceCard({}, line, level=level)
            self.card.opens(spot, line)
            if cell:
                self.card.put(spot, cell)
            return
        if self.card is None or self.card.level or self.card.begins_anew(spot, line, self.labels):
            self._close()
            self._flush()
            self.card = SourceCard(self.headings.cells(), line)
        self.card.opens(spot, line)
        if cell:
            self.card.put(spot, cell)

    # ends

    def _close(self) -> None:
        """The record that is open is whole."""
        card, self.card = self.card, None
        if card is None:
            return
        if card.level:
            held = self.headings.said.get(card.level.id, {})
            cells = card.cells()
            keys = {
                FieldColumn(card.level.id, f.id)
                for f in self.labels.template.fields_of(card.level.id)
                if f.key
            }
            merged = cells if keys & {*cells} and keys & {*held} else {**held, **cells}
            self.headings.open(card.level, merged)
            return
        self.fresh = False
        record = self._with_area({**card.above, **card.cells()})
        if why := lacking(record, self.labels.template):
            self.findings.append(Finding.create("I103", card.line.place, value=card.text(), **why))
        else:
            self.builder.take(record)

    def _with_area(self, record: Cells) -> Cells:
        areas = self.builder.said.areas
        only = SourceCell(areas[0].name, Place(self.builder.file)) if len(areas) == 1 else None
        return with_area(record, self.labels.template, only or self.fallback)

    def _flush(self) -> None:
        """What stood before this has no place in the report, but for what introduces an area."""
        lines, self.pending = self.pending, []
        area = normalize(self._area_now()) if self.fresh and lines else ""
        if not area:
            self.findings += (
                alone_in_table(li) if li.place in self.in_tables else not_placed(li) for li in lines
            )
            return
        said = self.builder.areas.get(area)
        taken = self.builder.intros.setdefault(area, [])
        self.findings += of_introduction(lines, said.intro if said else "", taken)


def _as_tab(name: str) -> str:
    return normalize(_NOT_ON_TABS.sub(" ", name))
