"""The round: a plan, forms sent out, forms returned with mistakes, and the merged appendix."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from xltiltak import flows
from xltiltak.demo import mistakes
from xltiltak.demo.mistakes import MISTAKES, Form, Mistake
from xltiltak.importers import import_flow
from xltiltak.importers.table import csv_rows
from xltiltak.model import files
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import measure_nodes
from xltiltak.sheets.file_names import round_filename, sent_plan_path
from xltiltak.templates import catalogue

_HERE = Path(__file__).parent
_TEMPLATES = "templates"  # the folder beside a plan in which every command looks for templates
_ANSWERS = 2  # the last columns of plan.csv: the status at the current date, and the remark
_EARLIER = 2  # the columns before them: the statuses at the earlier dates
_BARELY_STARTED = 2  # the highest status of a measure whose remark may stay as it is
_LAST_AVERAGE = re.compile(r'^(averages = \[.*), "[^"]*"\]', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The result of the merge, the files and folders to look at, and the one to open first."""

    result: flows.Result
    paths: tuple[Path, ...]
    first: Path


@dataclass(frozen=True, slots=True)
class Scenario:
    """The data of one language, and the files and folders of the demonstration.

    `date` is the current date. `forms`, `printed` and `left_open` are the tables of
    `mistakes.toml`: the returned forms, and the two files in the folder that are no forms.
    """

    source: Path
    template: str
    date: date
    table: Path
    head: Path
    plan: Path
    sent: Path
    returned: Path
    appendix: Path
    forms: Sequence[Mapping[str, Any]]
    printed: Mapping[str, str]
    left_open: Mapping[str, str]

    @classmethod
    def load(cls, language: str, folder: Path) -> Scenario:
        """Return the scenario of a language, with its paths in `folder`."""
        source = _HERE / language
        script = tomllib.loads((source / "mistakes.toml").read_text("utf-8"))
        names = ("table", "head", "plan", "sent", "returned", "appendix")
        return cls(source, **{**script, **{name: folder / script[name] for name in names}})

    @property
    def source_table(self) -> Path:
        """The table with all dates answered."""
        return self.source / "plan.csv"

    @property
    def source_head(self) -> Path:
        """The report details with the printed averages of all dates."""
        return self.source / "plan.toml"

    def answered(self) -> Report:
        """Return the report with the answers of every date: what the leaders mean to say."""
        template = catalogue.load(catalogue.folders(self.source)[self.template])
        imported = import_flow.import_source(self.source_table, template, self.source_head)
        return imported.report.with_open_date(self.date)

    def own_templates(self) -> dict[Path, bytes]:
        """Return the template file by its target path; empty if a shipped template is used."""
        folder, target = self.source / _TEMPLATES, self.table.parent / _TEMPLATES
        found = sorted(folder.glob(f"*/{catalogue.FILE}"))
        return {target / file.relative_to(folder): file.read_bytes() for file in found}


def run_demo(folder: Path, language: str, *, force: bool = False) -> DemoResult:
    """Play the round of a language in a folder.

    Raises OutputError before anything is written if the files of a demonstration are there, unless
    `force` is given.
    """
    scenario = Scenario.load(language, folder)
    answered, templates = scenario.answered(), scenario.own_templates()
    table, plan, appendix = scenario.table, scenario.plan, scenario.appendix
    plan_sent = sent_plan_path(plan, answered)
    paths = (table, *templates, plan, scenario.sent, plan_sent, scenario.returned, appendix)
    if not force:  # with it, `write` looks at each file; here are folders too
        files.refuse_existing((scenario.head, *paths), force=False)

    begin = {table: _table_before(scenario), scenario.head: _head_before(scenario), **templates}
    files.write(begin, force=force)
    import_flow.import_plan(table, answered.template, plan, head=scenario.head, force=force)
    flows.split(plan, scenario.sent, day=scenario.date, force=force)
    returned = files.write(dict(_returned_files(scenario, answered)), force=force)
    result = flows.merge(returned, appendix, plan=plan_sent, force=force, fresh=True)
    return DemoResult(result, paths, appendix)


def _table_before(scenario: Scenario) -> bytes:
    """Return the table without the current statuses, and only with the remarks that stay."""
    (_, headings), *rows = csv_rows(scenario.source_table)
    before = [[*row[:-_ANSWERS], "", row[-1] if _is_unchanged(row) else ""] for _, row in rows]
    target = StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerows([headings, *before])
    return target.getvalue().encode("utf-8-sig")


def _is_unchanged(row: Sequence[str]) -> bool:
    """Return True if a measure has the same low status at every date."""
    statuses = set(row[-_ANSWERS - _EARLIER : 1 - _ANSWERS])
    return len(statuses) == 1 and int(statuses.pop()) <= _BARELY_STARTED


def _head_before(scenario: Scenario) -> bytes:
    """Return the report details without the printed averages of the current date."""
    return _LAST_AVERAGE.sub(r"\1]", scenario.source_head.read_text("utf-8")).encode()


def _returned_files(scenario: Scenario, answered: Report) -> Iterator[tuple[Path, bytes]]:
    """Yield each file in the folder of returned forms, with its content."""
    for returned in scenario.forms:
        form = Form(scenario.sent / round_filename(answered, returned["area"]))
        _fill_in(form, answered, returned["area"], returned.get("part"))
        for entry in returned.get("mistakes", ()):
            mistake = Mistake(**entry)
            MISTAKES[mistake.kind](form, mistake)
        content = form.to_bytes(returned["saved_by"], returned["saved_at"])
        yield scenario.returned / returned["file"], content
    printed, left_open = scenario.printed, scenario.left_open
    yield scenario.returned / printed["file"], mistakes.printed(printed["typed"])
    yield scenario.returned / left_open["file"], mistakes.left_open(left_open["typed"])


def _fill_in(form: Form, answered: Report, area: str, part: tuple[int, int] | None) -> None:
    """Fill in the correct answers of an area's form, or those of a part of its measures."""
    template = answered.template
    fields = [f for f in template.fields_of(template.leaf.id) if f.role == "input"]
    current, area_of = answered.head.current, answered.area_of
    measures = [node for node in measure_nodes(answered) if area_of[node.ref] == area]
    first, last = part or (1, len(measures))
    for node in measures[first - 1 : last]:
        slots = (Slot(node.ref, f.id, current if f.per_checkpoint else None) for f in fields)
        form.answer(node.ref, [answered.values.get(slot) for slot in slots])
