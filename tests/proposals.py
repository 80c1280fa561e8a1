"""Write sources as municipalities have them, all invented, for the proposal of a template.

`SOURCES` has for each name what writes it to a folder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import PatternFill, Protection
from openpyxl.worksheet.datavalidation import DataValidation

Rows = Sequence[Sequence[Any]]

STATUSES = ("Status 30.04.2026", "Status 31.08.2026")
MEASURES: Rows = (
    ("Avdeling", "Nr", "Tiltak", "Ansvarlig", "Frist", *STATUSES, "Merknad"),
    ("Helse", 1, "Ny turnus", "Siv", "01.06.2026", "Ikke begynt", "I gang", "Vi prøver den ut."),
    ("Helse", 2, "Kurs i forflytning", "Ola", "01.09.2026", "I gang", "Ferdig", ""),
    ("Teknisk", 1, "Legge ledning", "Per", "15.10.2026", "Ikke begynt", "I gang", "Venter; rør"),
    ("Teknisk", 2, "Bytte lys", "Per", "15.10.2026", "Ferdig", "Ferdig", ""),
)
INDICATORS: Rows = (
    ("Nyckeltal", "Mål 2025", "Utfall 2025", "Kostnad", "Kommentar"),
    ("Andel elever med behörighet", "88 %", "86,5 %", "1 250 tkr", "Något lägre än väntat"),
    ("Sjukfrånvaro", "6 %", "7,2 %", "10 435 tkr", "Åtgärder pågår"),
    ("Nöjda brukare", "90 %", "91 %", "300 tkr", "Mycket bra"),
)
PROGRESS: Rows = (
    ("Tiltak", "Ansvarlig", "Status 300426", "Status 311226", "Kommentar"),
    ("Rydde stien", "Siv", 1, 3, "Godt i gang nå"),
    ("Bygge bro", "Ola", 2, 2, ""),
    ("Sette opp benker", "Per", 3, 5, "Ferdig i mai"),
)
LEGEND = ("1 Ikke påbegynt", "2 Så vidt startet", "3 Godt i gang", "4 Snart ferdig", "5 Fullført")


def as_csv(rows: Rows, name: str) -> Callable[[Path], Path]:
    """Return what writes a table as Excel in Norway saves it."""

    def write(folder: Path) -> Path:
        lines = (
            ";".join(f'"{cell}"' if ";" in str(cell) else str(cell) for cell in r) for r in rows
        )
        (folder / f"{name}.csv").write_text("\n".join(lines), "utf-8-sig")
        return folder / f"{name}.csv"

    return write


def as_text(lines: Sequence[str], rows: Rows, name: str) -> Callable[[Path], Path]:
    """Return what writes lines and a table with tabs, as pasted from Word."""

    def write(folder: Path) -> Path:
        table = ["\t".join(map(str, row)) for row in rows]
        (folder / f"{name}.txt").write_text("\n".join([*lines, "", *table]), "utf-8")
        return folder / f"{name}.txt"

    return write


def as_workbook(
    sheets: dict[str, Rows], name: str, edit: Callable[[Any], object] | None = None
) -> Callable[[Path], Path]:
    """Return what writes sheets of rows with openpyxl."""

    def write(folder: Path) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append([None if cell == "" else cell for cell in row])
        if edit:
            edit(book)
        book.save(folder / f"{name}.xlsx")
        return folder / f"{name}.xlsx"

    return write


def with_looks(book: Any) -> None:
    """Give a workbook a list, colours, percents, a protected sheet and a date format."""
    sheet = book.worksheets[0]
    lists = book.create_sheet("Lister")
    for word in ("Red", "Amber", "Green"):
        lists.append([word])
    lists.sheet_state = "hidden"
    choices = DataValidation("list", formula1="Lister!$A$1:$A$3")
    choices.add("D2:D40")
    sheet.add_data_validation(choices)
    for word, fill in (("Red", "FFC00000"), ("Amber", "FFFFC000"), ("Green", "FF00B050")):
        look = PatternFill("solid", bgColor=fill)
        rule = CellIsRule("equal", [f'"{word}"'], fill=look)  # type: ignore[no-untyped-call]
        sheet.conditional_formatting.add("D2:D40", rule)
    for row in sheet.iter_rows(min_row=2, max_row=4):
        row[2].number_format = "dd/mm/yyyy"
        row[3].protection = row[4].protection = Protection(locked=False)
    sheet.protection.sheet = True
    sheet.column_dimensions["A"].width = 38


RAG: Rows = (
    ("Action", "Owner", "Due", "RAG", "Update"),
    ("Mow the north field", "Ann", date(2026, 6, 1), "Red", "The mower is broken"),
    ("Plant the avenue", "Bo", date(2026, 9, 15), "Green", "Done and watered"),
    ("Repair the gate", "Ann", date(2026, 12, 1), "Green", ""),
)
BANNERS: Rows = (
    ("Handlingsplan for trafikksikkerhet 2026",),
    ("Nr", "Tiltak", "Kostnad", "Resultat"),
    ("Fysiske tiltak",),
    (1, "Ny fortauskant", 120000, "Bygd i juni og malt i august"),
    (2, "Fartshumper", 80000, "Satt opp"),
    ("Opplæring",),
    (3, "Refleksdag", 5000, "Holdt i oktober på alle skoler"),
    (4, "Sykkelkurs", 15000, "Utsatt til neste år"),
    ("Sum", "", 220000, ""),
)
TWO_ROWS: Rows = (
    ("Tiltak", "Ansvarlig", "Status", "", "Merknad"),
    ("", "", date(2026, 4, 30), date(2026, 8, 31), ""),
    ("Male gjerdet", "Siv", "Ikke begynt", "I gang", "Været har vært dårlig"),
    ("Rydde loftet", "Ola", "I gang", "I gang", ""),
    ("Bytte lås", "Per", "Ikke begynt", "Ferdig", ""),
    ("Vaske fasaden", "Per", "I gang", "Ferdig", "Leide inn hjelp"),
)


YEARS: Rows = (
    ("Klimaplan, oppfølging",),
    ("", "", "Status", "", "", ""),
    ("Tiltak nr", "Beskrivelse", "2022", "2023", "2024", "Merknad"),
    ("Energi",),
    (1, "Solceller på taket", 1, 2, 3, "Montert i høst"),
    (2, "Nye lys i gata", 2, 3, 5, "Alt er ferdig"),
    ("Transport",),
    (3, "Elbiler i tjenesten", 1, 1, 2, "12 av 40 biler"),
    ("Skala: 1 = ikke startet, 2 = i gang, 3 = halvveis, 4 = snart ferdig, 5 = ferdig",),
)
UNITS: Rows = (
    ("Målområde", "Indikator", "Enhet", "Resultat 2022", "Resultat 2023", "Kommentar"),
    ("Oppvekst", "Barn med plass", "%", "92,5 %", "93 %", "Alle som søkte"),
    ("Oppvekst", "Elever på nivå 1", "%", "18 %", "17,2 %", "Bedre enn før"),
    ("Økonomi", "Driftsresultat", "mill. kr", "12,4", "-3,1", "Underskudd i år"),
)
QUARTERS: Rows = (
    ("Service", "KPI", "Target", "Q1", "Q2", "Q3", "RAG", "Lead"),
    ("Housing", "Rent collected in time", "98%", "97.1%", "97.9%", "", "Green", "Ann"),
    ("Housing", "Days to let a home", "25", "31", "28", "", "Red", "Bo"),
    ("Planning", "Applications decided", "90%", "88%", "92%", "", "Amber", "Ann"),
)


def titled() -> dict[str, Rows]:
    """Return a sheet for each area, each with the title of the plan and of the area on top."""
    labels = ("Nr", "Tiltak", "Status")
    return {
        area: ((f"Handlingsplan 2024 – {area}",), (), labels, (1, f"{area} bygger om", "Grønn"))
        for area in ("Oppvekst", "Helse")
    }


def with_title_across(book: Any) -> None:
    """Merge the title of each sheet over the whole table."""
    for sheet in book.worksheets:
        sheet.merge_cells("A1:C1")


def with_heading_of_years(book: Any) -> None:
    """Merge the word above the years."""
    book.worksheets[0].merge_cells("C2:E2")


def merged(book: Any) -> None:
    """Merge the cells above the dates."""
    book.worksheets[0].merge_cells("C1:D1")


def coloured(book: Any) -> None:
    """Colour the statuses by hand."""
    fills = {"Ikke begynt": "FF0000", "I gang": "FFC000", "Ferdig": "00B050"}
    for row in book.worksheets[0].iter_rows(min_row=2):
        for cell in row:
            if cell.value in fills:
                cell.fill = PatternFill("solid", fgColor=fills[cell.value])


def as_document(build: Callable[[Any], object], name: str) -> Callable[[Path], Path]:
    """Return what writes a Word document."""

    def write(folder: Path) -> Path:
        document = docx.Document()
        build(document)
        document.save(str(folder / f"{name}.docx"))
        return folder / f"{name}.docx"

    return write


def add_table(document: Any, rows: Rows) -> None:
    """Add a table to a document."""
    table = document.add_table(0, len(rows[0]))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = str(text)


def with_headings(document: Any) -> None:
    """Write a plan with two ranks of headings above its tables."""
    document.add_heading("Klimaplan 2026", 0)
    labels = ("Nr", "Tiltak", "Ansvarlig", "Status")
    for area, groups in (("Bygg", ("Energi", "Vann")), ("Transport", ("Bil", "Sykkel"))):
        document.add_heading(area, 1)
        for k, group in enumerate(groups, 1):
            document.add_heading(group, 2)
            rows = [(n, f"{group}tiltak {n}", "Drift", "Vi er i gang") for n in (2 * k - 1, 2 * k)]
            add_table(document, [labels, *rows])


def with_areas(document: Any) -> None:
    """Write a report with a heading of the same word above each table."""
    document.add_heading("Tiltaksrapport 2026", 0)
    for area in ("Oppvekst", "Helse", "Teknikk"):
        document.add_heading(f"Sektor {area}", 1)
        rows = [(f"{area}tiltak {n}", "Siv", f"Gjort ferdig {n}. mai") for n in (1, 2)]
        add_table(document, [("Tiltak", "Ansvarlig", "Resultat"), *rows])


def per_sheet() -> dict[str, Rows]:
    """Return a sheet for each area, with the same labels."""
    labels = ("Nr", "Beskrivelse", "Ansvar", "Status per 31.12.2026")
    return {
        area: (labels, *((n, f"{area} {n}", "Leder", f"Godt på vei med {n}") for n in (1, 2, 3)))
        for area in ("Skole", "Barnehage")
    }


SOURCES: dict[str, Callable[[Path], Path]] = {
    "csv with areas and dates": as_csv((("Tiltaksplan 2026",), *MEASURES), "Tiltak"),
    "csv in Swedish": as_csv(INDICATORS, "Nyckeltal 2025"),
    "txt with a legend": as_text(["Stiplan 2026", "", *LEGEND], PROGRESS, "Stiplan"),
    "txt with areas": as_text(["Tiltaksplan 2026"], MEASURES, "Plan"),
    "xlsx with looks": as_workbook({"Actions 2026": RAG}, "Park actions 2026", with_looks),
    "xlsx with banners": as_workbook({"Ark1": BANNERS}, "Trafikk"),
    "xlsx with two rows of labels": as_workbook({"Ark1": TWO_ROWS}, "Vaktmester 2026", merged),
    "xlsx coloured by hand": as_workbook({"Plan": MEASURES}, "Tiltak 2026", coloured),
    "xlsx with a sheet for each area": as_workbook(per_sheet(), "Skoleplan"),
    "xlsx with a title across each sheet": as_workbook(titled(), "Plan", with_title_across),
    "xlsx with years below a word": as_workbook({"Ark1": YEARS}, "Klima", with_heading_of_years),
    "csv with a column of units": as_csv(UNITS, "Indikatorer"),
    "csv with quarters": as_csv(QUARTERS, "KPI"),
    "docx with two ranks of headings": as_document(with_headings, "Klimaplan"),
    "docx with areas": as_document(with_areas, "Rapport"),
}


# Cards


def word_cards(document: Any) -> None:
    """Write areas, projects and labels before colons or below each other."""
    document.add_heading("Prosjektstatus 2026", 0)
    for area, names in (("Bygg", ("Solceller", "Varmepumpe")), ("Transport", ("Elbiler",))):
        document.add_heading(area, 1)
        for name in names:
            document.add_heading(name, 2)
            document.add_paragraph("Ansvarlig: Driftsenheten")
            document.add_paragraph("Status:")
            document.add_paragraph(f"Arbeidet med {name.lower()} er i gang.")
            document.add_paragraph("Mer kommer i høst.")


def table_cards(document: Any) -> None:
    """Write a heading and a table of labels and texts for each project."""
    document.add_heading("Prosjekter 2026", 0)
    for name in ("Ny idrettshall", "Sykkelvei", "Badeplass"):
        document.add_heading(name, 1)
        rows = [("Eier", "Teknisk"), ("Formål", f"{name} for alle"), ("Resultat", "Planlagt")]
        add_table(document, rows)


GOALS = ["Verksamhetsplan 2026", ""]
for number, goal in enumerate(("Trygga skolor", "Kortare köer", "Renare vatten"), 1):
    GOALS += [f"Mål {number}", "", f"{goal} för alla.", "", "Aktiviteter", ""]
    GOALS += ["- Utbilda personal.", "- Mäta varje månad.", "", "Uppföljning", ""]
    GOALS += [f"Arbetet med mål {number} pågår.", ""]


def cards_without_year(document: Any) -> None:
    """Write projects whose document says no year."""
    document.add_heading("Strategisk plan, oppfølging", 0)
    for number, name in enumerate(("Ny legevakt", "Responssenter", "Heltidskultur"), 1):
        document.add_heading(f"Prosjekt {number}: {name}", 2)
        document.add_paragraph("Ansvarlig: Siv")
        document.add_paragraph(f"Status: {name} er i gang")


CARDS: dict[str, tuple[Callable[[Path], Path], list[str]]] = {
    "docx with colons": (as_document(word_cards, "Status"), ["Solceller", "Varmepumpe", "Elbiler"]),
    "docx with tables": (
        as_document(table_cards, "Prosjekter"),
        ["Ny idrettshall", "Sykkelvei", "Badeplass"],
    ),
    "docx without a year": (
        as_document(cards_without_year, "Strategi"),
        ["Prosjekt 1: Ny legevakt", "Prosjekt 2: Responssenter", "Prosjekt 3: Heltidskultur"],
    ),
    "txt with numbered goals": (
        as_text(GOALS, (), "Mål"),
        ["Trygga skolor för alla.", "Kortare köer för alla.", "Renare vatten för alla."],
    ),
}
