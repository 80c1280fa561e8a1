"""Find amounts of money and references to a budget in the texts of a report.

They are listed, but not summed: the same money is often named in two places, and a text may say
"each" or "in all" in ways that no program can read. The words before a reference are in the
template. Amounts are written in the same way in Norwegian and Swedish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from xltiltak.model.report import Report, Slot

_SPACE = "[ \u00a0\u202f]"
_FACTORS = {  # by the beginning of a word after a number, or of a currency
    **dict.fromkeys(("tusen", "thousand", "tkr", "kkr"), Decimal(1_000)),
    **dict.fromkeys(
        ("mrd", "mdkr", "md", "milliard", "miljard", "billion"), Decimal(1_000_000_000)
    ),
    **dict.fromkeys(
        ("mill", "miljon", "milj", "mio", "mn", "mkr", "mnok", "msek"), Decimal(1_000_000)
    ),
}
_BEFORE = "mdkr|mnok|msek|mnkr|mkr|tkr|kkr|nok|sek|kroner|kronor|kr"
_AFTER = f"{_BEFORE}|kronar"
# In a list of alternatives a longer word comes before its beginning.
_LARGER = (
    "tusen|thousand|millioner|millionar|millions|million|mill|miljoner|miljon|milj|mio|mn|"
    "milliarder|milliardar|milliard|miljarder|miljard|billions|billion|mrd|md"
)
_COUNTED = (  # the beginnings of words that make a number a count, not an amount
    "innb|invån|inhab|mennesk|människ|people|perso|elev|pupil|barn|time|timm|hour|dag|døgn|dygn|"
    "day|km|m2|m²|kvm|mål|tonn|ton|kwh|stk|st"
)
_NUMBER = rf"(?:\d{{1,4}}(?:(?:{_SPACE}|[.'’])\d{{3}})+|\d+)(?!\d)(?:[.,]\d{{1,2}}(?![\d]))?"
_AMOUNT = (  # compiled, and cached, by `re` if a template asks for amounts
    rf"""(?ix)(?:\b(?P<before>{_BEFORE})(?![^\W\d])\.?{_SPACE}?|(?<![\w.,:§])(?<!§[ ]))
    (?P<number>{_NUMBER})(?![\d%])
    (?P<dash>{_SPACE}?[.,:][-–—](?!\w))?
    (?:{_SPACE}?(?P<larger>{_LARGER})\b\.?)?
    (?:{_SPACE}?(?P<after>{_AFTER})\b(?!\.?{_SPACE}?\d))?
    (?P<counted>{_SPACE}?(?:%|{_COUNTED})\w*)?"""
)
_MIN_BARE = 10_000  # a smaller number without a currency is not an amount


class Mention(NamedTuple):
    """An amount or a reference in a text.

    `start` is its position. `value` is in kroner, None for a reference.
    """

    kind: Literal["amount", "reference"]
    text: str
    start: int
    value: Decimal | None = None


class ListedMention(NamedTuple):
    """A mention with its slot, and the paragraph around it."""

    slot: Slot
    mention: Mention
    context: str


def mentions(text: str, words: Sequence[str] = ()) -> tuple[Mention, ...]:
    """Return all amounts in a text and all numbers after one of these words, in their order."""
    found = list(_references(text, tuple(words)))
    for reference in found:  # the number of a reference is not an amount
        end = reference.start + len(reference.text)
        text = f"{text[: reference.start]}{chr(0) * len(reference.text)}{text[end:]}"
    for match in re.finditer(_AMOUNT, text):
        value = _kroner(match)
        if value is not None:
            start = match.start()
            end = match.start("counted") if match["counted"] else match.end()
            found.append(Mention("amount", text[start:end].rstrip(), start, value))
    return tuple(sorted(found, key=lambda mention: mention.start))


def list_mentions(report: Report) -> Iterator[ListedMention]:
    """Yield the amounts and references in the fields of which the template lists them.

    Of a node each amount and each reference is listed once, where it stands first.
    """
    known = set[tuple[str, str, object]]()
    for slot, field, _ in report.slots(lambda field: field.amounts or bool(field.references)):
        if (value := report.values.get(slot)) is not None:
            for text in value if isinstance(value, tuple) else str(value).split("\n"):
                for mention in mentions(text, field.references):
                    same = (slot.ref, mention.kind, mention.value or mention.text)
                    if (mention.kind == "reference" or field.amounts) and same not in known:
                        known.add(same)
                        yield ListedMention(slot, mention, text)


def _references(text: str, words: tuple[str, ...]) -> Iterator[Mention]:
    for match in _reference_pattern(words).finditer(text) if words else ():
        yield Mention("reference", match[0], match.start())


@lru_cache(maxsize=32)
def _reference_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of one of these words, perhaps "nr", and a number (also "A12")."""
    longest_first = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(
        rf"\b(?:{longest_first})[.:]?\s*(?:nr|no|nummer|number)?\.?\s*[A-ZÆØÅÄÖ]{{0,3}}\d[\w]*",
        re.IGNORECASE,
    )


def _kroner(match: re.Match[str]) -> Decimal | None:
    """Return the amount of a match in kroner; None if the number is not an amount.

    Without a currency it needs grouped thousands and a certain size, a dash for its decimals, or a
    word such as "million".
    """
    number, larger = match["number"], (match["larger"] or "").lower()
    currency = (match["before"] or match["after"] or "").lower()
    ungrouped = re.sub(rf"(?:{_SPACE}|[.'’])(?=\d{{3}}(?!\d))", "", number)
    value = Decimal(ungrouped.replace(",", "."))
    if not currency and not match["dash"]:
        is_large = ungrouped != number and value >= _MIN_BARE and not larger
        has_large_unit = larger not in ("", "tusen", "thousand")
        if match["counted"] or not (is_large or has_large_unit):
            return None
    unit = larger or currency
    factors = (factor for name, factor in _FACTORS.items() if unit.startswith(name))
    return value * next(factors, Decimal(1))
