"""`demo`: a whole round in a made-up municipality."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from xltiltak.arguments import Below, Command, Words, path
from xltiltak.commands.answer import CLEAN, print_json
from xltiltak.model.language import translate

_DEMO = "xltiltak-demo"


def arguments(words: Words, below: Below) -> None:
    """The command with its arguments."""
    _demo_arguments(words, words.command(below, "demo"))


def _demo_arguments(words: Words, made: argparse.ArgumentParser) -> None:
    """`demo [DIR]`."""
    made.add_argument(
        "folder", nargs="?", default=_DEMO, type=path, metavar="DIR", help=words.word("demo.folder")
    )
    words.force(made)


def _demo(chosen: argparse.Namespace) -> int:
    from xltiltak.demo.story import tell

    done = tell(chosen.folder, force=chosen.force)
    if chosen.json:
        print_json(done.result)
        return CLEAN  # its slips are part of the story
    from xltiltak import console

    spoken = done.result.register.report.head.language
    console.show_figures(done.result.register)
    console.show_findings(done.result.findings, spoken, every=chosen.all)
    console.show_written(done.paths, spoken)
    console.tell(translate("cli.demo.open", spoken, path=done.first))
    return CLEAN


COMMANDS: Mapping[str, Command] = {
    "demo": _demo,
}
