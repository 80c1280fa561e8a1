"""The demonstration: a round that is right, slip by slip, and the same every time."""

from __future__ import annotations

import json
import time
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from xltiltak import cli, demo, flows, jsonout
from xltiltak.commands.answer import CLEAN
from xltiltak.demo.slips import SLIPS
from xltiltak.demo.story import Told, tell
from xltiltak.importers.table import import_table
from xltiltak.model.errors import OutputError
from xltiltak.model.finding import Finding
from xltiltak.model.language import translate
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import leaves
from xltiltak.templates import catalogue

DATA = Path(demo.__file__).parent
SCRIPT = tomllib.loads((DATA / "slips.toml").read_text("utf-8"))
HEAD = tomllib.loads((DATA / "plan.toml").read_text("utf-8"))
NAME = "Prøv å se"  # a folder as people name them

HEALTH = "HEL-2020-12-31.xlsx"
ORGANISATION = "Organisasjon og digitalisering SVAR.xlsx"
SCHOOL = "Oppvekst ferdig (2).xlsx"
STREETS, CULTURE = "SAM-2020-12-31 vann, vei og plan.xlsx", "samfunn miljø resten - Astrid.xlsx"

# What each slip comes to: code, severity, file, ref, and what stands in the cell that the finding names.
FINDINGS: dict[str, tuple[str, str, str, str, Any]] = {
    "number_and_word": ("V107", "note", ORGANISATION, "ORG-004", "3 - Godt i gang"),
    "word": ("V107", "note", ORGANISATION, "ORG-017", "Fullført"),
    "past_rewritten": ("L102", "error", ORGANISATION, "ORG-009", 2),
    "pasted_from_the_web": ("V108", "note", ORGANISATION, "ORG-006", "<p class="),
    "note_beside": ("S108", "note", ORGANISATION, "", "Ring meg om sjøkabelen"),
    "other_view": ("M102", "error", STREETS, "SAM-024", 2),
    "sorted_without_refs": ("S107", "warning", CULTURE, "", None),
    "two units": ("M103", "note", STREETS, "", None),
    "number_off_the_scale": ("V101", "error", SCHOOL, "OPP-016", 7),
    "between_two_steps": ("V101", "error", SCHOOL, "OPP-033", "3,5"),
    "became_a_day": ("V105", "error", SCHOOL, "OPP-029", "2021-02-01 00:00:00"),
    "forgotten": ("V102", "warning", "", "OPP-036", None),
    "text_rewritten": (
        "L101",
        "error",
        SCHOOL,
        "OPP-047",
        "Skifte ventilasjon og all solskjerming",
    ),
    "measure_added": ("S104", "warning", SCHOOL, "", 51),
    "asked": ("M107", "note", HEALTH, "", "Frisklivssentralen bør få ny frist"),
    "printed": ("F001", "error", "Helse signert.xlsx", "", None),
    "left_open": ("F005", "note", "~$Oppvekst ferdig (2).xlsx", "", None),
}
# Of the slips, these cost a status, and no other value.
LOST = {"SAM-024", "OPP-016", "OPP-029", "OPP-033", "OPP-036"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The story, told once."""
    return tell(tmp_path_factory.mktemp("demo") / NAME)


@cache
def truth() -> Report:
    """What every leader meant to answer."""
    template = catalogue.find(SCRIPT["template"])
    return import_table(DATA / "plan.csv", template).report.opened(SCRIPT["date"])


def key(finding: Finding) -> tuple[str, str, str, str]:
    return finding.code, finding.severity, finding.place.file, finding.ref


def slipped(told: Told) -> list[Finding]:
    """The findings that are about slips: not those about how measures go."""
    return [f for f in told.result.findings if not f.code.startswith("C")]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


@pytest.mark.parametrize("slip", FINDINGS)
def test_each_slip_gives_its_finding(told: Told, slip: str) -> None:
    *expected, typed = FINDINGS[slip]
    found = [f for f in slipped(told) if key(f) == tuple(expected)]
    assert len(found) == 1
    place = found[0].place
    assert bool(place.cell) == (typed is not None)
    if place.cell:
        book = openpyxl.load_workbook(told.first.parent / SCRIPT["returned"] / place.file)
        assert str(book[place.sheet][place.cell].value).startswith(str(typed))


def test_no_slip_gives_any_other_finding(told: Told) -> None:
    known = {tuple(expected[:4]) for expected in FINDINGS.values()}
    assert {key(f) for f in slipped(told)} <= known


def test_what_two_leaders_disagree_on_is_not_called_empty_too(told: Told) -> None:
    assert [f.code for f in slipped(told) if f.ref == "SAM-024"] == ["M102"]


def test_every_slip_is_told_of_here_and_happens() -> None:
    happening = {slip["slip"] for form in SCRIPT["forms"] for slip in form.get("slips", ())}
    assert happening == set(SLIPS)
    assert set(SLIPS) | {"two units", "printed", "left_open"} == set(FINDINGS)


def test_notes_on_standing_still_are_those_of_the_table(told: Told) -> None:
    still = {f.ref for f in told.result.findings if f.code == "C104"}
    dates = truth().head.dates
    values = {
        n.ref: [truth().values.get(Slot(n.ref, "status", day)) for day in dates]
        for n in leaves(truth())
    }
    assert still == {ref for ref, v in values.items() if len(set(v)) == 1 and v[0] != 5} - LOST
    assert {f.code for f in told.result.findings if f.code.startswith("C")} == {"C102", "C104"}


def test_a_remark_that_says_something_is_left_beside_a_five_is_told(told: Told) -> None:
    (doubt,) = (f for f in told.result.findings if f.code == "C102")
    assert doubt.values["word"] in str(truth().values[Slot(doubt.ref, "remark")])


def test_everything_right_ends_right(told: Told) -> None:
    lost = {Slot(ref, "status", SCRIPT["date"]) for ref in LOST}
    assert lost <= set(truth().values)
    expected = {slot: value for slot, value in truth().values.items() if slot not in lost}
    assert dict(told.result.register.report.values) == expected


def test_127_measures_stand_in_the_appendix_as_written(told: Told) -> None:
    report = flows.read_plan(told.first).report
    assert len(list(leaves(report))) == 127
    assert report.nodes == truth().nodes
    assert dict(report.values) == dict(told.result.register.report.values)


def test_areas_without_lost_answers_have_the_published_figures(told: Told) -> None:
    areas = {area["name"]: area for area in jsonout.as_object(told.result)["areas"]}
    for printed in HEAD["published"]:
        area = areas[printed["area"]]
        means = [point["mean"].replace(".", ",") for point in area["checkpoints"]]
        dates = 2 if any(ref.startswith(area["code"]) for ref in LOST) else 3
        assert (str(area["measures"]), means[:dates]) == (
            printed["count"],
            printed["averages"][:dates],
        )
        assert area["submitted"]


def test_plan_begins_without_the_answers(told: Told) -> None:
    plan = flows.read_plan(told.first.parent / SCRIPT["plan"]).report
    assert not [slot for slot in plan.values if slot.date == SCRIPT["date"]]
    remarks = {slot: value for slot, value in plan.values.items() if slot.field == "remark"}
    assert remarks
    assert remarks.items() < truth().values.items()


def test_table_that_the_round_begins_with_can_be_imported(told: Told) -> None:
    imported = import_table(told.paths[0], truth().template)
    assert imported.findings == ()
    assert imported.report.nodes == truth().nodes


def test_files_name_who_saved_them_and_when(told: Told) -> None:
    sources = [s.source for r in told.result.register.returned_files for s in r.submissions]
    said = {
        (form["file"], form["saved_by"], f"{form['saved_at']:%Y-%m-%dT%H:%M:%SZ}")
        for form in SCRIPT["forms"]
    }
    assert {(s.file, s.saved_by, s.saved_at) for s in sources} == said


def test_told_twice_every_byte_is_the_same(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 100_000)
    tell(tmp_path / "Igjen")
    first, second = contents(told.first.parent), contents(tmp_path / "Igjen")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_tells_nothing_where_it_has_been_told_unless_forced(tmp_path: Path) -> None:
    (tmp_path / SCRIPT["returned"]).mkdir()
    with pytest.raises(OutputError, match=SCRIPT["returned"]):
        tell(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [SCRIPT["returned"]]
    before = contents(tell(tmp_path, force=True).first.parent)
    with pytest.raises(OutputError):
        tell(tmp_path)
    tell(tmp_path, force=True)
    assert contents(tmp_path) == before


def test_what_lay_in_the_folder_before_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / SCRIPT["returned"] / "Mitt eget.xlsx"
    own.parent.mkdir()
    own.write_bytes(b"mine")
    assert own.name not in {
        r.file for r in tell(tmp_path, force=True).result.register.returned_files
    }
    assert own.read_bytes() == b"mine"


def test_paths_to_look_at_are_there(told: Told) -> None:
    assert all(path.exists() for path in told.paths)
    assert told.first in told.paths
    assert told.result.written == (told.first,)


def test_command_ends_with_what_to_open_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    folder = tmp_path / NAME
    assert cli.run(["demo", str(folder)]) == CLEAN
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == translate("cli.demo.open", "nb", path=folder / SCRIPT["appendix"])
    assert any("V101" in line for line in said)


def test_json_of_the_command_parses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    cli.run(["demo", str(tmp_path / NAME), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said["total"]["measures"] == 127
    assert [Path(path).name for path in said["written"]] == [SCRIPT["appendix"]]
    assert {form["path"]: form["outcome"] for form in said["files"]}.keys() == {
        str(tmp_path / NAME / SCRIPT["returned"] / name)
        for name in (
            HEALTH,
            ORGANISATION,
            SCHOOL,
            STREETS,
            CULTURE,
            "Helse signert.xlsx",
            f"~${SCHOOL}",
        )
    }
