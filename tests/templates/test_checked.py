"""Test that a template that passes the check never fails later, and what the check tells."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.templates.mutations import mutated
from tests.templates.test_catalogue import TEXT, written
from xltiltak.cli import main as cli
from xltiltak.demo.template_trial import check_and_try, trial_report, try_template
from xltiltak.model.colours import (
    BLACK,
    DARK,
    LEAST_CONTRAST,
    WHITE,
    contrast,
    ink_on,
    named_colour,
)
from xltiltak.model.field_types import ChoiceType, ScaleType
from xltiltak.model.language import LANGUAGES
from xltiltak.model.readings import repair
from xltiltak.model.register import Register
from xltiltak.model.template import Step, Template
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.publishing.publication import FORMATS
from xltiltak.templates import catalogue
from xltiltak.templates.template_rules import check_template_rules

SHIPPED = catalogue.folders()
EXAMPLES = Path(__file__).parents[1] / "example_templates"
FOLDERS = [*SHIPPED.values(), *sorted(EXAMPLES.iterdir())]
FILES = {path.name: tomllib.loads((path / catalogue.FILE).read_text("utf-8")) for path in FOLDERS}
MUTATIONS = int(os.environ.get("XLTILTAK_MUTATIONS", "2000"))
EVERY_FORMAT = 40  # of so many mutations one is built in every format, which takes seconds


def keys(folder: Path, *changes: tuple[str, str]) -> dict[str, str]:
    """Return the problems of a template after these changes: text by key."""
    text = TEXT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    checked = check_and_try(str(written(folder / "min", text)))
    return {key: problem.message("en") for _, key, problem in checked.problems}


@pytest.mark.parametrize(
    ("before", "after", "key", "said"),
    [
        ('symbol = "○"', 'fill = "rødt"', "scales.progress.1.fill", "#RRGGBB"),
        ('symbol = "○"', 'fill = "#FFF"', "scales.progress.1.fill", "#RRGGBB"),
        ('symbol = "○"', 'fill = "gul", ink = "hvit"', "scales.progress.1.ink", "4.5:1"),
        ('symbol = "○"', 'symbol = "\\u0007"', "scales.progress.1.symbol", "U+0007"),
        ('label = "Nei"', 'label = " "', "scales.progress.1.label", "empty"),
        ("value = 1,", 'value = "to",', "scales.progress.to.value", "whole number"),
        ("width = 5", 'width = "20"', "fields.no.width", '"20" has the wrong type'),
        ("width = 5", "width = -3", "fields.no.width", "1–254"),
        ("width = 5", "width = 255", "fields.no.width", "1–254"),
        ('symbol = "○"', f'symbol = "{"x" * 21}"', "scales.progress.1.symbol", "At most 20"),
        ("width = 5", "width = true", "fields.no.width", "whole number"),
        ("width = 5", "width = 5.0", "fields.no.width", "whole number"),
        ("version = 1", "version = 10000000000", "version", "0–1000000000"),
        ("decimals = 1", "decimals = 12", "summaries.1.decimals", "0–9"),
        ('id = "remark"', f'id = "{"r" * 101}"', f"fields.{'r' * 101}.id", "At most 100"),
        ("width = 5", 'unit = "1 000 kr"', "fields.no", "no digits"),
        ("width = 5", 'unit = "\'\\"kr"', "fields.no", "quotation"),
        ('kind = "integer"', 'unit = "kr"\nkind = "text"', "fields.no", "only integer"),
        ("{date:%d%m%y}", "{date:%%}", "fields.status.label", "not known again"),
        ("{date:%d%m%y}", "{date:%q}", "fields.status.label", "not known again"),
    ],
)
def test_what_would_fail_later_is_told_with_its_key(
    tmp_path: Path, before: str, after: str, key: str, said: str
) -> None:
    assert keys(tmp_path) == {}
    found = keys(tmp_path, (before, after))
    assert said in found.get(key, ""), found


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    found = keys(
        tmp_path,
        ('symbol = "○"', 'fill = "rødt"'),
        ('label = "Ja"', 'label = "Ja", fill = "gul", ink = "hvit"'),
        ("width = 5", "width = 0"),
    )
    assert set(found) == {"scales.progress.1.fill"}  # a reference is told before a bound
    found = keys(
        tmp_path,
        ('label = "Ja"', 'label = "Ja", fill = "gul", ink = "hvit"'),
        ("width = 5", "width = 0"),
        ("decimals = 1", "decimals = 12"),
    )
    assert set(found) == {"scales.progress.2.ink", "fields.no.width", "summaries.1.decimals"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_is_told_in_every_language(tmp_path: Path, language: str) -> None:
    text = TEXT.replace("width = 5", 'width = "20"').replace('layout = "rows"', "layout = 1")
    text = text.replace('role = "input"', 'role = "ut"', 1).replace('"Ja" }]', "3 }]")
    checked = check_and_try(str(written(tmp_path / "min", text)))
    said = [problem.message(language) for _, _, problem in checked.problems]
    assert len(said) == 4
    assert all("{" not in text and "Input should" not in text for text in said)
    if language != "en":
        assert not [text for text in said if " or " in text or "should" in text]


# The file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_file_saved_by_notepad_is_read(tmp_path: Path, encoding: str) -> None:
    folder = written(tmp_path / "min", TEXT)
    (folder / catalogue.FILE).write_bytes(TEXT.replace("○", "o").encode(encoding))
    checked = check_and_try(str(folder))
    assert checked.template is not None
    assert checked.template.levels[0].heading == "Området {name}"


def test_a_forgotten_quotation_mark_is_told_with_its_line_and_key(tmp_path: Path) -> None:
    broken = TEXT.replace('label = "Merknad"', 'label = "Merknad')
    line = broken.splitlines().index('label = "Merknad') + 1
    ((file, key, problem),) = check_and_try(str(written(tmp_path / "min", broken))).problems
    assert (file, key) == ("min/template.toml", "label")
    assert f"line {line}: label = “Merknad" in problem.message("en").replace('"', "“")


@pytest.mark.parametrize("how", ["name", "folder", "file"])
def test_a_template_is_checked_by_name_folder_or_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = written(tmp_path / "templates" / "min", TEXT)
    name = {"name": "min", "folder": str(folder), "file": str(folder / catalogue.FILE)}[how]
    assert cli.run(["template", "check", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["template"]["id"] == "min"


# Colours


@pytest.mark.parametrize(
    ("name", "fill"),
    [("rød", "#C00000"), ("Röd", "#C00000"), ("raud", "#C00000"), ("red", "#C00000")],
)
def test_a_colour_may_be_named_in_every_language(name: str, fill: str) -> None:
    assert named_colour(name) == fill
    assert named_colour("rødt") == "rødt"


@pytest.mark.parametrize(
    ("fill", "ink"),
    [
        ("#FFFFFF", DARK),
        ("#000000", WHITE),
        ("#C00000", WHITE),
        ("#FFD966", DARK),
        ("#808080", BLACK),
    ],
)
def test_the_ink_is_worked_out_from_the_fill(tmp_path: Path, fill: str, ink: str) -> None:
    folder = written(tmp_path / "min", TEXT.replace('symbol = "○"', f'fill = "{fill}"'))
    assert catalogue.load(folder).scales["progress"][0].ink == ink_on(fill) == ink


@pytest.mark.parametrize("grey", range(0, 256, 5))
def test_black_or_white_is_readable_on_every_fill(grey: int) -> None:
    for fill in (f"#{grey:02X}" + "7F40", f"#40{grey:02X}C0", "#" + f"{grey:02X}" * 3):
        assert contrast(ink_on(fill), fill) >= LEAST_CONTRAST


# Aliases


STEPS = (Step(1, "Ikke begynt", aliases=("nei",)), Step(2, "Ferdig", aliases=("ok", "Utført")))


@pytest.mark.parametrize(
    ("cell", "value", "is_noted"),
    [
        ("ok", 2, False),
        (" OK ", 2, False),
        ("utført", 2, False),
        ("Utfort", 2, True),
        ("3", None, False),
    ],
)
@pytest.mark.parametrize("kind", [ScaleType, ChoiceType])
def test_an_alias_of_the_template_gives_no_note(
    kind: type[ScaleType | ChoiceType], cell: str, value: int | None, *, is_noted: bool
) -> None:
    field_type = kind(STEPS)
    reading = field_type.parse([cell], "nb")
    assert reading.value == value
    assert bool(repair(field_type, [cell], reading, "nb")) == is_noted


# The law


def checked(data: dict[str, Any], name: str) -> tuple[Template | None, list[Any]]:
    """Return the template of a file's data as the check sees it, and its problems before trying."""
    template, problems = catalogue.validate_file(data, name)
    assert all(problem.message("nb") for _, problem in problems)
    return template, problems


def broken(seeds: range) -> Iterator[str]:
    """Yield the mutations that pass the first check and do not build."""
    for seed in seeds:
        random = Random(seed)
        name = random.choice(list(FILES))
        change, changed = mutated(FILES[name], random)
        template, problems = checked(changed, name)
        if template is None or problems:
            continue
        list(check_template_rules(template, "template.toml", name))
        formats = tuple(FORMATS) if seed % EVERY_FORMAT == 0 else ()
        told = [(key, str(found)) for key, found in try_template(template, formats)]
        yield from [f"{seed} {name}{change}: {told}"] if told else []


def test_a_few_hundred_mutations_are_refused_or_build() -> None:
    # What only the trial finds is named by it: labels with dates that cannot be known again.
    assert not [one for one in broken(range(200)) if "'-'" in one]


def test_a_level_of_cards_needs_no_heading() -> None:
    plain = catalogue.find("programstatus")
    levels = tuple(replace(v, heading="") if v.id == "category" else v for v in plain.levels)
    assert not try_template(replace(plain, levels=levels), ())


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, MUTATIONS, 500))
def test_thousands_of_mutations_are_refused_or_build(first: int) -> None:
    assert not [one for one in broken(range(first, first + 500)) if "'-'" in one]


def test_a_trial_that_loses_a_value_or_stops_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    template = catalogue.load(SHIPPED["tiltaksstatus"])
    assert len(trial_report(template).values) > 2 * len(template.fields)

    def stopped(*_: object) -> bytes:
        raise ZeroDivisionError

    def forgetful(content: bytes) -> Register:
        report = read_appendix(content).report
        kept = {slot: value for slot, value in report.values.items() if slot.field != "remark"}
        return Register(report.with_same_nodes(values=kept))

    with monkeypatch.context() as patched:
        patched.setattr("xltiltak.demo.template_trial.read_appendix", forgetful)
        assert [(key, problem.key) for key, problem in try_template(template, ())] == [
            ("fields.remark", "trial_lost")
        ]
    with monkeypatch.context() as patched:
        patched.setattr("xltiltak.demo.template_trial.write_appendix", stopped)
        ((key, problem),) = try_template(template, ())
        assert (key, problem.key) == ("-", "trial_plan")
        assert "ZeroDivisionError" in problem.message("en")
