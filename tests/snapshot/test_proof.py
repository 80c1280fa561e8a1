"""Test the key of a plan: where it is, where it is not, and what it proves."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from tests.forms import KEY
from tests.running import OPP, SENT, Run, answer, round_in
from tests.tampering import record_of, with_record
from xltiltak import flows
from xltiltak.model.register import Register
from xltiltak.snapshot.proof import KEY_VARIABLE, with_key

pytestmark = pytest.mark.usefixtures("bokmaal")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a round in which one leader has answered, with one wrong answer."""
    folder = round_in(tmp_path)
    answer(folder, "OPP-001", 4)
    answer(folder, "OPP-002", 7)
    return folder


def test_the_key_follows_the_plan_to_the_plan_as_sent_the_appendix_and_the_next(
    run: Run, folder: Path
) -> None:
    run("merge", folder / OPP, "--plan", folder / SENT, "-o", folder / "v.xlsx")
    run("split", folder / "v.xlsx", "--to", folder / "ut2", "--date", "2021-04-30", "--new-date")
    again = next(folder.glob("v*2021-04-30.xlsx"))
    for name in ("plan.xlsx", SENT, "v.xlsx", again.name):
        assert flows.read_plan(folder / name).key == KEY


def test_nothing_that_leaves_the_coordinator_has_the_key(run: Run, folder: Path) -> None:
    merged = run(
        "merge", folder / OPP, "--plan", folder / SENT, "-o", folder / "v.xlsx",
        "--fix", folder / "rett", "--json",
    )  # fmt: skip
    assert KEY not in merged.out + merged.err
    run("remind", folder / SENT, folder / OPP, "--to", folder / "purring")
    published = [folder / f"r.{suffix}" for suffix in ("html", "docx", "xlsx", "csv", "json")]
    run("report", folder / "v.xlsx", *(word for path in published for word in ("-o", path)))
    sent = [path for name in ("ut", "rett", "purring") for path in (folder / name).iterdir()]
    assert len(sent) > 3
    for path in (*sent, *published):
        content = path.read_bytes()
        texts = [content]
        if content.startswith(b"PK"):
            archive = ZipFile(BytesIO(content))
            texts = [archive.read(name) for name in archive.namelist()]
        assert not [text for text in texts if KEY.encode() in text], path.name
    assert KEY not in repr(flows.read_plan(folder / "v.xlsx"))


def test_every_new_plan_has_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    report = round_of_report()
    one, other = with_key(report), with_key(report)
    assert re.fullmatch("[0-9a-f]{64}", one.key)
    assert one.key != other.key
    assert with_key(one) is one


def round_of_report() -> Register:
    """Return a register without a key."""
    from tests.merging.test_merge import REPORT

    return Register(REPORT)


@pytest.mark.parametrize("row", ["_xltiltak", "template", "head", "areas", "sent", "mended"])
def test_a_record_is_proven_only_as_it_was_written(row: str, run: Run, folder: Path) -> None:
    from xltiltak.intake.returned_file import parse_return

    run("check", folder / OPP, "--plan", folder / SENT, "--fix", folder / "rett")
    form = (folder / "rett" / "Oppvekst – 2020-12-31 rettes.xlsx").read_bytes()
    saved = BytesIO()
    openpyxl.load_workbook(BytesIO(form)).save(saved)  # another program does not change the record
    texts = record_of(saved.getvalue())
    assert parse_return("a.xlsx", saved.getvalue(), key=KEY).is_proven
    assert not parse_return("a.xlsx", saved.getvalue(), key=KEY + "x").is_proven
    assert not parse_return("a.xlsx", saved.getvalue()).is_proven
    changed = with_record(saved.getvalue(), {**texts, row: texts[row] + " "})
    assert not parse_return("a.xlsx", changed, key=KEY).is_proven
