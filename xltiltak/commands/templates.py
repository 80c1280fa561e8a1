"""`templates`, and the commands for who makes a template of her own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from xltiltak.arguments import Below, Command, Words, path, positive
from xltiltak.commands.answer import CLEAN, ERRORS, print_object
from xltiltak.model.errors import TemplateError, XltiltakError
from xltiltak.model.language import preferred_language, translate

if TYPE_CHECKING:
    from xltiltak.model.template import Template

_TEMPLATES = (
    "templates"  # where a template of one's own is looked for, below the folder of the plan
)


def arguments(words: Words, below: Below) -> None:
    """The commands with their arguments."""
    words.command(below, "templates", listing=False)
    verbs = words.group(below, "template")
    _template_new_arguments(words, words.command(verbs, "template new", listing=False))
    _template_check_arguments(words, words.command(verbs, "template check"))
    _template_plan_arguments(words, words.command(verbs, "template plan", listing=False))


def _template_new_arguments(words: Words, made: argparse.ArgumentParser) -> None:
    """`template new NAME --from ID [--to DIR]`."""
    made.add_argument("name", metavar="NAME", help=words.word("template new.name"))
    made.add_argument(
        "--from", dest="source", required=True, metavar="ID", help=words.word("template new.from")
    )
    made.add_argument(
        "--to", type=path, default=_TEMPLATES, metavar="DIR", help=words.word("template new.to")
    )


def _template_check_arguments(words: Words, made: argparse.ArgumentParser) -> None:
    """`template check FOLDER`."""
    made.add_argument(
        "folder", type=path, metavar="FOLDER", help=words.word("template check.folder")
    )


def _template_plan_arguments(words: Words, made: argparse.ArgumentParser) -> None:
    """`template plan NAME -o PLAN.xlsx [--areas N]`."""
    made.add_argument("template", metavar="NAME", help=words.word("template"))
    words.output(made, "PLAN.xlsx", "import.output")
    made.add_argument("--areas", type=positive, metavar="N", help=words.word("template plan.areas"))
    words.force(made)


def _templates(chosen: argparse.Namespace) -> int:
    from pathlib import Path

    from xltiltak.templates import catalogue

    found: list[Template] = []
    problems: list[tuple[str, str, XltiltakError]] = []
    for folder in catalogue.folders(Path.cwd()).values():
        try:
            found.append(catalogue.load(folder))
        except TemplateError as error:  # one that is being written must not hide the others
            problems += error.problems
    if chosen.json:
        return _templates_object(found, problems)
    width = max(len(template.id) for template in found)
    for template in found:
        sys.stdout.write(f"{template.id:{width}}  {template.language}  {template.description}\n")
    if problems:
        sys.stderr.write(TemplateError(problems).said(preferred_language()) + "\n")
    return ERRORS if problems else CLEAN


def _templates_object(
    found: Sequence[Template], problems: Sequence[tuple[str, str, XltiltakError]]
) -> int:
    from xltiltak.jsonout import problem_objects

    keys = ("id", "version", "language", "description")
    listed = [{key: getattr(template, key) for key in keys} for template in found]
    print_object({"templates": listed, "problems": problem_objects(problems, preferred_language())})
    return ERRORS if problems else CLEAN


def _template_new(chosen: argparse.Namespace) -> int:
    from xltiltak.templates import template_tools

    made = template_tools.copy_template(chosen.name, chosen.source, chosen.to)
    if chosen.json:
        return print_object({"written": [str(made)]})
    spoken = preferred_language()
    sys.stdout.write(translate("cli.written", spoken, path=made) + "\n")
    sys.stdout.write(translate("cli.template new.next", spoken, folder=made.parent) + "\n")
    return CLEAN


def _template_check(chosen: argparse.Namespace) -> int:
    from xltiltak import console
    from xltiltak.templates import template_tools

    spoken, told = preferred_language(), template_tools.check_template(chosen.folder)
    if chosen.json:
        from xltiltak.jsonout import template_object

        print_object(template_object(told, spoken))
        return ERRORS if told.problems else CLEAN
    if told.template is None:
        sys.stdout.write(TemplateError(list(told.problems)).said(spoken) + "\n")
        return ERRORS
    console.show_findings(told.findings, spoken, every=chosen.all)
    held = template_tools.contents(told.template)
    said = {
        key: ", ".join(value) or "–" if isinstance(value, list) else value
        for key, value in held.items()
    }
    sys.stdout.write(translate("cli.template check.holds", spoken, **said) + "\n")
    return CLEAN


def _template_plan(chosen: argparse.Namespace) -> int:
    from pathlib import Path

    from xltiltak.templates import catalogue, template_tools

    template, year = catalogue.find(chosen.template, Path.cwd()), date.today().year  # noqa: DTZ011 - the user's own
    areas = {"areas": chosen.areas} if chosen.areas else {}
    written = template_tools.write_blank(template, year, chosen.output, force=chosen.force, **areas)
    if chosen.json:
        return print_object({"written": [str(written)]})
    sys.stdout.write(translate("cli.written", preferred_language(), path=written) + "\n")
    return CLEAN


COMMANDS: Mapping[str, Command] = {
    "templates": _templates,
    "template new": _template_new,
    "template check": _template_check,
    "template plan": _template_plan,
}
