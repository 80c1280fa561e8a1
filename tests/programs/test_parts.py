"""Test the fixtures for LibreOffice, Poppler and the validator, which other tests rely on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest
import xlsxwriter

from tests.office import Document, Office, Validation
from tests.parts import Poppler, Validator, demand
from tests.test_excel_rules import edited

SHEET = "Ark æ"


def make(path: Path) -> Path:
    """Write a protected sheet: A1 locked, B1:B3 open, a list at B1, B3 as text, a sum in C1."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet(SHEET)
        book.add_worksheet("Skjult").very_hidden()
        unlocked, text = (
            book.add_format({"locked": False}),
            book.add_format({"locked": False, "num_format": "@"}),
        )
        sheet.write_string("A1", "Tiltak: bygge skole", book.add_format({"bold": True}))
        sheet.write_number("B1", 2, unlocked)
        sheet.write_blank("B2", None, unlocked)
        sheet.write_blank("B3", None, text)
        sheet.write_formula("C1", "=SUM(B1:B2)", None, 2)
        sheet.write_formula("C2", '=IF(B1>2,"over","under")', None, "under")
        sheet.write_formula("C3", "=1/0", None, "#DIV/0!")
        rule = {
            "validate": "list",
            "source": [1, 2, 3, 4, 5],
            "input_title": "Status",
            "input_message": "Velg 1–5",
        }
        sheet.data_validation(
            "B1",
            {**rule, "error_title": "Status", "error_message": "Bare 1–5", "ignore_blank": True},
        )
        sheet.set_column("A:A", 30)
        sheet.freeze_panes(1, 1)
        sheet.protect()
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of the small workbook, with spaces and Norwegian letters."""
    folder = tmp_path / "Svar fra områdene"
    folder.mkdir()
    return make(folder / "Skjema æøå.xlsx")


@pytest.fixture
def document(office: Office, path: Path) -> Iterator[Document]:
    """Open the small workbook in LibreOffice."""
    with office.open(path) as opened:
        yield opened


def test_locked_cell_refuses_typing(document: Document) -> None:
    assert document.is_protected(SHEET)
    assert document.is_locked(SHEET, "A1")
    assert not document.type(SHEET, "A1", "noe annet")
    assert document.value(SHEET, "A1") == "Tiltak: bygge skole"


def test_locked_cell_accepts_typing_after_unprotecting(document: Document) -> None:
    document.unprotect(SHEET)
    assert not document.is_protected(SHEET)
    assert document.type(SHEET, "A1", "noe annet")


def test_open_cell_accepts_and_formulas_follow(document: Document) -> None:
    assert not document.is_locked(0, "B1")
    assert document.type(0, "B1", "4")
    assert document.type(0, "B2", "3,5")
    assert (document.value(0, "B1"), document.value(0, "C1"), document.value(0, "C2")) == (
        4,
        7.5,
        "over",
    )
    assert document.formula(0, "C1") == "=SUM(B1:B2)"
    assert document.formula(0, "B1") is None


def test_typing_follows_norwegian_habits(document: Document) -> None:
    document.type(0, "B2", "1.2.2021")
    assert document.value(0, "B2") == 44228
    document.type(0, "B2", "3,5")
    assert document.value(0, "B2") == 3.5
    document.type(0, "B3", "3,5")
    assert document.value(0, "B3") == "3,5"
    document.type(0, "B2", "=1+1")
    assert document.formula(0, "B2") == "=1+1"


def test_put_sets_text_number_formula_and_nothing(document: Document) -> None:
    document.put(0, "B2", "=1+1")
    assert (document.value(0, "B2"), document.formula(0, "B2")) == ("=1+1", None)
    document.put(0, "B2", 2.25)
    assert document.value(0, "B2") == 2.25
    document.put(0, "B2", None)
    assert document.value(0, "B2") is None
    document.put_formula(0, "B2", "=SUM(B1;1)")
    assert document.value(0, "B2") == 3


def test_values_and_errors_are_read(document: Document) -> None:
    assert document.sheet_names == [SHEET, "Skjult"]
    assert document.value(SHEET, "C3") == "#DIV/0!"
    assert document.shown(SHEET, "B1") == "2"


def test_recalculating_replaces_stored_values(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "stale.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_formula("A1", "=1+1", None, 99)
    with office.open(path) as opened:
        before = opened.value(0, "A1")
        opened.recalculate()
        assert (before, opened.value(0, "A1")) == (99, 2)


def test_validation_is_read(document: Document) -> None:
    rule = document.validation(0, "B1")
    assert isinstance(rule, Validation)
    assert (rule.type, rule.shows_list, rule.ignores_blank) == ("LIST", True, True)
    assert rule.formula1.replace('"', "") == "1;2;3;4;5"
    assert (rule.prompt_title, rule.prompt, rule.error) == ("Status", "Velg 1–5", "Bare 1–5")
    assert rule.error_style == "STOP"
    assert document.validation(0, "A1") is None


def test_saved_workbook_has_what_was_typed(
    document: Document, office: Office, tmp_path: Path
) -> None:
    document.type(0, "B1", "5")
    with office.open(document.save(tmp_path / "Lagret.xlsx")) as saved:
        assert saved.value(0, "B1") == 5
        assert saved.is_protected(0)
        assert saved.validation(0, "B1") == document.validation(0, "B1")


def test_two_workbooks_stay_apart(document: Document, office: Office, tmp_path: Path) -> None:
    with office.open(make(tmp_path / "b.xlsx")) as other:
        document.type(0, "B1", "4")
        other.type(0, "B1", "5")
        assert (document.value(0, "B1"), other.value(0, "B1")) == (4, 5)


def test_pdf_has_text_and_pictures(document: Document, poppler: Poppler, tmp_path: Path) -> None:
    printed = document.pdf(tmp_path / "Utskrift.pdf")
    pages = poppler.pdftotext(printed)
    pictures = poppler.pdftoppm(printed, 40)
    assert len(pages) == len(pictures) > 0
    assert "Tiltak: bygge skole" in pages[0]
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


@pytest.fixture
def second_office(office: Office) -> Iterator[Office]:  # noqa: ARG001 - skips without one
    """Start another LibreOffice that may be killed."""
    second = Office()
    yield second
    second.close()


def test_silent_office_is_killed_and_starts_again(second_office: Office, path: Path) -> None:
    os.killpg(second_office.pid, signal.SIGSTOP)
    killer = Timer(0.5, second_office.kill)
    killer.start()
    with pytest.raises(Exception, match=r"cannot get value|illegal object"):
        second_office.open(path)
    killer.join()  # while it waits for the process, no other thread sees that it has ended
    with second_office.open(path) as opened:
        assert opened.value(0, "B1") == 2


def test_unreadable_file_is_an_error_not_a_hang(office: Office, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ValueError, match=r"broken\.xlsx"):
        office.open(broken)


def test_validator_accepts_a_valid_file_and_names_the_faulty_part(
    validator: Validator, path: Path
) -> None:
    assert validator(path) == []
    broken = path.with_name("broken.xlsx")
    broken.write_bytes(
        edited(
            path.read_bytes(), "xl/worksheets/sheet1.xml", "<sheetData>", "<sheetDato/><sheetData>"
        )
    )
    assert any("sheet1.xml" in fault for fault in validator(broken))


def test_absent_part_skips_at_home_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    demand("it", None)
    with pytest.raises(pytest.skip.Exception, match="needs it; absent here: that"):
        demand("it", "that")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="needs it; absent here: that"):
        demand("it", "that")
