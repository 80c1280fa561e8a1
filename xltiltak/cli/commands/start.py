"""`demo`, `templates`, `template …` and `import`: what is needed before the first round.

A round in a made-up council or municipality, templates, and a plan: a blank one, or one from an
existing table or document.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from xltiltak.cli.arguments import (
    Command,
    CommandParser,
    to_count,
    to_dates,
    to_pair,
    to_path,
    to_year,
)
from xltiltak.cli.commands.answer import (
    BUG,
    CLEAN,
    ERRORS,
    USAGE,
    exit_code,
    finish,
    print_json,
    print_object,
)
from xltiltak.cli.commands.proposing import template_from, template_from_arguments
from xltiltak.model.errors import TemplateError, XltiltakError
from xltiltak.model.language import LANGUAGES, day_text, preferred_language, translate
from xltiltak.model.visible_text import visible_path

if TYPE_CHECKING:
    from xltiltak.importers.details_file import ImportOptions, SourceDetails
    from xltiltak.model.template import Template

Answer = TypeVar("Answer")

_DEMO_FOLDER = "xltiltak-demo"
_TEMPLATES = "templates"  # the folder beside a plan where its templates are looked for


def _demo_arguments(parser: CommandParser) -> None:
    """`demo [FOLDER] [--lang nb] [--template NAME]`."""
    parser.add_positional(
        "folder", "folder", "demo.folder", nargs="?", default=_DEMO_FOLDER, type=to_path
    )
    parser.add_choice("--lang", LANGUAGES, "demo.lang")
    parser.add_option("--template", metavar="name", help_key="demo.template")
    parser.add_force()


def _demo(chosen: argparse.Namespace) -> int:
    """Play the round, and show its findings and the files it wrote."""
    from xltiltak.demo import example_round, scenario

    language = chosen.lang or preferred_language()
    if chosen.template:
        done = example_round.run_example(chosen.folder, chosen.template, force=chosen.force)
    else:
        done = scenario.run_demo(chosen.folder, language, force=chosen.force)
    if chosen.json:
        return BUG if print_json(done.result) == BUG else CLEAN  # its mistakes are meant
    from xltiltak.cli import console

    console.show_figures(done.result.register)
    console.show_findings(done.result.findings, language, every=chosen.all)
    console.show_written(done.paths, language)
    console.print_line(translate("cli.demo.open", language, path=done.first))
    return BUG if exit_code(done.result) == BUG else CLEAN  # its mistakes are meant


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
    """`template check NAME`."""
    parser.add_positional("template", "name", "template check.template")


def _template_plan_arguments(parser: CommandParser) -> None:
    """`template plan NAME -o PLAN.xlsx [--areas N]`."""
    parser.add_positional("template", "name", "template")
    parser.add_output("plan", "import.output")
    parser.add_option("--areas", metavar="number", help_key="template plan.areas", type=to_count)
    parser.add_force()


def _templates(chosen: argparse.Namespace) -> int:
    from xltiltak.model import files
    from xltiltak.templates import catalogue

    language = preferred_language()
    found: list[Template] = []
    problems: list[tuple[str, str, XltiltakError]] = []
    for folder in catalogue.folders(files.working_folder()).values():
        try:
            found.append(catalogue.load_described(folder, language))
        except TemplateError as error:  # an unfinished template must not hide the others
            problems += error.problems
    if chosen.json:
        return _templates_object(found, problems)
    width = max(len(template.id) for template in found)
    for template in found:
        sys.stdout.write(f"{template.id:{width}}  {template.language}  {template.description}\n")
    if problems:
        sys.stderr.write(f"{TemplateError(problems).message(language)}\n")
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
        return print_object({"written": [visible_path(copied)]})
    language = preferred_language()
    sys.stdout.write(translate("cli.written", language, path=copied) + "\n")
    sys.stdout.write(translate("cli.template new.next", language, folder=copied.parent) + "\n")
    return CLEAN


def _template_check(chosen: argparse.Namespace) -> int:
    from xltiltak.cli import console
    from xltiltak.demo.template_trial import check_and_try
    from xltiltak.templates import template_tools

    language, checked = preferred_language(), check_and_try(chosen.template)
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
    from xltiltak.model import files
    from xltiltak.templates import catalogue, template_tools

    template = catalogue.find(chosen.template, files.working_folder())
    year = date.today().year  # noqa: DTZ011 - the year of the user's own clock
    areas = {"areas": chosen.areas} if chosen.areas else {}
    written = template_tools.write_blank_plan(
        template, year, chosen.output, force=chosen.force, **areas
    )
    if chosen.json:
        return print_object({"written": [visible_path(written)]})
    sys.stdout.write(translate("cli.written", preferred_language(), path=written) + "\n")
    return CLEAN


def _no_arguments(parser: CommandParser) -> None:
    """`templates`."""


def _import_arguments(parser: CommandParser) -> None:
    """`import SOURCE -o PLAN.xlsx --template NAME [--dry-run]`, and what the source lacks."""
    parser.add_positional("source", "source", "import.source", type=to_path)
    parser.add_option("-o", "--output", metavar="plan", help_key="import.output", type=to_path)
    parser.add_option("--template", metavar="name", help_key="template", required=True)
    parser.add_option("--head", metavar="file", help_key="import.head", type=to_path)
    parser.add_option("--title", metavar="text", help_key="import.title", default="")
    parser.add_option("--organisation", metavar="name", help_key="import.organisation", default="")
    parser.add_option("--year", metavar="year", help_key="import.year", type=to_year, default=0)
    parser.add_option(
        "--dates", metavar="dates", help_key="import.given_dates", type=to_dates, default=()
    )
    parser.add_option("--area", metavar="name", help_key="import.area", default="")
    parser.add_option(
        "--column",
        metavar="column",
        help_key="import.column",
        type=to_pair,
        action="append",
        default=[],
    )
    parser.add_flag("--dry-run", "import.dry_run")
    parser.add_force()


def _import(chosen: argparse.Namespace) -> int:
    from xltiltak.cli import console
    from xltiltak.importers import import_flow
    from xltiltak.templates import catalogue

    template = catalogue.find(chosen.template, chosen.source.parent)
    if chosen.dry_run:
        return _dry_run(chosen, template)
    if chosen.output is None:
        console.print_error(translate("cli.import.no_output", preferred_language()))
        return USAGE
    with console.working(chosen.source.name, quiet=chosen.json) as show:
        done = import_flow.import_plan(
            chosen.source,
            template,
            chosen.output,
            head=chosen.head,
            options=_import_options(chosen, show),
            force=chosen.force,
        )
    return finish(chosen, done, figures=True)


def _dry_run(chosen: argparse.Namespace, template: Template) -> int:
    """Print how the source is understood: areas, columns, dates and findings. Write nothing."""
    from xltiltak.cli import console
    from xltiltak.importers import import_flow

    with console.working(chosen.source.name, quiet=chosen.json) as show:
        done, imported = import_flow.preview_import(
            chosen.source, template, head=chosen.head, options=_import_options(chosen, show)
        )
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


def _import_options(chosen: argparse.Namespace, show: Callable[[str], None]) -> ImportOptions:
    """Return what the user says about a source; on a terminal they can be asked for more.

    `show` is what shows the file at work; nothing is shown while the user answers.
    """
    from xltiltak.importers.details_file import ImportOptions

    def ask(details: SourceDetails) -> SourceDetails:
        """Ask the user for the details that are missing."""
        show("")
        answered = _ask_details(chosen, details)
        show(chosen.source.name)
        return answered

    can_answer = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    asks = can_answer and not chosen.json
    return ImportOptions(
        chosen.title,
        chosen.organisation,
        chosen.year,
        chosen.dates,
        chosen.area,
        dict(chosen.column),
        ask if asks else None,
    )


def _ask_details(chosen: argparse.Namespace, details: SourceDetails) -> SourceDetails:
    """Return report details with the answers of the user; Enter takes what was worked out."""
    from dataclasses import replace

    language = preferred_language()
    sys.stdout.write(translate("cli.import.ask", language) + "\n")
    title = chosen.title or _ask("title", details.title, str, details.title)
    organisation = chosen.organisation or _ask("organisation", "", str, "")
    shown = ",".join(day_text(day, language) for day in details.dates)
    days = chosen.dates or _ask("dates", shown, to_dates, details.dates)
    year = days[-1].year if days else details.year
    year = chosen.year or _ask("year", str(year or ""), to_year, year)
    return replace(details, title=title, organisation=organisation, periods=days, year=year)


def _ask(name: str, shown: str, convert: Callable[[str], Answer], usual: Answer) -> Answer:
    """Return what the user answers; the usual answer for Enter and at the end of the input."""
    label = translate(f"cli.import.ask_{name}", preferred_language())
    while True:
        sys.stdout.write(f"{label} [{shown}]: " if shown else f"{label}: ")
        sys.stdout.flush()
        typed = sys.stdin.readline().strip()
        if not typed:
            return usual
        try:
            return convert(typed)
        except argparse.ArgumentTypeError as error:
            sys.stdout.write(f"{error}\n")


COMMANDS: Mapping[str, Command] = {
    "demo": Command(_demo_arguments, _demo),
    "templates": Command(_no_arguments, _templates, has_findings=False),
    "template new": Command(_template_new_arguments, _template_new, has_findings=False),
    "template from": Command(template_from_arguments, template_from),
    "template check": Command(_template_check_arguments, _template_check),
    "template plan": Command(_template_plan_arguments, _template_plan, has_findings=False),
    "import": Command(_import_arguments, _import),
}
