"""The tools of a template's author: copy a template, check one, write an empty plan of one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class TemplateCheck:
    """The result of checking a template.

    `template` is None if there are problems. `problems` are file, key in it, and what is wrong.
    """

    template: Template | None
    problems: tuple[tuple[str, str, XltiltakError], ...] = ()
    findings: tuple[Finding, ...] = ()


def copy_template(name: str, source: str, target: Path) -> Path:
    """Copy a template folder under a new name, which becomes its id; return its template.toml.

    The empty plan is not copied, because it contains the other template. Raise TemplateError if the
    name is not allowed or the source has problems, OutputError if the folder exists.
    """
    if not catalogue.is_name(name):
        problem = TemplateProblem("not_allowed", value=name, allowed=catalogue.NAME_LETTERS)
        raise TemplateError([(name, "id", problem)])
    origin, folder = catalogue.folder_of(source, Path.cwd()), target / name
    catalogue.load(origin)  # only what can be used is worth copying
    if folder.exists():
        raise OutputError("folder_exists", folder=folder)
    contents: dict[Path, bytes | list[bytes]] = {}
    for path in sorted(origin.rglob("*")):
        if path.is_file() and path.name != BLANK_PLAN:
            contents[folder / path.relative_to(origin)] = path.read_bytes()
    text = (origin / catalogue.FILE).read_bytes().decode()  # keeps the line ends
    contents[folder / catalogue.FILE] = _with_id(text, name).encode()
    files.write(contents)
    return folder / catalogue.FILE


def check_template(folder: Path) -> TemplateCheck:
    """Return the problems and findings of the template in a folder. Raise PlanError without one."""
    if not (folder / catalogue.FILE).is_file():
        raise PlanError("not_there", path=str(folder / catalogue.FILE))
    try:
        template = catalogue.load(folder)
    except TemplateError as error:
        return TemplateCheck(None, tuple(error.problems))
    name = folder.resolve().name
    findings = check_template_rules(template, f"{name}/{catalogue.FILE}", name)
    return TemplateCheck(template, findings=tuple(sort_findings(findings)))


def template_contents(template: Template) -> dict[str, object]:
    """Return an overview of a template: labels of its levels, number of fields, names of scales."""
    return {
        "id": template.id,
        "version": template.version,
        "levels": [level.label for level in template.levels],
        "fields": len(template.fields),
        "scales": list(template.scales),
    }


def write_blank_plan(
    template: Template, year: int, target: Path, *, areas: int = AREAS, force: bool = False
) -> Path:
    """Write an empty plan with so many example areas; return its path. Raise OutputError."""
    from xltiltak.sheets.appendix import write_appendix

    content = write_appendix(Register(blank_report(template, year, areas)))
    (written,) = files.write({target: content}, force=force)
    return written


def _with_id(text: str, template_id: str) -> str:
    """Return the text of a template.toml with another id. Its comments are kept."""
    return _ID.sub(lambda found: f'{found[1]}"{template_id}"', text, count=1)
