"""Test the laws of a whole round: for shipped templates, for any template, for real documents.

A law is a function of a report; `every` checks it for one of these sources. With all examples of
any template, a test fails unless every trait in `reports.EVERY` was drawn.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.examples import ALL, examples, sampled
from tests.forms import (
    book_of,
    filled_by_of,
    forms_of,
    message_to,
    open_slots,
    places,
    sent_in,
    typed,
    with_broken_fingerprint,
    without_answers,
)
from tests.reports import EVERY, SHAPES, reports, reports_of, traits, values
from xltiltak.importers.import_flow import import_source
from xltiltak.intake.returned_file import parse_return
from xltiltak.merging.collection import register_from_forms
from xltiltak.merging.merge import merge
from xltiltak.model.carried import carried_steps
from xltiltak.model.field_types import Value
from xltiltak.model.language import translate
from xltiltak.model.normalize import strip_markup
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import standings
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.publishing.compose import compose
from xltiltak.publishing.document import texts
from xltiltak.publishing.public_view import PublicView, public_view
from xltiltak.publishing.publication import render_csv
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue

pytestmark = pytest.mark.examples
REAL = Path(os.environ.get("XLTILTAK_REAL") or Path(__file__).parents[3] / "shared" / "real")
DOCUMENTS = {path.stem: path for path in sorted(REAL.glob("*.csv"))}
EXAMPLES = sorted((Path(__file__).parents[1] / "example_templates").iterdir())
FOLDERS = catalogue.folders() | {path.name: path for path in EXAMPLES}
ANY = "any template"
_YEAR_OF_YEARS = 1905

Law = Callable[[Report, st.DataObject | None], None]


def run_law(law: Law, drawn: st.SearchStrategy[Report], number: int) -> None:
    """Check a law for this number of drawn reports, the same in every run."""

    @settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        # A failure is shown as it was drawn: to shrink it takes minutes.
        phases=[Phase.generate],
        suppress_health_check=(
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ),
    )
    @given(drawn, st.data())
    def check(report: Report, data: st.DataObject) -> None:
        law(report, data)

    check()


def _over_any_template(law: Law, *, opened: bool) -> None:
    seen: set[str] = set()

    def note_traits(report: Report, data: st.DataObject | None) -> None:
        seen.update(traits(report))
        law(report, data)

    for shape in SHAPES:
        run_law(note_traits, reports_of(shape, opened=opened), examples(8))
    if ALL:  # a quarter of the examples does not have every trait
        # Few templates that are drawn carry on the numbers of a scale; this one always does.
        run_law(note_traits, reports(catalogue.find("tiltaksstatus"), opened=opened), 12)
        assert not EVERY - seen, f"never drawn: {', '.join(sorted(EVERY - seen))}"


def _real(path: Path) -> Report:
    """Return the plan in a real document, with its last date open."""
    report = import_source(path, catalogue.find(path.stem[4:])).report
    return report.with_open_date(report.head.dates[-1])


Every = Callable[[Law], None]


@pytest.fixture(params=[ANY, *sampled([*sorted(FOLDERS), *(DOCUMENTS or ["real documents"])])])
def every(request: pytest.FixtureRequest) -> Every:
    """Return a function that checks a law for reports of one source, with an open date."""
    source = request.param
    if source == ANY:
        return lambda law: _over_any_template(law, opened=True)
    if source in FOLDERS:
        template = catalogue.load(FOLDERS[source])
        return lambda law: run_law(law, reports(template, opened=True), 2)
    if source not in DOCUMENTS:
        pytest.skip(f"no real documents in {REAL}")
    return lambda law: law(_real(DOCUMENTS[source]), None)


def same(one: Report, other: Report) -> bool:
    """Return True if two reports have the same nodes and values."""
    return one.nodes == other.nodes and dict(one.values) == dict(other.values)


def returned(forms: Mapping[str, bytes]) -> list[ReturnedFile]:
    """Return the forms as returned files, read."""
    return [parse_return(f"{name}.xlsx", content) for name, content in forms.items()]


def without_escapes(report: Report) -> Report:
    """Return the report without texts that openpyxl changes when it saves a file.

    It does not decode escapes such as `_x000D_`, so `_x` is replaced.
    """
    return replace(
        report, values={slot: _without_escapes(value) for slot, value in report.values.items()}
    )


def _without_escapes(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(str(_without_escapes(line)) for line in value)
    return value.replace("_x", "_y") if isinstance(value, str) else value


def typeable(report: Report) -> Report:
    """Return the report without what is no answer: HTML, which is read as plain text, and 1905.

    A day of that year shows where somebody typed a year of today into a cell for dates (V113).
    """
    opened = set(open_slots(report))
    plain = {
        slot: _plain(value) if slot in opened else value for slot, value in report.values.items()
    }
    return without_escapes(
        replace(
            report, values={slot: value for slot, value in plain.items() if value not in ("", ())}
        )
    )


def _plain(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(line for line in map(strip_markup, value) if line)
    if isinstance(value, date) and value.year == _YEAR_OF_YEARS:
        return ()
    return strip_markup(value) if isinstance(value, str) else value


def test_a_form_reads_back_as_it_was_written(every: Every) -> None:
    def law(report: Report, _: st.DataObject | None) -> None:
        parts = report.parts()
        for ref, form in forms_of(report).items():
            received = parse_return(f"{ref}.xlsx", form)
            (submission,) = received.submissions
            assert received.sent_report == parts[ref]
            assert (submission.area, submission.round) == (ref, report.head.current)
            assert (submission.changes, submission.proposals, received.all_findings()) == (
                (),
                (),
                (),
            )

    every(law)


def test_an_appendix_reads_back_as_it_was_written(every: Every) -> None:
    def law(report: Report, _: st.DataObject | None) -> None:
        for closed in (report, replace(report, head=replace(report.head, current=None))):
            content = write_appendix(Register(closed))
            for register in map(read_appendix, (content, with_broken_fingerprint(content))):
                assert register.report == closed
                assert (
                    register.findings,
                    register.rows_without_ref,
                    register.overridden_slots,
                ) == (
                    (),
                    (),
                    frozenset(),
                )

    every(law)


def test_merging_what_was_split_gives_the_report_with_the_plan_and_without(every: Every) -> None:
    def law(report: Report, _: st.DataObject | None) -> None:
        files = returned(forms_of(report))
        assert same(merge(Register(report), files).report, report)
        assert same(merge(register_from_forms(files), files).report, report)

    every(law)


def test_answers_are_read_from_the_forms_only(every: Every) -> None:
    def law(drawn: Report, _: st.DataObject | None) -> None:
        report = without_proposed_steps(typeable(drawn))
        plan = without_answers(report)
        assert not any(slot in plan.values for slot in open_slots(report))
        files = returned({ref: _answered(form, report) for ref, form in forms_of(plan).items()})
        for register in (Register(plan), register_from_forms(files)):
            merged = merge(register, files)
            assert same(merged.report, report)
            assert not [f for f in merged.findings if f.severity == "error"]
            scales = {f.id for f in report.template.fields if f.kind == "scale"}
            assert not [f for f in merged.findings if f.code == "V107" and f.field in scales]

    every(law)


def without_proposed_steps(report: Report) -> Report:
    """Return the report without the answers that its form proposes: they are not stored."""
    proposed = carried_steps(without_answers(report))
    return replace(
        report, values={s: value for s, value in report.values.items() if proposed.get(s) != value}
    )


def _answered(form: bytes, report: Report) -> bytes:
    """Return the form with the answers of this report; every second step is chosen as its words."""
    slots = [slot for slot in open_slots(sent_in(form)) if slot in report.values]
    return typed(form, {slot: report.values[slot] for slot in slots}, listed=slots[::2])


def test_a_step_that_is_left_counts_in_all_outputs_as_one_that_was_answered(every: Every) -> None:
    def law(drawn: Report, _: st.DataObject | None) -> None:
        register = merge(Register(drawn), returned(forms_of(drawn)))
        left = register.carried_steps
        assert left == carried_steps(drawn)
        answered = replace(register, report=with_values(register.report, left))
        assert not answered.carried_steps
        mark = f" · {translate('term.carried', drawn.head.language)}"
        views = public_view(register), public_view(answered)
        assert standings(views[0].report) == standings(views[1].report)
        shown, expected = (
            [*texts(compose(view)), render_csv(view).decode("utf-8-sig")] for view in views
        )
        assert [text.replace(mark, "") for text in shown] == expected
        assert (shown == expected) == (not any(map(is_public(views[0]), left)))

    every(law)


def with_values(report: Report, added: Mapping[Slot, Value]) -> Report:
    """Return the report with these values stored in it."""
    return replace(report, values={**report.values, **added})


def is_public(view: PublicView) -> Callable[[Slot], bool]:
    """Return a function that says whether everybody may read a slot."""

    def asked(slot: Slot) -> bool:
        node = view.report.by_ref[slot.ref]
        return any(field.id == slot.field for field in view.fields(node.level))

    return asked


def test_order_and_batches_of_the_files_make_no_difference_byte_for_byte(every: Every) -> None:
    def law(drawn: Report, data: st.DataObject | None) -> None:
        plan = without_answers(typeable(drawn))
        files = returned(dict(_conflicting_returns(plan, data)))[:3]
        at_once = merge(Register(plan), files)
        assert all(merge(Register(plan), order) == at_once for order in permutations(files))
        order = data.draw(st.permutations(files)) if data else files[::-1]
        written = write_appendix(at_once)
        assert _one_after_the_other(plan, [[received] for received in order]) == written
        assert _one_after_the_other(plan, [files[:2], files]) == written

    every(law)


def _one_after_the_other(plan: Report, batches: list[list[ReturnedFile]]) -> bytes:
    """Merge each batch into the appendix of the batches before, which is read from its file."""
    first, *later = batches
    content = write_appendix(merge(Register(plan), first))
    for batch in later:
        content = write_appendix(merge(read_appendix(with_broken_fingerprint(content)), batch))
    return content


def _conflicting_returns(plan: Report, data: st.DataObject | None) -> Iterable[tuple[str, bytes]]:
    """Yield two returns of every area, which agree in some slots and conflict in others."""
    for ref, form in list(forms_of(plan).items())[:2]:
        part = sent_in(form)
        for k in (1, 2):
            answers = dict(_answers(part, data, k))
            yield f"{ref} {k}", typed(form, answers, listed=answers if k == 2 else ())


def _answers(part: Report, data: st.DataObject | None, k: int) -> Iterable[tuple[Slot, Value]]:
    for n, slot in enumerate(open_slots(part)[:8]):
        field = next(f for s, f, _ in part.slots() if s == slot)
        if data is not None:
            value = _plain(_without_escapes(data.draw(values(field, part.template))))
            if value not in ("", ()):
                yield slot, value
        elif field.kind == "text":
            yield slot, f"Svar {n * k}"


def test_the_same_report_gives_the_same_bytes(every: Every) -> None:
    def law(report: Report, _: st.DataObject | None) -> None:
        assert forms_of(report) == forms_of(report)
        assert write_appendix(Register(report)) == write_appendix(Register(report))

    every(law)


def test_exactly_the_open_slots_and_the_message_are_unlocked(every: Every) -> None:
    def law(report: Report, _: st.DataObject | None) -> None:
        for form in forms_of(report).values():
            part = sent_in(form)
            where = places(part)
            own_texts = message_to(form), filled_by_of(form)
            expected = {at for slot in (*open_slots(part), *own_texts) for at in where[slot]}
            sheet = book_of(form).worksheets[0]
            unlocked = {
                (c.row, c.column)
                for row in sheet.iter_rows()
                for c in row
                if not c.protection.locked
            }
            new = {row[0].row for row in sheet.iter_rows(max_col=1) if row[0].value == "@new"}
            proposals = {cell for cell in unlocked if cell[0] in new}
            other_dates = {
                at.col
                for slot, cells in where.items()
                for at in cells
                if slot.date not in (None, part.head.current)
                and part.by_ref[slot.ref].level == part.template.leaf.id
            }
            assert sheet.protection.sheet
            assert unlocked - proposals == expected
            assert {row for row, _ in proposals} == new
            assert other_dates.isdisjoint(col for _, col in proposals)

    every(law)
