"""`report`: the appendix as people read it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from xltiltak.arguments import Below, Command, Words, path
from xltiltak.commands.answer import CLEAN, ERRORS, print_json
from xltiltak.model.errors import OutputError
from xltiltak.model.language import LANGUAGES, translate


def arguments(words: Words, below: Below) -> None:
    """The command with its arguments."""
    _report_arguments(words, words.command(below, "report"))


def _report_arguments(words: Words, made: argparse.ArgumentParser) -> None:
    """`report APPENDIX.xlsx -o OUT.html [-o OUT.docx ...]`."""
    made.add_argument(
        "appendix", type=path, metavar="APPENDIX.xlsx", help=words.word("report.appendix")
    )
    told = words.word("report.output")
    made.add_argument(
        "-o", "--output", action="append", type=path, required=True, metavar="FILE", help=told
    )
    made.add_argument("--lang", choices=LANGUAGES, default="", help=words.word("report.lang"))
    made.add_argument(
        "--with-findings", action="store_true", help=words.word("report.with_findings")
    )
    made.add_argument(
        "--docx-template", type=path, metavar="MAL.docx", help=words.word("report.docx_template")
    )
    made.add_argument("--strict", action="store_true", help=words.word("report.strict"))
    words.force(made)


def _report(chosen: argparse.Namespace) -> int:
    from xltiltak import console, flows
    from xltiltak.publishing import publication

    letterheads = [chosen.docx_template] if chosen.docx_template else []
    publication.refuse(chosen.output, force=chosen.force, sources=[chosen.appendix, *letterheads])
    if chosen.docx_template and not any(
        target.suffix.lower() == ".docx" for target in chosen.output
    ):
        raise OutputError("no_docx")
    made = publication.prepare(
        chosen.appendix,
        language=chosen.lang,
        with_findings=chosen.with_findings,
        letterhead=chosen.docx_template,
        targets=chosen.output,
    )
    spoken, blocked = made.register.report.head.language, chosen.strict and bool(made.findings)
    if not chosen.json:
        console.show_findings(made.findings, spoken, every=chosen.all)
    written = () if blocked else publication.publish(made, chosen.output, force=chosen.force)
    if blocked:
        console.say(translate("cli.report.strict_stopped", spoken))
    if chosen.json:
        print_json(flows.Result(made.register, findings=made.findings, written=written))
    else:
        console.show_written(written, spoken)
    return (
        ERRORS
        if blocked or any(finding.severity == "error" for finding in made.findings)
        else CLEAN
    )


COMMANDS: Mapping[str, Command] = {
    "report": _report,
}
