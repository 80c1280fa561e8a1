"""Write a form that goes back to be put right: what is wrong listed in front, each place marked and explained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import NamedTuple

from xltiltak.model.language import translate
from xltiltak.model.normalize import normalize
from xltiltak.model.register import Correction
from xltiltak.model.report import Report, Slot, join_reports
from xltiltak.sheets.area_sheet import AreaSheetWriter
from xltiltak.sheets.form import area_sheets
from xltiltak.sheets.lists import ListSheet, quoted
from xltiltak.sheets.workbook import new_workbook
from xltiltak.snapshot.hidden_sheet import CORRECTION_LIST_KEY, snapshot_rows
from xltiltak.snapshot.register_json import dump_correction

_WIDTHS = {"area": 24, "what": 36, "says": 60, "fix": 50}


class Problem(NamedTuple):
    """One thing to put right in an area: which slot (None for a whole sheet), what is wrong, what to do."""

    area: str
    slot: Slot | None
    what: str
    says: str
    fix: str


class CorrectionIntro(NamedTuple):
    """What stands above the list: the names of the files that came back, and the language of their leader."""

    files: tuple[str, ...]
    language: str


def write_correction_form(
    parts: Mapping[str, Report],
    areas: Mapping[str, str],
    problems: Iterable[Problem],
    mended: Correction,
    head: CorrectionIntro,
) -> bytes:
    """The workbook of some areas with all that was right in them, and the problems listed and marked."""
    target, listed = BytesIO(), list(problems)
    with new_workbook(target, next(iter(parts.values())).head) as book:
        widths = [(_word(key, head.language), float(width)) for key, width in _WIDTHS.items()]
        table = ListSheet(book, _word("sheet", head.language), widths)
        sheets = area_sheets(book, parts)
        told = {CORRECTION_LIST_KEY, *_listed(table, listed, sheets, parts, head)}
        for area, sheet in sheets.items():
            told |= _marked(sheet, [problem for problem in listed if problem.area == area])
        table.sheet.protect("", {"format_columns": True, "format_rows": True})
        table.sheet.activate()
        whole = join_reports(parts.values())
        book.add_hidden_sheet(
            snapshot_rows(
                whole,
                areas,
                None,
                dump_correction(whole, mended._replace(own_texts=frozenset(map(normalize, told)))),
            )
        )
    return target.getvalue()


def _listed(
    table: ListSheet,
    problems: list[Problem],
    sheets: Mapping[str, AreaSheetWriter],
    parts: Mapping[str, Report],
    head: CorrectionIntro,
) -> Iterable[str]:
    """The list, each line with a link to its cell; gives every text on it."""
    lines = [
        _word("help", head.language),
        _word("returned", head.language, files=", ".join(head.files)),
    ]
    table.add_title(title := _word("title", head.language, count=len(problems)))
    for line in lines:
        table.add_row([line], ["plain"], mark=CORRECTION_LIST_KEY, height=15)
    table.add_header()
    yield from (title, *lines, *(label for label, _ in table.columns))
    for problem in problems:
        texts = [
            parts[problem.area].area_name(problem.area),
            problem.what,
            problem.says,
            problem.fix,
        ]
        cell = sheets[problem.area].cell_of(problem.slot) if problem.slot else "A1"
        table.add_row(
            texts,
            ["given", "link" if cell else "given", "given", "given"],
            mark=CORRECTION_LIST_KEY,
        )
        table.link_last_row(
            3, f"internal:{quoted(sheets[problem.area].name)}!{cell}" if cell else ""
        )
        yield from texts


def _marked(sheet: AreaSheetWriter, problems: list[Problem]) -> set[str]:
    """What is wrong, said at its cell; a cell to fill in stays marked until it is. Gives the words of the notes."""
    said: dict[Slot, list[str]] = {}
    for problem in problems:
        if problem.slot and sheet.cell_of(problem.slot):
            said.setdefault(problem.slot, []).append(f"{problem.says} {problem.fix}")
    for slot, sentences in said.items():
        sheet.note(slot, "\n".join(sentences))
        sheet.mark(slot)
    return {"\n".join(sentences) for sentences in said.values()}


def _word(key: str, language: str, **values: object) -> str:
    return translate(f"mend.{key}", language, **values)
