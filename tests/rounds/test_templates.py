"""Test that the laws hold for any template, whatever names it uses; no code knows a template."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.reports import reports
from tests.rounds.test_laws import Every, run_law
from xltiltak.model.template import Template
from xltiltak.templates import catalogue

ONLY_A_FOLDER = Path(__file__).parents[1] / "example_templates"
SHIPPED = catalogue.folders()
_FIXED_IDS = {"name", "no"}  # the fields of a heading have these ids in every template
_LETTERS = "abcdefghijklmnopqrstuvwyzæøå"  # without x: openpyxl does not decode _x000D_


def renamed(template: Template, random: Random) -> Template:
    """Return the template with another name for every id, label, word and group."""
    data, words = asdict(template), _Words(random)
    for level in data["levels"]:
        level |= {
            "id": words.id(level["id"]),
            "label": words.text(),
            "heading": words.heading(level["heading"]),
        }
        level["groups"] = [
            {"id": words.id(g["id"]), "label": words.text(), "aliases": [words.text()]}
            for g in level["groups"]
        ]
    for field in data["fields"]:
        named = {key: field[key] for key in ("id", "of", "scale", "bands") if field[key]}
        field |= {
            **_renamed_references(field, words),
            **{key: words.id(name) for key, name in named.items()},
            "label": words.label(field["label"]),
            "aliases": [words.text() for _ in field["aliases"]],
        }
        field["only"] = [words.id(group) for group in field["only"]]
        field["labels"] = {
            words.id(group): words.label(label) for group, label in field["labels"].items()
        }
    data["scales"] = {
        words.id(name): [words.step(s) for s in steps] for name, steps in data["scales"].items()
    }
    for summary in data["summaries"]:
        summary |= {key: words.id(summary[key]) for key in ("level", "field") if summary[key]}
    data |= {
        "id": words.id(data["id"]),
        "title": f"{words.text()} {{year}}",
        "description": words.text(),
    }
    new_template, problems = catalogue.validate(data)
    assert new_template is not None, problems
    assert not problems
    return new_template


def _renamed_references(field: dict[str, Any], words: _Words) -> dict[str, Any]:
    """Return what a field says of others, with their new names; numbers and operators stay."""

    def renamed_id(value: Any) -> Any:
        return words.id(value) if isinstance(value, str) and value else value

    found: dict[str, Any] = {}
    if field["compute"]:
        one, operator, other = field["compute"]
        found["compute"] = [renamed_id(one), operator, renamed_id(other)]
    if compare := field["compare"]:
        operands = {key: renamed_id(compare[key]) for key in ("value", "target", "accept")}
        found["compare"] = {**compare, **operands}
    if when := field["required_when"]:
        values = [renamed_id(value) for value in when["values"]]
        found["required_when"] = {**when, "field": words.id(when["field"]), "values": values}
    return found


class _Words:
    """Invent words, the same one for the same id."""

    def __init__(self, random: Random) -> None:
        self.random, self.new_ids = random, {name: name for name in _FIXED_IDS}

    def id(self, name: str) -> str:
        """Return the new name of an id."""
        return self.new_ids.setdefault(name, f"{self.text().replace(' ', '_')}{len(self.new_ids)}")

    def text(self) -> str:
        """Return one or two new words."""
        words = (
            "".join(self.random.choices(_LETTERS, k=self.random.randint(3, 9)))
            for _ in range(self.random.randint(1, 2))
        )
        return " ".join(words)

    def label(self, label: str) -> str:
        """Return a new label with the placeholders of the old one."""
        return " ".join([self.text(), *re.findall(r"\{.*?\}", label)])

    def heading(self, heading: str) -> str:
        """Return a new heading with the placeholders of the old one; an empty one stays empty."""
        return self.label(heading) if heading else ""

    def step(self, step: dict[str, Any]) -> dict[str, Any]:
        """Return a step with its number and new words."""
        value = step["value"] if isinstance(step["value"], int) else self.id(step["value"])
        return {
            **step,
            "value": value,
            "label": self.text(),
            "aliases": [self.text() for _ in step["aliases"]],
        }


FOLDERS = {path.name: path for path in sorted(ONLY_A_FOLDER.iterdir())}
TEMPLATES: dict[str, Callable[[], Template]] = {
    **{name: lambda folder=folder: catalogue.load(folder) for name, folder in FOLDERS.items()},  # type: ignore[misc]
    **{
        f"{name} renamed": lambda name=name: renamed(catalogue.find(name), Random(name))  # type: ignore[misc]
        for name in SHIPPED
    },
}


@pytest.fixture(params=TEMPLATES)
def every(request: pytest.FixtureRequest) -> Every:
    """Return a function that checks a law for a few reports of one template, with an open date."""
    template = TEMPLATES[request.param]()
    return lambda law: run_law(law, reports(template, opened=True), 2)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_renamed_template_has_no_name_of_the_old_one(name: str) -> None:
    before, after = catalogue.find(name), renamed(catalogue.find(name), Random(name))
    assert not _names(before) & _names(after)
    assert [field.kind for field in after.fields] == [field.kind for field in before.fields]


def _names(template: Template) -> set[str]:
    """Return the ids, labels and headings of a template, without those that all templates have."""
    labels = [
        *(level.label for level in template.levels),
        *(field.label for field in template.fields),
    ]
    ids = [*(level.id for level in template.levels), *(field.id for field in template.fields)]
    steps = [step.label for steps in template.scales.values() for step in steps]
    headings = [level.heading for level in template.levels if level.heading not in ("", "{name}")]
    return {template.id, *labels, *ids, *steps, *template.scales, *headings} - _FIXED_IDS
