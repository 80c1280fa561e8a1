"""Import the first table that somebody has: any format, no TOML, headings of its own."""

from __future__ import annotations

import os
import pty
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small import HEAD, TEMPLATE, table
from xltiltak.importers.details_file import ImportOptions, details_skeleton, load_details
from xltiltak.importers.import_flow import import_plan, import_source
from xltiltak.importers.labels import Labels, similar_label
from xltiltak.importers.records import lone_texts_are_groups
from xltiltak.importers.report_builder import ImportResult
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.importers.table_parts import header_of_first_row
from xltiltak.model.errors import PlanError
from xltiltak.model.finding import Place
from xltiltak.model.language import LANGUAGES
from xltiltak.model.report import Area, Head, Node, Report, Slot

Rows = Sequence[Sequence[object]]
HEADINGS = ("Kommunalområde", "Nr", "Tiltak", "Leder", "E-post", "Status 30.04.2026", "Merknader")
ROWS = (
    ("Havn", 1, "Dekke kaien", "Ola Nes", "ola@havn.example", 2, "Støpt; nesten, tørr"),
    ("Havn", 2, "Male fyret", "Ola Nes", "ola@havn.example", 3, ""),
    ("Skog", 1, "Tynne felt", "Kari Fjell", "kari@skog.example", 4, ""),
)


@pytest.fixture(autouse=True)
def _in_bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


def as_csv(folder: Path, rows: Rows) -> Path:
    """Save a table as Excel does in Norway: semicolons and ANSI."""
    first, *rest = ([str(cell) for cell in row] for row in rows)
    (folder / "tabell.csv").write_bytes(table(rest, first).encode("cp1252"))
    return folder / "tabell.csv"


def as_workbook(folder: Path, rows: Rows) -> Path:
    """Save a table as a workbook whose sheet has no name of its own."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append([cell if cell != "" else None for cell in row])
    book.worksheets[0].title = "Ark1"
    book.save(folder / "tabell.xlsx")
    return folder / "tabell.xlsx"


def as_document(folder: Path, rows: Rows) -> Path:
    """Save a table as a Word document."""
    word = Document()
    grid = word.add_table(rows=0, cols=max(map(len, rows)))
    for row in rows:
        for cell, text in zip(grid.add_row().cells, row, strict=False):
            cell.text = str(text)
    word.save(str(folder / "tabell.docx"))
    return folder / "tabell.docx"


def as_text(folder: Path, rows: Rows) -> Path:
    """Save a table as text with tabs."""
    lines = ("\t".join(map(str, row)) for row in rows)
    (folder / "tabell.txt").write_text("\n".join(lines), "utf-8")
    return folder / "tabell.txt"


def as_markdown(folder: Path, rows: Rows) -> Path:
    """Save a table as Markdown."""
    first, *rest = (f"| {' | '.join(map(str, row))} |" for row in rows)
    text = "\n".join([first, "|---" * len(rows[0]) + "|", *rest])
    (folder / "tabell.md").write_text(text, "utf-8")
    return folder / "tabell.md"


def as_page(folder: Path, rows: Rows) -> Path:
    """Save a table as a web page."""
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    text = f"<!doctype html><html><meta charset=utf-8><table>{body}</table></html>"
    (folder / "tabell.html").write_text(text, "utf-8")
    return folder / "tabell.html"


WRITERS = (as_csv, as_workbook, as_document, as_text, as_markdown, as_page)
every_format = pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__[3:])
Writer = Callable[[Path, Rows], Path]


def codes(done: ImportResult) -> list[str]:
    """Return the codes of the findings, but for the note about the report details."""
    return [finding.code for finding in done.findings if finding.code != "I107"]


def names(report: Report) -> list[object]:
    """Return the names of the measures."""
    leaves = (node for node in report.nodes if node.level == "measure")
    return [report.values.get(Slot(node.ref, "name")) for node in leaves]


def refused(source: Path, **options: object) -> str:
    """Return the message about a source that is refused."""
    with pytest.raises(PlanError) as error:
        import_source(source, TEMPLATE, None, ImportOptions(**options))  # type: ignore[arg-type]
    return str(error.value)


@every_format
def test_a_first_table_needs_no_file_of_details(write: Writer, tmp_path: Path) -> None:
    done = import_source(write(tmp_path, [HEADINGS, *ROWS]), TEMPLATE)
    report = done.report
    assert names(report) == ["Dekke kaien", "Male fyret", "Tynne felt"]
    assert (report.head.year, report.head.dates) == (2026, (date(2026, 4, 30),))
    assert report.values[Slot("SKO-001", "status", date(2026, 4, 30))] == 4
    assert report.values[Slot("HAV-001", "remark")] == "Støpt; nesten, tørr"
    areas = {ref: (area.leader, area.email) for ref, area in report.areas.items()}
    assert areas == {
        "HAV": ("Ola Nes", "ola@havn.example"),
        "SKO": ("Kari Fjell", "kari@skog.example"),
    }
    assert codes(done) == []


@pytest.mark.parametrize(
    ("leader", "email"),
    [
        ("Leder", "E-post"),
        ("Ansvarlig leder", "epost"),
        ("Leiar", "E-postadresse"),
        ("Chef", "mail"),
        ("Ansvarig chef", "Mejl"),
        ("Leader", "Email address"),
        ("KOMMUNALSJEF", "E-mail:"),
    ],
)
def test_columns_of_leaders_are_known_in_every_language(
    leader: str, email: str, tmp_path: Path
) -> None:
    headings = [*HEADINGS[:3], leader, email, *HEADINGS[5:]]
    report = import_source(as_csv(tmp_path, [headings, *ROWS]), TEMPLATE).report
    assert report.areas["HAV"] == Area("Ola Nes", "", "ola@havn.example", highest=2)


@every_format
def test_several_leaders_of_one_area_are_told_and_none_is_taken(
    write: Writer, tmp_path: Path
) -> None:
    rows = [ROWS[0], (*ROWS[1][:3], "Per Øy", *ROWS[1][4:]), ROWS[2]]
    done = import_source(write(tmp_path, [HEADINGS, *rows]), TEMPLATE)
    assert codes(done) == ["I116"]
    (finding,) = (found for found in done.findings if found.code == "I116")
    assert "«Havn» har ikke én «Leder»: «Ola Nes», «Per Øy»" in finding.message("nb")
    assert done.report.areas["HAV"].leader == ""
    assert done.report.areas["HAV"].email == "ola@havn.example"


def test_the_report_details_win_over_the_table_and_the_difference_is_told(tmp_path: Path) -> None:
    source = as_csv(tmp_path, [HEADINGS, *ROWS])
    head = HEAD.replace("2020", "2026").replace(", 2026-08-31, 2026-12-31", "")
    areas = 'areas = [{ name = "Havn", leader = "Per Øy" }, { name = "Skog" }]\n'
    source.with_suffix(".toml").write_text(head + areas, "utf-8")
    done = import_source(source, TEMPLATE)
    assert [done.report.areas[ref].leader for ref in ("HAV", "SKO")] == ["Per Øy", "Kari Fjell"]
    (finding,) = done.findings
    assert finding.code == "I116"
    assert finding.message("nb").endswith("«Per Øy» fra opplysningene om rapporten gjelder.")


def test_a_table_of_areas_with_their_leaders_fills_the_table_of_areas(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Tiltak"
    for row in [HEADINGS, *ROWS]:
        book.worksheets[0].append([*row[:3], *row[5:]])
    contacts = book.create_sheet("Ledere")
    for pair in [("Kommunalområde", "Leder"), ("Skog", "Kari Fjell"), ("Helse", "Siv Dal")]:
        contacts.append(pair)
    book.save(tmp_path / "bok.xlsx")
    done = import_source(tmp_path / "bok.xlsx", TEMPLATE)
    assert done.report.areas["SKO"].leader == "Kari Fjell"
    assert names(done.report) == [row[2] for row in ROWS]
    told = [(f.code, f.severity, f.values["value"]) for f in done.findings if f.code != "I107"]
    assert told == [("I101", "warning", "Siv Dal")]


# What the user says


@every_format
def test_unknown_headings_are_listed_and_can_be_named(write: Writer, tmp_path: Path) -> None:
    own = ("Virksomhet", "Beskrivelse", "Hvem", "Status 30.04.2026", "Når")
    rows = [(row[0], row[2], row[3], row[5], "mai") for row in ROWS]
    source = write(tmp_path, [own, *rows])
    message = refused(source)
    assert "1 av 5 overskrifter er kjent" in message
    assert "Kjent: «Status 30.04.2026»" in message
    assert "«Virksomhet» (≈ «Kommunalområde»), «Beskrivelse» (≈ «Tiltak»)" in message
    assert "Mangler: «Tiltak»" in message
    assert "Malen har: «Kommunalområde», «Nr», «Tiltak»" in message
    assert '--column "Virksomhet=Kommunalområde" --column "Beskrivelse=Tiltak"' in message
    assert f'xltiltak template from "{source.name}"' in message
    columns = {"virksomhet": "Kommunalområde", "Beskrivelse": "Tiltak", "Hvem": "Leder"}
    done = import_source(source, TEMPLATE, None, ImportOptions(columns=columns))
    assert names(done.report) == [row[2] for row in ROWS]
    assert done.report.areas["SKO"].leader == "Kari Fjell"
    (unread,) = (found for found in done.findings if found.code == "I102")
    assert (unread.values["value"], unread.values["texts"]) == ("Når", "mai · mai · mai")


def test_a_column_that_is_not_there_and_a_label_that_is_not_known_are_refused(
    tmp_path: Path,
) -> None:
    source = as_csv(tmp_path, [HEADINGS, *ROWS])
    assert "har ingen overskrift «Hva»" in refused(source, columns={"Hva": "Tiltak"})
    message = refused(source, columns={"Leder": "Sjefen sjøl"})
    assert "Malen har ingen overskrift «Sjefen sjøl»" in message
    assert "«" + "Tiltak" not in message.split("disse:")[0]


@every_format
def test_a_table_without_areas_is_one_area_or_the_one_that_is_given(
    write: Writer, tmp_path: Path
) -> None:
    source = write(tmp_path, [row[1:3] + row[5:] for row in (HEADINGS, *ROWS)])
    done = import_source(source, TEMPLATE)
    assert [done.report.area_name(ref) for ref in done.report.area_refs] == ["tabell"]
    assert codes(done) == ["I117"]
    given_area = import_source(source, TEMPLATE, None, ImportOptions(area="Havn"))
    assert given_area.report.area_refs == ("HAV",)
    assert codes(given_area) == []


@pytest.mark.parametrize("name", ["Ark1", "Sheet1", "Blad1", "Tabelle1", "Ark1 (2)", "sheet"])
def test_a_sheet_that_nobody_has_named_is_no_area(name: str, tmp_path: Path) -> None:
    source = as_workbook(tmp_path, [row[1:3] for row in (HEADINGS, *ROWS)])
    book = openpyxl.load_workbook(source)
    book.worksheets[0].title = name
    book.save(source)
    options = ImportOptions(year=2026, organisation="Dalby")
    done = import_source(source, TEMPLATE, None, options)
    assert [done.report.area_name(ref) for ref in done.report.area_refs] == ["Dalby"]


@every_format
def test_a_heading_without_a_date_says_so_or_takes_the_only_one(
    write: Writer, tmp_path: Path
) -> None:
    source = write(tmp_path, [(*HEADINGS[:5], "Status", "Merknader"), *ROWS])
    message = refused(source)
    assert "overskriften «Status»" in message
    assert "--dates" in message
    one = import_source(source, TEMPLATE, None, ImportOptions(dates=(date(2026, 8, 31),)))
    assert one.report.values[Slot("SKO-001", "status", date(2026, 8, 31))] == 4
    dates = (date(2026, 4, 30), date(2026, 8, 31))
    two = import_source(source, TEMPLATE, None, ImportOptions(dates=dates))
    (lost,) = (found for found in two.findings if found.code == "I102")
    assert (lost.severity, lost.values["reason"]) == ("error", "heading_without_date")
    assert lost.values["texts"] == "2 · 3 · 4"


def test_a_heading_that_shows_a_part_of_a_date_is_quoted_as_it_is_shown(tmp_path: Path) -> None:
    source = as_workbook(tmp_path, [(*HEADINGS[:5], datetime(2026, 4, 30), ""), *ROWS])  # noqa: DTZ001
    book = openpyxl.load_workbook(source)
    book.worksheets[0]["F1"].number_format = "mmmm"
    book.save(source)
    message = refused(source)
    assert "overskriften «april» (Ark1 F1) er en dato som bare viser en del" in message
    assert '--column "april=Status 300426"' in message
    options = ImportOptions(columns={"april": "Status 300426"})
    report = import_source(source, TEMPLATE, None, options).report
    assert report.values[Slot("SKO-001", "status", date(2026, 4, 30))] == 4


@pytest.mark.parametrize(
    ("heading", "is_known"),
    [
        ("Status 30.04.2026", True),
        ("Status pr. 30.04.2026", True),
        ("Status per 30.04.26", True),
        ("STATUS (30.04.2026)", True),
        ("Status as of 2026-04-30", True),
        ("30.04.2026", True),
        ("Status for 30.04.2026", False),
        ("Kostnad pr. 30.04.2026", False),
        ("Status 31.04.2026", False),
        ("Status april", False),
    ],
)
def test_how_people_write_a_date_in_a_heading(heading: str, is_known: bool) -> None:  # noqa: FBT001
    days = {column.date for column in Labels(TEMPLATE).columns_of(heading)}
    assert days == ({date(2026, 4, 30)} if is_known else set())


def test_one_thing_in_two_columns_is_named(tmp_path: Path) -> None:
    rows = [("Tiltak", "Tiltak", "Status 30.04.2026"), ("a", "b", 2)]
    assert "«Tiltak», «Tiltak» er overskrifter på det samme" in refused(as_csv(tmp_path, rows))


@pytest.mark.parametrize("write", [as_csv, as_workbook, as_document])
def test_a_list_of_names_is_a_plan(write: Writer, tmp_path: Path) -> None:
    source = write(tmp_path, [["Tiltak"], ["Dekke kaien"], ["Male fyret"]])
    done = import_source(source, TEMPLATE, None, ImportOptions(year=2026))
    assert names(done.report) == ["Dekke kaien", "Male fyret"]
    assert "Oppgi --year" in refused(source)


@every_format
def test_a_row_of_sums_is_no_measure(write: Writer, tmp_path: Path) -> None:
    rows = [("Hvor", "Tiltak", "Pris"), ("Kai", "Dekke", 20), ("Fyr", "Male", 5), ("Sum", 2, 25)]
    done = import_source(write(tmp_path, rows), TEMPLATE, None, ImportOptions(year=2026))
    assert names(done.report) == ["Dekke", "Male"]
    (told,) = (found for found in done.findings if found.code == "I101")
    assert (told.values["value"], told.severity) == ("Sum · 2 · 25", "warning")


def test_a_title_above_a_table_is_its_title_and_no_area(tmp_path: Path) -> None:
    source = as_csv(tmp_path, [row[1:3] + row[5:] for row in (HEADINGS, *ROWS)])
    source.write_bytes(b"Plan 2026, vedtatt\r\n\r\n" + source.read_bytes())
    report = import_source(source, TEMPLATE, None, ImportOptions(area="Havn")).report
    assert (report.head.title, report.area_refs) == ("Plan 2026, vedtatt", ("HAV",))


def test_options_win_over_the_source_and_over_the_details(tmp_path: Path) -> None:
    source = as_csv(tmp_path, [HEADINGS, *ROWS])
    options = ImportOptions("Årsplan", "Dalby kommune", 2027)
    head = import_source(source, TEMPLATE, None, options).report.head
    assert (head.title, head.organisation, head.year, head.code) == (
        "Årsplan",
        "Dalby kommune",
        2027,
        "DAL",
    )
    source.with_suffix(".toml").write_text(HEAD.replace("periods", "# periods"), "utf-8")
    head = import_source(source, TEMPLATE, None, options).report.head
    assert (head.title, head.organisation, head.year) == ("Årsplan", "Dalby kommune", 2027)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_speaks_every_language(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", language)
    for headings in (("Hva", "Hvem"), ("Tiltak", "Status"), ("Tiltak", "Merknad")):
        message = refused(as_csv(tmp_path, [headings, ("Dekke kaien", "3")]))
        assert "{" not in message
        assert "tabell.csv" in message


# Rows that are no measures


@every_format
def test_a_table_of_days_is_refused_with_its_headings(write: Writer, tmp_path: Path) -> None:
    days = [f"{day:02}.03.2026" for day in range(1, 31)]
    rows = [["", "", *days], ["Oppgave", "Start", *([""] * 30)], ["Grave", "mars", *["X"] * 30]]
    message = refused(write(tmp_path, rows))
    assert "«Oppgave» (≈ «Tiltak»), «Start»" in message
    named = [["Tiltak", "Start", *days], ["Grave", "mars", *["X"] * 30]]
    done = import_source(write(tmp_path, named), TEMPLATE, None, ImportOptions(year=2026))
    assert done.report.head.dates == ()
    (calendar,) = (f for f in done.findings if f.values.get("reason") == "heading_calendar")
    assert calendar.values["value"] == "01.03.2026 … 30.03.2026"


def test_dates_below_a_heading_are_no_reporting_dates(tmp_path: Path) -> None:
    rows = [
        (*HEADINGS, "Frist"),
        *((*row, date(2027, n, 1)) for n, row in enumerate(ROWS, 1)),
    ]
    report = import_source(as_workbook(tmp_path, rows), TEMPLATE).report
    assert report.head.dates == (date(2026, 4, 30),)


@every_format
def test_rows_of_groups_notes_and_headings_are_told_and_no_measures(
    write: Writer, tmp_path: Path
) -> None:
    rows = [
        ("Tiltak", "Status 30.04.2026", "Merknad"),
        ("Brygger", "", ""),
        ("Dekke kaien", 2, "ok"),
        ("Tiltak", "", "Merknad"),
        ("Male fyret", 3, ""),
        ("* Ikke kontrollert.", "", ""),
    ]
    options = ImportOptions(area="Havn")
    done = import_source(write(tmp_path, rows), TEMPLATE, None, options)
    assert names(done.report) == ["Dekke kaien", "Male fyret"]
    told = {f.values["value"]: f.values["reason"] for f in done.findings if f.code == "I101"}
    assert told == {
        "Brygger": "row_alone",
        "Tiltak · Merknad": "labels_again",
        "* Ikke kontrollert.": "row_alone",
    }


@every_format
def test_lone_rows_name_the_areas_if_nothing_else_does(write: Writer, tmp_path: Path) -> None:
    first, *rest = (row[2:3] + row[5:] for row in (HEADINGS, *ROWS))
    rows = [first, ("Havn", "", ""), *rest[:2], ("Skog", "", ""), rest[2]]
    done = import_source(write(tmp_path, rows), TEMPLATE)
    assert [done.report.area_name(ref) for ref in done.report.area_refs] == ["Havn", "Skog"]
    assert names(done.report) == [row[2] for row in ROWS]
    assert [f.values["value"] for f in done.findings if f.code == "I118"] == ["Havn", "Skog"]


@every_format
def test_an_area_alone_in_its_column_is_that_of_the_rows_below(
    write: Writer, tmp_path: Path
) -> None:
    blank = [("", *row[1:]) for row in ROWS]
    alone = [(name, *[""] * 6) for name in ("Havn", "Skog")]
    rows = [HEADINGS, alone[0], *blank[:2], alone[1], blank[2]]
    done = import_source(write(tmp_path, rows), TEMPLATE)
    assert done.report.area_of["HAV-002"] == "HAV"
    assert done.report.area_of["SKO-001"] == "SKO"
    assert codes(done) == ["I118", "I118"]


def _row(*texts: str) -> SourceLine:
    cells = {n: SourceCell(text, Place()) for n, text in enumerate(texts) if text}
    return SourceLine(cells, table=1, width=len(texts))


@pytest.mark.parametrize(
    ("rows", "are_groups"),
    [
        ([("a", "1"), ("b", "2"), ("c", "")], True),
        ([("a", "1"), ("b", "")], True),
        ([("a", "1"), ("b", ""), ("c", "")], False),  # a plan that is hardly begun
        ([("a", ""), ("b", ""), ("c", "")], False),  # names alone
        ([("a", "1"), ("b", "2")], False),
        ([], False),
    ],
)
def test_when_a_name_alone_is_a_heading(rows: list[tuple[str, str]], are_groups: bool) -> None:  # noqa: FBT001
    labels = Labels(TEMPLATE)
    header = header_of_first_row(_row("Tiltak", "Merknad"), labels)
    lines = [_row(*row) for row in rows]
    assert lone_texts_are_groups(lines, header, labels) is are_groups


def test_a_name_alone_beside_a_column_of_areas_is_a_measure() -> None:
    labels = Labels(TEMPLATE)
    header = header_of_first_row(_row("Kommunalområde", "Tiltak", "Merknad"), labels)
    lines = [_row("Havn", "a", "x"), _row("", "b", ""), _row("", "c", "y")]
    assert not lone_texts_are_groups(lines, header, labels)


@pytest.mark.parametrize(
    ("heading", "similar"),
    [
        ("Titak", "Tiltak"),
        ("Tiltakk", "Tiltak"),
        ("Tiltak i planen", "Tiltak"),
        ("Merkander", "Merknader"),
        ("Merknader fra leder", "Merknader"),
        ("Oppdatert merknad", "Merknad"),
        ("Status 31.04.2020", "Status 300420"),
        ("Når", ""),  # nothing like "Nr"
        ("Hva", ""),
        ("Frist", ""),
        ("Kostnad", ""),
        ("Navn", ""),
    ],
)
def test_which_label_an_unknown_heading_is_like(heading: str, similar: str) -> None:
    known = Labels(TEMPLATE, (date(2020, 4, 30),)).all_labels()
    assert similar_label(heading, known) == similar


@pytest.mark.parametrize(
    ("heading", "suggested"),
    [
        ("#", "Nr"),
        ("Beskrivelse", "Tiltak"),
        ("Avdeling", "Kommunalområde"),
        ("Kommentar", "Oppdaterte merknader"),
        ("Ansvarlig", "Leder"),
        ("Pris", ""),
    ],
)
def test_what_other_people_call_a_column(heading: str, suggested: str) -> None:
    assert Labels(TEMPLATE).suggestion(heading) == suggested


# What is kept


def test_a_file_of_details_is_written_beside_the_plan_but_never_over_one(tmp_path: Path) -> None:
    source = as_csv(tmp_path, [HEADINGS, *ROWS])
    plan, kept = tmp_path / "planer" / "plan.xlsx", tmp_path / "planer" / "tabell.toml"
    written = import_plan(source, TEMPLATE, plan).written
    assert [path.name for path in written] == ["plan.xlsx", "tabell.toml"]
    details = load_details(kept)
    assert [(area.name, area.leader) for area in details.areas] == [
        ("Havn", "Ola Nes"),
        ("Skog", "Kari Fjell"),
    ]
    kept.write_text("# mine\n", "utf-8")
    assert len(import_plan(source, TEMPLATE, plan, force=True).written) == 1
    assert kept.read_text("utf-8") == "# mine\n"
    source.with_suffix(".toml").write_text(HEAD, "utf-8")
    kept.unlink()
    import_plan(source, TEMPLATE, plan, force=True)
    assert not kept.exists()


@every_format
def test_the_kept_details_give_the_same_report_again(write: Writer, tmp_path: Path) -> None:
    source = write(tmp_path, [HEADINGS, *ROWS])
    first = import_source(source, TEMPLATE).report
    skeleton = details_skeleton(first, with_areas=True)
    source.with_suffix(".toml").write_text(skeleton, "utf-8")
    again = import_source(source, TEMPLATE)
    assert again.report == first
    assert again.findings == ()


any_text = st.text(st.characters(codec="utf-8"), max_size=20)


@settings(max_examples=60, deadline=None)
@given(title=any_text, leader=any_text, name=any_text)
def test_every_text_can_be_kept(
    tmp_path_factory: pytest.TempPathFactory, title: str, leader: str, name: str
) -> None:
    head = Head("DAL", "", title, 2026, "nb")
    values = {Slot("HAV", "name"): name}
    report = Report(TEMPLATE, head, (Node("HAV", "area", None),), values, {"HAV": Area(leader)})
    file = tmp_path_factory.mktemp("kept") / "details.toml"
    file.write_bytes(details_skeleton(report, with_areas=True).encode())
    details = load_details(file)
    assert (details.title, details.areas[0].leader) == (title, leader)


# Questions on a terminal


def ask(folder: Path, typed: str, *options: str) -> str:
    """Return what the command shows on a terminal on which somebody types."""
    words = ["import", "tabell.csv", "-o", "plan.xlsx", "--template", "tiltaksstatus", *options]
    child, terminal = pty.fork()
    if not child:
        os.chdir(folder)
        os.execv(sys.executable, [sys.executable, "-m", "xltiltak", *words])  # noqa: S606
    os.write(terminal, typed.encode())
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # the command has ended
            break
        if not part:
            break
        shown += part
    os.waitpid(child, 0)
    return shown.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="pty is not on Windows")
def test_what_is_not_known_is_asked_for_on_a_terminal(tmp_path: Path) -> None:
    as_csv(tmp_path, [(*HEADINGS[:5], "Status", "Merknader"), *ROWS])
    shown = ask(tmp_path, "Min plan\nDalby kommune\ni mai\n31.08.2026\n\n")
    assert "Tittel [tabell]" in shown
    assert "År [2026]" in shown
    assert "«i mai»" in shown
    details = load_details(tmp_path / "tabell.toml")
    assert (details.title, details.organisation) == ("Min plan", "Dalby kommune")
    assert (details.year, details.periods) == (2026, (date(2026, 8, 31),))
    (tmp_path / "tabell.toml").unlink()
    assert "Tittel [" not in ask(tmp_path, "\n", "--json", "--dates", "2026-08-31", "--force")


@pytest.mark.parametrize(
    ("line", "area"),
    [("Havnevesenet", "Havnevesenet"), ("Vedtatt av rådet 12.12.2026", "Plan 2026")],
)
def test_a_line_with_a_date_above_a_table_is_no_area(line: str, area: str, tmp_path: Path) -> None:
    rows = [row[1:3] + row[5:] for row in (HEADINGS, *ROWS)]
    source = as_workbook(tmp_path, [("Plan 2026",), (line,), *rows])
    report = import_source(source, TEMPLATE).report
    assert [report.area_name(ref) for ref in report.area_refs] == [area]
