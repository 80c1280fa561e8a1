"""Test the names of periods and years in labels."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from xltiltak import flows
from xltiltak.importers.import_flow import import_plan, import_source
from xltiltak.model.report import Slot
from xltiltak.model.template import Field
from xltiltak.templates import catalogue
from xltiltak.templates.short_form import written_out

APRIL, AUGUST = date(2024, 4, 30), date(2024, 8, 31)
TOML = """language = "en"
title = "Action plan {year}"
levels = ["Service", "Action"]
fields = [
  "No",
  { id = "before", label = "Result {year-1}", kind = "percent" },
  { id = "rag", label = "RAG {period}", choices = ["Red", "Green"], role = "input" },
]
summaries = ["count"]
"""
ROWS = "Service;No;Action;Result 2023;RAG Q1 2024\nParks;1;Plant trees;85 %;Green\n"
HEAD = """organisation = "C"
title = "T"
year = 2024
language = "en"
periods = [{ date = 2024-04-30, label = "Q1 2024" }, { date = 2024-08-31, label = "Q2 2024" }]
"""


@pytest.mark.parametrize(
    ("label", "day", "expected"),
    [
        ("Status {date:%d%m%y}", APRIL, "Status 300424"),
        ("Status {period}", APRIL, "Status 30.04.2024"),
        ("Resultat {year-1}", None, "Resultat"),
        ("Mål {year+1} {date:%m}", APRIL, "Mål 2025 04"),
        ("Mål {date:%m} {year}", None, "Mål"),
    ],
)
def test_a_label_of_a_template_shows_the_date(label: str, day: date | None, expected: str) -> None:
    assert Field("x", label).label_for(day) == expected


def test_labels_show_the_periods_and_years_of_a_report_everywhere(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "plan"
    folder.mkdir(parents=True)
    (folder / "template.toml").write_text(TOML, "utf-8")
    (tmp_path / "a.csv").write_text(ROWS, "utf-8")
    (tmp_path / "a.toml").write_text(HEAD, "utf-8")
    template = catalogue.load(folder)
    imported = import_source(tmp_path / "a.csv", template)
    assert not imported.findings
    assert imported.report.values[Slot("PAR-001", "rag", APRIL)] == "Green"
    plan, _ = import_plan(tmp_path / "a.csv", template, tmp_path / "plan.xlsx").written, None
    split = flows.split(plan[0], tmp_path / "ut", day=AUGUST)
    form, sent = split.written[0], split.written[-1]
    again = flows.read_plan(sent).report
    labels = [e.label for e in again.entries() if e.field in ("before", "rag")]
    assert labels == ["Result 2023", "RAG Q1 2024", "RAG Q2 2024"]
    assert again.describe(Slot("PAR-001", "rag", AUGUST)).endswith("RAG Q2 2024")
    merged = flows.merge([form], tmp_path / "v.xlsx", plan=sent)
    assert {f.code for f in merged.findings} <= {"V102"}
    assert again.template.without_report() == template


def test_only_years_dates_and_periods_stand_in_labels() -> None:
    for label in ("A {years}", "A {year-}", "A {yer}", "A {period.x}"):
        data = {"language": "nb", "title": "T", "levels": ["Område", "Sak"]}
        fields = [{"id": "a", "label": label}]
        _, problems = catalogue.validate(written_out({**data, "fields": fields}, "t"))
        assert [key for key, _ in problems] == ["fields.a"], label
