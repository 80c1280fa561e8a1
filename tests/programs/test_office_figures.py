"""Test that the stored value of every formula is the value that LibreOffice computes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.at_limits import DATES, grouped_rows, many
from tests.model.test_summary import grouped
from tests.office import Content, Document, Office
from tests.sources import SCORED, TEMPLATES, cells, demo, plan_before, report_of, sent_out, small
from xltiltak import flows
from xltiltak.demo.template_trial import trial_report
from xltiltak.model.register import Register
from xltiltak.model.report import Node, Report, Slot
from xltiltak.model.summary import TOTAL, area_statistics
from xltiltak.model.template import Summary
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue

DAY = date(2020, 12, 31)
EMPTY = "TOM"
EXAMPLES = Path(__file__).parents[1] / "example_templates"
FOLDERS = catalogue.folders() | {path.name: path for path in EXAMPLES.iterdir()}


def gappy() -> Report:
    """Return a report with blanks, measures with dates, an unanswered area and an empty one."""
    report = demo()
    silent, first, *_ = report.area_refs
    unanswered = [
        slot for slot in report.values if slot.field == "status" and slot.ref.startswith(silent)
    ]
    blank = [
        slot for slot in report.values if slot.field == "status" and slot.ref.startswith(first)
    ][::7]
    values = {
        slot: value for slot, value in report.values.items() if slot not in {*unanswered, *blank}
    }
    measures = [node.ref for node in report.nodes if node.parent == first]
    dates: dict[str, dict[str, Any]] = {
        measures[0]: {"last": date(2020, 5, 1)},
        measures[3]: {"first": date(2020, 6, 1)},
    }
    dates[measures[4]] = {"first": DAY}
    nodes = tuple(node._replace(**dates.get(node.ref, {})) for node in report.nodes)
    return replace(
        report,
        nodes=(*nodes, Node(EMPTY, report.nodes[0].level)),
        values={**values, Slot(EMPTY, "name"): "Område uten tiltak"},
    )


def formulas(path: Path) -> Iterator[tuple[str, str, Content]]:
    """Yield the sheet, the cell and the stored value of every formula in a workbook."""
    live, shown = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    for sheet in live.worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            value = shown[sheet.title][cell.coordinate].value
            yield sheet.title, cell.coordinate, "" if value is None else value


def cell_of(field: str, path: Path, ref: str) -> str:
    """Return the address of a field of a measure on its area sheet."""
    report = flows.read_plan(path).report
    return next(
        at
        for at, _, cell in cells(report.parts()["O"], "O", plan=True)
        if cell.slot == Slot(ref, field)
    )


def assert_computed(document: Document, path: Path) -> int:
    """Assert that all stored values are those LibreOffice computes, and return their number."""
    stored = list(formulas(path))
    document.recalculate()
    other = [
        (s, at, value, document.value(s, at))
        for s, at, value in stored
        if document.value(s, at) != value
    ]
    assert other == []
    return len(stored)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_figure_of_forms_and_appendix_is_what_libreoffice_computes(
    office: Office, tmp_path: Path, template: str
) -> None:
    report = report_of(template)
    sent, forms = sent_out(report, max(report.head.dates), tmp_path)
    for path in (sent, *forms.values()):
        with office.open(path) as document:
            assert assert_computed(document, path) >= 1


@pytest.mark.parametrize("layout", ["rows", "cards"])
def test_summaries_of_groups_are_what_libreoffice_computes(
    office: Office, tmp_path: Path, layout: str
) -> None:
    report = replace(groups := grouped(layout), areas=small(groups.template).areas)
    path = tmp_path / "Vedlegg.xlsx"
    path.write_bytes(write_appendix(Register(report)))
    with office.open(path) as document:
        assert assert_computed(document, path) >= 12
        document.type("Øst", cell_of("answer", path, "P-1"), "Ja*")
        lines = [
            document.value("Øst", f"B{row}")
            for row in range(1, 60)
            if document.value("Øst", f"A{row}") == "@sum"
        ]
    of_area = 'Sak: 4 · Ja*: 2 · "Nei"? ~: 1 · Uten svar: 1 · Poeng, gjennomsnitt: 2,25'
    assert of_area in lines
    lines.remove(of_area)
    assert [str(line).partition(" · ")[0] for line in lines] == ["Sak: 3", "Sak: 1"]


def test_means_of_percentages_are_what_libreoffice_computes(office: Office, tmp_path: Path) -> None:
    mean = Summary("tjenesteområde", "mean", "resultat", 1)
    report = trial_report(replace(catalogue.find("indikatorer"), summaries=(mean,)))
    path = tmp_path / "Vedlegg.xlsx"
    path.write_bytes(write_appendix(Register(report)))
    statistics = area_statistics(report)
    with office.open(path) as document:
        assert assert_computed(document, path) >= 8
        lines = [document.value(2, f"{col}{row}") for row in range(1, 20) for col in "BCDEFGHI"]
    last = report.head.dates[-1]
    means = {float(statistics[ref, last].mean(1) or 0) for ref in report.area_refs}
    assert means & {value for value in lines if isinstance(value, float)}


@pytest.mark.parametrize(
    "template", ["internkontroll", "indikatorer", "budsjettiltak", "indikatorkort"]
)
def test_what_is_derived_is_what_libreoffice_computes(
    office: Office, tmp_path: Path, template: str
) -> None:
    report = trial_report(catalogue.load(FOLDERS[template]))
    first = report.nodes[1].ref
    blank = {slot: v for slot, v in report.values.items() if slot.ref != first}
    for values in (report.values, blank):
        appendix = tmp_path / "Vedlegg.xlsx"
        appendix.write_bytes(write_appendix(Register(replace(report, values=values))))
        plan = appendix.rename(tmp_path / "Plan.xlsx")
        split = flows.split(plan, tmp_path / "ut", day=report.head.dates[-1], force=True)
        for path in (plan, *split.written):
            with office.open(path) as document:
                assert assert_computed(document, path) >= 5


def test_figures_of_some_measures_are_what_libreoffice_computes(
    office: Office, tmp_path: Path
) -> None:
    report = trial_report(catalogue.load(FOLDERS["saksliste"]))
    path = tmp_path / "Vedlegg.xlsx"
    path.write_bytes(write_appendix(Register(report)))
    with office.open(path) as document:
        assert assert_computed(document, path) >= 20


def test_what_is_derived_follows_what_a_leader_chooses(office: Office, tmp_path: Path) -> None:
    report = trial_report(catalogue.find("internkontroll"))
    plan = tmp_path / "Plan.xlsx"
    plan.write_bytes(write_appendix(Register(report)))
    form, *_ = flows.split(plan, tmp_path / "ut", day=report.head.dates[-1]).written
    with office.open(form) as document:
        row = next(n for n in range(1, 30) if document.value(0, f"A{n}") == "T1-001")
        document.type(0, f"D{row}", "3 Trolig")
        document.type(0, f"E{row}", "4")
        assert document.value(0, f"F{row}") == 12
        document.type(0, f"E{row}", "")
        assert document.value(0, f"F{row}") == ""


def test_figures_are_right_with_blanks_retired_measures_and_empty_areas(
    office: Office, tmp_path: Path
) -> None:
    report = gappy()
    sent, forms = sent_out(report, DAY, tmp_path)
    for path in (sent, *forms.values()):
        with office.open(path) as document:
            assert assert_computed(document, path) >= 8
    statistics = area_statistics(flows.read_plan(sent).report)
    silent, first, *_ = report.area_refs
    assert [statistics[first, day].count for day in report.head.dates] == [42, 42, 43]
    assert statistics[first, DAY].answered < 43
    assert statistics[silent, DAY].mean() is statistics[EMPTY, DAY].mean() is None
    assert statistics[EMPTY, DAY].count == 0
    assert statistics[TOTAL, DAY].count == 126


def test_figures_are_right_before_and_after_the_answers_of_a_date(
    office: Office, tmp_path: Path
) -> None:
    for name, report in {
        "plan": plan_before(demo(), DAY).with_open_date(DAY),
        "appendix": demo(),
    }.items():
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(write_appendix(Register(report)))
        with office.open(path) as document:
            assert assert_computed(document, path) > 100


@pytest.mark.slow
@pytest.mark.parametrize(
    ("template", "measures", "areas"),
    [
        ("", 1, 1),
        ("", 400, 1),
        ("", 5_000, 1),
        ("", 300, 60),
        (SCORED, 5_000, 1),
        ("programstatus", 1_170, 1),
        ("maaloppnaaelse", 1_500, 1),
    ],
)
def test_figures_are_right_at_any_size(
    office: Office, tmp_path: Path, template: str, measures: int, areas: int
) -> None:
    found = catalogue.find(template) if template else grouped_rows()
    plan = tmp_path / "Plan.xlsx"
    plan.write_bytes(write_appendix(Register(many(found, measures, areas=areas))))
    form, *_ = flows.split(plan, tmp_path / "ut", day=max(DATES[:2])).written
    for path in (plan, form):
        with office.open(path) as document:
            assert assert_computed(document, path) >= 1


def test_figures_follow_what_the_coordinator_types(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "Vedlegg.xlsx"
    path.write_bytes(write_appendix(Register(demo())))
    with office.open(path) as document:
        sheet = document.sheet_names[4]
        at = next(
            f"F{row}" for row in range(1, 40) if document.value(sheet, f"A{row}") == "HEL-001"
        )
        before = document.value(0, "F9")
        document.type(sheet, at, "5")
        assert (before, document.value(0, "F9")) == (3.3, 3.7)
