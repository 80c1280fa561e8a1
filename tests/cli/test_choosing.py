"""--select and --ignore decide which findings count; remarks that contradict their status."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests import small
from tests.running import OPP, SENT, Run, answer, round_in

pytestmark = pytest.mark.usefixtures("bokmaal")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A round in which one answer is wrong, and one remark says otherwise than its status."""
    made = round_in(tmp_path)
    answer(made, "OPP-001", 7)
    answer(made, "OPP-002", 5)
    answer(made, "OPP-002", "Kurset er UTSATT til våren.", small.REMARK)
    answer(made, "OPP-003", 5)
    answer(made, "OPP-003", "Ferdig. Utsattelsen i mars ble kort.", small.REMARK)
    return made


def test_a_remark_that_contradicts_its_status_is_told_and_no_other(run: Run, folder: Path) -> None:
    found = run("check", folder / OPP, "--json").object["findings"]
    told = [f for f in found if f["code"] == "C102"]
    assert [(f["ref"], f["values"]) for f in told] == [
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
def test_what_counts_is_shown_and_decides_the_exit_code(
    run: Run, folder: Path, words: tuple[str, ...], shown: set[str], code: int
) -> None:
    said = run("check", folder / OPP, *words, "--json")
    assert said.code == code
    assert shown <= set(said.codes)
    assert not words or set(said.codes) <= shown | {"C104"}


def test_all_is_kept_and_strict_asks_only_what_counts(run: Run, folder: Path) -> None:
    words = ("merge", folder / OPP, "--plan", folder / SENT, "-o", folder / "v.xlsx", "--strict")
    assert run(*words).code == 1
    assert not (folder / "v.xlsx").exists()
    assert run(*words, "--ignore", "V").code == 0
    kept = [row[2].value for row in openpyxl.load_workbook(folder / "v.xlsx")["Funn"].iter_rows()]
    assert {"V101", "C102"} <= set(kept)


def test_a_code_that_is_none_is_a_mistake(run: Run, folder: Path) -> None:
    said = run("check", folder / OPP, "--select", "X")
    assert said.code == 2
    assert "V eller S1" in said.err
