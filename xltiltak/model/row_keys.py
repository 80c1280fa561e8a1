"""The hidden text in column A that says what stands in a row, and the visible code that says whose sheet it is.

A mark is `SAM-017` (a node's row), `TJE-003/TJE-004` (two nodes share it), `SAM-017|remark|2` (second row of one
slot), `SAM-017|status@2020-04-30|1` (of a dated one) or `@head` (a line of ours without slots). `TJE-003|goals|2+` goes
on with the text of the row before (`bands`).
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
_ALPHABET = (
    "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is mistaken for something else when read aloud
)
_FORM_CODE = re.compile(r"\S+-\d{4}(-\d\d-\d\d)?-[2-9A-HJKMNP-TV-Z]{4}")


class RowKey(NamedTuple):
    """What a row is about: whole nodes, or with `field` a row of one slot of `refs[0]`."""

    refs: tuple[str, ...] = ()
    field: str = ""
    date: date | None = None


def slot_row_key(slot: Slot, k: int) -> str:
    """The mark of the k-th row of a slot, counted from 1."""
    return f"{slot.ref}|{slot_key(slot)}|{k}"


def shared_row_key(nodes: Iterable[Node]) -> str:
    """The mark of a row that these nodes share."""
    return "/".join([node.ref for node in nodes])


def slot_key(slot: Slot) -> str:
    """A slot's name within its node: `status@2020-04-30`."""
    return _dated(slot.field, slot.date) if slot.date else slot.field


def parse_slot_key(ref: str, key: str) -> Slot:
    """The way back from `key_of`."""
    return Slot(ref, *_key(key))


def parse_row_key(text: str) -> RowKey | None:
    """What a row is about; None for a text that is no mark of ours."""
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
    """`SAM-2020-12-31-K7QF`: area, open date and four check characters over report, area, date and sending.

    A code that was retyped or cropped does not check; a form sent again has another one.
    """
    head, sent = report.head, report.areas.get(area, BLANK_AREA).sent
    day = str(head.current or head.year)
    return f"{area}-{day}-{_check_part(report.template.id, head.code, head.title, str(head.year), area, day, str(sent))}"


@lru_cache(maxsize=1024)
def _check_part(*said: str) -> str:
    """Four characters that others than these texts hardly have."""
    seed = "\0".join(said)
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
    return "".join(_ALPHABET[number // len(_ALPHABET) ** i % len(_ALPHABET)] for i in range(4))


def is_area_code(text: str) -> bool:
    """Can it stand in refs and file names? Capital letters and numbers only."""
    return _CODE.fullmatch(text) is not None


def codes_in_use(report: Report) -> frozenset[str]:
    """What no new area may be called: the areas' codes, those they had before, and what refs begin with."""
    begun = (node.ref.partition("-")[0] for node in report.nodes)
    return frozenset(
        (*report.area_refs, *(area.predecessor for area in report.areas.values()), *begun)
    )


def find_form_code(text: str) -> str:
    """The form code that a text of an area sheet ends with, whosever it is; empty without one."""
    last = text.rpartition(": ")[2].strip()
    return last if _FORM_CODE.fullmatch(last) else ""


def area_code(name: str, taken: Collection[str] = ()) -> str:
    """The first three letters in capitals, numbered where they are taken; numbers and signs are skipped."""
    letters = [_LETTERS.get(c, c) for c in name.upper() if c.isalpha()]
    code = "".join(letters)[:3] or "X"
    return next(c for c in chain([code], (f"{code}{n}" for n in count(2))) if c not in taken)


@lru_cache(maxsize=256)
def _dated(field: str, day: date) -> str:
    return f"{field}@{day}"


@lru_cache(maxsize=256)
def _key(key: str) -> tuple[str, date | None]:
    field, _, day = key.partition("@")
    return field, date.fromisoformat(day) if day else None
