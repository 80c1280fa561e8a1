"""Area sheets outside the workbook they were sent in, identified by code, row keys and texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.examples import sampled
from tests.forms import book_of, open_slots, saved, sent_in, typed
from tests.sources import TEMPLATES, plan_before, small
from xltiltak import flows
from xltiltak.model.errors import PlanError
from xltiltak.model.field_types import Value
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Report, Slot
from xltiltak.sheets.appendix import write_appendix
from xltiltak.snapshot.hidden_sheet import SHEET_NAME
from xltiltak.templates import catalogue

pytestmark = pytest.mark.slow

DAY = date(2020, 12, 31)
AREAS = [name for name in TEMPLATES if catalogue.find(name).area_level]


@cache
def whole(template: str) -> Report:
    """Return a report with every open slot answered; one leader has all areas."""
    report = small(catalogue.find(template))
    areas = {
        ref: Area("Kari Nordmann", email="kari@example.no", sent=1) for ref in report.area_refs
    }
    return replace(report, areas=areas).with_open_date(DAY)


@cache
def sent(
    template: str, *, per_leader: bool = False
) -> tuple[bytes, dict[str, bytes], dict[str, bytes]]:
    """Return the plan as sent, the forms, and the forms with every answer in them."""
    report = whole(template)
    with TemporaryDirectory() as folder:
        plan = Path(folder) / "Plan.xlsx"
        plan.write_bytes(write_appendix(Register(plan_before(report, DAY))))
        *paths, after = flows.split(
            plan, Path(folder) / "ut", day=DAY, per_leader=per_leader, new_date=True
        ).written
        forms = {path.name: path.read_bytes() for path in paths}
        slots = {name: open_slots(sent_in(form)) for name, form in forms.items()}
        answered = {
            name: typed(forms[name], {s: report.values[s] for s in of})
            for name, of in slots.items()
        }
        return after.read_bytes(), forms, answered


class Round:
    """One round: the plan as it was sent, every form as it went out, and every form answered."""

    def __init__(self, template: str, folder: Path, *, per_leader: bool = False) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.plan, self.report = folder, folder / "Plan.xlsx", whole(template)
        self.first, *_ = self.report.area_refs
        content, self.empty, self.forms = sent(template, per_leader=per_leader)
        self.plan.write_bytes(content)

    def answers(self, form: bytes) -> dict[Slot, Value]:
        """Return the open slots of a form with their values in the report."""
        return {slot: self.report.values[slot] for slot in open_slots(sent_in(form))}

    def merged(self, returned: Mapping[str, bytes], plan: Path | None = None) -> Register:
        """Return the register after merging these files."""
        back = self.folder / f"inn {len(list(self.folder.iterdir()))}"
        back.mkdir()
        for name, content in returned.items():
            (back / name).write_bytes(content)
        return flows.merge(
            [back], self.folder / "Vedlegg.xlsx", plan=plan or self.plan, force=True
        ).register


def moved(form: bytes) -> bytes:
    """Return the form without its hidden sheet, as after Move or Copy Sheet."""
    book = book_of(form)
    del book[SHEET_NAME]
    return saved(book)


def as_range(form: bytes, first: int = 1, *, head: int = 1) -> bytes:
    """Return a new workbook with the sheet's cells from a column and a row on."""
    book, old = Workbook(), book_of(form).worksheets[0]
    for row in old.iter_rows(min_row=head, min_col=first):
        for cell in row:
            if cell.value not in (None, ""):
                new = book.worksheets[0].cell(cell.row - head + 1, cell.column - first + 1)
                new.value, new.data_type = cell.value, cell.data_type
    return saved(book)


def same(register: Register, round_: Round) -> None:
    """Assert that everything was taken, as if the forms had come back in their own workbooks."""
    stayed = round_.merged(round_.forms)
    assert stayed.report.values != flows.read_plan(round_.plan).report.values
    assert (register.report.nodes, register.report.values) == (
        stayed.report.nodes,
        stayed.report.values,
    )
    errors = {f.code for f in register.findings if f.code[0] in "FSLV" and f.severity == "error"}
    assert errors <= {"F013"}  # of a hidden sheet that was changed


MOVES: dict[str, Callable[[bytes], bytes]] = {"moved": moved, "as a range": as_range}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("template", sampled(TEMPLATES))
def test_a_sheet_in_another_workbook_is_read_as_if_it_had_stayed(
    tmp_path: Path, template: str, move: str
) -> None:
    round_ = Round(template, tmp_path)
    same(round_.merged({name: MOVES[move](form) for name, form in round_.forms.items()}), round_)


@pytest.mark.parametrize("template", AREAS)
def test_one_form_with_all_areas_of_a_leader_can_be_merged(tmp_path: Path, template: str) -> None:
    round_ = Round(template, tmp_path, per_leader=True)
    (name,) = round_.forms
    assert name == f"Kari Nordmann – {DAY}.xlsx"
    register = round_.merged(round_.forms)
    apart = Round(template, tmp_path / "hver for seg")
    assert register.report.values == apart.merged(apart.forms).report.values
    assert [s.area for r in register.returned_files for s in r.submissions] == list(
        round_.report.area_refs
    )


def test_areas_without_a_leader_have_forms_of_their_own(tmp_path: Path) -> None:
    report = replace(plan_before(whole("tiltaksstatus"), DAY), areas={})
    plan = tmp_path / "Plan.xlsx"
    plan.write_bytes(write_appendix(Register(report)))
    *forms, _ = flows.split(plan, tmp_path / "ut", day=DAY, per_leader=True, new_date=True).written
    assert len(forms) == len(report.area_refs)


@pytest.mark.parametrize("template", AREAS)
@pytest.mark.parametrize("move", sampled(MOVES))
def test_all_sheets_in_one_workbook_are_read(tmp_path: Path, template: str, move: str) -> None:
    round_ = Round(template, tmp_path)
    name, *others = round_.forms
    book = book_of(round_.forms[name])
    for n, other in enumerate(others):
        _copied(
            book_of(MOVES[move](round_.forms[other])).worksheets[0], book.create_sheet(f"Ark {n}")
        )
    register = round_.merged({name: saved(book)})
    same(register, round_)
    assert {s.area for r in register.returned_files for s in r.submissions} == set(
        round_.report.area_refs
    )


@pytest.mark.parametrize(
    "instead", [False, True], ids=["beside the plan's sheets", "instead of the plan's sheets"]
)
@pytest.mark.parametrize("template", sampled(TEMPLATES))
def test_sheets_moved_into_the_coordinators_workbook_are_read(
    tmp_path: Path, template: str, *, instead: bool
) -> None:
    round_ = Round(template, tmp_path)
    book = book_of(round_.plan.read_bytes())
    for name, form in round_.forms.items():
        old = book_of(form).worksheets[0]
        if instead:
            del book[next(s.title for s in book.worksheets if _code(s) == _code(old))]
        _copied(old, book.create_sheet(name[:20]))
    round_.plan.write_bytes(saved(book))
    nodes = flows.read_plan(round_.plan).report.nodes
    register = flows.merge([round_.plan], tmp_path / "Vedlegg.xlsx", plan=round_.plan).register
    assert register.report.nodes == nodes
    again = Round(template, tmp_path / "hver for seg")
    assert register.report.values == again.merged(again.forms).report.values


def _code(sheet: Worksheet) -> object:
    return next((row[1].value for row in sheet.iter_rows() if row[0].value == "@code"), None)


def _copied(old: Worksheet, new: Worksheet) -> None:
    for row in old.iter_rows():
        for cell in row:
            if cell.value not in (None, ""):
                new.cell(cell.row, cell.column).value = cell.value
                new.cell(cell.row, cell.column).data_type = cell.data_type


@pytest.mark.parametrize("template", ["tiltaksstatus", "handlingsplan"])
def test_visible_cells_alone_are_identified_by_the_code_and_their_texts(
    tmp_path: Path, template: str
) -> None:
    round_ = Round(template, tmp_path)
    same(round_.merged({name: as_range(form, 2) for name, form in round_.forms.items()}), round_)


def test_a_table_alone_is_identified_by_its_texts(tmp_path: Path) -> None:
    round_ = Round("tiltaksstatus", tmp_path)
    forms = {}
    for name, form in round_.forms.items():
        sheet = book_of(form).worksheets[0]
        head = next(row[0].row for row in sheet.iter_rows() if row[0].value == "@head")
        forms[name] = as_range(form, 2, head=head)
    same(round_.merged(forms), round_)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_sheet_without_code_is_identified_by_its_row_keys(tmp_path: Path, template: str) -> None:
    round_ = Round(template, tmp_path)
    forms = {}
    for name, form in round_.forms.items():
        book = book_of(moved(form))
        row = next(row for row in book.worksheets[0].iter_rows() if row[0].value == "@code")
        row[1].value = "Vårt skjema"
        forms[name] = saved(book)
    register = round_.merged(forms)
    same(register, round_)
    quoted = [f for f in register.findings if f.code == "S108"]
    assert [f.values["value"] for f in quoted] == ["Vårt skjema"] * len(forms)


def test_a_form_with_a_tampered_hidden_sheet_is_read_with_the_plan(
    tmp_path: Path,
) -> None:
    round_ = Round("tiltaksstatus", tmp_path)
    forms = {}
    for name, form in round_.forms.items():
        book = book_of(form)
        book[SHEET_NAME]["B4"] = "{"
        forms[name] = saved(book)
    same(round_.merged(forms), round_)


def test_a_sheet_alone_is_refused_without_a_plan(tmp_path: Path) -> None:
    round_ = Round("tiltaksstatus", tmp_path)
    path = tmp_path / "Alene.xlsx"
    path.write_bytes(moved(next(iter(round_.forms.values()))))
    with pytest.raises(PlanError, match=r"--plan.*\[F003\]"):  # the message says what would help
        flows.merge([path], tmp_path / "Vedlegg.xlsx")


def test_another_return_of_the_area_can_say_what_was_sent(tmp_path: Path) -> None:
    round_ = Round("tiltaksstatus", tmp_path)
    empty, answered = tmp_path / "Tom.xlsx", tmp_path / "Svar.xlsx"
    empty.write_bytes(next(iter(round_.empty.values())))
    answered.write_bytes(moved(next(iter(round_.forms.values()))))
    merged = flows.merge([empty, answered], tmp_path / "Vedlegg.xlsx").register
    expected = round_.merged({"a.xlsx": next(iter(round_.forms.values()))}).report
    assert merged.report.parts()[round_.first].values == expected.parts()[round_.first].values


def test_a_sheet_of_an_earlier_round_is_identified_by_its_code(tmp_path: Path) -> None:
    round_ = Round("tiltaksstatus", tmp_path)
    *forms, _ = flows.split(
        round_.plan, tmp_path / "april", day=date(2020, 4, 30), new_date=True
    ).written
    register = round_.merged({"a.xlsx": moved(typed(forms[0].read_bytes(), {}))})
    assert "M104" in [f.code for f in register.findings]
    assert register.report.values == flows.read_plan(round_.plan).report.values


def test_a_sheet_of_a_later_sending_follows_the_first(tmp_path: Path) -> None:
    round_ = Round("tiltaksstatus", tmp_path)
    name = next(n for n, f in round_.forms.items() if sent_in(f).area_refs == (round_.first,))
    round_.merged({name: round_.forms[name]})
    appendix = tmp_path / "Vedlegg.xlsx"
    form, sent = flows.split(appendix, tmp_path / "igjen", areas=[round_.first]).written
    slot = open_slots(sent_in(form.read_bytes()))[0]
    assert slot.field == "status"
    value = 1 if round_.report.values[slot] != 1 else 2
    register = round_.merged({"b.xlsx": moved(typed(form.read_bytes(), {slot: value}))}, plan=sent)
    assert register.report.values[slot] == value
    assert "M102" not in [f.code for f in register.findings]
