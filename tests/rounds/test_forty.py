"""Test a merge of forty returned files, each damaged in another way and some hostile."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tests import small
from tests.damage import EDITS, Hand
from tests.forms import retyped, saved
from tests.raw import ENCRYPTED, PDF, parts_of, with_stated_size, zipped
from xltiltak.cli import main as cli
from xltiltak.model.finding import SEVERITIES

NAMES = [f"{chr(65 + n // 26)}{chr(65 + n % 26)}q Etat" for n in range(len(EDITS) + 2)]
SENT = "plan sendt 2020-12-31.xlsx"
HOSTILE = {
    "bilde.xlsx": b"\x89PNG\r\n\x1a\n" + bytes(50),
    "bombe.xlsx": zipped({**parts_of(), "xl/worksheets/sheet1.xml": b" " * (80 << 20)}),
    "entiteter.xlsx": zipped(
        {**parts_of(), "xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "c">]><workbook/>'}
    ),
    "fremmed.xlsx": saved(openpyxl.Workbook()),
    "hengelaas.xlsx": ENCRYPTED,
    "halv.xlsx": zipped(parts_of())[:300],
    "lyver.xlsx": with_stated_size(zipped(parts_of()), 5),
    "skannet.xlsx": PDF,
    "sky.xlsx": b"",
    "~$svar.xlsx": b"eier" + bytes(160),
}


@pytest.mark.slow
def test_forty_damaged_returns_are_merged_and_reported(tmp_path: Path) -> None:
    folder = returns(tmp_path)
    words = ["merge", f"{folder}/ut", "--plan", f"{folder}/{SENT}", "-o", f"{folder}/v.xlsx"]
    process = run_program(*words, "--json")
    output = json.loads(process.stdout)
    assert (process.returncode, process.stderr) == (1, b"")
    assert len(output["files"]) >= 40
    assert {
        file["path"].rpartition("/")[2]
        for file in output["files"]
        if file["outcome"] in ("refused", "skipped")
    } == {*HOSTILE}
    ranks = [
        (SEVERITIES.index(f["severity"]), not f["file"], f["file"]) for f in output["findings"]
    ]
    assert ranks == sorted(ranks)
    assert all(f["message"] and f["fix"] for f in output["findings"])
    sheets = openpyxl.load_workbook(folder / "v.xlsx")
    for name in NAMES[-2:]:  # the forms that were not edited
        statuses = [
            row[5].value for row in sheets[name].iter_rows() if str(row[0].value)[-4:-1] == "-00"
        ]
        assert statuses == [4, 4, 4]
    shown = run_program(*words, "--force").stdout.decode()
    assert "til av samme sort" in shown
    assert shown.count("V102") <= 4  # three similar ones, and a fourth if it is the last


def returns(folder: Path) -> Path:
    """Write a round with one area for each edit and two more, and return its folder.

    Every form is answered; each edit is made to one of them, and the last two stay as they are.
    """
    rows = [
        (name, str(n), f"{text} {name}", "1", "2", "", "")
        for name in NAMES
        for n, text in enumerate(TEXTS, 1)
    ]
    small.source(folder, small.table(rows))
    command = [
        "import",
        f"{folder}/tiltak.csv",
        "-o",
        f"{folder}/plan.xlsx",
        "--template",
        "tiltaksstatus",
    ]
    assert cli.run(command) == 0
    assert (
        cli.run(["split", f"{folder}/plan.xlsx", "--to", f"{folder}/ut", "--date", "2020-12-31"])
        == 0
    )
    forms, hand = [folder / "ut" / f"{name} – 2020-12-31.xlsx" for name in NAMES], Hand()
    for path, edit in zip(forms, [*EDITS.values(), None, None], strict=True):
        page = openpyxl.load_workbook(path).worksheets[0]
        refs = [str(key) for (key, *_) in page.values if re.fullmatch(r"\w+-00\d", str(key))]
        answered = small.filled(path.read_bytes(), dict.fromkeys(refs, 4))
        with retyped(answered) as (sheet, target):
            if edit:
                edit(sheet, hand)
        path.write_bytes(target.getvalue())
    for name, content in HOSTILE.items():
        (folder / "ut" / name).write_bytes(content)
    return folder


TEXTS = ("Bygge bro", "Rydde skog", "Male gjerde")


def run_program(*words: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a process of its own, and return the finished process."""
    root = Path(__file__).parents[2]
    environment = {"PYTHONPATH": str(root), "XLTILTAK_LANG": "nb", "COLUMNS": "160", "PATH": ""}
    process = subprocess.run(
        [sys.executable, "-m", "xltiltak", *words],
        capture_output=True,
        env=environment,
        check=False,
    )
    assert b"Traceback" not in process.stderr
    return process
