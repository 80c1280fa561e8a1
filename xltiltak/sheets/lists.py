"""The lists behind the area sheets: amounts, findings, proposals, sources and report details."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xltiltak.layout import metrics
from xltiltak.layout.geometry import KEY_COL, geometry_of
from xltiltak.layout.list_rows import AREA_COLUMNS, HANDLED_COLUMN, row_check
from xltiltak.model.amounts import list_mentions
from xltiltak.model.finding import SEVERITIES, Finding
from xltiltak.model.language import day_number_format, day_text, translate
from xltiltak.model.register import Proposal, Register, Source
from xltiltak.model.report import BLANK_AREA, Report, Slot
from xltiltak.sheets import style
from xltiltak.sheets.workbook import A4, WorkbookWriter, quoted_sheet_name
from xltiltak.xlsx.excel_limits import cut
from xltiltak.xlsx.row_workbook import RowSheet
from xltiltak.xlsx.row_writer import CellContent, RowPattern

LinkTo = Callable[[Slot], str]  # the link to a slot's cell, "" if it has none
Look = str | tuple[str, str]  # a cell style, or a cell style and a number format
TAB_COLOURS = {"error": style.ALARM, "warning": style.TO_DO, "proposal": style.TO_DO}
SEVERITY_STYLES = {"error": "error", "warning": "warning", "note": "comment"}
# The texts of the report details, each an attribute of the head.
DETAILS = (
    "title",
    "organisation",
    "year",
    "language",
    "deadline",
    "contact",
    "case_number",
    "intro",
    "current",
)
_FIRST_COL = 1  # of a list, counted from 0
SPARE_ROWS = 2  # empty rows for more reporting dates, and for more areas
_KEY_WIDTH, _LABEL_WIDTH, _DETAIL_WIDTH, _TEXT_WIDTH = 12, 26, 28, 60  # characters
_TITLE_HEIGHT, _NOTE_HEIGHT = 24, 15  # points
_MOST_LINKS = 65_000  # of one sheet; Excel takes 65,530
_LONGEST_TEXT = 2_000  # characters of a quotation


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Where a list stands: its sheet, its columns from B on, its first row and number of rows.

    `decided` is the column with the yellow cells.
    """

    sheet: str
    columns: tuple[str, ...]
    decided: str
    first: int
    count: int

    def column(self, name: str) -> str:
        """Return the address of all cells in a column; the list has at least one row."""
        col = self.columns.index(name) + _FIRST_COL
        cells = xl_range_abs(self.first - 1, col, self.first + self.count - 2, col)
        return f"{quoted_sheet_name(self.sheet)}!{cells}"

    def cell(self, number: int) -> str:
        """Return the address of the yellow cell in a row, counted from 0."""
        col = self.columns.index(self.decided) + _FIRST_COL
        return f"{quoted_sheet_name(self.sheet)}!{xl_rowcol_to_cell(self.first - 1 + number, col)}"


class ListSheet:
    """A list on a sheet of its own, written row by row.

    Column A holds row keys and is hidden, the list begins in column B. `columns` are its labels
    and widths in characters. Rows are as high as their texts.
    """

    def __init__(
        self, book: WorkbookWriter, name: str, columns: Sequence[tuple[str, float]]
    ) -> None:
        self.book, self.columns = book, columns
        self.sheet = book.workbook.add_worksheet(book.sheet_name(name), RowSheet)
        self.next_row = 1
        self._patterns: dict[tuple[Look, ...], RowPattern] = {}
        self.sheet.set_column(0, 0, _KEY_WIDTH, None, {"hidden": True})
        for col, (_, width) in enumerate(columns, 1):
            self.sheet.set_column(col, col, width)
        self.sheet.hide_gridlines(2)
        self.sheet.set_landscape()
        self.sheet.set_paper(A4)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer(f'&L&9&"Arial,Regular"{name}&R&9&"Arial,Regular"&P / &N')

    def add_title(self, text: str) -> None:
        """Write the sheet's title."""
        self.add_row([text], ["title"], height=_TITLE_HEIGHT)

    def add_note(self, text: str) -> None:
        """Write a line of explanation."""
        self.add_row([text], ["note"], height=_NOTE_HEIGHT)

    def add_header(self) -> None:
        """Write the labels; they stay when scrolling and are repeated on every page."""
        self.sheet.freeze_panes(self.next_row, 0)
        self.sheet.repeat_rows(self.next_row - 1)
        self.add_row([label for label, _ in self.columns], ["head"] * len(self.columns))

    def add_row(
        self,
        values: Sequence[CellContent],
        looks: Sequence[Look],
        key: str = "",
        height: float = 0.0,
    ) -> None:
        """Write one row; with `height` 0 it is as high as its texts."""
        pattern = self._pattern(tuple(looks))
        if not height:
            texts = ((v, self.columns[n][1]) for n, v in enumerate(values) if isinstance(v, str))
            heights = (metrics.row_height(text, width) for text, width in texts)
            height = max(heights, default=metrics.row_height("", 1))
        self.sheet.put_row(self.next_row, pattern, [key or None, *values], height)
        self.next_row += 1

    def _pattern(self, looks: tuple[Look, ...]) -> RowPattern:
        """Return the pattern of rows with these looks, created once."""
        if looks not in self._patterns:
            cells = [(KEY_COL, self.book.format("mark"))]
            for col, look in enumerate(looks, KEY_COL + 1):
                style_name, number_format = (look, "") if isinstance(look, str) else look
                cells.append((col, self.book.format(style_name, number_format)))
            self._patterns[looks] = self.sheet.row_pattern(cells)
        return self._patterns[looks]

    def close(self, first: int, decided: str, columns: tuple[str, ...]) -> ListPlace:
        """Add filter buttons to a list whose first row this is; return where it stands."""
        count = self.next_row - first
        if count:
            self.sheet.autofilter(first - 2, _FIRST_COL, first + count - 2, len(columns))
        return ListPlace(self.sheet.get_name(), columns, decided, first, count)

    def link_last_row(self, col: int, target: str) -> None:
        """Make a cell of the last row a link; do nothing without a target."""
        if target and self.next_row < _MOST_LINKS:
            self.sheet.add_link(self.next_row - 1, col, target)


def write_findings(book: WorkbookWriter, register: Register, link_to: LinkTo) -> ListPlace:
    """Write the findings, errors first, each with a link to the cell it is about.

    What is written in the column for it closes a finding. Return where the list stands.
    """
    report, language = register.report, register.report.head.language
    # The columns up to the file are in view in a window that is 1,366 pixels wide. A character
    # takes 7 pixels in Excel and 8 in LibreOffice, which also has a bar at the right edge.
    widths = {
        "severity": 9,
        "code": 7,
        "area": 16,
        "what": 22,
        "says": 39,
        "fix": 27,
        "handled": 14,
        "file": 18,
        "sheet": 20,
        "cell": 8,
    }
    note = "handled_help" if register.findings else "none_found"
    table = _create_list(book, "findings", widths, language, note)
    first = table.next_row
    for finding in register.findings:
        link = link_to(Slot(finding.ref, finding.field, finding.date))
        looks = ["given"] * len(widths)
        looks[0], looks[3] = SEVERITY_STYLES[finding.severity], _link_look(link)
        looks[HANDLED_COLUMN - 2] = "input"
        texts = _finding_texts(finding, report)
        shown = [text for col, text in enumerate(texts, 2) if col != HANDLED_COLUMN]
        key = f"finding|{finding.fingerprint}|{row_check(shown)}"
        table.add_row(texts, looks, key=key)
        table.link_last_row(5, link)
    worst = min((f.severity for f in register.findings), key=SEVERITIES.index, default="note")
    if worst in TAB_COLOURS:
        table.sheet.set_tab_color(TAB_COLOURS[worst])
    return table.close(first, "handled", tuple(widths))


def _finding_texts(finding: Finding, report: Report) -> list[str]:
    """Return a finding's row in the list."""
    language, place = report.head.language, finding.place
    area = report.area_name(finding.area) if finding.area in report.area_refs else finding.area
    return [
        _text(finding.severity, language),
        finding.code,
        area,
        finding.what.removeprefix(f"{area} · "),
        cut(finding.message(language), _LONGEST_TEXT),
        replace(finding, handled="").fix(language),
        finding.handled,
        place.file,
        place.sheet,
        place.cell,
    ]


def write_proposals(book: WorkbookWriter, register: Register) -> ListPlace:
    """Write the measures that leaders proposed, each with a cell to accept or refuse it in.

    Return where the list stands.
    """
    report, language = register.report, register.report.head.language
    proposals = register.proposals
    widths = {"accept": 10, "area": 24, "after": 12, "what": 70, "file": 30, "cell": 8}
    note = "accept_help" if proposals else "no_proposals"
    table = _create_list(book, "proposals", widths, language, note)
    first = table.next_row
    for proposal in proposals:
        after = report.describe_node(proposal.after) if proposal.after else ""
        area, values = report.area_name(proposal.area), proposed_values(report, proposal)
        accepted = _text("yes", language) if proposal.key in register.accepted else ""
        decision = register.refused.get(proposal.key, accepted)
        decision = register.undecided.get(proposal.key, decision)
        texts = [decision, area, after, values, proposal.file, proposal.cell]
        looks = ["input", *["given"] * (len(texts) - 1)]
        table.add_row(texts, looks, key=f"proposal|{proposal.key}")
    if proposals:
        choices = [_text("yes", language), _text("refuse", language)]
        rule = {"validate": "list", "source": choices, "error_type": "information"}
        table.sheet.data_validation(first - 1, 1, table.next_row - 2, 1, rule)
    if any(p.key not in (*register.accepted, *register.refused) for p in proposals):
        table.sheet.set_tab_color(TAB_COLOURS["proposal"])
    return table.close(first, "accept", tuple(widths))


def proposed_values(report: Report, proposal: Proposal) -> str:
    """Return the values of a proposed measure, each with its label on a line."""
    leaf, language = report.template.leaf.id, report.head.language
    field_types = geometry_of(report.template).field_types
    lines = []
    for name, day, value in proposal.values:
        field = report.template.field_of(leaf, name)
        if field:
            text = field_types[leaf, name].display(value, language)
            lines.append(f"{field.named(day)}: {text}")
    return cut("\n".join(lines), _LONGEST_TEXT)


def write_amounts(book: WorkbookWriter, report: Report, link_to: LinkTo) -> None:
    """Write the amounts and budget references in the texts, each with a link to its cell.

    They are never added up. Without any there is no sheet.
    """
    language, mentions = report.head.language, list(list_mentions(report))
    if not mentions:
        return
    widths = {"area": 26, "what": 44, "reference": 24, "as_written": 22, "kroner": 16, "around": 70}
    table = _create_list(book, "amounts", widths, language, "amounts_note")
    for slot, mention, around in mentions:
        link = link_to(slot)
        is_amount = mention.value is not None
        values: list[CellContent] = [
            report.area_name(report.area_of[slot.ref]),
            report.describe(slot),
            None if is_amount else mention.text,
            mention.text if is_amount else None,
            None if mention.value is None else float(mention.value),
            cut(around, _LONGEST_TEXT),
        ]
        amount = ("share", "#,##0")
        table.add_row(values, ["given", _link_look(link), "given", "given", amount, "given"])
        table.link_last_row(3, link)


def write_sources(book: WorkbookWriter, register: Register, link_to: LinkTo) -> None:
    """Write which files and sheets the values came from, and which ones the coordinator decided."""
    report, language = register.report, register.report.head.language
    widths = {
        "area": 30,
        "file": 36,
        "sheet": 24,
        "round": 18,
        "claims": 14,
        "outcome": 20,
        "filled_by": 24,
        "saved_by": 24,
        "saved_at": 22,
        "by_mail": 40,
        "sha256": 68,
    }
    note = "" if register.returned_files else "no_sources"
    table = _create_list(book, "sources", widths, language, note)
    looks = ["given"] * len(widths)
    for returned in register.returned_files:
        outcome = _text(returned.outcome, language)
        for submission in returned.submissions:
            source, count = submission.source, len(submission.changes)
            area, day = report.area_name(submission.area), _date_text(submission.round, language)
            saved = [
                source.filled_by,
                source.saved_by,
                _moment_text(source.saved_at, language),
                _mail_text(source, language),
            ]
            texts = [area, source.file, source.sheet, day, str(count), outcome, *saved]
            texts.append(source.sha256)
            table.add_row(texts, looks)
        if not returned.submissions:
            blank = [""] * 3
            texts = ["", returned.file, *blank, outcome, *blank, "", returned.sha256]
            table.add_row(texts, looks)
    for slot in sorted(register.overridden_slots, key=str):
        link = link_to(slot)
        texts = [report.describe(slot), _text("decided", language), *[""] * (len(widths) - 2)]
        table.add_row(texts, [_link_look(link), *looks[1:]])
        table.link_last_row(2, link)


def write_head(book: WorkbookWriter, report: Report) -> None:
    """Write what the coordinator edits: the report details, its dates, and who leads each area."""
    language, head = report.head.language, report.head
    area_widths = [_TEXT_WIDTH if name == "intro" else _DETAIL_WIDTH for name in AREA_COLUMNS]
    columns = [("", float(width)) for width in (_LABEL_WIDTH, _TEXT_WIDTH, *area_widths)]
    table = ListSheet(book, _text("report", language), columns)
    table.add_title(_text("report", language))
    for name in DETAILS:
        _add_detail(table, name, getattr(head, name), language)
    for day in (*head.dates, *[None] * SPARE_ROWS):
        _add_detail(table, "date", day, language)
    table.add_row([], [])
    area_labels = ["area_language" if name == "language" else name for name in AREA_COLUMNS]
    labels = [_text(key, language) for key in ("area_code", "name", *area_labels)]
    table.add_row(labels, ["head"] * len(labels), key=f"columns|{','.join(AREA_COLUMNS)}")
    rows = [_area_texts(report, ref) for ref in report.area_refs]
    for texts in (*rows, *[[""] * len(labels)] * SPARE_ROWS):
        looks: list[Look] = ["given", *[("input", "@")] * (len(labels) - 1)]
        table.add_row(texts, looks, key=f"area|{texts[0]}")


def _add_detail(table: ListSheet, name: str, value: CellContent, language: str) -> None:
    """Write one detail of the report with its label."""
    number_format = "@"
    if name in ("date", "current", "deadline"):
        number_format = day_number_format(language)
    elif name == "year":
        number_format = "0"
    looks: list[Look] = ["label", ("entry", number_format)]
    table.add_row([_text(name, language), value or None], looks, key=f"head|{name}")


def _area_texts(report: Report, ref: str) -> list[str]:
    """Return an area's row: its code, its name, and what the coordinator enters about it."""
    area = report.areas.get(ref, BLANK_AREA)
    return [ref, report.area_name(ref), *(getattr(area, name) for name in AREA_COLUMNS)]


def _create_list(
    book: WorkbookWriter, name: str, widths: Mapping[str, float], language: str, note: str = ""
) -> ListSheet:
    """Create a list with its title, a note if there is one, and the labels of its columns."""
    columns = [(_text(key, language), width) for key, width in widths.items()]
    table = ListSheet(book, _text(name, language), columns)
    table.add_title(_text(name, language))
    if note:
        table.add_note(_text(note, language))
    table.add_header()
    return table


def _link_look(link: str) -> str:
    """Return the style of a cell that is a link if there is one."""
    return "link" if link else "given"


def _mail_text(source: Source, language: str) -> str:
    """Return who sent the e-mail that a file came with, and when; "" if it came by itself."""
    return ", ".join(filter(None, (source.sender, _moment_text(source.sent_at, language))))


def _moment_text(text: str, language: str) -> str:
    """Return an ISO date and time as people write it; another text as it is."""
    try:
        moment = datetime.fromisoformat(text)
        return f"{day_text(moment, language)} {moment:%H:%M}"
    except ValueError:
        return text


def _date_text(day: date | None, language: str) -> str:
    """Return a date as it is written in a language; "" for None."""
    return day_text(day, language) if day else ""


def _text(key: str, language: str) -> str:
    """Return a phrase of the coordinator's workbook."""
    return translate(f"book.{key}", language)
