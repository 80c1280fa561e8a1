"""A workbook in the making: the same options, fonts and properties for all we write, and never a clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from io import BytesIO
from typing import Any, TypeVar

from xlsxwriter.format import Format

from xltiltak.model.report import Head
from xltiltak.model.template import Step
from xltiltak.sheets import style
from xltiltak.snapshot import hidden_sheet
from xltiltak.xlsx.deterministic_workbook import DeterministicWorkbook, add_fingerprint_property
from xltiltak.xlsx.packing import ByteChunks
from xltiltak.xlsx.row_writer import RowSheet, TextSheet

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_NORMAL = {
    "font_name": "Arial",
    "font_size": 10,
    "font_scheme": False,
}  # its digits, 7 pixels, are the unit of widths
_ROW_PIXELS = 17  # of a row whose height nobody sets
_MOST_KEPT = 512
_LONGEST_NAME = 31  # characters of a sheet's name
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
Made = TypeVar("Made")
_RESERVED = "history"  # Excel keeps this sheet name to itself


class WorkbookWriter:
    """An XlsxWriter workbook and the formats it has so far."""

    def __init__(self, workbook: DeterministicWorkbook) -> None:
        self.workbook = workbook
        self._formats: dict[tuple[Any, ...], Format] = {}
        self._names: set[str] = {hidden_sheet.SHEET_NAME, _RESERVED}
        self._kept: dict[tuple[int, str], tuple[object, Any]] = {}

    def format(
        self, name: str, number_format: str = "", centred: bool = False, wrap: bool = False
    ) -> Format:  # noqa: FBT001, FBT002 - called per cell
        """The format of a style, made once."""
        key = (name, number_format, centred, wrap)
        if key not in self._formats:
            look = style.format_properties(name, number_format, centred=centred, wrap=wrap)
            self._formats[key] = self.workbook.add_format(look)
        return self._formats[key]

    def step(self, step: Step, *, word: bool, symbol: bool = False) -> Format:
        """How a step of a scale looks: its fill and, with `word`, number and word while the cell stays a number."""
        key = ("#step", step.value, step.label, step.fill, word, symbol)
        if key not in self._formats:
            sign = f'"{_in_format(step.symbol)} "' if symbol and step.symbol else ""
            shown = f'{sign}0" {_in_format(step.label)}"' if word else f"{sign}0"
            look = {"bg_color": step.fill, "font_color": step.ink, "num_format": shown}
            self._formats[key] = self.workbook.add_format(look)
        return self._formats[key]

    def choice(self, step: Step) -> Format:
        """How a step that is a word looks: its fill, and its symbol before the word."""
        key = ("#choice", step.label, step.fill)
        if key not in self._formats:
            sign = f'"{_in_format(step.symbol)} "' if step.symbol else ""
            look = {"bg_color": step.fill, "font_color": step.ink, "num_format": f"{sign}@"}
            self._formats[key] = self.workbook.add_format(look)
        return self._formats[key]

    def done(self) -> Format:
        """How a tick looks that says yes."""
        if ("#done",) not in self._formats:
            self._formats["#done",] = self.workbook.add_format({"font_color": style.DONE})
        return self._formats["#done",]

    def wrong(self) -> Format:
        """How an empty cell looks that is to be put right."""
        if ("#wrong",) not in self._formats:
            look = {"bg_color": style.WRONG, "border": 1, "border_color": style.WRONG_LINE}
            self._formats["#wrong",] = self.workbook.add_format(look)
        return self._formats["#wrong",]

    def kept(self, of: object, what: str, made: Callable[[], Made]) -> Made:
        """What was made of the very same object before: the lines of a thousand areas look like those of the first."""
        key = (id(of), what)
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = of, made()  # held, so that no other object gets its id
        known: Made = self._kept[key][1]
        return known

    def sheet_name(self, wanted: str) -> str:
        """A name that Excel takes and no sheet of this workbook has."""
        clean = _FORBIDDEN.sub(" ", wanted).strip().strip("'").strip() or "–"
        candidates = (_cut(clean, _LONGEST_NAME - len(tail)).rstrip() + tail for tail in _tails())
        name = next(name for name in candidates if name.casefold() not in self._names)
        self._names.add(name.casefold())
        return name

    def finish(self, sheet: RowSheet) -> None:
        """The sheet is written and nothing is put into it any more: it is packed, and its rows are let go of."""
        self.workbook.pack_sheet(sheet)

    def add_hidden_sheet(self, rows: Iterable[Sequence[str]]) -> None:
        """The snapshot, on a sheet that Excel's own menus do not show."""
        hidden: TextSheet = self.workbook.add_worksheet(hidden_sheet.SHEET_NAME, TextSheet)
        hidden.set_rows(rows, hidden_sheet.SHARED_ROWS)
        hidden.very_hidden()
        self.workbook.pack_sheet(hidden)


@contextmanager
def new_workbook(target: BytesIO | ByteChunks, head: Head) -> Iterator[WorkbookWriter]:
    """A new workbook, written to the target when the block ends. Same content, same bytes."""
    options = {
        **_OPTIONS,
        "default_format_properties": {**_NORMAL},
        "default_row_height": _ROW_PIXELS,
    }
    with DeterministicWorkbook(options) as workbook:
        add_fingerprint_property(workbook)
        day = head.current or max(head.dates, default=date(head.year, 12, 31))
        properties = {
            "title": head.title,
            "author": head.organisation,
            "created": datetime.combine(day, time()),
        }
        workbook.set_properties(properties)
        yield WorkbookWriter(workbook)
    workbook.save(target)


def _cut(text: str, most: int) -> str:
    """The beginning of a text, as long as Excel counts: a sign such as an emoji is two."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")


def _tails() -> Iterator[str]:
    yield ""
    yield from (f" {n}" for n in range(2, 100_000))


def _in_format(label: str) -> str:
    """A label within quotes of a number format."""
    return label.replace('"', "”")
