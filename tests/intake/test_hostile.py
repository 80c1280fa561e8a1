"""No file stops a batch: each gets its finding, and the others are merged in bounded memory."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import small
from tests.examples import sampled
from tests.hostile import HOSTILE, content_of
from tests.raw import zipped
from tests.unusual import ACTIVE, UNUSUAL, packed, parts_in
from xltiltak import flows
from xltiltak.intake.returned_file import parse_return
from xltiltak.model.files import SEPARATOR
from xltiltak.model.register import Register
from xltiltak.sheets.appendix import write_appendix

_MOST = 200 << 20  # bytes of memory a merge of all of them may take, the program itself among them


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", sampled(HOSTILE))
def test_each_hostile_file_gets_its_finding(name: str) -> None:
    code, _ = HOSTILE[name]
    received = parse_return("svar.xlsx", content_of(name))
    assert received.outcome == ("skipped" if code == "F005" else "refused")
    assert received.findings[0].code == code


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a form with a status in it, as a leader's program saved it."""
    form = small.forms(small.report(tmp_path_factory.mktemp("svar")))["OPP"]
    parts = parts_in(form)
    name = "xl/worksheets/sheet1.xml"
    typed = re.sub(
        rb'(<row r="\d+"(?:(?!</row>).)*?<c r="F\d+"[^>]*?)/>',
        rb"\1><v>4</v></c>",
        parts[name],
        count=2,  # the measures; below them are the rows for proposals
    )
    assert typed != parts[name]
    return packed({**parts, name: typed})


def changes_of(content: bytes) -> list[tuple[str, object]]:
    """Return the cells and values of all changes of a returned form."""
    return [
        (change.cell, change.value)
        for s in parse_return("svar.xlsx", content).submissions
        for change in s.changes
    ]


@pytest.mark.parametrize("name", UNUSUAL)
def test_a_form_is_read_however_it_is_written(name: str, answered: bytes) -> None:
    written = UNUSUAL[name](answered)
    assert changes_of(written) == changes_of(answered) != []
    assert [f.code for f in parse_return("svar.xlsx", written).all_findings()] == []


@pytest.mark.parametrize("name", ACTIVE)
def test_active_content_is_reported_and_the_form_is_read(name: str, answered: bytes) -> None:
    written = ACTIVE[name](answered)
    assert changes_of(written) == changes_of(answered)
    assert [f.code for f in parse_return("svar.xlsx", written).all_findings()] == ["F008"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.skipif(sys.platform == "win32", reason="no bound on a process's memory")
def test_a_batch_with_all_hostile_files_is_merged_in_bounded_memory(tmp_path: Path) -> None:
    report = small.report(tmp_path)
    plan, inn = tmp_path / "Plan.xlsx", tmp_path / "inn"
    plan.write_bytes(write_appendix(Register(report)))
    inn.mkdir()
    *forms, sent = flows.split(plan, tmp_path / "ut", day=small.LAST).written
    for form, ref in zip(forms, ("OPP-001", "TEK-001"), strict=True):
        (inn / form.name).write_bytes(small.filled(form.read_bytes(), {ref: 4}))
    for n, name in enumerate(HOSTILE):
        (inn / f"{n:02} fiendtlig.xlsx").write_bytes(content_of(name))
    call = [
        sys.executable,
        "-m",
        "xltiltak",
        "merge",
        str(inn),
        "--plan",
        str(sent),
        "-o",
        str(tmp_path / "V.xlsx"),
    ]
    done = subprocess.run(
        [*call, "--json"], capture_output=True, text=True, check=False, preexec_fn=_bounded
    )
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    outcomes = {file["name"]: file["outcome"] for file in told["files"]}
    assert [outcomes[form.name] for form in forms] == ["read", "read"]
    hostile = {name.partition(SEPARATOR)[0] for name in outcomes} - {form.name for form in forms}
    assert len(hostile) == len(HOSTILE)
    merged = flows.read_plan(tmp_path / "V.xlsx").report.values
    assert [v for s, v in merged.items() if s.date == small.LAST and s.field == "status"] == [4, 4]


PARTS = tuple(
    f"xl/{name}.xml"
    for name in ("worksheets/sheet1", "worksheets/sheet2", "sharedStrings", "workbook", "styles")
)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the parts of a form."""
    form = small.forms(small.report(tmp_path_factory.mktemp("form")))["OPP"]
    with ZipFile(BytesIO(form)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_no_part_however_written_stops_the_reader(parts: dict[str, bytes]) -> None:
    """Damage the bytes of one part, in a sound zip: it is read or refused, and never crashes."""

    @settings(
        max_examples=int(os.environ.get("XLTILTAK_FUZZ", "60")),
        derandomize="XLTILTAK_FUZZ" not in os.environ,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.sampled_from(PARTS),
        st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), PIECES), min_size=1, max_size=4),
    )
    def is_handled(name: str, edits: list[tuple[float, float, bytes]]) -> None:
        part = parts[name]
        for start, length, piece in edits:
            at = int(start * len(part))
            part = part[:at] + piece + part[at + int(length**8 * 200) :]
        received = parse_return("svar.xlsx", zipped({**parts, name: part}))
        assert received.outcome in ("read", "partly", "refused")
        assert received.outcome == "read" or received.all_findings()

    is_handled()


PIECES = st.one_of(
    st.binary(max_size=4),
    st.sampled_from(
        [
            b"<",
            b"</c>",
            b"<c>",
            b'<c r="B3">',
            b"<v>9</v>",
            b'" t="s',
            b'" t="e',
            b"&#0;",
            b"&x;",
            b"<row>",
        ]
    ),
    st.sampled_from(
        [
            b"-1",
            b"1e999",
            b"9" * 30,
            b"nan",
            b'r="A1"',
            b"<f>1+1</f>",
            b"<is><t>x</t></is>",
            b"<!--",
            b"]]>",
        ]
    ),
)


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (_MOST, _MOST))
