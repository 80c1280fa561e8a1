"""A template is a folder, and no more: whatever it calls things, the same laws hold, and nobody knows it by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.reports import reports
from tests.rounds.test_laws import (
    Every,
    _run,
)
from xltiltak.model.template import Template
from xltiltak.templates import catalogue

ONLY_A_FOLDER = Path(__file__).parents[1] / "example_templates"
SHIPPED = catalogue.folders()
_KEPT = {"name", "no"}  # what a heading may show is called so in every template
_LETTERS = "abcdefghijklmnopqrstuvwyzæøå"  # without x: openpyxl knows no _x000D_


def renamed(template: Template, random: Random) -> Template:
    """The same template with every id, label, word and group called otherwise."""
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
        field |= {key: words.id(field[key]) for key in ("id", "of", "scale") if field[key]}
        field |= {
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
    made, problems = catalogue.validate(data)
    assert made is not None, problems
    assert not problems
    return made


class _Words:
    """Made-up words, the same one for the same id."""

    def __init__(self, random: Random) -> None:
        self.random, self.known = random, {name: name for name in _KEPT}

    def id(self, name: str) -> str:
        """What an id is called now."""
        return self.known.setdefault(name, f"{self.text().replace(' ', '_')}{len(self.known)}")

    def text(self) -> str:
        """One word or two, never the same."""
        words = (
            "".join(self.random.choices(_LETTERS, k=self.random.randint(3, 9)))
            for _ in range(self.random.randint(1, 2))
        )
        return " ".join(words)

    def label(self, label: str) -> str:
        """A label, with its date."""
        return " ".join([self.text(), *re.findall(r"\{.*?\}", label)])

    def heading(self, heading: str) -> str:
        """A heading, with what it shows; none stays none."""
        return self.label(heading) if heading else ""

    def step(self, step: dict[str, Any]) -> dict[str, Any]:
        """A step: its number stays, its words do not."""
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
    """Runs a law over a few reports of one template, with an open date."""
    template = TEMPLATES[request.param]()
    return lambda law: _run(law, reports(template, opened=True), 2)


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_is_called_what_it_was(name: str) -> None:
    before, after = catalogue.find(name), renamed(catalogue.find(name), Random(name))
    assert not _said(before) & _said(after)
    assert [field.kind for field in after.fields] == [field.kind for field in before.fields]


def _said(template: Template) -> set[str]:
    """Every word a template says, but for what is called the same in all."""
    labels = [
        *(level.label for level in template.levels),
        *(field.label for field in template.fields),
    ]
    ids = [*(level.id for level in template.levels), *(field.id for field in template.fields)]
    steps = [step.label for steps in template.scales.values() for step in steps]
    headings = [level.heading for level in template.levels if level.heading not in ("", "{name}")]
    return {template.id, *labels, *ids, *steps, *template.scales, *headings} - _KEPT
