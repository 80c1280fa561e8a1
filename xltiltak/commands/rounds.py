"""The commands of a round: forms out, answers in, the appendix."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from xltiltak.arguments import Below, Command, Words, day, path
from xltiltak.commands.answer import USAGE, finish
from xltiltak.model.language import preferred_language, translate

if TYPE_CHECKING:  # who only asks for help need not load it
    from xltiltak.model.finding import FindingFilter


def arguments(words: Words, below: Below) -> None:
    """The commands with their arguments, in the order of a round."""
    _split_arguments(words, words.command(below, "split"))
    _check_arguments(words, words.command(below, "check"))
    _merge_arguments(words, words.command(below, "merge"))


def _split_arguments(words: Words, made: argparse.ArgumentParser) -> None:
    """`split PLAN.xlsx --to DIR`."""
    made.add_argument("plan", type=path, metavar="PLAN.xlsx", help=words.word("plan"))
    made.add_argument("--to", type=path, required=True, metavar="DIR", help=words.word("split.to"))
    made.add_argument("--date", type=day, metavar="YYYY-MM-DD", help=words.word("split.date"))
    made.add_argument(
        "--deadline", type=day, metavar="YYYY-MM-DD", help=words.word("split.deadline")
    )
    made.add_argument(
        "--area", nargs="+", default=(), metavar="CODE", help=words.word("split.area")
    )
    made.add_argument(
        "--per", choices=("area", "leader"), default="area", help=words.word("split.per")
    )
    made.add_argument("--mail", action="store_true", help=words.word("split.mail"))
    made.add_argument("--text", type=path, metavar="FILE", help=words.word("mail.text"))
    words.force(made)


def _check_arguments(words: Words, made: argparse.ArgumentParser) -> None:
    """`check PATH...`, and `check APPENDIX --template NAME [--previous OLD]` for one made by hand."""
    words.returned(made)
    words.choosing(made)
    made.add_argument("--template", metavar="NAME", help=words.word("check.template"))
    made.add_argument("--head", type=path, metavar="FILE", help=words.word("check.head"))
    made.add_argument(
        "--previous", type=path, metavar="OLD.xlsx", help=words.word("check.previous")
    )
    made.add_argument("--fix", type=path, metavar="DIR", help=words.word("fix"))
    words.force(made)
    words.jobs(made)


def _merge_arguments(words: Words, made: argparse.ArgumentParser) -> None:
    """`merge PATH... -o APPENDIX.xlsx`."""
    words.returned(made)
    words.choosing(made)
    words.output(made, "APPENDIX.xlsx", "merge.output")
    made.add_argument("--fix", type=path, metavar="DIR", help=words.word("fix"))
    made.add_argument("--strict", action="store_true", help=words.word("merge.strict"))
    words.force(made)
    words.jobs(made)


def _split(chosen: argparse.Namespace) -> int:
    from xltiltak import flows

    known = {"areas": chosen.area, "per_leader": chosen.per == "leader", "force": chosen.force}
    asked = {"day": chosen.date, "deadline": chosen.deadline, "mail": chosen.text or chosen.mail}
    done = flows.split(chosen.plan, chosen.to, **asked, **known)
    return finish(chosen, done)


def _chosen(chosen: argparse.Namespace) -> FindingFilter:
    """The findings that count."""
    from xltiltak.model.finding import FindingFilter

    return FindingFilter(chosen.select, chosen.ignore)


def _check(chosen: argparse.Namespace) -> int:
    from xltiltak import console, files, flows
    from xltiltak.intake import batch

    if chosen.template:
        return _check_appendix(chosen)
    if chosen.previous or chosen.head:
        console.say(translate("cli.check.without_template", preferred_language()))
        return USAGE
    count = len(files.returned(chosen.paths))
    with console.progress(count, preferred_language()) as step:
        options = batch.Options(chosen.jobs, step, chosen.fix, chosen.force, _chosen(chosen))
        done = flows.check(chosen.paths, plan=chosen.plan, options=options)
    return finish(chosen, done, figures=True)


def _check_appendix(chosen: argparse.Namespace) -> int:
    from xltiltak.importers import import_flow
    from xltiltak.templates import catalogue

    template = catalogue.find(chosen.template, chosen.paths[0].parent)
    done = import_flow.check_appendix(
        chosen.paths, template, previous=chosen.previous, head=chosen.head
    )
    done = done._replace(findings=tuple(filter(_chosen(chosen).counts, done.findings)))
    return finish(chosen, done, figures=True)


def _merge(chosen: argparse.Namespace) -> int:
    from xltiltak import console, files, flows
    from xltiltak.intake import batch

    count = len(files.returned(chosen.paths))
    with console.progress(count, preferred_language()) as step:
        known = {"plan": chosen.plan, "strict": chosen.strict, "force": chosen.force}
        options = batch.Options(chosen.jobs, step, chosen.fix, chosen=_chosen(chosen))
        done = flows.merge(chosen.paths, chosen.output, options=options, **known)
    spoken = done.register.report.head.language
    if chosen.plan is None:
        console.say(translate("cli.merge.without_plan", spoken))
    if not done.written:
        console.say(translate("cli.merge.strict_stopped", spoken))
    return finish(chosen, done, figures=True)


COMMANDS: Mapping[str, Command] = {
    "split": _split,
    "check": _check,
    "merge": _merge,
}
