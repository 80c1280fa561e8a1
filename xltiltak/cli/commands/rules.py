"""`rule`: explain the code of a finding."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from xltiltak.cli.arguments import Command, CommandParser
from xltiltak.cli.commands.answer import CLEAN, print_object
from xltiltak.model.language import preferred_language, translate


def _rule_arguments(parser: CommandParser) -> None:
    """`rule CODE`."""
    parser.add_positional("code", "code", "rule.code")


def _rule(chosen: argparse.Namespace) -> int:
    from xltiltak.cli.rule_help import explain

    language = preferred_language()
    rule = explain(chosen.code, language)
    texts = {"says": rule.says, "example": rule.example, "why": rule.why, "fix": rule.fix}
    if chosen.json:
        return print_object(
            {"code": rule.code, "name": rule.kind.name, "severity": rule.kind.severity, **texts}
        )
    severity = translate(f"book.{rule.kind.severity}", language)
    sys.stdout.write(f"{rule.code} {rule.kind.name} ({severity})\n")
    for key, text in texts.items():
        sys.stdout.write(f"\n{translate(f'rule.{key}', language)}\n  {text}\n")
    return CLEAN


COMMANDS: Mapping[str, Command] = {
    "rule": Command(_rule_arguments, _rule, has_findings=False),
}
