"""`report`, `compare` and `roll`: what is done with an appendix.

People read it, it is compared with another one, and it becomes the plan of the next year.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xltiltak.cli.arguments import Command, CommandParser, to_dates, to_path, to_year
from xltiltak.cli.commands.answer import CLEAN, ERRORS, exit_code, finish, print_json, print_object
from xltiltak.model.errors import OutputError
from xltiltak.model.language import LANGUAGES, preferred_language, translate
from xltiltak.model.visible_text import visible_path

if TYPE_CHECKING:  # who only asks for help need not load it
    from xltiltak.publishing.publication import Publication

_FINISHED = ("leave", "mark")


def _report_arguments(parser: CommandParser) -> None:
    """`report APPENDIX.xlsx -o OUT.html [-o OUT.docx ...]`."""
    parser.add_positional("appendix", "appendix", "report.appendix", type=to_path)
    parser.add_option(
        "-o",
        "--output",
        metavar="file",
        help_key="report.output",
        action="append",
        type=to_path,
        required=True,
    )
    parser.add_choice("--lang", LANGUAGES, "report.lang")
    parser.add_flag("--with-findings", "report.with_findings")
    parser.add_option(
        "--docx-template", metavar="letterhead", help_key="report.docx_template", type=to_path
    )
    parser.add_flag("--strict", "report.strict")
    parser.add_force()


def _report(chosen: argparse.Namespace) -> int:
    from xltiltak import flows
    from xltiltak.cli import console
    from xltiltak.publishing import publication

    letterheads = [chosen.docx_template] if chosen.docx_template else []
    publication.check_targets(
        chosen.output, force=chosen.force, sources=[chosen.appendix, *letterheads]
    )
    if chosen.docx_template and not any(
        target.suffix.lower() == ".docx" for target in chosen.output
    ):
        raise OutputError("no_docx")
    with console.working(chosen.appendix.name, quiet=chosen.json):
        prepared = publication.prepare(
            chosen.appendix,
            language=chosen.lang or "",
            with_findings=chosen.with_findings,
            letterhead=chosen.docx_template,
            targets=chosen.output,
        )
    language = prepared.register.report.head.language
    blocked = chosen.strict and bool(prepared.findings)
    if not chosen.json:
        console.show_findings(prepared.findings, language, every=chosen.all)
        if prepared.open_errors:
            console.print_line(_open_errors_text(prepared, language))
    written: tuple[Path, ...] = ()
    if not blocked:
        with console.working(chosen.appendix.name, quiet=chosen.json) as show:
            written = publication.publish(prepared, chosen.output, force=chosen.force, on_file=show)
    if blocked:
        console.print_error(translate("cli.report.strict_stopped", language))
    if chosen.json:
        print_json(flows.Result(prepared.register, findings=prepared.findings, written=written))
    else:
        console.show_written(written, language)
    errors = any(finding.severity == "error" for finding in prepared.findings)
    return ERRORS if blocked or errors else CLEAN


def _open_errors_text(prepared: Publication, language: str) -> str:
    """Return how many errors are open in the appendix, and in which areas or about files."""
    report = prepared.register.report
    counts = Counter(error.area for error in prepared.open_errors)
    places = [f"{report.area_name(ref)} {counts[ref]}" for ref in report.area_refs if ref in counts]
    count = len(prepared.open_errors)
    if elsewhere := count - sum(counts[ref] for ref in report.area_refs):
        places.append(translate("cli.report.errors_elsewhere", language, count=elsewhere))
    where = ", ".join(places)
    return translate("cli.report.open_errors", language, count=count, where=where)


def _compare_arguments(parser: CommandParser) -> None:
    """`compare OLD NEW [-o CHANGES.xlsx]`."""
    parser.add_positional("old", "old", "compare.old", type=to_path)
    parser.add_positional("new", "new", "compare.new", type=to_path)
    parser.add_option("-o", "--output", metavar="changes", help_key="compare.output", type=to_path)
    parser.add_force()


def _roll_arguments(parser: CommandParser) -> None:
    """`roll APPENDIX.xlsx -o PLAN.xlsx --year YEAR --dates DATES`."""
    parser.add_positional("appendix", "appendix", "roll.appendix", type=to_path)
    parser.add_output("plan", "roll.output")
    parser.add_option("--year", metavar="year", help_key="roll.year", type=to_year, required=True)
    parser.add_option(
        "--dates", metavar="dates", help_key="roll.dates", type=to_dates, required=True
    )
    parser.add_choice("--finished", _FINISHED, "roll.finished", default=_FINISHED[0])
    parser.add_option(
        "--code", metavar="new_code", help_key="roll.code", type=_new_code, nargs="+", default=()
    )
    parser.add_option("--title", metavar="text", help_key="roll.title")
    parser.add_force()


def _compare(chosen: argparse.Namespace) -> int:
    from xltiltak.cli import console
    from xltiltak.years import year_flows

    done = year_flows.compare_appendices(
        chosen.old, chosen.new, chosen.output, every=chosen.all, force=chosen.force
    )
    if chosen.json:
        changes = [_change_object(change) for change in done.changes]
        counts = Counter(change.sort for change in done.changes)
        written = [visible_path(path) for path in done.written]
        return print_object({"changes": changes, "counts": counts, "written": written})
    language = done.new.head.language
    console.show_changes(done.changes, language, every=chosen.all)
    console.show_written(done.written, language)
    return CLEAN


def _change_object(change: Any) -> dict[str, Any]:
    return {**change._asdict(), "date": str(change.date) if change.date else None}


def _roll(chosen: argparse.Namespace) -> int:
    from xltiltak.cli import console
    from xltiltak.years import year_flows

    year = year_flows.Year(
        chosen.year, chosen.dates, chosen.finished, dict(chosen.code), chosen.title
    )
    done = year_flows.roll_forward(chosen.appendix, chosen.output, year, force=chosen.force)
    if chosen.json:
        from xltiltak.cli.jsonout import as_object

        left = [item._asdict() for item in done.left_behind]
        print_object({**as_object(done.result), "left_behind": left})
        return exit_code(done.result)
    language = done.result.register.report.head.language
    if done.left_behind:
        labels = [translate(f"book.{key}", language) for key in ("area", "what")]
        labels.append(translate("cli.roll.reason", language))
        rows = [(item.area, item.what, item.reason_text(language)) for item in done.left_behind]
        console.show_table(labels, rows)
        console.print_line(translate("cli.roll.rolled", language, left=len(rows)))
    return finish(chosen, done.result)


def _new_code(text: str) -> tuple[str, str]:
    """Return the old and the new code of `OLD=NEW`. Raises ArgumentTypeError."""
    old, sign, new = text.partition("=")
    if not (old and sign and new):
        message = translate("cli.bad_code", preferred_language(), value=text)
        raise argparse.ArgumentTypeError(message)
    return old, new


COMMANDS: Mapping[str, Command] = {
    "report": Command(_report_arguments, _report),
    "compare": Command(_compare_arguments, _compare),
    "roll": Command(_roll_arguments, _roll),
}
