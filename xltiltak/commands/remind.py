"""`remind`: who has not answered, what is missing, and a draft to each who owes something."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from xltiltak.arguments import Below, Command, Words, path
from xltiltak.commands.answer import exit_code
from xltiltak.model.language import translate

if TYPE_CHECKING:
    from xltiltak.mail.reminders import Reminder, ReminderResult

_MOST_NAMED = 6  # missing answers in the table; the JSON and the draft have all


def arguments(words: Words, below: Below) -> None:
    """`remind PLAN.xlsx RETURNED... --to DIR`."""
    made = words.command(below, "remind")
    made.add_argument("plan", type=path, metavar="PLAN.xlsx", help=words.word("plan"))
    made.add_argument(
        "returned", nargs="*", type=path, metavar="RETURNED", help=words.word("remind.returned")
    )
    made.add_argument("--to", type=path, metavar="DIR", help=words.word("remind.to"))
    made.add_argument("--text", type=path, metavar="FILE", help=words.word("mail.text"))
    words.force(made)
    words.jobs(made)


def _remind(chosen: argparse.Namespace) -> int:
    from xltiltak.intake import batch
    from xltiltak.mail import reminders

    options = batch.Options(chosen.jobs)
    done = reminders.remind(
        chosen.plan,
        chosen.returned,
        chosen.to,
        text=chosen.text,
        force=chosen.force,
        options=options,
    )
    if chosen.json:
        from xltiltak.jsonout import reminded_object

        sys.stdout.write(reminded_object(done) + "\n")
    else:
        _show(done, every=chosen.all)
    return exit_code(done.result)


def _show(done: ReminderResult, *, every: bool) -> None:
    """Every area with who answers for it and what it lacks, then what may hide an answer, then the drafts."""
    from xltiltak import console

    spoken = done.result.register.report.head.language
    labels = [translate(f"book.{key}", spoken) for key in ("area", "leader", "deputy", "email")]
    labels += [translate(f"remind.{key}", spoken) for key in ("state", "lacking")]
    console.show_table(labels, [_row(reminder, spoken, every=every) for reminder in done.reminders])
    counted = {
        state: sum(r.state == state for r in done.reminders)
        for state in ("waiting", "partly", "complete")
    }
    console.tell(translate("remind.counts", spoken, **counted))
    if done.result.findings:
        console.show_findings(done.result.findings, spoken, every=every)
    console.show_written(done.result.written, spoken)


def _row(reminder: Reminder, spoken: str, *, every: bool) -> Sequence[str]:
    who, state = reminder.who, translate(f"remind.{reminder.state}", spoken)
    email = "\n".join(filter(None, [who.email, who.deputy_email])) or translate(
        "remind.no_address", spoken
    )
    return [
        reminder.name,
        who.leader,
        who.deputy,
        email,
        state,
        "\n".join(_lacking(reminder, spoken, every=every)),
    ]


def _lacking(reminder: Reminder, spoken: str, *, every: bool) -> Iterator[str]:
    """What must be answered one by one, and how many of the other fields are empty."""
    required = [
        f"{lack.what}: {lack.said}" if lack.said else lack.what for lack in reminder.required
    ]
    named = required if every or len(required) <= _MOST_NAMED + 1 else required[:_MOST_NAMED]
    yield from named
    if len(named) < len(required):
        yield translate("remind.more", spoken, count=len(required) - len(named))
    for label, nodes in reminder.blank.items():
        yield translate("remind.blank", spoken, label=label, count=len(nodes))


COMMANDS: Mapping[str, Command] = {
    "remind": _remind,
}
