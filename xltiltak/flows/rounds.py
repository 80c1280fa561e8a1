"""Open a round of a plan: its date, its deadline, and the areas of each form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from xltiltak.merging.collection import (
    area_empty,
    area_findings,
    area_name_twice,
    proposal_undecided,
)
from xltiltak.merging.registry import rule
from xltiltak.model.errors import PlanError, UnknownDate
from xltiltak.model.finding import ANYWHERE, About, Finding
from xltiltak.model.language import translate
from xltiltak.model.recipients import FormScope
from xltiltak.model.register import Register
from xltiltak.model.report import BLANK_AREA, Area, Report


def open_round(
    register: Register, day: date | None, areas: Sequence[str] = (), deadline: date | None = None
) -> Register:
    """Return the register with the date `day` open and the sendings of each area counted.

    `day` is None to continue the date that is open. Opening another date starts a new round: the
    answers of the old one become part of the report. `areas` are those that are sent, empty for
    all. Raises PlanError for an unknown area, and if there is no date.
    """
    report = register.report
    if unknown := [ref for ref in areas if ref not in report.area_refs]:
        raise PlanError("no_area", name=", ".join(unknown), there=", ".join(report.area_refs))
    day = day or report.head.current
    if day is None:
        raise PlanError("no_date", dates=", ".join(f"{d}" for d in report.head.dates))
    is_new_date = day != report.head.current
    all_areas: dict[str, Area] = dict(report.areas)
    for ref in report.area_refs:
        area = report.areas.get(ref, BLANK_AREA)
        sent_before = 0 if is_new_date else area.sent
        all_areas[ref] = replace(area, sent=sent_before + (not areas or ref in areas))
    opened = (register.shown_report if is_new_date else report).with_open_date(day)
    told = deadline_not_sent(register, day, deadline)
    head = replace(opened.head, deadline=None if told else deadline or opened.head.deadline)
    opened = replace(opened, head=head, areas=all_areas)
    undecided = proposal_undecided(register)
    findings = (*register.findings, *area_findings(opened), *undecided, *told)
    if is_new_date:
        accepted, own = register.accepted, register.own
        return Register(opened, accepted=accepted, findings=findings, key=register.key, own=own)
    return replace(
        register,
        report=opened,
        rows_without_ref=(),
        date_from_forms=False,
        written=None,
        findings=findings,
    )


@rule("M124")
def deadline_not_sent(register: Register, day: date, deadline: date | None) -> list[Finding]:
    """Return the finding about a deadline that cannot be right for this date; none if it can.

    It is before the reporting date, or it was sent with another date and nobody has changed it
    since. `deadline` is the one that was asked for; None for that of the plan.
    """
    held, now = register.report.head, deadline or register.report.head.deadline
    sent = (register.written or register).report.head
    if now is None:
        return []
    about = About(what=translate("book.deadline", held.language))
    if now < day:
        values = {"value": now, "reason": "deadline_before", "date": day}
        return [Finding.create("M124", ANYWHERE, about, **values)]
    if not deadline and sent.current not in (None, day) and now == sent.deadline:
        values = {"value": now, "reason": "deadline_used", "round": sent.current}
        return [Finding.create("M124", ANYWHERE, about, **values)]
    return []


def refuse_unknown_date(report: Report, day: date | None, *, new_date: bool) -> None:
    """Raise UnknownDate for a date that the plan does not have, unless `new_date`.

    A plan without any dates gets its first one so.
    """
    dates = report.head.dates
    if day and dates and day not in dates and not new_date:
        raise UnknownDate("unknown_date", date=day, dates=dates)


def refuse_areas(report: Report) -> None:
    """Raise PlanError for two areas of one name, and for a plan with nothing to answer."""
    names = [f"{f.values['value']} ({f.values['codes']})" for f in area_name_twice(report)]
    if names:
        raise PlanError("areas_alike", names="; ".join(names))
    empty = list(area_empty(report))
    if len(empty) == len(report.area_refs):
        raise PlanError("no_measures", date=report.head.current or "–")


def form_scopes(report: Report, refs: Iterable[str], *, per_leader: bool) -> list[FormScope]:
    """Return what each form is about: an area, or with `per_leader` all areas of a leader.

    If the template names recipients, each of them gets one form with their part of all areas.
    """
    from xltiltak.mail.mail_drafts import leader_key

    areas_of_form: dict[tuple[str, ...], list[str]] = {}
    recipients: dict[tuple[str, ...], str] = {}
    for ref in refs:
        for recipient in report.recipients_in(ref):
            is_person = recipient or per_leader
            key = leader_key(report, ref, recipient) if is_person else ("area", ref)
            recipients[key] = recipient
            areas_of_form.setdefault(key, []).append(ref)
    return [FormScope(tuple(areas), recipients[key]) for key, areas in areas_of_form.items()]
