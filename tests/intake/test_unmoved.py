"""A form in which only answers differ is read at once; no result is another one because of that.

Each form is read in both ways: as usual, and row by row, as if something else differed too.
"""

from __future__ import annotations

from random import Random

import pytest

from tests import flips
from tests.conservation import LAWS, ROUNDS, answered, returned
from tests.damage import EDITS, Hand
from tests.examples import sampled
from tests.forms import book_of, forms_of, message_to, saved, typed
from tests.sources import small
from tests.unusual import ACTIVE, UNUSUAL
from xltiltak.intake import form_reader
from xltiltak.intake.form_reader import RegisterForms
from xltiltak.intake.returned_file import parse_return
from xltiltak.intake.returned_sheet import ReturnedAreaSheet
from xltiltak.intake.sheet_look import SheetLook
from xltiltak.intake.unmoved import read_unmoved
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.templates import catalogue

EDITS_OF_ONE_FORM = 4
_SEEDS = range(2)


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return a list that grows with each sheet: True if it was read at once."""
    found: list[bool] = []

    def noted(look: SheetLook, area_sheet: ReturnedAreaSheet) -> bool:
        found.append(read_unmoved(look, area_sheet))
        return found[-1]

    monkeypatch.setattr(form_reader, "read_unmoved", noted)
    return found


def row_by_row(content: bytes, forms: RegisterForms | None = None) -> ReturnedFile:
    """Return what a file says if every row is read by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(form_reader, "read_unmoved", lambda *_: False)
        return parse_return("svar.xlsx", content, forms)


def assert_read_alike(content: bytes, round_: str | None = None) -> None:
    """Both ways give the same, also for a form that is not proven to be ours."""
    assert parse_return("svar.xlsx", content) == row_by_row(content)
    if round_:
        forms = RegisterForms(Register(ROUNDS[round_][0]))
        assert parse_return("svar.xlsx", content, forms) == row_by_row(content, forms)


@pytest.mark.parametrize("round_", ROUNDS)
def test_a_form_with_answers_is_read_at_once(round_: str, ways: list[bool]) -> None:
    plan, answers = ROUNDS[round_]
    for form in (forms_of(plan)[plan.area_refs[0]], answered(round_)):
        assert_read_alike(form, round_)
        with_message = typed(form, {message_to(form): "Til koordinatoren"})
        assert_read_alike(with_message, round_)
    assert ways == [True] * len(ways)
    claims = [
        c.slot for s in parse_return("a.xlsx", answered(round_)).submissions for c in s.changes
    ]
    assert {slot for slot, value in answers.items() if plan.values.get(slot) != value} == {*claims}


@pytest.mark.parametrize("template", ["budsjettiltak", "indikatorer"])
def test_numbers_with_units_are_read_at_once(template: str, ways: list[bool]) -> None:
    """Also where a locked number has another unit than it was sent with: row by row."""
    plan = small(catalogue.find(template))
    form = forms_of(plan)[plan.area_refs[0]]
    assert_read_alike(form)
    assert ways == [True]
    book = book_of(form)
    numbers = [
        cell
        for row in book.worksheets[0].iter_rows()
        for cell in row
        if isinstance(cell.value, int | float) and cell.number_format != "General"
    ]
    for cell in numbers:
        cell.number_format = '0 "nye kroner"'
    assert_read_alike(saved(book))
    assert ways[1:] == [not any(cell.protection.locked for cell in numbers)]


@pytest.mark.parametrize(
    ("round_", "edit"), sampled((round_, edit) for round_ in ROUNDS for edit in EDITS)
)
def test_an_edited_form_is_read_alike(round_: str, edit: str) -> None:
    for seed in _SEEDS:
        hand = Hand(Random(f"{round_} {edit} {seed}"))
        assert_read_alike(returned(round_, [EDITS[edit]], hand).content, round_)


@pytest.mark.laws
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("round_", ROUNDS)
def test_a_form_edited_several_times_is_read_alike(round_: str, law: str) -> None:
    for number in range(100):
        hand = Hand(Random(f"alike {law} {round_} {number}"))
        names = sorted(LAWS[law][1])
        edits = [EDITS[hand.choose(names)] for _ in range(hand.choose(range(1, EDITS_OF_ONE_FORM)))]
        assert_read_alike(returned(round_, edits, hand).content, round_)


@pytest.mark.parametrize(
    ("round_", "name"), sampled((round_, name) for round_ in ROUNDS for name in UNUSUAL | ACTIVE)
)
def test_a_form_written_in_another_way_is_read_alike(round_: str, name: str) -> None:
    plan, _ = ROUNDS[round_]
    assert_read_alike((UNUSUAL | ACTIVE)[name](forms_of(plan)[plan.area_refs[0]]), round_)


@pytest.mark.parametrize("seed", sampled(range(20)))
def test_a_form_with_one_bit_flipped_is_read_alike(seed: int) -> None:
    content, chance = bytearray(flips.form()), Random(seed)
    for _ in range(40):
        at, bit = chance.randrange(len(content)), 1 << chance.randrange(8)
        content[at] ^= bit
        assert_read_alike(bytes(content))
        content[at] ^= bit
