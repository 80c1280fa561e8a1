"""`import`: what people have already, to a plan."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from xltiltak.arguments import Below, Command, Words, path
from xltiltak.commands.answer import USAGE, exit_code, finish, print_object
from xltiltak.model.language import preferred_language, translate


def arguments(words: Words, below: Below) -> None:
    """The command with its arguments."""
    _import_arguments(words, words.command(below, "import"))


def _import_arguments(words: Words, made: argparse.ArgumentParser) -> None:
    """`import SOURCE -o PLAN.xlsx --template NAME [--dry-run]`."""
    made.add_argument("source", type=path, metavar="SOURCE", help=words.word("import.source"))
    made.add_argument(
        "-o", "--output", type=path, metavar="PLAN.xlsx", help=words.word("import.output")
    )
    made.add_argument("--template", required=True, metavar="NAME", help=words.word("template"))
    made.add_argument("--head", type=path, metavar="FILE", help=words.word("import.head"))
    made.add_argument("--dry-run", action="store_true", help=words.word("import.dry_run"))
    words.force(made)


def _import(chosen: argparse.Namespace) -> int:
    from xltiltak import console
    from xltiltak.importers import import_flow
    from xltiltak.templates import catalogue

    template = catalogue.find(chosen.template, chosen.source.parent)
    if chosen.dry_run:
        return _understood(chosen)
    if chosen.output is None:
        console.say(translate("cli.import.no_output", preferred_language()))
        return USAGE
    done = import_flow.import_(
        chosen.source, template, chosen.output, head=chosen.head, force=chosen.force
    )
    return finish(chosen, done, figures=True)


def _understood(chosen: argparse.Namespace) -> int:
    """How the source would be read: its areas, columns and dates, then what could not be placed or does not add up."""
    from xltiltak import console
    from xltiltak.importers import import_flow
    from xltiltak.templates import catalogue

    template = catalogue.find(chosen.template, chosen.source.parent)
    done, imported = import_flow.understood(chosen.source, template, head=chosen.head)
    if chosen.json:
        from xltiltak.jsonout import as_object

        tables = [
            {
                "where": table.where,
                "columns": [
                    {"says": says, "read_as": read or None} for says, read in table.columns
                ],
            }
            for table in imported.tables
        ]
        print_object({**as_object(done), "tables": tables})
        return exit_code(done)
    console.show_understood(done.register.report, imported.tables)
    return finish(chosen, done, figures=True)


COMMANDS: Mapping[str, Command] = {"import": _import}
