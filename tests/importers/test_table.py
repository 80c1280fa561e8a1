"""Import a table with its report details: any program may have saved it, and nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import pytest

from tests.small import DATES, HEAD, HEADINGS, ROWS, TEMPLATE, source, table
from xltiltak.importers.import_flow import import_source
from xltiltak.importers.report_builder import ImportResult
from xltiltak.model.errors import PlanError
from xltiltak.model.finding import Finding
from xltiltak.model.language import translate
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import area_statistics
from xltiltak.templates import catalogue

BOTH = 'published = [{ area = "Oppvekst", count = "3", averages = ["2,7", "3,3"] }]\n'


@pytest.fixture(autouse=True)
def _in_bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Return the report of the usual table: semicolons, UTF-8 with a byte order mark."""
    return import_source(source(tmp_path_factory.mktemp("usual")), TEMPLATE).report


def imported(
    folder: Path, rows: Iterable[Sequence[str]], headings: Sequence[str] = HEADINGS
) -> ImportResult:
    """Import a table of these rows and headings."""
    return import_source(source(folder, table(rows, headings)), TEMPLATE)


def refused(folder: Path, content: str | bytes = "", head: str = HEAD) -> str:
    """Return the error message for a table that cannot be imported."""
    with pytest.raises(PlanError) as error:
        import_source(source(folder, content, head), TEMPLATE)
    return str(error.value)


def with_remark(remark: str) -> list[tuple[str, ...]]:
    """Return the rows, with another remark in the first."""
    return [(*ROWS[0][:-1], remark), *ROWS[1:]]


def measures(done: ImportResult) -> int:
    """Return the number of measures."""
    return sum(node.level == "measure" for node in done.report.nodes)


def remark_of(done: ImportResult) -> object:
    """Return the remark of the first measure."""
    return done.report.values.get(Slot("OPP-001", "remark"))


def test_the_table_gives_areas_measures_and_their_values(usual: Report) -> None:
    assert usual.area_refs == ("OPP", "TEK")
    assert [node.ref for node in usual.nodes] == [
        "OPP",
        "OPP-001",
        "OPP-002",
        "OPP-003",
        "TEK",
        "TEK-001",
        "TEK-002",
    ]
    assert usual.values[Slot("OPP-002", "status", DATES[1])] == 3
    assert Slot("TEK-002", "status", DATES[0]) not in usual.values
    assert (usual.head.dates, usual.head.current) == (DATES, None)
    assert usual.areas["OPP"].highest == 3


@pytest.mark.parametrize(
    ("delimiter", "encoding"),
    [
        (";", "utf-8-sig"),
        (";", "utf-8"),
        (",", "utf-8"),
        ("\t", "utf-8"),
        (";", "cp1252"),
        ("\t", "utf-16"),
        ("\t", "utf-16-le"),
        (";", "utf-16-be"),
    ],
)
def test_every_way_of_saving_a_table_gives_the_same_report(
    usual: Report, tmp_path: Path, delimiter: str, encoding: str
) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    content = mark + table(delimiter=delimiter).encode(encoding)
    assert import_source(source(tmp_path, content), TEMPLATE).report == usual


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(usual: Report, tmp_path: Path, ending: str) -> None:
    content = table().replace("\r\n", ending)
    assert import_source(source(tmp_path, content), TEMPLATE).report == usual


def test_empty_rows_and_empty_columns_are_skipped(usual: Report, tmp_path: Path) -> None:
    rows = [(*row, "", "") for row in ROWS]
    done = imported(tmp_path, [[""] * 9, *rows, [" "] * 9], (*HEADINGS, "", " "))
    assert done.report == usual


def test_a_row_may_end_early(usual: Report, tmp_path: Path) -> None:
    lines = [";".join(row).rstrip(";") for row in (HEADINGS, *ROWS)]
    assert import_source(source(tmp_path, "\n".join(lines)), TEMPLATE).report == usual


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_quoted_cell_keeps_its_line_breaks_and_delimiters(tmp_path: Path, delimiter: str) -> None:
    remark = 'Første linje; med "sitat"\nandre, linje\n\n\tfjerde'
    done = import_source(
        source(tmp_path, table(with_remark(remark), delimiter=delimiter)), TEMPLATE
    )
    assert remark_of(done) == remark
    assert done.findings == ()


@pytest.mark.parametrize(
    "remark",
    [
        " begynner med blank",
        "slutter med blank ",
        "to  blanke",
        "=1+1",
        "- punkt",
        "+47 123",
        "@navn",
        "a < b og c > d",
        "3 <4>",
        "_x000D_",
        "«æøå» – 100 %",
        "007",
        "<tiltak> er ikke en kode",
    ],
)
def test_text_is_kept_to_the_letter(tmp_path: Path, remark: str) -> None:
    done = imported(tmp_path, with_remark(remark))
    assert remark_of(done) == remark
    assert done.findings == ()


@pytest.mark.parametrize(
    ("pasted", "shown"),
    [
        ("<p>Første.</p> <p>Andre.</p>", "Første.\nAndre."),
        ("<P class='x'>Ett</P>", "Ett"),
        ("Ett<br/>to<br>tre", "Ett\nto\ntre"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<p>Mål &amp; mening&nbsp;her: 3 < 4</p>", "Mål & mening her: 3 < 4"),
        ("<b>Viktig</b>: <script>alert(1)</script>les", "Viktig: les"),
    ],
)
def test_pasted_html_becomes_paragraphs_and_is_reported(
    tmp_path: Path, pasted: str, shown: str
) -> None:
    done = imported(tmp_path, with_remark(pasted))
    assert remark_of(done) == shown
    assert [(f.code, f.severity, f.place.cell, f.ref) for f in done.findings] == [
        ("V108", "note", "G2", "OPP-001")
    ]


def test_invisible_characters_are_removed_and_reported(tmp_path: Path) -> None:
    done = imported(tmp_path, with_remark("A\x07B\u202eC"))
    assert remark_of(done) == "ABC"
    assert [(f.code, f.place.cell) for f in done.findings] == [("V110", "G2")]


def test_columns_are_known_by_alias_and_without_regard_to_case(
    usual: Report, tmp_path: Path
) -> None:
    for n, last in enumerate(("Merknad", "merknader", " OPPDATERTE  MERKNADER ")):
        folder = tmp_path / str(n)
        folder.mkdir()
        assert imported(folder, ROWS, (*HEADINGS[:-1], last)).report == usual


def test_columns_may_be_in_another_order(usual: Report, tmp_path: Path) -> None:
    order = (6, 5, 2, 1, 0, 3, 4)
    rows = [[row[i] for i in order] for row in ROWS]
    assert imported(tmp_path, rows, [HEADINGS[i] for i in order]).report == usual


@pytest.mark.parametrize(
    "last",
    [
        "Status 311220",
        "Status 31.12.2020",
        "Status 31.12.20",
        "status: 31.12.2020",
        "Status 31/12/2020",
    ],
)
def test_a_date_in_a_heading_is_read_in_every_usual_form(
    usual: Report, tmp_path: Path, last: str
) -> None:
    assert imported(tmp_path, ROWS, (*HEADINGS[:5], last, HEADINGS[6])).report == usual


@pytest.mark.parametrize(
    ("heading", "near"),
    [
        ("Status 30.02.2020", "Status 300420"),
        ("Status 31.10.2020", "Status 311220"),
        ("Merknader fra leder", "Merknader"),
    ],
)
def test_an_unknown_column_is_named_with_the_nearest_known_one(
    tmp_path: Path, heading: str, near: str
) -> None:
    (finding,) = imported(tmp_path, ROWS, (*HEADINGS[:6], heading)).findings
    assert (finding.code, finding.values["value"]) == ("I102", heading)
    assert finding.values["near"] == f" (≈ «{near}»)"
    assert finding.values["texts"] == "Tomten er kjøpt. · Holdt i mars. · Venter på anbud."
    assert finding.severity == ("error" if heading.startswith("Status") else "warning")


def test_an_unknown_column_without_likeness_is_named_alone(tmp_path: Path) -> None:
    done = imported(tmp_path, [(*row, "x") for row in ROWS], (*HEADINGS, "Zzz"))
    assert [(f.values["value"], f.values["near"]) for f in done.findings] == [("Zzz", "")]


def test_a_missing_key_column_is_named(tmp_path: Path) -> None:
    headings, rows = (*HEADINGS[:2], *HEADINGS[3:]), [(*row[:2], *row[3:]) for row in ROWS]
    assert "Mangler: «Tiltak»" in refused(tmp_path, table(rows, headings))


def test_all_columns_that_do_not_fit_are_named_at_once(tmp_path: Path) -> None:
    headings = ("Etat", "Nummer", "Tiltaket vårt", *HEADINGS[3:])
    message = refused(tmp_path, table(headings=headings))
    for name in ("«Etat» (≈ «Kommunalområde»)", "«Nummer»", "«Tiltaket vårt»"):
        assert name in message
    assert '--column "Etat=Kommunalområde" --column "Nummer=Nr"' in message


def test_a_field_in_two_columns_is_not_guessed(tmp_path: Path) -> None:
    done = imported(tmp_path, [(*row, "x") for row in ROWS], (*HEADINGS, "Merknad"))
    assert remark_of(done) is None
    twice = [f.values["value"] for f in done.findings if f.code == "I108"]
    assert twice == ["Oppdaterte merknader", "Merknad"]
    assert len([f for f in done.findings if f.code == "I101"]) == 3 + len(ROWS)


@pytest.mark.parametrize("status", ["7", "0", "3,5", "snart", "31.12.2020", "-1"])
def test_an_invalid_status_is_told_with_its_cell(tmp_path: Path, status: str) -> None:
    done = imported(tmp_path, [*ROWS[:2], (*ROWS[2][:4], status, *ROWS[2][5:]), *ROWS[3:]])
    (finding,) = done.findings
    assert (finding.code[0], finding.severity, finding.place.cell) == ("V", "error", "E4")
    assert f"«{status}»" in finding.message("nb")
    assert "Status 31.08.2020" in finding.what
    assert measures(done) == len(ROWS)


@pytest.mark.parametrize("status", ["3", " 3 ", "3,0", "Godt i gang", "3 - Godt i gang", "３"])
def test_a_status_with_one_reading_is_that_step(tmp_path: Path, status: str) -> None:
    done = imported(tmp_path, [*ROWS[:2], (*ROWS[2][:4], status, *ROWS[2][5:]), *ROWS[3:]])
    assert done.report.values[Slot("OPP-003", "status", DATES[1])] == 3


@pytest.mark.parametrize("status", ["3,0", "Godt i gang", "3 - Godt i gang"])
def test_a_repaired_status_is_reported(tmp_path: Path, status: str) -> None:
    done = imported(tmp_path, [*ROWS[:2], (*ROWS[2][:4], status, *ROWS[2][5:]), *ROWS[3:]])
    assert [(f.code, f.place.cell, f.values["before"]) for f in done.findings] == [
        ("V107", "E4", status)
    ]


def test_a_row_with_too_many_cells_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    done = imported(tmp_path, [*ROWS[:3], (*ROWS[3], "Utenfor"), ROWS[4]])
    (finding,) = done.findings
    assert (finding.code, finding.severity, finding.place.cell) == ("I103", "error", "A5")
    assert "den har 8 celler, men tabellen har 7 kolonner" in finding.message("nb")
    assert "Ny pumpestasjon" in finding.message("nb")
    assert "Ny pumpestasjon" not in done.report.values.values()
    assert measures(done) == len(ROWS) - 1


def test_the_same_area_further_down_is_the_same_area(tmp_path: Path) -> None:
    done = imported(tmp_path, [ROWS[0], ROWS[3], ROWS[1]])
    assert done.report.area_refs == ("OPP", "TEK")
    assert done.report.area_of["OPP-002"] == "OPP"


def test_a_measure_without_area_is_in_the_area_of_the_row_above(tmp_path: Path) -> None:
    done = imported(tmp_path, [ROWS[0], ("", *ROWS[1][1:]), ROWS[3]])
    assert done.report.area_of["OPP-002"] == "OPP"
    first = imported(tmp_path, [("", *ROWS[0][1:]), *ROWS[1:]])
    assert [(f.code, f.place.cell) for f in first.findings] == [("I103", "B2")]


@pytest.mark.parametrize("content", ["\r\n \r\n", table([])])
def test_a_table_without_rows_is_refused(tmp_path: Path, content: str) -> None:
    assert refused(tmp_path, content) == translate("error.empty_table", "nb", file="tiltak.csv")


def test_a_quotation_mark_that_never_ends_is_refused_with_its_line(tmp_path: Path) -> None:
    assert "ikke en rad i en tabell" in refused(tmp_path, table() + '"Oppvekst;4;Uten slutt')


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04" + bytes(60), b"%PDF-1.7\n%\xe2\xe3", b"\x00" * 40]
)
def test_a_file_that_is_not_a_table_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "tiltak.csv" in refused(tmp_path, content)


def test_a_file_of_report_details_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"opplysninger\.toml finnes ikke"):
        import_source(source(tmp_path), TEMPLATE, tmp_path / "opplysninger.toml")


def test_other_report_details_can_be_given(usual: Report, tmp_path: Path) -> None:
    path, other = source(tmp_path, head="nonsense ="), tmp_path / "hode å.toml"
    other.write_text(HEAD, "utf-8-sig")
    assert import_source(path, TEMPLATE, other).report == usual


def test_all_problems_of_report_details_are_reported_at_once(tmp_path: Path) -> None:
    head = HEAD.replace("year = 2020", 'year = "i fjor"').replace('"nb"', '"norsk"') + "titel = 1\n"
    message = refused(tmp_path, head=head)
    assert (
        'tiltak.toml: year: "i fjor" har feil type. Skriv et helt tall uten anførselstegn'
        in message
    )
    assert "tiltak.toml: language: «norsk» er ikke tillatt. Velg nb, nn, sv, en" in message
    assert "tiltak.toml: titel: ukjent nøkkel. Tillatt: organisation, title" in message


def test_problems_in_an_area_or_a_printed_figure_are_named(tmp_path: Path) -> None:
    head = HEAD + 'areas = [{ name = "Oppvekst", leder = "x" }]\npublished = [{ count = "1" }]\n'
    message = refused(tmp_path, head=head)
    assert "areas.0.leder: ukjent nøkkel. Tillatt: name, code" in message
    assert "published.0.area: mangler" in message


def test_report_details_that_are_no_toml_are_refused(tmp_path: Path) -> None:
    assert "tiltak.toml er ikke gyldig TOML" in refused(tmp_path, head="title = \n")


def test_report_details_give_the_leader_of_an_area(tmp_path: Path) -> None:
    areas = '[[areas]]\nname = "Teknikk"\ncode = "T1"\n'
    areas += 'leader = "Kari"\nemail = "k@x.no"\nlanguage = "nn"\n'
    done = import_source(source(tmp_path, head=HEAD + areas), TEMPLATE)
    assert done.report.area_refs == ("OPP", "T1")
    area = done.report.areas["T1"]
    assert (area.leader, area.email, area.language, area.highest) == ("Kari", "k@x.no", "nn", 2)


def test_an_area_of_the_report_details_that_the_table_lacks_is_named(tmp_path: Path) -> None:
    head = HEAD + 'areas = [{ name = "Oppvkst", leader = "Kari" }]\n'
    (finding,) = import_source(source(tmp_path, head=head), TEMPLATE).findings
    assert (finding.code, finding.severity) == ("I111", "error")
    assert (finding.values["value"], finding.values["there"]) == ("Oppvkst", "Oppvekst, Teknikk")


@pytest.mark.parametrize("code", ["t1", "A/1", "../X", "A B", "Å"])
def test_an_area_code_that_is_not_valid_in_a_file_name_is_refused(
    tmp_path: Path, code: str
) -> None:
    head = HEAD + f'areas = [{{ name = "Teknikk", code = "{code}" }}]\n'
    assert f"areas.0.code: «{code}» er ikke tillatt. Velg A–Z, 0–9" in refused(tmp_path, head=head)


def test_two_areas_of_one_name_or_code_are_refused(tmp_path: Path) -> None:
    head = HEAD + 'areas = [{ name = "Teknikk", code = "T" }, { name = "teknikk", code = "T" }]\n'
    message = refused(tmp_path, head=head)
    assert "areas.name: «teknikk» står to ganger" in message
    assert "areas.code: «T» står to ganger" in message


def test_an_area_that_occurs_twice_with_different_text_is_refused(tmp_path: Path) -> None:
    template = catalogue.load(catalogue.shipped() / "programstatus")
    headings = ("Program", "Om programmet", "Seksjon", "Nr", "Prosjekt")
    section = template.levels[1].groups[0].label
    rows = [
        ("Klima", "Om klima", section, "1", "Sol"),
        ("Klima", "Noe annet", section, "2", "Vind"),
    ]
    with pytest.raises(PlanError, match=r"rad 3: «Klima» står flere steder"):
        import_source(source(tmp_path, table(rows, headings)), template)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\xfe\xff\xd8", b"Tiltak;\x81\x8d"])
def test_an_unknown_encoding_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "ukjent tegnsett" in refused(tmp_path, content)


def test_correct_printed_figures_give_no_finding(tmp_path: Path) -> None:
    assert import_source(source(tmp_path, head=HEAD + BOTH), TEMPLATE).findings == ()


def test_a_wrong_printed_figure_is_reported_with_all_printed_and_computed_figures(
    tmp_path: Path,
) -> None:
    head = HEAD + BOTH.replace('"3,3"', '"3,4"')
    (finding,) = import_source(source(tmp_path, head=head), TEMPLATE).findings
    assert (finding.code, finding.severity, finding.area) == ("A101", "error", "OPP")
    assert finding.values["printed"] == "3 · 2,7 · 3,4"
    assert finding.values["computed"] == "3 · 2,7 · 3,3 · –"


def test_more_printed_figures_than_dates_are_reported(tmp_path: Path) -> None:
    head = HEAD + BOTH.replace('"3,3"', '"3,3", "", "4,0"')
    assert [f.code for f in import_source(source(tmp_path, head=head), TEMPLATE).findings] == [
        "A101"
    ]


def test_printed_figures_of_an_unknown_area_are_named(tmp_path: Path) -> None:
    message = refused(tmp_path, head=HEAD + BOTH.replace("Oppvekst", "Oppvkst"))
    assert "«Oppvkst»" in message


def test_areas_are_listed_by_name(tmp_path: Path) -> None:
    message = refused(tmp_path, head=HEAD + BOTH.replace("Oppvekst", "Oppvkst"))
    assert "Oppvekst, Teknikk" in message


# The real documents. They are not part of the project; if present, they are beside it.

REAL = Path(os.environ.get("XLTILTAK_REAL") or Path(__file__).parents[3] / "shared" / "real")
needs_real = pytest.mark.skipif(
    not REAL.is_dir(), reason=f"needs the real documents; not in {REAL}"
)


@pytest.fixture(scope="module")
def real() -> ImportResult:
    """Import the real appendix with statuses at three dates."""
    return import_source(REAL / "000_tiltaksstatus.csv", TEMPLATE)


def coded(done: ImportResult, code: str) -> list[Finding]:
    """Return the findings of one code."""
    return [finding for finding in done.findings if finding.code == code]


@needs_real
def test_the_real_appendix_has_its_areas_and_measures(real: ImportResult) -> None:
    assert [real.report.area_name(ref) for ref in real.report.area_refs] == [
        "Støtte og utvikling",
        "Samfunn",
        "Oppvekst",
        "Helse og omsorg",
    ]
    assert sum(node.level == "measure" for node in real.report.nodes) == 127


@needs_real
def test_the_one_wrong_figure_of_the_real_appendix_is_found_and_explained(
    real: ImportResult,
) -> None:
    (finding,) = coded(real, "A101")
    assert finding.area == "STO"
    assert finding.values["printed"] == "26 · 2,7 · 3,1 · 3,3"
    assert finding.values["computed"] == "27 · 2,6 · 3,0 · 3,2"
    message = finding.message("nb")
    assert "26 · 2,7 · 3,1 · 3,3" in message
    assert "27 · 2,6 · 3,0 · 3,2" in message
    assert "Summene av 27 rader er delt på 26." in message


@needs_real
def test_the_figures_of_the_other_real_areas_are_as_printed(real: ImportResult) -> None:
    statistics, counts = area_statistics(real.report), {}
    for ref in real.report.area_refs[1:]:
        rows = [statistics[ref, day] for day in real.report.head.dates]
        counts[ref] = [str(rows[-1].count), *(str(row.mean(1)) for row in rows)]
    assert counts == {
        "SAM": ["44", "3.2", "3.3", "3.8"],
        "OPP": ["50", "2.2", "3.3", "3.8"],
        "HEL": ["6", "2.7", "2.7", "3.3"],
    }


@needs_real
def test_the_pasted_html_of_the_real_appendix_is_reported(real: ImportResult) -> None:
    titles = [f.what.rpartition(" · ")[2] for f in coded(real, "V108")]
    assert titles == [f"Tiltak {n}" for n in range(14, 20)]
    assert {f.severity for f in coded(real, "V108")} == {"note"}
    assert len(real.findings) == 7


@needs_real
@pytest.mark.parametrize(
    "name",
    ["001_maaloppnaaelse", "002_verksamhetsberattelse", "003_programstatus", "004_handlingsplan"],
)
def test_other_real_documents_are_imported_too(name: str) -> None:
    template = catalogue.load(catalogue.shipped() / name.partition("_")[2])
    assert import_source(REAL / f"{name}.csv", template).report.nodes


def test_a_table_of_a_template_without_areas_is_one_area(tmp_path: Path) -> None:
    template = catalogue.load(catalogue.shipped() / "verksamhetsberattelse")
    headings, rows = (
        ("Mål nr", "Mål", "Aktiviteter"),
        [("1", "Trygg skola", "Ett\nTvå"), ("2", "God vård", "")],
    )
    done = import_source(source(tmp_path, table(rows, headings)), template)
    assert done.report.area_refs == (done.report.head.code,)
    assert done.report.values[Slot(done.report.nodes[0].ref, "activities")] == ("Ett", "Två")


def test_dates_are_those_of_the_report_details_in_order(tmp_path: Path) -> None:
    head = HEAD.replace(
        "[2020-04-30, 2020-08-31, 2020-12-31]", "[2020-12-31, 2020-04-30, 2020-08-31]"
    )
    done = import_source(source(tmp_path, head=head), TEMPLATE)
    assert done.report.head.dates == (date(2020, 4, 30), date(2020, 8, 31), date(2020, 12, 31))
