"""Import tables with totals, second rows of labels, misspelt headings and colours for answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from xltiltak.importers.details_file import ImportOptions
from xltiltak.importers.import_flow import import_source
from xltiltak.importers.labels import Labels
from xltiltak.importers.report_builder import ImportResult
from xltiltak.model.colours import most_alike
from xltiltak.model.errors import PlanError
from xltiltak.model.template import Template
from xltiltak.templates import catalogue

TEMPLATE = """
language = "nb"
title = "Tall {year}"
levels = ["Sektor", "Nøkkeltall"]
fields = [
  "Nr",
  "Ansvarlig",
  { label = "Mål", kind = "percent" },
  { label = "Beløp", unit = "tkr", role = "input" },
  { label = "Vurdering {date:%d/%m/%Y}", role = "input", choices = [
    { label = "Rød", fill = "rød" },
    { label = "Gul", fill = "gul" },
    { label = "Grønn", fill = "grønn" },
  ] },
]
"""
HEADINGS = ("Nr", "Nøkkeltall", "Ansvarlig", "Mål", "Beløp", "Vurdering 30/06/2026")
ROWS = (
    (1, "Dekning", "Ola", "88 %", "1 250", "Rød"),
    (2, "Fravær", "Siv", "5,5 %", "300 tkr", "Grønn"),
)


@pytest.fixture(autouse=True)
def _in_bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


@pytest.fixture
def template(tmp_path: Path) -> Template:
    """Return the template of the tables."""
    written = tmp_path / "tall" / "template.toml"
    written.parent.mkdir()
    written.write_text(TEMPLATE, "utf-8")
    return catalogue.load(written.parent)


def as_csv(folder: Path, rows: Sequence[Sequence[object]]) -> Path:
    """Write a table."""
    path = folder / "tabell.csv"
    path.write_text("\n".join(";".join(map(str, row)) for row in rows), "utf-8")
    return path


def names(done: ImportResult) -> Sequence[object]:
    """Return the names of the measures."""
    return [done.report.values.get(slot) for slot in done.report.values if slot.field == "name"][1:]


def told(done: ImportResult) -> list[str]:
    """Return the codes of the findings, without the one about the report details."""
    return sorted(found.code for found in done.findings if found.code not in ("I107", "I117"))


@pytest.mark.parametrize(
    "words",
    [
        "Sum", "SUM:", "Totalt", "Til sammen", "Tilsammen", "Summa", "Sammanlagt", "Total",
        "I alt", "Grand total", "Subtotal", "Delsum", "Totalsum", "Sum totalt",
        "Total 2026", "Sum Tall 2026",
    ],
)  # fmt: skip
@pytest.mark.parametrize("column", [0, 1])
def test_a_total_row_in_any_wording_is_no_measure(
    words: str, column: int, template: Template, tmp_path: Path
) -> None:
    total = ["", "", "", "", "1 550 tkr", ""]
    total[column] = words
    source = as_csv(tmp_path, [HEADINGS, *ROWS, total])
    done = import_source(source, template, options=ImportOptions(title="Tall 2026"))
    assert names(done) == ["Dekning", "Fravær"]
    assert told(done) == ["I101"]


@pytest.mark.parametrize("name", ["Totalt fravær", "Sum av klager", "Alle får plass", "Totalitet"])
def test_a_measure_that_begins_with_such_a_word_is_one(
    name: str, template: Template, tmp_path: Path
) -> None:
    rows = [HEADINGS, *ROWS, ("", name, "", "", "12", "")]
    assert names(import_source(as_csv(tmp_path, rows), template))[-1] == name


@pytest.mark.parametrize(
    "second",
    [("", "", "", "(%)", "(tkr)", ""), (1, 2, 3, 4, 5, 6), ("a", "b", "c", "d", "e", "f")],
)
def test_a_second_row_of_labels_is_no_measure(
    second: Sequence[object], template: Template, tmp_path: Path
) -> None:
    done = import_source(as_csv(tmp_path, [HEADINGS, second, *ROWS]), template)
    assert names(done) == ["Dekning", "Fravær"]
    assert told(done) == ["I101"]


def test_titles_above_several_labels_are_no_part_of_these(
    template: Template, tmp_path: Path
) -> None:
    above = ("Nr", "Nøkkeltall", "Hvem", "Plan", "Plan", "Oppfølging")
    below = ("", "", *HEADINGS[2:])
    done = import_source(as_csv(tmp_path, [above, below, *ROWS]), template)
    assert names(done) == ["Dekning", "Fravær"]
    assert told(done) == []


def test_a_label_as_the_template_writes_it_has_the_only_date_or_asks_for_it(
    template: Template, tmp_path: Path
) -> None:
    source = as_csv(tmp_path, [(*HEADINGS[:5], "Vurdering {date:%d/%m/%Y}"), *ROWS])
    with pytest.raises(PlanError, match="sier ikke hvilken dato den gjelder"):
        import_source(source, template)
    day = import_source(as_csv(tmp_path, [HEADINGS, *ROWS]), template).report.head.dates
    done = import_source(source, template, options=ImportOptions(dates=day))
    assert [value for slot, value in done.report.values.items() if slot.date] == ["Rød", "Grønn"]


@pytest.mark.parametrize(
    ("heading", "label"),
    [
        ("Ansvarleg", "Ansvarlig"),
        ("Ansvarlige", "Ansvarlig"),
        ("Nøkkeltal", "Nøkkeltall"),
        ("Beløp (1000 kr)", "Beløp"),
        ("Mål (%)", "Mål"),
        ("Mål i år", ""),
        ("Belop", ""),  # too unlike: one letter of five
        ("Vurderinger 30/06/2026", "Vurdering 30/06/2026"),
        ("Vurdering 2", ""),  # another figure is another thing
        ("Ansvar", ""),
        ("Mal", ""),
        ("Vurdering", ""),  # it has no date
    ],
)
def test_which_heading_is_taken_for_one_that_is_nearly_alike(
    heading: str, label: str, template: Template
) -> None:
    labels = Labels(template)
    assert [labels.title_of(column) for column in labels.columns_alike(heading)] == (
        [label] if label else []
    )


YEARS = """
language = "nb"
title = "Tall {year}"
levels = ["Sektor", "Nøkkeltall"]
fields = [{ label = "Resultat {date:%Y}", kind = "percent", role = "input" }]
"""


@pytest.mark.parametrize(
    ("label", "headings", "days"),
    [
        ("Resultat {date:%Y}", ("Resultat 2025", "Resultat 2026"), ["2025-12-31", "2026-12-31"]),
        ("Per {date:%m/%Y}", ("Per 04/2026", "Per 08/2026"), ["2026-04-30", "2026-08-31"]),
        ("Per {date:%d/%m/%y}", ("Per 30/04/26", "Per 31/08/26"), ["2026-04-30", "2026-08-31"]),
    ],
)  # fmt: skip
def test_a_heading_is_read_as_the_template_writes_its_dates(
    label: str, headings: tuple[str, str], days: list[str], tmp_path: Path
) -> None:
    written = tmp_path / "aar" / "template.toml"
    written.parent.mkdir()
    written.write_text(YEARS.replace("Resultat {date:%Y}", label), "utf-8")
    source = as_csv(tmp_path, [("Sektor", "Nøkkeltall", *headings), ("Skole", "A", "88 %", "9 %")])
    done = import_source(source, catalogue.load(written.parent))
    assert [str(day) for day in done.report.head.dates] == days
    assert len([slot for slot in done.report.values if slot.date]) == len(days)


def test_a_heading_that_is_nearly_alike_is_told(template: Template, tmp_path: Path) -> None:
    done = import_source(as_csv(tmp_path, [("Nr", "Nøkkeltal", *HEADINGS[2:]), *ROWS]), template)
    (found,) = (found for found in done.findings if found.code == "I119")
    assert (found.place.cell, found.values["value"], found.values["label"]) == (
        "B1", "Nøkkeltal", "Nøkkeltall",
    )  # fmt: skip
    assert names(done) == ["Dekning", "Fravær"]


def test_a_measure_without_its_required_name_is_told(tmp_path: Path) -> None:
    headings = ("Kommunalområde", "Nr", "Tiltak", "Status 300426", "Merknad")
    rows = [headings, ("Havn", 1, "", 3, "I gang"), ("Havn", 2, "Kai", 4, "")]
    done = import_source(as_csv(tmp_path, rows), catalogue.find("tiltaksstatus"))
    (found,) = (found for found in done.findings if found.code == "I121")
    assert (found.place.cell, found.severity, found.values["label"]) == ("B2", "warning", "Tiltak")


# Colours


@pytest.mark.parametrize(
    ("fill", "step"),
    [
        ("FF0000", "C00000"),
        ("FFC000", "FFD966"),  # Excel's amber is yellow where there is no orange
        ("FFFF00", "FFD966"),
        ("00B050", "2E7D32"),
        ("92D050", "2E7D32"),
        ("0070C0", ""),
        ("D9D9D9", ""),
        ("zzz", ""),
    ],
)
def test_which_step_a_colour_is(fill: str, step: str) -> None:
    assert most_alike(fill, ["C00000", "FFD966", "2E7D32"]) == step


def coloured(folder: Path, fills: Sequence[str]) -> Path:
    """Write a workbook in which colours are the assessments."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Helse"
    sheet.append(HEADINGS)
    for number, fill in enumerate(fills, 2):
        sheet.append((number, f"Tall {number}", "Ola", None, None, None))
        sheet.cell(number, 6).fill = PatternFill("solid", fgColor=fill)
    book.save(folder / "farger.xlsx")
    return folder / "farger.xlsx"


def test_colours_of_the_steps_are_read_as_these_and_told(
    template: Template, tmp_path: Path
) -> None:
    done = import_source(coloured(tmp_path, ["FF0000", "00B050", "FFC000", "FF0000"]), template)
    answers = [value for slot, value in done.report.values.items() if slot.date]
    assert answers == ["Rød", "Grønn", "Gul", "Rød"]
    (found,) = (found for found in done.findings if found.code == "I120")
    assert "rød (FF0000) = Rød: F2, F5" in str(found.values["value"])


@pytest.mark.parametrize(
    "fills",
    [
        ["FF0000", "0070C0", "00B050"],  # no step is blue
        ["FF0000", "FF0000", "FF0000"],  # the look of the column
        ["00B050", "92D050", "FF0000"],  # two greens, one step
    ],
)
def test_colours_that_may_mean_something_else_are_only_told(
    fills: list[str], template: Template, tmp_path: Path
) -> None:
    done = import_source(coloured(tmp_path, fills), template)
    assert [value for slot, value in done.report.values.items() if slot.date] == []
    assert "I120" not in told(done)
