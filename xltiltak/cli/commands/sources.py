"""`import`: an existing table or document to a plan."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from xltiltak.cli.arguments import Command, CommandParser, to_path
from xltiltak.cli.commands.answer import USAGE, exit_code, finish, print_object
from xltiltak.model.language import preferred_language, translate


def _import_arguments(parser: CommandParser) -> None:
    """`import SOURCE -o PLAN.xlsx --template NAME [--dry-run]`."""
    parser.add_positional("source", "source", "import.source", type=to_path)
    parser.add_option("-o", "--output", metavar="plan", help_key="import.output", type=to_path)
    parser.add_option("--template", metavar="name", help_key="template", required=True)
    parser.add_option("--head", metavar="file", help_key="import.head", type=to_path)
    parser.add_flag("--dry-run", "import.dry_run")
    parser.add_force()


def _import(chosen: argparse.Namespace) -> int:
    from xltiltak.cli import console
    from xltiltak.importers import import_flow
    from xltiltak.templates import catalogue

    template = catalogue.find(chosen.template, chosen.source.parent)
    if chosen.dry_run:
        return _dry_run(chosen)
    if chosen.output is None:
        console.print_error(translate("cli.import.no_output", preferred_language()))
        return USAGE
    done = import_flow.import_plan(
        chosen.source, template, chosen.output, head=chosen.head, force=chosen.force
    )
    return finish(chosen, done, figures=True)


def _dry_run(chosen: argparse.Namespace) -> int:
    """Print how the source is understood: areas, columns, dates and findings. Write nothing."""
    from xltiltak.cli import console
    from xltiltak.importers import import_flow
    from xltiltak.templates import catalogue

    template = catalogue.find(chosen.template, chosen.source.parent)
    done, imported = import_flow.preview_import(chosen.source, template, head=chosen.head)
    if chosen.json:
        from xltiltak.cli.jsonout import as_object

        tables = []
        for table in imported.tables:
            columns = [{"says": says, "read_as": read or None} for says, read in table.columns]
            tables.append({"where": table.where, "columns": columns})
        print_object({**as_object(done), "tables": tables})
        return exit_code(done)
    console.show_understood(done.register.report, imported.tables)
    return finish(chosen, done, figures=True)


COMMANDS: Mapping[str, Command] = {"import": Command(_import_arguments, _import)}
