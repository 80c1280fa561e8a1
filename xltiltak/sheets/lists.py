"""The lists behind the area sheets: findings, proposals, sources, and the head of the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime

from xltiltak.layout import metrics
from xltiltak.layout.geometry import KEY_COL, Geometry
from xltiltak.model.amounts import list_mentions
from xltiltak.model.finding import Finding
from xltiltak.model.language import translate
from xltiltak.model.register import Proposal, Register
from xltiltak.model.report import BLANK_AREA, Area, Report, Slot
from xltiltak.plan.head_sheet import AREA_COLUMNS
from xltiltak.sheets.workbook import WorkbookWriter
from xltiltak.xlsx.row_writer import CellContent, RowPattern, RowSheet

Place = Callable[[Slot], str]  # where a slot stands, as a link; empty where it stands nowhere
Look = str | tuple[str, str]  # a style, or a style and a number format
SEVERITY_STYLES = {"error": "error", "warning": "warning", "note": "comment"}
TEXT_ROWS = (
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
SPARE_DATES = 2  # empty rows for more reporting dates
WIDE = 60  # characters
_MOST_LINKS = 65_000  # of one sheet; Excel takes 65,530
_LONGEST_NOTE = 2_000  # characters of a quotation in the list


class ListSheet:
    """A list on a sheet of its own: marks hidden in column A, labels, rows with a height for their texts."""

    def __init__(
        self, book: WorkbookWriter, name: str, columns: Sequence[tuple[str, float]]
    ) -> None:
        self.book, self.columns = book, columns
        self.sheet: RowSheet = book.workbook.add_worksheet(book.sheet_name(name), RowSheet)
        self.sheet.set_column(0, 0, 12, None, {"hidden": True})
        for col, (_, width) in enumerate(columns, 1):
            self.sheet.set_column(col, col, width)
        self.row = 1
        self._frames: dict[tuple[Look, ...], RowPattern] = {}
        self.sheet.hide_gridlines(2)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_footer(f'&L&9&"Arial,Regular"{name}&R&9&"Arial,Regular"&P / &N')

    def add_title(self, text: str) -> None:
        """The sheet's title."""
        self.add_row([text], ["title"], height=24)

    def add_note(self, text: str) -> None:
        """A line of explanation."""
        self.add_row([text], ["note"], height=15)

    def add_header(self) -> None:
        """The labels, which stay when one scrolls and on every page."""
        self.sheet.freeze_panes(self.row, 0)
        self.sheet.repeat_rows(self.row - 1)
        self.add_row([label for label, _ in self.columns], ["head"] * len(self.columns))

    def add_row(
        self,
        values: Sequence[CellContent],
        looks: Sequence[Look],
        mark: str = "",
        height: float = 0.0,
    ) -> None:
        """One row from column B on; without a height it is as high as its texts."""
        known = tuple(looks)
        if known not in self._frames:
            formats = [
                self.book.format(*((look,) if isinstance(look, str) else look)) for look in known
            ]
            cells = [(KEY_COL, self.book.format("mark")), *enumerate(formats, KEY_COL + 1)]
            self._frames[known] = self.sheet.row_pattern(cells)
        texts = ((v, self.columns[n][1]) for n, v in enumerate(values) if isinstance(v, str))
        height = height or max(
            (metrics.row_height(text, width) for text, width in texts),
            default=metrics.row_height("", 1),
        )
        self.sheet.put_row(self.row, self._frames[known], [mark or None, *values], height)
        self.row += 1

    def link_last_row(self, col: int, target: str) -> None:
        """Make a cell of the last row lead somewhere."""
        if target and self.row < _MOST_LINKS:
            self.sheet.add_link(self.row - 1, col, target)


def _listed(
    book: WorkbookWriter, name: str, widths: Mapping[str, float], language: str, note: str = ""
) -> ListSheet:
    """A sheet by this name with its title, a note where there is one, and the labels of its columns."""
    table = ListSheet(
        book,
        _word(name, language),
        [(_word(key, language), width) for key, width in widths.items()],
    )
    table.add_title(_word(name, language))
    if note:
        table.add_note(_word(note, language))
    table.add_header()
    return table


def quoted(name: str) -> str:
    """A sheet's name within a formula or link."""
    doubled = name.replace("'", "''")
    return f"'{doubled}'"


def write_findings(book: WorkbookWriter, register: Register, place: Place) -> None:
    """What is to be told, errors first, each with a link to the cell it is about."""
    language = register.report.head.language
    widths = {
        "severity": 10,
        "code": 8,
        "area": 24,
        "what": 30,
        "says": 60,
        "fix": 40,
        "file": 30,
        "sheet": 20,
        "cell": 8,
    }
    table = _listed(book, "findings", widths, language, "" if register.findings else "none_found")
    for finding in register.findings:
        target = place(Slot(finding.ref, finding.field, finding.date))
        looks = ["given"] * len(widths)
        looks[0], looks[3] = SEVERITY_STYLES[finding.severity], "link" if target else "given"
        table.add_row(_told(finding, register.report), looks)
        table.link_last_row(5, target)


def _told(finding: Finding, report: Report) -> list[str]:
    language, place = report.head.language, finding.place
    area = report.area_name(finding.area) if finding.area in report.area_refs else finding.area
    what = finding.what.removeprefix(f"{area} · ")
    says = finding.message(language)[:_LONGEST_NOTE]
    told = [
        _word(finding.severity, language),
        finding.code,
        area,
        what,
        says,
        finding.fix(language),
    ]
    return [*told, place.file, place.sheet, place.cell]


def write_proposals(book: WorkbookWriter, register: Register) -> None:
    """The rows that leaders added, each with a cell where the coordinator accepts it."""
    language, offered = register.report.head.language, list(open_proposals(register))
    widths = {"accept": 10, "area": 24, "after": 12, "what": 70, "file": 30, "cell": 8}
    table = _listed(
        book, "proposals", widths, language, "accept_help" if offered else "no_proposals"
    )
    first = table.row
    for proposal in offered:
        report = register.report
        after = report.describe_node(proposal.after) if proposal.after else ""
        texts = [
            "",
            report.area_name(proposal.area),
            after,
            _offered(report, proposal),
            proposal.file,
            proposal.cell,
        ]
        table.add_row(texts, ["input", *["given"] * 5], mark=f"proposal|{proposal.key}")
    if offered:
        table.sheet.data_validation(
            first - 1, 1, table.row - 2, 1, {"validate": "list", "source": [_word("yes", language)]}
        )


def _offered(report: Report, proposal: Proposal) -> str:
    """What a proposed measure would hold, each value with its label."""
    leaf, kinds, language = (
        report.template.leaf.id,
        Geometry(report.template).field_types,
        report.head.language,
    )
    named = (
        (report.template.field_of(leaf, name), day, value) for name, day, value in proposal.values
    )
    said = (
        f"{f.label_for(day)}: {kinds[leaf, f.id].display(value, language)}"
        for f, day, value in named
        if f
    )
    return "\n".join(said)[:_LONGEST_NOTE]


def open_proposals(register: Register) -> Iterator[Proposal]:
    """The proposals that the coordinator has not accepted, in the order of their files."""
    for submission in (s for r in register.returned_files for s in r.submissions):
        yield from (p for p in submission.proposals if p.key not in register.accepted)


def write_amounts(book: WorkbookWriter, report: Report, place: Place) -> None:
    """The amounts and budget references that stand in texts, each with a link to its cell; never a sum."""
    language, found = report.head.language, list(list_mentions(report))
    if not found:
        return
    widths = {"area": 26, "what": 44, "reference": 24, "as_written": 22, "kroner": 16, "around": 70}
    table = _listed(book, "amounts", widths, language, "amounts_note")
    for slot, mention, around in found:
        target = place(slot)
        texts = (mention.text, None) if mention.value is None else (None, mention.text)
        kroner = None if mention.value is None else float(mention.value)
        area = report.area_name(report.area_of[slot.ref])
        looks: list[Look] = [
            "given",
            "link" if target else "given",
            "given",
            "given",
            ("share", "#,##0"),
            "given",
        ]
        table.add_row([area, report.describe(slot), *texts, kroner, around[:_LONGEST_NOTE]], looks)
        table.link_last_row(3, target)


def write_sources(book: WorkbookWriter, register: Register, place: Place) -> None:
    """Which area sheets the values came from, and which values came from the coordinator herself."""
    report, language = register.report, register.report.head.language
    widths = {
        "area": 30,
        "file": 36,
        "sheet": 24,
        "round": 18,
        "claims": 14,
        "outcome": 20,
        "saved_by": 24,
        "saved_at": 22,
        "sha256": 68,
    }
    table = _listed(
        book, "sources", widths, language, "" if register.returned_files else "no_sources"
    )
    for received in register.returned_files:
        outcome = _word(received.outcome, language)
        for submission in received.submissions:
            source, day = submission.source, _day(submission.round)
            texts = [
                report.area_name(submission.area),
                source.file,
                source.sheet,
                day,
                str(len(submission.changes)),
            ]
            saved = [source.saved_by, _moment(source.saved_at), source.sha256]
            table.add_row([*texts, outcome, *saved], ["given"] * len(widths))
        if not received.submissions:
            table.add_row(
                ["", received.file, "", "", "", outcome, "", "", received.sha256],
                ["given"] * len(widths),
            )
    for slot in sorted(register.overridden_slots, key=str):
        target = place(slot)
        texts = [report.describe(slot), _word("decided", language), *[""] * (len(widths) - 2)]
        table.add_row(texts, ["link" if target else "given", *["given"] * (len(widths) - 1)])
        table.link_last_row(2, target)


def write_head(book: WorkbookWriter, report: Report) -> None:
    """What the coordinator edits of the report itself: its head, and who answers for each area."""
    language, head = report.head.language, report.head
    columns = [
        ("", 26.0),
        ("", float(WIDE)),
        *(("", float(WIDE if name == "intro" else 28)) for name in AREA_COLUMNS),
    ]
    table = ListSheet(book, _word("report", language), columns)
    table.add_title(_word("report", language))
    for name in TEXT_ROWS:
        _head_row(table, name, getattr(head, name), language)
    for day in [*head.dates, *[None] * SPARE_DATES]:
        _head_row(table, "date", day, language)
    table.add_row([], [])
    labels = [
        "area_code",
        "name",
        *({"language": "area_language"}.get(name, name) for name in AREA_COLUMNS),
    ]
    table.add_row(
        [_word(key, language) for key in labels],
        ["head"] * len(labels),
        mark=f"columns|{','.join(AREA_COLUMNS)}",
    )
    rows = [_area_row(report, ref) for ref in report.area_refs] + [[""] * len(labels)] * SPARE_DATES
    for texts in rows:
        table.add_row(
            texts, ["given", *[("input", "@")] * (len(labels) - 1)], mark=f"area|{texts[0]}"
        )


def _head_row(table: ListSheet, name: str, value: CellContent, language: str) -> None:
    shown = (
        "dd.mm.yyyy" if name in ("date", "current", "deadline") else "0" if name == "year" else "@"
    )
    table.add_row(
        [_word(name, language), value or None], ["label", ("entry", shown)], mark=f"head|{name}"
    )


def _area_row(report: Report, ref: str) -> list[str]:
    area: Area = report.areas.get(ref, BLANK_AREA)
    return [ref, report.area_name(ref), *(getattr(area, name) for name in AREA_COLUMNS)]


def _moment(text: str) -> str:
    """A moment as files write it, in people's way; another text as it is."""
    try:
        return f"{datetime.fromisoformat(text):%d.%m.%Y %H:%M}"
    except ValueError:
        return text


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day else ""


def _word(key: str, language: str) -> str:
    return translate(f"book.{key}", language)
