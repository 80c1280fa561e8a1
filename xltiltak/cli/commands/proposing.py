"""`template from`: a template of a table or document that somebody has."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xltiltak.cli.arguments import CommandParser, to_path
from xltiltak.cli.commands.answer import CLEAN, ERRORS, print_object
from xltiltak.model.errors import TemplateError, XltiltakError
from xltiltak.model.language import preferred_language, translate
from xltiltak.model.visible_text import visible, visible_path

if TYPE_CHECKING:
    from xltiltak.importers.proposal import Choices, TemplateProposal
    from xltiltak.importers.proposed_template import ProposedTemplate

_NONE = "-"  # the answer for no column


def template_from_arguments(parser: CommandParser) -> None:
    """`template from SOURCE -o FOLDER [--yes] [--form FORM.xlsx]`."""
    parser.add_positional("source", "source", "template from.source", type=to_path)
    parser.add_option(
        "-o",
        "--output",
        metavar="folder",
        help_key="template from.output",
        type=to_path,
        required=True,
    )
    parser.add_flag("--yes", "template from.yes")
    parser.add_option("--form", metavar="form", help_key="template from.form", type=to_path)
    parser.add_force()


def template_from(chosen: argparse.Namespace) -> int:
    """Write the template, and the form if the user asks for it; show what it reads.

    Return 1 if the template has a problem, or cannot read something in its source.
    """
    from xltiltak.cli import console
    from xltiltak.importers.proposal import propose
    from xltiltak.importers.proposed_template import form_of, proposed_template
    from xltiltak.model import files
    from xltiltak.templates import catalogue

    target = chosen.output / catalogue.FILE
    files.refuse_existing([target, *([chosen.form] if chosen.form else [])], force=chosen.force)
    proposal = propose(chosen.source)
    choices = _answers(chosen, proposal)
    proposed = proposed_template(chosen.source, proposal, choices, chosen.output.name)
    contents = {target: proposed.text.encode()}
    if chosen.form:
        contents[chosen.form] = form_of(proposed)
    written = files.write(contents, force=chosen.force)
    problems = _problems(proposed)
    is_whole = all(found.severity != "error" for found in proposed.imported.findings)
    code = CLEAN if is_whole and not problems else ERRORS
    if chosen.json:
        print_object({"written": [visible_path(path) for path in written]})
        return code
    language = preferred_language()
    console.show_findings(proposed.imported.findings, language, every=chosen.all)
    _show(chosen, proposed, choices)
    for path in written:
        sys.stdout.write(translate("cli.written", language, path=path) + "\n")
    if problems:
        sys.stdout.write(TemplateError(problems).message(language) + "\n")
        return code
    year = f" --year {proposed.assumed_year}" if proposed.assumed_year else ""
    next_step = {"source": visible(chosen.source.name), "folder": chosen.output, "year": year}
    sys.stdout.write(translate("cli.template from.next", language, **next_step) + "\n")
    return code


def _problems(proposed: ProposedTemplate) -> list[tuple[str, str, XltiltakError]]:
    """Return what goes wrong when everything is built of the template, as `template check`."""
    from xltiltak.demo.template_trial import try_template
    from xltiltak.templates import catalogue

    file = f"{proposed.template.id}/{catalogue.FILE}"
    return [(file, *problem) for problem in try_template(proposed.template)]


def _show(chosen: argparse.Namespace, proposed: ProposedTemplate, choices: Choices) -> None:
    """Print how many measures the template reads in its source, and what it consists of."""
    from xltiltak.templates.template_tools import template_contents

    template, report = proposed.template, proposed.imported.report
    contents = template_contents(template)
    text = translate(
        "cli.template from.read",
        preferred_language(),
        count=sum(node.level == template.leaf.id for node in report.nodes),
        file=visible(chosen.source.name),
        levels=", ".join(level.label for level in template.levels),
        fields=contents["fields"],
        inputs=", ".join(choices.inputs) or "–",
    )
    sys.stdout.write(text + "\n")


def _answers(chosen: argparse.Namespace, proposal: TemplateProposal) -> Choices:
    """Return the guesses; on a terminal the user can change them, unless they take all."""
    from xltiltak.importers.proposal import Choices

    guess = proposal.guess()
    can_answer = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    if chosen.yes or chosen.json or not can_answer:
        return guess
    labels = [column.label for column in proposal.columns]
    listed = ", ".join(f"{n} {label}" for n, label in enumerate(labels, 1))
    language = preferred_language()
    sys.stdout.write(translate("cli.template from.ask", language, columns=listed) + "\n")
    name = _ask("name", labels, [guess.name])[:1] or [guess.name]
    groups = [label for label in _ask("groups", labels, guess.groups) if label not in name]
    others = [label for label in guess.inputs if label not in (*name, *groups)]
    inputs = [label for label in _ask("inputs", labels, others) if label not in (*name, *groups)]
    return Choices(name[0], tuple(groups), tuple(inputs))


def _ask(question: str, labels: Sequence[str], usual: Sequence[str]) -> list[str]:
    """Return the columns that the user answers with; the usual ones for Enter."""
    language = preferred_language()
    label = translate(f"cli.template from.ask_{question}", language)
    shown = ", ".join(str(labels.index(each) + 1) for each in usual) or _NONE
    while True:
        sys.stdout.write(f"{label} [{shown}]: ")
        sys.stdout.flush()
        typed = sys.stdin.readline().strip()
        numbers = [part.strip() for part in typed.split(",")]
        if not typed:
            return list(usual)
        if typed == _NONE:
            return []
        if all(part.isdecimal() and 1 <= int(part) <= len(labels) for part in numbers):
            return [labels[int(part) - 1] for part in numbers]
        there = f"1–{len(labels)}"
        sys.stdout.write(translate("cli.template from.wrong", language, there=there) + "\n")
