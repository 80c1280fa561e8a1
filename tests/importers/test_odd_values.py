"""One odd value never stops an import without a word: it is told or refused with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from tests.small import HEAD, TEMPLATE
from tests.word_kinds import package, table
from xltiltak.importers.details_file import load_details
from xltiltak.importers.import_flow import import_source
from xltiltak.model.errors import PlanError

HEADERS = ("Nr", "Tiltak", "Status 31.12.2020", "Merknader")
LONG = ("1" * 29, "9" * 400, "9" * 5_000)
ODD = (*LONG, "1e30", "1E+999", "-1e-400", "NaN", "inf", "1_000", "²")
Row = tuple[str, ...]


@pytest.fixture(autouse=True)
def _in_bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


def as_text(folder: Path, rows: list[Row]) -> Path:
    """Write rows as pasted text."""
    path = folder / "Vedlegg 2020.txt"
    lines = "\n".join("\t".join(row) for row in rows)
    path.write_text(f"Vedlegg 2020\n\nKommunalområdet Havn\n{lines}\n", "utf-8")
    return path


def as_workbook(folder: Path, rows: list[Row]) -> Path:
    """Write rows as a workbook of texts."""
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Havn"
    for row in rows:
        book.worksheets[0].append(row)
    book.save(folder / "Vedlegg 2020.xlsx")
    return folder / "Vedlegg 2020.xlsx"


def as_numbers(folder: Path, rows: list[Row]) -> Path:
    """Write rows as a workbook, with numbers where Python reads one."""
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Havn"
    for row in rows:
        book.worksheets[0].append([_number(text) for text in row])
    book.save(folder / "Vedlegg 2020.xlsx")
    return folder / "Vedlegg 2020.xlsx"


def _number(text: str) -> str | float | int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 300 else text


def as_document(folder: Path, rows: list[Row]) -> Path:
    """Write rows as a document."""
    path = folder / "Vedlegg 2020.docx"
    path.write_bytes(package(table(*rows)))
    return path


def as_table(folder: Path, rows: list[Row]) -> Path:
    """Write rows as the table of a coordinator, with its report details."""
    path = folder / "plan.csv"
    path.write_text("\n".join(";".join(row) for row in rows), "utf-8")
    path.with_suffix(".toml").write_text(HEAD, "utf-8")
    return path


WRITERS = (as_text, as_workbook, as_numbers, as_document, as_table)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd[:12])
@pytest.mark.parametrize("column", [0, 2], ids=["number", "status"])
@pytest.mark.parametrize("write", WRITERS)
def test_an_odd_value_is_told_and_the_rest_is_read(
    write: Callable[[Path, list[Row]], Path], column: int, odd: str, tmp_path: Path
) -> None:
    row = ["1", "Dekke kaien", "3", "Alt vel"]
    row[column] = odd
    rows = [HEADERS, tuple(row), ("2", "Male fyret", "4", "Snart")]
    done = import_source(write(tmp_path, rows), TEMPLATE)
    values = list(done.report.values.values())
    assert {"Dekke kaien", "Male fyret", 4, "Snart"} <= set(values)
    quoted = " ".join(f.message("nb") for f in done.findings)
    assert odd[:12] in quoted or odd in map(str, values)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (f'title = "{"x" * 1_001}"', "title"),
        (f'intro = "{"x" * 20_001}"', "intro"),
        (f'contact = "{"x" * 1_001}"', "contact"),
    ],
)
def test_report_details_that_no_cell_or_heading_holds_are_refused(
    line: str, key: str, tmp_path: Path
) -> None:
    kept = [one for one in HEAD.splitlines() if not one.startswith(f"{key} ")]
    (tmp_path / "d.toml").write_text("\n".join([*kept, line]), "utf-8")
    with pytest.raises(PlanError) as told:
        load_details(tmp_path / "d.toml")
    assert f"d.toml: {key}: " in told.value.message("nb")
