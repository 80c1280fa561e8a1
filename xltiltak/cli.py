"""The command line: parse, call a pipeline, print. What is computed here is only the exit code.

Exit: 0 clean · 1 error findings (output still written; with --strict nothing) · 2 usage · 3 nothing could be produced.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Mapping, Sequence

from xltiltak.arguments import Command, Family, UsageError, parser
from xltiltak.commands import (
    coordinator,
    demo,
    remind,
    report,
    rounds,
    rules,
    sources,
    templates,
    years,
)
from xltiltak.commands.answer import CLEAN, NOTHING, USAGE
from xltiltak.model.errors import XltiltakError
from xltiltak.model.language import preferred_language, translate

FAMILIES: tuple[Family, ...] = (
    demo,
    templates,
    sources,
    rounds,
    remind,
    rules,
    report,
    years,
    coordinator,
)
COMMANDS: Mapping[str, Command] = {
    name: command for family in FAMILIES for name, command in family.COMMANDS.items()
}
_SELDOM = (
    500_000  # new objects between two looks for cycles: a run of many small ones gains a tenth
)


def run(arguments: Sequence[str]) -> int:
    """One command; its exit code. A user never sees a traceback."""
    spoken = preferred_language()
    gc.set_threshold(_SELDOM)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(
                encoding="utf-8", errors="replace"
            )  # a Windows console speaks another by default
    try:
        chosen = parser(spoken, FAMILIES).parse_args(arguments)
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    try:
        command: Command = chosen.command
        return command(chosen)
    except XltiltakError as error:
        return _failed(chosen, error, spoken)
    except BrokenPipeError:
        sys.stderr.close()
        return CLEAN
    except KeyboardInterrupt:
        sys.stderr.write(translate("cli.interrupted", spoken) + "\n")
        return NOTHING


def _failed(chosen: argparse.Namespace, error: XltiltakError, spoken: str) -> int:
    """Nothing could be produced; the sentence says why and what to do."""
    if chosen.json:
        from xltiltak.jsonout import error_object

        sys.stdout.write(error_object(error.said(spoken)) + "\n")
    sys.stderr.write(error.said(spoken) + "\n")
    return NOTHING
