"""What the author of a template does: copy one, hear what is wrong with it, and make an empty plan to type into."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from xltiltak.model import files
from xltiltak.model.errors import (
    OutputError,
    PlanError,
    TemplateError,
    TemplateProblem,
    XltiltakError,
)
from xltiltak.model.finding import Finding, sort_findings
from xltiltak.model.register import Register
from xltiltak.model.template import Template
from xltiltak.templates import catalogue
from xltiltak.templates.blank_plan import AREAS, blank_report
from xltiltak.templates.template_rules import check_template_rules

BLANK_PLAN = "tom-plan.xlsx"  # beside the template.toml of a shipped template
_ID = re.compile(r"""^(id\s*=\s*)(?:"[^"\n]*"|'[^'\n]*')""", re.MULTILINE)


class TemplateCheck(NamedTuple):
    """What there is to tell of a template: file, key and problem each; the template itself, None with problems."""

    template: Template | None
    problems: tuple[tuple[str, str, XltiltakError], ...] = ()
    findings: tuple[Finding, ...] = ()


def copy_template(name: str, source: str, target: Path) -> Path:
    """A new template of this name, like another: the path of its template.toml, which has its own id.

    The empty plan is not copied, for it carries the other template. Raises TemplateError, OutputError.
    """
    if not catalogue.is_name(name):
        problem = TemplateProblem("not_allowed", value=name, allowed=catalogue.NAME_LETTERS)
        raise TemplateError([(name, "id", problem)])
    origin, folder = catalogue.folder_of(source, Path.cwd()), target / name
    catalogue.load(origin)  # only what can be used is worth copying
    if folder.exists():
        raise OutputError("folder_exists", folder=folder)
    found = {
        path.relative_to(origin): path.read_bytes()
        for path in sorted(origin.rglob("*"))
        if path.is_file()
    }
    found[Path(catalogue.FILE)] = _renamed(found[Path(catalogue.FILE)].decode(), name).encode()
    files.write(
        {folder / path: content for path, content in found.items() if path.name != BLANK_PLAN}
    )
    return folder / catalogue.FILE


def check_template(folder: Path) -> TemplateCheck:
    """What there is to tell of the template of a folder. Raises PlanError when there is none."""
    if not (folder / catalogue.FILE).is_file():
        raise PlanError("not_there", path=str(folder / catalogue.FILE))
    try:
        template = catalogue.load(folder)
    except TemplateError as error:
        return TemplateCheck(None, tuple(error.problems))
    name = folder.resolve().name
    return TemplateCheck(
        template,
        findings=tuple(
            sort_findings(check_template_rules(template, f"{name}/{catalogue.FILE}", name))
        ),
    )


def template_contents(template: Template) -> dict[str, object]:
    """What a template holds: its levels by their labels, how many fields, its scales by their names."""
    levels, scales = [level.label for level in template.levels], list(template.scales)
    return {
        "id": template.id,
        "version": template.version,
        "levels": levels,
        "fields": len(template.fields),
        "scales": scales,
    }


def write_blank_plan(
    template: Template, year: int, target: Path, *, areas: int = AREAS, force: bool = False
) -> Path:
    """An empty plan to type into, as a file. Raises OutputError."""
    from xltiltak.sheets.appendix import write_appendix

    content = write_appendix(Register(blank_report(template, year, areas)))
    (written,) = files.write({target: content}, force=force)
    return written


def _renamed(text: str, name: str) -> str:
    """The text of a template with another id; its comments stay."""
    return _ID.sub(lambda found: f'{found[1]}"{name}"', text, count=1)
