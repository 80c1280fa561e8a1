"""Test that the forms of the benchmarks are read alike, whichever program saved them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from random import Random
from zipfile import ZipFile

import pytest

from benchmarks.returned import KEY, MEASURES, plan, returned_form
from benchmarks.saved_forms import in_excels_shape, saved_by_openpyxl
from xltiltak.intake.returned_file import parse_return

(AREA,) = (REPORT := plan(1)).area_refs
FORM = returned_form(REPORT, AREA, {AREA: REPORT.area_name(AREA)}, Random(3))


@pytest.mark.parametrize("save", [saved_by_openpyxl, in_excels_shape])
def test_a_form_that_another_program_saved_has_the_same_changes(
    save: Callable[[bytes], bytes],
) -> None:
    expected, found = (parse_return("a.xlsx", form, key=KEY) for form in (FORM, save(FORM)))
    first, second = (
        replace(file.submissions[0], source=expected.submissions[0].source)
        for file in (expected, found)
    )
    assert len(first.changes) > MEASURES
    assert first == second
    assert expected.findings == found.findings == ()


def test_excels_shape_has_runs_and_no_text_in_a_cell() -> None:
    with ZipFile(BytesIO(in_excels_shape(FORM))) as archive:
        assert b"<r><rPr>" in archive.read("xl/sharedStrings.xml")
        sheets = [archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/s")]
    assert all(b"inlineStr" not in sheet and b"x14ac:dyDescent" in sheet for sheet in sheets)
