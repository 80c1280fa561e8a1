"""Read and fill the coordinator's workbook while it is open in Excel.

`book`, `sheet` and `app` are objects of xlwings. Only `buttons` imports xlwings, so that all else
can be tested without it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time
from itertools import count, groupby
from pathlib import Path
from typing import Any

from xltiltak.coordinator import model
from xltiltak.coordinator.actions import ActionResult
from xltiltak.coordinator.dashboard import AREA_ROWS, DashboardData, dashboard_data
from xltiltak.coordinator.model import Link, Settings, TableCell, TableRow
from xltiltak.intake.returned_file import Options
from xltiltak.model.errors import ExcelError
from xltiltak.model.language import translate

_MARKER_ROWS = 400  # rows of a sheet that are searched for markers
_VALUE_COLUMN = 3  # of the settings, counted from 1
_CONFIGURATION_ROWS = 30
# Folders of e-mail programs and archivers for files that they open; the files are deleted later.
_TEMPORARY_FOLDER = re.compile(
    r"Content\.(?:Outlook|MSO)|INetCache|Outlook Temp|Temp[\\/](?:Temp\d*_|7z|Rar\$)", re.IGNORECASE
)
_MAX_LOG_LENGTH = 8_000  # characters of an entry


def is_coordinator_workbook(book: Any) -> bool:
    """Return True if this open workbook is a coordinator's; False if Excel does not answer."""
    with suppress(Exception):
        return "control" in [name for name, _, _ in _marked_sheets(book)]
    return False


def _marked_sheets(book: Any) -> Iterator[tuple[str, Any, list[str]]]:
    """Yield name, sheet, and [format, language] of each sheet with a marker in A1."""
    for sheet in book.sheets:
        name, *rest = str(sheet.range("A1").value or "").split("|")
        if name.startswith("@") and len(rest) == 2:
            yield name[1:], sheet, rest


class LiveWorkbook:
    """The coordinator's workbook, open in Excel.

    `sheets` are its sheets by the names in `model.SHEETS`; `language` is the language of its texts.
    """

    def __init__(self, book: Any) -> None:
        """Find the sheets and the markers. Raises ExcelError if one is missing or copied."""
        marked = list(_marked_sheets(book))
        self.sheets = {name: sheet for name, sheet, _ in marked}
        if not set(model.SHEETS) - {model.CONFIGURATION} <= set(self.sheets):
            raise ExcelError("foreign_book", file=book.name)
        format_, self.language = {name: rest for name, _, rest in marked}["control"]
        if format_ != str(model.FORMAT):
            raise ExcelError("other_format", file=book.name, met=format_, format=model.FORMAT)
        times = Counter(name for name, _, _ in marked)
        if copies := [sheet.name for name, sheet, _ in marked if times[name] > 1]:
            raise ExcelError("sheet_copied", sheets=", ".join(copies))
        self.book, self.app = book, book.app
        self._control = self._read_control()
        if not {*model.SETTINGS, "report", "status"} <= set(self._control):
            raise ExcelError("foreign_book", file=book.name)

    def word(self, key: str) -> str:
        """Return a text in the workbook's language."""
        return translate(f"coordinator.{key}", self.language)

    def refuse_damage(self) -> None:
        """Raise ExcelError if a sheet is protected or has lost its table.

        This is checked before an action, which would otherwise write files but not show them.
        """
        for key in ("control", "findings", "dashboard"):
            self._label_row(key)
        for sheet in self.sheets.values():
            try:
                sheet.range("A1").value = as_text(sheet.range("A1").value)
            except Exception as error:
                raise ExcelError("sheet_locked", sheet=sheet.name) from error

    def configuration(self) -> dict[str, str]:
        """Return what RunPython reads; empty if its sheet was deleted."""
        sheets = [sheet for sheet in self.book.sheets if sheet.name == model.CONFIGURATION]
        rows = sheets[0].range((1, 1), (_CONFIGURATION_ROWS, 2)).value if sheets else []
        return {str(key): str(value or "") for key, value in rows if key}

    def settings(self) -> Settings:
        """Return the settings.

        Raises ExcelError if one is wrong, and if the plan or the appendix is open in this Excel.
        """
        settings = Settings.read(self._setting_cells(), self._folder())
        paths = [path for path in (settings.plan, settings.appendix) if path]
        names = {path.name.casefold() for path in paths}
        opened = [book.name for book in self.app.books if str(book.name).casefold() in names]
        if opened:
            raise ExcelError("open_here", file=", ".join(opened))
        return settings

    def valid_settings(self) -> Settings:
        """Return the settings without those that are wrong, which the user may be about to replace.

        Raises ExcelError as `_folder` does.
        """
        folder, cells = self._folder(), {}
        for name, value in self._setting_cells().items():
            with suppress(ExcelError):
                Settings.read({name: value}, folder)
                cells[name] = value
        return Settings.read(cells, folder)

    def options(self) -> Options:
        """Return options by which the status bar counts the files as they are read."""
        numbers = count(1)

        def show_progress(path: Path) -> None:
            """Show the next number and the name of the file."""
            with suppress(Exception):  # Excel may be busy, which must not stop a merge
                self.app.status_bar = f"xltiltak: {next(numbers)} · {path.name}"

        return Options(on_file_done=show_progress)

    def show_result(self, result: ActionResult, *, with_dashboard: bool) -> None:
        """Show the result of an action: settings, areas, findings and, if asked for, the dashboard.

        The dashboard shows the answers in the appendix, so only a merge changes it.
        """
        self._write_settings(result.settings)
        if result.register is None:
            return
        report, language = result.register.report, self.language
        title = " · ".join(filter(None, (report.head.title, report.head.organisation)))
        self._write_control("report", title)
        areas = model.area_rows(result.register, result.files, language)
        columns = len(model.AREA_TABLE_COLUMNS)
        top = self._label_row("control") + 1
        fill_table(self.sheets["control"], top, areas, columns, model.MAX_AREAS)
        findings = model.finding_rows(report, result.register.findings, result.files, language)
        columns = len(model.FINDING_TABLE_COLUMNS)
        top = self._label_row("findings") + 1
        fill_table(self.sheets["findings"], top, findings, columns, model.MAX_FINDINGS)
        if with_dashboard:
            self._fill_dashboard(dashboard_data(result.register, language))

    def show_message(
        self, button: str, message: str, details: str = "", *, failed: bool = False
    ) -> None:
        """Show the message above the areas, and add it to the log with the time and the details."""
        mark = model.FAILED if failed else model.SUCCEEDED
        self._write_control("status", f"{mark} {message}".replace("\n", " "))
        log, row = self.sheets["log"], self._next_log_row()
        outcome = self.word("failed" if failed else "went_well")
        text = f"{message}\n{details}".strip()[:_MAX_LOG_LENGTH]
        entry = [self.word(f"button_{button}"), outcome, text]
        now = datetime.now().replace(microsecond=0)  # noqa: DTZ005 - the local time of the user
        log.range((row, 2)).value = now
        log.range((row, 3)).value = [[as_text(cell) for cell in entry]]

    def _next_log_row(self) -> int:
        """Return the row below the last entry.

        Excel counts cells with a format alone as used, so the texts are read.
        """
        log, text_column = self.sheets["log"], len(model.LOG_COLUMNS) + 1
        end = log.used_range.last_cell.row + 1
        texts = log.range((1, text_column), (end, text_column)).value
        rows = [row for row, text in enumerate(texts, 1) if text]
        return 1 + max(rows, default=self._label_row("log"))

    def _folder(self) -> Path | None:
        """Return the folder of the workbook; None if it is on the web (OneDrive, SharePoint).

        Raises ExcelError if the workbook was never saved, or is in a temporary folder.
        """
        try:
            name = str(self.book.fullname)
        except Exception:  # noqa: BLE001 - xlwings finds no local folder for the web address
            return None
        if "/" not in name and "\\" not in name:
            raise ExcelError("not_saved", file=name)
        if _TEMPORARY_FOLDER.search(name):
            raise ExcelError("passing", path=name)
        return None if "://" in name else Path(name).parent

    def _read_control(self) -> dict[str, tuple[int, Any]]:
        """Return row and value of each marker of the control sheet, by its name without "@"."""
        rows = self.sheets["control"].range((1, 1), (_MARKER_ROWS, _VALUE_COLUMN)).value
        return {
            str(marker).removeprefix("@"): (
                row,
                value.date() if isinstance(value, datetime) else value,
            )
            for row, (marker, _, value) in enumerate(rows, 1)
            if marker
        }

    def _setting_cells(self) -> dict[str, Any]:
        return {name: value for name, (_, value) in self._control.items() if name in model.SETTINGS}

    def _write_settings(self, settings: Settings) -> None:
        """Write the settings that have changed; the others stay as the user typed them."""
        before = self.valid_settings()
        for name in model.SETTINGS:
            value = getattr(settings, name)
            if value != getattr(before, name):
                value = model.setting_in_cell(value, settings.folder)
                if isinstance(value, date):
                    value = datetime.combine(value, time())  # xlwings takes no date without a time
                row, _ = self._control[name]
                self.sheets["control"].range((row, _VALUE_COLUMN)).value = value

    def _write_control(self, marker: str, text: str) -> None:
        """Write a text into the row of a marker of the control sheet."""
        row, _ = self._control[marker]
        self.sheets["control"].range((row, 2)).value = as_text(text)

    def _label_row(self, key: str) -> int:
        """Return the row with the labels of the table on a sheet."""
        markers = [row[0] for row in self.sheets[key].range((1, 1), (_MARKER_ROWS, 2)).value]
        if "@head" not in markers:
            raise ExcelError("foreign_book", file=self.book.name)
        return markers.index("@head") + 1

    def _fill_dashboard(self, data: DashboardData) -> None:
        """Write the table behind the charts, and hide the rows and columns that it does not use."""
        sheet, top = self.sheets["dashboard"], self._label_row("dashboard")
        last_row, last_used_row = top + AREA_ROWS, top + len(data.rows)
        last_col = len(data.labels) + 2
        sheet.range((2, 2)).value = [[as_text(data.title)], [as_text(data.note)]]
        # The format of these cells is "text", so that the labels need no `as_text`.
        sheet.range((top, 3)).value = [[label or "" for label in data.labels]]
        sheet.range((top + 1, 2), (last_row, last_col)).clear_contents()
        if data.rows:
            cells = [[as_text(cell) for cell in row] for row in data.rows]
            sheet.range((top + 1, 2)).value = cells
            sheet.range((top + 1, 1), (last_used_row, 1)).rows.hidden = False
        if last_used_row < last_row:
            sheet.range((last_used_row + 1, 1), (last_row, 1)).rows.hidden = True
        for col, label in enumerate(data.labels, 3):
            sheet.range((top, col)).columns.hidden = label is None


def as_text(value: Any) -> Any:
    """Return the value so that Excel keeps a text as it is; all else is returned unchanged.

    Without an apostrophe before it Excel would take a text for a formula, a number or a date.
    """
    return f"'{value}" if isinstance(value, str) and value else value


def fill_table(sheet: Any, top: int, rows: Sequence[TableRow], columns: int, max_rows: int) -> None:
    """Write the rows of a table from row `top` on, in place of those of before.

    The table has one row more than `max_rows`, for a total or a note. Links become formulas.
    """
    show_filtered_rows(sheet)
    sheet.range((top, 2), (top + max_rows, columns + 1)).clear_contents()
    if not rows:
        return
    texts = [[cell.text if isinstance(cell, Link) else cell for cell in row] for row in rows]
    sheet.range((top, 2)).value = [[as_text(text) for text in row] for row in texts]
    link_columns = {n for row in rows for n, cell in enumerate(row) if isinstance(cell, Link)}
    for n in sorted(link_columns):
        _write_links(sheet, top, n + 2, [row[n] for row in rows])
    sheet.range((top, 2), (top + len(rows) - 1, columns + 1)).rows.autofit()


def show_filtered_rows(sheet: Any) -> None:
    """Show the rows that the user has filtered away, because Excel writes to visible rows only."""
    with suppress(Exception):  # `api` has these names in Excel on Windows only
        if sheet.api.FilterMode:
            sheet.api.ShowAllData()


def _write_links(sheet: Any, top: int, col: int, cells: Sequence[TableCell]) -> None:
    """Write the links of a column as formulas, each run of adjacent links at once."""
    row = top
    for is_link, group in groupby(cells, lambda cell: isinstance(cell, Link)):
        run = list(group)
        if is_link:
            formulas = [[_link_formula(cell)] for cell in run if isinstance(cell, Link)]
            sheet.range((row, col), (row + len(run) - 1, col)).formula = formulas
        row += len(run)


def _link_formula(link: Link) -> str:
    target, text = link.target.replace('"', '""'), link.text.replace('"', '""')
    return f'=HYPERLINK("{target}","{text}")'
