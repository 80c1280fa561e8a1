"""The commands between two appendices: what changed, and next year's plan."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date
from typing import Any

from xltiltak.arguments import Below, Command, Words, path, positive
from xltiltak.commands.answer import CLEAN, finish, print_json, print_object
from xltiltak.model.language import preferred_language, translate

_FINISHED = ("leave", "mark")
_MOST_NAMED = 12


def arguments(words: Words, below: Below) -> None:
    """The commands with their arguments."""
    _compare_arguments(words, words.command(below, "compare"))
    _roll_arguments(words, words.command(below, "roll"))


def _compare_arguments(words: Words, made: argparse.ArgumentParser) -> None:
    """`compare OLD NEW [-o CHANGES.xlsx]`."""
    made.add_argument("old", type=path, metavar="OLD.xlsx", help=words.word("compare.old"))
    made.add_argument("new", type=path, metavar="NEW.xlsx", help=words.word("compare.new"))
    made.add_argument(
        "-o", "--output", type=path, metavar="CHANGES.xlsx", help=words.word("compare.output")
    )
    words.force(made)


def _roll_arguments(words: Words, made: argparse.ArgumentParser) -> None:
    """`roll APPENDIX.xlsx -o PLAN.xlsx --year YEAR --dates DATES`."""
    made.add_argument(
        "appendix", type=path, metavar="APPENDIX.xlsx", help=words.word("roll.appendix")
    )
    words.output(made, "PLAN.xlsx", "roll.output")
    made.add_argument(
        "--year", type=positive, required=True, metavar="YYYY", help=words.word("roll.year")
    )
    made.add_argument(
        "--dates", type=_days, required=True, metavar="DATE,DATE", help=words.word("roll.dates")
    )
    made.add_argument(
        "--finished", choices=_FINISHED, default=_FINISHED[0], help=words.word("roll.finished")
    )
    made.add_argument(
        "--code", type=_code, nargs="+", default=(), metavar="OLD=NEW", help=words.word("roll.code")
    )
    made.add_argument("--title", metavar="TEXT", help=words.word("roll.title"))
    words.force(made)


def _compare(chosen: argparse.Namespace) -> int:
    from xltiltak import console
    from xltiltak.years import year_flows

    done = year_flows.compare_appendices(chosen.old, chosen.new, chosen.output, force=chosen.force)
    if chosen.json:
        written = [str(path) for path in done.written]
        return print_object(
            {"changes": [_change_object(change) for change in done.changes], "written": written}
        )
    spoken = done.new.head.language
    console.show_changes(done.changes, spoken, every=chosen.all)
    console.show_written(done.written, spoken)
    return CLEAN


def _change_object(change: Any) -> dict[str, Any]:
    return {**change._asdict(), "date": str(change.date) if change.date else None}


def _roll(chosen: argparse.Namespace) -> int:
    from xltiltak import console
    from xltiltak.years import year_flows
    from xltiltak.years.rolling import Year

    year = Year(chosen.year, chosen.dates, chosen.finished, dict(chosen.code), chosen.title)
    done = year_flows.roll_on(chosen.appendix, chosen.output, year, force=chosen.force)
    if chosen.json:
        return print_json(done.result)
    spoken = done.result.register.report.head.language
    if done.left:
        names = ", ".join(done.left[: None if chosen.all else _MOST_NAMED])
        console.tell(translate("cli.roll.rolled", spoken, left=len(done.left), names=names))
    return finish(chosen, done.result)


def _days(text: str) -> tuple[date, ...]:
    try:
        return tuple(sorted(date.fromisoformat(part.strip()) for part in text.split(",")))
    except ValueError as error:
        message = translate("cli.bad_dates", preferred_language(), value=text)
        raise argparse.ArgumentTypeError(message) from error


def _code(text: str) -> tuple[str, str]:
    old, sign, new = text.partition("=")
    if not (old and sign and new):
        raise argparse.ArgumentTypeError(
            translate("cli.bad_code", preferred_language(), value=text)
        )
    return old, new


COMMANDS: Mapping[str, Command] = {"compare": _compare, "roll": _roll}
