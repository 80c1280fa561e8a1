"""Find, load and check template folders. All problems of a template are reported at once."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xltiltak.model import files
from xltiltak.model.errors import PlanError, TemplateError, TemplateProblem
from xltiltak.model.language import LANGUAGES
from xltiltak.model.template import (
    Compare,
    Field,
    Group,
    Level,
    RequiredWhen,
    Step,
    Summary,
    Template,
    TemplatePart,
    Where,
)
from xltiltak.model.template_checks import (
    LONGEST_TEXT,
    Problem,
    author_problems,
    reference_problems,
    text_problems,
)
from xltiltak.model.visible_text import shortened, visible
from xltiltak.templates.short_form import written_out

FILE = "template.toml"
_LINE = re.compile(r"at line ([0-9]+)")  # in an error of tomllib
_LONGEST_LINE = 80  # characters
_PARTS: dict[str, type[TemplatePart]] = {
    "levels": Level,
    "fields": Field,
    "scales": Step,
    "summaries": Summary,
    "groups": Group,
    "compare": Compare,
    "required_when": RequiredWhen,
    "where": Where,
}
_UNION = ("int", "str")
_ALL_LANGUAGES = ", ".join(LANGUAGES)
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

    The path may also be that of the folder's template file.

    Raise TemplateError, with the names of all templates, if there is none.
    """
    path = Path(name)
    path = path.parent if path.name == FILE and path.is_file() else path
    folder = path if (path / FILE).is_file() else folders(beside).get(name)
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
        raise TemplateError([(file, *_unread(folder / FILE, error))]) from error
    template, problems = validate_file(data, files.resolved(folder).name)
    if template is None or problems:
        raise TemplateError([(file, key, problem) for key, problem in problems])
    return template


def _unread(path: Path, error: Exception) -> tuple[str, TemplateProblem]:
    """Return why a file cannot be read: the key, line and text where its TOML is broken."""
    place = _LINE.search(str(error))
    if place is None:
        return "-", TemplateProblem("not_toml", error=error)
    line = int(place[1])
    lines = files.decode_text(files.read(path), path.name).splitlines()
    text = lines[line - 1].strip() if line <= len(lines) else ""
    key = text.partition("=")[0].strip() if "=" in text else ""
    return key or "-", TemplateProblem("bad_line", line=line, text=shortened(text, _LONGEST_LINE))


def validate_file(data: Mapping[str, Any], folder: str) -> tuple[Template | None, list[Problem]]:
    """Return the template of a file's data, in short or long form, and its problems.

    `folder` is the name of its folder, which is the default id.
    """
    template, problems = validate(written_out(data, folder))
    problems = [*problems, *_description_problems(data)]
    return template, problems or (author_problems(template) if template else [])


def load_described(folder: Path, language: str) -> Template:
    """Return the template in a folder, described in a language if its file does so in that one.

    Raise TemplateError as `load`.
    """
    template = load(folder)
    texts = files.read_toml(folder / FILE).get("description")
    return (
        dataclasses.replace(template, description=texts.get(language, template.description))
        if isinstance(texts, dict)
        else template
    )


def _description_problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the problems of a description in several languages, that of the template among them."""
    texts, own = data.get("description"), data.get("language")
    if not isinstance(texts, dict):
        return
    if own in LANGUAGES and own not in texts:
        yield f"description.{own}", TemplateProblem("missing")
    for language, text in texts.items():
        if language not in LANGUAGES:
            yield f"description.{language}", TemplateProblem("unknown_key", allowed=_ALL_LANGUAGES)
        elif not isinstance(text, str):
            yield f"description.{language}", TemplateProblem("type_string", value=_shown(text))
        else:
            for problem in text_problems(text, LONGEST_TEXT, needed=True):
                yield f"description.{language}", problem


def validate(data: Mapping[str, Any]) -> tuple[Template | None, list[Problem]]:
    """Return the template of unchecked data, and its problems.

    The template is None if a key is missing or unknown or has a wrong type. Only if all are right,
    the references between the parts are checked.
    """
    from pydantic import TypeAdapter, ValidationError

    content = json.dumps(data, default=_not_in_json)  # only of JSON, a strict check takes arrays
    try:
        template = TypeAdapter(Template).validate_json(content, strict=True)
    except ValidationError as error:
        found = {_dotted_key(e["loc"], data): e for e in reversed(error.errors())}
        problems = {k: shape_problem(dict(e), _part_of(e["loc"])) for k, e in found.items()}
        return None, list(reversed(problems.items()))
    return template, reference_problems(template)


def _not_in_json(value: object) -> list[str]:
    """Return a date or time of TOML as something that no key of a template can be."""
    return [str(value)]


def shape_problem(error: Mapping[str, Any], part: type[Any]) -> TemplateProblem:
    """Return an error of pydantic as a problem with our own text. `part` is the class it is in."""
    error_type, context = error["type"], error.get("ctx", {})
    if error_type == "missing":
        return TemplateProblem("missing")
    if error_type in ("extra_forbidden", "unexpected_keyword_argument"):
        allowed = ", ".join(f.name for f in dataclasses.fields(part))
        return TemplateProblem("unknown_key", allowed=allowed)
    if error_type == "literal_error":
        allowed = ", ".join(re.findall("'([^']+)'", context["expected"]))
        return TemplateProblem("not_allowed", value=error["input"], allowed=allowed)
    if toml_type := _TOML_TYPES.get(error_type.partition("_")[0]):
        return TemplateProblem(f"type_{toml_type}", value=_shown(error["input"]))
    return TemplateProblem("invalid", error=error["msg"])


def _shown(value: object) -> str:
    """Return a value as it may stand in a file: a text in quotation marks."""
    return shortened(json.dumps(value, ensure_ascii=False, default=str), _LONGEST_LINE)


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
        if name in _UNION and not (isinstance(data, dict) and name in data):
            continue  # a value of two types has a problem for each
        has_name = isinstance(data, list) or (isinstance(data, dict) and name in data)
        data = data[name] if has_name else None
        is_position = isinstance(name, int) and isinstance(data, dict)
        names.append(str(data.get("id", name) if is_position else name))
    return ".".join(names)
