"""Amounts of money and references to a budget, found in what people write about cost.

They are listed, never summed: the same money is often named in two places, and a text says "each" or "in all" in ways
no program reads. What a reference is called is the template's; amounts are written alike in Norwegian and Swedish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from xltiltak.model.report import Report, Slot

_SPACE = "[ \u00a0\u202f]"
_THOUSAND, _MILLION, _MILLIARD = Decimal(1_000), Decimal(1_000_000), Decimal(1_000_000_000)
_SCALES = {  # how a word that makes a number larger begins
    "tusen": _THOUSAND, "thousand": _THOUSAND, "tkr": _THOUSAND, "kkr": _THOUSAND,
    "mrd": _MILLIARD, "mdkr": _MILLIARD, "md": _MILLIARD, "milliard": _MILLIARD, "miljard": _MILLIARD,
    "billion": _MILLIARD,
    "mill": _MILLION, "miljon": _MILLION, "milj": _MILLION, "mio": _MILLION, "mn": _MILLION, "mkr": _MILLION,
    "mnok": _MILLION, "msek": _MILLION,
}  # fmt: skip
_BEFORE = "mdkr|mnok|msek|mnkr|mkr|tkr|kkr|nok|sek|kroner|kronor|kr"
_AFTER = f"{_BEFORE}|kronar"
_LARGER = "tusen|thousand|millioner|millionar|millions|million|mill|miljoner|miljon|milj|mio|mn|milliarder|milliardar|"
_LARGER += "milliard|miljarder|miljard|billions|billion|mrd|md"
_COUNTED = "innb|invån|inhab|mennesk|människ|people|perso|elev|pupil|barn|time|timm|hour|dag|døgn|dygn|day|km|m2|m²|kvm|"
_COUNTED += "mål|tonn|ton|kwh|stk|st"
_NUMBER = rf"(?:\d{{1,4}}(?:(?:{_SPACE}|[.'’])\d{{3}})+|\d+)(?!\d)(?:[.,]\d{{1,2}}(?![\d]))?"
_AMOUNT = (  # compiled, by `re`, where a template asks for amounts
    rf"""(?ix)(?:\b(?P<before>{_BEFORE})(?![^\W\d])\.?{_SPACE}?|(?<![\w.,:§])(?<!§[ ]))
    (?P<number>{_NUMBER})(?![\d%])
    (?P<dash>{_SPACE}?[.,:][-–—](?!\w))?
    (?:{_SPACE}?(?P<larger>{_LARGER})\b\.?)?
    (?:{_SPACE}?(?P<after>{_AFTER})\b(?!\.?{_SPACE}?\d))?
    (?P<counted>{_SPACE}?(?:%|{_COUNTED})\w*)?"""
)
_LEAST_BARE = 10_000  # a number without a currency is an amount from here on, where its thousands are set apart


class Mention(NamedTuple):
    """An amount or a reference as it stands in a text, from `start` on; `value` is in kroner, None for a reference."""

    kind: Literal["amount", "reference"]
    text: str
    start: int
    value: Decimal | None = None


class ListedMention(NamedTuple):
    """A mention with the slot it stands in, and the words around it."""

    slot: Slot
    mention: Mention
    context: str


def mentions(text: str, words: Sequence[str] = ()) -> tuple[Mention, ...]:
    """Every amount in a text, and every number after one of these words, in the order they stand."""
    found = list(_references(text, tuple(words)))
    taken = [(one.start, one.start + len(one.text)) for one in found]
    for match in re.finditer(_AMOUNT, _without(text, taken)):
        value = _value(match)
        if value is not None:
            end = match.start("counted") if match["counted"] else match.end()
            found.append(
                Mention("amount", text[match.start() : end].rstrip(), match.start(), value)
            )
    return tuple(sorted(found, key=lambda one: one.start))


def list_mentions(report: Report) -> Iterator[ListedMention]:
    """What stands in the fields of a report that the template wants amounts or references listed of."""
    for slot, known, _ in report.slots(lambda field: field.amounts or bool(field.references)):
        if (value := report.values.get(slot)) is not None:
            for text in value if isinstance(value, tuple) else str(value).split("\n"):
                for mention in mentions(text, known.references):
                    if mention.kind == "reference" or known.amounts:
                        yield ListedMention(slot, mention, text)


def _references(text: str, words: tuple[str, ...]) -> Iterator[Mention]:
    for match in _reference(words).finditer(text) if words else ():
        yield Mention("reference", match[0], match.start())


@lru_cache(maxsize=32)
def _reference(words: tuple[str, ...]) -> re.Pattern[str]:
    """One of these words, perhaps "nr", and a number, which may begin with letters."""
    longest_first = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(
        rf"\b(?:{longest_first})[.:]?\s*(?:nr|no|nummer|number)?\.?\s*[A-ZÆØÅÄÖ]{{0,3}}\d[\w]*",
        re.IGNORECASE,
    )


def _without(text: str, taken: Sequence[tuple[int, int]]) -> str:
    """The text with these parts blanked out, as long as before."""
    for first, last in taken:
        text = f"{text[:first]}{chr(0) * (last - first)}{text[last:]}"
    return text


def _value(match: re.Match[str]) -> Decimal | None:
    """Kroner; None for a number that is no amount."""
    number, larger = match["number"], (match["larger"] or "").lower()
    currency = (match["before"] or match["after"] or "").lower()
    grouped = re.sub(rf"(?:{_SPACE}|[.'’])(?=\d{{3}}(?!\d))", "", number)
    value = Decimal(grouped.replace(",", "."))
    if not currency and not match["dash"]:
        bare = grouped != number and value >= _LEAST_BARE and not larger
        if match["counted"] or not (bare or larger not in ("", "tusen", "thousand")):
            return None
    factor = next(
        (size for name, size in _SCALES.items() if (larger or currency).startswith(name)),
        Decimal(1),
    )
    return value * factor
