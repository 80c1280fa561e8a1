"""`remind`: who has not answered, what is missing, and a draft of a reminder to each of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from xltiltak.cli.arguments import Command, CommandParser, to_path
from xltiltak.cli.commands.answer import exit_code
from xltiltak.model.language import translate

if TYPE_CHECKING:
    from xltiltak.flows import ReminderResult
    from xltiltak.mail.reminders import Reminder

_MOST_NAMED = 6  # missing answers in the table; the JSON and the draft have all


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


def _remind(chosen: argparse.Namespace) -> int:
    from xltiltak import flows
    from xltiltak.intake import returned_file

    options = returned_file.Options(chosen.jobs)
    done = flows.remind(
        chosen.plan,
        chosen.returned,
        chosen.to,
        text=chosen.text,
        force=chosen.force,
        options=options,
    )
    if chosen.json:
        from xltiltak.cli.jsonout import reminded_object

        sys.stdout.write(reminded_object(done) + "\n")
    else:
        _show(done, every=chosen.all)
    return exit_code(done.result)


def _show(done: ReminderResult, *, every: bool) -> None:
    """Print every area with its leader and missing answers, the findings, and the drafts."""
    from xltiltak.cli import console

    language = done.result.register.report.head.language
    labels = [translate(f"book.{key}", language) for key in ("area", "leader", "deputy", "email")]
    labels += [translate(f"remind.{key}", language) for key in ("state", "lacking")]
    rows = [_row(reminder, language, every=every) for reminder in done.reminders]
    console.show_table(labels, rows)
    states = [reminder.state for reminder in done.reminders]
    counts = {state: states.count(state) for state in ("waiting", "partly", "complete")}
    console.print_line(translate("remind.counts", language, **counts))
    if done.result.findings:
        console.show_findings(done.result.findings, language, every=every)
    console.show_written(done.result.written, language)


def _row(reminder: Reminder, language: str, *, every: bool) -> Sequence[str]:
    who, state = reminder.responsible, translate(f"remind.{reminder.state}", language)
    emails = [email for email in (who.email, who.deputy_email) if email]
    email = "\n".join(emails) or translate("remind.no_address", language)
    lacking = "\n".join(_lacking(reminder, language, every=every))
    return [reminder.name, who.leader, who.deputy, email, state, lacking]


def _lacking(reminder: Reminder, language: str, *, every: bool) -> Iterator[str]:
    """Yield the required answers that are missing, then the number of other empty fields."""
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


COMMANDS: Mapping[str, Command] = {
    "remind": Command(_remind_arguments, _remind),
}
