"""The coordinator's workbook as a file: the same every time, valid, with the macros of `macros/` and nothing else."""

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

from tests.desks import made
from tests.parts import Validator
from tests.validity import problems
from xltiltak.coordinator import macros, model
from xltiltak.coordinator.control_sheet import macro
from xltiltak.coordinator.workbook_reader import read_coordinator_workbook
from xltiltak.coordinator.workbook_writer import MODULE, write_coordinator_workbook
from xltiltak.model.language import LANGUAGES, translate

ROOT = Path(__file__).parents[2]
SOURCE = (macros.folder() / f"{MODULE}.bas").read_text("utf-8")
CALLS = dict(re.findall(r'Public Sub (\w+)\(\)\n    RunPython "([^"]*)"\nEnd Sub\n', SOURCE))


def macros_in(content: bytes) -> list[tuple[str, str]]:
    """All VBA modules of a workbook with their sources, as another program reads them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it was written for an older pyparsing
        from oletools.olevba import VBA_Parser

        return [
            (name, source)
            for _, _, name, source in VBA_Parser("book.xlsm", data=content).extract_macros()
        ]


def modules_of(content: bytes) -> dict[str, str]:
    """The VBA modules of a workbook that have code, by name, as another program reads them."""
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
    """The script that builds the VBA project."""
    spec = importlib.util.spec_from_file_location("vba_project", ROOT / "docs" / "vba_project.py")
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A new workbook."""
    return made(tmp_path_factory.mktemp("bok") / "koordinator.xlsm").read_bytes()


def test_the_same_settings_give_the_same_bytes(content: bytes, tmp_path: Path) -> None:
    assert made(tmp_path / "en gang til.xlsm").read_bytes() == content


def test_the_shipped_project_is_what_the_sources_give() -> None:
    script = builder()
    assert (
        script.project({**script.modules_of_xlwings(), **script.modules_of_ours()})
        == macros.project()
    )


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


def test_the_sources_are_forwards_and_nothing_else() -> None:
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
        macro(name)
        for name in (*model.BUTTONS, *(f"choose_{name}" for name in model.PICKED_SETTINGS))
    }
    assert buttons == set(CALLS)


def test_the_project_is_made_for_the_xlwings_that_is_asked_for(content: bytes) -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert f"xlwings=={macros.XLWINGS_VERSION}" in wanted
    assert (
        f'XLWINGS_VERSION As String = "{macros.XLWINGS_VERSION}"' in modules_of(content)["xlwings"]
    )
    assert f"xlwings {macros.XLWINGS_VERSION}," in (macros.folder() / "NOTICE.txt").read_text(
        "utf-8"
    )


def test_a_project_knows_every_sheet(content: bytes) -> None:
    sheets = [name for name, _ in macros_in(content) if name.startswith("Sheet")]
    assert (
        len(sheets)
        == len(model.SHEETS)
        == len(openpyxl.load_workbook(BytesIO(content), keep_vba=True).sheetnames)
    )


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_it_can_be_made_in_every_language(spoken: str, tmp_path: Path) -> None:
    content = made(tmp_path / "k.xlsm", spoken=spoken).read_bytes()
    assert problems(content) == []
    held = read_coordinator_workbook(content, "k.xlsm")
    assert (held.language, held.format) == (spoken, str(model.FORMAT))
    assert held.settings == {"per": translate("coordinator.per_area", spoken)}


def test_what_was_chosen_is_read_back() -> None:
    chosen = {"plan": "Plan æøå.xlsx", "sent": "ut"}
    held = read_coordinator_workbook(
        write_coordinator_workbook("sv", chosen, {"INTERPRETER_WIN": "py"}, None), "k.xlsx"
    )
    assert held.settings == {**chosen, "per": "varje område"}
    assert held.configuration == {"INTERPRETER_WIN": "py"}
    assert held.project is None


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("before", LANGUAGES)
def test_whom_a_form_goes_to_is_chosen_from_a_list_and_follows_into_another_language(
    before: str, spoken: str
) -> None:
    chosen = {"per": translate("coordinator.per_leader", before)}
    content = write_coordinator_workbook(spoken, chosen, {}, None)
    (page,) = [
        page
        for page in openpyxl.load_workbook(BytesIO(content))
        if page.title == translate("coordinator.sheet_control", spoken)
    ]
    row = 1 + [cell.value for cell in page["A"]].index("@per")
    (rule,) = [
        rule for rule in page.data_validations.dataValidation if f"C{row}" in str(rule.sqref)
    ]
    words = [translate(f"coordinator.per_{name}", spoken) for name in model.FORM_RECIPIENTS]
    assert rule.formula1 == f'"{",".join(words)}"'
    assert page.cell(row, 3).value == words[1]


def test_what_is_no_choice_stays_as_she_typed_it() -> None:
    held = read_coordinator_workbook(
        write_coordinator_workbook("nb", {"per": "begge deler"}, {}, None), "k.xlsx"
    )
    assert held.settings == {"per": "begge deler"}


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


@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("kind", ["xlsm", "xlsx"])
def test_the_validator_finds_no_fault(
    kind: str, spoken: str, tmp_path: Path, validator: Validator
) -> None:
    path = tmp_path / f"koordinator.{kind}"
    project = macros.project() if kind == "xlsm" else None
    path.write_bytes(
        write_coordinator_workbook(
            spoken, {"plan": "Plan.xlsx"}, {"INTERPRETER_WIN": "py"}, project
        )
    )
    assert validator(path) == []
