"""Check two laws of intake and merge: no entry in a form is lost, and no value changes silently.

The tests edit forms at random. What a form says is computed here a second time, independently of
the package and in the simplest way: by the text of a row and the label of a column.
"""

from __future__ import annotations

import pickle
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, cached_property
from io import BytesIO
from itertools import groupby
from random import Random
from typing import Any, NamedTuple
from zipfile import ZipFile

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.utils.datetime import from_excel
from openpyxl.worksheet.worksheet import Worksheet

from tests.damage import EDITS, HARMLESS, PERCENT, Edit, Hand, non_empty_cells
from tests.forms import book_of, forms_of, open_slots, saved, typed
from tests.sources import TEMPLATES, small
from tests.things import with_things
from xltiltak.intake.form_reader import RegisterForms
from xltiltak.intake.returned_file import parse_return
from xltiltak.layout.geometry import geometry_of
from xltiltak.merging.merge import merge
from xltiltak.model.field_types import Value
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.model.report import Head, Node, Report, Slot
from xltiltak.model.template import Template
from xltiltak.model.written_dates import with_days_alike
from xltiltak.templates import catalogue

APRIL, AUGUST, DECEMBER = date(2020, 4, 30), date(2020, 8, 31), date(2020, 12, 31)
HEAD = Head("TES", "Testby kommune", "Status 2020", 2020, "nb", (APRIL, AUGUST, DECEMBER), AUGUST)


def _plan(template: str, *rows: tuple[str, str, str | None, dict[str, Value]]) -> Report:
    """Return a plan of nodes, each with its ref, level, parent and values.

    A key `field@1` of the values means the field's value at the first date.
    """
    nodes = tuple(Node(ref, level, parent) for ref, level, parent, _ in rows)
    values = {}
    for ref, _, _, node_values in rows:
        for key, value in node_values.items():
            name, _, n = key.partition("@")
            values[Slot(ref, name, HEAD.dates[int(n) - 1] if n else None)] = value
    return Report(catalogue.find(template), HEAD, nodes, values)


def _measure(
    n: int, name: str, status: int, remark: str = ""
) -> tuple[str, str, str, dict[str, Value]]:
    values: dict[str, Value] = {"no": n, "name": name, "status@1": status}
    return f"SAM-{n:03}", "measure", "SAM", values | ({"remark": remark} if remark else {})


STATUSES = _plan(
    "tiltaksstatus",
    ("SAM", "area", None, {"name": "Samfunn"}),
    _measure(1, "Bygge ny skole på Nes", 2, "Tomten er kjøpt"),
    _measure(2, "Rydde parken ved elva", 3),
    _measure(3, "Ansette to vaktmestere", 1, "Lyst ut i mars"),
    _measure(4, "Kurs i svømming", 4),
    _measure(5, "Merke turstiene", 5, "Ferdig i mai"),
)
STATUS_ANSWERS: dict[Slot, Value] = {
    **{Slot(f"SAM-00{n}", "status", AUGUST): 1 + n % 5 for n in (1, 2, 3, 5)},
    **{Slot(f"SAM-00{n}", "remark"): f"svar-{n}-her" for n in (1, 2, 4)},
}


def _goal(n: int, name: str) -> tuple[str, str, None, dict[str, Value]]:
    values: dict[str, Value] = {
        "activities": (f"aktivitet {n} a", f"aktivitet {n} b"),
        "indicators": (f"tal {n}",),
    }
    return f"TES-00{n}", "goal", None, {"no": n, "name": name, **values}


GOALS = _plan(
    "verksamhetsberattelse",
    _goal(1, "Trygg skola"),
    _goal(2, "Ren luft"),
    _goal(3, "Levande landsbygd"),
)
GOAL_ANSWERS: dict[Slot, Value] = {
    Slot("TES-001", "follow_up"): ("svar-1-a", "svar-1-b"),
    Slot("TES-002", "follow_up"): ("svar-2-a",),
}


def _activity(
    n: int, parent: int, form: str, gains: tuple[str, ...] = ()
) -> tuple[str, str, str, dict[str, Value]]:
    values: dict[str, Value] = {"form": (form,), **({"gains": gains} if gains else {})}
    return f"TJE-{n:03}", "activity", f"TJE-{parent:03}", values


ACTIVITIES = _plan(
    "handlingsplan",
    ("TJE", "focus", None, {"name": "Tjenester", "intro": ("Om tjenestene", "Og mer om dem")}),
    ("TJE-001", "measure", "TJE", {"no": 1, "name": "Digital hjemmetjeneste"}),
    _activity(2, 1, "Innføre nettbrett", ("Færre turer",)),
    _activity(3, 1, "Kurse ansatte"),
    ("TJE-004", "measure", "TJE", {"no": 2, "name": "Innbyggerportal", "strategy": ("Åpenhet",)}),
    _activity(5, 4, "Velge leverandør"),
    _activity(6, 4, "Lage innhold", ("Mindre kø", "Fornøyde folk")),
)
ACTIVITY_ANSWERS: dict[Slot, Value] = {
    Slot("TJE-002", "remark"): ("svar-2-her", "svar-2-der"),
    Slot("TJE-003", "remark"): ("svar-3-her",),
    Slot("TJE-005", "remark"): ("svar-5-kost",),
    Slot("TJE-006", "remark"): ("svar-6-kost",),
}
ROUNDS = {
    "statuses": (STATUSES, STATUS_ANSWERS),
    "activities": (ACTIVITIES, ACTIVITY_ANSWERS),
    "goals": (GOALS, GOAL_ANSWERS),
}


def _round_of(template: Template) -> tuple[Report, dict[Slot, Value]]:
    """Return the first area of a small made-up report of a template.

    The second value has an answer to each of its open slots.
    """
    whole = small(template)
    plain = {
        slot: value.replace("=", "") if isinstance(value, str) else value
        for slot, value in whole.values.items()
    }
    opened = replace(whole, values=plain).with_open_date(max(whole.head.dates))
    part = next(iter(opened.parts().values()))
    slots = open_slots(part)
    values = {slot: value for slot, value in part.values.items() if slot not in slots}
    return replace(part, values=values), {
        slot: _answer(part.values[slot], n) for n, slot in enumerate(slots)
    }


def _answer(value: Value, n: int) -> Value:
    if isinstance(value, tuple):
        return tuple(f"svar-{n}-{k}-her" for k, _ in enumerate(value))
    return f"svar-{n}-her" if isinstance(value, str) and " " in value else value


SIXTH = catalogue.load(catalogue.shipped() / "vedtaksoppfolging")
ROUNDS |= {shipped.id: _round_of(shipped) for shipped in (*map(catalogue.find, TEMPLATES), SIXTH)}
TABLES = tuple(name for name, (plan, _) in ROUNDS.items() if plan.template.layout == "rows")


@dataclass
class Returned:
    """An edited form together with the report that it was created from.

    `round` is a key of `ROUNDS`, `written` are the texts that the edits typed, and `cells` are the
    non-empty cells and the comments of the saved sheet: row, column, value, without struck words.
    `beside` are words that stand in no cell, `struck` those that are struck out.
    """

    round: str
    plan: Report
    answers: Mapping[Slot, Value]
    content: bytes
    written: list[str]
    cells: list[tuple[int, int, Any]]
    beside: Sequence[str] = ()
    struck: Sequence[tuple[int, int, str]] = ()

    @cached_property
    def received(self) -> ReturnedFile:
        """Return the form as the package reads it."""
        alone = parse_return("a.xlsx", self.content)
        return (
            parse_return("a.xlsx", self.content, RegisterForms(Register(self.plan)))
            if alone.has_unidentified_sheets
            else alone
        )

    @cached_property
    def merged(self) -> Register:
        """Return the state after the form was merged into its plan."""
        return merge(Register(self.plan), [self.received])

    @cached_property
    def quoted(self) -> str:
        """Return all values of the findings, and the names of their sheets, as one text."""
        found = self.merged.findings
        values = (value for finding in found for value in finding.values.values())
        return in_both("\n".join((*values, *(finding.place.sheet for finding in found))))

    @cached_property
    def proposed(self) -> str:
        """Return all values of the proposed new nodes, as one text."""
        proposals = (p for s in self.received.submissions for p in s.proposals)
        return "\n".join(str(value) for p in proposals for _, _, value in p.values)

    @cached_property
    def row_keys(self) -> dict[int, str]:
        """Return the row key of each row whose key belongs to a node of the plan."""
        keyed = ((row, str(raw)) for row, _, raw in self.cells)
        return {
            row: raw for row, raw in keyed if raw.split("|")[0].split("/")[-1] in self.plan.by_ref
        }

    @cached_property
    def owners(self) -> dict[int, set[str]]:
        """Return the refs of the nodes whose identifying texts are in each row.

        On cards, a row also belongs to the title above it and to the node of the last row key.
        """
        cards = self.plan.template.layout == "cards"
        names: dict[str, set[str]] = defaultdict(set)
        for slot, field, _ in self.plan.slots():
            if field.is_identifying and field.kind != "integer":
                names[_text(self.plan.values.get(slot))].add(slot.ref)
        found: dict[int, set[str]] = defaultdict(set)
        for row, _, raw in self.cells:
            found[row] |= names.get(raw, set()) if isinstance(raw, str) else set()
        template = self.plan.template
        named_by = [
            field for field in template.fields if field.is_identifying and field.kind != "integer"
        ]
        own = template.fields_of(template.leaf.id)  # lists of groups have labels in the rows below
        labels = {
            field.label_for(None) for field in named_by if field.kind == "text" or field in own
        }
        label_counts = Counter(row for row, _, raw in self.cells if raw in labels)
        head = max(label_counts, key=label_counts.__getitem__, default=0)
        labelled = {col for row, col, raw in self.cells if row == head and raw in labels}
        named = Counter(
            row for row, col, raw in self.cells if col in labelled and str(raw)[:1] != "="
        )
        filled_ = {row for row, count in named.items() if count == len(labelled)}
        above, keyed = set[str](), set[str]()
        for row in sorted(found):
            refs = self.row_keys.get(row, "").split("|")[0].split("/")
            if cards:
                above, keyed = found[row] or above, {*filter(None, refs)} or keyed
                found[row] = above | keyed
            elif not found[row] and row not in filled_:
                found[row] = {*refs}  # no text is left that could conflict with the row key
        return found

    def columns_of(self, slot: Slot) -> list[int]:
        """Return the columns below the label of a slot."""
        field = next(f for s, f, _ in self.plan.slots() if s == slot)
        labels = {field.label_for(slot.date)}
        geometry = geometry_of(self.plan.template, self.plan.head.dates, self.plan.head.language)
        for column in geometry.table_columns:
            if column.field is field and column.date == slot.date:
                labels |= {*geometry.headings_of(column)}
        return [col for _, col, raw in self.cells if raw in labels]

    def node_texts(self, slot: Slot) -> Iterator[str]:
        """Yield the texts in the rows of a node.

        Only the slot's column is read if exactly one column has its label.
        """
        cols = self.columns_of(slot) if self.plan.template.layout == "rows" else []
        for row, col, raw in self.cells:
            key = self.row_keys.get(row, "").split("|")
            if (row, col) in self.struck_places:
                continue
            is_other_field = len(key) == 3 and key[0] == slot.ref and key[1] != slot.field
            is_own_slot = len(key) == 3 and key[0] == slot.ref and key[1] == slot.field
            is_locked_line = (
                not cols
                and not is_own_slot
                and raw in self.locked_lines(Slot(slot.ref, self.field_by_row.get(row, slot.field)))
            )
            if (
                slot.ref in self.owners.get(row, ())
                and (len(cols) != 1 or col in cols)
                and not is_other_field
                and not is_locked_line
            ):
                yield str(raw)

    @cached_property
    def struck_places(self) -> set[tuple[int, int]]:
        """Return the cells that are wholly struck out."""
        shown = {(row, col): str(raw) for row, col, raw in self.cells}
        return {(row, col) for row, col, text in self.struck if shown.get((row, col)) == text}

    def locked_lines(self, slot: Slot) -> Sequence[str]:
        """Return the lines that a locked slot was sent with; empty for an open slot."""
        return _locked_lines(self.round).get(slot, ())

    @cached_property
    def field_by_row(self) -> dict[int, str]:
        """Return, for cards, the field whose label is in each row or was last above it."""
        titles = {field.label_for(None): field.id for _, field, _ in self.plan.slots()}
        found, last = {}, ""
        for row, row_cells in groupby(self.cells, lambda cell: cell[0]):
            last = next((titles[raw] for _, _, raw in row_cells if raw in titles), last)
            found[row] = last
        return found


def lost_entries(form: Returned) -> Iterator[str]:
    """Yield each entry of the saved form that is in no value and no finding after the merge."""
    answers = [line for value in form.answers.values() for line in _text(value).split("\n")]
    words = [*form.written, *(line for line in answers if len(line) > 1)]
    cells = [(row, col, str(raw)) for row, col, raw in form.cells]
    report = form.merged.report
    values = [(slot.ref, in_both(_text(value))) for slot, value in report.values.items()]
    signed = [s.source.filled_by for f in form.merged.returned_files for s in f.submissions]
    told = in_both("\n".join((form.quoted, form.proposed, *signed)))
    for word in words:
        for row, col, raw in cells:
            if word in raw and word not in told:
                refs = form.owners.get(row, set())
                if not any(word in value and ref in refs for ref, value in values):
                    yield f"{word} in {row},{col}"


def untold(form: Returned) -> Iterator[str]:
    """Yield the words that are struck out or stand in no cell, and that no finding quotes."""
    yield from (f"{words} beside the cells" for words in form.beside if words not in form.quoted)
    for row, col, words in form.struck:
        if words not in form.quoted:
            yield f"{words} struck out in {row},{col}"


def taken_though_struck(form: Returned) -> Iterator[str]:
    """Yield the typed words that stand nowhere, and are in a value nevertheless."""
    standing = "\n".join(
        str(raw) for row, col, raw in form.cells if (row, col) not in form.struck_places
    )
    values = "\n".join(map(_text, form.merged.report.values.values()))
    for word in form.written:
        if word in values and word not in standing:
            yield f"{word} is struck out and taken"


def unexplained_changes(form: Returned) -> Iterator[str]:
    """Yield each slot whose merged value is new, but is not in the rows of its node."""
    reported = {Slot(f.ref, f.field, f.date) for f in form.merged.findings if f.code == "V111"}
    before, after = form.plan.values, form.merged.report.values
    for slot in sorted({*before, *after}, key=str):
        sent, now = before.get(slot), after.get(slot)
        if sent == now:
            continue
        if now is None:
            if slot not in reported:
                yield f"{slot}: {sent} -> None silently"
        elif not _says(list(form.node_texts(slot)), _shown(form.plan, slot, now)):
            yield f"{slot}: {sent} -> {now}"


def _says(cells: list[str], shown: set[str]) -> bool:
    lines = {line.strip() for text in cells for line in text.split("\n")} | set(cells)
    days = {line.removesuffix(" 00:00:00") for line in lines}
    worded = {"4": "4 - Snart ferdig", "5": "Fullført", "Gjennomført": "Fullført"}
    return all({text, worded.get(text, text)} & (lines | days) for text in shown)


def _shown(plan: Report, slot: Slot, value: Value) -> set[str]:
    """Return the texts of the cells that show a value."""
    kind = geometry_of(plan.template).field_types[plan.by_ref[slot.ref].level, slot.field]
    return set(map(str, kind.to_cells(value)))


def in_both(text: str) -> str:
    """Return a text with days as the language of its report writes them, and as 31.12.2020."""
    return f"{text}\n{with_days_alike(text)}"


def _text(value: Value | None) -> str:
    return "\n".join(value) if isinstance(value, tuple) else "–" if value is None else str(value)


def returned(
    round_: str, edits: Iterable[Callable[[Worksheet, Hand], object]], hand: Hand
) -> Returned:
    """Return the answered form of a round, saved after some edits."""
    book: Workbook = pickle.loads(_opened(round_))  # noqa: S301 - our own, and five times as fast as opening it
    sheet = book.worksheets[0]
    for edit in edits:
        edit(sheet, hand)
    shown = {(row, col): _seen(sheet.cell(row, col)) for row, col, _ in non_empty_cells(sheet)}
    cells = [
        (row, col, shown[row, col] or _standing(raw)) for row, col, raw in non_empty_cells(sheet)
    ]
    written = [*hand.written, *filter(None, shown.values())]
    content = with_things(saved(book), hand.things) if hand.things else saved(book)
    seen = [*cells, *_comments(sheet)]
    struck = [*_struck(sheet)]
    beside = [*still_there(content, hand.beside)] if hand.beside else []
    return Returned(round_, *ROUNDS[round_], content, written, seen, beside, struck)


def still_there(content: bytes, words: Iterable[str]) -> Iterator[str]:
    """Yield the words that are in the file; a link is gone when its cell is deleted."""
    with ZipFile(BytesIO(content)) as archive:
        parts = [name.encode() + archive.read(name) for name in archive.namelist()]
    yield from (one for one in words if any(one.encode() in part for part in parts))


def _standing(raw: Any) -> Any:
    """Return the content of a cell without the words that are struck out."""
    if not isinstance(raw, CellRichText):
        return raw
    return "".join(str(run) for run in raw if not isinstance(run, TextBlock)).strip()


def _struck(sheet: Worksheet) -> Iterator[tuple[int, int, str]]:
    """Yield row, column and text of each cell that is struck out, in whole or in part."""
    for row, col, raw in non_empty_cells(sheet):
        if isinstance(raw, CellRichText):
            yield row, col, "".join(str(run) for run in raw if isinstance(run, TextBlock))
        if sheet.cell(row, col).font.strike and str(raw)[:1] != "=":
            is_day = isinstance(raw, date)
            day = f"{raw:%d.%m.%Y}" if is_day else str(_standing(raw))
            yield row, col, _seen(sheet.cell(row, col)) or day


def _seen(cell: Any) -> str:
    """Return what a format makes of a number: a day or a percentage; empty for other cells."""
    if isinstance(cell.value, datetime) and (cell.value.hour or cell.value.minute):
        return f"{cell.value:%d.%m.%Y %H:%M}"
    if cell.number_format == PERCENT and type(cell.value) in (int, float):
        return f"{cell.value:.0%}".replace("%", " %")  # so do Nordic programs
    is_number = type(cell.value) is int and cell.is_date
    return f"{from_excel(cell.value):%d.%m.%Y}" if is_number else ""


def _comments(sheet: Worksheet) -> Iterator[tuple[int, int, str]]:
    """Yield the comments, each with its row and column."""
    cells = (cell for row in sheet.iter_rows() for cell in row if cell.comment)
    yield from (
        (cell.row or 0, cell.column or 0, cell.comment.text) for cell in cells if cell.comment
    )


@cache
def answered(round_: str) -> bytes:
    """Return the form of a round with every answer typed into it."""
    plan, answers = ROUNDS[round_]
    return typed(forms_of(plan)[plan.area_refs[0]], answers)


@cache
def _opened(round_: str) -> bytes:
    return pickle.dumps(book_of(answered(round_)))


@cache
def _locked_lines(round_: str) -> dict[Slot, list[str]]:
    """Return the lines of the locked slots of a round."""
    plan, _ = ROUNDS[round_]
    opened = set(open_slots(plan))
    return {
        slot: _text(value).split("\n") for slot, value in plan.values.items() if slot not in opened
    }


@cache
def _unedited(round_: str) -> Report:
    return returned(round_, [], Hand()).merged.report


def conserved(form: Returned, _: str) -> Iterator[str]:
    """Yield what is lost or silently changed; any edit is allowed."""
    if form.received.outcome == "refused" and form.received.findings[0].severity != "error":
        yield "refused without an error"
    yield from lost_entries(form)
    yield from unexplained_changes(form)
    yield from untold(form)
    yield from taken_though_struck(form)


def unchanged(form: Returned, round_: str) -> Iterator[str]:
    """Yield each difference from the report of the unedited form; only harmless edits allowed."""
    whole, report = _unedited(round_), form.merged.report
    values = {slot: (whole.values.get(slot), value) for slot, value in report.values.items()}
    yield from (f"{slot}: {was} -> {now}" for slot, (was, now) in values.items() if was != now)
    yield from (f"{slot}: gone" for slot in whole.values.keys() - report.values.keys())
    yield from ["other nodes"] if report.nodes != whole.nodes else []


LAWS: dict[str, tuple[Callable[[Returned, str], Iterator[str]], dict[str, Edit], str]] = {
    # Left out for cards: some lines that changed places look like lines that were typed over (in
    # one of forty sorted sheets), and the order of its lines is part of the content of a list.
    "conserved": (conserved, EDITS, "sort_visible"),
    "unchanged": (unchanged, HARMLESS, "sort_rows"),
}


class Failure(NamedTuple):
    """A sequence of edits after which a law does not hold; `number` repeats it."""

    law: str
    round: str
    number: int
    edits: tuple[str, ...]
    message: str


def sequence(law: str, round_: str, number: int) -> Failure | None:
    """Check a law after one to four random edits; return None if it holds.

    The same number always gives the same edits.
    """
    holds, edits, not_on_cards = LAWS[law]
    hand = Hand(Random(f"{law} {round_} {number}"))
    names = sorted(edits if round_ in TABLES else edits.keys() - {not_on_cards})
    chosen = tuple(hand.choose(names) for _ in range(hand.choose(range(1, 5))))
    form = returned(round_, [edits[name] for name in chosen], hand)
    message = "; ".join(holds(form, round_))
    return Failure(law, round_, number, chosen, message) if message else None
