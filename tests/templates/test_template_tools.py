"""Test the way from a copy of a template to its first form, and the findings of its author."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests import small
from tests.templates.test_catalogue import TEXT, written
from xltiltak import flows
from xltiltak.cli import main as cli
from xltiltak.merging.registry import RULES
from xltiltak.model.errors import OutputError, PlanError, TemplateError
from xltiltak.model.finding import CODES
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.templates import catalogue, template_tools

SHIPPED = catalogue.folders()


class Said(NamedTuple):
    """How a command ended, and what it said where."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run one command in an empty folder, in bokmål."""
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)

    def running(*words: object) -> Said:
        capsys.readouterr()
        code = cli.run([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return running


def warned(folder: Path, *changes: tuple[str, str]) -> list[tuple[str, str]]:
    """Return code and key of the warnings about a template after these changes."""
    text = TEXT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    checked = template_tools.check_template(written(folder / "min", text))
    assert not checked.problems
    return [(finding.code, finding.what) for finding in checked.findings]


# A new template


@pytest.mark.parametrize("name", SHIPPED)
def test_a_new_template_is_the_old_one_with_its_own_id(run: Run, tmp_path: Path, name: str) -> None:
    said = run("template", "new", "egen-1", "--from", name)
    made = Path("templates") / "egen-1"
    assert (said.code, said.err) == (0, "")
    assert str(made / "template.toml") in said.out
    assert f"xltiltak template check {made}" in said.out
    before, after = (folder / "template.toml" for folder in (SHIPPED[name], tmp_path / made))
    assert after.read_text("utf-8") == before.read_text("utf-8").replace(
        f'id = "{name}"', 'id = "egen-1"', 1
    )
    assert [path.name for path in (tmp_path / made).iterdir()] == ["template.toml"]
    assert run("template", "check", made).code == 0


def test_a_new_template_can_be_put_elsewhere_and_copied_from_a_path(
    run: Run, tmp_path: Path
) -> None:
    source = written(tmp_path / "min mal", f"# Mitt\n{TEXT}")
    (source / "brev.docx").write_bytes(b"x")
    said = run("template", "new", "ny", "--from", source, "--to", tmp_path / "her", "--json")
    assert json.loads(said.out) == {
        "schema": 1,
        "written": [str(tmp_path / "her" / "ny" / "template.toml")],
    }
    assert catalogue.load(tmp_path / "her" / "ny").id == "ny"
    assert (tmp_path / "her" / "ny" / "template.toml").read_text("utf-8").startswith("# Mitt\n")
    assert (tmp_path / "her" / "ny" / "brev.docx").read_bytes() == b"x"


def test_a_folder_that_is_there_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "templates" / "ny").mkdir(parents=True)
    said = run("template", "new", "ny", "--from", "tiltaksstatus")
    assert (said.code, said.out) == (3, "")
    assert said.err.strip() == translate("error.folder_exists", "nb", folder=Path("templates/ny"))
    assert not list((tmp_path / "templates" / "ny").iterdir())


@pytest.mark.parametrize("name", ["", "..", "a/b", "min mal", "-x", "a|b"])
def test_a_name_that_cannot_be_an_id_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TemplateError, match="id"):
        template_tools.copy_template(name, "tiltaksstatus", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_new_template_needs_one_to_be_like(run: Run, tmp_path: Path) -> None:
    said = run("template", "new", "ny", "--from", "finnesikke")
    assert said.code == 3
    assert all(name in said.err for name in SHIPPED)
    assert not list(tmp_path.iterdir())
    with pytest.raises(TemplateError):
        template_tools.copy_template("ny", str(written(tmp_path / "gal", "levels = []")), tmp_path)


# What is told of one


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_template_gives_no_warning(run: Run, name: str) -> None:
    said = run("template", "check", SHIPPED[name])
    template = catalogue.load(SHIPPED[name])
    assert said.code == 0
    assert translate("cli.no_findings", "nb") in said.out
    last = said.out.splitlines()[-1]
    assert all(
        word in last
        for word in (name, *(level.label for level in template.levels), *template.scales)
    )
    assert f" {len(template.fields)}." in last


def test_every_problem_is_said_with_file_and_key(run: Run, tmp_path: Path) -> None:
    folder = written(
        tmp_path / "min", TEXT.replace("width = 5", "widht = 5").replace('"rows"', '"brev"')
    )
    said = run("template", "check", folder)
    assert (said.code, said.err) == (1, "")
    assert "min/template.toml: fields.no.widht: " in said.out
    assert "min/template.toml: layout: " in said.out
    result = json.loads(run("template", "check", folder, "--json").out)
    assert (result["template"], result["findings"]) == (None, [])
    assert {problem["key"] for problem in result["problems"]} == {"fields.no.widht", "layout"}
    assert {problem["file"] for problem in result["problems"]} == {"min/template.toml"}


def test_what_a_template_holds_is_told_as_json(run: Run) -> None:
    result = json.loads(run("template", "check", SHIPPED["tiltaksstatus"], "--json").out)
    assert result["problems"] == result["findings"] == []
    assert result["template"] == {
        "id": "tiltaksstatus",
        "version": 2,
        "levels": ["Kommunalområde", "Tiltak"],
        "fields": 5,
        "scales": ["progress"],
    }


def test_a_folder_without_a_template_is_named(run: Run, tmp_path: Path) -> None:
    said = run("template", "check", tmp_path)
    assert said.code == 3
    assert str(tmp_path) in said.err
    with pytest.raises(PlanError):
        template_tools.check_template(tmp_path / "borte")


@pytest.mark.parametrize(
    ("code", "key", "before", "after"),
    [
        ("T101", "scales.left", "[scales]", '[scales]\nleft = [{ value = 1, label = "En" }]'),
        ("T104", "scales.progress", 'label = "Ja"', 'label = "nei"'),
        ("T104", "scales.progress", 'label = "Ja"', 'label = "Ja", aliases = ["NEI "]'),
        ("T105", "fields.*.width", "width = 5", "width = 150"),
        ("T106", "levels.area.heading", "Området {name}", "Området {{x}} {name}"),
        ("T107", "id", 'id = "min"', 'id = "din"'),
    ],
)
def test_what_an_author_should_hear(
    tmp_path: Path, code: str, key: str, before: str, after: str
) -> None:
    assert warned(tmp_path) == []
    assert warned(tmp_path, (before, after)) == [(code, key)]


def test_groups_of_one_name_cannot_be_told_apart(tmp_path: Path) -> None:
    groups = '[{ id = "a", label = "Lek" }, { id = "b", label = "lek" }]'
    level = (
        f'[[levels]]\nid = "group"\nlabel = "Gruppe"\nheading = "{{name}}"\ngroups = {groups}\n\n'
    )
    change = ('[[levels]]\nid = "measure"', f'{level}[[levels]]\nid = "measure"')
    assert warned(tmp_path, change) == [("T106", "levels.group.heading")]


@pytest.mark.parametrize("kind", ["text", "integer", "decimal", "date", "paragraphs", "bullets"])
def test_a_heading_around_any_kind_reads_back(tmp_path: Path, kind: str) -> None:
    before = 'id = "name"\nof = "area"\nlabel = "Område"'
    assert warned(tmp_path, (before, f'{before}\nkind = "{kind}"')) == []


def test_warnings_are_printed_and_are_no_errors(run: Run, tmp_path: Path) -> None:
    folder = written(tmp_path / "din", TEXT)
    said = run("template", "check", folder)
    assert said.code == 0
    assert "T107" in said.out
    assert "din/template.toml · id" in said.out
    result = json.loads(run("template", "check", folder, "--json").out)
    assert [(f["code"], f["severity"]) for f in result["findings"]] == [("T107", "warning")]


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_warnings_are_told_in_every_language(tmp_path: Path, spoken: str) -> None:
    (finding,) = template_tools.check_template(written(tmp_path / "din", TEXT)).findings
    assert "{" not in finding.sentence(spoken)
    assert "din" in finding.message(spoken)


def test_every_code_for_authors_has_its_rule() -> None:
    assert {code for code in CODES if code.startswith("T")} == {
        code for code in RULES if code.startswith("T")
    }


# An empty plan


def test_an_empty_plan_is_made_of_a_template_of_ones_own(run: Run, tmp_path: Path) -> None:
    run("template", "new", "egen", "--from", "tiltaksstatus")
    said = run("template", "plan", "egen", "-o", "plan.xlsx", "--areas", "4")
    assert (said.code, said.err) == (0, "")
    report = flows.read_plan(tmp_path / "plan.xlsx").report
    assert (report.template.id, len(report.area_refs)) == ("egen", 4)
    assert run("template", "plan", "egen", "-o", "plan.xlsx").code == 3
    assert json.loads(run("template", "plan", "egen", "-o", "plan.xlsx", "--force", "--json").out)[
        "written"
    ]
    done = run("split", "plan.xlsx", "--to", "ut", "--date", "2026-12-31")
    assert (done.code, "ingenting å svare på" in done.err) == (3, True)  # it has no measures yet


# Where it is looked for


def titled(folder: Path, title: str) -> Path:
    """Return a copy of the template with statuses, with another description."""
    shutil.copytree(SHIPPED["tiltaksstatus"], folder)
    file = folder / "template.toml"
    lines = [
        f'nb = "{title}"' if line.startswith("nb = ") else line
        for line in file.read_text("utf-8").splitlines()
    ]
    file.write_text("\n".join(lines), "utf-8")
    return folder


def test_a_path_comes_before_the_folder_beside_and_that_before_the_shipped(
    run: Run, tmp_path: Path
) -> None:
    here = tmp_path / "her"
    here.mkdir()
    source = small.source(here)

    def used(name: object) -> str:
        plan = here / "plan.xlsx"
        assert run("import", source, "-o", plan, "--template", name, "--force").code == 0
        return flows.read_plan(plan).report.template.description

    assert used("tiltaksstatus") == catalogue.find("tiltaksstatus").description
    titled(here / "templates" / "tiltaksstatus", "ved siden av")
    assert used("tiltaksstatus") == "ved siden av"
    titled(tmp_path / "tiltaksstatus", "en sti")
    assert used("tiltaksstatus") == "en sti"  # the folder one stands in is a path too
    assert used(here / "templates" / "tiltaksstatus") == "ved siden av"


def test_a_form_is_checked_and_merged_where_the_template_is_not(run: Run, tmp_path: Path) -> None:
    source = small.source(tmp_path)
    run("template", "new", "egen", "--from", "tiltaksstatus")
    run("import", source, "-o", "plan.xlsx", "--template", "egen")
    run("split", "plan.xlsx", "--to", "ut", "--date", "2020-12-31")
    shutil.rmtree(tmp_path / "templates")
    form = tmp_path / "ut" / "Oppvekst – 2020-12-31.xlsx"
    form.write_bytes(small.filled(form.read_bytes(), {"OPP-001": 4}))
    assert run("import", source, "-o", "ny.xlsx", "--template", "egen").code == 3
    assert json.loads(run("check", form, "--json").out)["report"]["template"] == "egen"
    assert (
        run("merge", "ut", "--plan", "plan sendt 2020-12-31.xlsx", "-o", "vedlegg.xlsx").code == 0
    )
    assert 4 in flows.read_plan(tmp_path / "vedlegg.xlsx").report.values.values()


def test_a_template_that_is_wrong_does_not_hide_the_others(run: Run, tmp_path: Path) -> None:
    written(
        tmp_path / "templates" / "halvferdig", TEXT.replace('layout = "rows"', 'layout = "rader"')
    )
    (tmp_path / "templates" / "ødelagt").mkdir()
    (tmp_path / "templates" / "ødelagt" / "template.toml").write_bytes(b"id = \xff")
    said = run("templates")
    assert said.code == 1
    assert {line.split()[0] for line in said.out.splitlines()} == set(SHIPPED)
    assert "halvferdig/template.toml: layout" in said.err
    assert "ødelagt/template.toml" in said.err
    result = json.loads(run("templates", "--json").out)
    assert {template["id"] for template in result["templates"]} == set(SHIPPED)
    assert {problem["file"] for problem in result["problems"]} == {
        "halvferdig/template.toml",
        "ødelagt/template.toml",
    }


# Another version of it


@pytest.fixture
def rounds(run: Run, tmp_path: Path) -> Path:
    """Return a folder with a plan of version 2 and its forms, in `gammel` those of version 1."""
    source = small.source(tmp_path)
    run("template", "new", "egen", "--from", "tiltaksstatus")
    file = tmp_path / "templates" / "egen" / "template.toml"
    for folder, version in (("gammel", 1), ("ny", 2)):
        text = file.read_text("utf-8")
        text = re.sub(r"^version = \d+", f"version = {version}", text, flags=re.MULTILINE)
        file.write_text(text, "utf-8")
        run("import", source, "-o", f"{folder}.xlsx", "--template", "egen")
        run("split", f"{folder}.xlsx", "--to", folder, "--date", "2020-12-31")
    return tmp_path


def findings(said: Said) -> list[dict[str, Any]]:
    """Return the findings in the JSON of a command."""
    found: list[dict[str, Any]] = json.loads(said.out)["findings"]
    return found


def test_a_form_of_another_version_is_told_with_both_and_what_it_says(
    run: Run, rounds: Path
) -> None:
    form = rounds / "gammel" / "Oppvekst – 2020-12-31.xlsx"
    form.write_bytes(small.filled(form.read_bytes(), {"OPP-001": 4}))
    said = run("merge", form, "--plan", "ny sendt 2020-12-31.xlsx", "-o", "vedlegg.xlsx", "--json")
    (finding,) = [finding for finding in findings(said) if finding["code"] == "F004"]
    assert (said.code, finding["file"]) == (1, form.name)
    assert {key: finding["values"][key] for key in ("met", "version", "template")} == {
        "met": "1",
        "version": "2",
        "template": "egen",
    }
    assert "versjon 1" in finding["message"]
    assert "versjon 2" in finding["message"]
    assert " 4" in finding["values"]["value"]
    report = flows.read_plan(rounds / "vedlegg.xlsx").report
    assert 4 not in report.values.values()


def test_without_a_plan_forms_of_two_versions_make_no_report_together(
    run: Run, rounds: Path
) -> None:
    forms = [
        rounds / "gammel" / "Oppvekst – 2020-12-31.xlsx",
        rounds / "ny" / "Teknikk – 2020-12-31.xlsx",
    ]
    assert [
        f["code"] for f in findings(run("check", *forms, "--json")) if f["severity"] == "error"
    ] == ["F004"]


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_the_reason_is_told_in_every_language(rounds: Path, spoken: str) -> None:
    done = flows.check([rounds / "gammel"], plan=rounds / "ny sendt 2020-12-31.xlsx")
    messages = [finding.message(spoken) for finding in done.findings if finding.code == "F004"]
    assert len(messages) == 2
    assert all("{" not in text and "1" in text and "2" in text for text in messages)


def test_the_error_of_a_folder_that_exists_is_one_of_output(tmp_path: Path) -> None:
    (tmp_path / "ny").mkdir()
    with pytest.raises(OutputError):
        template_tools.copy_template("ny", "tiltaksstatus", tmp_path)
