"""The coordinator's own workbook, with no Excel in mind: its sheets and marks, her settings, and what its tables show.

`workbook.coordinator` makes it, `coordinating` works with what she has chosen in it, `excel` reads and fills it. Marks
stand in the hidden first column: sheets may be renamed and moved, rows inserted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath
from typing import NamedTuple

from xltiltak.model.errors import ExcelError
from xltiltak.model.finding import Finding
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.normalize import CellValue, display, is_blank, normalize, parse_date
from xltiltak.model.register import Register
from xltiltak.model.report import BLANK_AREA, Report
from xltiltak.model.summary import TOTAL, area_statistics, decimals_of

FORMAT = 1  # of the workbook's own layout; one of another format is not touched
CONFIGURATION = "xlwings.conf"  # the sheet where RunPython looks for its settings
MACROS_FOR_XLWINGS = (
    "XLTILTAK MACROS FOR XLWINGS"  # a setting of ours among them: whose modules the workbook holds
)
SHEETS = ("control", "findings", "dashboard", "log", CONFIGURATION)
SETTINGS = ("plan", "sent", "returned", "appendix", "day", "deadline", "per")
AREA_TABLE_COLUMNS = (
    "area",
    "leader",
    "sent",
    "returned",
    "answered",
    "errors",
    "warnings",
    "file",
)
FINDING_TABLE_COLUMNS = (
    "severity",
    "code",
    "area",
    "what",
    "says",
    "fix",
    "in_file",
    "sheet",
    "cell",
)
LOG_COLUMNS = ("time", "button", "outcome", "said")
BUTTONS = ("split", "check", "merge", "report", "remind")
PICKED_SETTINGS = ("plan", "sent", "returned")  # the settings that a button picks
FORM_RECIPIENTS = ("area", "leader")  # whom a form goes to, the first where she has said nothing
WENT_WELL, FAILED = "✔", "✖"  # before the sentence about what a button did
MOST_AREAS, MOST_FINDINGS = 300, 5_000  # rows
MOST_IN_CHARTS, MOST_DATES, MOST_STEPS = 40, 4, 7  # areas, dates and steps of the dashboard
_BOOK = ".xlsx"
_MOST_LETTERS = 900  # of a cell that is written from Python
_MOST_IN_LINK = 250  # characters Excel takes as an address
_PLACES = {
    1: (4,),
    2: (0, 4),
    3: (0, 2, 4),
    4: (0, 1, 3, 4),
    5: (0, 1, 2, 3, 4),
    6: (0, 1, 2, 3, 4, 5),
}


class Link(NamedTuple):
    """A text that leads to a file, or to a cell in one."""

    target: str
    text: str


Cell = str | int | float | Link | None
Row = list[Cell]


@dataclass(frozen=True, slots=True)
class Settings:
    """What she has chosen; None is not filled in. `folder` is the workbook's own, None when that is on the web."""

    plan: Path | None = None
    sent: Path | None = None
    returned: Path | None = None
    appendix: Path | None = None
    day: date | None = None
    deadline: date | None = None
    per: str = FORM_RECIPIENTS[0]
    folder: Path | None = None

    @classmethod
    def read(cls, cells: Mapping[str, CellValue], folder: Path | None) -> Settings:
        """From the cells beside their marks. Raises ExcelError for a web address, or what is no date or no choice."""
        plan, sent, returned, appendix = (_path(cells.get(name), folder) for name in SETTINGS[:4])
        day, deadline, per = (
            _day(cells.get("day")),
            _day(cells.get("deadline")),
            per_in(cells.get("per")),
        )
        return cls(_book(plan), sent, returned, _book(appendix), day, deadline, per, folder)


def _path(raw: CellValue, folder: Path | None) -> Path | None:
    """A path as people paste it: from Windows with quotes around it, beside the workbook without a folder."""
    text = "" if is_blank(raw) else display(raw).strip().strip('"').strip()
    if "://" in text:
        raise ExcelError("cloud_path", path=text)
    if text and folder is None and not PurePath(text).is_absolute():
        raise ExcelError("cloud_book")
    return (folder / text if folder else Path(text)) if text else None


def _day(raw: CellValue) -> date | None:
    if is_blank(raw):
        return None
    day = parse_date(raw)
    if day is None:
        raise ExcelError("not_a_date", value=display(raw))
    return day


def setting_in_cell(value: Path | date | str | None, folder: Path | None) -> str | date | None:
    """A setting as it stands in its cell: a path from the workbook's folder, where it is in it."""
    if isinstance(value, Path):
        return str(value.relative_to(folder) if folder and value.is_relative_to(folder) else value)
    return value


def _book(path: Path | None) -> Path | None:
    """A workbook by its name, which people type as they see it: without its ending."""
    return path.with_name(f"{path.name}{_BOOK}") if path and path.suffix.lower() != _BOOK else path


def per_in(raw: CellValue) -> str:
    """Whom a form goes to, by the words of any language. Raises ExcelError."""
    said = normalize("" if is_blank(raw) else display(raw))
    known = {
        normalize(_word(f"per_{name}", language)): name
        for language in LANGUAGES
        for name in FORM_RECIPIENTS
    }
    if said and said not in known:
        raise ExcelError("not_a_choice", value=display(raw))
    return known.get(said, FORM_RECIPIENTS[0])


def area_rows(register: Register, files: Mapping[str, Path], language: str) -> list[Row]:
    """A row for each area, and one for all; `files` are the paths of what has come back by their names."""
    report, asked = register.report, answers(register.report)
    counted = Counter((f.area, f.severity) for f in register.findings)
    rows: list[Row] = []
    for ref in report.area_refs[:MOST_AREAS]:
        area, errors, warnings = (
            report.areas.get(ref, BLANK_AREA),
            counted[ref, "error"],
            counted[ref, "warning"],
        )
        state = [
            _sent(area.sent, language),
            _returned(register, ref, language),
            _of(*asked[ref], language),
        ]
        last = _last_file(register, ref, files)
        rows.append(
            [_short(report.area_name(ref)), _short(area.leader), *state, errors, warnings, last]
        )
    totals = [
        sum(f.severity == severity for f in register.findings) for severity in ("error", "warning")
    ]
    sent = sum(report.areas.get(ref, BLANK_AREA).sent > 0 for ref in report.area_refs)
    back, all_ = len(register.answered_areas.intersection(report.area_refs)), len(report.area_refs)
    state = [_of(sent, all_, language), _of(back, all_, language), _of(*asked[TOTAL], language)]
    return [*rows, [_word("all", language), "", *state, *totals, ""]]


def answers(report: Report) -> dict[str, tuple[int, int]]:
    """How many of the required open slots each area has filled, and of how many; all together under TOTAL."""
    filled, asked = Counter[str](), Counter[str](dict.fromkeys((*report.area_refs, TOTAL), 0))
    wanted = [f for f in report.template.fields if f.role == "input"]
    required = [f for f in wanted if f.required] or wanted
    for slot, field, node in report.slots(lambda known: known in required):
        if report.head.current and report.is_open(field, slot.date, node):
            for ref in (report.area_of[node.ref], TOTAL):
                asked[ref] += 1
                filled[ref] += slot in report.values
    return {ref: (filled[ref], count) for ref, count in asked.items()}


def _sent(times: int, language: str) -> str:
    return (
        _word("sent_again", language, times=times)
        if times > 1
        else _word("sent_once" if times else "not_sent", language)
    )


def _returned(register: Register, ref: str, language: str) -> str:
    if register.report.head.current is None:
        return "–"
    return _word("is_returned" if ref in register.answered_areas else "not_returned", language)


def _of(part: int, whole: int, language: str) -> str:
    return _word("of", language, part=part, whole=whole) if whole else "–"


def _last_file(register: Register, ref: str, files: Mapping[str, Path]) -> Cell:
    """The file of the area that was saved last, as a link, and how many came before it."""
    current = register.report.head.current
    sources = {
        s.source
        for r in register.returned_files
        for s in r.submissions
        if s.area == ref and s.round == current
    }
    if not sources:
        return ""
    last = max(sources, key=lambda source: (source.saved_at, source.file))
    more = f" (+{len(sources) - 1})" if len(sources) > 1 else ""
    return link(files.get(last.file), f"{_short(last.file)}{more}")


def finding_rows(
    report: Report, findings: Sequence[Finding], files: Mapping[str, Path], language: str
) -> list[Row]:
    """A row for each finding, with links to its file and cell; `files` are the paths by their names."""
    rows = [_finding_row(report, finding, files, language) for finding in findings[:MOST_FINDINGS]]
    left_out = len(findings) - len(rows)
    more: Row = ["", "", "", "", _word("more_findings", language, count=left_out), "", "", "", ""]
    return [*rows, more] if left_out else rows


def _finding_row(report: Report, finding: Finding, files: Mapping[str, Path], language: str) -> Row:
    place = finding.place
    severity = translate(f"book.{finding.severity}", language)
    area = report.area_name(finding.area) if finding.area in report.area_refs else ""
    path = files.get(place.file)
    what = finding.what.removeprefix(f"{area} · ")  # which has a column of its own
    says = [_short(text) for text in (what, finding.message(language), finding.fix(language))]
    cell = (
        link(path, place.cell, place.sheet, place.cell)
        if place.sheet and place.cell
        else place.cell
    )
    return [
        severity,
        finding.code,
        _short(area),
        *says,
        link(path, _short(place.file)),
        _short(place.sheet),
        cell,
    ]


def link(path: Path | None, text: str, sheet: str = "", cell: str = "") -> Cell:
    """The text as a link to a file or a cell in it; alone where there is no file, or Excel cannot address it."""
    if path is None or not text:
        return text
    quoted = sheet.replace("'", "''")
    target = f"{path}#'{quoted}'!{cell.split(':', maxsplit=1)[0]}" if sheet else str(path)
    return text if "#" in str(path) or len(target) > _MOST_IN_LINK else Link(target, text)


class DashboardData(NamedTuple):
    """The numbers of the dashboard: their labels, a row for each area; None is a date or step that is not there."""

    title: str
    labels: list[str | None]
    rows: list[Row]


def dashboard_data(register: Register, language: str) -> DashboardData:
    """The means at the last dates, and how the answers to the open one are spread over the scale."""
    report, known = register.report, area_statistics(register.report)
    scored, decimals = report.template.mean_field(), decimals_of(register.report)
    if scored is None:
        return DashboardData(_word("no_figures", language), [None] * (MOST_DATES + MOST_STEPS), [])
    days = [day for day in report.head.dates if known[TOTAL, day].answered][-MOST_DATES:]
    steps = report.template.scales.get(scored.scale, ())
    places = _PLACES.get(len(steps), tuple(range(MOST_STEPS)))
    shown_day = report.head.current if report.head.current in days else max(days, default=None)
    at: dict[int, Cell] = dict(
        enumerate((f"{day:%d.%m.%y}" for day in days), MOST_DATES - len(days))
    )
    drawn = steps if len(steps) <= MOST_STEPS else ()
    at |= {
        MOST_DATES + place: f"{step.value} {step.label}"
        for place, step in zip(places, drawn, strict=False)
    }
    labels = [
        None if (text := at.get(n)) is None else str(text) for n in range(MOST_DATES + MOST_STEPS)
    ]
    rows: list[Row] = []
    for ref in report.area_refs[:MOST_IN_CHARTS]:
        means = (known[ref, day].mean(decimals) for day in days)
        row = dict(
            enumerate(
                (None if mean is None else float(mean) for mean in means), MOST_DATES - len(days)
            )
        )
        spread = known[ref, shown_day].distribution if shown_day else {}
        row |= {
            MOST_DATES + p: spread.get(step.value, 0)
            for p, step in zip(places, drawn, strict=False)
        }
        rows.append([_short(report.area_name(ref)), *(row.get(n) for n in range(len(labels)))])
    title = (
        _word("figures_of", language, date=f"{shown_day:%d.%m.%Y}")
        if shown_day
        else _word("no_answers", language)
    )
    return DashboardData(title, labels, rows)


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many errors, warnings and notes there are, by the names their sentence gives them."""
    counted = Counter(finding.severity for finding in findings)
    return {"errors": counted["error"], "warnings": counted["warning"], "notes": counted["note"]}


def _short(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 2].rstrip() + " …"


def _word(key: str, language: str, **values: object) -> str:
    return translate(f"coordinator.{key}", language, **values)
