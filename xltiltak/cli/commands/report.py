"""`report`: the appendix as people read it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from xltiltak.cli.arguments import Command, CommandParser, to_path
from xltiltak.cli.commands.answer import CLEAN, ERRORS, print_json
from xltiltak.model.errors import OutputError
from xltiltak.model.language import LANGUAGES, translate


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
    written = () if blocked else publication.publish(prepared, chosen.output, force=chosen.force)
    if blocked:
        console.print_error(translate("cli.report.strict_stopped", language))
    if chosen.json:
        print_json(flows.Result(prepared.register, findings=prepared.findings, written=written))
    else:
        console.show_written(written, language)
    errors = any(finding.severity == "error" for finding in prepared.findings)
    return ERRORS if blocked or errors else CLEAN


COMMANDS: Mapping[str, Command] = {
    "report": Command(_report_arguments, _report),
}
