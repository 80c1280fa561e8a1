"""The checks of a template whose keys and types are right: do its parts fit each other?

They are made when a template folder is loaded, and again when a workbook's own template is read, so
that no later step meets a template that it cannot use.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from string import Formatter

from xltiltak.model.colours import LEAST_CONTRAST, contrast, is_colour
from xltiltak.model.derived import OPERATORS
from xltiltak.model.errors import TemplateProblem
from xltiltak.model.field_types import KINDS, KINDS_WITH_STEPS, NUMBER_KINDS
from xltiltak.model.template import YEAR_IN_LABEL, Field, Step, Summary, Template, TemplatePart

Problem = tuple[str, TemplateProblem]  # key, what is wrong
PLACEHOLDERS = {"name", "no", "year", "date", "label"}
NAME_LETTERS = "a–z, 0–9, -, _"
_NAME = re.compile(r"\w[\w-]*")  # names are parts of row keys, in which | @ and / have a meaning
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
LONGEST_TEXT, _LONGEST_STEP, _LONGEST_ID, _LONGEST_SYMBOL = 1_000, 200, 100, 20  # characters
_RANGES = {"width": (1, 254), "decimals": (0, 9), "version": (0, 10**9), "value": (-(10**9), 10**9)}
_RANGES |= dict.fromkeys(("at_least", "below", "target", "accept"), _RANGES["value"])
_MOST = {"levels": 12, "fields": 300, "groups": 200, "steps": 500, "summaries": 200, "scales": 100}
_NOT_IN_A_UNIT = re.compile(r'[0-9"]')  # what a number format cannot hold as text beside digits
_SOME_DAY = date(2020, 4, 30)
_NUMBERS = {"scale", *NUMBER_KINDS}
_KINDS_OF_STAT = {  # which kinds of fields a summary can be made of
    "count": set(KINDS),
    "answered": set(KINDS),
    "mean": _NUMBERS,
    "distribution": KINDS_WITH_STEPS,
    "sum": NUMBER_KINDS - {"percent"},
}


def is_name(text: str) -> bool:
    """Return True if a template, level, group or field can have this id."""
    return bool(_NAME.fullmatch(text))


def reference_problems(template: Template) -> list[Problem]:
    """Return the problems of the references between the parts of a template."""
    if not template.levels:
        return [("levels", TemplateProblem("no_levels"))]
    return [
        *_name_problems(template),
        *_level_problems(template),
        *_field_problems(template),
        *_step_problems(template),
        *_summary_problems(template),
    ]


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
    yield from _level_order_problems(template)
    ids = [level.id for level in template.levels]
    for level_id in sorted(set(ids)):
        if ids.count(level_id) > 1:
            yield "levels", TemplateProblem("twice", name=level_id)
    for level in template.levels:
        key = f"levels.{level.id}.heading"
        allowed = {field.id for field in template.fields_of(level.id)}
        if level.groups:  # their titles are the labels of the groups
            allowed = {"name"}
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
    if field.unit and (
        field.kind not in ("integer", "decimal") or _NOT_IN_A_UNIT.search(field.unit)
    ):
        yield TemplateProblem("unit", unit=field.unit)
    for label in (field.label, *field.labels.values()):
        names = {n for n in _names_in(label) if not YEAR_IN_LABEL.fullmatch(f"{{{n}}}")}
        is_dated = bool(names) == field.per_checkpoint and names <= {"date", "period"}
        if not is_dated or not _can_be_filled(field, label):
            yield TemplateProblem("label_date", label=label)
    yield from _derived_problems(template, field)
    yield from _use_problems(template, field)


def _use_problems(template: Template, field: Field) -> Iterator[TemplateProblem]:
    """Yield the problems of what a field is used for."""
    if field.unit_from and not _can_have_units_in_rows(template, field):
        yield TemplateProblem("unit_from", name=field.unit_from)
    is_answered_again = field.role == "input" and field.per_checkpoint
    is_finishing = any(step.done for step in template.scales.get(field.scale, ()))
    if field.required_when and not _can_be_required(template, field):
        yield TemplateProblem("required_when", name=field.required_when.field)
    if field.due and (field.kind != "date" or field.of not in ("", template.leaf.id)):
        yield TemplateProblem("due", level=template.leaf.label)
    if field.recipient and not _can_name_recipients(template, field):
        yield TemplateProblem("recipient")
    if field.carry_done and not (is_answered_again and is_finishing):
        yield TemplateProblem("carry_done")


def _can_have_units_in_rows(template: Template, field: Field) -> bool:
    """Return True if another field of the same rows says the unit of a number."""
    level = field.of or template.leaf.id
    other = template.field_of(level, field.unit_from)
    if other is None or other.kind not in ("text", "choice") or other.per_checkpoint:
        return False
    is_number = field.kind in ("integer", "decimal") and not field.unit
    return is_number and field.unit_from not in _names_in(template.level(level).heading)


def _can_name_recipients(template: Template, field: Field) -> bool:
    """Return True if a form can go to each name in a field: the only one, of the plan, undated."""
    is_only = sum(other.recipient for other in template.fields) == 1
    is_name = field.kind in ("text", "choice") and not field.is_derived
    is_everywhere = not (field.per_checkpoint or field.only)
    return is_only and is_name and is_everywhere and field.role == "given"


def _can_be_required(template: Template, field: Field) -> bool:
    """Return True if another field of the level can say when an input has to be answered."""
    when = field.required_when
    other = template.field_of(field.of or template.leaf.id, when.field) if when else None
    if when is None or other is None or other is field or field.role != "input" or field.is_derived:
        return False
    level = template.level(field.of or template.leaf.id)
    if other.id in _names_in(level.heading) or (other.per_checkpoint and not field.per_checkpoint):
        return False
    if when.at_least is not None:
        return other.kind in _NUMBERS and not when.values
    steps = {step.value for step in template.scales.get(other.scale, ())}
    return bool(when.values) and steps.issuperset(when.values)


def _derived_problems(template: Template, field: Field) -> Iterator[TemplateProblem]:
    """Yield the problems of what a field is computed from, and of the bands of a number."""
    there = ", ".join(template.scales) or "–"
    bands = [step.value for step in template.scales.get(field.bands, ())]
    are_numbers = bool(bands) and all(type(value) is int for value in bands)
    is_ordered = are_numbers and bands == sorted(set(bands))
    if field.bands and not (is_ordered and field.kind in NUMBER_KINDS):
        yield TemplateProblem("bands", name=field.bands, there=there)
    if not field.is_derived:
        return
    both = field.compute and field.compare
    given = {"role": field.role != "given", "key": field.key, "required": field.required}
    for key in (
        *(key for key, is_given in given.items() if is_given),
        *(["compare"] if both else []),
    ):
        yield TemplateProblem("derived_key", name=key)
    if field.compute and (len(field.compute) != 3 or field.compute[1] not in OPERATORS):
        yield TemplateProblem("compute", allowed=", ".join(OPERATORS))
        return
    operands = _operands(template, field)
    for operand in field.operands:
        is_number = type(operand) is int and abs(operand) <= _RANGES["value"][1]
        is_number = is_number and "days_after" not in field.compute
        if operand not in operands and not is_number:
            yield TemplateProblem("no_operand", name=operand, there=", ".join(operands) or "–")
    if field.id in _names_in(template.level(field.of or template.leaf.id).heading):
        yield TemplateProblem("derived_key", name="heading")
    used = [operands[name] for name in field.operands if name in operands]
    if field.per_checkpoint and used and not any(one.per_checkpoint for one in used):
        yield TemplateProblem("derived_date")
    yield from _result_problems(template, field, used)


def _operands(template: Template, field: Field) -> dict[str, Field]:
    """Return the fields that a field can be computed from, by id.

    A cell of each is on the same sheet. None of them follows from the field itself.
    """
    level = next(v for v in template.levels if v.id == (field.of or template.leaf.id))
    kinds = {"date"} if "days_after" in field.compute else _NUMBERS
    before = template.fields[: next(n for n, f in enumerate(template.fields) if f is field)]
    return {
        one.id: one
        for one in template.fields_of(level.id)
        if one.kind in kinds
        and one.id not in _names_in(level.heading)
        and (field.per_checkpoint or not one.per_checkpoint)
        and (not one.is_derived or one in before)
    }


def _result_problems(
    template: Template, field: Field, used: Collection[Field]
) -> Iterator[TemplateProblem]:
    """Yield the problems of the kind of what is computed, and of the steps of a comparison."""
    if field.compare:
        count, steps = len(field.compare.operands), template.scales.get(field.scale, ())
        if field.kind != "choice":
            yield TemplateProblem("derived_kind", name=field.kind, there="choice")
        if len(steps) != count:
            yield TemplateProblem("compare_steps", name=field.scale, count=count)
        return
    operator = field.compute[1]
    are_whole = all(one.kind in ("integer", "scale") for one in used)
    allowed = ["decimal", "percent"]
    if operator == "days_after" or (operator != "percent_of" and are_whole):
        allowed = ["integer", *allowed]
    if field.kind not in allowed:
        yield TemplateProblem("derived_kind", name=field.kind, there=", ".join(allowed))


def _can_be_filled(field: Field, label: str) -> bool:
    """Return True if a date can be put into a label; its format may be none that dates have."""
    try:
        field.filled(label, _SOME_DAY)
    except (ValueError, LookupError, AttributeError):
        return False
    return True


def _step_problems(template: Template) -> Iterator[Problem]:
    """Yield the problems of steps: two with one value, and what is no colour."""
    for name, steps in template.scales.items():
        values = [step.value for step in steps]
        for value in dict.fromkeys(values):
            if values.count(value) > 1:
                yield f"scales.{name}", TemplateProblem("twice", name=value)
        for step in steps:
            for key, colour in (("fill", step.fill), ("ink", step.ink)):
                if colour and not is_colour(colour):
                    problem = TemplateProblem("no_colour", value=colour)
                    yield f"scales.{name}.{step.value}.{key}", problem


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
            if (field.of or template.leaf.id) in inside
            and (field.kind in kinds or (field.bands and summary.stat == "distribution"))
            and not (field.unit_from and summary.stat in ("sum", "mean"))
        }
        needs_field = summary.stat != "count" or bool(summary.field)
        if needs_field and summary.field not in allowed:
            there = ", ".join(allowed) or "–"
            name, stat = summary.field, summary.stat
            problem = TemplateProblem("not_summed", name=name, stat=stat, there=there)
            yield f"summaries.{i}.field", problem
            continue
        if summary.where and not _can_filter(template, summary):
            name = summary.where.field
            yield f"summaries.{i}.where", TemplateProblem("where", name=name)
        if summary.weight and not _can_weigh(template, summary):
            yield f"summaries.{i}.weight", TemplateProblem("weight", name=summary.weight)
    for name in _placeholders_in(template.title):
        if name not in PLACEHOLDERS and not name.startswith("date:"):
            there = ", ".join(sorted(PLACEHOLDERS))
            yield "title", TemplateProblem("placeholder", name=name, there=there)


def _can_filter(template: Template, summary: Summary) -> bool:
    """Return True if the values of a field say which nodes a summary counts.

    A formula counts rows, so on cards a filter and what is counted must be one field.
    """
    where, (level, field) = summary.where, template.counted_level_and_field(summary)
    other = template.field_of(level, where.field) if where else None
    if where is None or other is None or other.id in _names_in(template.level(level).heading):
        return False
    if template.layout == "cards" and field not in (None, other):
        return False
    limits = where.at_least is not None or where.below is not None
    if [bool(where.values), limits, bool(where.day)].count(True) != 1:
        return False
    if where.day or limits:
        return other.kind == "date" if where.day else other.kind in _NUMBERS
    return {step.value for step in template.scales.get(other.scale, ())}.issuperset(where.values)


def _can_weigh(template: Template, summary: Summary) -> bool:
    """Return True if a mean can be weighted by a number in the rows of a table of measures."""
    leaf, (level, field) = template.leaf.id, template.counted_level_and_field(summary)
    other = template.field_of(leaf, summary.weight)
    is_mean = summary.stat == "mean" and template.layout == "rows" and level == leaf
    is_number = other is not None and other.kind in NUMBER_KINDS
    is_dated = other is not None and other.per_checkpoint
    return is_mean and is_number and not (is_dated and field and not field.per_checkpoint)


# What only the author of a template file is told: older workbooks may hold it.


def author_problems(template: Template) -> list[Problem]:
    """Return what no workbook or report can hold: numbers, lengths, signs; and unreadable colours.

    The references between the parts are right already (`reference_problems`).
    """
    parts = list(_parts(template))
    return [
        *(problem for key, part in parts for problem in _value_problems(key, part)),
        *_count_problems(template),
        *_scale_problems(template),
        *_contrast_problems(template),
    ]


def _parts(template: Template) -> Iterator[tuple[str, TemplatePart]]:
    """Yield every part of a template with its key."""
    yield "", template
    for level in template.levels:
        yield f"levels.{level.id}.", level
        yield from ((f"levels.{level.id}.groups.{group.id}.", group) for group in level.groups)
    for field in template.fields:
        yield f"fields.{field.id}.", field
        if field.required_when:
            yield f"fields.{field.id}.required_when.", field.required_when
        if field.compare:
            yield f"fields.{field.id}.compare.", field.compare
    for name, steps in template.scales.items():
        yield from ((f"scales.{name}.{step.value}.", step) for step in steps)
    for n, summary in enumerate(template.summaries):
        yield f"summaries.{n}.", summary
        if summary.where:
            yield f"summaries.{n}.where.", summary.where


def _value_problems(key: str, part: TemplatePart) -> Iterator[Problem]:
    """Yield the numbers out of bounds, and the texts that no cell can hold."""
    for item in dataclasses.fields(part):  # type: ignore[arg-type]
        value, place = getattr(part, item.name), f"{key}{item.name}"
        if type(value) is int and item.name in _RANGES:
            least, most = _RANGES[item.name]
            if not least <= value <= most:
                yield place, TemplateProblem("not_allowed", value=value, allowed=f"{least}–{most}")
        texts = value.values() if isinstance(value, Mapping) else value
        longest = _LONGEST_STEP if isinstance(part, Step) else LONGEST_TEXT
        longest = _LONGEST_ID if item.name in ("id", "scale", "unit") else longest
        longest = _LONGEST_SYMBOL if item.name == "symbol" else longest
        for text in (texts,) if isinstance(texts, str) else texts if _is_words(texts) else ():
            is_needed = item.name in (
                "label",
                "labels",
                "aliases",
                "references",
                "against",
                "value",
            )
            yield from ((place, found) for found in text_problems(text, longest, needed=is_needed))


def _is_words(value: object) -> bool:
    """Return True for texts in a row."""
    return isinstance(value, Iterable) and all(isinstance(text, str) for text in value)


def text_problems(text: str, longest: int, *, needed: bool) -> Iterator[TemplateProblem]:
    """Yield why a text cannot stand in a cell or a report."""
    if len(text) > longest:
        yield TemplateProblem("too_long", length=len(text), limit=longest)
    if found := _CONTROL.search(text):
        yield TemplateProblem("control", code=f"U+{ord(found[0]):04X}")
    if needed and not text.strip():
        yield TemplateProblem("empty")


def _count_problems(template: Template) -> Iterator[Problem]:
    """Yield the lists that are longer than a workbook's record takes."""
    lists: list[tuple[str, str, Collection[object]]] = [
        ("levels", "levels", template.levels),
        ("fields", "fields", template.fields),
        ("scales", "scales", template.scales),
        ("summaries", "summaries", template.summaries),
    ]
    lists += [(f"levels.{level.id}.groups", "groups", level.groups) for level in template.levels]
    lists += [(f"scales.{name}", "steps", steps) for name, steps in template.scales.items()]
    for key, of, items in lists:
        if len(items) > _MOST[of]:
            yield key, TemplateProblem("too_many", count=len(items), limit=_MOST[of])


def _scale_problems(template: Template) -> Iterator[Problem]:
    """Yield the steps without a number of scales that are answered by numbers."""
    for field in template.fields:
        for step in template.scales[field.scale] if field.kind == "scale" else ():
            if not isinstance(step.value, int):
                values = {"value": step.value, "field": field.id}
                yield (
                    f"scales.{field.scale}.{step.value}.value",
                    TemplateProblem("step_number", **values),
                )


def _contrast_problems(template: Template) -> Iterator[Problem]:
    """Yield the steps whose text cannot be read on their fill."""
    for name, steps in template.scales.items():
        for step in steps:
            if step.fill and step.ink and contrast(step.fill, step.ink) < LEAST_CONTRAST:
                ratio = f"{contrast(step.fill, step.ink):.1f}"
                values = {"first": step.ink, "second": step.fill, "ratio": ratio}
                yield f"scales.{name}.{step.value}.ink", TemplateProblem("contrast", **values)


def _names_in(text: str) -> list[str]:
    """Return the names of the placeholders of a text, without their formats."""
    return [placeholder.partition(":")[0] for placeholder in _placeholders_in(text)]


def _placeholders_in(text: str) -> list[str]:
    """Return the placeholders of a text, each as name or name and format: `date:%d.%m.%Y`.

    For a brace that is not closed, and for {{}}, it is "{", which no placeholder is called.
    """
    try:
        found = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return ["{"]
    names = [
        f"{name}{f'!{conversion}' if conversion else ''}{f':{spec}' if spec else ''}"
        for name, spec, conversion in found
    ]
    return ["{", *names] if "{{}}" in text else names
