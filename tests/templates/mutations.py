"""Change any one value of a template file into another one, for the law of checked templates."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

TEXTS = (
    "", " ", "x", "x" * 300, "x" * 2_000, "{", "}", "{}", "{{}}", "{name}", "{no}", "{date}",
    "{date:%Y}", "Ved {date:%d/%m/%Y}", "{date:%}", "{date!r}", "{year}", "=1+1", "@head", "a|b|1",
    "a, b", "første\nandre", "\x01", "\ufffe", "«Æ» & <b>", "'", '"', "👩‍🔧", "[x]", "A:B", "rød",
    "#FFF", "#FFFFFF", "#000000", "red", "1", "20", "name", "no", "scale", "choice", "integer",
    "decimal", "date", "text", "paragraphs", "bullets", "input", "given", "rows", "cards", "mean",
    "count", "distribution", "internal", "%", "I gang", "measure", "-", "Sum{", "=",
)  # fmt: skip
OTHERS: tuple[Any, ...] = (
    0, 1, -1, 3, 45, 255, 256, 10**6, 10**12, 10**30, True, False, 1.5, -0.0, float("nan"),
    float("inf"), [], {}, ["x"], [1], [["x"]], {"x": "y"}, {"x": 1}, date(2020, 4, 30), [""],
)  # fmt: skip


def mutated(data: dict[str, Any], random: Random) -> tuple[str, dict[str, Any]]:
    """Return the data with one value changed, and what was changed, as text."""
    changed = copy.deepcopy(data)
    places = list(_places(changed))
    holder, key, path = random.choice(places)
    how = random.choice(("text", "text", "other", "elsewhere", "remove", "repeat"))
    before = holder[key]
    if how == "remove":
        del holder[key]
        return f"{path} removed", changed
    if how == "repeat" and isinstance(holder, list):
        holder.insert(key, copy.deepcopy(before))
        return f"{path} repeated", changed
    if how == "elsewhere":
        other, name, _ = random.choice(places)
        holder[key] = copy.deepcopy(other[name])
    else:
        holder[key] = random.choice(OTHERS if how == "other" else TEXTS)
    return f"{path} = {holder[key]!r:.80} (was {before!r:.40})", changed


def _places(part: Any, path: str = "") -> Iterator[tuple[Any, Any, str]]:
    """Yield every value of a template file: what holds it, under which key, and its path."""
    for key in list(part) if isinstance(part, dict) else range(len(part)):
        yield part, key, f"{path}.{key}"
        if isinstance(part[key], dict | list):
            yield from _places(part[key], f"{path}.{key}")
