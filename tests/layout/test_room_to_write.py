"""Test that a text about a group has room to be written in a table of narrow columns."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sources import small
from xltiltak.layout.geometry import Purpose, geometry_of
from xltiltak.layout.sheet_layout import layout_sheet
from xltiltak.templates import catalogue

ROOM = 45  # characters


@pytest.mark.parametrize(
    ("field", "width"),
    [
        ({"kind": "paragraphs", "role": "input"}, ROOM),
        ({"kind": "text", "role": "input"}, ROOM),
        ({"kind": "paragraphs"}, 12),
        ({"kind": "date", "role": "input"}, 12),
    ],
)
def test_texts_that_leaders_write_about_a_group_widen_their_column(
    field: dict[str, Any], width: float
) -> None:
    levels = ["Sektor", "Mål", "Tiltak"]
    status = {"label": "Status", "choices": ["Ja"], "role": "input", "width": 12}
    fields = [{"id": "v", "of": "mål", "label": "Samlet vurdering", **field}, "Nr", status]
    data = {"language": "nb", "title": "T", "levels": levels, "fields": fields}
    template, problems = catalogue.validate_file(data, "t")
    assert template, problems
    report = small(template)
    form = geometry_of(report.template, report.head.dates, "nb", Purpose.FORM)
    assert form.widths[form.value_col] == width
    (area, *_), labels = report.area_refs, []
    for row in layout_sheet(report.parts()[area], area):
        cells = zip(row.specs, row.values, strict=True)
        labels += [spec.look for spec, value in cells if value == "Samlet vurdering"]
    assert ("asking" in labels) == ("role" in field)
