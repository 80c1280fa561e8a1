"""Propose a template from what people have: it is right, and reads its own source whole."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tomllib
from pathlib import Path

import openpyxl
import pytest

from tests.office import Office
from tests.proposals import CARDS, SOURCES
from tests.sources import REAL
from xltiltak.cli import main as cli
from xltiltak.demo.template_trial import try_template
from xltiltak.importers.details_file import ImportOptions
from xltiltak.importers.import_flow import common_beginning, import_source, read_pages
from xltiltak.importers.proposal import Choices, TemplateProposal, propose
from xltiltak.importers.proposed_columns import (
    ProposedColumn,
    is_input_column,
    kind_of,
    proposed_columns,
)
from xltiltak.importers.proposed_template import ProposedTemplate, form_of, proposed_template
from xltiltak.importers.source_lines import SourceCell
from xltiltak.importers.source_tables import main_tables
from xltiltak.importers.table_parts import listed_steps
from xltiltak.model.errors import PlanError
from xltiltak.model.field_types import field_type_of
from xltiltak.model.finding import Place
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Slot
from xltiltak.templates import catalogue


@pytest.fixture(autouse=True)
def _in_bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


def proposed(source: Path) -> ProposedTemplate:
    """Return the template that is guessed for a source."""
    proposal = propose(source)
    return proposed_template(source, proposal, proposal.guess(), "mal")


def unread_words(source: Path, found: ProposedTemplate) -> set[str]:
    """Return the texts in the rows of a source's tables that are no values of the report."""
    report, template = found.imported.report, found.template
    shown = {normalize(str(value)) for value in report.values.values()}
    for slot, value in report.values.items():
        if each := template.field_of(report.by_ref[slot.ref].level, slot.field):
            shown.add(normalize(field_type_of(each, template).display(value, "nb")))
            steps = template.scales.get(each.scale, ())
            shown |= {normalize(step.label) for step in steps if step.value == value}
    numbers = {"".join(sign for sign in text if sign.isdigit()) for text in shown}
    missing: set[str] = set()
    for table in main_tables(read_pages(source, "nb")):
        for text in (cell.text for row in table.rows for cell in row.own_cells().values()):
            figures = "".join(sign for sign in text if sign.isdigit())
            is_read = normalize(text) in shown or (figures and figures in numbers)
            missing |= set() if is_read else {text}
    return missing


def assert_law(source: Path) -> ProposedTemplate:
    """Check that a proposal passes the check, and reads each row and word of its source."""
    found = proposed(source)
    assert try_template(found.template, (".html",)) == []
    rows = sum(len(table.rows) for table in main_tables(read_pages(source, "nb")))
    measures = [n for n in found.imported.report.nodes if n.level == found.template.leaf.id]
    assert len(measures) == rows
    assert unread_words(source, found) == set()
    assert_imported_as_said(source, found)
    refused = ("I102", "I103", "V101", "V103", "V104", "V113")
    assert [f.sentence("nb") for f in found.imported.findings if f.code in refused] == []
    return found


def assert_imported_as_said(source: Path, found: ProposedTemplate) -> None:
    """Check that the next import, with the year that the user is told, reads the same report."""
    options = ImportOptions(year=found.assumed_year or 0)
    assert import_source(source, found.template, options=options).report == found.imported.report
    if found.assumed_year:
        with pytest.raises(PlanError) as caught:
            import_source(source, found.template)
        assert caught.value.key == "no_year"


@pytest.mark.parametrize("name", SOURCES)
def test_a_proposal_reads_every_row_and_word_of_its_source(name: str, tmp_path: Path) -> None:
    assert_law(SOURCES[name](tmp_path))


@pytest.mark.parametrize("name", [name for name in SOURCES if name.startswith(("xlsx", "docx"))])
def test_the_same_of_what_libreoffice_saves(office: Office, name: str, tmp_path: Path) -> None:
    source = SOURCES[name](tmp_path)
    with office.open(source) as document:
        saved = document.save(tmp_path / f"lagret{source.suffix}")
    assert assert_law(saved).template.levels[-1].label


@pytest.mark.skipif(not REAL.is_dir(), reason="the real documents are not here")
@pytest.mark.parametrize("source", sorted(REAL.glob("*.csv")), ids=lambda path: path.stem)
def test_a_proposal_reads_a_real_table(source: Path) -> None:
    found = proposed(source)
    assert try_template(found.template, (".html",)) == []
    assert [f.code for f in found.imported.findings if f.severity == "error"] == []


def test_what_is_proposed(tmp_path: Path) -> None:
    text = proposed(SOURCES["csv with areas and dates"](tmp_path)).text
    data = tomllib.loads(text)
    assert data["title"] == "Tiltaksplan {year}"
    assert data["levels"] == ["Avdeling", "Tiltak"]
    assert data["fields"][0] == "Nr"
    kinds = {field["label"]: field for field in data["fields"][1:]}
    assert kinds["Frist"]["kind"] == "date"
    assert kinds["Status {date:%d.%m.%Y}"]["role"] == "input"
    assert "role" not in kinds["Ansvarlig"]
    assert [step["label"] for step in data["scales"]["status"]] == [
        "Ikke begynt", "I gang", "Ferdig",
    ]  # fmt: skip
    assert data["scales"]["status"][-1]["done"]


def test_lists_colours_and_open_cells_of_a_workbook_are_proposed(tmp_path: Path) -> None:
    data = tomllib.loads(proposed(SOURCES["xlsx with looks"](tmp_path)).text)
    assert data["language"] == "en"
    assert data["scales"]["rag"] == [
        {"label": "Red", "fill": "#C00000"},
        {"label": "Amber", "fill": "#FFC000"},
        {"label": "Green", "fill": "#00B050"},
    ]
    inputs = [field["label"] for field in data["fields"] if field.get("role") == "input"]
    assert inputs == ["RAG", "Update"]


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("xlsx with banners", ["Område", "Tiltak"]),
        ("xlsx with a sheet for each area", ["Område", "Beskrivelse"]),
        ("xlsx with two rows of labels", ["Tiltak"]),
        ("docx with two ranks of headings", ["Område", "Gruppe", "Tiltak"]),
        ("docx with areas", ["Sektor", "Tiltak"]),
        ("xlsx with a title across each sheet", ["Område", "Tiltak"]),
        ("xlsx with years below a word", ["Område", "Beskrivelse"]),
        ("csv with a column of units", ["Indikator"]),
        ("csv with quarters", ["Service", "KPI"]),
    ],
)
def test_where_the_levels_come_from(name: str, levels: list[str], tmp_path: Path) -> None:
    found = proposed(SOURCES[name](tmp_path))
    assert [level.label for level in found.template.levels] == levels


@pytest.mark.parametrize("name", CARDS)
def test_cards_are_proposed_as_cards_and_read_whole(name: str, tmp_path: Path) -> None:
    write, names = CARDS[name]
    found = proposed(write(tmp_path))
    report, leaf = found.imported.report, found.template.leaf.id
    measures = [node.ref for node in report.nodes if node.level == leaf]
    assert found.template.layout == "cards"
    assert [str(report.values[Slot(ref, "name")]) for ref in measures] == names
    fields = [field for field in found.template.fields_of(leaf) if field.id != "no"]
    assert all(Slot(ref, field.id) in report.values for ref in measures for field in fields)
    assert try_template(found.template, (".html",)) == []
    assert_imported_as_said(write(tmp_path), found)
    assert [f.sentence("nb") for f in found.imported.findings if f.severity != "note"] == []


@pytest.mark.parametrize(
    ("name", "label"),
    [("txt with a legend", "Godt i gang"), ("xlsx with years below a word", "halvveis")],
)
def test_the_words_of_a_scale_come_from_the_source(name: str, label: str, tmp_path: Path) -> None:
    data = tomllib.loads(proposed(SOURCES[name](tmp_path)).text)
    assert data["scales"]["status"][2] == {"value": 3, "label": label}


def test_the_title_of_several_sheets_is_how_theirs_begin(tmp_path: Path) -> None:
    found = proposed(SOURCES["xlsx with a title across each sheet"](tmp_path))
    assert tomllib.loads(found.text)["title"] == "Handlingsplan {year}"
    assert found.imported.report.head.title == "Handlingsplan 2024"
    assert [f.code for f in found.imported.findings] == ["I107"]


# Heuristics


def column(label: str, *texts: str) -> ProposedColumn:
    """Return a column with these texts."""
    cells = [SourceCell(text, Place("", "", f"A{n}")) for n, text in enumerate(texts, 2)]
    return ProposedColumn(label, [0], [], cells)


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (("88 %", "6,5 %"), "percent"),
        (("88 %", "mye"), ""),
        (("12", "1 250"), "integer"),
        (("12", "1 250,5"), "decimal"),
        (("12 tkr", "1 250 tkr"), "decimal"),
        (("12 tkr", "12 dager"), ""),
        (("01.06.2026", "31.12.2026"), "date"),
        (("01.06.2026", "våren 2026"), ""),
        (("Ja", "Nei", "Ja", "Nei"), "choice"),
        (("Ja", "Nei", "Ja"), ""),  # too few to be sure
        (("Grønn", "Rød", "Gul"), "choice"),  # names of colours
        (("Green", "Amber", "Red"), "choice"),
        (("Grønn", "Ferdig", "Utsatt"), ""),
        (("Gjort 1. mai", "Gjort 2. mai") * 2, ""),  # words with figures are texts
        (("3 Godt i gang", "1 Ikke begynt", "3 Godt i gang"), "scale"),
        (("a\nb", "c"), "paragraphs"),
        (("- a\n- b", "- c"), "bullets"),
        ((), ""),
    ],
)
def test_which_kind_is_proposed(texts: tuple[str, ...], kind: str) -> None:
    assert kind_of(column("Svar", *texts), {}, "nb", is_input=True).get("kind", "") == kind


@pytest.mark.parametrize(
    ("label", "written", "day"),
    [
        ("Status 30.04.2026", "Status {date:%d.%m.%Y}", "2026-04-30"),
        ("Status per 300426", "Status per {date:%d%m%y}", "2026-04-30"),
        ("RAG 30/04/2026", "RAG {date:%d/%m/%Y}", "2026-04-30"),
        ("Läge 2026-04-30", "Läge {date:%Y-%m-%d}", "2026-04-30"),
        ("Mål 2026", "Mål 2026", ""),
        ("Status {x}:", "Status (x)", ""),
    ],
)
def test_how_a_date_in_a_label_is_written(label: str, written: str, day: str) -> None:
    (found,) = proposed_columns({0: SourceCell(label, Place(""))}, [], {})
    assert (found.label, [str(each) for each in found.days]) == (written, [day] if day else [])


@pytest.mark.parametrize(
    ("labels", "written"),
    [
        (("Resultat 2022", "Resultat 2023"), ["Resultat {date:%Y}"]),
        (("Resultat 2022", "Mål 2023"), ["Resultat 2022", "Mål 2023"]),
        (("2022", "2023"), ["Status {date:%Y}"]),
        (("Ås 2022", "Ås 20223"), ["Ås 2022", "Ås 20223"]),
    ],
)
def test_years_after_the_same_word_are_dates(labels: tuple[str, ...], written: list[str]) -> None:
    cells = {n: SourceCell(label, Place("")) for n, label in enumerate(labels)}
    assert [column.label for column in proposed_columns(cells, [], {})] == written


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Q1", True), ("Q 4 2024", True), ("2. tertial", True), ("Kvartal 3", True),
        ("T2", True), ("Q5", False), ("Qx", False), ("Tertial", False), ("1.1", False),
    ],
)  # fmt: skip
def test_a_column_called_after_a_part_of_the_year_is_filled_in(
    label: str, *, expected: bool
) -> None:
    assert is_input_column(column(label, "12")) is expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("%", "mill. kr"), True), (("kr per innbygger", "antall"), True),
        (("Skole", "%"), False), ((), False),
    ],
)  # fmt: skip
def test_a_column_of_units_is_known(texts: tuple[str, ...], *, expected: bool) -> None:
    assert column("Enhet", *texts).is_unit is expected


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("1 = ikke startet, 2 = i gang", ["1 = ikke startet", "2 = i gang"]),
        ("Skala: 1 Nei; 2 Ja, delvis; 3 Ja", ["1 Nei", "2 Ja, delvis", "3 Ja"]),
        ("1: a / 2: b | 3: c", ["1: a", "2: b", "3: c"]),
        ("Møtet var 1. mai, 3 saker", ["Møtet var 1. mai", "3 saker"]),  # no step is called so
        ("Vi er 12, 13 år", ["Vi er 12", "13 år"]),
        ("Ferdig, i gang", ["Ferdig, i gang"]),
    ],
)
def test_how_a_list_of_steps_is_divided(text: str, steps: list[str]) -> None:
    assert listed_steps(text) == steps


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["Plan 2024 – Helse", "Plan 2024 – Skole"], "Plan 2024"),
        (["Plan A – Helse", "Plan A – Skole"], "Plan A"),
        (["Plan A Helse", "Plan A Skole"], "Plan A"),
        (["Plan for Helse", "Plan for Skole"], "Plan"),
        (["Plan 2024 for Helse", "Plan 2024 for Skole"], "Plan 2024"),
        (["PLAN FÖR HÄLSA", "PLAN FÖR SKOLA"], "PLAN"),
        (["Status of the Harbour", "Status of the School"], "Status"),
        (["For Helse", "For Skole"], ""),
        (["Planen", "Planer"], ""),
        (["Plan 2024"], ""),
        ([], ""),
    ],
)
def test_how_titles_begin(titles: list[str], expected: str) -> None:
    assert common_beginning(titles) == expected


@pytest.mark.parametrize(
    ("columns", "guess"),
    [
        (
            [column("Nr", *"123"), column("Hva", *"abc"), column("Status", "x", "", "")],
            Choices("Hva", (), ("Status",)),
        ),
        (
            [column("Etat", *"AAAB"), column("Tiltak", *"abcd"), column("Eier", *"xyzx")],
            Choices("Tiltak", ("Etat",), ("Eier",)),  # the last one, if nothing else is filled in
        ),
        (
            [column("Etat", *"ABCD"), column("Tiltak", *"abcd"), column("Svar", *"xyzx")],
            Choices("Tiltak", (), ("Svar",)),  # a group has several measures
        ),
        (
            [column("Tekst", "lang", "lengre", "lengst"), column("Kommentar", *"uvw")],
            Choices("Tekst", (), ("Kommentar",)),
        ),
    ],
)
def test_what_is_guessed(columns: list[ProposedColumn], guess: Choices) -> None:
    for number, each in enumerate(columns):
        each.columns = [number]
        each.cells = [cell for cell in each.cells if cell.text]
    assert TemplateProposal("nb", "Plan {year}", columns).guess() == guess


# The command


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """Run the command; return its exit code and what it prints."""
    code = cli.run([str(word) for word in words])
    return code, capsys.readouterr().out


def test_the_command_writes_a_template_and_a_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    source = SOURCES["csv with areas and dates"](tmp_path)
    code, text = run(
        capsys, "template", "from", source, "-o", "templates/park", "--form", "skjema.xlsx", "--yes"
    )
    assert code == 0
    assert "Malen leser 4 tiltak i Tiltak.csv" in text
    assert run(capsys, "template", "check", "templates/park")[0] == 0
    report = import_source(source, catalogue.find("park", tmp_path)).report
    assert [report.area_name(ref) for ref in report.area_refs] == ["Helse", "Teknisk"]
    texts = {c.value for row in openpyxl.load_workbook("skjema.xlsx").worksheets[0] for c in row}
    assert {"Ny turnus", "Kurs i forflytning"} <= texts


def test_a_form_has_the_first_area_and_a_field_to_fill_in(tmp_path: Path) -> None:
    found = proposed(SOURCES["docx with areas"](tmp_path))
    (tmp_path / "skjema.xlsx").write_bytes(form_of(found))
    sheet = openpyxl.load_workbook(tmp_path / "skjema.xlsx").worksheets[0]
    assert any(not cell.protection.locked for row in sheet for cell in row)


def test_a_template_is_not_overwritten_without_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = SOURCES["csv in Swedish"](tmp_path)
    assert run(capsys, "template", "from", source, "-o", tmp_path / "mal", "--yes")[0] == 0
    assert run(capsys, "template", "from", source, "-o", tmp_path / "mal", "--yes")[0] != 0
    again = run(capsys, "template", "from", source, "-o", tmp_path / "mal", "--yes", "--force")
    assert again[0] == 0


def test_a_source_without_a_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "brev.txt").write_text("Kjære alle\n\nHer er ingen tabell.\n", "utf-8")
    with pytest.raises(PlanError, match="ingen tabell"):
        propose(tmp_path / "brev.txt")


def test_on_a_terminal_at_most_five_questions_are_asked_and_the_answers_count(
    tmp_path: Path,
) -> None:
    source = SOURCES["csv with areas and dates"](tmp_path)
    words = [sys.executable, "-m", "xltiltak", "template", "from", str(source), "-o", "mal"]
    near, far = pty.openpty()
    answers = iter(("\n", "-\n", "9\n", "4\n"))  # Tiltak, no groups, no such column, Ansvarlig
    with subprocess.Popen(
        words, stdin=far, stdout=far, stderr=far, cwd=tmp_path, env={**os.environ, "TERM": "dumb"}
    ) as process:
        os.close(far)
        seen, asked = "", 0
        while True:
            try:
                part = os.read(near, 4096).decode()
            except OSError:
                break
            seen += part
            if part.rstrip(" ").endswith("]:"):
                asked += 1
                os.write(near, next(answers).encode())
    os.close(near)
    assert process.returncode == 0, seen
    assert asked - 1 <= 5  # one of them again, after an answer that is no column
    data = tomllib.loads((tmp_path / "mal" / "template.toml").read_text("utf-8"))
    assert data["levels"] == ["Tiltak"]
    inputs = [f["label"] for f in data["fields"] if isinstance(f, dict) and f.get("role")]
    assert inputs == ["Ansvarlig"]
