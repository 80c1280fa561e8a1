"""Write a proposed template as TOML, and see that it reads its own source.

A kind that cannot take every value of its column is given up for text, so that every word of the
source is imported.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from xltiltak import flows
from xltiltak.importers.details_file import ImportOptions
from xltiltak.importers.import_flow import import_source
from xltiltak.importers.proposal import Choices, TemplateProposal
from xltiltak.importers.proposed_columns import (
    ProposedColumn,
    is_number_column,
    kind_of,
    width_of,
)
from xltiltak.importers.report_builder import ImportResult
from xltiltak.model import files
from xltiltak.model.errors import PlanError
from xltiltak.model.register import Register
from xltiltak.model.template import Template
from xltiltak.sheets.appendix import write_appendix
from xltiltak.snapshot.proof import with_key
from xltiltak.templates import catalogue
from xltiltak.templates.short_form import id_of_label, is_number_word

_REFUSED = ("V101", "V103", "V104", "V105", "V106", "V113")  # values that a kind does not take

_LONG = 60  # characters of a text that is paragraphs on a card

Part = dict[str, Any]


@dataclass(frozen=True)
class ProposedTemplate:
    """A template as TOML, and its own source as it reads it.

    `assumed_year` is the year that the source did not say and was read with, else None.
    """

    text: str
    template: Template
    imported: ImportResult
    assumed_year: int | None


def proposed_template(
    source: Path, proposal: TemplateProposal, choices: Choices, name: str
) -> ProposedTemplate:
    """Return the template of a proposal. Raises TemplateError, PlanError and WorkbookError."""
    as_text: set[str] = set()
    while True:
        text = template_text(proposal, choices, as_text)
        with TemporaryDirectory() as folder:
            written = Path(folder) / name / catalogue.FILE
            files.write({written: text.encode()})
            template = catalogue.load(written.parent)
        imported, assumed_year = _imported(source, template)
        refused = {
            field.label
            for found in imported.findings
            for field in template.fields_of(template.leaf.id)
            if found.code in _REFUSED and found.field == field.id
        }
        if refused <= as_text:
            return ProposedTemplate(text, template, imported, assumed_year)
        as_text |= refused


def _imported(source: Path, template: Template) -> tuple[ImportResult, int | None]:
    """Return the source as a template reads it; with this year, if it does not say its own."""
    with suppress(PlanError):
        return import_source(source, template), None
    year = date.today().year  # noqa: DTZ011 - the year of the user's own clock
    return import_source(source, template, options=ImportOptions(year=year)), year


def form_of(proposed: ProposedTemplate) -> bytes:
    """Return the form of the first area, as it would go out at the last date of the source."""
    report = proposed.imported.report
    today = date.today()  # noqa: DTZ011 - the day of the user's own clock
    day = max(report.head.dates, default=today)
    with TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.xlsx"
        plan.write_bytes(write_appendix(with_key(Register(report))))
        forms = flows.split(plan, Path(folder) / "forms", day=day, new_date=True).written
        return files.read(forms[0])


def template_text(proposal: TemplateProposal, choices: Choices, as_text: Collection[str]) -> str:
    """Return the template of a proposal. Columns in `as_text` hold text."""
    levels = _levels(proposal, choices)
    scales: dict[str, list[Part]] = {}
    fields = list(_fields(proposal, choices, as_text, scales))
    named = [
        {"id": "name", "of": id_of_label(level["label"]), "label": level["label"], "key": True}
        for level in levels[:-1]
        if isinstance(level, dict)
    ]
    numbers = [field for field in fields[:1] if _is_number(field)]
    fields = [*numbers, *named, *fields[len(numbers) :]]
    layout = ['layout = "cards"'] if proposal.card_heading else []
    lines = [
        f"language = {_toml(proposal.language)}",
        f"title = {_toml(proposal.title)}",
        *layout,
        f"levels = {_toml(levels)}",
        "fields = [",
        *(f"  {_toml(field)}," for field in fields),
        "]",
    ]
    if len(levels) > 1:
        lines.append(f"summaries = {_toml(list(_summaries(fields, scales)))}")
    if scales:
        lines += ["", "[scales]"]
        for name, steps in scales.items():
            lines += [f"{_key(name)} = [", *(f"  {_toml(step)}," for step in steps), "]"]
    return "\n".join(lines) + "\n"


def _levels(proposal: TemplateProposal, choices: Choices) -> list[str | Part]:
    """Return the levels: those above the tables, the columns of groups, and the measures."""
    above = proposal.above if not choices.groups else proposal.above[: proposal.outside]
    levels: list[str | Part] = [
        label if heading == "{name}" else {"label": label, "heading": heading}
        for label, heading in above
    ]
    if proposal.card_heading:
        return [*levels, {"label": choices.name, "heading": proposal.card_heading}]
    return [*levels, *choices.groups, choices.name]


def _fields(
    proposal: TemplateProposal,
    choices: Choices,
    as_text: Collection[str],
    scales: dict[str, list[Part]],
) -> Iterator[str | Part]:
    """Yield the fields of the measures, the number first; put their scales into `scales`."""
    columns = [c for c in proposal.columns if c.label not in (choices.name, *choices.groups)]
    if "{no}" in proposal.card_heading:
        yield {"id": "no", "label": f"{choices.name} nr", "kind": "integer", "key": True}
    if proposal.card_heading:
        yield {"id": "name", "label": choices.name, "key": True, "width": 60}
    number = next((c for c in columns if is_number_column(c)), None)
    if number:
        yield _number_field(number)
    ids = {"name", "no"}
    for column in columns:
        if column is number:
            continue
        is_input = column.label in choices.inputs
        kind = kind_of(column, proposal.legend, proposal.language, is_input=is_input)
        if proposal.card_heading and not kind and max(map(len, column.texts), default=0) > _LONG:
            kind = {"kind": "paragraphs"}
        keys = {} if column.label in as_text else kind
        field_id = _new_id(column.label, ids)
        field: Part = {"label": column.label, **_own_id(column.label, field_id)}
        if steps := keys.pop("steps", None):
            scales[field_id] = steps
            field["scale"] = field_id
        if keys.get("kind") not in (None, "scale", "choice") and "unit" not in keys:
            field["kind"] = keys["kind"]
        field |= {"unit": keys["unit"]} if "unit" in keys else {}
        field |= {"role": "input"} if is_input else {}
        field["width"] = width_of(column, str(keys.get("kind", "")), is_input=is_input)
        yield field


def _number_field(column: ProposedColumn) -> str | Part:
    """Return the field of the number of a measure."""
    are_numbers = all(text.rstrip(".").isdecimal() for text in column.texts)
    if are_numbers and is_number_word(column.label):
        return column.label
    kind = {"kind": "integer", "width": 6} if are_numbers else {"width": width_of(column, "")}
    return {"id": "no", "label": column.label, **kind}


def _is_number(field: str | Part) -> bool:
    return is_number_word(field) if isinstance(field, str) else field.get("id") == "no"


def _new_id(label: str, ids: set[str]) -> str:
    """Return an id for a label that no other field has, and add it to `ids`."""
    plain = id_of_label(label) or "field"
    names = (plain, *(f"{plain}_{n}" for n in range(2, len(ids) + 3)))
    found = next(name for name in names if name not in ids)
    ids.add(found)
    return found


def _own_id(label: str, field_id: str) -> Part:
    """Return the key `id` if the label does not give it."""
    return {} if id_of_label(label) == field_id else {"id": field_id}


def _summaries(
    fields: Sequence[str | Part], scales: Mapping[str, list[Part]]
) -> Iterator[str | Part]:
    """Yield the figures of an area: the count, and of the first answer with steps what it has."""
    yield "count"
    for field in fields:
        if isinstance(field, dict) and field.get("scale") in scales:
            name = field["scale"]
            if "{date" in field["label"] and "value" in scales[name][0]:
                yield {"stat": "mean", "field": name, "decimals": 1}
            yield {"stat": "answered", "field": name}
            yield {"stat": "distribution", "field": name}
            return


def _key(name: str) -> str:
    """Return a key of TOML; one with other letters than A–Z stands in quotation marks."""
    return name if name.isascii() else _toml(name)


def _toml(value: Any) -> str:
    """Return a value as TOML; a text as JSON writes it, but for one control character."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{key} = {_toml(each)}" for key, each in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
