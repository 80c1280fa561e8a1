"""Taking canonical answers unjudged changes no result."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import small
from tests.examples import examples
from xltiltak.intake.returned_file import parse_return
from xltiltak.model import field_types

TYPED = st.sampled_from(
    [None, "", " ", 1, 2, 3, 5, 6, 2.5, "3", "Fullført", True, "=1+1", "Ja", "<b>Ja</b>", "Nei\n "]
)
DAYS = st.just(datetime(2020, 3, 1))  # noqa: DTZ001 - a spreadsheet has no time zones
HEADINGS = st.sampled_from([small.STATUS, small.REMARK, small.NAME])
REFS = ("OPP-001", "OPP-002", "OPP-003")
KINDS = tuple(
    known
    for known in vars(field_types).values()
    if isinstance(known, type)
    and issubclass(known, field_types.FieldType)
    and "is_canonical" in vars(known)
)


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a form of three measures."""
    return small.forms(small.report(tmp_path_factory.mktemp("skjema")))["OPP"]


@settings(max_examples=examples(40), deadline=None)
@given(data=st.data())
def test_canonical_answers_are_taken_as_judged_ones(*, data: st.DataObject, form: bytes) -> None:
    for heading in sorted(data.draw(st.sets(HEADINGS, min_size=1))):
        answers: dict[str, Any] = data.draw(
            st.dictionaries(st.sampled_from(REFS), st.one_of(TYPED, DAYS))
        )
        form = small.filled(form, answers, heading)
    quick = parse_return("svar.xlsx", form)
    with pytest.MonkeyPatch.context() as patch:
        for known in KINDS:
            patch.setattr(known, "is_canonical", lambda *_: False)
        assert quick == parse_return("svar.xlsx", form)
