"""The lists behind the area sheets: findings, proposals, sources, and the head of the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from xlsxwriter.worksheet import Worksheet

from xltiltak import language, metrics
from xltiltak.finding import Finding
from xltiltak.register import Register
from xltiltak.report import NOBODY, Area, Report, Slot
from xltiltak.workbook.book import Book

SEVERITY_STYLES = {"error": "error", "warning": "warning", "note": "comment"}
TEXT_ROWS = ("title", "organisation", "year", "language", "deadline", "contact", "case_number", "intro", "current")
AREA_COLUMNS = ("leader", "deputy", "email", "language", "intro")
SPARE_DATES = 2  # empty rows for more reporting dates
HEAD_COLUMN, VALUE_COLUMN, WIDE = 1, 2, 60  # columns, counted from 0; characters
_MOST_LINKS = 65_000  # of one sheet; Excel takes 65,530
_LONGEST_NOTE = 2_000  # characters of a quotation in the list


class Table:
    """A list on a sheet of its own: marks hidden in column A, labels, rows with a height for their texts."""

    def __init__(self, book: Book, name: str, columns: Sequence[tuple[str, float]]) -> None:
        self.book, self.columns = book, columns
        self.sheet: Worksheet = book.workbook.add_worksheet(book.sheet_name(name))
        self.sheet.set_column(0, 0, 12, None, {"hidden": True})
        for col, (_, width) in enumerate(columns, 1):
            self.sheet.set_column(col, col, width)
        self.row = 0
        self.sheet.hide_gridlines(2)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)

    def title(self, text: str) -> None:
        """The sheet's title."""
        self.sheet.write_string(self.row, 1, text, self.book.format("title"))
        self.row += 1

    def note(self, text: str) -> None:
        """A line of explanation."""
        self.sheet.write_string(self.row, 1, text, self.book.format("note"))
        self.row += 1

    def head(self) -> None:
        """The labels, which stay when one scrolls and on every page."""
        for col, (label, _) in enumerate(self.columns, 1):
            self.sheet.write_string(self.row, col, label, self.book.format("head"))
        self.sheet.freeze_panes(self.row + 1, 0)
        self.sheet.repeat_rows(self.row)
        self.row += 1

    def add(
        self, texts: Sequence[str], styles: Sequence[str], mark: str = "", link: tuple[int, str] = (-1, "")
    ) -> None:
        """One row; `link` is a column and where it leads."""
        if mark:
            self.sheet.write_string(self.row, 0, mark, self.book.format("mark"))
        height = 0.0
        for col, (text, name) in enumerate(zip(texts, styles, strict=True), 1):
            if link[0] == col and self.row < _MOST_LINKS:
                self.sheet.write_url(self.row, col, link[1], self.book.format("link"), text[:255])
            else:
                self.sheet.write_string(self.row, col, text, self.book.format(name))
            height = max(height, metrics.height(text, self.columns[col - 1][1]))
        self.sheet.set_row(self.row, height)
        self.row += 1


def quoted(name: str) -> str:
    """A sheet's name within a formula or link."""
    doubled = name.replace("'", "''")
    return f"'{doubled}'"


def write_findings(book: Book, register: Register, places: Mapping[Slot, str]) -> None:
    """What is to be told, errors first, each with a link to the cell it is about."""
    spoken = register.report.head.language
    widths = {"severity": 10, "code": 8, "file": 30, "sheet": 20, "cell": 8, "what": 30, "says": 60, "fix": 40}
    table = Table(book, _word("findings", spoken), [(_word(key, spoken), width) for key, width in widths.items()])
    table.title(_word("findings", spoken))
    if not register.findings:
        table.note(_word("none_found", spoken))
    table.head()
    for finding in register.findings:
        link = places.get(Slot(finding.ref, finding.field, finding.date), "")
        styles = [SEVERITY_STYLES[finding.severity], *["given"] * (len(widths) - 1)]
        table.add(_told(finding, spoken), styles, link=(6, link) if link else (-1, ""))


def _told(finding: Finding, spoken: str) -> list[str]:
    severity, place = _word(finding.severity, spoken), finding.place
    says = finding.message(spoken)[:_LONGEST_NOTE]
    return [severity, finding.code, place.file, place.sheet, place.cell, finding.what, says, finding.fix(spoken)]


def write_proposals(book: Book, register: Register) -> None:
    """The rows that leaders added, each with a cell where the coordinator accepts it."""
    spoken, offered = register.report.head.language, list(open_proposals(register))
    widths = {"accept": 10, "area": 24, "after": 12, "what": 70, "file": 30, "cell": 8}
    table = Table(book, _word("proposals", spoken), [(_word(key, spoken), width) for key, width in widths.items()])
    table.title(_word("proposals", spoken))
    table.note(_word("accept_help" if offered else "no_proposals", spoken))
    table.head()
    first = table.row
    for proposal in offered:
        said = "; ".join(str(value) for _, _, value in proposal.values)[:_LONGEST_NOTE]
        texts = ["", register.report.area_name(proposal.area), proposal.after, said, proposal.file, proposal.cell]
        table.add(texts, ["input", *["given"] * 5], mark=f"proposal|{proposal.key}")
    if offered:
        table.sheet.data_validation(first, 1, table.row - 1, 1, {"validate": "list", "source": [_word("yes", spoken)]})


def open_proposals(register: Register) -> Iterator[Any]:
    """The proposals that the coordinator has not accepted, in the order of their files."""
    for submission in (s for r in register.received for s in r.submissions):
        yield from (p for p in submission.proposals if p.key not in register.accepted)


def write_sources(book: Book, register: Register, places: Mapping[Slot, str]) -> None:
    """Which area sheets the values came from, and which values came from the coordinator herself."""
    report, spoken = register.report, register.report.head.language
    widths = {
        "area": 30,
        "file": 36,
        "sheet": 24,
        "round": 18,
        "claims": 14,
        "saved_by": 24,
        "saved_at": 22,
        "sha256": 68,
    }
    table = Table(book, _word("sources", spoken), [(_word(key, spoken), width) for key, width in widths.items()])
    table.title(_word("sources", spoken))
    if not register.received:
        table.note(_word("no_sources", spoken))
    table.head()
    for submission in (s for r in register.received for s in r.submissions):
        source, day = submission.source, _day(submission.round)
        texts = [report.area_name(submission.area), source.file, source.sheet, day, str(len(submission.claims))]
        table.add([*texts, source.saved_by, source.saved_at, source.sha256], ["given"] * len(widths))
    for slot in sorted(register.decided, key=str):
        texts = [report.describe(slot), _word("decided", spoken), *[""] * (len(widths) - 2)]
        table.add(texts, ["given"] * len(widths), link=(1, places[slot]) if slot in places else (-1, ""))


def write_head(book: Book, report: Report) -> None:
    """What the coordinator edits of the report itself: its head, and who answers for each area."""
    spoken, head = report.head.language, report.head
    columns = [("", 26.0), ("", float(WIDE)), *[("", 28.0)] * (len(AREA_COLUMNS) - 1), ("", float(WIDE))]
    table = Table(book, _word("report", spoken), columns)
    table.title(_word("report", spoken))
    for name in TEXT_ROWS:
        _head_row(table, name, getattr(head, name), spoken)
    for day in [*head.dates, *[None] * SPARE_DATES]:
        _head_row(table, "date", day, spoken)
    table.row += 1
    labels = ["area_code", "name", "leader", "deputy", "email", "area_language", "intro"]
    for col, key in enumerate(labels, HEAD_COLUMN):
        table.sheet.write_string(table.row, col, _word(key, spoken), book.format("head"))
    table.row += 1
    for ref in report.area_refs:
        _area_row(table, report, ref)
    for _ in range(SPARE_DATES):
        table.add([""] * len(labels), ["given", *["input"] * (len(labels) - 1)], mark="area|")


def _head_row(table: Table, name: str, value: Any, spoken: str) -> None:
    table.sheet.write_string(table.row, 0, f"head|{name}", table.book.format("mark"))
    table.sheet.write_string(table.row, HEAD_COLUMN, _word(name, spoken), table.book.format("label"))
    look = table.book.format("input", "dd.mm.yyyy" if name in ("date", "current", "deadline") else "@", False, True)
    if isinstance(value, date):
        table.sheet.write_datetime(table.row, VALUE_COLUMN, value, look)
    elif isinstance(value, int):
        table.sheet.write_number(table.row, VALUE_COLUMN, value, table.book.format("input", "0"))
    else:
        table.sheet.write_string(table.row, VALUE_COLUMN, value or "", look)
    table.sheet.set_row(table.row, metrics.height(str(value or ""), WIDE))
    table.row += 1


def _area_row(table: Table, report: Report, ref: str) -> None:
    area: Area = report.areas.get(ref, NOBODY)
    texts = [ref, report.area_name(ref), *(getattr(area, name) for name in AREA_COLUMNS)]
    table.add(texts, ["given", *["input"] * (len(texts) - 1)], mark=f"area|{ref}")


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def _word(key: str, spoken: str) -> str:
    return language.word(f"book.{key}", spoken)
