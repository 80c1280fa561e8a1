"""Test that every workbook is valid for the Open XML SDK and Excel, protected and accessible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import Element
from zipfile import ZipFile

import openpyxl
import pytest
from defusedxml.ElementTree import fromstring

from tests.examples import sampled
from tests.excel_rules import MAIN, problems
from tests.parts import Validator
from tests.sources import SCORED, SHIPPED, TEMPLATES, open_cells, report_of, sent_out
from tests.workbook_kinds import (
    KINDS,
    LARGE,
    SAMPLE,
    SMALL,
    Shape,
    Workbook,
    workbooks,
    workbooks_of_the_program,
)
from xltiltak import flows
from xltiltak.demo.example_round import run_example
from xltiltak.snapshot.hidden_sheet import SHEET_NAME

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
PROPERTIES = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
TITLE = "{http://purl.org/dc/elements/1.1/}title"
FORBIDDEN = re.compile(
    r"vbaProject|externalLink|macrosheet|embedding|activeX|connections|oleObject", re.IGNORECASE
)
YELLOW = "FFFFF8DC"
A4 = "9"

Workbooks = dict[str, Path]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workbooks]:
    """Return the workbooks of a round of each template; the appendix has all kinds of findings."""
    return {
        template: round_of(template, tmp_path_factory.mktemp(template)) for template in TEMPLATES
    }


def round_of(template: str, folder: Path) -> Workbooks:
    """Return the workbooks of a round in which the first form has all kinds of mistakes."""
    report = report_of(template)
    sent, forms = sent_out(report, max(report.head.dates), folder)
    area, form = next(iter(forms.items()))
    mistaken = write_mistakes(
        form, list(open_cells(flows.read_plan(sent).report.parts()[area], area).values()), folder
    )
    appendix = folder / "Vedlegg.xlsx"
    register = flows.merge([mistaken], appendix, plan=sent).register
    assert register.findings
    return {"plan": folder / "Plan.xlsx", "sent": sent, "appendix": appendix, **forms}


def write_mistakes(form: Path, opened: list[str], folder: Path) -> Path:
    """Write the form with mistakes in many cells, and return the path of the copy."""
    book = openpyxl.load_workbook(form)
    sheet = book.worksheets[0]
    sheet[opened[0]] = "=1/0"
    for n, at in enumerate(opened[1:9]):
        sheet[at] = (
            "syv",
            7,
            3.5,
            "<p>Avsnitt</p>",
            "=HYPERLINK(1)",
            "_x000D_ tegn & <b>",
            "'=1+1",
            "x" * 3_000,
        )[n]
    sheet.cell(sheet.max_row + 1, 3, "Et tiltak som mangler: «=1+1»")
    book.create_sheet("Notater")["A1"] = "Husk dette"
    path = folder / "Svar.xlsx"
    book.save(path)
    return path


def test_the_open_xml_sdk_finds_no_fault(
    validator: Validator, written: dict[str, Workbooks]
) -> None:
    for template, paths in written.items():
        assert {
            f"{template} {name}": found
            for name, path in paths.items()
            if (found := validator(path))
        } == {}


@pytest.mark.parametrize("template", [name for name in SHIPPED if name not in TEMPLATES])
def test_the_workbooks_of_an_example_have_no_fault(
    validator: Validator, template: str, tmp_path: Path
) -> None:
    _, plan, sent, plan_sent, _, appendix, _ = run_example(tmp_path, template).paths
    for path in (plan, plan_sent, appendix, *sorted(sent.iterdir())):
        assert validator(path) == []
        assert problems(path.read_bytes()) == []


@pytest.mark.parametrize("template", sampled(TEMPLATES))
def test_no_workbook_has_a_fault_that_excel_repairs(
    written: dict[str, Workbooks], template: str
) -> None:
    found = {name: problems(path.read_bytes()) for name, path in written[template].items()}
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("shape", SAMPLE, ids=str)
def test_each_kind_of_workbook_keeps_the_rules_of_excel(shape: Shape, tmp_path: Path) -> None:
    kinds = kinds_without_problems(workbooks(shape, tmp_path))
    kinds |= kinds_without_problems(workbooks_of_the_program(tmp_path))
    assert kinds == set(KINDS)


def kinds_without_problems(found: Iterator[Workbook]) -> set[str]:
    """Assert that the workbooks have no problems, and return their kinds."""
    kinds = set()
    for kind, path in found:
        assert problems(path.read_bytes(), path.suffix) == [], f"{kind} {path.name}"
        kinds.add(kind)
    return kinds


@pytest.mark.slow
@pytest.mark.parametrize("shape", [*SMALL, *LARGE], ids=str)
def test_no_size_or_language_gives_a_workbook_that_excel_repairs(
    shape: Shape, tmp_path: Path
) -> None:
    assert "appendix" in kinds_without_problems(workbooks(shape, tmp_path))


@pytest.mark.parametrize("shape", [*SAMPLE, *LARGE[1::3]], ids=str)
def test_the_sdk_finds_no_fault_in_any_kind_of_workbook(
    shape: Shape, validator: Validator, tmp_path: Path
) -> None:
    found = {path.name: validator(path) for _, path in workbooks(shape, tmp_path)}
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_the_sdk_finds_no_fault_in_the_workbooks_of_the_program(
    validator: Validator, tmp_path: Path
) -> None:
    for kind, path in workbooks_of_the_program(tmp_path):
        assert validator(path) == [], f"{kind} {path.name}"


@pytest.mark.parametrize("template", sampled(TEMPLATES))
def test_no_workbook_has_macros_external_links_or_merged_cells(
    written: dict[str, Workbooks], template: str
) -> None:
    for name, path in written[template].items():
        with ZipFile(path) as archive:
            assert [entry for entry in archive.namelist() if FORBIDDEN.search(entry)] == [], name
            relations = b"".join(
                archive.read(entry) for entry in archive.namelist() if entry.endswith(".rels")
            )
        assert b"External" not in relations, name
        assert [
            part for part, sheet in sheets(path) if sheet.find(f"{MAIN}mergeCells") is not None
        ] == [], name


@pytest.mark.parametrize("template", sampled(TEMPLATES))
def test_hidden_record_is_not_in_menus_and_the_title_is_that_of_the_report(
    written: dict[str, Workbooks], template: str
) -> None:
    for name, path in written[template].items():
        book = openpyxl.load_workbook(path)
        assert book[SHEET_NAME].sheet_state == "veryHidden", name
        assert [s.title for s in book.worksheets if s.sheet_state != "visible"] == [SHEET_NAME], (
            name
        )
        with ZipFile(path) as archive:
            core = fromstring(archive.read("docProps/core.xml"))
        assert core.findtext(TITLE) == report_of(template).head.title, name


@pytest.mark.parametrize("template", sampled(TEMPLATES))
def test_only_forms_are_protected_and_never_with_a_password(
    written: dict[str, Workbooks], template: str
) -> None:
    forms = set(report_of(template).area_refs)
    for name, path in written[template].items():
        for part, sheet in sheets(path):
            protection = sheet.find(f"{MAIN}sheetProtection")
            if name not in forms or "sheet1.xml" not in part:
                assert protection is None, (name, part)
                continue
            assert protection is not None
            assert not {"password", "hashValue"} & set(protection.keys())
            allowed = {flag for flag, value in protection.items() if value == "0"}
            assert allowed == {
                "autoFilter",
                "formatCells",
                "formatColumns",
                "formatRows",
                "insertRows",
            }
            assert protection.get("sheet") == "1"


@pytest.mark.parametrize("template", sampled(TEMPLATES))
def test_open_cells_are_yellow_and_all_others_locked(
    written: dict[str, Workbooks], template: str
) -> None:
    report = flows.read_plan(written[template]["sent"]).report
    for area, part in report.parts().items():
        sheet = openpyxl.load_workbook(written[template][area]).worksheets[0]
        unlocked = {
            c.coordinate for row in sheet.iter_rows() for c in row if not c.protection.locked
        }
        assert set(open_cells(part, area).values()) <= unlocked
        assert {sheet[at].fill.fgColor.rgb for at in unlocked} <= {YELLOW}
        yellow = {
            c.coordinate for row in sheet.iter_rows() for c in row if c.fill.fgColor.rgb == YELLOW
        }
        assert yellow == unlocked


@pytest.mark.parametrize("template", sampled(TEMPLATES))
def test_area_sheets_print_on_a4_and_tables_in_landscape_with_repeated_labels(
    written: dict[str, Workbooks], template: str
) -> None:
    report = report_of(template)
    rows = report.template.layout == "rows"
    has_headings = rows and any(level.heading for level in report.template.levels[1:-1])
    for area in report.area_refs:
        setup = next(sheets(written[template][area]))[1].find(f"{MAIN}pageSetup")
        assert setup is not None
        assert setup.get("paperSize") == A4
        assert (setup.get("orientation") == "landscape") == rows
        fitted, scale = setup.get("fitToHeight"), setup.get("scale", "100")
        assert (fitted == "0" and scale == "100") if rows and not has_headings else fitted is None
        assert (50 < int(scale) <= 100) if has_headings else scale == ("100" if rows else "85")
        titles = openpyxl.load_workbook(written[template][area]).worksheets[0].print_title_rows
        assert bool(titles) == rows  # cards have the area in the page header instead


def test_charts_have_a_description_in_words(written: dict[str, Workbooks]) -> None:
    for name in ("plan", "sent", "appendix"):
        with ZipFile(written[SCORED][name]) as archive:
            drawings = [
                fromstring(archive.read(e))
                for e in archive.namelist()
                if re.match("xl/drawings/drawing", e)
            ]
        descriptions = [
            p.get("descr", "") for drawing in drawings for p in drawing.iter(f"{DRAWING}cNvPr")
        ]
        assert len(descriptions) == 2, name
        assert all(len(text) > 40 for text in descriptions), name


@pytest.mark.parametrize("template", sampled(TEMPLATES))
def test_fonts_are_given_by_name_and_not_by_theme(
    written: dict[str, Workbooks], template: str
) -> None:
    for path in written[template].values():
        with ZipFile(path) as archive:
            styles = fromstring(archive.read("xl/styles.xml"))
        fonts = styles.find(f"{MAIN}fonts")
        assert fonts is not None
        names = {name.get("val") for name in fonts.iter(f"{MAIN}name")}
        assert names <= {"Arial", "Tahoma"}  # notes are in Tahoma
        assert list(fonts.iter(f"{MAIN}scheme")) == []


def sheets(path: Path) -> Iterator[tuple[str, Element]]:
    """Yield the part name and the root element of every sheet, in order."""
    with ZipFile(BytesIO(path.read_bytes())) as archive:
        names = [
            name
            for name in archive.namelist()
            if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)
        ]
        for name in sorted(names, key=lambda n: int(re.sub(r"\D", "", n))):
            yield name, fromstring(archive.read(name))
