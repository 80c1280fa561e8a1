"""Accepting unambiguous changes in one pass gives the same as resolving slot by slot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.merging.test_merge import APRIL, AUGUST, REPORT
from xltiltak.merging import merge as merging
from xltiltak.model.register import Change, Register, ReturnedFile, Source, Submission
from xltiltak.model.report import Slot

SLOTS = [
    Slot(ref, "status", day)
    for ref in ("SAM-001", "SAM-002", "OPP-001", "GONE")
    for day in (APRIL, AUGUST)
]
SLOTS += [Slot("SAM-001", "remark"), Slot("SAM-001", "unknown")]
VALUES = st.sampled_from([None, 2, 3, 4, "Tomt kjøpt", "Ny"])
CLAIMS = st.builds(Change, st.sampled_from(SLOTS), VALUES, VALUES, st.just("F5"), st.booleans())
SHEETS = st.tuples(st.integers(1, 2), st.lists(CLAIMS, max_size=6))


def received(name: str, sending: int, claims: Sequence[Change]) -> ReturnedFile:
    """Return a file with one sheet that has these changes."""
    source = Source(f"{name}.xlsx", "Samfunn", name, sending=sending)
    return ReturnedFile(
        source.file, name, "read", (Submission(source, "SAM", AUGUST, tuple(claims)),)
    )


def one_by_one(
    _: Any, submissions: Sequence[Submission]
) -> dict[Slot, list[merging.SourcedChange]]:
    """Nothing is taken the short way."""
    said: dict[Slot, list[merging.SourcedChange]] = {}
    for submission in submissions:
        for claim in submission.changes:
            said.setdefault(claim.slot, []).append(merging.SourcedChange(claim, submission.source))
    return said


@given(
    sheets=st.lists(SHEETS, min_size=1, max_size=3),
    decided=st.sets(st.sampled_from(SLOTS[:4]), max_size=1),
)
def test_the_short_way_gives_what_the_long_one_does(
    sheets: list[tuple[int, list[Change]]], decided: set[Slot]
) -> None:
    files = [received(chr(ord("a") + n), *sheet) for n, sheet in enumerate(sheets)]
    register = Register(REPORT, overridden_slots=frozenset(decided))
    short = merging.merge(register, files)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(merging.Merger, "accept_unambiguous", one_by_one)
        long = merging.merge(register, files)
    assert short == long
    assert merging.merge(short, files) == short  # and once more changes nothing
