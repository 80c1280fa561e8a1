"""Import what was published from here: the same measures come back, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.examples import sampled
from tests.importers.test_source import bare, head, renumbered
from tests.sources import REAL, ROOT, SHIPPED, TEMPLATES, report_of, small
from xltiltak import api
from xltiltak.importers.details_file import ImportOptions
from xltiltak.importers.import_flow import import_source
from xltiltak.importers.report_builder import ImportResult
from xltiltak.model.language import LANGUAGES
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.model.template import Template
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue

WITH_AREAS = [name for name in SHIPPED if catalogue.find(name).area_level]
KINDS = ("docx", "xlsx", "html")
OTHER_TEMPLATES = [
    *(catalogue.folder_of(name) for name in SHIPPED if name not in TEMPLATES),
    *sorted((ROOT / "tests" / "example_templates").iterdir()),
    *sorted((ROOT / "xltiltak" / "demo").glob("*/templates/*")),
]
# Levels whose headings are nothing but names, so that only the rank of a heading tells them apart.
BARE = """
language = "nb"
title = "Oppfølging {{year}}"
layout = "{layout}"
levels = [
  {{ id = "board", label = "Utvalg", heading = "{{name}}" }},
  {{ id = "chapter", label = "Kapittel", heading = "{{name}}" }},
  {{ id = "case", label = "Vedtak", heading = "{leaf}" }},
]
fields = [
  {{ id = "name", of = "board", label = "Utvalg", key = true }},
  {{ id = "name", of = "chapter", label = "Kapittel", key = true }},
  {{ id = "no", label = "Nr", kind = "integer" }},
  {{ id = "name", label = "Vedtak", key = true, required = true }},
  {{ label = "Status", scale = "status", role = "input" }},
  {{ label = "Beslutning", kind = "paragraphs", role = "input" }},
]
summaries = ["count", {{ stat = "distribution", field = "status" }}]

[scales]
status = [
  {{ value = 1, label = "Ny", symbol = "○" }},
  {{ value = 2, label = "Gjort", symbol = "●", done = true }},
]
"""


@pytest.fixture(autouse=True)
def _in_bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


def published(report: Report, kind: str, folder: Path) -> Path:
    """Publish a report; return the file."""
    plan, out = folder / "plan.xlsx", folder / f"rapport.{kind}"
    plan.write_bytes(write_appendix(Register(report)))
    api.publish(plan, out)
    return out


def assert_read_back(done: ImportResult, report: Report) -> None:
    """Check that the same nodes with the same values are read, and that nothing was refused."""
    (nodes, values, _), (want_nodes, want_values, _) = renumbered(done.report), renumbered(report)
    assert (nodes, values) == (want_nodes, want_values)
    assert [f.sentence("nb") for f in done.findings if f.severity == "error"] == []


def assert_law(report: Report, kind: str, folder: Path) -> None:
    """Check that a published report is read back, with a file of its details and without one."""
    out = published(report, kind, folder)
    internal = {field.id for field in report.template.fields if field.audience == "internal"}
    shown = {slot: value for slot, value in report.values.items() if slot.field not in internal}
    report = replace(report, values=shown)
    assert_read_back(import_source(out, report.template, head(folder, report)), report)
    year = ImportOptions(year=report.head.year)
    assert_read_back(import_source(out, report.template, options=year), report)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_report_of_a_shipped_template_is_read_back(
    template: str, kind: str, tmp_path: Path
) -> None:
    assert_law(bare(small(catalogue.find(template))), kind, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_read_back_in_whichever_language_its_days_are_written(
    language: str, kind: str, tmp_path: Path
) -> None:
    report = bare(small(catalogue.find("tiltaksstatus")))
    in_language = replace(report, head=replace(report.head, language=language))
    out = published(in_language, kind, tmp_path)
    assert_read_back(import_source(out, report.template, head(tmp_path, in_language)), report)
    year = ImportOptions(year=report.head.year)
    assert import_source(out, report.template, options=year).report.head.dates == report.head.dates


@pytest.mark.parametrize(
    ("folder", "kind"), sampled([(folder, kind) for folder in OTHER_TEMPLATES for kind in KINDS])
)
def test_a_report_of_any_other_template_is_read_back(
    folder: Path, kind: str, tmp_path: Path
) -> None:
    assert_law(bare(small(catalogue.load(folder))), kind, tmp_path)


@pytest.mark.parametrize(
    ("template", "kind"), sampled([(name, kind) for name in WITH_AREAS for kind in KINDS])
)
def test_a_missing_answer_is_read_back_as_none(template: str, kind: str, tmp_path: Path) -> None:
    report = bare(small(catalogue.find(template)))
    inputs = [slot for slot, f, _ in report.slots() if f.role == "input" and slot in report.values]
    kept = {slot: v for slot, v in report.values.items() if slot not in inputs[::3]}
    assert_law(replace(report, values=kept), kind, tmp_path)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real documents are not here")
@pytest.mark.parametrize(
    ("template", "kind"), sampled([(template, kind) for template in TEMPLATES for kind in KINDS])
)
def test_a_real_report_is_read_back(template: str, kind: str, tmp_path: Path) -> None:
    assert_law(bare(report_of(template)), kind, tmp_path)


def bare_levels(folder: Path, layout: str, leaf: str) -> Template:
    """Return a template of three levels whose headings are names alone."""
    written = folder / "oppfolging" / "template.toml"
    written.parent.mkdir()
    written.write_text(BARE.format(layout=layout, leaf=leaf), "utf-8")
    return catalogue.load(written.parent)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("layout", "leaf"), [("rows", ""), ("cards", "{name}"), ("cards", "Nr. {no}")]
)
def test_headings_of_bare_names_are_told_apart_by_their_rank(
    layout: str, leaf: str, kind: str, tmp_path: Path
) -> None:
    report = bare(small(bare_levels(tmp_path, layout, leaf), (date(2020, 12, 31),)))
    assert_law(report, kind, tmp_path)


def test_the_controls_of_our_own_page_are_quoted_once_and_are_no_hidden_text(
    tmp_path: Path,
) -> None:
    report = bare(small(catalogue.find("tiltaksstatus")))
    out = published(report, "html", tmp_path)
    done = import_source(out, report.template, head(tmp_path, report))
    (quoted,) = (f for f in done.findings if f.values.get("reason") == "own_controls")
    assert "Søk i teksten" in str(quoted.values["value"])
    assert "I110" not in {f.code for f in done.findings}
    page = out.read_text("utf-8")
    out.write_text(page.replace("</main>", "<p hidden>Skjult</p></main>"), "utf-8")
    done = import_source(out, report.template, head(tmp_path, report))
    assert [f.values["value"] for f in done.findings if f.code == "I110"] == ["Skjult"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_only_counts_the_measures_is_quoted_and_no_measure(kind: str, tmp_path: Path) -> None:
    report = bare(small(catalogue.find("tiltaksstatus")))
    out = published(report, kind, tmp_path)
    done = import_source(out, report.template, head(tmp_path, report))
    quoted = [f for f in done.findings if f.values.get("reason") == "own_summary"]
    assert {found.severity for found in quoted} == {"note"}
    assert any("Alle områder" in str(found.values["value"]) for found in quoted)
