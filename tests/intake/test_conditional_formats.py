"""What a conditional format hides or strikes out is told as if the cell's own format did it."""

from __future__ import annotations

from typing import Any

import pytest
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.worksheet.worksheet import Worksheet

from tests.intake.test_mark_rules import REMARK, STATUS, cell, edited, facts, typing
from tests.merging.test_merge import FIRST, ROWS, merged, remark, status, told
from xltiltak.xlsx.cell_styles import hardly_seen

WHITE, TINY, STRUCK = Font(color="FFFFFFFF"), Font(sz=1), Font(strike=True)
HIDDEN = NumberFormat(numFmtId=200, formatCode=";;;")
ALWAYS: dict[str, Any] = {"type": "expression", "formula": ["TRUE"]}
LONG = {"type": "expression", "formula": ["LEN(F1)>3"]}


def formatted(rule: dict[str, Any], **look: Any) -> bytes:
    """Return the form with an answer, a remark and a conditional format for both columns."""

    def edit(sheet: Worksheet) -> None:
        style = DifferentialStyle(**look)
        sheet.conditional_formatting.add(
            f"E{ROWS[FIRST]}:F{ROWS[FIRST]}", Rule(dxf=style, priority=1, **rule)
        )

    return edited(typing(FIRST, STATUS, 4), typing(FIRST, REMARK, "Godt i gang"), edit)


def test_a_cells_own_white_letters_on_our_yellow_are_told() -> None:
    register = merged(edited(typing(FIRST, REMARK, "Hvitt", font=WHITE)))
    assert facts(told(register, "V114")) == [(cell(FIRST, REMARK), "warning", "", "Hvitt")]


@pytest.mark.parametrize("look", [{"font": WHITE}, {"font": TINY}, {"numFmt": HIDDEN}], ids=str)
@pytest.mark.parametrize("rule", [ALWAYS, LONG], ids=str)
def test_an_answer_that_a_conditional_format_can_hide_is_taken_and_told(
    rule: dict[str, Any], look: dict[str, Any]
) -> None:
    register = merged(formatted(rule, **look))
    assert [f.values["value"] for f in told(register, "V114")] == ["4", "Godt i gang"]
    assert register.report.values[remark()] == "Godt i gang"


def test_an_answer_that_a_conditional_format_strikes_out_is_not_taken() -> None:
    register = merged(formatted(ALWAYS, font=STRUCK))
    assert [f.values["value"] for f in told(register, "V112")] == ["4", "Godt i gang"]
    assert {f.severity for f in told(register, "V112")} == {"error"}
    assert register.report.values.get(status()) != 4


def test_an_answer_that_a_conditional_format_may_strike_out_is_taken_and_told() -> None:
    register = merged(formatted(LONG, font=STRUCK))
    assert register.report.values[status()] == 4
    assert len(told(register, "V114")) == 2


@pytest.mark.parametrize(
    ("operator", "formula", "holds"),
    [
        ("equal", ["4"], True),
        ("equal", ["5"], False),
        ("notEqual", ["5"], True),
        ("greaterThan", ["4"], False),
        ("greaterThanOrEqual", ["4"], True),
        ("lessThan", ["5"], True),
        ("between", ["3", "4"], True),
        ("notBetween", ["3", "4"], False),
        ("equal", ['"godt i gang"'], True),
        ("equal", ["$A$1"], None),
    ],
)
def test_a_comparison_with_a_constant_is_evaluated(
    operator: str,
    formula: list[str],
    holds: bool | None,  # noqa: FBT001
) -> None:
    rule = {"type": "cellIs", "operator": operator, "formula": formula}
    register = merged(formatted(rule, font=STRUCK))
    on_status = [f for f in told(register, "V112") if f.field == "status"]
    on_remark = [f for f in told(register, "V112") if f.field == "remark"]
    is_text = formula[0].startswith('"')
    assert bool(on_remark if is_text else on_status) == (holds is True)
    assert bool([f for f in told(register, "V114") if f.field == "status"]) == (
        holds is None or is_text
    )


@pytest.mark.parametrize(
    ("kind", "text", "holds"),
    [
        ("containsText", "i GANG", True),
        ("containsText", "ferdig", False),
        ("notContainsText", "ferdig", True),
        ("beginsWith", "godt", True),
        ("endsWith", "godt", False),
    ],
)
def test_a_rule_about_a_text_is_evaluated(kind: str, text: str, holds: bool) -> None:  # noqa: FBT001
    rule = {"type": kind, "text": text, "formula": ["X"]}
    register = merged(formatted(rule, font=STRUCK))
    assert any(f.field == "remark" for f in told(register, "V112")) == holds


def test_colours_that_can_be_read_are_not_told() -> None:
    def edit(sheet: Worksheet) -> None:
        dark = PatternFill(bgColor="FF0C3464", fill_type="solid")
        four: dict[str, Any] = {"type": "cellIs", "operator": "equal", "formula": ["4"]}
        for cells, rule, look in (
            ("E1:E99", four, {"font": WHITE, "fill": dark}),
            ("F1:F99", ALWAYS, {"font": Font(color="FFA3260F", b=True)}),
        ):
            style = DifferentialStyle(**look)
            sheet.conditional_formatting.add(cells, Rule(dxf=style, priority=1, **rule))

    form = edited(typing(FIRST, STATUS, 4), typing(FIRST, REMARK, "Godt i gang"), edit)
    register = merged(form)
    assert not told(register, "V114")
    assert not told(register, "V112")


@pytest.mark.parametrize(
    ("ink", "fill", "expected"),
    [
        ("FFFFFF", "FFF8DC", True),  # white on our yellow
        ("FFFF00", "", True),
        ("D9D9D9", "", False),
        ("5B6675", "FFF8DC", False),
        ("", "000000", True),  # black on black
        ("", "0B2E59", False),
        ("FFFFFF", "0B2E59", False),
        ("accent1", "accent1", True),
        ("accent1", "", False),
    ],
)
def test_which_letters_can_hardly_be_seen(ink: str, fill: str, expected: bool) -> None:  # noqa: FBT001
    assert hardly_seen(ink, fill) == expected
