"""Test the demonstration: a complete round in each language, the same in every run."""

from __future__ import annotations

import json
import re
import time
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

from tests.examples import sampled
from xltiltak import demo, flows
from xltiltak.cli import jsonout
from xltiltak.cli import main as cli
from xltiltak.cli.commands.answer import CLEAN, ERRORS
from xltiltak.demo.mistakes import MISTAKES
from xltiltak.demo.scenario import DemoResult, Scenario, run_demo
from xltiltak.importers.import_flow import import_source
from xltiltak.model.errors import OutputError
from xltiltak.model.finding import Finding
from xltiltak.model.language import LANGUAGES, decimal_text, translate
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import measure_nodes
from xltiltak.templates import catalogue

DATA = Path(demo.__file__).parent
NAME = "Prøv å se"  # a folder name with spaces and Norwegian letters

# The finding of each kind of mistake: code and severity.
FINDINGS = {
    "number_and_word": ("V107", "note"),
    "word": ("V107", "note"),
    "past_rewritten": ("L102", "error"),
    "pasted_from_the_web": ("V108", "note"),
    "note_beside": ("S108", "note"),
    "other_view": ("M102", "error"),
    "sorted_without_refs": ("S107", "warning"),
    "two units": ("M103", "note"),
    "number_off_the_scale": ("V101", "error"),
    "between_two_steps": ("V101", "error"),
    "became_a_day": ("V105", "error"),
    "forgotten": ("V102", "warning"),
    "text_rewritten": ("L101", "error"),
    "measure_added": ("S104", "warning"),
    "asked": ("M107", "note"),
    "printed": ("F001", "error"),
    "left_open": ("F005", "note"),
}
# The findings about a sheet, not about a measure.
WITHOUT_REF = {"note_beside", "sorted_without_refs", "measure_added", "asked"}
# Each of these mistakes loses a status, and no other value.
COSTLY = {"other_view", "number_off_the_scale", "became_a_day", "between_two_steps", "forgotten"}
# Frequent words that only one of the four languages has.
TYPICAL_WORDS = {
    "nb": {"ikke", "fra", "noe", "flere", "være"},
    "nn": {"ikkje", "frå", "noko", "fleire", "vere"},
    "sv": {"inte", "från", "något", "och", "är"},
    "en": {"the", "and", "not", "with", "from"},
}
MEASURES = {"nb": 127, "nn": 48, "sv": 49, "en": 48}


class Played(NamedTuple):
    """Hold a finished demonstration: its language, script and result."""

    language: str
    script: dict[str, Any]
    demo_result: DemoResult

    @property
    def folder(self) -> Path:
        """Return the folder of the demonstration."""
        return self.demo_result.first.parent

    @property
    def lost_refs(self) -> set[str]:
        """Return the refs of the measures whose status a mistake loses."""
        return {
            m["ref"]
            for form in self.script["forms"]
            for m in form.get("mistakes", ())
            if m["kind"] in COSTLY
        }


@cache
def script_of(language: str) -> dict[str, Any]:
    return tomllib.loads((DATA / language / "mistakes.toml").read_text("utf-8"))


@cache
def intended_report(language: str) -> Report:
    """Return the report without mistakes: the answers that leaders intend."""
    return Scenario.load(language, Path()).answered()


@pytest.fixture(scope="module", params=sampled(LANGUAGES))
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Run the demonstration of each language once."""
    language = request.param
    return Played(
        language, script_of(language), run_demo(tmp_path_factory.mktemp("demo") / NAME, language)
    )


class Expected(NamedTuple):
    """Hold the finding of a mistake.

    `typed` is the beginning of the text in the finding's cell; None if the finding has no cell.
    """

    code: str
    severity: str
    file: str
    ref: str
    typed: object


def expected_findings(script: dict[str, Any]) -> Iterator[tuple[str, Expected]]:
    """Yield each kind of mistake in the script with its finding."""
    twice = sorted(form["file"] for form in script["forms"] if "part" in form)
    for form in script["forms"]:
        for mistake in form.get("mistakes", ()):
            kind, typed = mistake["kind"], mistake.get("typed")
            file, ref = form["file"], "" if mistake["kind"] in WITHOUT_REF else mistake["ref"]
            if kind == "other_view":
                # The finding is about the first file by name; the other one says 2.
                typed = typed if twice[0] == file else 2
                file = twice[0]
            elif kind == "forgotten":
                file = ""
            elif kind == "measure_added":
                typed = mistake["typed"][0]
            elif kind == "pasted_from_the_web":
                typed = "<p class="
            yield kind, Expected(*FINDINGS[kind], file, ref, typed)
    yield "two units", Expected(*FINDINGS["two units"], twice[0], "", None)
    for kind in ("printed", "left_open"):
        yield kind, Expected(*FINDINGS[kind], script[kind]["file"], "", None)


def key(finding: Finding) -> tuple[str, str, str, str]:
    return finding.code, finding.severity, finding.place.file, finding.ref


def about_mistakes(played: Played) -> list[Finding]:
    """Return the findings about mistakes, without those about the progress of measures."""
    return [f for f in played.demo_result.result.findings if not f.code.startswith("C")]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def words_in(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def visible_texts(workbook: Path) -> Iterator[str]:
    """Yield every text on the visible sheets."""
    book = openpyxl.load_workbook(workbook)
    for sheet in (sheet for sheet in book.worksheets if sheet.sheet_state == "visible"):
        yield sheet.title
        yield from (
            str(cell.value)
            for row in sheet.iter_rows(min_col=2)
            for cell in row
            if cell.value is not None
        )


@pytest.mark.parametrize("kind", FINDINGS)
def test_each_mistake_gives_its_finding(played: Played, kind: str) -> None:
    expected = dict(expected_findings(played.script))[kind]
    found = [f for f in about_mistakes(played) if key(f) == expected[:4]]
    assert len(found) == 1
    place = found[0].place
    assert bool(place.cell) == (expected.typed is not None)
    if place.cell:
        book = openpyxl.load_workbook(played.folder / played.script["returned"] / place.file)
        assert str(book[place.sheet][place.cell].value).startswith(str(expected.typed))


def test_no_mistake_gives_any_other_finding(played: Played) -> None:
    expected_keys = {expected[:4] for _, expected in expected_findings(played.script)}
    assert {key(f) for f in about_mistakes(played)} <= expected_keys


def test_a_conflict_between_two_leaders_is_the_only_finding_of_its_measure(played: Played) -> None:
    (disputed,) = (
        expected.ref for kind, expected in expected_findings(played.script) if kind == "other_view"
    )
    assert [f.code for f in about_mistakes(played) if f.ref == disputed] == ["M102"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_mistake_happens_in_every_language(language: str) -> None:
    happening = [
        mistake["kind"]
        for form in script_of(language)["forms"]
        for mistake in form.get("mistakes", ())
    ]
    assert sorted(happening) == sorted(MISTAKES)
    assert {*MISTAKES, "two units", "printed", "left_open"} == set(FINDINGS)


def test_measures_without_progress_are_those_of_the_table(played: Played) -> None:
    report = intended_report(played.language)
    still = {f.ref for f in played.demo_result.result.findings if f.code == "C104"}
    dates = report.head.dates
    values = {
        n.ref: [report.values.get(Slot(n.ref, "status", day)) for day in dates]
        for n in measure_nodes(report)
    }
    assert (
        still
        == {ref for ref, v in values.items() if len(set(v)) == 1 and v[0] != 5} - played.lost_refs
    )
    assert {f.code for f in played.demo_result.result.findings if f.code.startswith("C")} == {
        "C102",
        "C103",
        "C104",
    }


def test_the_remarks_that_are_left_are_those_of_the_table_before(played: Played) -> None:
    report = flows.read_plan(played.demo_result.first).report
    left = {f.ref for f in played.demo_result.result.findings if f.code == "C103"}
    assert left
    for ref in left:
        statuses = {report.values[Slot(ref, "status", day)] for day in report.head.dates}
        assert len(statuses) == 1
        assert int(str(statuses.pop())) <= 2


def test_a_remark_that_contradicts_a_five_is_reported(played: Played) -> None:
    (contradiction,) = (f for f in played.demo_result.result.findings if f.code == "C102")
    assert contradiction.values["word"] in str(
        intended_report(played.language).values[Slot(contradiction.ref, "remark")]
    )


def test_every_correct_answer_is_in_the_result(played: Played) -> None:
    values = intended_report(played.language).values
    lost = {Slot(ref, "status", played.script["date"]) for ref in played.lost_refs}
    assert len(lost) == len(COSTLY)
    assert lost <= set(values)
    expected = {slot: value for slot, value in values.items() if slot not in lost}
    assert dict(played.demo_result.result.register.shown_report.values) == expected


def test_all_measures_are_in_the_appendix_as_written(played: Played) -> None:
    report = flows.read_plan(played.demo_result.first).report
    assert len(list(measure_nodes(report))) == MEASURES[played.language]
    assert report.nodes == intended_report(played.language).nodes
    assert dict(report.values) == dict(played.demo_result.result.register.report.values)


def test_areas_without_lost_answers_have_the_published_figures(played: Played) -> None:
    head = tomllib.loads((DATA / played.language / "plan.toml").read_text("utf-8"))
    areas = {area["name"]: area for area in jsonout.as_object(played.demo_result.result)["areas"]}
    assert [printed["area"] for printed in head["published"]] == list(areas)
    for printed in head["published"]:
        area = areas[printed["area"]]
        means = [decimal_text(point["mean"], played.language) for point in area["checkpoints"]]
        dates = 2 if any(ref.startswith(area["code"]) for ref in played.lost_refs) else 3
        assert (str(area["measures"]), means[:dates]) == (
            printed["count"],
            printed["averages"][:dates],
        )
        assert area["submitted"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_published_figures_agree_with_the_table(language: str) -> None:
    scenario = Scenario.load(language, Path())
    imported = import_source(
        scenario.source_table, intended_report(language).template, scenario.source_head
    )
    assert imported.findings == ()


def test_the_plan_has_no_answers_at_its_open_date(played: Played) -> None:
    plan = flows.read_plan(played.folder / played.script["plan"]).report
    assert not [slot for slot in plan.values if slot.date == played.script["date"]]
    remarks = {slot: value for slot, value in plan.values.items() if slot.field == "remark"}
    assert remarks
    assert remarks.items() < intended_report(played.language).values.items()


def test_table_that_the_round_begins_with_can_be_imported(played: Played) -> None:
    table = played.folder / played.script["table"]
    imported = import_source(table, catalogue.find(played.script["template"], table.parent))
    assert imported.findings == ()
    assert imported.report.nodes == intended_report(played.language).nodes


def test_files_name_who_saved_them_and_when(played: Played) -> None:
    sources = [
        s.source for r in played.demo_result.result.register.returned_files for s in r.submissions
    ]
    forms = played.script["forms"]
    expected = {
        (form["file"], form["saved_by"], f"{form['saved_at']:%Y-%m-%dT%H:%M:%SZ}") for form in forms
    }
    assert {(s.file, s.saved_by, s.saved_at) for s in sources} == expected


def test_two_runs_write_the_same_bytes(
    played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 100_000)
    monkeypatch.setenv("XLTILTAK_LANG", "sv" if played.language == "en" else "en")
    run_demo(tmp_path / NAME, played.language)
    first, second = contents(played.folder), contents(tmp_path / NAME)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    returned = script_of("nb")["returned"]
    (tmp_path / returned).mkdir()
    with pytest.raises(OutputError, match=returned):
        run_demo(tmp_path, "nb")
    assert [path.name for path in tmp_path.iterdir()] == [returned]
    before = contents(run_demo(tmp_path, "nb", force=True).first.parent)
    with pytest.raises(OutputError):
        run_demo(tmp_path, "nb")
    run_demo(tmp_path, "nb", force=True)
    assert contents(tmp_path) == before


def test_the_users_own_template_is_not_overwritten(tmp_path: Path) -> None:
    own = tmp_path / "templates" / script_of("en")["template"] / catalogue.FILE
    own.parent.mkdir(parents=True)
    own.write_text("mine", "utf-8")
    with pytest.raises(OutputError):
        run_demo(tmp_path, "en")
    assert own.read_text("utf-8") == "mine"


def test_other_files_in_the_folder_are_not_changed(tmp_path: Path) -> None:
    own = tmp_path / script_of("nb")["returned"] / "Mitt eget.xlsx"
    own.parent.mkdir()
    own.write_bytes(b"mine")
    assert own.name not in {
        r.file for r in run_demo(tmp_path, "nb", force=True).result.register.returned_files
    }
    assert own.read_bytes() == b"mine"


def test_the_paths_in_the_result_exist(played: Played) -> None:
    assert all(path.exists() for path in played.demo_result.paths)
    assert played.demo_result.first in played.demo_result.paths
    assert played.demo_result.result.written == (played.demo_result.first,)


def test_file_names_are_legal_on_windows(played: Played) -> None:
    names = [part for name in contents(played.folder) for part in Path(name).parts]
    assert not [name for name in names if re.search(r'[<>:"/\\|?*]|[. ]$', name)]


# Language


def test_no_text_of_another_language_is_shown(
    played: Played,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", played.language)
    page = tmp_path / "report.html"
    assert cli.run(["demo", str(tmp_path / "demo"), "--all"]) == CLEAN
    assert cli.run(["report", str(played.demo_result.first), "-o", str(page)]) == ERRORS
    html = re.sub(
        r"<(style|script)\b.*?</\1>|<[^>]*>", " ", page.read_text("utf-8"), flags=re.DOTALL
    )
    forms = sorted((played.folder / played.script["sent"]).iterdir())
    workbooks = "\n".join(
        text for path in (played.demo_result.first, *forms) for text in visible_texts(path)
    )
    shown = {"console": capsys.readouterr().out, "page": html, "workbooks": workbooks}
    for name, text in shown.items():
        foreign = {
            w for other in LANGUAGES if other != played.language for w in TYPICAL_WORDS[other]
        }
        assert (name, words_in(text) & foreign) == (name, set())
        assert words_in(text) & TYPICAL_WORDS[played.language]


def test_quotation_marks_are_those_of_the_language(played: Played) -> None:
    marks = {"nb": "«", "nn": "«", "sv": "”", "en": "“"}[played.language]
    texts = [f.message(played.language) for f in played.demo_result.result.findings]
    assert all(
        other not in text
        for text in texts
        for other in set("«”“") - {marks, "”" if marks == "“" else ""}
    )
    assert any(marks in text for text in texts)


def test_numbers_in_remarks_follow_the_language(played: Played) -> None:
    remarks = " ".join(
        str(v)
        for slot, v in intended_report(played.language).values.items()
        if slot.field == "remark"
    )
    written, foreign = (r"\d\.\d", r"\d,\d\b") if played.language == "en" else (r"\d,\d", r"\d\.\d")
    assert re.search(written, remarks)
    assert not re.search(rf"{foreign}(?!\d)", remarks)


@pytest.mark.parametrize(
    ("locale", "language"), [("nn_NO.UTF-8", "nn"), ("sv_SE", "sv"), ("de_DE.UTF-8", "en")]
)
def test_without_lang_the_locale_decides(
    locale: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XLTILTAK_LANG", raising=False)
    monkeypatch.setenv("LC_ALL", locale)
    assert cli.run(["demo", str(tmp_path)]) == CLEAN
    assert (
        flows.read_plan(tmp_path / script_of(language)["appendix"]).report.head.language == language
    )


def test_lang_beats_the_locale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    assert cli.run(["demo", str(tmp_path), "--lang", "sv"]) == CLEAN
    appendix = tmp_path / script_of("sv")["appendix"]
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == translate("cli.demo.open", "sv", path=appendix)
    assert flows.read_plan(appendix).report.head.language == "sv"


# Commands with the files of the demonstration


@pytest.fixture
def copied(played: Played, tmp_path: Path) -> Path:
    """Return a copy of the files of a demonstration, for further commands."""
    for name, content in contents(played.folder).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_the_appendix_can_be_split_at_the_next_date(played: Played, copied: Path) -> None:
    appendix, following = copied / played.script["appendix"], date_after(played)
    words = ["split", str(appendix), "--to", str(copied / "ut"), "--date", following]
    assert cli.run([*words, "--new-date"]) == CLEAN
    forms = sorted((copied / "ut").iterdir())
    assert len(forms) == 4
    assert cli.run(["check", str(copied / "ut")]) == CLEAN


def test_the_appendix_can_be_rolled_forward(played: Played, copied: Path) -> None:
    year = played.script["date"].year + 1
    plan = copied / "next.xlsx"
    words = ["roll", str(copied / played.script["appendix"]), "-o", str(plan), "--year", str(year)]
    assert cli.run([*words, "--dates", f"{year}-08-31,{year}-12-31"]) == CLEAN
    rolled = flows.read_plan(plan).report.template.without_report()
    assert rolled == intended_report(played.language).template.without_report()


def test_merging_the_same_files_again_changes_nothing(played: Played, copied: Path) -> None:
    appendix = copied / played.script["appendix"]
    before = appendix.read_bytes()
    (sent,) = (
        path
        for path in played.demo_result.paths
        if path.stem.startswith(Path(played.script["plan"]).stem + " ")
    )
    returned = str(copied / played.script["returned"])
    cli.run(["merge", returned, "--plan", str(copied / sent.name), "-o", str(appendix)])
    assert appendix.read_bytes() == before


def test_the_table_can_be_imported_from_the_command_line(played: Played, copied: Path) -> None:
    table, plan = str(copied / played.script["table"]), copied / "plan.xlsx"
    assert (
        cli.run(["import", table, "--template", played.script["template"], "-o", str(plan)])
        == CLEAN
    )
    assert plan.read_bytes() == (copied / played.script["plan"]).read_bytes()


def date_after(played: Played) -> str:
    """Return a reporting date after the last one of the demonstration."""
    return f"{played.script['date'].year + 1}-03-31"


# The command


def test_last_line_of_the_command_names_the_file_to_open_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    folder = tmp_path / NAME
    assert cli.run(["demo", str(folder)]) == CLEAN
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == translate("cli.demo.open", "nb", path=folder / script_of("nb")["appendix"])
    assert any("V101" in line for line in lines)


def test_json_of_the_command_parses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    cli.run(["demo", str(tmp_path / NAME), "--json"])
    written, script = json.loads(capsys.readouterr().out), script_of("nb")
    assert written["total"]["measures"] == 127
    assert [Path(path).name for path in written["written"]] == [script["appendix"]]
    names = [form["file"] for form in (*script["forms"], script["printed"], script["left_open"])]
    returned = tmp_path / NAME / script["returned"]
    assert {form["path"] for form in written["files"]} == {str(returned / name) for name in names}
