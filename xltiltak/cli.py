"""The command line: parse, call a pipeline, print. What is computed here is only the exit code.

Exit: 0 clean · 1 error findings (output still written; with --strict nothing) · 2 usage · 3 nothing could be produced.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xltiltak import language
from xltiltak.arguments import Command, UsageError, parser
from xltiltak.errors import TemplateError, XltiltakError

if TYPE_CHECKING:
    from xltiltak.workflow import Result

CLEAN, ERRORS, USAGE, NOTHING = 0, 1, 2, 3
_SELDOM = 100_000  # new objects between two looks for cycles: a short run of many small ones gains a tenth


def run(arguments: Sequence[str]) -> int:
    """One command; its exit code. A user never sees a traceback."""
    spoken = language.preferred()
    gc.set_threshold(_SELDOM)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console speaks another by default
    try:
        chosen = parser(spoken, COMMANDS).parse_args(arguments)
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
        sys.stderr.write(language.word("cli.interrupted", spoken) + "\n")
        return NOTHING


def _demo(chosen: argparse.Namespace) -> int:
    from xltiltak.demo.story import tell

    done = tell(chosen.folder, force=chosen.force)
    if chosen.json:
        _print_json(done.result)
        return CLEAN  # its slips are part of the story
    from xltiltak import console

    spoken = done.result.register.report.head.language
    console.show_figures(done.result.register)
    console.show_findings(done.result.findings, spoken, every=chosen.all)
    console.show_written(done.paths, spoken)
    console.tell(language.word("cli.demo.open", spoken, path=done.first))
    return CLEAN


def _templates(chosen: argparse.Namespace) -> int:
    from xltiltak import catalogue

    found = [catalogue.load(folder) for folder in catalogue.folders(Path.cwd()).values()]
    if chosen.json:
        keys = ("id", "version", "language", "description")
        return _print_object({"templates": [{key: getattr(template, key) for key in keys} for template in found]})
    width = max(len(template.id) for template in found)
    for template in found:
        sys.stdout.write(f"{template.id:{width}}  {template.language}  {template.description}\n")
    return CLEAN


def _template_new(chosen: argparse.Namespace) -> int:
    from xltiltak import authoring

    made = authoring.copy_template(chosen.name, chosen.source, chosen.to)
    if chosen.json:
        return _print_object({"written": [str(made)]})
    spoken = language.preferred()
    sys.stdout.write(language.word("cli.written", spoken, path=made) + "\n")
    sys.stdout.write(language.word("cli.template new.next", spoken, folder=made.parent) + "\n")
    return CLEAN


def _template_check(chosen: argparse.Namespace) -> int:
    from xltiltak import authoring, console

    spoken, told = language.preferred(), authoring.check_template(chosen.folder)
    if chosen.json:
        from xltiltak.jsonout import template_object

        _print_object(template_object(told, spoken))
        return ERRORS if told.problems else CLEAN
    if told.template is None:
        sys.stdout.write(TemplateError(list(told.problems)).said(spoken) + "\n")
        return ERRORS
    console.show_findings(told.findings, spoken, every=chosen.all)
    held = authoring.contents(told.template)
    said = {key: ", ".join(value) or "–" if isinstance(value, list) else value for key, value in held.items()}
    sys.stdout.write(language.word("cli.template check.holds", spoken, **said) + "\n")
    return CLEAN


def _template_plan(chosen: argparse.Namespace) -> int:
    from xltiltak import authoring, catalogue

    template, year = catalogue.find(chosen.template, Path.cwd()), date.today().year  # noqa: DTZ011 - the user's own
    areas = {"areas": chosen.areas} if chosen.areas else {}
    written = authoring.write_blank(template, year, chosen.output, force=chosen.force, **areas)
    if chosen.json:
        return _print_object({"written": [str(written)]})
    sys.stdout.write(language.word("cli.written", language.preferred(), path=written) + "\n")
    return CLEAN


def _import(chosen: argparse.Namespace) -> int:
    from xltiltak import catalogue, workflow

    template = catalogue.find(chosen.template, chosen.source.parent)
    done = workflow.import_(chosen.source, template, chosen.output, head=chosen.head, force=chosen.force)
    return _finish(chosen, done, figures=True)


def _split(chosen: argparse.Namespace) -> int:
    from xltiltak import workflow

    done = workflow.split(chosen.plan, chosen.to, day=chosen.date, areas=chosen.area, force=chosen.force)
    return _finish(chosen, done)


def _check(chosen: argparse.Namespace) -> int:
    from xltiltak import console, files, workflow

    count = len(files.returned(chosen.paths))
    with console.progress(count, language.preferred()) as step:
        options = workflow.Options(chosen.jobs, step)
        done = workflow.check(chosen.paths, plan=chosen.plan, options=options)
    return _finish(chosen, done, figures=True)


def _merge(chosen: argparse.Namespace) -> int:
    from xltiltak import console, files, workflow

    count = len(files.returned(chosen.paths))
    with console.progress(count, language.preferred()) as step:
        known = {"plan": chosen.plan, "strict": chosen.strict, "force": chosen.force}
        options = workflow.Options(chosen.jobs, step)
        done = workflow.merge(chosen.paths, chosen.output, options=options, **known)
    spoken = done.register.report.head.language
    if chosen.plan is None:
        console.say(language.word("cli.merge.without_plan", spoken))
    if not done.written:
        console.say(language.word("cli.merge.strict_stopped", spoken))
    return _finish(chosen, done, figures=True)


def _finish(chosen: argparse.Namespace, done: Result, *, figures: bool = False) -> int:
    """Print what was done; the exit code says whether there are errors."""
    if chosen.json:
        return _print_json(done)
    from xltiltak import console

    spoken = done.register.report.head.language
    if figures:
        console.show_figures(done.register)
    console.show_findings(done.findings, spoken, every=chosen.all)
    console.show_written(done.written, spoken)
    return _code(done)


def _print_json(done: Result) -> int:
    from xltiltak.jsonout import as_json

    sys.stdout.write(as_json(done) + "\n")
    return _code(done)


def _print_object(content: dict[str, Any]) -> int:
    """One object on standard output, of a command that has no report."""
    import json

    sys.stdout.write(json.dumps({"schema": 1, **content}, ensure_ascii=False, indent=2) + "\n")
    return CLEAN


def _code(done: Result) -> int:
    return ERRORS if any(finding.severity == "error" for finding in done.findings) else CLEAN


def _failed(chosen: argparse.Namespace, error: XltiltakError, spoken: str) -> int:
    """Nothing could be produced; the sentence says why and what to do."""
    if chosen.json:
        from xltiltak.jsonout import error_object

        sys.stdout.write(error_object(error.said(spoken)) + "\n")
    sys.stderr.write(error.said(spoken) + "\n")
    return NOTHING


COMMANDS: Mapping[str, Command] = {
    "demo": _demo,
    "templates": _templates,
    "template new": _template_new,
    "template check": _template_check,
    "template plan": _template_plan,
    "import": _import,
    "split": _split,
    "check": _check,
    "merge": _merge,
}
