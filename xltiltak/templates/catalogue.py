"""Find, load and check template folders. All problems of a template are reported at once."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from xltiltak.model import files
from xltiltak.model.errors import PlanError, TemplateError, TemplateProblem
from xltiltak.model.field_types import KINDS, KINDS_WITH_STEPS
from xltiltak.model.template import Field, Group, Level, Step, Summary, Template, TemplatePart
from xltiltak.model.visible_text import visible

Problem = tuple[str, TemplateProblem]  # key, what is wrong
PLACEHOLDERS = {"name", "no", "year", "date", "label"}
FILE = "template.toml"
NAME_LETTERS = "a–z, 0–9, -, _"
_NAME = re.compile(r"\w[\w-]*")  # names are parts of row keys, in which | @ and / have a meaning
_PARTS: dict[str, type[TemplatePart]] = {
    "levels": Level,
    "fields": Field,
    "scales": Step,
    "summaries": Summary,
    "groups": Group,
}
_NUMBERS = {"scale", "integer", "decimal"}
_KINDS_OF_STAT = {  # which kinds of fields a summary can be made of
    "count": set(KINDS),
    "answered": set(KINDS),
    "mean": _NUMBERS,
    "distribution": KINDS_WITH_STEPS,
}
_TOML_TYPES = {  # by the name of the type in an error of pydantic
    "string": "string",
    "int": "integer",
    "bool": "boolean",
    "date": "date",
    "tuple": "array",
    "dict": "table",
    "mapping": "table",
    "dataclass": "table",
}


def shipped() -> Path:
    """Return the folder of the shipped templates: in the wheel, or at the top of a checkout."""
    inside = Path(__file__).parents[1] / "_shipped" / "workbook_templates"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "workbook_templates"


def folders(beside: Path | None = None) -> dict[str, Path]:
    """Return the template folders by name: those in `templates/` in `beside`, and the shipped.

    Of two with one name, the first is returned.
    """
    parents = ([beside / "templates"] if beside else []) + [shipped()]
    found: dict[str, Path] = {}
    for parent in parents:
        for folder in sorted(parent.iterdir()) if parent.is_dir() else ():
            if (folder / FILE).is_file():
                found.setdefault(folder.name, folder)
    return found


def find(name: str, beside: Path | None = None) -> Template:
    """Return the template of a path or a name, as `folder_of`. Raise TemplateError."""
    return load(folder_of(name, beside))


def folder_of(name: str, beside: Path | None = None) -> Path:
    """Return the template folder at a path, or else the one with this name (`folders`).

    Raise TemplateError, with the names of all templates, if there is none.
    """
    folder = Path(name) if (Path(name) / FILE).is_file() else folders(beside).get(name)
    if folder is None:
        there = ", ".join(folders(beside))
        problem = TemplateProblem("unknown_template", name=name, there=there)
        raise TemplateError([(name, "id", problem)])
    return folder


def load(folder: Path) -> Template:
    """Return the template in a folder. Raise TemplateError with all problems, by file and key."""
    file = f"{visible(folder.name)}/{FILE}"
    try:
        data = files.read_toml(folder / FILE)
    except (PlanError, ValueError) as error:
        raise TemplateError([(file, "-", TemplateProblem("not_toml", error=error))]) from error
    template, problems = validate(data)
    if template is None or problems:
        raise TemplateError([(file, key, problem) for key, problem in problems])
    return template


def is_name(text: str) -> bool:
    """Return True if a template, level, group or field can have this id."""
    return bool(_NAME.fullmatch(text))


def validate(data: Mapping[str, Any]) -> tuple[Template | None, list[Problem]]:
    """Return the template of unchecked data, and its problems.

    The template is None if a key is missing or unknown or has a wrong type. Only if all are right,
    the references between the parts are checked.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        template = TypeAdapter(Template).validate_python(data)
    except ValidationError as error:
        return None, [
            (_dotted_key(e["loc"], data), shape_problem(dict(e), _part_of(e["loc"])))
            for e in error.errors()
        ]
    return template, [
        *_name_problems(template),
        *_level_problems(template),
        *_field_problems(template),
        *_summary_problems(template),
    ]


def shape_problem(error: Mapping[str, Any], part: type[Any]) -> TemplateProblem:
    """Return an error of pydantic as a problem with our own text. `part` is the class it is in."""
    error_type, context = error["type"], error.get("ctx", {})
    if error_type == "missing":
        return TemplateProblem("missing")
    if error_type in ("extra_forbidden", "unexpected_keyword_argument"):
        allowed = ", ".join(f.name for f in dataclasses.fields(part))
        return TemplateProblem("unknown_key", allowed=allowed)
    if error_type == "literal_error":
        return TemplateProblem("not_allowed", value=error["input"], allowed=context["expected"])
    if toml_type := _TOML_TYPES.get(error_type.partition("_")[0]):
        return TemplateProblem("wrong_type", value=error["input"], wanted=toml_type)
    return TemplateProblem("invalid", error=error["msg"])


def _part_of(path: tuple[Any, ...]) -> type[Any]:
    """Return the class of the part that has the key at this path."""
    parts = [_PARTS[name] for name in path[:-1] if name in _PARTS]
    return parts[-1] if parts else Template


def _dotted_key(path: tuple[Any, ...], data: Any) -> str:
    """Return a path as text with ids for positions: `fields.status.kind` for ("fields", 3, "kind").

    An author of a template knows the ids.
    """
    names = []
    for name in path:
        has_name = isinstance(data, list) or (isinstance(data, dict) and name in data)
        data = data[name] if has_name else None
        is_position = isinstance(name, int) and isinstance(data, dict)
        names.append(str(data.get("id", name) if is_position else name))
    return ".".join(names)


def _name_problems(template: Template) -> Iterator[Problem]:
    """Yield the problems of ids."""
    names = [("id", template.id)]
    names += [(f"levels.{level.id}", level.id) for level in template.levels]
    for level in template.levels:
        names += [(f"levels.{level.id}.groups", group.id) for group in level.groups]
    names += [(f"fields.{field.id}", field.id) for field in template.fields]
    for key, name in names:
        if not is_name(name):
            yield key, TemplateProblem("not_allowed", value=name, allowed=NAME_LETTERS)


def _level_problems(template: Template) -> Iterator[Problem]:
    """Yield the problems of levels: their order, their ids, and the fields in their headings."""
    if not template.levels:
        yield "levels", TemplateProblem("no_levels")
        return
    yield from _level_order_problems(template)
    ids = [level.id for level in template.levels]
    for level_id in sorted(set(ids)):
        if ids.count(level_id) > 1:
            yield "levels", TemplateProblem("twice", name=level_id)
    for level in template.levels:
        key = f"levels.{level.id}.heading"
        allowed = {field.id for field in template.fields_of(level.id)}
        if level.groups:
            allowed.add("name")
        if len(_names_in(level.heading)) > 1:
            yield key, TemplateProblem("one_value")
        for name in _placeholders_in(level.heading):
            if name not in allowed:
                there = ", ".join(sorted(allowed)) or "–"
                yield key, TemplateProblem("no_such_field", name=name, level=level.id, there=there)
    if template.leaf.groups or template.leaf.optional:
        yield f"levels.{template.leaf.id}", TemplateProblem("leaf_closed")


def _level_order_problems(template: Template) -> Iterator[Problem]:
    """Yield the problems of levels that no sheet could show.

    They are an optional area, an area without a heading, and a level without a heading whose
    children have one, so that it has no row.
    """
    first, *rest = template.levels
    has_table = template.layout == "rows"
    if first.optional:
        yield f"levels.{first.id}.optional", TemplateProblem("first_optional")
    if has_table and rest and not first.heading:
        yield f"levels.{first.id}.heading", TemplateProblem("first_heading")
    for above, below in itertools.pairwise(rest):
        if has_table and not above.heading and below.heading and below is not template.leaf:
            yield f"levels.{above.id}.heading", TemplateProblem("heading_below", level=below.id)


def _field_problems(template: Template) -> Iterator[Problem]:
    """Yield the problems of fields: their levels, ids, groups, kinds and labels."""
    levels = [level.id for level in template.levels]
    groups = [group.id for level in template.levels for group in level.groups]
    seen: set[tuple[str, str]] = set()
    for field in template.fields:
        key = f"fields.{field.id}"
        if field.of and field.of not in levels:
            yield f"{key}.of", TemplateProblem("no_level", name=field.of, there=", ".join(levels))
        if (field.of, field.id) in seen:
            yield key, TemplateProblem("twice", name=field.id)
        seen.add((field.of, field.id))
        level_id = field.of or template.leaf.id
        level = next((level for level in template.levels if level.id == level_id), None)
        if field.per_checkpoint and level and field.id in _names_in(level.heading):
            yield f"{key}.per_checkpoint", TemplateProblem("dated_heading", level=level.id)
        for part, of_groups in (("only", field.only), ("labels", field.labels)):
            for group in of_groups:
                if group not in groups:
                    there = ", ".join(groups) or "–"
                    yield f"{key}.{part}", TemplateProblem("no_group", name=group, there=there)
        yield from ((key, problem) for problem in _kind_problems(template, field))


def _kind_problems(template: Template, field: Field) -> Iterator[TemplateProblem]:
    """Yield the problems of a field's kind and scale, and of its labels.

    A dated field has the date in its labels, other fields do not.
    """
    if field.kind not in KINDS:
        yield TemplateProblem("no_kind", name=field.kind, there=", ".join(KINDS))
    if (field.kind in KINDS_WITH_STEPS) != (field.scale in template.scales):
        kinds, there = ", ".join(sorted(KINDS_WITH_STEPS)), ", ".join(template.scales) or "–"
        yield TemplateProblem("scale", name=field.scale, kinds=kinds, there=there)
    for label in (field.label, *field.labels.values()):
        if set(_names_in(label)) != ({"date"} if field.per_checkpoint else set()):
            yield TemplateProblem("label_date", label=label)


def _summary_problems(template: Template) -> Iterator[Problem]:
    """Yield the problems of summaries, and of the title."""
    levels = [level.id for level in template.levels]
    for i, summary in enumerate(template.summaries):
        if summary.level not in levels:
            problem = TemplateProblem("no_level", name=summary.level, there=", ".join(levels))
            yield f"summaries.{i}.level", problem
            continue
        inside, kinds = levels[levels.index(summary.level) :], _KINDS_OF_STAT[summary.stat]
        allowed = {
            field.id: None
            for field in template.fields
            if (field.of or template.leaf.id) in inside and field.kind in kinds
        }
        needs_field = summary.stat != "count" or bool(summary.field)
        if needs_field and summary.field not in allowed:
            there = ", ".join(allowed) or "–"
            name, stat = summary.field, summary.stat
            problem = TemplateProblem("not_summed", name=name, stat=stat, there=there)
            yield f"summaries.{i}.field", problem
    for name in _placeholders_in(template.title):
        if name not in PLACEHOLDERS and not name.startswith("date:"):
            there = ", ".join(sorted(PLACEHOLDERS))
            yield "title", TemplateProblem("placeholder", name=name, there=there)


def _names_in(text: str) -> list[str]:
    """Return the names of the placeholders of a text, without their formats."""
    return [placeholder.partition(":")[0] for placeholder in _placeholders_in(text)]


def _placeholders_in(text: str) -> list[str]:
    """Return the placeholders of a text, each as name or name and format: `date:%d.%m.%Y`.

    For a brace that is not closed it is "{", which no placeholder is called.
    """
    try:
        found = [(name, spec) for _, name, spec, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        return ["{"]
    return [f"{name}:{spec}" if spec else name for name, spec in found]
