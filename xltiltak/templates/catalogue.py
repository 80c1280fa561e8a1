"""Find and load template folders; say all that is wrong with one in a single message."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from xltiltak.model.errors import TemplateError, TemplateProblem
from xltiltak.model.field_types import KINDS, KINDS_WITH_STEPS
from xltiltak.model.template import Field, Group, Level, Step, Summary, Template, TemplatePart

Problem = tuple[str, TemplateProblem]  # key, what is wrong
PLACEHOLDERS = {"name", "no", "year", "date", "label"}
FILE = "template.toml"
NAME_LETTERS = "a–z, 0–9, -, _"
_NAME = re.compile(r"\w[\w-]*")  # it becomes part of marks, which know |, @ and / as their own
_PARTS: dict[str, type[TemplatePart]] = {
    "levels": Level,
    "fields": Field,
    "scales": Step,
    "summaries": Summary,
    "groups": Group,
}
_NUMBERS = {"scale", "integer", "decimal"}
_SUMMED_UP = {
    "count": set(KINDS),
    "answered": set(KINDS),
    "mean": _NUMBERS,
    "distribution": KINDS_WITH_STEPS,
}  # which kinds
_TYPES = {  # what pydantic calls a type, and what TOML does
    "string": "string", "int": "integer", "bool": "boolean", "date": "date",
    "tuple": "array", "dict": "table", "mapping": "table", "dataclass": "table",
}  # fmt: skip


def shipped() -> Path:
    """The folder of the templates that come with the program: within the wheel, or beside a checkout's package."""
    inside = Path(__file__).parents[1] / "_shipped" / "workbook_templates"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "workbook_templates"


def folders(beside: Path | None = None) -> dict[str, Path]:
    """Every template folder by its id; those in `templates/` beside a plan come before the shipped ones."""
    places = ([beside / "templates"] if beside else []) + [shipped()]
    found: dict[str, Path] = {}
    for place in places:
        for folder in sorted(place.iterdir()) if place.is_dir() else ():
            if (folder / FILE).is_file():
                found.setdefault(folder.name, folder)
    return found


def find(name: str, beside: Path | None = None) -> Template:
    """The template of a path or an id. Raises TemplateError, which says which there are."""
    return load(folder_of(name, beside))


def folder_of(name: str, beside: Path | None = None) -> Path:
    """The folder of a path or an id: first a path, then `templates/` beside a plan, then what is shipped.

    Raises TemplateError, which says which there are.
    """
    folder = Path(name) if (Path(name) / FILE).is_file() else folders(beside).get(name)
    if folder is None:
        there = ", ".join(folders(beside))
        raise TemplateError(
            [(name, "id", TemplateProblem("unknown_template", name=name, there=there))]
        )
    return folder


def load(folder: Path) -> Template:
    """The template of a folder. Raises TemplateError, which names every problem with file and key."""
    import tomllib

    file = f"{folder.name}/{FILE}"
    try:
        data = tomllib.loads((folder / FILE).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TemplateError([(file, "-", TemplateProblem("not_toml", error=error))]) from error
    template, problems = validate(data)
    if template is None or problems:
        raise TemplateError([(file, key, problem) for key, problem in problems])
    return template


def is_name(text: str) -> bool:
    """Can a template, level, group or field be called so?"""
    return bool(_NAME.fullmatch(text))


def validate(data: Mapping[str, Any]) -> tuple[Template | None, list[Problem]]:
    """The template of data that somebody wrote, and what is wrong with it; references wait for the right shape."""
    from pydantic import TypeAdapter, ValidationError

    try:
        template = TypeAdapter(Template).validate_python(data)
    except ValidationError as error:
        return None, [
            (_key(e["loc"], data), shape_problem(dict(e), _part_of(e["loc"])))
            for e in error.errors()
        ]
    found = (_name_problems, _level_problems, _field_problems, _summary_problems)
    return template, [problem for problems in found for problem in problems(template)]


def shape_problem(error: Mapping[str, Any], part: type[Any]) -> TemplateProblem:
    """What pydantic found wrong, in the words of our catalogue."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return TemplateProblem("missing")
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return TemplateProblem(
            "unknown_key", allowed=", ".join(f.name for f in dataclasses.fields(part))
        )
    if kind == "literal_error":
        return TemplateProblem("not_allowed", value=error["input"], allowed=context["expected"])
    if wanted := _TYPES.get(kind.partition("_")[0]):
        return TemplateProblem("wrong_type", value=error["input"], wanted=wanted)
    return TemplateProblem("invalid", error=error["msg"])


def _part_of(path: tuple[Any, ...]) -> type[Any]:
    """The part that a path leads into."""
    named = [_PARTS[step] for step in path[:-1] if step in _PARTS]
    return named[-1] if named else Template


def _key(path: tuple[Any, ...], data: Any) -> str:
    """`fields.status.kind` for ("fields", 3, "kind"): an author knows names, not positions."""
    names = []
    for step in path:
        data = (
            data[step]
            if isinstance(data, list) or (isinstance(data, dict) and step in data)
            else None
        )
        names.append(
            str(data.get("id", step))
            if isinstance(step, int) and isinstance(data, dict)
            else str(step)
        )
    return ".".join(names)


def _name_problems(template: Template) -> Iterator[Problem]:
    groups = [
        (f"levels.{level.id}.groups", group.id)
        for level in template.levels
        for group in level.groups
    ]
    levels, fields = (
        [(f"levels.{v.id}", v.id) for v in template.levels],
        [(f"fields.{f.id}", f.id) for f in template.fields],
    )
    for key, name in (("id", template.id), *levels, *groups, *fields):
        if not is_name(name):
            yield key, TemplateProblem("not_allowed", value=name, allowed=NAME_LETTERS)


def _level_problems(template: Template) -> Iterator[Problem]:
    if not template.levels:
        yield "levels", TemplateProblem("no_levels")
        return
    yield from _shape_of_levels(template)
    ids = [level.id for level in template.levels]
    yield from (
        ("levels", TemplateProblem("twice", name=i)) for i in sorted(set(ids)) if ids.count(i) > 1
    )
    for level in template.levels:
        key = f"levels.{level.id}.heading"
        known = {f.id for f in template.fields_of(level.id)} | ({"name"} if level.groups else set())
        if len(_names_in(level.heading)) > 1:
            yield key, TemplateProblem("one_value")
        for name in _places_in(level.heading):
            if name not in known:
                there = ", ".join(sorted(known)) or "–"
                yield key, TemplateProblem("no_such_field", name=name, level=level.id, there=there)
    if template.leaf.groups or template.leaf.optional:
        yield f"levels.{template.leaf.id}", TemplateProblem("leaf_closed")


def _shape_of_levels(template: Template) -> Iterator[Problem]:
    """What no sheet could show: an optional sheet, an area without heading, a row that no child can share."""
    first, *rest = template.levels
    if first.optional:
        yield f"levels.{first.id}.optional", TemplateProblem("first_optional")
    if template.layout == "rows" and rest and not first.heading:
        yield f"levels.{first.id}.heading", TemplateProblem("first_heading")
    for above, below in itertools.pairwise(rest):
        if (
            template.layout == "rows"
            and not above.heading
            and below is not template.leaf
            and below.heading
        ):
            yield f"levels.{above.id}.heading", TemplateProblem("heading_below", level=below.id)


def _field_problems(template: Template) -> Iterator[Problem]:
    levels, groups = (
        [v.id for v in template.levels],
        [g.id for v in template.levels for g in v.groups],
    )
    seen: set[tuple[str, str]] = set()
    for field in template.fields:
        key = f"fields.{field.id}"
        if field.of and field.of not in levels:
            yield f"{key}.of", TemplateProblem("no_level", name=field.of, there=", ".join(levels))
        if (field.of, field.id) in seen:
            yield key, TemplateProblem("twice", name=field.id)
        seen.add((field.of, field.id))
        level = next((v for v in template.levels if v.id == (field.of or template.leaf.id)), None)
        if field.per_checkpoint and level and field.id in _names_in(level.heading):
            yield f"{key}.per_checkpoint", TemplateProblem("dated_heading", level=level.id)
        for part, named in (("only", field.only), ("labels", field.labels)):
            for group in (g for g in named if g not in groups):
                yield (
                    f"{key}.{part}",
                    TemplateProblem("no_group", name=group, there=", ".join(groups) or "–"),
                )
        yield from ((key, problem) for problem in _kind_problems(template, field))


def _kind_problems(template: Template, field: Field) -> Iterator[TemplateProblem]:
    if field.kind not in KINDS:
        yield TemplateProblem("no_kind", name=field.kind, there=", ".join(KINDS))
    if (field.kind in KINDS_WITH_STEPS) != (field.scale in template.scales):
        there = ", ".join(template.scales) or "–"
        yield TemplateProblem(
            "scale", name=field.scale, kinds=", ".join(sorted(KINDS_WITH_STEPS)), there=there
        )
    for label in (field.label, *field.labels.values()):
        if set(_names_in(label)) != ({"date"} if field.per_checkpoint else set()):
            yield TemplateProblem("label_date", label=label)


def _summary_problems(template: Template) -> Iterator[Problem]:
    levels = [level.id for level in template.levels]
    for i, summary in enumerate(template.summaries):
        if summary.level not in levels:
            there = ", ".join(levels)
            yield (
                f"summaries.{i}.level",
                TemplateProblem("no_level", name=summary.level, there=there),
            )
            continue
        fits = _SUMMED_UP[summary.stat]
        inside = levels[levels.index(summary.level) :]
        known = [
            f for f in template.fields if (f.of or template.leaf.id) in inside and f.kind in fits
        ]
        needless = summary.stat == "count" and not summary.field
        if not needless and summary.field not in {f.id for f in known}:
            there = ", ".join(dict.fromkeys(f.id for f in known)) or "–"
            problem = TemplateProblem(
                "not_summed", name=summary.field, stat=summary.stat, there=there
            )
            yield f"summaries.{i}.field", problem
    for name in _places_in(template.title):
        if name not in PLACEHOLDERS and not name.startswith("date:"):
            yield (
                "title",
                TemplateProblem("placeholder", name=name, there=", ".join(sorted(PLACEHOLDERS))),
            )


def _names_in(text: str) -> list[str]:
    return [place.partition(":")[0] for place in _places_in(text)]


def _places_in(text: str) -> list[str]:
    """What stands in braces: names, each with how it is to be written: `date:%d.%m.%Y`."""
    try:
        found = [(name, spec) for _, name, spec, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        return ["{"]  # a brace that opens nothing is no placeholder anybody knows
    return [f"{name}:{spec}" if spec else name for name, spec in found]
