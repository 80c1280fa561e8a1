"""Test what of a template is its content, and that a version has one content only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from tests.sources import TEMPLATES
from xltiltak.flows import read_plan
from xltiltak.model.language import LANGUAGES
from xltiltak.model.template import Template, build
from xltiltak.model.template_content import content_of, describe_differences, has_same_content
from xltiltak.templates import catalogue

TEMPLATE = catalogue.find("tiltaksstatus")
OLDER = sorted((Path(__file__).parents[1] / "older").glob("*/plan.xlsx"))
Edit = Callable[[dict[str, Any]], object]
# Change the content of a shipped template only with its version; then add a line here, and keep the
# old headings as aliases.
CONTENTS = {
    ("handlingsplan", 1): "d7cd9b52b487bc1b",
    ("maaloppnaaelse", 1): "d40a2620d63934d9",
    ("programstatus", 1): "fa19c17da393a29a",
    ("tiltaksstatus", 2): "616d8d5341bc592e",
    ("verksamhetsberattelse", 1): "55df662e3162d73a",
}


def edited(edit: Edit) -> Template:
    """Return the template after an edit of its JSON."""
    data = json.loads(json.dumps(asdict(TEMPLATE)))
    edit(data)
    return build(data)


def field(data: dict[str, Any], name: str = "remark") -> dict[str, Any]:
    """Return a field of the measures."""
    found: dict[str, Any] = next(f for f in data["fields"] if f["id"] == name and not f["of"])
    return found


def steps(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the steps of the scale."""
    found: list[dict[str, Any]] = data["scales"]["progress"]
    return found


def swap_labels(data: dict[str, Any]) -> None:
    """Swap the labels of the lowest and the highest step."""
    low, *_, high = steps(data)
    low["label"], high["label"] = high["label"], low["label"]


CONTENT: dict[str, tuple[Edit, str]] = {
    "another role": (lambda data: field(data).update(role="given"), "role"),
    "another kind": (lambda data: field(data).update(kind="bullets"), "kind"),
    "required": (lambda data: field(data).update(required=True), "required"),
    "a value for each date": (
        lambda data: field(data).update(per_checkpoint=True),
        "per_checkpoint",
    ),
    "only in a group": (lambda data: field(data).update(only=["x"]), "only"),
    "finished steps carried on": (
        lambda data: field(data, "status").update(carry_done=False),
        "carry_done",
    ),
    "another scale": (lambda data: field(data, "status").update(scale="x"), "scale"),
    "a field more": (lambda data: data["fields"].append({"id": "x", "label": "Ny"}), "Ny"),
    "a field less": (lambda data: data["fields"].remove(field(data)), "merknader"),
    "a step more": (lambda data: steps(data).append({"value": 77, "label": "Mer"}), "77 Mer"),
    "a step less": (lambda data: steps(data).pop(), "5 "),
    "labels of steps swapped": (swap_labels, "label"),
    "an alias of a step": (lambda data: steps(data)[0].update(aliases=["null"]), "aliases"),
    "the value of a step is a text": (lambda data: steps(data)[0].update(value="1"), "1 "),
    "a level more": (lambda data: data["levels"].insert(1, {"id": "x", "label": "Del"}), "Del"),
    "cards in place of a table": (lambda data: data.update(layout="cards"), "layout"),
    "an optional level": (lambda data: data["levels"][0].update(optional=True), "optional"),
}
LOOKS: dict[str, Edit] = {
    "heading of a field": lambda data: field(data).update(label="Andre ord"),
    "alias of a heading": lambda data: field(data).update(aliases=["Før"]),
    "width": lambda data: field(data).update(width=33),
    "heading of a level": lambda data: data["levels"][0].update(heading="{name}:"),
    "label of a level": lambda data: data["levels"][0].update(label="Etat"),
    "colour": lambda data: steps(data)[0].update(fill="#000000", ink="#FFFFFF"),
    "symbol": lambda data: steps(data)[0].update(symbol="x"),
    "title": lambda data: data.update(title="Noe annet"),
    "description": lambda data: data.update(description="Noe annet"),
    "summary": lambda data: data["summaries"].pop(),
}


@pytest.mark.parametrize("name", CONTENT)
def test_a_change_of_content_is_told_in_every_language(name: str) -> None:
    edit, named = CONTENT[name]
    form = edited(edit)
    assert not has_same_content(form, TEMPLATE)
    assert not has_same_content(TEMPLATE, form)
    for language in LANGUAGES:
        assert named in describe_differences(form, TEMPLATE, language)


@pytest.mark.parametrize("name", LOOKS)
def test_a_change_of_looks_is_none(name: str) -> None:
    form = edited(LOOKS[name])
    assert form != TEMPLATE
    assert has_same_content(form, TEMPLATE)
    assert describe_differences(form, TEMPLATE, "nb") == ""


def test_of_many_differences_the_first_are_told() -> None:
    other = replace(TEMPLATE, fields=(), scales={}, levels=TEMPLATE.levels[1:])
    told = describe_differences(other, TEMPLATE, "nb")
    assert told.endswith(")")
    assert len(told) < 2_000


def test_a_shipped_template_that_changes_its_content_has_a_new_version() -> None:
    found = {}
    for name in TEMPLATES:
        template = catalogue.find(name)
        # A key that a template does not use says nothing: a new kind of key makes no new version.
        parts = [
            (*place, sorted((key, value) for key, value in part.keys.items() if value))
            for place, part in content_of(template).items()
        ]
        found[name, template.version] = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
    assert found == CONTENTS


@pytest.mark.parametrize("plan", OLDER, ids=lambda path: path.parent.name)
def test_a_version_has_the_content_that_it_had_in_earlier_releases(plan: Path) -> None:
    older = read_plan(plan).report.template
    shipped = catalogue.find(older.id)
    assert older.version < shipped.version or has_same_content(older, shipped)
