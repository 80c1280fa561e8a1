"""Test --select and --ignore, and the finding about a remark that contradicts its status."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests import small
from tests.running import OPP, SENT, Run, answer, round_in

pytestmark = pytest.mark.usefixtures("bokmaal")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a round with one invalid answer, and one remark that contradicts its status."""
    round_folder = round_in(tmp_path)
    answer(round_folder, "OPP-001", 7)
    answer(round_folder, "OPP-002", 5)
    answer(round_folder, "OPP-002", "Kurset er UTSATT til våren.", small.REMARK)
    answer(round_folder, "OPP-003", 5)
    answer(round_folder, "OPP-003", "Ferdig. Utsattelsen i mars ble kort.", small.REMARK)
    return round_folder


def test_only_a_remark_that_contradicts_its_status_is_reported(run: Run, folder: Path) -> None:
    found = run("check", folder / OPP, "--json").object["findings"]
    contradictions = [f for f in found if f["code"] == "C102"]
    assert [(f["ref"], f["values"]) for f in contradictions] == [
        ("OPP-002", {"value": "Fullført", "word": "utsatt"})
    ]


@pytest.mark.parametrize(
    ("words", "shown", "code"),
    [
        ((), {"V101", "C102"}, 1),
        (("--select", "V1"), {"V101"}, 1),
        (("--select", "C,M"), {"C102", "M101"}, 0),
        (("--ignore", "V"), {"C102", "M101"}, 0),
        (("--select", "V,C", "--ignore", "v101"), {"C102"}, 0),
    ],
)
def test_only_selected_findings_are_shown_and_decide_the_exit_code(
    run: Run, folder: Path, words: tuple[str, ...], shown: set[str], code: int
) -> None:
    result = run("check", folder / OPP, *words, "--json")
    assert result.code == code
    assert shown <= set(result.codes)
    assert not words or set(result.codes) <= shown | {"C104", "F012"}


def test_all_findings_are_stored_and_strict_depends_on_the_selected_ones(
    run: Run, folder: Path
) -> None:
    words = ("merge", folder / OPP, "--plan", folder / SENT, "-o", folder / "v.xlsx", "--strict")
    assert run(*words).code == 1
    assert not (folder / "v.xlsx").exists()
    assert run(*words, "--ignore", "V").code == 0
    stored = [row[2].value for row in openpyxl.load_workbook(folder / "v.xlsx")["Funn"].iter_rows()]
    assert {"V101", "C102"} <= set(stored)


def test_an_unknown_code_prefix_is_a_usage_error(run: Run, folder: Path) -> None:
    result = run("check", folder / OPP, "--select", "X")
    assert result.code == 2
    assert "V eller S1" in result.err
