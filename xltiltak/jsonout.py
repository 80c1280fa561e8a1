"""What a command found and computed, as the one object of `--json` (design §8)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from xltiltak.flows import Result
from xltiltak.mail.reminders import Reminder, ReminderResult
from xltiltak.model.errors import XltiltakError
from xltiltak.model.finding import Finding
from xltiltak.model.report import Report
from xltiltak.model.summary import TOTAL, area_statistics, decimals_of, node_counts
from xltiltak.templates.template_tools import Checked, contents

SCHEMA = 1


def as_json(result: Result) -> str:
    """The object, indented, in UTF-8 letters."""
    return json.dumps(as_object(result), ensure_ascii=False, indent=2)


def as_object(result: Result) -> dict[str, Any]:
    """The object; means are decimal strings with a point, None where nobody answered."""
    register, report = result.register, result.register.report
    spoken = report.head.language
    known = _figures(report)
    areas = [
        {
            "code": ref,
            "name": report.area_name(ref),
            **known[ref],
            "submitted": ref in register.answered_areas,
        }
        for ref in report.area_refs
    ]
    files = [
        {"path": str(path), "outcome": r.outcome, "areas": [s.area for s in r.submissions]}
        for path, r in result.returned_files
    ]
    return {
        "schema": SCHEMA,
        "report": _report(report),
        "areas": areas,
        "total": known[TOTAL],
        "files": files,
        "findings": [finding_object(finding, spoken) for finding in result.findings],
        "written": [str(path) for path in result.written],
    }


def reminded_object(done: ReminderResult) -> str:
    """The object of `remind`: that of every command, and each area with who answers for it and what it lacks."""
    reminders = [
        {**_reminder(r), "draft": str(done.drafts.get(r.area, "")) or None} for r in done.reminders
    ]
    return json.dumps(
        {**as_object(done.result), "reminders": reminders}, ensure_ascii=False, indent=2
    )


def _reminder(reminder: Reminder) -> dict[str, Any]:
    who = reminder.who
    return {
        "area": reminder.area,
        "name": reminder.name,
        "leader": who.leader,
        "deputy": who.deputy,
        "email": who.email,
        "deputy_email": who.deputy_email,
        "state": reminder.state,
        "lacking": [
            {
                "ref": lack.slot.ref,
                "field": lack.slot.field,
                "date": str(lack.slot.date) if lack.slot.date else None,
                "what": lack.what,
                "required": lack.required,
                "said": lack.said,
            }
            for lack in reminder.missing
        ],
    }


def finding_object(finding: Finding, spoken: str) -> dict[str, Any]:
    """One finding, with its message and what to do."""
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        **finding.place._asdict(),
        "area": finding.area,
        "ref": finding.ref,
        "field": finding.field,
        "date": str(finding.date) if finding.date else None,
        "values": dict(finding.values),
        "message": finding.message(spoken),
        "fix": finding.fix(spoken),
    }


def error_object(message: str) -> str:
    """What `--json` prints when nothing could be produced."""
    return json.dumps({"schema": SCHEMA, "error": message}, ensure_ascii=False, indent=2)


def problem_objects(
    problems: Iterable[tuple[str, str, XltiltakError]], spoken: str
) -> list[dict[str, str]]:
    """What is wrong in templates, each with its file and key."""
    return [
        {"file": file, "key": key, "message": problem.said(spoken)}
        for file, key, problem in problems
    ]


def template_object(checked: Checked, spoken: str) -> dict[str, Any]:
    """What there is to tell of a template: what it holds, None with problems, and these."""
    return {
        "template": contents(checked.template) if checked.template else None,
        "problems": problem_objects(checked.problems, spoken),
        "findings": [finding_object(finding, spoken) for finding in checked.findings],
    }


def _report(report: Report) -> dict[str, Any]:
    head = report.head
    return {
        "template": report.template.id,
        "version": report.template.version,
        "code": head.code,
        "organisation": head.organisation,
        "title": head.title,
        "year": head.year,
        "language": head.language,
        "dates": [str(day) for day in head.dates],
        "current": str(head.current) if head.current else None,
        "deadline": str(head.deadline) if head.deadline else None,
    }


def _figures(report: Report) -> dict[str, dict[str, Any]]:
    """The counts and means of every area, and of all together under TOTAL."""
    scored, known, decimals = report.template.scored(), area_statistics(report), decimals_of(report)
    days = report.head.dates if scored else ()
    found = {}
    for ref, counts in node_counts(report).items():
        means = {day: known[ref, day].mean(decimals) for day in days}
        checkpoints = [
            {
                "date": str(day),
                "field": scored.id if scored else "",
                "answered": known[ref, day].answered,
                "mean": None if mean is None else str(mean),
            }
            for day, mean in means.items()
        ]
        found[ref] = {
            "measures": counts[report.template.leaf.id],
            "nodes": counts,
            "checkpoints": checkpoints,
        }
    return found
