"""Write the sheets of forms with XlsxWriter only: the same cells, formats, validation, protection.

What only xltiltak does is left out: row heights that fit the texts, row keys from a plan, the
hidden record, the plan as sent.
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
_STEPS = ("#FBE0CC", "#E9BC82", "#79AAA3", "#32709F", "#0C3464")
_OPENING, _MEASURES = 10, 50
_WORDS: list[str] = (  # noqa: SIM905 - a sentence is easy to read
    "arbeidet er i gang og følger planen for året med nye rutiner i alle enheter "
    "mens opplæring gjenstår"
).split(" ")


def write(area: int, chance: Random) -> bytes:
    """Return the form of one area as the content of an .xlsx file."""
    target = BytesIO()
    with Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet(f"Område {area:04}")
        locked = workbook.add_format({**_FRAME, "text_wrap": True, "num_format": "@"})
        number = workbook.add_format({**_FRAME, "align": "center"})
        unlocked = workbook.add_format(
            {**_FRAME, "text_wrap": True, "bg_color": "#FFF8DC", "locked": False}
        )
        key, text = (
            workbook.add_format({"font_size": 8}),
            workbook.add_format({"font_name": "Arial"}),
        )
        for row in range(_OPENING):
            sheet.write_string(row, 0, "@title", key)
            sheet.write_string(row, 1, f"Gjennomføring av tiltak 2020, linje {row}", text)
        for col, (width, label) in enumerate(zip(_WIDTHS, _LABELS, strict=True)):
            sheet.set_column(col, col, width, None, {"hidden": not col})
            sheet.write_string(_OPENING, col, label, locked)
        for row in range(_OPENING + 1, _OPENING + 1 + _MEASURES):
            sheet.write_string(row, 0, f"A{area:04}-{row:03}", key)
            sheet.write_number(row, 1, row, number)
            sheet.write_string(row, 2, f"Tiltak {area}.{row}: {_sentence(chance, 12)}", locked)
            sheet.write_number(row, 3, chance.randint(1, 5), number)
            sheet.write_number(row, 4, chance.randint(1, 5), number)
            sheet.write_blank(row, 5, None, unlocked)
            sheet.write_string(row, 6, _sentence(chance, 18), unlocked)
        _add_rules(workbook, sheet)
    return target.getvalue()


def _add_rules(workbook: Workbook, sheet: Workbook.worksheet_class) -> None:
    """Add validation, the colours of the steps, the page set-up and the protection."""
    first, last = _OPENING + 1, _OPENING + _MEASURES
    sheet.data_validation(
        first, 5, last, 5, {"validate": "list", "source": [1, 2, 3, 4, 5], "input_title": "Velg"}
    )
    sheet.data_validation(
        first, 6, last, 6, {"validate": "length", "criteria": "<=", "value": 2800}
    )
    for col in (3, 4, 5):
        for step, fill in enumerate(_STEPS, 1):
            step_format = workbook.add_format({"bg_color": fill, "num_format": f'0" trinn {step}"'})
            rule = {"type": "cell", "criteria": "==", "value": step, "format": step_format}
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
    folder, chance = Path(sys.argv[1]), Random(1)  # noqa: S311 - random texts, no secret
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(int(sys.argv[2])):
        (folder / f"A{n:04}.xlsx").write_bytes(write(n, chance))
