"""How a command answers: on standard output in words or as one JSON object, and by its exit code."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xltiltak.flows import Result

CLEAN, ERRORS, USAGE, NOTHING = 0, 1, 2, 3


def finish(chosen: argparse.Namespace, done: Result, *, figures: bool = False) -> int:
    """Print what was done; the exit code says whether there are errors."""
    if chosen.json:
        return print_json(done)
    from xltiltak import console

    spoken = done.register.report.head.language
    if figures:
        console.show_figures(done.register)
    console.show_findings(done.findings, spoken, every=chosen.all)
    console.show_written(done.written, spoken)
    return exit_code(done)


def print_json(done: Result) -> int:
    """The whole result as one object on standard output."""
    from xltiltak.jsonout import as_json

    sys.stdout.write(as_json(done) + "\n")
    return exit_code(done)


def print_object(content: dict[str, Any]) -> int:
    """One object on standard output, of a command that has no report."""
    import json

    sys.stdout.write(json.dumps({"schema": 1, **content}, ensure_ascii=False, indent=2) + "\n")
    return CLEAN


def exit_code(done: Result) -> int:
    """Are there errors among the findings?"""
    return ERRORS if any(finding.severity == "error" for finding in done.findings) else CLEAN
