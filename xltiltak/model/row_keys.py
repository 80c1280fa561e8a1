"""Row keys, area codes and form codes: the texts that identify rows, areas and forms.

A row key is hidden in column A. It is

- `SAM-017` for the row of a node, `TJE-003/TJE-004` if two nodes share the row;
- `SAM-017|remark|2` for the second row of one slot, `SAM-017|status@2020-04-30|1` of a dated slot;
- `TJE-003|goals|2+` for a row that continues the text of the row above;
- `@head` and the like for our own rows without slots.

A form code is visible on every area sheet of a form.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache
from itertools import chain, count
from typing import NamedTuple

from xltiltak.model.report import BLANK_AREA, Node, Report, Slot

_LETTERS = {"Æ": "AE", "Ø": "O", "Å": "A", "Ä": "A", "Ö": "O"}
_CODE = re.compile(r"[A-Z0-9]+")
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without letters and digits that look alike
_FORM_CODE = re.compile(r"\S+-\d{4}(-\d\d-\d\d)?-[2-9A-HJKMNP-TV-Z]{4}")


class RowKey(NamedTuple):
    """A parsed row key: the nodes of a row, or with `field` one slot of the node `refs[0]`."""

    refs: tuple[str, ...] = ()
    field: str = ""
    date: date | None = None


def slot_row_key(slot: Slot, k: int) -> str:
    """Return the key of the k-th row of a slot, counted from 1."""
    return f"{slot.ref}|{slot_key(slot)}|{k}"


def shared_row_key(nodes: Iterable[Node]) -> str:
    """Return the key of a row that has these nodes."""
    return "/".join([node.ref for node in nodes])


def slot_key(slot: Slot) -> str:
    """Return the key of a slot within its node: `remark`, or `status@2020-04-30`."""
    return _dated(slot.field, slot.date) if slot.date else slot.field


def parse_slot_key(ref: str, key: str) -> Slot:
    """Return the slot of a key that `slot_key` made. Raise ValueError for a wrong date."""
    return Slot(ref, *_field_and_date(key))


def parse_row_key(text: str) -> RowKey | None:
    """Return the parsed row key; without refs for our own rows. None for any other text."""
    if text.startswith("@"):
        return RowKey()
    if "|" not in text:
        return RowKey(tuple(text.split("/")))
    parts = text.split("|")
    if len(parts) == 3:
        try:
            slot = parse_slot_key(parts[0], parts[1])
        except ValueError:
            return None
        return RowKey((slot.ref,), slot.field, slot.date)
    return None


def form_code(report: Report, area: str) -> str:
    """Return the code of an area's form, as `SAM-2020-12-31-K7QF`.

    It consists of the area, the open date, and four check characters of report, area, date and
    sending. So a mistyped code is not valid, and a form that is sent again has another code.
    """
    head, sent = report.head, report.areas.get(area, BLANK_AREA).sent
    day = str(head.current or head.year)
    texts = (report.template.id, head.code, head.title, str(head.year), area, day, str(sent))
    return f"{area}-{day}-{_check_characters(*texts)}"


@lru_cache(maxsize=1024)
def _check_characters(*texts: str) -> str:
    """Return four characters that depend on all texts."""
    seed = "\0".join(texts)
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
    return "".join(_ALPHABET[number // len(_ALPHABET) ** i % len(_ALPHABET)] for i in range(4))


def is_area_code(text: str) -> bool:
    """Return True if a text can be an area code: only capital letters A–Z and digits."""
    return _CODE.fullmatch(text) is not None


def codes_in_use(report: Report) -> frozenset[str]:
    """Return the codes that a new area cannot get.

    They are the codes of all areas, their codes in the year before, and the beginnings of all refs.
    """
    predecessors = (area.predecessor for area in report.areas.values())
    beginnings = (node.ref.partition("-")[0] for node in report.nodes)
    return frozenset((*report.area_refs, *predecessors, *beginnings))


def find_form_code(text: str) -> str:
    """Return the form code at the end of a text of an area sheet; empty without one."""
    last = text.rpartition(": ")[2].strip()
    return last if _FORM_CODE.fullmatch(last) else ""


def spelled_code(text: str) -> str:
    """Return a code as somebody typed it, in the letters of codes: "OKO" for "øko".

    Return an empty text if it cannot be a code.
    """
    code = "".join(_LETTERS.get(c, c) for c in text.upper() if not c.isspace())
    return code if is_area_code(code) else ""


def area_code(name: str, taken: Collection[str] = ()) -> str:
    """Return a code for an area: the first three letters of its name, in capitals.

    A code in `taken` gets a number at its end.
    """
    letters = [_LETTERS.get(c, c) for c in name.upper() if c.isalpha()]
    code = "".join(letters)[:3] or "X"
    return next(c for c in chain([code], (f"{code}{n}" for n in count(2))) if c not in taken)


@lru_cache(maxsize=256)
def _dated(field: str, day: date) -> str:
    return f"{field}@{day}"


@lru_cache(maxsize=256)
def _field_and_date(key: str) -> tuple[str, date | None]:
    field, _, day = key.partition("@")
    return field, date.fromisoformat(day) if day else None
