"""A round of any template that has an example: import, split, answers, merge, a web page.

Nothing here knows a template. What is typed comes from `answers`, and where it is typed from the
layout of the form.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from pathlib import Path

from xltiltak import api, flows
from xltiltak.demo.answers import answers
from xltiltak.demo.mistakes import Form
from xltiltak.demo.scenario import DemoResult
from xltiltak.importers import import_flow
from xltiltak.intake.returned_file import parse_return
from xltiltak.layout.guidance import FILLED_BY_FIELD
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.model import files
from xltiltak.model.carried import carried_steps, with_steps
from xltiltak.model.cell_values import PlainValue
from xltiltak.model.errors import PlanError
from xltiltak.model.field_types import FieldType, Value
from xltiltak.model.language import translate
from xltiltak.model.report import BLANK_AREA, Report, Slot
from xltiltak.sheets.file_names import sent_plan_path
from xltiltak.templates import catalogue
from xltiltak.templates.template_tools import EXAMPLE, EXAMPLE_DETAILS
from xltiltak.xlsx.cell_names import cell_name

_SAVED = time(9, 30)  # when every form is saved, on the day that is reported on


def run_example(folder: Path, name: str, *, force: bool = False) -> DemoResult:
    """Play a round of the template of a name or path in a folder.

    Raise TemplateError without such a template, PlanError if it has no example, and OutputError
    before anything is written if a file of the round is there, unless `force` is given.
    """
    source = catalogue.folder_of(name, files.working_folder())
    template = catalogue.load(source)
    if not (source / EXAMPLE).is_file():
        raise PlanError("no_example", path=source / EXAMPLE)
    imported = import_flow.import_source(source / EXAMPLE, template)
    head = imported.report.head
    table, plan, sent, returned, appendix, page = (
        folder / translate(f"demo.{each}", template.language, year=head.year)
        for each in ("table", "plan", "sent", "returned", "appendix", "page")
    )
    copies = {table: files.read(source / EXAMPLE)}
    if (source / EXAMPLE_DETAILS).is_file():
        copies[table.with_suffix(".toml")] = files.read(source / EXAMPLE_DETAILS)
    opened = imported.report.with_open_date(head.dates[-1])
    plan_sent = sent_plan_path(plan, opened)
    if not force:
        files.refuse_existing(
            (*copies, plan, sent, plan_sent, returned, appendix, page), force=False
        )

    files.write(copies, force=force)
    import_flow.import_plan(table, template, plan, force=force)
    *forms, _ = flows.split(plan, sent, day=head.dates[-1], force=force).written
    filled = {returned / form.name: _filled_in(form, forgetful=form == forms[-1]) for form in forms}
    result = flows.merge(
        files.write(filled, force=force), appendix, plan=plan_sent, force=force, fresh=True
    )
    api.publish(appendix, page, force=force)
    paths = (table, plan, sent, plan_sent, returned, appendix, page)
    return DemoResult(result, paths, page)


def _filled_in(path: Path, *, forgetful: bool) -> bytes:
    """Return a form as its leader saves it, with made-up answers."""
    report = parse_return(path.name, files.read(path)).sent_report
    if report is None:
        raise PlanError("not_there", path=path)
    form, typed = Form(path), answers(report, forgetful=forgetful)
    parts = report.parts()
    names = {ref: report.area_name(ref) for ref in parts} if len(parts) > 1 else {}
    leader = ""
    for sheet, (area, part) in zip(form.book.worksheets, parts.items(), strict=False):
        leader = report.areas.get(area, BLANK_AREA).leader
        values = {**typed, Slot(area, FILLED_BY_FIELD): leader}
        for address, value in input_cells(part, area, names, values):
            sheet[address].value = value
    current = report.head.current or report.head.dates[-1]
    return form.to_bytes(leader, datetime.combine(current, _SAVED))


def input_cells(
    part: Report, area: str, names: Mapping[str, str], values: Mapping[Slot, Value]
) -> Iterator[tuple[str, PlainValue]]:
    """Yield the address and content of the cells of these slots on the sheet of an area."""
    shown = with_steps(part, carried_steps(part))
    places: dict[Slot, list[str]] = defaultdict(list)
    types: dict[Slot, FieldType] = {}
    for number, row in enumerate(layout_sheet(shown, area, names=names), 1):
        for spec in row.specs:
            slot = row.slot_at(spec)
            if slot and slot in values and spec.style == "input" and spec.field_type:
                places[slot].append(cell_name(number, spec.col))
                types[slot] = spec.field_type
    for slot, addresses in places.items():
        contents = types[slot].to_cells(values[slot])
        if len(contents) > len(addresses):  # the lines of a text in one cell
            contents = ("\n".join(map(str, contents)),)
        yield from zip(addresses, contents, strict=False)
