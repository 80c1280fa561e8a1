"""Test how texts are measured and cut for Excel, and that no refusal is silent."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.xlsx.excel_limits import (
    CELL_TEXT,
    RefusedByExcel,
    cut,
    cut_lines,
    length_in_excel,
)
from xltiltak.xlsx.row_workbook import CellSheet, RowSheet, RowWorkbook
from xltiltak.xlsx.row_writer import Formula
from xltiltak.xlsx.sheet_names import is_legal_sheet_name, legal_sheet_name


def new_workbook() -> RowWorkbook:
    return RowWorkbook({}, {"title": "Prices"})


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 20))
def test_a_cut_text_is_short_enough_and_visibly_cut(text: str, most: int) -> None:
    shown = cut(text, most)
    assert len(shown.encode("utf-16-le")) // 2 == length_in_excel(shown) <= most
    assert shown == text or (shown[-1] == "…" and text.startswith(shown[:-1]))


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("😀😀", 4, "😀😀"),
        ("😀😀😀", 4, "😀…"),
        ("a😀😀", 4, "a😀…"),
        ("", 0, ""),
    ],
)
def test_an_emoji_is_two_characters_and_is_never_split(text: str, most: int, shown: str) -> None:
    assert cut(text, most) == shown


def test_of_several_lines_the_longest_are_cut() -> None:
    assert cut_lines("1 ja\n2 " + "nei " * 9, 20) == "1 ja\n2 nei nei nei…"
    assert cut_lines("a\nb\nc", 4) == "a\nb…"  # no line can be shorter


@given(st.text(st.sampled_from("'_x0041 Åå😀/:[\t\n\x00"), max_size=40), st.integers(1, 12))
def test_every_title_gives_a_legal_name(title: str, number: int) -> None:
    assert is_legal_sheet_name(legal_sheet_name(title, number))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Barnehage og skole 'Barna inne' ute", "Barnehage og skole 'Barna inne"),
        ("'Havn'", "Havn"),
        ("_x0041_ Havn", "x0041_ Havn"),
        ("history", "history –"),
        ("😀" * 20, "😀" * 15),
        ("a/b", "a b"),
        ("'", "–"),
    ],
)
def test_names_that_excel_refuses_are_changed(title: str, name: str) -> None:
    assert legal_sheet_name(title) == name


@pytest.mark.parametrize("name", ["'a", "a'", "", "a" * 32, "a:b", "History", "_x0041_", "Ark"])
def test_a_name_that_excel_refuses_is_an_error(name: str) -> None:
    book = new_workbook()
    book.add_worksheet("ark", RowSheet)
    with pytest.raises(RefusedByExcel):
        book.add_worksheet(name, RowSheet)


@pytest.mark.parametrize(
    "refused",
    [
        ("data_validation", 0, 0, 0, 0, {"validate": "list", "source": ["a" * 300]}),
        ("data_validation", 0, 0, 0, 0, {"validate": "any", "input_message": "a" * 300}),
        ("write_url", 0, 0, "https://a.no/" + "a" * 3_000),
        ("set_footer", "a" * 300),
    ],
)
def test_what_xlsxwriter_refuses_is_an_error(refused: tuple[object, ...]) -> None:
    book = new_workbook()
    sheet = book.add_worksheet("ark", RowSheet)
    sheet.put_row(1, sheet.row_pattern([(1, book.add_format({}))]), ["a"])
    name, *arguments = refused
    getattr(sheet, str(name))(*arguments)
    with pytest.raises(RefusedByExcel):
        book.save(BytesIO())


@pytest.mark.parametrize("content", ["😀" * 16_384, Formula("1+" * 5_000 + "1", 1)])
def test_a_content_that_is_too_long_is_an_error(content: str | Formula) -> None:
    book = new_workbook()
    sheet = book.add_worksheet("ark", RowSheet)
    pattern = sheet.row_pattern([(1, book.add_format({}))])
    with pytest.raises(RefusedByExcel):
        sheet.put_row(1, pattern, [content])
    sheet.put_row(1, pattern, ["a" * CELL_TEXT])


def test_a_number_format_that_is_too_long_is_an_error() -> None:
    with pytest.raises(RefusedByExcel):
        new_workbook().add_format({"num_format": f'0"{"a" * 300}"'})


def test_an_empty_result_of_a_formula_is_a_text() -> None:
    book = new_workbook()
    sheet = book.add_worksheet("ark", CellSheet)
    sheet.write_formula(0, 0, '=""', book.add_format({}), "")
    sheet.finish()
    assert b't="str"><f>""</f><v></v>' in b"".join(sheet.rows())
