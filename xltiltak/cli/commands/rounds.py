"""`split`, `remind`, `check` and `merge`: forms out, reminders, answers in, the appendix."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xltiltak.cli.arguments import Command, CommandParser, to_date, to_path
from xltiltak.cli.commands.answer import NOTHING, USAGE, exit_code, finish
from xltiltak.model.language import preferred_language, translate

if TYPE_CHECKING:  # who only asks for help need not load it
    from xltiltak.flows import ReminderResult, Result
    from xltiltak.intake.returned_file import Options
    from xltiltak.mail.reminders import Reminder
    from xltiltak.model.finding import FindingFilter

_MOST_NAMED = 6  # missing answers in the table; the JSON and the draft have all


def _split_arguments(parser: CommandParser) -> None:
    """`split PLAN.xlsx --to FOLDER`."""
    parser.add_positional("plan", "plan", "plan", type=to_path)
    parser.add_option("--to", metavar="folder", help_key="split.to", type=to_path, required=True)
    parser.add_option("--date", metavar="date", help_key="split.date", type=to_date)
    parser.add_flag("--new-date", "split.new_date")
    parser.add_option("--deadline", metavar="date", help_key="split.deadline", type=to_date)
    parser.add_option("--area", metavar="code", help_key="split.area", nargs="+", default=())
    parser.add_choice("--per", ("area", "leader"), "split.per", default="area")
    parser.add_flag("--mail", "split.mail")
    parser.add_option("--text", metavar="file", help_key="mail.text", type=to_path)
    parser.add_flag("--dry-run", "split.dry_run")
    parser.add_force()


def _remind_arguments(parser: CommandParser) -> None:
    """`remind PLAN.xlsx RETURNED... --to FOLDER`."""
    parser.add_positional("plan", "plan", "plan", type=to_path)
    parser.add_positional(
        "returned", "path", "remind.returned", nargs="*", type=to_path, default=()
    )
    parser.add_option("--to", metavar="folder", help_key="remind.to", type=to_path)
    parser.add_option("--text", metavar="file", help_key="mail.text", type=to_path)
    parser.add_force()
    parser.add_jobs()


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
    parser.add_flag("--fresh", "merge.fresh")
    parser.add_flag("--watch", "merge.watch")
    parser.add_force()
    parser.add_jobs()


def _split(chosen: argparse.Namespace) -> int:
    from xltiltak import flows
    from xltiltak.cli import console

    with console.working(chosen.plan.name, quiet=chosen.json) as show:
        done = flows.split(
            chosen.plan,
            chosen.to,
            day=chosen.date,
            deadline=chosen.deadline,
            areas=chosen.area,
            per_leader=chosen.per == "leader",
            mail=chosen.text or chosen.mail,
            force=chosen.force,
            new_date=chosen.new_date,
            dry_run=chosen.dry_run,
            on_file=show,
        )
    code = finish(chosen, done)
    if chosen.dry_run and not chosen.json:
        from xltiltak.cli.console import print_line

        report = done.register.report
        refs = chosen.area or report.area_refs
        forms = flows.form_scopes(report, refs, per_leader=chosen.per == "leader")
        language = report.head.language
        if not done.plan_changes:
            print_line(translate("plan_change.none", language))
        print_line(translate("cli.split.dry_run_done", language, count=len(forms)))
    return code


def _remind(chosen: argparse.Namespace) -> int:
    from xltiltak import flows
    from xltiltak.cli import console
    from xltiltak.intake import returned_file

    with console.working(chosen.plan.name, quiet=chosen.json) as show:
        options = returned_file.Options(chosen.jobs, lambda path: show(path.name))
        done = flows.remind(
            chosen.plan,
            chosen.returned,
            chosen.to,
            text=chosen.text,
            force=chosen.force,
            options=options,
            on_file=show,
        )
    if chosen.json:
        from xltiltak.cli.jsonout import reminded_object

        sys.stdout.write(reminded_object(done) + "\n")
    else:
        _show_reminders(done, every=chosen.all)
    return exit_code(done.result)


def _show_reminders(done: ReminderResult, *, every: bool) -> None:
    """Print every area with its leader and missing answers, the findings, and the drafts."""
    from xltiltak.cli import console

    language = done.result.register.report.head.language
    labels = [translate(f"book.{key}", language) for key in ("area", "leader", "deputy", "email")]
    labels += [translate(f"remind.{key}", language) for key in ("state", "lacking")]
    rows = [_reminder_row(reminder, language, every=every) for reminder in done.reminders]
    console.show_table(labels, rows)
    states = [reminder.state for reminder in done.reminders]
    counts = {state: states.count(state) for state in ("waiting", "partly", "complete")}
    console.print_line(translate("remind.counts", language, **counts))
    if done.result.findings:
        console.show_findings(done.result.findings, language, every=every)
    console.show_written(done.result.written, language)


def _reminder_row(reminder: Reminder, language: str, *, every: bool) -> Sequence[str]:
    who, state = reminder.responsible, translate(f"remind.{reminder.state}", language)
    emails = [email for email in (who.email, who.deputy_email) if email]
    email = "\n".join(emails) or translate("remind.no_address", language)
    lacking = "\n".join(_lacking_answers(reminder, language, every=every))
    return [reminder.name, who.leader, who.deputy, email, state, lacking]


def _lacking_answers(reminder: Reminder, language: str, *, every: bool) -> Iterator[str]:
    """Yield the required answers that are missing, then the number of other empty fields.

    Of an area that has not answered, yield what came instead.
    """
    if reminder.other_date:
        yield translate("remind.other_date", language, date=reminder.other_date)
    yield from (translate("remind.unread", language, file=file) for file in reminder.unread)
    required = [
        f"{lack.label}: {lack.problem}" if lack.problem else lack.label
        for lack in reminder.missing_required
    ]
    named = required if every or len(required) <= _MOST_NAMED + 1 else required[:_MOST_NAMED]
    yield from named
    if len(named) < len(required):
        yield translate("remind.more", language, count=len(required) - len(named))
    for label, nodes in reminder.missing_optional.items():
        yield translate("remind.blank", language, label=label, count=len(nodes))


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
    with console.progress(count, preferred_language(), quiet=chosen.json) as step:
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
    from xltiltak.cli import console
    from xltiltak.intake import returned_file
    from xltiltak.model import files

    count = len(files.list_files(chosen.paths))
    if chosen.watch:
        return _watch(chosen)
    with console.progress(count, preferred_language(), quiet=chosen.json) as step:
        options = returned_file.Options(
            chosen.jobs, step, chosen.fix, finding_filter=_selection(chosen)
        )
        done = _merged(chosen, options)
    reason = _why_unwritten(chosen, done)
    if reason and not done.is_unchanged:
        console.print_error(reason)
    code = finish(chosen, done, figures=True)
    if done.is_unchanged and not chosen.json:
        console.print_line(reason)
    return code


def _merged(chosen: argparse.Namespace, options: Options) -> Result:
    from xltiltak import flows

    return flows.merge(
        chosen.paths,
        chosen.output,
        plan=chosen.plan,
        strict=chosen.strict,
        force=chosen.force,
        fresh=chosen.fresh,
        options=options,
    )


def _why_unwritten(chosen: argparse.Namespace, done: Result) -> str:
    """Return why the appendix was not written; empty if it was."""
    language = done.register.report.head.language
    if done.is_unchanged:
        return translate("cli.merge.unchanged", language, file=chosen.output.name)
    return "" if done.written else translate("cli.merge.strict_stopped", language)


def _watch(chosen: argparse.Namespace) -> int:
    """Merge whenever files arrive. Print one line for each merge."""
    from xltiltak.cli import console, watching
    from xltiltak.intake import returned_file
    from xltiltak.model.errors import XltiltakError

    own_files = [path for path in (chosen.plan, chosen.output) if path]
    arrivals = watching.Arrivals(chosen.paths, own_files)
    options = returned_file.Options(
        chosen.jobs,
        corrections_folder=chosen.fix,
        finding_filter=_selection(chosen),
        is_whole=arrivals.is_whole,
    )

    def say(text: str) -> None:
        console.print_line(f"{datetime.now():%H:%M:%S} {text}")  # noqa: DTZ005 - a person's clock
        sys.stdout.flush()

    def merge(news: Sequence[Path]) -> int:
        try:
            done = _merged(chosen, options)
        except XltiltakError as error:
            say(error.message(preferred_language()))
            return NOTHING
        chosen.fresh = chosen.force = False  # they are meant for what was there at the start
        if not (done.written or done.is_unchanged or chosen.strict):
            return exit_code(done)  # a file changed meanwhile: it is merged when it is whole
        language = done.register.report.head.language
        counts = console.count_findings(done.findings, language)
        written = translate("cli.written", language, path=chosen.output)
        say(f"{_named(news)} · {counts} · {_why_unwritten(chosen, done) or written}")
        return exit_code(done)

    paths = ", ".join(map(str, chosen.paths))
    say(translate("cli.watch.begun", preferred_language(), paths=paths))
    return watching.watch(arrivals, merge)


def _named(news: Sequence[Path]) -> str:
    """Return the names of new files; of many the first ones and how many more there are."""
    names = [path.name for path in news[:_MOST_NAMED]]
    more = len(news) - len(names)
    return ", ".join([*names, f"+{more}"] if more else names)


COMMANDS: Mapping[str, Command] = {
    "split": Command(_split_arguments, _split),
    "remind": Command(_remind_arguments, _remind),
    "check": Command(_check_arguments, _check),
    "merge": Command(_merge_arguments, _merge),
}
