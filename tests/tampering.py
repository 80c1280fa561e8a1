"""Change the hidden record of a returned form at random: nothing that it says is believed.

    python -m tests.tampering --mutations 10000
    python -m tests.tampering --first 4711 --mutations 1

Each number is one mutation, always the same: its round, its place in the JSON and its change. The
returns are the changed form of one area and a sound form of another one; they are checked with the
plan and without it. Print a line for each mutation after which a law does not hold, and continue.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TextIO
from xml.sax.saxutils import escape
from zipfile import ZIP_STORED, ZipFile

from openpyxl import load_workbook

from tests.forms import KEY, open_slots, saved, typed
from tests.sources import TEMPLATES, small
from xltiltak import flows
from xltiltak.intake.returned_file import parse_return
from xltiltak.merging.merge import merge
from xltiltak.model.field_types import Value
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Report, Slot
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix
from xltiltak.sheets.forms import correction_form, write_form
from xltiltak.snapshot.hidden_sheet import LIST_ROW
from xltiltak.snapshot.proof import with_proof
from xltiltak.templates import catalogue

REPORT_EVERY = 500
HIDDEN = "_xltiltak"
CHANGED, SOUND = "a.xlsx", "b.xlsx"
# The templates with areas; the others have one form only.
NAMES = tuple(name for name in TEMPLATES if catalogue.find(name).area_level)
KINDS = ("form", "form", "correction", "retitled", "version 1")
FALSE_TITLE = "Tittelen er forfalsket"
# What is put in place of something in the record. A name beginning with @ stands for raw JSON.
RAW = {"@huge": "1" + "0" * 400, "@1e999": "1e999", "@NaN": "NaN", "@digits": "9" * 5_000}
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2.5, 7, 77, 10**12, 10**40, "", " ", "x", "input", "given",
    "scale", "text", "date", "paragraphs", "0001-01-01", "1899-12-31", "9999-12-31", "2020-13-01",
    "20200430", "2020-04-30", "A|b", "@head", "a/b", "\ud800", "\x00", "_x000D_", "{name}", "{",
    "{{}}", "{date}", "{date:%Q}", "{name!r:>99999999}", "#GGGGGG", "red", "9" * 30, "y" * 40_000,
    [], {}, [[]], [None], [1] * 3, ["a"] * 3, {"a": 1}, {"a": {"b": [None]}}, list(range(3_000)),
    *RAW,
)  # fmt: skip


@dataclass(frozen=True)
class Round:
    """A plan, the answered forms of two areas, and what a merge of the sound one alone gives."""

    plan: bytes
    report: Report
    area: str
    forms: Mapping[str, bytes]  # of the first area, by their kind
    hiding: str  # what its record would say was sent if nothing had been typed
    sound: bytes
    told: tuple[str, ...]  # texts typed in the first area that are in no other cell

    @property
    def others(self) -> Mapping[Slot, Value]:
        """Return the values of all other areas when the sound form has been merged."""
        register = merge(read_appendix(self.plan), [parse_return(SOUND, self.sound, key=KEY)])
        return _outside(register.report, self.area)


class Tampering(NamedTuple):
    """A mutation after which a law does not hold; `number` repeats it."""

    number: int
    round: str
    change: str
    message: str


@cache
def round_of(name: str) -> Round:
    """Return the round of a shipped template."""
    whole = small(catalogue.find(name))
    report = replace(whole, areas={ref: Area(sent=1) for ref in whole.area_refs})
    report = report.with_open_date(max(report.head.dates))
    opened = {*open_slots(report)}
    report = replace(report, values={s: v for s, v in report.values.items() if s not in opened})
    names, parts = {ref: report.area_name(ref) for ref in report.area_refs}, report.parts()
    area, other = report.area_refs[:2]
    answers = {slot: whole.values[slot] for slot in opened if slot in whole.values}
    unique: dict[Slot, str] = {}
    for n, (slot, value) in enumerate(sorted(answers.items(), key=str)):
        text = f"Svar nr. {n} herfra"
        if isinstance(value, tuple) or (isinstance(value, str) and " " in value):
            answers[slot] = (text,) if isinstance(value, tuple) else text
            unique[slot] = text
    form = typed(write_form(parts[area], area, names, KEY), _of(parts[area], answers))
    sound = typed(write_form(parts[other], other, names, KEY), _of(parts[other], answers))
    plan = Register(report, key=KEY)
    merged = merge(plan, [parse_return(CHANGED, form, key=KEY)])
    fixed = correction_form(merged, [parse_return(CHANGED, form, key=KEY)], [area])
    told = tuple(text for slot, text in unique.items() if slot.ref in parts[area].by_ref)
    title = {_last_locked_text(parts[area]): FALSE_TITLE}
    typed_in = {**_of(parts[area], answers), **title}
    retitled = typed(write_form(parts[area], area, names, KEY), {**title})
    values = {slot: v for slot, v in {**parts[area].values, **typed_in}.items() if v is not None}
    hiding = record_of(write_form(replace(parts[area], values=values), area, names))["sent"]
    forms = {
        "form": _uncompressed(form),
        "correction": _uncompressed(fixed),
        "retitled": _uncompressed(retitled),
    }
    forms["version 1"] = with_record(forms["form"], in_version_1(record_of(forms["form"])))
    return Round(write_appendix(plan), report, area, forms, hiding, sound, told)


def _last_locked_text(part: Report) -> Slot:
    """Return the last locked slot with a text, not of the area itself."""
    given = (slot for slot, field, node in part.slots() if field.role == "given" and node.parent)
    return [slot for slot in given if isinstance(part.values.get(slot), str)][-1]


def _of(part: Report, answers: Mapping[Slot, Value]) -> dict[Slot, Value | None]:
    return {slot: value for slot, value in answers.items() if slot.ref in part.by_ref}


def _uncompressed(form: bytes) -> bytes:
    """Return the form as openpyxl saves it, without compression, which is faster to change."""
    target = BytesIO()
    content = saved(load_workbook(BytesIO(form)))
    with ZipFile(BytesIO(content)) as old, ZipFile(target, "w", ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return target.getvalue()


# The record


def record_of(form: bytes) -> dict[str, str]:
    """Return the texts of the record on the hidden sheet by the names of its rows."""
    sheet = load_workbook(BytesIO(form))[HIDDEN]
    texts: dict[str, str] = {}
    for name, *pieces in sheet.iter_rows(values_only=True):
        if name != LIST_ROW:
            texts[str(name)] = texts.get(str(name), "") + "".join(str(p) for p in pieces if p)
    return texts


def with_record(form: bytes, texts: Mapping[str, str]) -> bytes:
    """Return the form with this hidden sheet."""
    rows = []
    for name, text in texts.items():
        pieces = [text[i : i + 30_000] for i in range(0, len(text), 30_000)] or [""]
        rows += [(name, *pieces[i : i + 16]) for i in range(0, len(pieces), 16)]
    cells = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    target = BytesIO()
    with ZipFile(BytesIO(form)) as old, ZipFile(target, "w", ZIP_STORED) as new:
        sheets = sorted(n for n in old.namelist() if n.startswith("xl/worksheets/sheet"))
        for name in old.namelist():
            part = old.read(name)
            if name == sheets[-1]:  # the hidden sheet is the last
                head = part[: part.index(b"<sheetData")].decode()
                part = f"{head}<sheetData>{cells}</sheetData></worksheet>".encode()
            new.writestr(name, part)
    return target.getvalue()


def in_version_1(record: Mapping[str, str]) -> dict[str, str]:
    """Return the record of a form in version 1: the nodes one by one, without columns."""
    sent = json.loads(record["sent"])
    nodes = [
        [ref, *block[:5], [column[n] for column in block[6:]]]
        for block in sent.pop("blocks")
        for n, ref in enumerate(block[5])
    ]
    texts = {**record, HIDDEN: "1", "sent": json.dumps({**sent, "nodes": nodes})}
    rows = [(name, text) for name, text in texts.items() if name != "proof"]
    return {name: "".join(pieces) for name, *pieces in with_proof(rows, KEY)}


def _cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


# Mutations


def places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything in JSON."""
    yield path
    items: Any = ()
    if isinstance(content, dict):
        items = content.items()
    elif isinstance(content, list):
        items = enumerate(content)
    for name, item in items:
        yield from places(item, (*path, name))


class JsonRecord(NamedTuple):
    """The texts of a record, its JSON, the paths in that, and those that are alike but for numbers.

    `alike` has the paths by the names in them: all labels of fields, all refs of nodes.
    """

    texts: Mapping[str, str]
    content: Mapping[str, Any]
    paths: Sequence[tuple[Any, ...]]
    alike: Mapping[tuple[Any, ...], Sequence[tuple[Any, ...]]]


@cache
def _record(name: str, kind: str) -> JsonRecord:
    texts = record_of(round_of(name).forms[kind])
    content = {k: json.loads(v) for k, v in texts.items() if k not in (HIDDEN, "proof")}
    paths = [path for path in places(content) if path]
    alike: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for path in paths:
        alike[_names(path)].append(path)
    return JsonRecord(texts, content, paths, alike)


def _names(path: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a path without its numbers, but the last."""
    return (*(name for name in path[:-1] if isinstance(name, str)), len(path), path[-1])


def mutated(name: str, kind: str, chance: Random) -> tuple[dict[str, str], str]:
    """Return the texts of a record after one to three random changes, and what these are."""
    record = _record(name, kind)
    content, told = copy.deepcopy(dict(record.content)), []
    if chance.random() < 0.1:
        content["sent"] = json.loads(round_of(name).hiding)
        told.append("hiding")
    for _ in range(chance.choice((0, 1, 2, 3) if told else (1, 1, 2, 3))):
        path = chance.choice(record.paths)
        likely = record.alike[_names(path)] if chance.random() < 0.7 else record.paths
        told.append(_change(content, path, chance.choice(likely), chance))
    kept = {key: text for key, text in record.texts.items() if key in (HIDDEN, "proof")}
    changed = {HIDDEN: kept[HIDDEN], **{k: _dumped(v) for k, v in content.items()}, **kept}
    if chance.random() < 0.05:
        key = chance.choice(sorted(changed))
        at = chance.randrange(len(changed[key]) + 1)
        changed[key] = changed[key][:at] + chance.choice(["", "]", "[" * 2_000, '"', "0"])
        told.append(f"{key}[{at}:]")
    if chance.random() < 0.5:
        changed.pop("proof", None)
    return changed, "; ".join(told)


def _dumped(content: Any) -> str:
    text = json.dumps(content)
    for name, raw in RAW.items():
        text = text.replace(f'"{name}"', raw)
    return text


def _change(content: Any, path: tuple[Any, ...], other: tuple[Any, ...], chance: Random) -> str:
    """Change something at a path in some way; return what was done."""
    try:
        owner, name = _at(content, path[:-1]), path[-1]
        before = owner[name]
    except (LookupError, TypeError):  # an earlier change has removed it
        return ""
    changes: dict[str, Callable[[], object]] = {
        "set": lambda: owner.__setitem__(name, copy.deepcopy(chance.choice(ODD))),
        "copy": lambda: owner.__setitem__(name, copy.deepcopy(_at(content, other))),
        "remove": lambda: owner.__delitem__(name),
        "twice": lambda: owner.insert(name, before) if isinstance(owner, list) else None,
        "add": lambda: (
            before.update({"x": chance.choice(ODD)}) if isinstance(before, dict) else None
        ),
        "long": lambda: owner.__setitem__(name, [before] * 5_000),
        "nudge": lambda: owner.__setitem__(name, _nudged(before, content, chance)),
    }
    done = chance.choice((*changes, *("nudge", "copy") * 6))
    try:
        changes[done]()
    except (LookupError, TypeError, AttributeError):
        return ""
    return f"{done} {'.'.join(map(str, path))}"


def _nudged(value: Any, content: Any, chance: Random) -> Any:
    """Return another value of the same type, which a report may well have."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.choice((-1, 1))
    if value in ("given", "input"):
        return "input" if value == "given" else "given"
    if isinstance(value, str) and value[:4].isdecimal():
        return chance.choice(content["head"]["dates"])
    if isinstance(value, list):
        return chance.sample(value, len(value))
    return f"{value} x" if isinstance(value, str) else {}


def _at(content: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        content = content[name]
    return content


# Laws


def tampering(number: int) -> Tampering | None:
    """Check the laws after one mutation; return None if they hold."""
    chance = Random(number)
    name, kind = NAMES[number % len(NAMES)], chance.choice(KINDS)
    texts, change = mutated(name, kind, chance)
    try:
        message = "; ".join(_broken_laws(round_of(name), kind, texts, number))
    except Exception:  # noqa: BLE001 - a traceback is what a law forbids
        message = traceback.format_exc(limit=-3).replace("\n", " ")
    return Tampering(number, f"{name} {kind}", change, message) if message else None


def _broken_laws(round_: Round, kind: str, texts: Mapping[str, str], number: int) -> Iterator[str]:
    form = with_record(round_.forms[kind], texts)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / CHANGED).write_bytes(form)
        (folder / SOUND).write_bytes(round_.sound)
        plan = folder / "plan.xlsx"
        plan.write_bytes(round_.plan)
        returned = [folder / CHANGED, folder / SOUND]
        judged = flows.check(returned, plan=plan)
        yield from _with_plan(round_, kind, judged)
        alone = flows.check(returned)
        yield from _without_plan(round_, alone)
    if number % 3 == 0:
        read_appendix(write_appendix(judged.register))
        read_appendix(write_appendix(alone.register))


def _with_plan(round_: Round, kind: str, done: flows.Result) -> Iterator[str]:
    """Yield what a form changed that it may not change, and answers that are lost."""
    report = done.register.report
    if _outside(report, round_.area) != _others(round_):
        yield "another area changed"
    opened = {*open_slots(round_.report)}
    locked = {slot: v for slot, v in report.values.items() if slot not in opened}
    if locked != {s: v for s, v in round_.report.values.items() if s not in opened}:
        yield "a locked slot changed"
    if report.nodes != round_.report.nodes or report.head != round_.report.head:
        yield "the plan changed"
    quoted = " ".join(text for f in done.findings for text in f.values.values())
    quoted += " ".join(
        " ".join(value) if isinstance(value, tuple) else str(value)
        for value in report.values.values()
    )
    told = (FALSE_TITLE,) if kind == "retitled" else round_.told
    is_too_large = any(f.code == "F007" for f in done.findings)  # such a file is not read at all
    if not is_too_large and (lost := [text for text in told if text not in quoted]):
        yield f"lost: {lost}"


def _without_plan(round_: Round, done: flows.Result) -> Iterator[str]:
    """Yield what is lost of the sound form: it is merged as before, or told not to be."""
    found = _outside(done.register.report, round_.area)
    wanted = _others(round_)
    is_told = any(f.place.file == SOUND and f.severity == "error" for f in done.findings)
    sound = _sound_refs(round_)
    wrong = [slot for slot in wanted if slot.ref in sound and found.get(slot) != wanted[slot]]
    if wrong and not is_told:
        yield f"without a plan {wrong[:3]} changed"


def _outside(report: Report, area: str) -> dict[Slot, Value]:
    """Return the values of all other areas."""
    return {s: v for s, v in report.values.items() if report.area_of.get(s.ref) != area}


@cache
def _others_of(name: str) -> Mapping[Slot, Value]:
    return round_of(name).others


def _others(round_: Round) -> Mapping[Slot, Value]:
    return _others_of(round_.report.template.id)


def _sound_refs(round_: Round) -> Mapping[str, object]:
    """Return the nodes of the area that the sound form is of."""
    return round_.report.parts()[round_.report.area_refs[1]].by_ref


def run(numbers: range, out: TextIO) -> int:
    """Check these mutations, print each failure at once, and return the number of failures."""
    failed, began = 0, time.monotonic()
    for done, number in enumerate(numbers, 1):
        if failure := tampering(number):
            failed += 1
            print(*failure, sep=" | ", file=out, flush=True)
        if done % REPORT_EVERY == 0 or done == len(numbers):
            seconds = time.monotonic() - began
            print(f"{done} mutations, {failed} failed, {seconds:.0f} s", file=out, flush=True)
    return failed


def main() -> int:
    """Run the command line; return 1 if a mutation failed, else 0."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.tampering", description="Changed hidden records against the laws."
    )
    parser.add_argument("--mutations", type=int, default=1_000, metavar="N", help="how many")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the number of the first")
    chosen = parser.parse_args()
    return 1 if run(range(chosen.first, chosen.first + chosen.mutations), sys.stdout) else 0


if __name__ == "__main__":
    sys.exit(main())
