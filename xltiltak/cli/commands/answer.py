"""Print the result of a command as text or as one JSON object, and return its exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xltiltak.model.language import preferred_language, translate

if TYPE_CHECKING:
    from xltiltak.flows import Result

CLEAN, ERRORS, USAGE, NOTHING, BUG = 0, 1, 2, 3, 4


def finish(chosen: argparse.Namespace, done: Result, *, figures: bool = False) -> int:
    """Print the result, with the figures of the areas if `figures`. Return the exit code."""
    if chosen.json:
        return print_json(done)
    from xltiltak.cli import console

    language = done.register.report.head.language
    if done.without_plan:
        console.print_line(done.without_plan.message(language))
    if figures:
        console.show_figures(done.register)
    if done.plan_changes:
        console.show_plan_changes(done.plan_changes, language, every=chosen.all)
    console.show_findings(done.findings, language, every=chosen.all)
    console.show_written(done.written, language)
    return exit_code(done)


def print_json(done: Result) -> int:
    """Print the result as one JSON object. Return the exit code."""
    from xltiltak.cli.jsonout import as_json

    sys.stdout.write(as_json(done) + "\n")
    return exit_code(done)


def print_object(content: dict[str, Any]) -> int:
    """Print one JSON object for a command without a report. Return the exit code."""
    import json

    sys.stdout.write(json.dumps({"schema": 1, **content}, ensure_ascii=False, indent=2) + "\n")
    return CLEAN


def exit_code(done: Result) -> int:
    """Return BUG if an error of ours stopped a file, ERRORS if a finding is an error, or CLEAN.

    The log of our own errors is named on standard error: no path gets into a result.
    """
    if done.traces:
        language = preferred_language()
        sys.stderr.write(translate("cli.bug", language, count=len(done.traces)) + "\n")
        log_traces(done.traces)
        return BUG
    return ERRORS if any(finding.severity == "error" for finding in done.findings) else CLEAN


def log_traces(traces: Sequence[str]) -> None:
    """Write the traces of our own errors to a log, and its path on standard error."""
    from xltiltak.model.internal_errors import write_log

    log = write_log(traces)
    text = translate("error.log" if log else "error.no_log", preferred_language(), path=log)
    sys.stderr.write(text + "\n")
