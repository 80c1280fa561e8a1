"""Data classes that are soon made behave as those of the standard library."""

from __future__ import annotations

import dataclasses
import inspect
import pickle
from copy import copy, deepcopy
from functools import cached_property
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak import records


class Base:
    """What both are made of."""

    __slots__ = ()

    def first(self: Any) -> Any:
        """A method."""
        return self.one


@records.dataclass(frozen=True, slots=True)
class Quick(Base):
    """Made here."""

    one: int
    two: tuple[int, ...] = (1,)
    three: dict[str, int] = dataclasses.field(default_factory=dict)
    four: str = dataclasses.field(default="x", compare=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Known(Base):
    """Made by the standard library."""

    one: int
    two: tuple[int, ...] = (1,)
    three: dict[str, int] = dataclasses.field(default_factory=dict)
    four: str = dataclasses.field(default="x", compare=False)


@records.dataclass(frozen=True)
class Roomy:
    """Frozen, with room for what is worked out once."""

    one: int
    two: int = 2

    @cached_property
    def twice(self) -> int:
        """Worked out once."""
        return 2 * self.one


@records.dataclass(slots=True)
class Growing:
    """One that may be changed."""

    one: int
    many: list[int] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self.many.append(self.one)


values = st.fixed_dictionaries(
    {"one": st.integers(0, 1)},
    optional={
        "two": st.tuples(st.integers(0, 1)),
        "three": st.dictionaries(st.just("a"), st.integers(0, 1)),
        "four": st.sampled_from("xy"),
    },
)


def outcome(call: Any) -> Any:
    """What a call gives, or the kind of its error."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - whichever it is, it must be the same
        return type(error)


@given(values, values)
def test_it_compares_hashes_and_prints_as_a_known_one(one: dict[str, Any], other: dict[str, Any]) -> None:
    quick, known = Quick(**one), Known(**one)
    assert (quick == Quick(**other)) is (known == Known(**other))
    assert outcome(lambda: hash(quick)) is TypeError is outcome(lambda: hash(known))  # a dictionary has no hash
    assert repr(quick) == repr(known).replace("Known", "Quick")
    assert dataclasses.asdict(quick) == dataclasses.asdict(known)


@given(values, values)
def test_it_is_replaced_copied_and_pickled(one: dict[str, Any], other: dict[str, Any]) -> None:
    quick = Quick(**one)
    assert dataclasses.replace(quick, **other) == Quick(**{**one, **other})
    back = pickle.loads(pickle.dumps(quick))  # noqa: S301 - as read in another process
    assert back == copy(quick) == deepcopy(quick) == quick
    assert back.four == quick.four


@pytest.mark.parametrize("name", ["one", "two"])
def test_what_is_frozen_takes_no_change(name: str) -> None:
    for made in (Quick(1), Known(1), Roomy(1)):
        assert outcome(lambda made=made: setattr(made, name, 2)) is dataclasses.FrozenInstanceError
        assert outcome(lambda made=made: delattr(made, name)) is dataclasses.FrozenInstanceError


def test_it_is_called_as_a_known_one() -> None:
    ours, theirs = inspect.signature(Quick).parameters, inspect.signature(Known).parameters
    assert list(ours) == list(theirs)
    assert [p.annotation for p in ours.values()] == [p.annotation for p in theirs.values()]
    assert Quick.__match_args__ == Known.__match_args__
    assert Quick(1).three is not Quick(1).three
    assert {outcome(Quick), outcome(lambda: Quick(1, five=2))} == {TypeError}  # type: ignore[call-arg]
    assert Quick(3).first() == 3


def test_equal_ones_have_one_hash_and_what_grows_has_none() -> None:
    assert len({Roomy(1), Roomy(1), Roomy(2)}) == 2
    assert Roomy(2).twice == 4
    growing = Growing(1)
    growing.one = 2
    assert (growing.one, growing.many) == (2, [1])
    assert outcome(lambda: hash(growing)) is TypeError
    assert growing != Growing(2)
    assert Growing(1) == Growing(1)
