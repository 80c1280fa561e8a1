"""`demo`: a whole round in a made-up council or municipality."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from xltiltak.arguments import Below, Command, Words, path
from xltiltak.commands.answer import CLEAN, print_json
from xltiltak.model.language import LANGUAGES, preferred_language, translate

_DEFAULT_FOLDER = "xltiltak-demo"


def arguments(words: Words, below: Below) -> None:
    """Add the command with its arguments: `demo [DIR] [--lang nb]`."""
    parser, text = words.command(below, "demo"), words.word
    parser.add_argument(
        "folder",
        nargs="?",
        default=_DEFAULT_FOLDER,
        type=path,
        metavar="DIR",
        help=text("demo.folder"),
    )
    parser.add_argument("--lang", choices=LANGUAGES, help=text("demo.lang"))
    words.force(parser)


def _demo(chosen: argparse.Namespace) -> int:
    """Play the round, and show its findings and the files it wrote."""
    from xltiltak.demo.scenario import run_demo

    spoken = chosen.lang or preferred_language()
    done = run_demo(chosen.folder, spoken, force=chosen.force)
    if chosen.json:
        print_json(done.result)
        return CLEAN  # the mistakes are part of the demonstration
    from xltiltak import console

    console.show_figures(done.result.register)
    console.show_findings(done.result.findings, spoken, every=chosen.all)
    console.show_written(done.paths, spoken)
    console.tell(translate("cli.demo.open", spoken, path=done.first))
    return CLEAN


COMMANDS: Mapping[str, Command] = {
    "demo": _demo,
}
