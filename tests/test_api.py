"""Test the package as a library: names, types, results, and the document about it."""

from __future__ import annotations

import ast
import doctest
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, assert_type

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xltiltak
from tests import small
from tests.examples import examples
from tests.reports import SHAPES, Shape, reports_of
from tests.sources import demo
from xltiltak import api, flows
from xltiltak.cli import main as cli
from xltiltak.model.errors import NothingReturned, OutputError, PlanError
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import TOTAL, area_statistics
from xltiltak.model.values import data_frame
from xltiltak.templates import catalogue
from xltiltak.templates.template_tools import blank_report

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "api.md").read_text("utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(
    r"^```(\w+)\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE
)
FUNCTIONS = ("read", "split", "check", "merge", "publish")


# The names of the package


def run_python(code: str) -> str:
    """Return what a new Python prints that runs this code without site packages."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-S", "-c", code]
    return subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment
    ).stdout.strip()


def test_importing_the_package_loads_nothing_else() -> None:
    program = "import sys; before = {*sys.modules}; import xltiltak; "
    program += "print(*sorted({*sys.modules} - before))"
    assert run_python(program) == "xltiltak"


@pytest.mark.parametrize("name", xltiltak.__all__)
def test_every_public_name_exists(name: str) -> None:
    assert getattr(xltiltak, name) is not None
    assert name in dir(xltiltak)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'unknown'"):
        getattr(xltiltak, "unknown")  # noqa: B009 - mypy would see it


def test_type_checkers_see_the_names_that_are_loaded() -> None:
    tree = ast.parse((ROOT / "xltiltak" / "__init__.py").read_text("utf-8"))
    typed = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed - {"api"} == {*xltiltak.__all__} - {"__version__"} == {*api.__all__}


def test_no_module_has_the_name_of_a_function() -> None:
    """Importing such a module would replace the function by the module."""
    here = {path.stem for path in (ROOT / "xltiltak").iterdir() if path.suffix in (".py", "")}
    assert not here & set(FUNCTIONS)


def test_the_package_is_typed() -> None:
    assert (ROOT / "xltiltak" / "py.typed").exists()


# What the functions do


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """Return the plan of a small round as it was sent; its forms are in the folder `ut`."""
    source = small.source(tmp_path)
    cli.run(
        ["import", str(source), "-o", str(tmp_path / "plan.xlsx"), "--template", small.TEMPLATE.id]
    )
    sent = xltiltak.split(tmp_path / "plan.xlsx", tmp_path / "ut", date=small.LAST)
    return sent.written[-1]


@pytest.fixture
def form(plan: Path) -> Path:
    """Return the form of the first area, with one valid answer and one that cannot be read."""
    path = plan.parent / "ut" / f"Oppvekst – {small.LAST}.xlsx"
    path.write_bytes(small.filled(path.read_bytes(), {"OPP-001": 4, "OPP-002": 77}))
    return path


def test_a_plan_an_appendix_and_a_form_are_read(plan: Path, form: Path) -> None:
    appendix = plan.with_name("appendix.xlsx")
    xltiltak.merge([form], str(appendix), plan=plan)
    for path, answer in ((plan, None), (appendix, 4), (form, 4)):
        report = xltiltak.read(str(path))
        assert_type(report, Report)
        answers = [
            report.value_table.get(Slot(ref, "status", small.LAST))
            for ref in ("OPP-001", "OPP-002")
        ]
        assert answers == [answer, None]
    assert xltiltak.read(form).area_refs == ("OPP",)
    assert xltiltak.read(appendix).area_refs == ("OPP", "TEK")


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"%PDF-1.4")
    with pytest.raises(xltiltak.XltiltakError, match=r"^a\.xlsx: "):
        xltiltak.read(tmp_path / "a.xlsx")
    with pytest.raises(PlanError) as raised:
        xltiltak.read(tmp_path / "no.xlsx")
    assert raised.value.key == "not_there"


def test_a_form_without_its_area_sheet_is_refused_with_the_reason(form: Path) -> None:
    book = openpyxl.load_workbook(form)
    book.create_sheet("Empty", 0)
    for sheet in book.worksheets[1:-1]:
        book.remove(sheet)
    book.save(form)
    with pytest.raises(NothingReturned) as raised:
        xltiltak.read(form)
    assert [finding.place.file for finding in raised.value.findings] == [form.name]


def test_a_check_gives_the_result_of_the_pipeline_and_writes_nothing(
    plan: Path, form: Path
) -> None:
    before = sorted(plan.parent.rglob("*"))
    result = xltiltak.check(form.parent, plan=plan)
    expected = flows.check([form.parent], plan=plan)
    assert_type(result, xltiltak.RunResult)
    assert (result.report, result.findings) == (expected.register.shown_report, expected.findings)
    assert [finding.code for finding in result.errors] == ["V101"]
    assert result.returned == {"OPP", "TEK"}
    assert {path.name: outcome for path, outcome in result.files.items()} == {
        form.name: "partly",
        form.name.replace("Oppvekst", "Teknikk"): "read",
    }
    assert sorted(plan.parent.rglob("*")) == before


def test_one_path_and_several_give_the_same_result(plan: Path, form: Path) -> None:
    results = [
        xltiltak.check(paths, plan=str(plan))
        for paths in (str(form), [form], iter([str(form)]), (form,))
    ]
    assert len({result.findings[0].code for result in results}) == 1
    assert all(result.findings == results[0].findings for result in results)


def test_findings_have_a_text_in_each_language(plan: Path, form: Path) -> None:
    (finding,) = xltiltak.check(form, plan=plan).errors
    texts = {finding.message(language) for language in ("nb", "sv", "en")}
    assert len(texts) == 3
    assert all("77" in text for text in texts)


def test_a_strict_merge_writes_nothing_where_there_are_errors(plan: Path, form: Path) -> None:
    target = plan.with_name("appendix.xlsx")
    strict = xltiltak.merge(form, target, plan=plan, strict=True)
    assert (strict.written, target.exists(), len(strict.errors)) == ((), False, 1)
    assert xltiltak.merge(form, target, plan=plan).written == (target,)


def test_a_merge_continues_its_appendix_and_overwrites_nothing_else(plan: Path, form: Path) -> None:
    target = plan.with_name("appendix.xlsx")
    xltiltak.merge(form, target, plan=plan)
    content = target.read_bytes()
    for choices in ({}, {"force": True}, {"fresh": True}):
        written = xltiltak.merge(form, target, plan=plan, **choices).written
        assert written == ((target,) if choices.get("fresh") else ())  # it has all of it already
        assert target.read_bytes() == content
    target.write_bytes(b"something else")
    with pytest.raises(OutputError):
        xltiltak.merge(form, target, plan=plan)
    assert xltiltak.merge(form, target, plan=plan, force=True).written == (target,)
    assert target.read_bytes() == content


def test_a_date_may_have_a_time_and_areas_may_be_one_code(plan: Path) -> None:
    day = datetime(2021, 4, 30, 12, tzinfo=UTC)
    sent = xltiltak.split(
        plan,
        plan.parent / "next",
        date=day,
        deadline=date(2021, 5, 20),
        areas="TEK",
        new_date=True,
    )
    assert sent.written[0].name == "Teknikk – 2021-04-30.xlsx"
    assert len(sent.written) == 2
    assert (sent.report.head.current, sent.report.head.deadline) == (
        date(2021, 4, 30),
        date(2021, 5, 20),
    )


def test_a_report_and_its_file_give_the_same_publications(plan: Path, form: Path) -> None:
    """A refused answer is left out: only the file of the appendix knows of it."""
    appendix = plan.with_name("appendix.xlsx")
    form.write_bytes(small.filled(form.read_bytes(), {"OPP-002": None}))
    merged = xltiltak.merge(form.parent, appendix, plan=plan)
    formats = ("html", "json", "csv", "xlsx")
    one = xltiltak.publish(appendix, *(plan.with_name(f"one.{ending}") for ending in formats))
    other = xltiltak.publish(
        merged.report, *(plan.with_name(f"other.{ending}") for ending in formats)
    )
    assert [path.read_bytes() for path in one.written] == [
        path.read_bytes() for path in other.written
    ]


def test_all_areas_of_a_report_without_a_register_count_as_submitted(plan: Path) -> None:
    for source, name, silent in ((plan, "file", True), (xltiltak.read(plan), "report", False)):
        (path,) = xltiltak.publish(source, plan.with_name(f"{name}.json")).written
        areas = json.loads(path.read_text("utf-8"))["areas"]
        assert [area["submitted"] for area in areas] == [not silent] * 2


def test_a_report_has_the_style_beside_its_first_target(plan: Path) -> None:
    plan.with_name("style.toml").write_text('[colours]\naccent = "#205030"\n', "utf-8")
    (path,) = xltiltak.publish(xltiltak.read(plan), plan.with_name("look.html")).written
    assert "#205030" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("misuse", "sentence"),
    [
        (lambda _: xltiltak.read(None), "not NoneType"),  # type: ignore[arg-type]
        (lambda _: xltiltak.read(b"plan.xlsx"), "bytes"),  # type: ignore[arg-type]
        (lambda p: xltiltak.split(p, "ut", date="2021-04-30"), "a datetime.date, not str"),  # type: ignore[arg-type]
        (xltiltak.publish, "at least one file"),
        (
            lambda plan: xltiltak.publish(xltiltak.read(plan), "a.html", with_findings=True),
            "as a file",
        ),
    ],
)
def test_a_wrong_type_is_a_type_error(
    plan: Path, misuse: Callable[[Path], object], sentence: str
) -> None:
    with pytest.raises(TypeError, match=sentence):
        misuse(plan)


@pytest.mark.parametrize(
    ("misuse", "key"),
    [
        (lambda _: xltiltak.check([]), "nothing_found"),
        (lambda plan: xltiltak.split(plan, "ut", areas="NO"), "no_area"),
        (lambda plan: xltiltak.publish(plan, "a.doc"), "no_format"),
        (lambda plan: xltiltak.publish(plan, plan, force=True), "own_source"),
        (lambda plan: xltiltak.publish(plan, "a.html", letterhead=plan), "no_docx"),
    ],
)
def test_an_impossible_request_raises_an_error_with_a_reason(
    plan: Path, misuse: Callable[[Path], object], key: str
) -> None:
    with pytest.raises(xltiltak.XltiltakError) as raised:
        misuse(plan)
    assert raised.value.key == key
    assert str(raised.value)


def test_an_unknown_language_is_a_value_error(plan: Path) -> None:
    with pytest.raises(ValueError, match="nb, nn, sv, en"):
        xltiltak.publish(plan, "a.html", language="de")


# The table of a report


def test_the_means_of_the_frame_are_those_of_the_report() -> None:
    report = demo()
    frame = report.to_frame()
    scored = report.template.mean_field()
    assert scored
    rows = frame[frame["field"] == scored.id]
    counted = rows.groupby(["area", "date"])["number"].agg(["sum", "count", "size"])
    statistics = area_statistics(report)
    areas = {key: one for key, one in statistics.items() if key[0] != TOTAL}
    assert len(counted) == len(areas)
    for (area, day), one in areas.items():
        row: Any = counted.xs((area, pd.Timestamp(day)))
        assert (row["sum"], row["count"], row["size"]) == (one.sum, one.answered, one.count)
        mean = rows[(rows["area"] == area) & (rows["date"] == str(day))]["number"].mean()
        assert Fraction(mean).limit_denominator(10**6) == Fraction(one.sum) / one.answered


@pytest.mark.parametrize("shape", SHAPES)
@given(data=st.data())
@settings(max_examples=examples(10))
def test_the_frame_holds_every_slot_with_its_value(shape: Shape, data: st.DataObject) -> None:
    report = data.draw(reports_of(shape))
    frame = report.to_frame()
    slots = [(slot, field) for slot, field, node in report.slots() if node.is_active_on(slot.date)]
    assert list(zip(frame["ref"], frame["field"], strict=True)) == [
        (slot.ref, slot.field) for slot, _ in slots
    ]
    assert [day.date() if pd.notna(day) else None for day in frame["date"]] == [
        slot.date for slot, _ in slots
    ]
    rows: list[Any] = list(frame.itertuples(index=False))
    for (slot, field), row in zip(slots, rows, strict=True):
        value = report.values.get(slot)  # noqa: PD011 - the values of a report, not of a frame
        assert pd.isna(row.text) == (value is None)
        assert pd.isna(row.number) == (not isinstance(value, int | Decimal))
        assert pd.isna(row.day) == (not isinstance(value, date))
        assert pd.isna(row.step) == (
            value not in [step.value for step in report.template.scales.get(field.scale, ())]
        )
        if isinstance(value, int | Decimal):
            assert row.number == float(value)
        if isinstance(value, date):
            assert row.day.date() == value


@pytest.mark.parametrize("name", sorted(path.name for path in catalogue.shipped().iterdir()))
def test_the_documented_columns_are_those_of_every_shipped_template(name: str) -> None:
    template = catalogue.load(catalogue.shipped() / name)
    inner = [level.id for level in template.levels if level is not template.area_level]
    numbered = [level for level in inner if template.field_of(level, "no")]
    expected = {}
    for column, dtype in documented_columns():
        levels = numbered if column.endswith(".no") else inner
        expected.update(
            {column.replace("<level>", level): dtype for level in levels}
            if "<" in column
            else {column: dtype}
        )
    frame = blank_report(template, 2026).to_frame()
    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == expected
    assert frame["step"].cat.ordered


def documented_columns() -> list[tuple[str, str]]:
    """Return the columns in the document with their dtypes."""
    (table,) = re.findall(r"<!-- columns -->\n(.*?)<!-- /columns -->", DOCUMENT, re.DOTALL)
    return re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", table, re.MULTILINE)


@pytest.mark.parametrize(
    ("scales", "categories", "ordered"),
    [
        ([["low", "high"], ["no", "yes"]], ["low", "high", "no", "yes"], True),
        ([["low", "high"], ["high", "low"]], ["low", "high"], False),
        ([["same", "same", "other"]], ["same", "other"], True),
        ([], [], True),
    ],
)
def test_steps_are_ordered_where_the_scales_agree(
    scales: list[list[str]],
    categories: list[str],
    ordered: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    steps = data_frame([], {}, scales)["step"].cat
    assert (list(steps.categories), steps.ordered) == (categories, ordered)


# The document


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the demonstration, written with the command of the document."""
    folder = tmp_path_factory.mktemp("api")
    (command,) = [text for kind, text in BLOCKS if kind == "bash"]
    words = shlex.split(command)
    assert words.pop(0) == "xltiltak"
    with chdir(folder):
        assert cli.run(words) == 0
    return folder


def test_the_interactive_session_prints_the_documented_output(
    played: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(played)
    monkeypatch.setenv("XLTILTAK_LANG", "en")
    session = "\n".join(text for kind, text in BLOCKS if kind == "pycon")
    examples = doctest.DocTestParser().get_doctest(session, {}, "docs/api.md", "docs/api.md", 0)
    output: list[str] = []
    outcome = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=output.append)
    assert outcome.attempted > 20
    assert not outcome.failed, "".join(output)


def test_the_scripts_run_unchanged(played: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    for script in [text for kind, text in BLOCKS if kind == "python"]:
        command = [sys.executable, "-c", script]
        process = subprocess.run(
            command, capture_output=True, encoding="utf-8", cwd=played, env=environment, check=True
        )
        assert process.stdout.splitlines()[0].endswith(".xlsx")


def test_every_block_of_the_document_is_run() -> None:
    assert {kind for kind, _ in BLOCKS} == {"bash", "pycon", "python"}
    assert DOCUMENT.count("```") == 2 * len(BLOCKS)


def test_every_name_is_documented() -> None:
    table = DOCUMENT.split("## ")[0]
    assert [name for name in xltiltak.__all__ if f"`{name}" not in table] == ["__version__"]
