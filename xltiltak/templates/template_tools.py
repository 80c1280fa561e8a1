"""The tools of a template's author: copy a template, check one, write an empty plan of one.

An empty plan has example areas without measures, to be filled in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from xltiltak.layout.geometry import Geometry
from xltiltak.model import files, template_checks
from xltiltak.model.errors import (
    OutputError,
    PlanError,
    TemplateError,
    TemplateProblem,
    XltiltakError,
)
from xltiltak.model.field_types import Value
from xltiltak.model.files import decode_text
from xltiltak.model.finding import Finding, sort_findings
from xltiltak.model.language import translate
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Head, Node, Report, Slot
from xltiltak.model.row_keys import area_code
from xltiltak.model.template import Level, Template
from xltiltak.model.visible_text import visible
from xltiltak.snapshot.proof import with_key
from xltiltak.templates import catalogue
from xltiltak.templates.template_rules import check_template_rules

BLANK_PLAN = "tom-plan.xlsx"  # beside the template.toml of a shipped template
EXAMPLE, EXAMPLE_DETAILS = "eksempel.csv", "eksempel.toml"  # a made-up report, there too
_ID = re.compile(r"""^(id\s*=\s*)(?:"[^"\n]*"|'[^'\n]*')""", re.MULTILINE)
AREAS = 3  # example areas; those that are not needed are deleted
_MOST_COPIED = 200  # files of a template
_LARGEST_COPIED = 10 * files.MIB
_CARDS = 3  # empty cards in each group, if there is no table with empty rows


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

    The empty plan is not copied, because it contains the other template, nor is the example, which
    is of that. Raise TemplateError if the name is not allowed or the source has problems,
    OutputError if the folder exists.
    """
    if not template_checks.is_name(name):
        problem = TemplateProblem("not_allowed", value=name, allowed=template_checks.NAME_LETTERS)
        raise TemplateError([(name, "id", problem)])
    origin, folder = catalogue.folder_of(source, files.working_folder()), target / name
    catalogue.load(origin)  # only what can be used is worth copying
    if files.exists(folder):
        raise OutputError("folder_exists", folder=folder)
    contents: dict[Path, bytes] = {
        folder / path.relative_to(origin): files.read(path, _LARGEST_COPIED)
        for path in _copied_files(origin)
    }
    content = files.read(origin / catalogue.FILE)
    text = decode_text(content, catalogue.FILE)  # keeps the line ends
    contents[folder / catalogue.FILE] = _with_id(text, name).encode()
    files.write(contents)
    return folder / catalogue.FILE


def _copied_files(origin: Path) -> list[Path]:
    """Return the files of a template. Raise PlanError if the folder has more than a template."""
    found = []
    for path in origin.rglob("*"):
        if path.is_file() and path.name not in (BLANK_PLAN, EXAMPLE, EXAMPLE_DETAILS):
            found.append(path)
        if len(found) > _MOST_COPIED:
            raise PlanError("too_many_files", folder=origin, limit=_MOST_COPIED)
    return sorted(found)


def check_template(folder: Path) -> TemplateCheck:
    """Return the problems and findings of the template in a folder. Raise PlanError without one."""
    if not (folder / catalogue.FILE).is_file():
        raise PlanError("not_there", path=str(folder / catalogue.FILE))
    try:
        template = catalogue.load(folder)
    except TemplateError as error:
        return TemplateCheck(None, tuple(error.problems))
    name = visible(files.resolved(folder).name)
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
    template: Template,
    year: int,
    target: Path,
    *,
    areas: int = AREAS,
    force: bool = False,
    is_shipped: bool = False,
) -> Path:
    """Write an empty plan with so many example areas; return its path. Raise OutputError.

    A plan that is shipped has no key, since everybody has it: it gets one when it is sent out.
    """
    from xltiltak.sheets.appendix import write_appendix

    register = Register(blank_report(template, year, areas))
    content = write_appendix(register if is_shipped else with_key(register))
    (written,) = files.write({target: content}, force=force)
    return written


def _with_id(text: str, template_id: str) -> str:
    """Return the text of a template.toml with another id. Its comments are kept."""
    return _ID.sub(lambda found: f'{found[1]}"{template_id}"', text, count=1)


def blank_report(template: Template, year: int, areas: int = AREAS) -> Report:
    """Return an empty plan of a year, with one reporting date, the last day of the year.

    Texts that the coordinator must replace say what belongs there.
    """
    language, day = template.language, date(year, 12, 31)
    organisation = translate("book.organisation", language)
    title = template.title.format(year=year, date=day, name="…", no=1, label="…")
    head = Head(area_code(organisation), organisation, title, year, language, (day,))
    builder = _BlankNodes(template)
    if template.area_level:
        nodes = tuple(builder.areas(areas))
        refs = [node.ref for node in nodes if node.level == template.area_level.id]
    else:
        nodes = tuple(builder.nodes_below(None, 0, head.code))
        refs = [head.code]
    details = {ref: Area(highest=builder.highest[ref]) for ref in refs}
    return Report(template, head, nodes, builder.values, details)


class _BlankNodes:
    """Builds the nodes of an empty plan.

    `highest` is the highest number of a ref in each area. `values` are the values of the nodes.
    """

    def __init__(self, template: Template) -> None:
        self.template, self.geometry = template, Geometry(template)
        self.highest: Counter[str] = Counter()
        self.values: dict[Slot, Value] = {}
        self._cards: Counter[str] = Counter()

    def areas(self, count: int) -> Iterator[Node]:
        """Yield so many areas, each with the nodes below it; of a closed level its groups."""
        level = self.template.levels[0]
        for n, group in enumerate(_groups(level, count), 1):
            ref = f"{area_code(level.label)[:1]}{n}"
            if self.template.field_of(level.id, "name"):
                self.values[Slot(ref, "name")] = f"{level.label} {n}"
            yield Node(ref, level.id, None, group)
            yield from self.nodes_below(ref, 1, ref)

    def nodes_below(self, parent: str | None, depth: int, area: str) -> Iterator[Node]:
        """Yield the nodes of the level at this depth that have a title line, and those below them.

        Below them is an empty table, or else a few empty cards. Optional levels are left out.
        """
        level = self.template.levels[depth]
        if level.optional:
            yield from self.nodes_below(parent, depth + 1, area)
        elif self.geometry.has_title_line(level):
            is_measure = level is self.template.leaf
            for group in _groups(level, _CARDS if is_measure else 1):
                self.highest[area] += 1
                ref = f"{area}-{self.highest[area]:03}"
                yield Node(ref, level.id, parent, group)
                if is_measure:
                    self._number_card(ref, area)
                else:
                    yield from self.nodes_below(ref, depth + 1, area)

    def _number_card(self, ref: str, area: str) -> None:
        """Give a card the next number, if cards have one, so that its title line is visible."""
        self._cards[area] += 1
        field_type = self.geometry.field_types.get((self.template.leaf.id, "no"))
        number = field_type.parse((self._cards[area],), "en").value if field_type else None
        if number is not None:
            self.values[Slot(ref, "no")] = number


def _groups(level: Level, count: int) -> list[str | None]:
    """Return the ids of the closed groups of a level; without any, None so many times."""
    return [group.id for group in level.groups] or [None] * count
