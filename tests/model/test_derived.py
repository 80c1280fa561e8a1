"""Test what follows from other values: computed, compared and shown in bands."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from xltiltak.model.field_types import Value
from xltiltak.model.register import Register
from xltiltak.model.report import Head, Node, Report, Slot
from xltiltak.model.summary import TOTAL, group_statistics
from xltiltak.model.template import Template
from xltiltak.publishing.public_view import public_view
from xltiltak.templates import catalogue

DAY, LATER = date(2020, 8, 31), date(2020, 12, 31)
NUMBERS = [
    {"id": "a", "label": "A", "kind": "decimal", "role": "input"},
    {"id": "b", "label": "B", "kind": "decimal"},
    {"id": "step", "label": "Trinn", "scale": ["En", "To", "Tre"]},
    {"id": "one", "label": "Én dag", "kind": "date"},
    {"id": "other", "label": "Annen dag", "kind": "date"},
    {"id": "dated", "label": "Ved {date:%d.%m.%Y}", "kind": "integer", "role": "input"},
]


def template(*fields: dict[str, Any], **keys: Any) -> Template:
    """Return a template with the fields above and these."""
    data = {"language": "nb", "title": "Prøve", "levels": ["Område", "Sak"], **keys}
    found, problems = catalogue.validate_file({**data, "fields": [*NUMBERS, *fields]}, "prove")
    assert found is not None, [(key, problem.message("en")) for key, problem in problems]
    assert not problems, [(key, problem.message("en")) for key, problem in problems]
    return found


def report(of: Template, **values: Any) -> Report:
    """Return a report with one measure that has these values."""
    head = Head("P", "P", "P", 2020, "nb", (DAY, LATER), DAY)
    nodes = (Node("O", "område"), Node("O-001", "sak", "O"))
    slots = {Slot("O-001", name): value for name, value in values.items()}
    return Report(of, head, nodes, slots)


@pytest.mark.parametrize(
    ("compute", "values", "expected"),
    [
        (["a", "plus", "b"], {"a": Decimal("1.5"), "b": Decimal(2)}, Decimal("3.5")),
        (["a", "minus", 10], {"a": Decimal("1.5")}, Decimal("-8.5")),
        (["a", "times", "step"], {"a": Decimal("0.29"), "step": 3}, Decimal("0.87")),
        (["a", "times", "step"], {"a": Decimal("0.29")}, None),
        (["a", "percent_of", "b"], {"a": Decimal(1), "b": Decimal(8)}, Decimal("12.5")),
        (["a", "percent_of", "b"], {"a": Decimal(1), "b": Decimal(16)}, Decimal("6.3")),
        (["a", "percent_of", "b"], {"a": Decimal(1), "b": Decimal(0)}, None),
        (["one", "days_after", "other"], {"one": DAY, "other": date(2020, 9, 2)}, -2),
        (["one", "days_after", "other"], {"one": DAY}, None),
        (["a", "times", "b"], {"a": Decimal(10**9), "b": Decimal(10**9)}, None),
    ],
)
def test_a_field_is_computed_from_others(
    compute: list[Any], values: dict[str, Any], expected: object
) -> None:
    found = report(template({"id": "c", "label": "C", "compute": compute}), **values)
    assert found.values.get(Slot("O-001", "c")) == expected


@pytest.mark.parametrize(
    ("compare", "values", "label"),
    [
        ({"target": 90}, {"a": Decimal(90)}, "Nådd"),
        ({"target": 90}, {"a": Decimal("89.9")}, "Ikke nådd"),
        ({"target": "b", "accept": 80}, {"a": Decimal(80), "b": Decimal(90)}, "Akseptabelt"),
        ({"target": "b", "accept": 80}, {"a": Decimal(80)}, None),
        ({"target": 5, "accept": "b", "better": "low"}, {"a": Decimal(5)}, "Nådd"),
        ({"target": 5, "accept": "b", "better": "low"}, {"a": Decimal(6)}, "Ikke nådd"),
        (
            {"target": 5, "accept": "b", "better": "low"},
            {"a": Decimal(6), "b": Decimal(7)},
            "Akseptabelt",
        ),
    ],
)
def test_a_value_is_compared_with_its_target(
    compare: dict[str, Any], values: dict[str, Any], label: str | None
) -> None:
    of = template({"id": "c", "label": "C", "compare": {"value": "a", **compare}})
    assert report(of, **values).values.get(Slot("O-001", "c")) == label


def test_what_is_computed_follows_the_values_at_all_times_and_nothing_else() -> None:
    fields = (
        {"id": "c", "label": "C", "compute": ["a", "plus", "b"]},
        {"id": "d", "label": "D", "compute": ["c", "times", 2]},
        {"id": "e", "label": "E {date:%Y}", "compute": ["dated", "minus", "c"]},
    )
    found = report(template(*fields), a=Decimal(1), b=Decimal(2), c=Decimal(99), d=Decimal(99))
    assert found.values[Slot("O-001", "d")] == 6
    dated = {**found.values, Slot("O-001", "dated", LATER): 5}
    changed = found.with_same_nodes(values=dated)
    assert changed.values[Slot("O-001", "e", LATER)] == 2
    assert Slot("O-001", "e", DAY) not in changed.values
    emptied = {slot: value for slot, value in changed.values.items() if slot.field != "b"}
    left = changed.with_same_nodes(values=emptied)
    assert {slot.field for slot in left.values} == {"a", "dated"}


def test_the_bands_of_a_number_are_counted_and_shown() -> None:
    bands = [{"value": 0, "label": "Lav"}, {"value": 10, "label": "Høy", "fill": "rød"}]
    summaries = ["count", {"stat": "distribution", "field": "c"}]
    field = {"id": "c", "label": "C", "compute": ["a", "plus", "b"], "bands": bands}
    found = report(template(field, summaries=summaries), a=Decimal("9.5"), b=Decimal("0.5"))
    figures = {v.label: v.value for v in group_statistics(found)[TOTAL]}
    assert figures == {"Sak": 1, "Lav": 0, "Høy": 1, "Uten c": 0}
    assert [entry.value for entry in found.entries() if entry.field == "c"] == ["10 Høy"]


def test_a_sum_is_exact_and_has_its_unit() -> None:
    summaries = ["count", {"stat": "sum", "field": "c"}]
    of = template({"id": "c", "label": "Budsjett", "unit": "tkr"}, summaries=summaries)
    head, nodes = Head("P", "P", "P", 2020, "nb"), [Node("O", "område")]
    values: dict[Slot, Value] = {Slot("O", "name"): "Skole"}
    for n, amount in enumerate(("0.1", "0.2", "1250"), 1):
        nodes.append(Node(f"O-{n}", "sak", "O"))
        values[Slot(f"O-{n}", "c")] = Decimal(amount)
    nodes.append(Node("O-9", "sak", "O"))
    found = Report(of, head, tuple(nodes), values)
    count, total = group_statistics(found)["O"]
    assert (count.text("nb"), total.label, total.value) == ("4", "Budsjett, sum", Decimal("1250.3"))
    assert total.text("nb") == "1250,3 tkr"
    view = public_view(Register(found))
    assert view.figure_text(view.group_figures["O"][1]) == "1\u00a0250,3\u00a0tkr"


@pytest.mark.parametrize(
    ("field", "key", "words"),
    [
        ({"compute": ["a", "plus"]}, "c", "days_after"),
        ({"compute": ["a", "over", "b"]}, "c", "percent_of, days_after"),
        ({"compute": ["a", "plus", "x"]}, "c", "x"),
        ({"compute": ["a", "plus", "one"]}, "c", "one"),
        ({"compute": ["a", "plus", "c"]}, "c", "c"),
        ({"compute": ["a", "plus", "dated"]}, "c", "dated"),
        ({"compute": ["a", "plus", 10**12]}, "c", "10"),
        ({"compute": ["one", "days_after", 3]}, "c", "3"),
        ({"compute": ["a", "plus", "b"], "kind": "integer"}, "c", "integer"),
        ({"compute": ["a", "plus", "b"], "role": "input"}, "c", "role"),
        ({"compute": ["a", "plus", "b"], "key": True}, "c", "key"),
        ({"compare": {"value": "a", "target": "x"}}, "c", "x"),
        ({"compare": {"value": "a", "target": 1}, "choices": ["Ja"]}, "c", "2"),
        ({"compare": {"value": "a", "target": 1}, "kind": "text"}, "c", "text"),
        ({"compare": {"value": "a"}}, "c.compare.target", ""),
        ({"compare": {"value": "a", "target": 1, "best": 1}}, "c.compare.best", "target"),
        ({"bands": [{"value": 5, "label": "Høy"}, {"value": 1, "label": "Lav"}]}, "c", "bands"),
        ({"label": "C {date:%Y}", "compute": ["a", "plus", "b"]}, "c", ""),
        ({"role": "input", "required_when": {"field": "x", "at_least": 1}}, "c", "at_least"),
        ({"role": "input", "required_when": {"field": "a"}}, "c", "at_least"),
        ({"role": "input", "required_when": {"field": "step", "values": [9]}}, "c", "step"),
        ({"required_when": {"field": "a", "at_least": 1}}, "c", "at_least"),
        ({"bands": ["Lav"]}, "c", "bands"),
        ({"bands": "ingen"}, "c", "bands"),
        ({"recipient": True, "role": "input"}, "c", "given"),
        ({"recipient": True, "kind": "integer"}, "c", "given"),
        ({"recipient": True, "label": "C {date:%Y}"}, "c", "given"),
    ],
)
def test_what_cannot_be_computed_is_told_with_its_field(
    field: dict[str, Any], key: str, words: str
) -> None:
    data = {"language": "nb", "title": "Prøve", "levels": ["Område", "Sak"]}
    fields = [*NUMBERS, {"id": "c", "label": "C", **field}]
    _, problems = catalogue.validate_file({**data, "fields": fields}, "prove")
    assert [where for where, _ in problems] == [f"fields.{key}"] * len(problems) != []
    for language in ("nb", "nn", "sv", "en"):
        assert words in "".join(problem.message(language) for _, problem in problems)
