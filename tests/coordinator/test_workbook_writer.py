"""Write the coordinator's workbook: always the same, valid, and with the macros of `macros/`."""

from __future__ import annotations

import importlib.util
import re
import tomllib
import warnings
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import openpyxl
import pytest

from tests.button_workbook import new_workbook
from tests.examples import sampled
from tests.excel_rules import problems
from tests.parts import Validator
from xltiltak.coordinator import model
from xltiltak.coordinator.control_sheet import macro_name
from xltiltak.coordinator.workbook_reader import read_coordinator_workbook
from xltiltak.coordinator.workbook_writer import write_coordinator_workbook
from xltiltak.model.language import LANGUAGES, translate

ROOT = Path(__file__).parents[2]
MODULE = "XltiltakButtons"
SOURCE = (model.shipped_folder("macros") / f"{MODULE}.bas").read_text("utf-8")
CALLS = dict(re.findall(r'Public Sub (\w+)\(\)\n    RunPython "([^"]*)"\nEnd Sub\n', SOURCE))


def macros_in(content: bytes) -> list[tuple[str, str]]:
    """Return name and source of all VBA modules of a workbook, as oletools reads them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # oletools uses old names of pyparsing
        from oletools.olevba import VBA_Parser

        return [
            (name, source)
            for _, _, name, source in VBA_Parser("book.xlsm", data=content).extract_macros()
        ]


def modules_of(content: bytes) -> dict[str, str]:
    """Return the sources of the VBA modules that have code, by name, as oletools reads them."""
    found = {}
    for name, source in macros_in(content):
        code = [
            line
            for line in source.replace("\r\n", "\n").split("\n")
            if not line.startswith("Attribute VB_")
        ]
        if any(line.strip() for line in code):
            found[name.rpartition(".")[0]] = "\n".join(code).strip()
    return found


def builder() -> ModuleType:
    """Import the script that builds the VBA project."""
    spec = importlib.util.spec_from_file_location("vba_project", ROOT / "docs" / "vba_project.py")
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a new workbook."""
    return new_workbook(tmp_path_factory.mktemp("bok") / "koordinator.xlsm").read_bytes()


def test_the_same_settings_give_the_same_bytes(content: bytes, tmp_path: Path) -> None:
    assert new_workbook(tmp_path / "en gang til.xlsm").read_bytes() == content


def test_the_shipped_project_is_built_from_the_sources() -> None:
    assert builder().buttons_project() == model.vba_project()


def test_the_macros_of_the_workbook_are_the_sources(content: bytes) -> None:
    found = modules_of(content)
    assert set(found) == {MODULE, "xlwings", "Dictionary"}
    assert found[MODULE] == SOURCE.partition("\n")[2].strip()
    for name, source in builder().modules_of_xlwings().items():
        code = [
            line
            for line in source.replace("\r\n", "\n").split("\n")
            if not line.startswith("Attribute VB_")
        ]
        assert found[name] == "\n".join(code).strip()


def test_each_macro_only_calls_python() -> None:
    head, *subs = SOURCE.split("\nPublic Sub ")
    assert [line for line in head.splitlines() if line and not line.startswith("'")] == [
        f'Attribute VB_Name = "{MODULE}"',
        "Option Explicit",
    ]
    assert len(subs) == len(CALLS) > 0


@pytest.mark.parametrize("call", CALLS.values())
def test_every_call_of_python_names_a_function(call: str) -> None:
    module, function = re.fullmatch(r"import ([\w.]+);\1\.(\w+)\(\)", call).groups()  # type: ignore[union-attr]
    assert callable(getattr(import_module(module), function))


def test_every_button_has_its_macro_and_every_macro_its_button(content: bytes) -> None:
    with ZipFile(BytesIO(content)) as archive:
        drawn = archive.read("xl/drawings/drawing1.xml").decode()
    assert sorted(re.findall(r'macro="\[0\]!(\w+)"', drawn)) == sorted(CALLS)
    buttons = {
        macro_name(name)
        for name in (*model.BUTTONS, *(f"choose_{name}" for name in model.PICKED_SETTINGS))
    }
    assert buttons == set(CALLS)


def test_the_project_is_built_for_the_required_xlwings(content: bytes) -> None:
    required = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "dependencies"
    ]
    assert f"xlwings=={model.XLWINGS_VERSION}" in required
    assert (
        f'XLWINGS_VERSION As String = "{model.XLWINGS_VERSION}"' in modules_of(content)["xlwings"]
    )
    assert f"xlwings {model.XLWINGS_VERSION}," in (
        model.shipped_folder("macros") / "NOTICE.txt"
    ).read_text("utf-8")


def test_the_project_has_a_module_for_each_sheet(content: bytes) -> None:
    sheets = [name for name, _ in macros_in(content) if name.startswith("Sheet")]
    assert (
        len(sheets)
        == len(model.SHEETS)
        == len(openpyxl.load_workbook(BytesIO(content), keep_vba=True).sheetnames)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_workbook_can_be_written_in_every_language(language: str, tmp_path: Path) -> None:
    content = new_workbook(tmp_path / "k.xlsm", language=language).read_bytes()
    assert problems(content) == []
    workbook = read_coordinator_workbook(content, "k.xlsm")
    assert (workbook.language, workbook.format) == (language, str(model.FORMAT))
    assert workbook.settings == {"per": translate("coordinator.per_area", language)}


def test_settings_are_read_back() -> None:
    chosen = {"plan": "Plan æøå.xlsx", "sent": "ut"}
    workbook = read_coordinator_workbook(
        write_coordinator_workbook("sv", chosen, {"INTERPRETER_WIN": "py"}, None), "k.xlsx"
    )
    assert workbook.settings == {**chosen, "per": "varje område"}
    assert workbook.configuration == {"INTERPRETER_WIN": "py"}
    assert workbook.project is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("before", sampled(LANGUAGES))
def test_the_recipient_has_a_list_and_is_translated(before: str, language: str) -> None:
    chosen = {"per": translate("coordinator.per_leader", before)}
    content = write_coordinator_workbook(language, chosen, {}, None)
    (page,) = [
        page
        for page in openpyxl.load_workbook(BytesIO(content))
        if page.title == translate("coordinator.sheet_control", language)
    ]
    row = 1 + [cell.value for cell in page["A"]].index("@per")
    (rule,) = [
        rule for rule in page.data_validations.dataValidation if f"C{row}" in str(rule.sqref)
    ]
    words = [translate(f"coordinator.per_{name}", language) for name in model.FORM_RECIPIENTS]
    assert rule.formula1 == f'"{",".join(words)}"'
    assert page.cell(row, 3).value == words[1]


def test_an_unknown_recipient_stays_as_it_was_typed() -> None:
    workbook = read_coordinator_workbook(
        write_coordinator_workbook("nb", {"per": "begge deler"}, {}, None), "k.xlsx"
    )
    assert workbook.settings == {"per": "begge deler"}


def test_the_buttons_begin_where_columns_do(content: bytes) -> None:
    with ZipFile(BytesIO(content)) as archive:
        drawn = archive.read("xl/drawings/drawing1.xml").decode()
    anchors = re.findall(
        r"<xdr:from><xdr:col>(\d+)</xdr:col><xdr:colOff>(\d+)</xdr:colOff><xdr:row>(\d+)", drawn
    )
    large = [
        (int(col), int(offset))
        for col, offset, row in anchors
        if int(row) == max(int(r) for *_, r in anchors)
    ]
    assert len(large) == len(model.BUTTONS)
    assert all(
        offset == 0 for _, offset in large
    )  # an offset is wider in one program than in another
    assert [col for col, _ in large] == sorted({col for col, _ in large})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["xlsm", "xlsx"])
def test_the_validator_accepts_the_workbook(
    kind: str, language: str, tmp_path: Path, validator: Validator
) -> None:
    path = tmp_path / f"koordinator.{kind}"
    project = model.vba_project() if kind == "xlsm" else None
    path.write_bytes(
        write_coordinator_workbook(
            language, {"plan": "Plan.xlsx"}, {"INTERPRETER_WIN": "py"}, project
        )
    )
    assert validator(path) == []
