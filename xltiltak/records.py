"""Data classes that are soon made: the standard library's, but what they all do alike is not compiled for each anew.

They compare, hash, print, pickle and refuse changes as those of `dataclasses` do, which takes three times as long to
make one; a command that is over in half a second makes thirty.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, FrozenInstanceError
from functools import wraps
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

Record = TypeVar("Record")
Made = TypeVar("Made")
_FACTORY = object()  # stands for what the class makes itself, where none is given


def _dataclass(cls: type[Any] | None = None, /, *, frozen: bool = False, slots: bool = False) -> Any:
    """As `dataclasses.dataclass`, for fields that are all given by position or name."""
    if cls is None:
        return lambda cls: _dataclass(cls, frozen=frozen, slots=slots)
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
    known = dataclasses.fields(made)
    made.__init__ = _init(made, known, frozen=frozen)
    made.__repr__ = _shown
    made.__eq__, made.__hash__ = _equality([field.name for field in known if field.compare])
    if frozen:
        made.__setattr__, made.__delattr__ = _refuse_change, _refuse_removal
    else:
        made.__hash__ = None
    if frozen and slots:
        made.__reduce__ = _reduced  # by default its slots would be set one by one
    return made


def _init(cls: type[Any], known: Sequence[Field[Any]], *, frozen: bool) -> Callable[..., None]:
    """The one method that is compiled for each class, so that it takes its fields as any function does."""
    held: dict[str, Any] = {"_set": object.__setattr__, "_FACTORY": _FACTORY}
    takes, lines = ["self"], []
    for field in known:
        name = value = field.name
        if field.default_factory is not MISSING:
            held[f"_{name}"], takes = field.default_factory, [*takes, f"{name}=_FACTORY"]
            value = f"_{name}() if {name} is _FACTORY else {name}"
        elif field.default is not MISSING:
            held[f"_{name}"], takes = field.default, [*takes, f"{name}=_{name}"]
        else:
            takes.append(name)
        lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    exec("\n ".join((f"def __init__({', '.join(takes)}):", *lines)), held)  # noqa: S102 - as dataclasses does
    made: Callable[..., None] = held["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    made.__annotations__ = {**{field.name: field.type for field in known}, "return": None}
    return made


def _equality(names: Sequence[str]) -> tuple[Callable[[Any, object], bool], Callable[[Any], int]]:
    """Comparing and hashing by these fields."""
    values = attrgetter(*names)

    def equal(self: Any, other: object) -> bool:
        return bool(values(self) == values(other)) if other.__class__ is self.__class__ else NotImplemented

    return equal, lambda self: hash(values(self))


def _shown(self: Any) -> str:
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_change(_self: Any, name: str, _value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_removal(_self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _reduced(self: Any) -> tuple[Any, ...]:
    return type(self), tuple(getattr(self, field.name) for field in dataclasses.fields(self))


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - known to type checkers as what it stands for
else:
    dataclass = _dataclass


def once(work: Callable[[Record], Made]) -> Callable[[Record], Made]:
    """What is worked out of a frozen record once: it stays with the record, as its cached properties do."""

    @wraps(work)
    def known(record: Record) -> Made:
        kept: dict[str, Made] = vars(record)
        if work.__name__ not in kept:
            kept[work.__name__] = work(record)
        return kept[work.__name__]

    return known
