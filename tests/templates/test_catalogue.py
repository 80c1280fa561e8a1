"""Test that all problems of a template are reported at once, and that templates are found."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from xltiltak.importers.import_flow import import_source
from xltiltak.model.errors import TemplateError
from xltiltak.model.field_types import KINDS
from xltiltak.model.language import LANGUAGES
from xltiltak.model.template import build
from xltiltak.templates import catalogue
from xltiltak.templates.short_form import written_out
from xltiltak.templates.template_tools import EXAMPLE

SHIPPED = catalogue.folders()
TEXT = """id = "min"
version = 1
language = "nb"
title = "Status {year}"
layout = "rows"

[[levels]]
id = "area"
label = "Område"
heading = "Området {name}"

[[levels]]
id = "measure"
label = "Tiltak"

[[fields]]
id = "name"
of = "area"
label = "Område"

[[fields]]
id = "no"
label = "Nr"
kind = "integer"
width = 5

[[fields]]
id = "name"
label = "Tiltak"

[[fields]]
id = "status"
label = "Status {date:%d%m%y}"
kind = "scale"
scale = "progress"
role = "input"
per_checkpoint = true

[[fields]]
id = "remark"
label = "Merknad"
role = "input"

[scales]
progress = [{ value = 1, label = "Nei", symbol = "○" }, { value = 2, label = "Ja" }]

[[summaries]]
level = "area"
stat = "count"

[[summaries]]
level = "area"
stat = "mean"
field = "status"
decimals = 1
"""


@pytest.fixture(autouse=True)
def _in_bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


def written(folder: Path, text: str) -> Path:
    """Return a template folder with this text."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "template.toml").write_text(text, "utf-8")
    return folder


def problems(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """Return the problems of a template after these changes, one a line."""
    text = TEXT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    with pytest.raises(TemplateError) as stopped:
        catalogue.load(written(folder / "min mal", text))
    return str(stopped.value).splitlines()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_template_is_right(name: str) -> None:
    assert catalogue.load(SHIPPED[name]).id == name


@pytest.mark.parametrize("name", SHIPPED)
def test_a_form_that_carries_a_template_gives_the_same(name: str) -> None:
    text = (SHIPPED[name] / "template.toml").read_text("utf-8")
    assert build(written_out(tomllib.loads(text), name)) == catalogue.load(SHIPPED[name])


@pytest.mark.parametrize(
    ("before", "after", "key", "allowed"),
    [
        ('kind = "scale"', 'kind = "stars"', "fields.status", ", ".join(KINDS)),
        ('kind = "integer"', 'kind = "text"\nscale = "progress"', "fields.no", "choice, scale"),
        ('scale = "progress"', 'scale = "prog"', "fields.status", "progress"),
        ("width = 5", "widht = 5", "fields.no.widht", "id, label, kind, role, of"),
        ("width = 5", 'role = "output"', "fields.no.role", "given, input"),
        ("width = 5", 'width = "bred"', "fields.no.width", "bred"),
        ("width = 5", 'required = "kanskje"', "fields.no.required", "true eller false"),
        ("width = 5", 'labels = "x"', "fields.no.labels", "tabell"),
        ("width = 5", "aliases = 5", "fields.no.aliases", "liste"),
        ("width = 5", 'only = ["x"]', "fields.no.only", "«x»"),
        ("width = 5", 'labels = { y = "Y" }', "fields.no.labels", "«y»"),
        ("Området {name}", "{nmae}", "levels.area.heading", "name"),
        ("Området {name}", "{name} {no}", "levels.area.heading", "{no}"),
        ("Området {name}", "{", "levels.area.heading", "name"),
        ("Status {date:%d%m%y}", "Status", "fields.status", "{date}"),
        (
            'label = "Nr"',
            'label = "Nr {date}"\nper_checkpoint = false',
            "fields.no",
            "per_checkpoint",
        ),
        ('of = "area"', 'of = "aera"', "fields.name.of", "area, measure"),
        ('id = "no"', 'id = "name"', "fields.name", "«name»"),
        ('id = "measure"', 'id = "area"', "levels", "«area»"),
        ('id = "measure"', 'id = "measure"\noptional = true', "levels.measure", ""),
        (
            'id = "measure"',
            'id = "measure"\ngroups = [{ id = "g", label = "G" }]',
            "levels.measure",
            "",
        ),
        ('layout = "rows"', 'layout = "brev"', "layout", "rows, cards"),
        ('language = "nb"', 'language = "no"', "language", "nb, nn, sv, en"),
        ('language = "nb"', "", "language", ""),
        ("{year}", "{aar}", "title", "date, label, name, no, year"),
        ('stat = "mean"', 'stat = "median"', "summaries.1.stat", "mean"),
        ('field = "status"', 'field = "remark"', "summaries.1.field", "no, status"),
        (
            'level = "area"\nstat = "count"',
            'level = "x"\nstat = "count"',
            "summaries.0.level",
            "area, measure",
        ),
        ('label = "Nei"', 'name = "Nei"', "scales.progress.0.label", ""),
        ('symbol = "○"', 'symbl = "○"', "scales.progress.0.symbl", "value, label, aliases"),
    ],
)
def test_each_problem_is_named_with_file_key_and_what_is_allowed(
    tmp_path: Path, before: str, after: str, key: str, allowed: str
) -> None:
    lines = problems(tmp_path, (before, after))
    assert any(
        line.startswith(f"min mal/template.toml: {key}: ") and allowed in line for line in lines
    ), lines


def test_all_problems_of_shape_are_said_at_once(tmp_path: Path) -> None:
    lines = problems(
        tmp_path,
        ("width = 5", "widht = 5"),
        ('role = "input"', 'role = "output"'),
        ("version = 1", 'version = "en"'),
    )
    assert "3" in lines[0]
    assert {line.split(": ")[1] for line in lines[1:]} == {
        "fields.no.widht",
        "fields.status.role",
        "version",
    }


def test_all_problems_of_reference_are_said_at_once(tmp_path: Path) -> None:
    lines = problems(
        tmp_path,
        ('kind = "scale"', 'kind = "stars"'),
        ("Området {name}", "{nmae}"),
        ("{year}", "{aar}"),
    )
    keys = {line.split(": ")[1] for line in lines[1:]}
    assert keys >= {"fields.status", "levels.area.heading", "title"}
    assert f"{len(lines) - 1}" in lines[0]


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_a_template_with_three_mistakes_is_told_in_every_language(
    tmp_path: Path, spoken: str
) -> None:
    text = (
        TEXT.replace("width = 5", "widht = 5")
        .replace('title = "Status {year}"\n', "")
        .replace('"rows"', '"brev"')
    )
    with pytest.raises(TemplateError) as stopped:
        catalogue.load(written(tmp_path / "m", text))
    lines = stopped.value.message(spoken).splitlines()
    assert len(lines) == 4
    assert all("{" not in line for line in lines)


@pytest.mark.parametrize("text", ["id = ", "\x00", "= 1", 'id = "a"\nid = "b"'])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(TemplateError, match=r"m/template\.toml: -: "):
        catalogue.load(written(tmp_path / "m", text))


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "template.toml").write_bytes(b"title = 'M\x81ned'")
    with pytest.raises(TemplateError, match=r"template\.toml: -: "):
        catalogue.load(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "levels = []\nfields = []", 'levels = "x"', "levels = [1]\nfields = [2]"]
)
def test_a_template_that_is_hardly_one_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(TemplateError):
        catalogue.load(written(tmp_path / "m", text))


def test_a_template_without_levels_is_refused(tmp_path: Path) -> None:
    text = 'id = "x"\nversion = 1\nlanguage = "nb"\ntitle = "T"\nlevels = []\nfields = []\n'
    with pytest.raises(TemplateError, match=r"template\.toml: levels: "):
        catalogue.load(written(tmp_path / "m", text))


def test_a_template_is_found_by_its_path(tmp_path: Path) -> None:
    folder = written(tmp_path / "Mål og midler", TEXT)
    assert catalogue.find(str(folder)).id == "min"


def test_a_template_beside_the_plan_is_found_before_the_shipped_one(tmp_path: Path) -> None:
    written(tmp_path / "templates" / "tiltaksstatus", TEXT)
    assert catalogue.find("tiltaksstatus", tmp_path).id == "min"
    assert catalogue.find("tiltaksstatus").id == "tiltaksstatus"
    assert set(catalogue.folders(tmp_path)) == set(SHIPPED)


def test_folders_without_a_template_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "templates" / "tom").mkdir(parents=True)
    (tmp_path / "templates" / "fil.txt").write_text("x", "utf-8")
    assert catalogue.folders(tmp_path) == SHIPPED


def test_an_unknown_template_is_named_with_all_there_are(tmp_path: Path) -> None:
    written(tmp_path / "templates" / "egen", TEXT)
    with pytest.raises(TemplateError) as stopped:
        catalogue.find("tiltakstatus", tmp_path)
    assert "«tiltakstatus»" in str(stopped.value)
    assert all(name in str(stopped.value) for name in ("egen", *SHIPPED))


def test_a_shipped_template_can_be_copied_and_used(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED["tiltaksstatus"], tmp_path / "kopi")
    assert catalogue.find(str(tmp_path / "kopi")) == catalogue.find("tiltaksstatus")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_template_says_what_it_is_for_in_every_language(name: str) -> None:
    texts = {catalogue.load_described(SHIPPED[name], each).description for each in LANGUAGES}
    assert len(texts) == len(LANGUAGES)
    assert all(text.endswith(".") for text in texts)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ('{ nb = "Status.", de = "Stand." }', "description.de"),
        ('{ sv = "Läge." }', "description.nb"),
        ('{ nb = "Status.", en = 4 }', "description.en"),
        ('{ nb = "Status.", en = "a\\u0007" }', "description.en"),
        ("4", "description"),
    ],
)
def test_a_description_in_languages_that_are_none_is_refused(
    written: str, key: str, tmp_path: Path
) -> None:
    text = (SHIPPED["tiltaksstatus"] / catalogue.FILE).read_text("utf-8")
    file = tmp_path / "status" / catalogue.FILE
    file.parent.mkdir()
    file.write_text(f"description = {written}\n{text.partition('[description]')[0]}", "utf-8")
    with pytest.raises(TemplateError) as stopped:
        catalogue.load(file.parent)
    assert [where for _, where, _ in stopped.value.problems] == [key]


def test_a_number_that_no_workbook_holds_is_refused_wherever_it_stands(tmp_path: Path) -> None:
    text = (SHIPPED["internkontroll"] / catalogue.FILE).read_text("utf-8")
    file = tmp_path / "risker" / catalogue.FILE
    file.parent.mkdir()
    file.write_text(text.replace("at_least = 9", "at_least = 1000000000000"), "utf-8")
    with pytest.raises(TemplateError) as stopped:
        catalogue.load(file.parent)
    assert [where for _, where, _ in stopped.value.problems] == [
        "fields.åtgärd.required_when.at_least"
    ]


@pytest.mark.parametrize("language", ['["nb"]', "{}", "4"])
def test_a_description_of_a_template_without_a_language_is_no_crash(
    language: str, tmp_path: Path
) -> None:
    text = (SHIPPED["tiltaksstatus"] / catalogue.FILE).read_text("utf-8")
    file = tmp_path / "status" / catalogue.FILE
    file.parent.mkdir()
    file.write_text(text.replace('language = "nb"', f"language = {language}"), "utf-8")
    with pytest.raises(TemplateError) as stopped:
        catalogue.load(file.parent)
    assert "language" in [where for _, where, _ in stopped.value.problems]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_example_of_a_shipped_template_is_imported_without_a_finding(name: str) -> None:
    imported = import_source(SHIPPED[name] / EXAMPLE, catalogue.load(SHIPPED[name]))
    assert [finding.message("en") for finding in imported.findings] == []
    report = imported.report
    assert not [slot for slot in report.values if slot.date == report.head.dates[-1]]
