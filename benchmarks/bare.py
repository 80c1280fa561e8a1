"""The forms' sheets written by bare XlsxWriter: same cells, looks, guards and protection.

What is left out is what only xltiltak does: heights for the texts, marks from a plan, the snapshot, the plan as sent.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from random import Random

from xlsxwriter import Workbook

_FRAME = {
    "font_name": "Arial",
    "font_size": 10,
    "valign": "top",
    "border": 1,
    "border_color": "#C9D1DA",
}
_WIDTHS = (12, 6, 45, 14, 14, 14, 60)
_LABELS = (
    "@head",
    "Nr",
    "Tiltak",
    "Status 300420",
    "Status 310820",
    "Status 311220",
    "Oppdaterte merknader",
)
_STEPS = ("#A33B00", "#F2B276", "#F4F0DA", "#8DBDE0", "#0B4A8F")
_OPENING, _MEASURES = 10, 50
_WORDS: list[str] = (
    "arbeidet er i gang og følger planen for året med nye rutiner i alle enheter mens opplæring gjenstår".split(
        " "
    )  # noqa: SIM905 - a sentence is read at once
)


def write(area: int, chance: Random) -> bytes:
    """The form of one area."""
    target = BytesIO()
    with Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(f"Område {area:04}")
        given = book.add_format({**_FRAME, "text_wrap": True, "num_format": "@"})
        number = book.add_format({**_FRAME, "align": "center"})
        opened = book.add_format(
            {**_FRAME, "text_wrap": True, "bg_color": "#FFF8DC", "locked": False}
        )
        mark, plain = book.add_format({"font_size": 8}), book.add_format({"font_name": "Arial"})
        for row in range(_OPENING):
            sheet.write_string(row, 0, "@title", mark)
            sheet.write_string(row, 1, f"Gjennomføring av tiltak 2020, linje {row}", plain)
        for col, (width, label) in enumerate(zip(_WIDTHS, _LABELS, strict=True)):
            sheet.set_column(col, col, width, None, {"hidden": not col})
            sheet.write_string(_OPENING, col, label, given)
        for row in range(_OPENING + 1, _OPENING + 1 + _MEASURES):
            sheet.write_string(row, 0, f"A{area:04}-{row:03}", mark)
            sheet.write_number(row, 1, row, number)
            sheet.write_string(row, 2, f"Tiltak {area}.{row}: {_sentence(chance, 12)}", given)
            sheet.write_number(row, 3, chance.randint(1, 5), number)
            sheet.write_number(row, 4, chance.randint(1, 5), number)
            sheet.write_blank(row, 5, None, opened)
            sheet.write_string(row, 6, _sentence(chance, 18), opened)
        _guard(book, sheet)
    return target.getvalue()


def _guard(book: Workbook, sheet: Workbook.worksheet_class) -> None:
    """What may be typed, how steps look, what stays, what is locked."""
    first, last = _OPENING + 1, _OPENING + _MEASURES
    sheet.data_validation(
        first, 5, last, 5, {"validate": "list", "source": [1, 2, 3, 4, 5], "input_title": "Velg"}
    )
    sheet.data_validation(
        first, 6, last, 6, {"validate": "length", "criteria": "<=", "value": 2800}
    )
    for col in (3, 4, 5):
        for step, fill in enumerate(_STEPS, 1):
            look = book.add_format({"bg_color": fill, "num_format": f'0" trinn {step}"'})
            rule = {"type": "cell", "criteria": "==", "value": step, "format": look}
            sheet.conditional_format(first, col, last, col, rule)
    sheet.autofilter(_OPENING, 0, last, 6)
    sheet.freeze_panes(first, 0)
    sheet.set_landscape()
    sheet.repeat_rows(_OPENING)
    sheet.fit_to_pages(1, 0)
    sheet.protect("", {"format_rows": True, "autofilter": True})


def _sentence(chance: Random, words: int) -> str:
    return (
        " ".join(chance.choices(_WORDS, k=chance.randint(words // 2, words * 2))).capitalize() + "."
    )


if __name__ == "__main__":
    folder, chance = Path(sys.argv[1]), Random(1)  # noqa: S311 - words to write, no secret
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(int(sys.argv[2])):
        (folder / f"A{n:04}.xlsx").write_bytes(write(n, chance))
