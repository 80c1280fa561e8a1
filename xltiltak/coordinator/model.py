"""Describe the coordinator's workbook as data: sheets, macros, settings, and rows of its tables.

Nothing here needs Excel. `workbook_writer` writes a new workbook, `actions` works with the
settings, and `live_workbook` reads and fills the workbook that is open in Excel.

Sheets and rows are found by a marker in the hidden first column ("@plan", "@head"), so that users
may rename and move sheets, and insert rows. The marker of a sheet is in cell A1:
"@control|<format>|<language>".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath

from xltiltak.model.cell_values import CellValue, display, is_blank
from xltiltak.model.errors import ExcelError
from xltiltak.model.files import base_name
from xltiltak.model.finding import Finding
from xltiltak.model.language import LANGUAGES, preferred_language, translate
from xltiltak.model.normalize import normalize
from xltiltak.model.register import Register
from xltiltak.model.report import BLANK_AREA, Report
from xltiltak.model.summary import TOTAL, counted_inputs
from xltiltak.model.visible_text import shortened
from xltiltak.model.written_dates import parse_date

FORMAT = 1  # of the sheets and markers; a workbook of another format is refused
CONFIGURATION = "xlwings.conf"  # the sheet where RunPython looks for its settings
# The setting, in that sheet, with the version of xlwings that the macros were built for.
MACROS_FOR_XLWINGS = "XLTILTAK MACROS FOR XLWINGS"
XLWINGS_VERSION = "0.37.8"  # of the VBA modules in the project; the same as in pyproject.toml
SHEETS = ("control", "findings", "dashboard", "log", CONFIGURATION)
SETTINGS = ("plan", "sent", "returned", "appendix", "day", "deadline", "per")
AREA_TABLE_COLUMNS = (
    "area", "leader", "sent", "returned", "answered", "errors", "warnings", "file",
)  # fmt: skip
FINDING_TABLE_COLUMNS = (
    "severity", "code", "area", "what", "says", "fix", "in_file", "sheet", "cell",
)  # fmt: skip
LOG_COLUMNS = ("time", "button", "outcome", "said")
BUTTONS = ("split", "check", "merge", "report", "remind")
PICKED_SETTINGS = ("plan", "sent", "returned")  # each has a button that opens a dialog
FORM_RECIPIENTS = ("area", "leader")  # a form for each area (the default), or for each leader
SUCCEEDED, FAILED = "✔", "✖"  # the beginning of the message about an action
MAX_AREAS, MAX_FINDINGS = 300, 5_000  # rows
_WORKBOOK_SUFFIX = ".xlsx"
_MAX_TEXT_LENGTH = 900  # Excel may refuse a longer text in a range that is written at once
_MAX_LINK_LENGTH = 250  # Excel refuses a longer address


@dataclass(frozen=True, slots=True)
class Link:
    """A text in a cell that links to a file, or to a cell in a file."""

    target: str
    text: str


TableCell = str | int | float | Link | None
TableRow = list[TableCell]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the coordinator's workbook; None if not set.

    `sent` and `returned` are folders, `plan` and `appendix` workbooks. `per` is one of
    FORM_RECIPIENTS. `folder` is where the coordinator's workbook is; None if it is on the web.
    """

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
        """Return the settings from their cells, by the names in SETTINGS.

        Raises ExcelError for a web address, a value that is not a date, and an unknown recipient.
        """
        return cls(
            plan=_read_workbook_path(cells.get("plan"), folder),
            sent=_read_path(cells.get("sent"), folder),
            returned=_read_path(cells.get("returned"), folder),
            appendix=_read_workbook_path(cells.get("appendix"), folder),
            day=_read_date(cells.get("day")),
            deadline=_read_date(cells.get("deadline")),
            per=read_recipient(cells.get("per")),
            folder=folder,
        )


def _read_path(value: CellValue, folder: Path | None) -> Path | None:
    """Return the path in a cell, relative to the folder; None if the cell is blank.

    Windows puts quotes around a path that is copied as text; they are removed.
    """
    text = "" if is_blank(value) else display(value).strip().strip('"').strip()
    if "://" in text:
        raise ExcelError("cloud_path", path=text)
    if text and folder is None and not PurePath(text).is_absolute():
        raise ExcelError("cloud_book")
    return (folder / text if folder else Path(text)) if text else None


def _read_workbook_path(value: CellValue, folder: Path | None) -> Path | None:
    """Return the path of a workbook. The suffix is added if missing, as Windows hides it."""
    path = _read_path(value, folder)
    if path and path.suffix.lower() != _WORKBOOK_SUFFIX:
        return path.with_name(f"{path.name}{_WORKBOOK_SUFFIX}")
    return path


def _read_date(value: CellValue) -> date | None:
    if is_blank(value):
        return None
    language = preferred_language()
    day = parse_date(value, language)
    if day is None:
        raise ExcelError("not_a_date", value=display(value, language))
    return day


def read_recipient(value: CellValue) -> str:
    """Return one of FORM_RECIPIENTS from its words in any language; the first for a blank cell.

    Raises ExcelError for any other text.
    """
    text = "" if is_blank(value) else normalize(display(value))
    if not text:
        return FORM_RECIPIENTS[0]
    for language in LANGUAGES:
        for name in FORM_RECIPIENTS:
            if text == normalize(_word(f"per_{name}", language)):
                return name
    raise ExcelError("not_a_choice", value=display(value))


def setting_in_cell(value: Path | date | str | None, folder: Path | None) -> str | date | None:
    """Return a setting as it is written to its cell: a path relative to the folder if inside it."""
    if isinstance(value, Path):
        return str(value.relative_to(folder) if folder and value.is_relative_to(folder) else value)
    return value


def area_rows(register: Register, files: Mapping[str, Path], language: str) -> list[TableRow]:
    """Return a row of AREA_TABLE_COLUMNS for each area, then one for all areas together.

    `files` maps the name of each returned file to its path.
    """
    report, answered = register.report, count_answers(register.shown_report)
    refs = report.area_refs
    by_area = Counter((f.area, f.severity) for f in register.findings)
    rows: list[TableRow] = []
    for ref in refs[:MAX_AREAS]:
        area = report.areas.get(ref, BLANK_AREA)
        rows.append(
            [
                shorten(report.area_name(ref)),
                shorten(area.leader),
                _sent_text(area.sent, language),
                _returned_text(register, ref, language),
                _of_text(*answered[ref], language),
                by_area[ref, "error"],
                by_area[ref, "warning"],
                _last_file(register, ref, files),
            ]
        )
    sent = sum(report.areas.get(ref, BLANK_AREA).sent > 0 for ref in refs)
    total = counts(register.findings)
    rows.append(
        [
            _word("all", language),
            "",
            _of_text(sent, len(refs), language),
            _of_text(len(register.complete_areas.intersection(refs)), len(refs), language),
            _of_text(*answered[TOTAL], language),
            total["errors"],
            total["warnings"],
            "",
        ]
    )
    return rows


def count_answers(report: Report) -> dict[str, tuple[int, int]]:
    """Return for each area how many open slots are filled, and how many there are.

    The same inputs count as in a form. The sum of all areas has the key TOTAL. Nothing is open in a
    report without a current date: both numbers are 0 then.
    """
    counted = counted_inputs(report.template)
    filled = Counter[str]()
    total = Counter[str](dict.fromkeys((*report.area_refs, TOTAL), 0))
    for slot, field, node in report.slots(lambda field: (field.of, field.id) in counted):
        if report.head.current and report.is_open(field, slot.date, node):
            for ref in (report.area_of[node.ref], TOTAL):
                total[ref] += 1
                filled[ref] += slot in report.values
    return {ref: (filled[ref], number) for ref, number in total.items()}


def _sent_text(times: int, language: str) -> str:
    if times > 1:
        return _word("sent_again", language, times=times)
    return _word("sent_once" if times else "not_sent", language)


def _returned_text(register: Register, ref: str, language: str) -> str:
    if register.report.head.current is None:
        return "–"
    return _word("is_returned" if ref in register.complete_areas else "not_returned", language)


def _of_text(part: int, whole: int, language: str) -> str:
    """Return "3 of 4"; a dash if there is nothing to count."""
    return _word("of", language, part=part, whole=whole) if whole else "–"


def _last_file(register: Register, ref: str, files: Mapping[str, Path]) -> TableCell:
    """Return a link to the area's file that was saved last, with the number of its other files."""
    current = register.report.head.current
    sources = {
        submission.source
        for returned in register.returned_files
        for submission in returned.submissions
        if submission.area == ref and submission.round == current
    }
    if not sources:
        return ""
    last = max(sources, key=lambda source: (source.saved_at, source.file))
    others = f" (+{len(sources) - 1})" if len(sources) > 1 else ""
    return link(files.get(last.file), f"{shorten(last.file)}{others}")


def finding_rows(
    report: Report, findings: Sequence[Finding], files: Mapping[str, Path], language: str
) -> list[TableRow]:
    """Return a row of FINDING_TABLE_COLUMNS for each finding, with links to its file and cell.

    `files` maps the name of each file to its path. After MAX_FINDINGS rows the last row says how
    many findings were left out.
    """
    rows = [_finding_row(report, finding, files, language) for finding in findings[:MAX_FINDINGS]]
    if left_out := len(findings) - len(rows):
        text = _word("more_findings", language, count=left_out)
        rows.append(["", "", "", "", text, "", "", "", ""])
    return rows


def _finding_row(
    report: Report, finding: Finding, files: Mapping[str, Path], language: str
) -> TableRow:
    place, path = finding.place, files.get(finding.place.file)
    area = report.area_name(finding.area) if finding.area in report.area_refs else ""
    subject = finding.what.removeprefix(f"{area} · ")  # the area has its own column
    is_wrapped = path is not None and path.name != base_name(place.file)
    has_cell = place.sheet and place.cell and not is_wrapped  # no link leads into a zip
    return [
        translate(f"book.{finding.severity}", language),
        finding.code,
        shorten(area),
        shorten(subject),
        shorten(finding.message(language)),
        shorten(finding.fix(language)),
        link(path, shorten(place.file)),
        shorten(place.sheet),
        link(path, place.cell, place.sheet, place.cell) if has_cell else place.cell,
    ]


def link(path: Path | None, text: str, sheet: str = "", cell: str = "") -> TableCell:
    """Return the text as a link to a file, or to the first cell of a range in it.

    The text alone is returned without a path, and if Excel cannot link to the address.
    """
    if path is None or not text:
        return text
    quoted = sheet.replace("'", "''")
    target = f"{path}#'{quoted}'!{cell.split(':', maxsplit=1)[0]}" if sheet else str(path)
    # Excel takes what follows a "#" in the path as a place in the file.
    return text if "#" in str(path) or len(target) > _MAX_LINK_LENGTH else Link(target, text)


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """Return the numbers of errors, warnings and notes, by the names in the messages."""
    by_severity = Counter(finding.severity for finding in findings)
    return {
        "errors": by_severity["error"],
        "warnings": by_severity["warning"],
        "notes": by_severity["note"],
    }


def shorten(text: str) -> str:
    """Return the text, cut to the length that can be written to a cell of a table."""
    return shortened(text, _MAX_TEXT_LENGTH)


def vba_project() -> bytes:
    """Return the VBA project that ships with the program; it is the same in every workbook.

    It was built from `macros/*.bas` and the VBA modules of one version of xlwings.
    """
    return (shipped_folder("macros") / "vbaProject.bin").read_bytes()


def portable_python(python: str, environment: Mapping[str, str], platform: str) -> str:
    """Return the path of a Python as it is written into a workbook.

    On Windows a folder of the user is written as its variable, such as %LOCALAPPDATA%, so that it
    is the same for every user with the same installation.
    """
    for name in ("LOCALAPPDATA", "APPDATA", "USERPROFILE") if platform == "win32" else ():
        if (folder := environment.get(name)) and python.lower().startswith(folder.lower() + "\\"):
            return f"%{name}%{python[len(folder) :]}"
    return python


def shipped_folder(name: str) -> Path:
    """Return a folder that ships with the program: in the wheel, or beside the package."""
    in_wheel = Path(__file__).parents[1] / "_shipped" / name
    return in_wheel if in_wheel.is_dir() else Path(__file__).parents[2] / name


def _word(key: str, language: str, **values: object) -> str:
    return translate(f"coordinator.{key}", language, **values)
