"""Names of files: shown without surprises, legal on every system, never outside their folder."""

from __future__ import annotations

import json
import os
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import small
from tests.running import OPP, SENT, Run, round_in
from xltiltak import flows
from xltiltak.flows import split_flow
from xltiltak.importers.import_flow import import_source
from xltiltak.model.errors import OutputError, PlanError
from xltiltak.model.recipients import FormScope
from xltiltak.model.report import Area, Head, Node, Report, Slot
from xltiltak.model.visible_text import visible
from xltiltak.sheets.file_names import checked_filename, round_filename

LAST = small.LAST
DIRTY = st.text(st.characters(codec=None), max_size=20)
ON_LINUX = pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Havn svar.xlsx", "Havn svar.xlsx"),
        ("Åse 漢字 🙂.xlsx", "Åse 漢字 🙂.xlsx"),
        ("👨\u200d👩\u200d👧.xlsx", "👨\u200d👩\u200d👧.xlsx"),
        ("a\u00a0b\u202fc.xlsx", "a\u00a0b\u202fc.xlsx"),  # spaces, as Mac has them in names
        ("hav \x1b]0;x\x07.xlsx", r"hav \x1b]0;x\x07.xlsx"),
        ("to\nlinjer\r.xlsx", r"to\nlinjer\r.xlsx"),
        ("svar\u202exslx.exe", r"svar\u202exslx.exe"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("p\udce6l.xlsx", r"p\xe6l.xlsx"),  # a name in Windows-1252, read as UTF-8
        ("p\udcc3\udca6l.xlsx", "pæl.xlsx"),  # a name in UTF-8, read as ASCII
        (r"a\b", r"a\b"),
    ],
)
def test_what_cannot_be_seen_in_a_name_is_shown(name: str, shown: str) -> None:
    assert visible(name) == shown


@given(DIRTY)
def test_a_shown_name_has_only_what_can_be_seen_and_encoded(name: str) -> None:
    shown = visible(name)
    shown.encode()
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert visible(shown) == shown
    assert json.loads(json.dumps(shown)) == shown


@given(DIRTY)
def test_a_name_made_of_data_is_legal_or_refused(text: str) -> None:
    try:
        name = checked_filename(f"{text}-2020-12-31.xlsx")
    except OutputError:
        return
    path = Path("ut") / name
    assert path.name == name
    assert os.path.normpath(path) == str(path)
    assert not set(name) & set('<>:"/\\|?*')


@pytest.mark.parametrize(
    "name",
    [
        "../ute.xlsx",
        "..\\ute.xlsx",
        "/rot.xlsx",
        "C:ute.xlsx",
        "a:strøm.xlsx",
        "a/b.xlsx",
        "CON.xlsx",
        "nul.xlsx",
        "com1.2020.xlsx",
        "LPT¹.xlsx",
        "a.",
        "a .xlsx",
        ".xlsx",
        ".gjemt.xlsx",
        "~$a.xlsx",
        "a\nb.xlsx",
        "a\u202eb.xlsx",
        "a" * 300 + ".xlsx",
        "",
    ],
)
def test_a_name_that_some_system_cannot_have_is_refused(name: str) -> None:
    with pytest.raises(OutputError):
        checked_filename(name)


@pytest.mark.parametrize("name", ["HAV-2020.xlsx", "CON-2020.xlsx", "Åse og Bo.xlsx", "a.b.xlsx"])
def test_an_ordinary_name_is_taken(name: str) -> None:
    assert checked_filename(name) == name


@pytest.mark.parametrize("code", ["../../ute", "a/b", "a b", "æ", "HAV-1", "..", "a|b"])
def test_a_code_that_climbs_out_is_refused_with_its_key(tmp_path: Path, code: str) -> None:
    head = f'{small.HEAD}code = "{code}"\n'
    path = small.source(tmp_path, head=head)
    with pytest.raises(PlanError, match=r"tiltak\.toml: code: "):
        import_source(path, small.TEMPLATE)


def test_a_code_in_a_plan_that_climbs_out_writes_nothing_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    round_in(folder)
    before = sorted(tmp_path.rglob("*"))
    climbing = FormScope(("../../OPP",))
    monkeypatch.setattr(split_flow, "form_scopes", lambda *_, **__: [climbing])
    monkeypatch.setattr(split_flow, "_build_forms_and_sent_plan", lambda *_: ({climbing: b""}, b""))
    flows.split(folder / "plan.xlsx", folder / "c", day=date(2020, 12, 31), force=True)
    new = set(tmp_path.rglob("*")).difference(before)
    assert {path.relative_to(folder).as_posix() for path in new} == {"c", f"c/OPP – {LAST}.xlsx"}


def report_of(*areas: tuple[str, str]) -> Report:
    """Return a report whose areas have these names and leaders; the codes are A1, A2, …."""
    level = small.TEMPLATE.area_level
    assert level
    refs = [f"A{n}" for n in range(1, len(areas) + 1)]
    return Report(
        small.TEMPLATE,
        Head("X", "Prøveby", "Tiltak", 2020, "nb", (LAST,), LAST),
        tuple(Node(ref, level.id) for ref in refs),
        {Slot(ref, "name"): name for ref, (name, _) in zip(refs, areas, strict=True)},
        {ref: Area(leader=leader) for ref, (_, leader) in zip(refs, areas, strict=True)},
    )


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Helse og mestring", "Helse og mestring"),
        ("Plan/bygg", "Plan-bygg"),
        ("Vei: drift | vedlikehold", "Vei-drift-vedlikehold"),
        ('«Havn» "nord"?', "«Havn» nord"),
        ("  Havn.  ", "Havn"),
        ("..", "(A1)"),
        ("???", "(A1)"),
        ("~$Havn", "$Havn"),
        ("-Havn", "Havn"),
        ("CON", "CON"),
        ("con.a", "con-a"),
        ("Havn\nnord\tsør\u00a0øst", "Havn nord sør øst"),
        ("Ha\u200bvn\u202e", "Havn"),
        ("A\u030angst", "Ångst"),  # composed, as other systems write it
        ("Havn (A9)", "Havn (A9) (A1)"),  # it may be the name that another area gets
        ("å" * 200, "å" * 60 + "…"),
        ("🙂" * 200, "🙂" * 30 + "…"),
    ],
)
def test_a_form_is_called_after_its_area(name: str, stem: str) -> None:
    assert round_filename(report_of((name, "")), "A1") == f"{stem} – 2020-12-31.xlsx"


@pytest.mark.parametrize(
    ("areas", "stem"),
    [
        ([("Havn", "Kari"), ("Skog", "Kari")], "Kari"),
        ([("Havn", "Kari"), ("Skog", "Ola")], "Havn + Skog"),
        ([("Havn", ""), ("Skog", "")], "Havn + Skog"),
        ([(name, "") for name in "ABCDE"], "A + B + C + 2"),
        ([("Kari", "Kari"), ("Skog", "Kari")], "Kari (A1)"),
    ],
)
def test_a_form_of_several_areas_is_called_after_their_leader(
    areas: list[tuple[str, str]], stem: str
) -> None:
    report = report_of(*areas)
    assert round_filename(report, *report.area_refs) == f"{stem} – 2020-12-31.xlsx"


@pytest.mark.parametrize(
    "names", [("Havn", "havn"), ("Havn.", "Havn"), ("Å", "A\u030a"), ("a/b", "a-b"), ("?", "??")]
)
def test_areas_whose_names_are_alike_have_their_codes_too(names: tuple[str, str]) -> None:
    report = report_of(*((name, "") for name in names))
    for ref in report.area_refs:
        assert f"({ref}) –" in round_filename(report, ref)


@given(st.lists(st.tuples(DIRTY, st.sampled_from(["", "Kari", "Ola"])), min_size=1, max_size=8))
def test_names_of_forms_are_legal_and_different_everywhere(areas: list[tuple[str, str]]) -> None:
    report = report_of(*areas)
    names = [round_filename(report, ref) for ref in report.area_refs]
    assert len({unicodedata.normalize("NFD", name).casefold() for name in names}) == len(areas)
    for name in names:
        assert checked_filename(name) == name
        assert len(name.encode()) < 255


@ON_LINUX
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"Havn p\xe6l.xlsx", r"Havn p\xe6l.xlsx"),
        (b"hav \x1b]0;x\x07.xlsx", r"hav \x1b]0;x\x07.xlsx"),
        ("hav\u202exslx.xlsx".encode(), r"hav\u202exslx.xlsx"),
        (b"hav\nF001.xlsx", r"hav\nF001.xlsx"),
    ],
)
def test_an_odd_name_is_read_and_shown_escaped_everywhere(
    name: bytes, shown: str, tmp_path: Path, run: Run
) -> None:
    folder = round_in(tmp_path)
    form = small.filled((folder / OPP).read_bytes(), {"OPP-001": "nesten"})
    (folder / OPP).unlink()
    (folder / "ut" / os.fsdecode(name)).write_bytes(form)
    result = run("merge", folder / "ut", "--plan", folder / SENT, "-o", folder / "v.xlsx", "--json")
    assert result.code == 1
    assert [f["file"] for f in result.object["findings"] if f["code"] == "V101"] == [shown]
    assert any(file["path"].endswith(shown) for file in result.object["files"])
    for arguments in ((), ("--all",)):
        said = run("check", folder / "ut", "--plan", folder / SENT, *arguments)
        assert shown[-9:] in said.out.replace("\n", "")
        assert not set("\x1b\x07\u202e") & set(said.out + said.err)
    register = flows.read_plan(folder / "v.xlsx")
    assert shown in [file.file for file in register.returned_files]


@ON_LINUX
def test_a_batch_of_names_alone_is_refused_in_words(tmp_path: Path, run: Run) -> None:
    (tmp_path / "x\x1b[2J\n.xlsx").write_bytes(b"%PDF-1.4")
    result = run("check", tmp_path)
    assert result.code == 3
    assert "\x1b" not in result.err
