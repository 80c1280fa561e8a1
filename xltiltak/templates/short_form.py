"""The short form of a template file, written out: what an author may leave out or write as a word.

`written_out` is the first step of loading a template. It changes nothing that it does not
understand: what is wrong there is told by the checks that follow, with its key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from xltiltak.model.colours import ink_on, is_colour, named_colour
from xltiltak.model.language import LANGUAGES, translate

Part = dict[str, Any]
_NOT_IN_A_NAME = re.compile(r"\W+")
_NUMBER_WORDS = {"nr", "no", "nummer", "number"}  # what people call the number of a measure
_NAME_WIDTH, _NUMBER_WIDTH = 45, 6  # characters
_KINDS_OF_RESULTS = {"percent_of": "percent", "days_after": "integer"}  # others are decimal
_COMPARED = (("reached", "green", "✓"), ("accepted", "yellow", "≈"), ("missed", "red", "✗"))


def written_out(data: Mapping[str, Any], folder: str) -> Part:
    """Return the data of a template file in the long form. The folder's name is the default id."""
    full: Part = {"id": folder, "version": 1, **data}
    if isinstance(data.get("description"), dict):
        full["description"] = data["description"].get(str(data.get("language")), "")
    if isinstance(data.get("scales"), dict):
        full["scales"] = {name: _steps(steps) for name, steps in data["scales"].items()}
    if not isinstance(data.get("levels"), list | tuple):
        return full
    full["levels"] = [_level(level, data["levels"][-1]) for level in data["levels"]]
    outermost, innermost = (_id_of(full["levels"], at) for at in (0, -1))
    if isinstance(data.get("fields", []), list | tuple):
        scales = full.setdefault("scales", {})
        scales = scales if isinstance(scales, dict) else {}
        language = full.get("language")
        language = language if language in LANGUAGES else LANGUAGES[0]
        fields = [_field(field, innermost, scales, language) for field in data.get("fields", [])]
        full["fields"] = _with_names(data["levels"], innermost, fields)
    if isinstance(data.get("summaries"), list | tuple):
        full["summaries"] = [_summary(summary, outermost) for summary in data["summaries"]]
    return full


def _id_of(levels: list[Any], at: int) -> Any:
    """Return the id of the first or last level; None if it has none."""
    return levels[at].get("id") if levels and isinstance(levels[at], dict) else None


def id_of_label(label: str) -> str:
    """Return the id of a label: its words in small letters, joined by _."""
    words = re.sub(r"\{[^}]*\}", " ", label).casefold()
    return _NOT_IN_A_NAME.sub("_", words).strip("_")


def is_number_word(label: str) -> bool:
    """Return True if a label alone says that a field is the number of a measure."""
    return label.strip().rstrip(".").casefold() in _NUMBER_WORDS


def _with_id(part: Part) -> Part:
    """Return a part with an id; one without gets the one of its label."""
    label = part.get("label")
    return (
        {"id": id_of_label(label), **part} if isinstance(label, str) and "id" not in part else part
    )


def _level(level: Any, innermost: Any) -> Any:
    """Return a level; a word is its label, and its nodes have their name as heading."""
    if isinstance(level, str):
        heading = {} if level == innermost else {"heading": "{name}"}
        return {"id": id_of_label(level), "label": level, **heading}
    if not isinstance(level, dict):
        return level
    groups = level.get("groups")
    if isinstance(groups, list | tuple):
        level = {**level, "groups": [_labelled(group) for group in groups]}
    return _with_id(level)


def _labelled(part: Any) -> Any:
    """Return a part with an id; a word is its label."""
    part = {"label": part} if isinstance(part, str) else part
    return _with_id(part) if isinstance(part, dict) else part


def _with_names(given: Iterable[Any], innermost: Any, fields: list[Any]) -> list[Any]:
    """Return the fields with a name for the nodes of each level that is a word and has none.

    The number of a measure stays before its name.
    """
    known = [field for field in fields if isinstance(field, dict)]
    named = [field.get("of", innermost) for field in known if field.get("id") == "name"]
    names = []
    for label in (level for level in given if isinstance(level, str)):
        level = id_of_label(label)
        of = {"width": _NAME_WIDTH, "required": True} if level == innermost else {"of": level}
        if level not in named:
            names.append({"id": "name", "label": label, "key": True, **of})
    numbers = [field for field in known[:1] if field.get("id") == "no" and "of" not in field]
    return [*numbers, *names, *fields[len(numbers) :]] if names else fields


def _field(field: Any, innermost: Any, scales: Part, language: str) -> Any:
    """Return a field; a word is its label. Choices that stand in it become a scale in `scales`."""
    if isinstance(field, str):
        if is_number_word(field):
            number = {"kind": "integer", "width": _NUMBER_WIDTH}
            return {"id": "no", "label": field, **number}
        return _with_id({"label": field})
    if not isinstance(field, dict):
        return field
    full = _with_id(dict(field))
    full = _with_own_scales(full, f"{full.get('of', innermost)}_{full.get('id')}", scales, language)
    label = full.get("label")
    if isinstance(label, str) and ("{date" in label or "{period" in label):
        full.setdefault("per_checkpoint", True)
    kind = _plain_kind(full, scales)
    return {**full, "kind": kind} if kind and "kind" not in full else full


def _with_own_scales(full: Part, name: str, scales: Part, language: str) -> Part:
    """Return a field whose choices, scale or bands are in `scales`, under a name of its own."""
    for key, kind in (("scale", "scale"), ("choices", "choice")):
        if isinstance(full.get(key), list | tuple) and full[key]:
            scales[name] = _steps(full.pop(key), numbered=kind == "scale")
            full = {**full, "scale": name, "kind": full.get("kind", kind)}
    if isinstance(full.get("bands"), list | tuple) and full["bands"]:
        scales[f"{name}_bands"] = _steps(full["bands"])
        full["bands"] = f"{name}_bands"
    if isinstance(full.get("compare"), dict) and "scale" not in full:
        scales[name] = _steps(_compared(full["compare"], language))
        full = {**full, "scale": name, "kind": full.get("kind", "choice")}
    return full


def _plain_kind(field: Part, scales: Part) -> str:
    """Return the kind of a field that says by its other keys what it is; "" for others."""
    compute = field.get("compute")
    if isinstance(compute, list | tuple):
        operator = compute[1] if len(compute) > 1 else ""
        return _KINDS_OF_RESULTS.get(str(operator), "decimal")
    if field.get("unit") or field.get("bands"):
        return "decimal"
    steps = scales.get(field["scale"]) if isinstance(field.get("scale"), str) else None
    if not steps:
        return ""
    return "scale" if _are_numbers(steps) else "choice"


def _compared(compare: Part, language: str) -> list[Part]:
    """Return the steps of a comparison, the best first; without `accept` there are two."""
    chosen = _COMPARED if "accept" in compare else (_COMPARED[0], _COMPARED[-1])
    return [
        {
            "label": translate(f"template.{key}", language),
            "fill": translate(f"colour.{colour}", language),
            "symbol": symbol,
        }
        for key, colour, symbol in chosen
    ]


def _are_numbers(steps: Any) -> bool:
    """Return True if the value of every step is a whole number."""
    return isinstance(steps, list) and all(
        isinstance(step, dict) and type(step.get("value")) is int for step in steps
    )


def _steps(steps: Any, *, numbered: bool = False) -> Any:
    """Return the steps of a scale. Without a value a step has its number, or else its label."""
    if not isinstance(steps, list | tuple):
        return steps
    return [_step(step, number if numbered else None) for number, step in enumerate(steps, 1)]


def _step(step: Any, number: int | None) -> Any:
    """Return a step; a word is its label. Named colours become colours; the ink is worked out."""
    step = {"label": step} if isinstance(step, str) else step
    if not isinstance(step, dict):
        return step
    full = dict(step)
    if isinstance(full.get("label"), str):
        full = {"value": full["label"] if number is None else number, **full}
    for key in ("fill", "ink"):
        if isinstance(full.get(key), str):
            full[key] = named_colour(full[key])
    fill = full.get("fill")
    if isinstance(fill, str) and is_colour(fill) and not full.get("ink"):
        full["ink"] = ink_on(fill)
    return full


def _summary(summary: Any, outermost: Any) -> Any:
    """Return a summary; a word is what is computed, and the outermost level what it is for."""
    summary = {"stat": summary} if isinstance(summary, str) else summary
    return {"level": outermost, **summary} if isinstance(summary, dict) and outermost else summary
