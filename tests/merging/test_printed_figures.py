"""Test that all wrong printed figures are found, and explained if one mistake gives them.

The expected answers are worked out here in whole numbers, by other means than the program's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.small import DATES, TEMPLATE
from xltiltak.merging.consistency_rules import (
    CountedRows,
    PrintedFigures,
    counted_rows,
    explain,
    parse_figure,
    printed_figure_differs,
)
from xltiltak.model.finding import Finding
from xltiltak.model.report import Head, Node, Report, Slot

Row = tuple[int | None, ...]  # the answers of one measure, one a date
Table = list[Row]
Shown = tuple[int | None, ...]  # means in tenths
Told = tuple[tuple[str, object], ...]

STEPS = st.integers(1, 5)
tables = st.lists(st.tuples(STEPS, STEPS, STEPS), min_size=1, max_size=9)
gappy = st.lists(st.tuples(*[st.none() | STEPS] * 3), min_size=1, max_size=9)


def half_up(share: Fraction) -> int:
    """Return a mean in tenths, rounded half up."""
    return (20 * share.numerator + share.denominator) // (2 * share.denominator)


def shown(sums: Sequence[tuple[int, int]]) -> Shown:
    """Return the means of sums and counts; None for the count 0."""
    return tuple(half_up(Fraction(total, n)) if n else None for total, n in sums)


def sums_of(table: Table) -> list[tuple[int, int]]:
    """For each date the sum of the answers and how many there are."""
    answers = [[row[day] for row in table if row[day] is not None] for day in range(len(DATES))]
    return [(sum(n or 0 for n in numbers), len(numbers)) for numbers in answers]


def true_means(table: Table) -> Shown:
    """Return the means that should be printed."""
    return shown(sums_of(table))


def divided(table: Table, by: int) -> Shown:
    """Return the sums divided by another number."""
    return shown([(total, by if n else 0) for total, n in sums_of(table)])


def truncated(table: Table) -> Shown:
    """Return the means cut off after the first decimal."""
    return tuple(10 * total // n if n else None for total, n in sums_of(table))


def kept(table: Table, day: int) -> Shown:
    """Return the means, one date with the figure of the date before."""
    means = true_means(table)
    return (*means[:day], means[day - 1], *means[day + 1 :])


def every_way(table: Table) -> Iterator[tuple[int, Shown, Told]]:
    """Return every wrong way with the count and means that it prints, by brute force."""
    n = len(table)
    for by in range(1, 2 * n + 25):
        yield by, divided(table, by), (("by", by), ("reason", "divided"), ("rows", n))
        if abs(by - n) <= 6:
            yield n, divided(table, by), (("by", by), ("reason", "divided"), ("rows", n))
    for k in range(n):
        yield (
            n - 1,
            true_means(table[:k] + table[k + 1 :]),
            (("reason", "left_out"), ("row", k + 1)),
        )
    yield n, truncated(table), (("reason", "truncated"),)
    for day in range(1, len(DATES)):
        if kept(table, day) != true_means(table):
            explanation = (
                ("before", f"{DATES[day - 1]:%d.%m.%Y}"),
                ("date", f"{DATES[day]:%d.%m.%Y}"),
                ("reason", "kept"),
            )
            yield n, kept(table, day), explanation


def explanations(table: Table, count: int, means: Shown) -> set[Told]:
    """All that could have led to these figures."""
    fits = {explained for n, given_, explained in every_way(table) if (n, given_) == (count, means)}
    wrong = means != true_means(table)
    return {explained for explained in fits if wrong or ("reason", "divided") not in explained}


def text(tenths: int | None) -> str:
    """Return a mean as it is printed; empty if nobody answered."""
    return "" if tenths is None else f"{tenths // 10},{tenths % 10}"


def report(table: Table) -> Report:
    """Return a report of an area with these answers, and another area that must not matter."""
    nodes = [Node("A", "area"), *(Node(f"A-{k}", "measure", "A") for k in range(len(table)))]
    nodes += [Node("B", "area"), Node("B-1", "measure", "B")]
    values = {
        Slot(f"A-{k}", "status", DATES[d]): v
        for k, row in enumerate(table)
        for d, v in enumerate(row)
        if v
    }
    values |= {Slot("B-1", "status", day): 1 for day in DATES}
    return Report(TEMPLATE, Head("T", "T", "T", 2020, "nb", DATES), tuple(nodes), values)


def found(table: Table, count: int, means: Shown) -> Finding | None:
    """Return the findings about these printed figures."""
    findings = list(
        printed_figure_differs(
            report(table), [PrintedFigures("A", "A", str(count), tuple(map(text, means)))]
        )
    )
    assert len(findings) <= 1
    return findings[0] if findings else None


def explained(finding: Finding) -> Told:
    """How a finding explains the figures; empty when it does not."""
    values = {
        key: value
        for key, value in finding.values.items()
        if key not in ("printed", "computed", "name")
    }
    numbers = {key: int(v) if key in ("by", "rows", "row") else v for key, v in values.items()}
    return tuple(sorted(numbers.items()))


def agrees(table: Table, count: int, means: Shown) -> None:
    """Wrong figures are found, and explained where there is exactly one explanation."""
    wrong = (count, means) != (len(table), true_means(table))
    finding = found(table, count, means)
    assert (finding is not None) == wrong
    if finding:
        fitting = explanations(table, count, means)
        assert explained(finding) == (next(iter(fitting)) if len(fitting) == 1 else ())


@given(gappy)
def test_true_figures_give_nothing(table: Table) -> None:
    assert found(table, len(table), true_means(table)) is None


@given(gappy, st.integers(0, 3), st.integers(-9, 9).filter(bool))
def test_a_changed_count_or_mean_is_found(table: Table, which: int, off: int) -> None:
    figures = [len(table), *true_means(table)]
    assume(figures[which] is not None)
    figures[which] = max(0, (figures[which] or 0) + off)
    assume(tuple(figures) != (len(table), *true_means(table)))
    finding = found(table, figures[0] or 0, tuple(figures[1:]))
    assert finding is not None
    assert (finding.code, finding.severity, finding.area) == ("A101", "error", "A")
    assert finding.values["printed"] == " · ".join([str(figures[0]), *map(text, figures[1:])])


@given(gappy, st.integers(0, 3), st.integers(-9, 9))
def test_changed_figures_are_explained_only_where_one_explanation_fits(
    table: Table, which: int, off: int
) -> None:
    figures = [len(table), *true_means(table)]
    assume(figures[which] is not None)
    figures[which] = max(0, (figures[which] or 0) + off)
    agrees(table, figures[0] or 0, tuple(figures[1:]))


@given(tables, st.integers(1, 24))
def test_sums_divided_by_another_number_are_explained(table: Table, by: int) -> None:
    agrees(table, by, divided(table, by))


@given(tables, st.integers(-6, 6))
def test_sums_divided_by_another_number_beside_the_right_count_are_explained(
    table: Table, off: int
) -> None:
    by = len(table) + off
    assume(by > 0)
    agrees(table, len(table), divided(table, by))


@given(tables, st.data())
def test_a_row_left_out_is_explained(table: Table, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, len(table) - 1))
    agrees(table, len(table) - 1, true_means(table[:k] + table[k + 1 :]))


@given(gappy)
def test_figures_cut_off_are_explained(table: Table) -> None:
    agrees(table, len(table), truncated(table))


@given(gappy, st.integers(1, 2))
def test_a_figure_kept_from_the_date_before_is_explained(table: Table, day: int) -> None:
    means = kept(table, day)
    assume(None not in means)
    agrees(table, len(table), means)


THREE: Table = [(1, 2, 3), (5, 5, 4), (2, 4, 4)]


@pytest.mark.parametrize(
    ("count", "means", "text"),
    [
        (2, divided(THREE, 2), "Summene av 3 rader er delt på 2."),
        (2, true_means(THREE[1:]), "Rad 1 er ikke regnet med."),
        (3, truncated(THREE), "Tallene er kuttet, ikke avrundet."),
    ],
)
def test_each_explanation_is_said_in_words(count: int, means: Shown, text: str) -> None:
    finding = found(THREE, count, means)
    assert finding is not None
    assert finding.message("nb").endswith(text)


def test_a_kept_figure_is_said_in_words() -> None:
    table: Table = [(1, 2, 5), (5, 5, 5), (2, 4, 5)]
    finding = found(table, 3, kept(table, 2))
    assert finding is not None
    assert finding.message("nb").endswith("Tallet for 31.12.2020 er det samme som for 31.08.2020.")


def test_without_explanation_the_message_ends_with_the_figures() -> None:
    finding = found([(1, 2, 3), (5, 5, 4)], 2, (9, 9, 9))
    assert finding is not None
    assert finding.message("nb") == "Trykt: 2 · 0,9 · 0,9 · 0,9. Beregnet: 2 · 3,0 · 3,5 · 3,5."


def test_a_wrong_count_alone_explains_nothing() -> None:
    finding = found([(1, 2, 3), (5, 5, 4)], 9, (30, 35, 35))
    assert finding is not None
    assert explained(finding) == ()


def test_figures_that_were_not_printed_are_not_compared() -> None:
    printed = PrintedFigures("A", "A", "", ("", "3,5", ""))
    assert list(printed_figure_differs(report([(1, 2, 3), (5, 5, 4)]), [printed])) == []


@pytest.mark.parametrize("text", ["x", "NaN", "Infinity", "to komma fem", "–"])
def test_a_printed_figure_that_is_no_number_is_found(text: str) -> None:
    printed = PrintedFigures("A", "A", text, (text, "3,5", "3,5"))
    assert len(list(printed_figure_differs(report([(1, 2, 3), (5, 5, 4)]), [printed]))) == 1


@pytest.mark.parametrize("text", ["3.5", " 3,5 ", "3,50"])
def test_a_printed_figure_is_read_as_people_write_it(text: str) -> None:
    assert parse_figure(text) == parse_figure("3,5")


def test_measures_count_only_at_their_dates() -> None:
    nodes = (
        Node("A", "area"),
        Node("A-1", "measure", "A"),
        Node("A-2", "measure", "A", last=DATES[1]),
    )
    values = {Slot(ref, "status", day): n for ref, n in (("A-1", 2), ("A-2", 5)) for day in DATES}
    rows = counted_rows(
        Report(TEMPLATE, Head("T", "T", "T", 2020, "nb", DATES), nodes, values), "A"
    )
    assert rows is not None
    assert rows.count == 1
    assert [str(mean) for mean in rows.means()] == ["3.5", "3.5", "2.0"]


def test_a_report_without_dates_explains_nothing() -> None:
    assert explain(PrintedFigures("A", "A", "3"), CountedRows((), 1), ()) == {}


@pytest.mark.parametrize("day", [date(2019, 4, 30), date(2021, 1, 1)])
def test_answers_at_other_dates_do_not_count(day: date) -> None:
    original = report([(1, 2, 3)])
    values = {**original.values, Slot("A-0", "status", day): 5}
    rows = counted_rows(Report(TEMPLATE, original.head, original.nodes, values), "A")
    assert rows is not None
    assert [str(mean) for mean in rows.means()] == ["1.0", "2.0", "3.0"]
