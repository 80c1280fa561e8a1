"""`templates`, and the commands for authors of templates."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from xltiltak.cli.arguments import Command, CommandParser, to_count, to_path
from xltiltak.cli.commands.answer import CLEAN, ERRORS, print_object
from xltiltak.model.errors import TemplateError, XltiltakError
from xltiltak.model.language import preferred_language, translate

if TYPE_CHECKING:
    from xltiltak.model.template import Template

_TEMPLATES = "templates"  # the folder beside a plan where its templates are looked for


def _template_new_arguments(parser: CommandParser) -> None:
    """`template new NAME --from ID [--to FOLDER]`."""
    parser.add_positional("name", "name", "template new.name")
    parser.add_option(
        "--from", metavar="name", help_key="template new.from", dest="source", required=True
    )
    parser.add_option(
        "--to", metavar="folder", help_key="template new.to", type=to_path, default=_TEMPLATES
    )


def _template_check_arguments(parser: CommandParser) -> None:
    """`template check FOLDER`."""
    parser.add_positional("folder", "folder", "template check.folder", type=to_path)


def _template_plan_arguments(parser: CommandParser) -> None:
    """`template plan NAME -o PLAN.xlsx [--areas N]`."""
    parser.add_positional("template", "name", "template")
    parser.add_output("plan", "import.output")
    parser.add_option("--areas", metavar="number", help_key="template plan.areas", type=to_count)
    parser.add_force()


def _templates(chosen: argparse.Namespace) -> int:
    from pathlib import Path

    from xltiltak.templates import catalogue

    found: list[Template] = []
    problems: list[tuple[str, str, XltiltakError]] = []
    for folder in catalogue.folders(Path.cwd()).values():
        try:
            found.append(catalogue.load(folder))
        except TemplateError as error:  # an unfinished template must not hide the others
            problems += error.problems
    if chosen.json:
        return _templates_object(found, problems)
    width = max(len(template.id) for template in found)
    for template in found:
        sys.stdout.write(f"{template.id:{width}}  {template.language}  {template.description}\n")
    if problems:
        sys.stderr.write(f"{TemplateError(problems).message(preferred_language())}\n")
    return ERRORS if problems else CLEAN


def _templates_object(
    found: Sequence[Template], problems: Sequence[tuple[str, str, XltiltakError]]
) -> int:
    from xltiltak.cli.jsonout import problem_objects

    keys = ("id", "version", "language", "description")
    listed = [{key: getattr(template, key) for key in keys} for template in found]
    print_object({"templates": listed, "problems": problem_objects(problems, preferred_language())})
    return ERRORS if problems else CLEAN


def _template_new(chosen: argparse.Namespace) -> int:
    from xltiltak.templates import template_tools

    copied = template_tools.copy_template(chosen.name, chosen.source, chosen.to)
    if chosen.json:
        return print_object({"written": [str(copied)]})
    language = preferred_language()
    sys.stdout.write(translate("cli.written", language, path=copied) + "\n")
    sys.stdout.write(translate("cli.template new.next", language, folder=copied.parent) + "\n")
    return CLEAN


def _template_check(chosen: argparse.Namespace) -> int:
    from xltiltak.cli import console
    from xltiltak.templates import template_tools

    language, checked = preferred_language(), template_tools.check_template(chosen.folder)
    if chosen.json:
        from xltiltak.cli.jsonout import template_object

        print_object(template_object(checked, language))
        return ERRORS if checked.problems else CLEAN
    if checked.template is None:
        sys.stdout.write(TemplateError(list(checked.problems)).message(language) + "\n")
        return ERRORS
    console.show_findings(checked.findings, language, every=chosen.all)
    values = {
        key: ", ".join(value) or "–" if isinstance(value, list) else value
        for key, value in template_tools.template_contents(checked.template).items()
    }
    sys.stdout.write(translate("cli.template check.holds", language, **values) + "\n")
    return CLEAN


def _template_plan(chosen: argparse.Namespace) -> int:
    from pathlib import Path

    from xltiltak.templates import catalogue, template_tools

    template = catalogue.find(chosen.template, Path.cwd())
    year = date.today().year  # noqa: DTZ011 - the year of the user's own clock
    areas = {"areas": chosen.areas} if chosen.areas else {}
    written = template_tools.write_blank_plan(
        template, year, chosen.output, force=chosen.force, **areas
    )
    if chosen.json:
        return print_object({"written": [str(written)]})
    sys.stdout.write(translate("cli.written", preferred_language(), path=written) + "\n")
    return CLEAN


def _no_arguments(parser: CommandParser) -> None:
    """`templates`."""


COMMANDS: Mapping[str, Command] = {
    "templates": Command(_no_arguments, _templates, has_findings=False),
    "template new": Command(_template_new_arguments, _template_new, has_findings=False),
    "template check": Command(_template_check_arguments, _template_check),
    "template plan": Command(_template_plan_arguments, _template_plan, has_findings=False),
}
