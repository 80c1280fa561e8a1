"""`demo`: run a whole round in a made-up council or municipality."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from xltiltak.cli.arguments import Command, CommandParser, to_path
from xltiltak.cli.commands.answer import CLEAN, print_json
from xltiltak.model.language import LANGUAGES, preferred_language, translate

_DEFAULT_FOLDER = "xltiltak-demo"


def _demo_arguments(parser: CommandParser) -> None:
    """`demo [FOLDER] [--lang nb]`."""
    parser.add_positional(
        "folder", "folder", "demo.folder", nargs="?", default=_DEFAULT_FOLDER, type=to_path
    )
    parser.add_choice("--lang", LANGUAGES, "demo.lang")
    parser.add_force()


def _demo(chosen: argparse.Namespace) -> int:
    """Play the round, and show its findings and the files it wrote."""
    from xltiltak.demo.scenario import run_demo

    language = chosen.lang or preferred_language()
    done = run_demo(chosen.folder, language, force=chosen.force)
    if chosen.json:
        print_json(done.result)
        return CLEAN  # the mistakes are part of the demonstration
    from xltiltak.cli import console

    console.show_figures(done.result.register)
    console.show_findings(done.result.findings, language, every=chosen.all)
    console.show_written(done.paths, language)
    console.print_line(translate("cli.demo.open", language, path=done.first))
    return CLEAN


COMMANDS: Mapping[str, Command] = {
    "demo": Command(_demo_arguments, _demo),
}
