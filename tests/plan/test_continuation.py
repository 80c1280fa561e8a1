"""Test that the difference of two plans is enough to make one of them from the other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import strategies as st

from tests.examples import sampled
from tests.reports import reports
from tests.rounds.test_laws import run_law
from xltiltak.model.register import MergedPlan, Register
from xltiltak.model.report import Report
from xltiltak.plan.continuation import changed_facts, with_facts
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue

pytestmark = pytest.mark.examples


@pytest.mark.parametrize("name", sampled(sorted(catalogue.folders())))
def test_the_facts_that_differ_make_one_report_of_another_also_from_the_record(name: str) -> None:
    drawn = reports(catalogue.find(name), opened=True)

    def law(one: Report, data: st.DataObject | None) -> None:
        assert data
        other = data.draw(drawn)
        facts = changed_facts(one, other)
        made = with_facts(one, facts)
        assert (made.head, made.nodes, dict(made.values)) == (
            other.head,
            other.nodes,
            dict(other.values),
        )
        assert not changed_facts(made, other)
        same_language = replace(other, head=one.head)
        plan = MergedPlan("a", changed_facts(one, same_language), frozenset(list(facts)[:2]))
        register = read_appendix(write_appendix(Register(one, plan=plan)))
        assert register.plan == plan

    run_law(law, drawn, 4)
