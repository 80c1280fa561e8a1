"""The command line: parse, call a pipeline, print. What is computed here is only the exit code.

Exit: 0 clean · 1 error findings (output still written; with --strict nothing) · 2 usage · 3 nothing could be produced.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from xltiltak import __version__, language
from xltiltak.errors import XltiltakError

if TYPE_CHECKING:
    from xltiltak.workflow import Result

CLEAN, ERRORS, USAGE, NOTHING = 0, 1, 2, 3
_DEMO = "xltiltak-demo"


def run(arguments: Sequence[str]) -> int:
    """One command; its exit code. A user never sees a traceback."""
    spoken = language.preferred()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console speaks another by default
    try:
        chosen = _parser(spoken).parse_args(arguments)
    except _UsageError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    try:
        command: Callable[[argparse.Namespace], int] = chosen.command
        return command(chosen)
    except XltiltakError as error:
        return _failed(chosen, error, spoken)
    except BrokenPipeError:
        sys.stderr.close()
        return CLEAN
    except KeyboardInterrupt:
        sys.stderr.write(language.word("cli.interrupted", spoken) + "\n")
        return NOTHING


class _UsageError(Exception):
    """Words on the command line that are none of ours."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong without ending the program."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{self.format_usage()}{self.prog}: {message}")


def _parser(spoken: str) -> argparse.ArgumentParser:
    def word(key: str) -> str:
        return language.word(f"cli.{key}", spoken)

    parser = _Parser(prog="xltiltak", description=word("program"))
    parser.add_argument("--version", action="version", version=f"xltiltak {__version__}")
    commands = parser.add_subparsers(title=word("commands"), metavar="", required=True, parser_class=_Parser)

    def command(name: str, function: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=word(f"{name}.help"), description=word(f"{name}.help"))
        made.set_defaults(command=function)
        made.add_argument("--json", action="store_true", help=word("json"))
        if name != "templates":
            made.add_argument("--all", action="store_true", help=word("all"))
        return made

    demo = command("demo", _demo)
    demo.add_argument("folder", nargs="?", default=_DEMO, type=Path, metavar="DIR", help=word("demo.folder"))
    _force(demo, word)
    command("templates", _templates)
    import_ = command("import", _import)
    import_.add_argument("source", type=Path, metavar="SOURCE", help=word("import.source"))
    import_.add_argument("-o", "--output", type=Path, required=True, metavar="PLAN.xlsx", help=word("import.output"))
    import_.add_argument("--template", required=True, metavar="NAME", help=word("template"))
    import_.add_argument("--head", type=Path, metavar="FILE", help=word("import.head"))
    _force(import_, word)
    split = command("split", _split)
    split.add_argument("plan", type=Path, metavar="PLAN.xlsx", help=word("plan"))
    split.add_argument("--to", type=Path, required=True, metavar="DIR", help=word("split.to"))
    split.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help=word("split.date"))
    split.add_argument("--area", nargs="+", default=(), metavar="CODE", help=word("split.area"))
    _force(split, word)
    check = command("check", _check)
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH", help=word("paths"))
    check.add_argument("--plan", type=Path, metavar="PLAN.xlsx", help=word("plan"))
    _reading(check, word)
    merge = command("merge", _merge)
    merge.add_argument("paths", nargs="+", type=Path, metavar="PATH", help=word("paths"))
    merge.add_argument("-o", "--output", type=Path, required=True, metavar="APPENDIX.xlsx", help=word("merge.output"))
    merge.add_argument("--plan", type=Path, metavar="PLAN.xlsx", help=word("plan"))
    merge.add_argument("--strict", action="store_true", help=word("merge.strict"))
    _force(merge, word)
    _reading(merge, word)
    return parser


def _force(parser: argparse.ArgumentParser, word: Callable[[str], str]) -> None:
    parser.add_argument("--force", action="store_true", help=word("force"))


def _reading(parser: argparse.ArgumentParser, word: Callable[[str], str]) -> None:
    parser.add_argument("--jobs", type=_positive, default=1, metavar="N", help=word("jobs"))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = language.word("cli.bad_day", language.preferred(), value=text)
        raise argparse.ArgumentTypeError(message) from error


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(language.word("cli.bad_number", language.preferred(), value=text))
    return int(text)


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
    console.console().print(language.word("cli.demo.open", spoken, path=done.first), soft_wrap=True)
    return CLEAN


def _templates(chosen: argparse.Namespace) -> int:
    from xltiltak import catalogue

    found = [catalogue.load(folder) for folder in catalogue.folders(Path.cwd()).values()]
    if chosen.json:
        import json

        known = [
            {"id": t.id, "version": t.version, "language": t.language, "description": t.description} for t in found
        ]
        sys.stdout.write(json.dumps({"schema": 1, "templates": known}, ensure_ascii=False, indent=2) + "\n")
        return CLEAN
    width = max(len(template.id) for template in found)
    for template in found:
        sys.stdout.write(f"{template.id:{width}}  {template.language}  {template.description}\n")
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

    count = len(files.workbooks(chosen.paths))
    with console.progress(count, language.preferred()) as step:
        options = workflow.Options(chosen.jobs, step)
        done = workflow.check(chosen.paths, plan=chosen.plan, options=options)
    return _finish(chosen, done, figures=True)


def _merge(chosen: argparse.Namespace) -> int:
    from xltiltak import console, files, workflow

    count = len(files.workbooks(chosen.paths))
    with console.progress(count, language.preferred()) as step:
        known = {"plan": chosen.plan, "strict": chosen.strict, "force": chosen.force}
        options = workflow.Options(chosen.jobs, step)
        done = workflow.merge(chosen.paths, chosen.output, options=options, **known)
    if not chosen.json:
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


def _code(done: Result) -> int:
    return ERRORS if any(finding.severity == "error" for finding in done.findings) else CLEAN


def _failed(chosen: argparse.Namespace, error: XltiltakError, spoken: str) -> int:
    """Nothing could be produced; the sentence says why and what to do."""
    if chosen.json:
        from xltiltak.jsonout import error_object

        sys.stdout.write(error_object(error.said(spoken)) + "\n")
    sys.stderr.write(error.said(spoken) + "\n")
    return NOTHING
