"""`rule`: what a code means."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from xltiltak.arguments import Below, Command, Words
from xltiltak.commands.answer import CLEAN, print_object
from xltiltak.model.language import preferred_language, translate


def arguments(words: Words, below: Below) -> None:
    """`rule CODE`."""
    made = words.command(below, "rule", listing=False)
    made.add_argument("code", metavar="CODE", help=words.word("rule.code"))


def _rule(chosen: argparse.Namespace) -> int:
    from xltiltak.explaining import explain

    spoken = preferred_language()
    known = explain(chosen.code, spoken)
    if chosen.json:
        said = {"code": known.code, "name": known.kind.name, "severity": known.kind.severity}
        return print_object(
            {
                **said,
                "says": known.says,
                "example": known.example,
                "why": known.why,
                "fix": known.fix,
            }
        )
    severity = translate(f"book.{known.kind.severity}", spoken)
    sys.stdout.write(f"{known.code} {known.kind.name} ({severity})\n")
    for key, text in (
        ("says", known.says),
        ("example", known.example),
        ("why", known.why),
        ("fix", known.fix),
    ):
        sys.stdout.write(f"\n{translate(f'rule.{key}', spoken)}\n  {text}\n")
    return CLEAN


COMMANDS: Mapping[str, Command] = {
    "rule": _rule,
}
