"""Read the settings of the coordinator's workbook, and compute the rows of its tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import small
from xltiltak.coordinator import model
from xltiltak.coordinator.model import Link, Settings
from xltiltak.model.errors import ExcelError
from xltiltak.model.finding import ANYWHERE, About, Finding, Place
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.register import Register

FOLDER = Path("/mappe/æøå")
NAMES = st.from_regex(r"[A-Za-zÆØÅæøå0-9_-][A-Za-zÆØÅæøå0-9 _-]{0,19}[A-Za-zæøå]", fullmatch=True)
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


@given(
    st.builds(
        Settings,
        plan=st.none() | NAMES.map(lambda name: FOLDER / f"{name}.xlsx"),
        sent=st.none() | NAMES.map(lambda name: FOLDER / name),
        returned=st.none() | NAMES.map(lambda name: Path("/et annet sted") / name),
        appendix=st.none() | NAMES.map(lambda name: FOLDER / "under" / f"{name}.xlsx"),
        day=st.none() | DAYS,
        deadline=st.none() | DAYS,
        folder=st.just(FOLDER),
    )
)
def test_settings_read_back_from_their_cells_are_the_same(settings: Settings) -> None:
    cells = {
        name: model.setting_in_cell(getattr(settings, name), FOLDER)
        for name in model.SETTINGS
        if name != "per"
    }
    assert Settings.read(cells, FOLDER) == settings


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("per", model.FORM_RECIPIENTS)
@pytest.mark.parametrize("as_typed", [str, str.upper, lambda text: f"  {text} "])
def test_a_recipient_is_read_in_every_language(
    language: str, per: str, as_typed: Callable[[str], str]
) -> None:
    assert model.read_recipient(as_typed(translate(f"coordinator.per_{per}", language))) == per


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_recipient_is_refused_with_the_words_of_the_list(language: str) -> None:
    with pytest.raises(ExcelError) as raised:
        model.read_recipient("begge deler")
    message = raised.value.message(language)
    assert "begge deler" in message
    assert all(
        translate(f"coordinator.per_{per}", language) in message for per in model.FORM_RECIPIENTS
    )
    assert translate("coordinator.set_per", language) in message


def test_no_word_for_a_recipient_means_another_one_in_another_language() -> None:
    recipients = {
        translate(f"coordinator.per_{per}", language): per
        for language in LANGUAGES
        for per in model.FORM_RECIPIENTS
    }
    assert all(model.read_recipient(text) == per for text, per in recipients.items())


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Plan", FOLDER / "Plan.xlsx"),  # as Windows shows its name
        ("Plan 31.12", FOLDER / "Plan 31.12.xlsx"),
        ("Plan.XLSX", FOLDER / "Plan.XLSX"),
        ('"under/Plan.xlsx" ', FOLDER / "under" / "Plan.xlsx"),
        ("/annet/Plan.xlsx", Path("/annet/Plan.xlsx")),
        ("   ", None),
        (None, None),
        (2020.0, FOLDER / "2020.xlsx"),
    ],
)
def test_the_path_of_a_workbook_may_lack_its_suffix_or_have_quotes(
    typed: str | float | None, read: Path | None
) -> None:
    assert Settings.read({"plan": typed}, FOLDER).plan == read


def test_a_folder_gets_no_suffix() -> None:
    assert (
        Settings.read({"sent": "Sendt ut", "returned": "Svar 1.2"}, FOLDER).returned
        == FOLDER / "Svar 1.2"
    )


@pytest.mark.parametrize("name", ["plan", "sent", "returned", "appendix"])
def test_a_web_address_is_refused(name: str) -> None:
    with pytest.raises(ExcelError) as raised:
        Settings.read({name: "https://kommune.sharepoint.com/Delte dokumenter/Plan.xlsx"}, FOLDER)
    assert raised.value.key == "cloud_path"


def test_a_workbook_on_the_web_needs_absolute_paths() -> None:
    whole = "C:\\Plan.xlsx" if isinstance(Path(), PureWindowsPath) else "/Plan.xlsx"
    assert Settings.read({"plan": whole}, None).plan == Path(whole)
    with pytest.raises(ExcelError) as raised:
        Settings.read({"plan": "Plan.xlsx"}, None)
    assert raised.value.key == "cloud_book"


@pytest.mark.parametrize(
    "raw", ["31.12.2020", "2020-12-31", 44196, 44196.0, date(2020, 12, 31), " 31.12.2020 "]
)
def test_a_date_may_be_a_text_a_number_or_a_date(raw: str | float | date) -> None:
    assert Settings.read({"day": raw}, FOLDER).day == date(2020, 12, 31)


@pytest.mark.parametrize("raw", ["i morgen", "31.02.2020", -4.0, 1e12, True, "31/12"])
@pytest.mark.parametrize("name", ["day", "deadline"])
def test_what_is_not_a_date_is_refused(name: str, raw: str | float) -> None:
    with pytest.raises(ExcelError) as raised:
        Settings.read({name: raw}, FOLDER)
    assert raised.value.key == "not_a_date"


def test_each_area_has_a_row_and_the_last_row_is_for_all(tmp_path: Path) -> None:
    report = small.report(tmp_path)
    rows = model.area_rows(Register(report), {}, "nb")
    assert [row[0] for row in rows] == ["Oppvekst", "Teknikk", "Alle områder"]
    assert [row[3] for row in rows] == ["ikke levert", "ikke levert", "0 av 2"]
    assert [row[4] for row in rows] == ["0 av 3", "0 av 2", "0 av 5"]


def test_the_findings_of_an_area_are_counted_in_its_row(tmp_path: Path) -> None:
    report = small.report(tmp_path)
    findings = [
        Finding.create("V101", ANYWHERE, About(area="OPP")),
        Finding.create("V102", ANYWHERE, About(area="OPP")),
        Finding.create("F001", Place("x")),
    ]
    rows = {
        row[0]: row[5:7]
        for row in model.area_rows(Register(report, findings=tuple(findings)), {}, "nb")
    }
    errors = sum(f.severity == "error" for f in findings)
    assert rows["Oppvekst"] == [1, 1]
    assert rows["Teknikk"] == [0, 0]
    assert rows["Alle områder"] == [errors, 1]


@pytest.mark.parametrize(
    ("path", "sheet", "cell", "target"),
    [
        ("/svar/OPP.xlsx", "", "", "/svar/OPP.xlsx"),
        ("/svar/OPP.xlsx", "Oppvekst", "F15", "/svar/OPP.xlsx#'Oppvekst'!F15"),
        ("/svar/OPP.xlsx", "Bo' og liv", "F15:G16", "/svar/OPP.xlsx#'Bo'' og liv'!F15"),
    ],
)
def test_a_link_has_the_address_of_a_file_or_its_cell(
    path: str, sheet: str, cell: str, target: str
) -> None:
    assert model.link(Path(path), "tekst", sheet, cell) == Link(
        target.replace("/", str(Path("/"))), "tekst"
    )


@pytest.mark.parametrize("path", [None, Path("/svar/#1.xlsx"), Path(f"/{'x' * 260}.xlsx")])
def test_an_address_that_excel_refuses_gives_no_link(path: Path | None) -> None:
    assert model.link(path, "tekst") == "tekst"


@pytest.mark.parametrize("what", ["Oppvekst · Tiltak 2 · Status", "Tiltak 2 · Status"])
def test_an_area_is_named_once_in_a_row(what: str, tmp_path: Path) -> None:
    finding = Finding.create("V102", ANYWHERE, About(area="OPP", what=what))
    (row,) = model.finding_rows(small.report(tmp_path), [finding], {}, "nb")
    assert row[2:4] == ["Oppvekst", "Tiltak 2 · Status"]


def test_more_findings_than_rows_are_counted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(model, "MAX_FINDINGS", 3)
    findings = [Finding.create("V102", ANYWHERE, About(area="OPP"))] * 5
    rows = model.finding_rows(small.report(tmp_path), findings, {}, "nb")
    assert len(rows) == 4
    assert str(rows[-1][4]).startswith("… og 2 til")
    assert {len(row) for row in rows} == {len(model.FINDING_TABLE_COLUMNS)}


def test_a_long_text_is_cut(tmp_path: Path) -> None:
    long = Finding.create("V102", ANYWHERE, About(area="OPP", what="x" * 5_000))
    (row,) = model.finding_rows(small.report(tmp_path), [long], {}, "nb")
    assert 800 < len(str(row[3])) < 1_000
    assert str(row[3]).endswith("…")
