"""What stands in the coordinator's sheets, with no Excel in mind: her settings read, and the rows of her tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import small, sources
from xltiltak.coordinator import model
from xltiltak.coordinator.model import Link, Settings
from xltiltak.model.errors import ExcelError
from xltiltak.model.finding import ANYWHERE, About, Finding, Place
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.register import Register
from xltiltak.templates import catalogue

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


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("per", model.FORM_RECIPIENTS)
@pytest.mark.parametrize("as_typed", [str, str.upper, lambda text: f"  {text} "])
def test_whom_a_form_goes_to_is_read_in_every_language(
    spoken: str, per: str, as_typed: Callable[[str], str]
) -> None:
    assert model.per_in(as_typed(translate(f"coordinator.per_{per}", spoken))) == per


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_what_is_no_choice_is_told_with_the_words_of_the_list(spoken: str) -> None:
    with pytest.raises(ExcelError) as told:
        model.per_in("begge deler")
    said = told.value.message(spoken)
    assert "begge deler" in said
    assert all(translate(f"coordinator.per_{per}", spoken) in said for per in model.FORM_RECIPIENTS)
    assert translate("coordinator.set_per", spoken) in said


def test_the_words_of_a_choice_are_no_others_in_another_language() -> None:
    known = {
        translate(f"coordinator.per_{per}", spoken): per
        for spoken in LANGUAGES
        for per in model.FORM_RECIPIENTS
    }
    assert all(model.per_in(text) == per for text, per in known.items())


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Plan", FOLDER / "Plan.xlsx"),  # as Windows shows it
        ("Plan 31.12", FOLDER / "Plan 31.12.xlsx"),
        ("Plan.XLSX", FOLDER / "Plan.XLSX"),
        ('"under/Plan.xlsx" ', FOLDER / "under" / "Plan.xlsx"),
        ("/annet/Plan.xlsx", Path("/annet/Plan.xlsx")),
        ("   ", None),
        (None, None),
        (2020.0, FOLDER / "2020.xlsx"),
    ],
)
def test_a_workbook_is_read_as_people_type_it(typed: str | float | None, read: Path | None) -> None:
    assert Settings.read({"plan": typed}, FOLDER).plan == read


def test_a_folder_gets_no_ending() -> None:
    assert (
        Settings.read({"sent": "Sendt ut", "returned": "Svar 1.2"}, FOLDER).returned
        == FOLDER / "Svar 1.2"
    )


@pytest.mark.parametrize("name", ["plan", "sent", "returned", "appendix"])
def test_a_web_address_is_told(name: str) -> None:
    with pytest.raises(ExcelError) as told:
        Settings.read({name: "https://kommune.sharepoint.com/Delte dokumenter/Plan.xlsx"}, FOLDER)
    assert told.value.key == "cloud_path"


def test_a_workbook_on_the_web_takes_whole_paths_and_no_others() -> None:
    whole = "C:\\Plan.xlsx" if isinstance(Path(), PureWindowsPath) else "/Plan.xlsx"
    assert Settings.read({"plan": whole}, None).plan == Path(whole)
    with pytest.raises(ExcelError) as told:
        Settings.read({"plan": "Plan.xlsx"}, None)
    assert told.value.key == "cloud_book"


@pytest.mark.parametrize(
    "raw", ["31.12.2020", "2020-12-31", 44196, 44196.0, date(2020, 12, 31), " 31.12.2020 "]
)
def test_a_day_is_read_as_a_text_a_number_or_a_day(raw: str | float | date) -> None:
    assert Settings.read({"day": raw}, FOLDER).day == date(2020, 12, 31)


@pytest.mark.parametrize("raw", ["i morgen", "31.02.2020", -4.0, 1e12, True, "31/12"])
@pytest.mark.parametrize("name", ["day", "deadline"])
def test_what_is_no_day_is_told(name: str, raw: str | float) -> None:
    with pytest.raises(ExcelError) as told:
        Settings.read({name: raw}, FOLDER)
    assert told.value.key == "not_a_date"


def test_an_area_has_a_row_and_all_have_the_last(tmp_path: Path) -> None:
    report = small.report(tmp_path)
    rows = model.area_rows(Register(report), {}, "nb")
    assert [row[0] for row in rows] == ["Oppvekst", "Teknikk", "Alle områder"]
    assert [row[3] for row in rows] == ["ikke levert", "ikke levert", "0 av 2"]
    assert [row[4] for row in rows] == ["0 av 3", "0 av 2", "0 av 5"]


def test_the_findings_of_an_area_are_counted_in_its_row(tmp_path: Path) -> None:
    report = small.report(tmp_path)
    told = [
        Finding.create("V101", ANYWHERE, About(area="OPP")),
        Finding.create("V102", ANYWHERE, About(area="OPP")),
        Finding.create("F001", Place("x")),
    ]
    rows = {
        row[0]: row[5:7]
        for row in model.area_rows(Register(report, findings=tuple(told)), {}, "nb")
    }
    errors = sum(f.severity == "error" for f in told)
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
def test_a_link_leads_to_a_file_or_its_cell(path: str, sheet: str, cell: str, target: str) -> None:
    assert model.link(Path(path), "tekst", sheet, cell) == Link(
        target.replace("/", str(Path("/"))), "tekst"
    )


@pytest.mark.parametrize("path", [None, Path("/svar/#1.xlsx"), Path(f"/{'x' * 260}.xlsx")])
def test_what_excel_cannot_address_is_a_text(path: Path | None) -> None:
    assert model.link(path, "tekst") == "tekst"


@pytest.mark.parametrize("what", ["Oppvekst · Tiltak 2 · Status", "Tiltak 2 · Status"])
def test_an_area_is_named_once_in_a_row(what: str, tmp_path: Path) -> None:
    told = Finding.create("V102", ANYWHERE, About(area="OPP", what=what))
    (row,) = model.finding_rows(small.report(tmp_path), [told], {}, "nb")
    assert row[2:4] == ["Oppvekst", "Tiltak 2 · Status"]


def test_more_findings_than_rows_are_counted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(model, "MOST_FINDINGS", 3)
    told = [Finding.create("V102", ANYWHERE, About(area="OPP"))] * 5
    rows = model.finding_rows(small.report(tmp_path), told, {}, "nb")
    assert len(rows) == 4
    assert str(rows[-1][4]).startswith("… og 2 til")
    assert {len(row) for row in rows} == {len(model.FINDING_TABLE_COLUMNS)}


def test_a_long_text_is_cut_where_it_shows(tmp_path: Path) -> None:
    long = Finding.create("V102", ANYWHERE, About(area="OPP", what="x" * 5_000))
    (row,) = model.finding_rows(small.report(tmp_path), [long], {}, "nb")
    assert 800 < len(str(row[3])) < 1_000
    assert str(row[3]).endswith(" …")


@pytest.mark.parametrize(
    "template", ["handlingsplan", "verksamhetsberattelse", "maaloppnaaelse", "programstatus"]
)
def test_the_dashboard_of_a_report_without_scale_says_so(template: str) -> None:
    report = sources.small(catalogue.load(catalogue.shipped() / template))
    board = model.dashboard_data(Register(report), "nb")
    assert board.title == "Denne malen har ingen gjennomsnitt."
    assert board.rows == []
    assert set(board.labels) == {None}
