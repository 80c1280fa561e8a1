"""Read a coordinator's yes or no beside a proposal, in any of the languages."""

from __future__ import annotations

import re
from typing import Literal

Decision = Literal["yes", "no"]

_YES = frozenset(
    (
        *("ja", "j", "x", "ok", "okay", "okei", "yes", "y", "✓", "✔", "☑"),
        *("godtatt", "godtas", "godkjent", "godkjennes", "akseptert", "aksepteres"),
        *("godteke", "godteken", "godkjend", "godkjent", "godtek", "tas inn", "tas med"),
        *("godkänd", "godkänt", "godkänns", "accepterad", "accepterat", "accepteras"),
        *("accepted", "accept", "approved", "agreed"),
    )
)
_NO_WITH_REASON = (
    *("nei", "nej", "no"),
    *("avvist", "avvises", "avslått", "avslås", "avslag", "avslege", "avvisast"),
    *("avvisad", "avvisat", "avvisas", "avslag", "avslaget", "avböjd", "avböjs"),
    *("rejected", "refused", "declined"),
    *("ikke godtatt", "ikke godkjent", "ikkje godteke", "ikkje godkjent", "ikkje godkjend"),
    *("inte godkänd", "inte godkänt", "not accepted", "not approved"),
)
_NO = frozenset((*_NO_WITH_REASON, "n", "nei takk", "nej tack", "no thanks", "reject", "refuse"))
_REASON = re.compile(
    rf"(?:{'|'.join(_NO_WITH_REASON)})\s*(?:[,.:;–—(]|-\s|\s-)\s*(?P<reason>\S.*)", re.DOTALL
)
_WORD = re.compile(r"\w+")


def decision_of(text: str) -> Decision | None:
    """Return what a text decides; None unless it is clearly yes or no.

    A no may be followed by a comma, dash, colon or bracket and the reason. The whole of any other
    text has to be one of the known words: "ja, men …" or "nei?" decide nothing.
    """
    plain = " ".join(text.casefold().split()).rstrip(" .!")
    if plain in _YES:
        return "yes"
    if plain in _NO:
        return "no"
    found = _REASON.fullmatch(plain)
    if found and "?" not in plain and _YES.isdisjoint(_WORD.findall(found["reason"])):
        return "no"
    return None
