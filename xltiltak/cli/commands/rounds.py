"""`split`, `remind`, `check` and `merge`: forms out, answers in, the appendix."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from xltiltak.cli.arguments import Command, CommandParser, to_date, to_path
from xltiltak.cli.commands import remind
from xltiltak.cli.commands.answer import USAGE, finish
from xltiltak.model.language import preferred_language, translate

if TYPE_CHECKING:  # who only asks for help need not load it
    from xltiltak.model.finding import FindingFilter


def _split_arguments(parser: CommandParser) -> None:
    """`split PLAN.xlsx --to FOLDER`."""
    parser.add_positional("plan", "plan", "plan", type=to_path)
    parser.add_option("--to", metavar="folder", help_key="split.to", type=to_path, required=True)
    parser.add_option("--date", metavar="date", help_key="split.date", type=to_date)
    parser.add_option("--deadline", metavar="date", help_key="split.deadline", type=to_date)
    parser.add_option("--area", metavar="code", help_key="split.area", nargs="+", default=())
    parser.add_choice("--per", ("area", "leader"), "split.per", default="area")
    parser.add_flag("--mail", "split.mail")
    parser.add_option("--text", metavar="file", help_key="mail.text", type=to_path)
    parser.add_force()


def _check_arguments(parser: CommandParser) -> None:
    """`check PATH...`; for an appendix made by hand `check APPENDIX --template NAME`."""
    parser.add_returned()
    parser.add_selection()
    parser.add_option("--template", metavar="name", help_key="check.template")
    parser.add_option("--head", metavar="file", help_key="check.head", type=to_path)
    parser.add_option("--previous", metavar="old", help_key="check.previous", type=to_path)
    parser.add_option("--fix", metavar="folder", help_key="fix", type=to_path)
    parser.add_force()
    parser.add_jobs()


def _merge_arguments(parser: CommandParser) -> None:
    """`merge PATH... -o APPENDIX.xlsx`."""
    parser.add_returned()
    parser.add_selection()
    parser.add_output("appendix", "merge.output")
    parser.add_option("--fix", metavar="folder", help_key="fix", type=to_path)
    parser.add_flag("--strict", "merge.strict")
    parser.add_force()
    parser.add_jobs()


def _split(chosen: argparse.Namespace) -> int:
    from xltiltak import flows

    done = flows.split(
        chosen.plan,
        chosen.to,
        day=chosen.date,
        deadline=chosen.deadline,
        areas=chosen.area,
        per_leader=chosen.per == "leader",
        mail=chosen.text or chosen.mail,
        force=chosen.force,
    )
    return finish(chosen, done)


def _selection(chosen: argparse.Namespace) -> FindingFilter:
    """Return which findings are shown and decide the exit code."""
    from xltiltak.model.finding import FindingFilter

    return FindingFilter(chosen.select, chosen.ignore)


def _check(chosen: argparse.Namespace) -> int:
    from xltiltak import flows
    from xltiltak.cli import console
    from xltiltak.intake import returned_file
    from xltiltak.model import files

    if chosen.template:
        return _check_appendix(chosen)
    if chosen.previous or chosen.head:
        console.print_error(translate("cli.check.without_template", preferred_language()))
        return USAGE
    count = len(files.list_files(chosen.paths))
    with console.progress(count, preferred_language()) as step:
        options = returned_file.Options(
            chosen.jobs, step, chosen.fix, chosen.force, _selection(chosen)
        )
        done = flows.check(chosen.paths, plan=chosen.plan, options=options)
    return finish(chosen, done, figures=True)


def _check_appendix(chosen: argparse.Namespace) -> int:
    from dataclasses import replace

    from xltiltak.importers import import_flow
    from xltiltak.templates import catalogue

    template = catalogue.find(chosen.template, chosen.paths[0].parent)
    done = import_flow.check_appendix(
        chosen.paths, template, previous=chosen.previous, head=chosen.head
    )
    findings = tuple(filter(_selection(chosen).selects, done.findings))
    done = replace(done, findings=findings)
    return finish(chosen, done, figures=True)


def _merge(chosen: argparse.Namespace) -> int:
    from xltiltak import flows
    from xltiltak.cli import console
    from xltiltak.intake import returned_file
    from xltiltak.model import files

    count = len(files.list_files(chosen.paths))
    with console.progress(count, preferred_language()) as step:
        options = returned_file.Options(
            chosen.jobs, step, chosen.fix, finding_filter=_selection(chosen)
        )
        done = flows.merge(
            chosen.paths,
            chosen.output,
            plan=chosen.plan,
            strict=chosen.strict,
            force=chosen.force,
            options=options,
        )
    language = done.register.report.head.language
    if chosen.plan is None:
        console.print_error(translate("cli.merge.without_plan", language))
    if not done.written:
        console.print_error(translate("cli.merge.strict_stopped", language))
    return finish(chosen, done, figures=True)


COMMANDS: Mapping[str, Command] = {
    "split": Command(_split_arguments, _split),
    **remind.COMMANDS,
    "check": Command(_check_arguments, _check),
    "merge": Command(_merge_arguments, _merge),
}
