"""The round: a plan, forms out, answers back with the slips of real offices, and the appendix that is made of them."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from xltiltak import files, flows
from xltiltak.demo import slips
from xltiltak.demo.slips import SLIPS, Form, Slip
from xltiltak.importers import import_flow
from xltiltak.importers.table import csv_rows, import_table
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import leaves
from xltiltak.templates import catalogue

_HERE = Path(__file__).parent
_TABLE, _HEAD, _SCRIPT = _HERE / "plan.csv", _HERE / "plan.toml", _HERE / "slips.toml"
_ANSWERS = 2  # the last columns of the table: this date's status, and the remark
_EARLIER = 2  # the columns before them: the statuses of the dates before
_BARELY = 2  # a status up to here: there is nothing new to say of what stands still
_LAST_PRINTED = re.compile(r'^(averages = \[.*), "[^"]*"\]', re.MULTILINE)


class Told(NamedTuple):
    """How the story ends: the merge, the files and folders to look at, and which of them to open first."""

    result: flows.Result
    paths: tuple[Path, ...]
    first: Path


class Script(NamedTuple):
    """What `slips.toml` says, with all files and folders in the folder of the demonstration."""

    template: str
    date: date
    table: Path
    head: Path
    plan: Path
    sent: Path
    returned: Path
    appendix: Path
    forms: Sequence[dict[str, Any]]
    printed: dict[str, str]
    left_open: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> Script:
        """The script, played in a folder."""
        said = tomllib.loads(_SCRIPT.read_text("utf-8"))
        places = ("table", "head", "plan", "sent", "returned", "appendix")
        return cls(**{**said, **{name: folder / said[name] for name in places}})


def tell(folder: Path, *, force: bool = False) -> Told:
    """Play the round in a folder. Raises OutputError before anything is written where it has been played already."""
    script = Script.read(folder)
    answered = _answered(script)
    plan_sent = flows.sent_name(script.plan, answered)
    paths = (script.table, script.plan, script.sent, plan_sent, script.returned, script.appendix)
    files.refuse_existing((script.head, *paths), force=force)

    files.write({script.table: _unanswered_table(), script.head: _unprinted_head()}, force=force)
    import_flow.import_(script.table, answered.template, script.plan, head=script.head, force=force)
    flows.split(script.plan, script.sent, day=script.date, force=force)
    returned = files.write(dict(_returned(script, answered)), force=force)
    result = flows.merge(returned, script.appendix, plan=plan_sent, force=force)
    return Told(result, paths, script.appendix)


def _answered(script: Script) -> Report:
    """The report as the leaders know it: every date answered."""
    template = catalogue.load(catalogue.shipped() / script.template)
    return import_table(_TABLE, template, _HEAD).report.opened(script.date)


def _unanswered_table() -> bytes:
    """The table as it was before this date: without its statuses, with the remarks that still hold."""
    (_, headings), *rows = csv_rows(_TABLE)
    target = StringIO()
    before = [[*row[:-_ANSWERS], "", row[-1] if _stands_still(row) else ""] for _, row in rows]
    csv.writer(target, delimiter=";", lineterminator="\r\n").writerows([headings, *before])
    return target.getvalue().encode("utf-8-sig")


def _stands_still(row: Sequence[str]) -> bool:
    """Whether a measure has barely been begun, at every date alike."""
    statuses = set(row[-_ANSWERS - _EARLIER : 1 - _ANSWERS])
    return len(statuses) == 1 and int(statuses.pop()) <= _BARELY


def _unprinted_head() -> bytes:
    """The head as it was before this date's means were printed."""
    return _LAST_PRINTED.sub(r"\1]", _HEAD.read_text("utf-8")).encode()


def _returned(script: Script, answered: Report) -> Iterator[tuple[Path, bytes]]:
    """What comes back: the forms of all leaders, and what else was put into the folder."""
    for said in script.forms:
        form = Form(script.sent / flows.form_name(answered, said["area"]))
        _answer(form, answered, said["area"], said.get("part"))
        for slip in (Slip(**told) for told in said.get("slips", ())):
            SLIPS[slip.slip](form, slip)
        yield script.returned / said["file"], form.saved(said["saved_by"], said["saved_at"])
    yield script.returned / script.printed["file"], slips.printed(script.printed["typed"])
    yield script.returned / script.left_open["file"], slips.left_open(script.left_open["typed"])


def _answer(form: Form, answered: Report, area: str, part: tuple[int, int] | None) -> None:
    """Fill in the form, or a part of it, with what is right."""
    fields = [
        f for f in answered.template.fields_of(answered.template.leaf.id) if f.role == "input"
    ]
    area_of = answered.area_of
    measures = [node for node in leaves(answered) if area_of[node.ref] == area]
    first, last = part or (1, len(measures))
    for node in measures[first - 1 : last]:
        slots = (
            Slot(node.ref, f.id, answered.head.current if f.per_checkpoint else None)
            for f in fields
        )
        form.answer(node.ref, [answered.values.get(slot) for slot in slots])
