"""Forty returns in one folder, one of each damage, some hostile: what a coordinator then sees, and what she gets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import openpyxl

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


def test_forty_damaged_returns_are_merged_and_told(tmp_path: Path) -> None:
    folder = returns(tmp_path)
    words = ["merge", f"{folder}/ut", "--plan", f"{folder}/{SENT}", "-o", f"{folder}/v.xlsx"]
    said = started(*words, "--json")
    told = json.loads(said.stdout)
    assert (said.returncode, said.stderr) == (1, b"")
    assert len(told["files"]) >= 40
    assert {
        file["path"].rpartition("/")[2]
        for file in told["files"]
        if file["outcome"] in ("refused", "skipped")
    } == {*HOSTILE}
    ranks = [(SEVERITIES.index(f["severity"]), not f["file"], f["file"]) for f in told["findings"]]
    assert ranks == sorted(ranks)
    assert all(f["message"] and f["fix"] for f in told["findings"])
    sheets = openpyxl.load_workbook(folder / "v.xlsx")
    for name in NAMES[-2:]:  # nobody hurt these
        statuses = [
            row[5].value for row in sheets[name].iter_rows() if str(row[0].value)[-4:-1] == "-00"
        ]
        assert statuses == [4, 4, 4]
    shown = started(*words, "--force").stdout.decode()
    assert "til av samme sort" in shown
    assert shown.count("V102") <= 4  # three of a sort, and a fourth where it is the last


def returns(folder: Path) -> Path:
    """A round of as many areas as there are edits and two more; each form answered, and all but two then spoilt."""
    rows = [
        (name, str(n), f"{text} {name}", "1", "2", "", "")
        for name in NAMES
        for n, text in enumerate(TEXTS, 1)
    ]
    small.source(folder, small.table(rows))
    made = [
        "import",
        f"{folder}/tiltak.csv",
        "-o",
        f"{folder}/plan.xlsx",
        "--template",
        "tiltaksstatus",
    ]
    assert cli.run(made) == 0
    assert (
        cli.run(["split", f"{folder}/plan.xlsx", "--to", f"{folder}/ut", "--date", "2020-12-31"])
        == 0
    )
    forms, hand = sorted((folder / "ut").iterdir()), Hand()
    for path, edit in zip(forms, [*EDITS.values(), None, None], strict=True):
        refs = [f"{path.name.partition('-')[0]}-{n:03}" for n in (1, 2, 3)]
        answered = small.filled(path.read_bytes(), dict.fromkeys(refs, 4))
        with retyped(answered) as (sheet, target):
            if edit:
                edit(sheet, hand)
        path.write_bytes(target.getvalue())
    for name, content in HOSTILE.items():
        (folder / "ut" / name).write_bytes(content)
    return folder


TEXTS = ("Bygge bro", "Rydde skog", "Male gjerde")


def started(*words: str) -> subprocess.CompletedProcess[bytes]:
    """The program as a user runs it."""
    root = Path(__file__).parents[2]
    known = {"PYTHONPATH": str(root), "XLTILTAK_LANG": "nb", "COLUMNS": "160", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-m", "xltiltak", *words], capture_output=True, env=known, check=False
    )
    assert b"Traceback" not in done.stderr
    return done
