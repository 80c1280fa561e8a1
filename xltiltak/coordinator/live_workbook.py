"""The coordinator's workbook while it is open in Excel: read by its marks, and filled. `book` is xlwings' own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from xltiltak.coordinator import model
from xltiltak.coordinator.actions import ActionResult
from xltiltak.coordinator.fill import fill, typed
from xltiltak.coordinator.model import Settings
from xltiltak.intake.batch import Options
from xltiltak.model.errors import ExcelError
from xltiltak.model.language import translate

_MARKED, _VALUE = 400, 3  # rows in which marks are looked for; the column of values, counted from 1
_CONFIGURED = 30  # rows of what RunPython is told
# Where mail programs and archives put what is opened in them, and take it away again.
_PASSING = re.compile(
    r"Content\.(?:Outlook|MSO)|INetCache|Outlook Temp|Temp[\\/](?:Temp\d*_|7z|Rar\$)", re.IGNORECASE
)
_MOST_LOGGED = 8_000  # characters of one entry


def is_ours(book: Any) -> bool:
    """Is this open workbook the coordinator's? One that cannot be asked is not."""
    with suppress(Exception):
        return "control" in dict(_sheets(book))
    return False


def _sheets(book: Any) -> Iterator[tuple[str, tuple[Any, list[str]]]]:
    """The sheets that carry our mark, by its name, with the rest of it: format and language."""
    for sheet in book.sheets:
        name, *rest = str(sheet.range("A1").value or "").split("|")
        if name.startswith("@") and len(rest) == 2:
            yield name[1:], (sheet, rest)


class LiveWorkbook:
    """The open workbook: its sheets by their names, `language` its language."""

    def __init__(self, book: Any) -> None:
        marked = list(_sheets(book))
        found = dict(marked)
        if not set(model.SHEETS[:-1]) <= set(found):
            raise ExcelError("foreign_book", file=book.name)
        _, (format_, self.language) = found["control"]
        if format_ != str(model.FORMAT):
            raise ExcelError("other_format", file=book.name, met=format_, format=model.FORMAT)
        _refuse_copies([(name, sheet.name) for name, (sheet, _) in marked])
        self.book, self.app = book, book.app
        self.sheets = {name: sheet for name, (sheet, _) in found.items()}
        self._now = self._marked()
        if not {*model.SETTINGS, "report", "status"} <= set(self._now):
            raise ExcelError("foreign_book", file=book.name)

    def word(self, key: str) -> str:
        """A phrase in the workbook's language."""
        return translate(f"coordinator.{key}", self.language)

    def make_ready(self) -> None:
        """Raises ExcelError where a sheet takes nothing, or has lost its table: before anything is done, not after."""
        for key in ("control", "findings", "dashboard"):
            self._head(key)
        for sheet in self.sheets.values():
            try:
                sheet.range("A1").value = typed(sheet.range("A1").value)
            except Exception as error:
                raise ExcelError("sheet_locked", sheet=sheet.name) from error

    def configuration(self) -> dict[str, str]:
        """What RunPython is told; nothing where its sheet is gone."""
        known = [sheet for sheet in self.book.sheets if sheet.name == model.CONFIGURATION]
        rows = known[0].range((1, 1), (_CONFIGURED, 2)).value if known else []
        return {str(key): str(value or "") for key, value in rows if key}

    def settings(self) -> Settings:
        """What she has chosen. Raises ExcelError; also where her plan or appendix is open in this Excel."""
        settings = Settings.read(self._cells(), self._folder())
        wanted = {str(path.name).casefold() for path in (settings.plan, settings.appendix) if path}
        held = [book.name for book in self.app.books if str(book.name).casefold() in wanted]
        if held:
            raise ExcelError("open_here", file=", ".join(held))
        return settings

    def settled(self) -> Settings:
        """As `settings`, without those that are wrong: one of them may be what she is about to choose anew."""
        folder, right = self._folder(), {}
        for name, value in self._cells().items():
            with suppress(ExcelError):
                Settings.read({name: value}, folder)
                right[name] = value
        return Settings.read(right, folder)

    def options(self) -> Options:
        """Files are counted in the status bar as they are read."""
        counted = iter(range(1, 1 << 30))

        def step(path: Path) -> None:
            """One more file is read."""
            with suppress(Exception):  # Excel may be busy; that is nothing to stop a merge for
                self.app.status_bar = f"xltiltak: {next(counted)} · {path.name}"

        return Options(on_file_done=step)

    def show(self, done: ActionResult, *, board: bool) -> None:
        """What a button did: settings, areas and findings, and with `board` the dashboard."""
        self._write_settings(done.settings)
        if done.register is None:
            return
        report, language = done.register.report, self.language
        titles = " · ".join(filter(None, (report.head.title, report.head.organisation)))
        self._cell("control", self._now["report"][0], 2, titles)
        areas = model.area_rows(done.register, done.files, language)
        fill(
            self.sheets["control"],
            self._head("control") + 1,
            areas,
            len(model.AREA_TABLE_COLUMNS),
            model.MOST_AREAS,
        )
        told = model.finding_rows(report, done.register.findings, done.files, language)
        fill(
            self.sheets["findings"],
            self._head("findings") + 1,
            told,
            len(model.FINDING_TABLE_COLUMNS),
            model.MOST_FINDINGS,
        )
        if board:
            self._board(model.dashboard_data(done.register, language))

    def tell(self, name: str, said: str, more: str = "", *, failed: bool = False) -> None:
        """One sentence: above the areas, and in the log with its time and with what else there is to know."""
        shown = f"{model.FAILED if failed else model.WENT_WELL} {said}"
        self._cell("control", self._now["status"][0], 2, shown.replace("\n", " "))
        log, row = self.sheets["log"], self._after_log()
        outcome = self.word("failed" if failed else "went_well")
        entry = [self.word(f"button_{name}"), outcome, f"{said}\n{more}".strip()[:_MOST_LOGGED]]
        log.range((row, 2)).value = datetime.now().replace(microsecond=0)  # noqa: DTZ005 - the time on her wall
        log.range((row, 3)).value = [[typed(text) for text in entry]]

    def _after_log(self) -> int:
        """The row below the last entry; what Excel calls used may be longer, where cells only have a look."""
        log, said = self.sheets["log"], len(model.LOG_COLUMNS) + 1
        texts = log.range((1, said), (log.used_range.last_cell.row + 1, said)).value
        return 1 + max((n for n, text in enumerate(texts, 1) if text), default=self._head("log"))

    def _folder(self) -> Path | None:
        """The folder of the workbook; None where Excel gives a web address, as for OneDrive and SharePoint.

        Raises ExcelError where it was never saved, or is open from a letter or an archive and will be gone.
        """
        try:
            name = str(self.book.fullname)
        except Exception:  # noqa: BLE001 - xlwings does not know which folder the address stands for
            return None
        if "/" not in name and "\\" not in name:
            raise ExcelError("not_saved", file=name)
        if _PASSING.search(name):
            raise ExcelError("passing", path=name)
        return None if "://" in name else Path(name).parent

    def _marked(self) -> dict[str, tuple[int, Any]]:
        """The marks of the control sheet with their rows and values."""
        rows = self.sheets["control"].range((1, 1), (_MARKED, _VALUE)).value
        return {
            str(mark).removeprefix("@"): (n, _held(value))
            for n, (mark, _, value) in enumerate(rows, 1)
            if mark
        }

    def _cells(self) -> dict[str, Any]:
        return {name: value for name, (_, value) in self._now.items() if name in model.SETTINGS}

    def _write_settings(self, settings: Settings) -> None:
        """Those that are others now; what she typed stands as she typed it."""
        known = self.settled()
        for name in model.SETTINGS:
            value = getattr(settings, name)
            if value != getattr(known, name):
                cell = self.sheets["control"].range((self._now[name][0], _VALUE))
                cell.value = _in_cell(model.setting_in_cell(value, settings.folder))

    def _cell(self, sheet: str, row: int, col: int, value: Any) -> None:
        self.sheets[sheet].range((row, col)).value = typed(value)

    def _head(self, key: str) -> int:
        """The row of a table's labels."""
        marks = [row[0] for row in self.sheets[key].range((1, 1), (_MARKED, 2)).value]
        if "@head" not in marks:
            raise ExcelError("foreign_book", file=self.book.name)
        return marks.index("@head") + 1

    def _board(self, board: model.DashboardData) -> None:
        """The numbers of the charts. Rows and columns that are not used are hidden, and so not drawn."""
        sheet, top, wide = self.sheets["dashboard"], self._head("dashboard"), len(board.labels) + 1
        sheet.range((2, 2)).value = typed(board.title)
        sheet.range((top, 3)).value = [
            [label or "" for label in board.labels]
        ]  # texts by their cells' own format
        last, end = top + model.MOST_IN_CHARTS, top + len(board.rows)
        sheet.range((top + 1, 2), (last, wide)).clear_contents()
        if board.rows:
            sheet.range((top + 1, 2)).value = [[typed(cell) for cell in row] for row in board.rows]
            sheet.range((top + 1, 1), (end, 1)).rows.hidden = False
        if end < last:
            sheet.range((end + 1, 1), (last, 1)).rows.hidden = True
        for col, label in enumerate(board.labels, 3):
            sheet.range((top, col)).columns.hidden = label is None


def _held(value: Any) -> Any:
    """A value as Excel gives it: a day comes with an hour, which is no part of it here."""
    return value.date() if isinstance(value, datetime) else value


def _refuse_copies(marked: list[tuple[str, str]]) -> None:
    """Raises ExcelError for a sheet that stands there twice: nobody can tell which she looks at."""
    times = Counter(name for name, _ in marked)
    if copies := [title for name, title in marked if times[name] > 1]:
        raise ExcelError("sheet_copied", sheets=", ".join(copies))


def _in_cell(value: Any) -> Any:
    """A day as xlwings takes it; a text is one by the cell's own format."""
    return datetime.combine(value, time()) if isinstance(value, date) else value
