"""Build the JSON object of `--json`. Its keys are a public contract."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from xltiltak.flows import ReminderResult, Result
from xltiltak.mail.reminders import Reminder
from xltiltak.model.errors import XltiltakError
from xltiltak.model.finding import Finding
from xltiltak.model.report import Report
from xltiltak.model.summary import (
    TOTAL,
    area_statistics,
    change_object,
    decimals_of,
    node_counts,
    standings,
)
from xltiltak.model.visible_text import visible_path
from xltiltak.plan.plan_changes import PlanChange
from xltiltak.templates.template_tools import TemplateCheck, template_contents

SCHEMA = 1


def as_json(result: Result) -> str:
    """Return the object of a result as indented text."""
    return json.dumps(as_object(result), ensure_ascii=False, indent=2)


def as_object(result: Result) -> dict[str, Any]:
    """Return the object of a result. Means are texts such as "3.5"; None without answers."""
    register, report = result.register, result.register.report
    language = report.head.language
    figures_by_area = _figures(register.valid_report)
    areas = []
    for ref in report.area_refs:
        submitted = ref in register.complete_areas
        area = {"code": ref, "name": report.area_name(ref), **figures_by_area[ref]}
        areas.append({**area, "submitted": submitted})
    files = []
    for path, received in result.returned_files:
        submitted_areas = [submission.area for submission in received.submissions]
        by = (submission.source.filled_by for submission in received.submissions)
        files.append(
            {
                "path": visible_path(path),
                "name": received.file,
                "outcome": received.outcome,
                "areas": submitted_areas,
                "filled_by": [*dict.fromkeys(filter(None, by))],
            }
        )
    found = result.without_plan
    return {
        "schema": SCHEMA,
        "without_plan": found.message(language) if found else None,
        "report": _report(report),
        "areas": areas,
        "total": figures_by_area[TOTAL],
        "files": files,
        "plan_changes": [_plan_change(change, language) for change in result.plan_changes],
        "findings": [finding_object(finding, language) for finding in result.findings],
        "written": [visible_path(path) for path in result.written],
        "unchanged": result.is_unchanged,
    }


def _plan_change(change: PlanChange, language: str) -> dict[str, Any]:
    """Return one change of the coordinator with its kind in words."""
    day = str(change.date) if change.date else None
    return {**change._asdict(), "date": day, "message": change.kind_text(language)}


def reminded_object(done: ReminderResult) -> str:
    """Return the object of `remind` as text: the result, and each area with its missing answers."""
    reminders = []
    for reminder in done.reminders:
        draft = done.drafts.get((reminder.area, reminder.recipient))
        shown = visible_path(draft) if draft else None
        reminders.append({**_reminder(reminder), "draft": shown})
    content = {**as_object(done.result), "reminders": reminders}
    return json.dumps(content, ensure_ascii=False, indent=2)


def _reminder(reminder: Reminder) -> dict[str, Any]:
    who = reminder.responsible
    return {
        "area": reminder.area,
        "name": reminder.name,
        "leader": who.leader,
        "deputy": who.deputy,
        "email": who.email,
        "deputy_email": who.deputy_email,
        **({"recipient": reminder.recipient} if reminder.recipient else {}),
        "state": reminder.state,
        "other_date": str(reminder.other_date) if reminder.other_date else None,
        "unread": list(reminder.unread),
        "lacking": [
            {
                "ref": lack.slot.ref,
                "field": lack.slot.field,
                "date": str(lack.slot.date) if lack.slot.date else None,
                "what": lack.label,
                "required": lack.required,
                "said": lack.problem,
            }
            for lack in reminder.missing
        ],
    }


def finding_object(finding: Finding, language: str) -> dict[str, Any]:
    """Return one finding with its message and what to do."""
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "handled": finding.handled or None,
        **finding.place._asdict(),
        "area": finding.area,
        "ref": finding.ref,
        "field": finding.field,
        "date": str(finding.date) if finding.date else None,
        "values": dict(finding.values),
        "message": finding.message(language),
        "fix": finding.fix(language),
    }


def error_object(message: str) -> str:
    """Return the object that says why nothing could be produced, as text."""
    return json.dumps({"schema": SCHEMA, "error": message}, ensure_ascii=False, indent=2)


def problem_objects(
    problems: Iterable[tuple[str, str, XltiltakError]], language: str
) -> list[dict[str, str]]:
    """Return the problems of templates, each with its file and key."""
    return [
        {"file": file, "key": key, "message": problem.message(language)}
        for file, key, problem in problems
    ]


def template_object(checked: TemplateCheck, language: str) -> dict[str, Any]:
    """Return the contents of a template (None if it has problems), its problems and findings."""
    return {
        "template": template_contents(checked.template) if checked.template else None,
        "problems": problem_objects(checked.problems, language),
        "findings": [finding_object(finding, language) for finding in checked.findings],
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
    """Return the counts and means of every area, and of all areas together under TOTAL.

    `measures`, `asked`, `answered`, `finished` and `change` are of the report's date.
    """
    scored, computed, decimals = (
        report.template.mean_field(),
        area_statistics(report),
        decimals_of(report),
    )
    nodes, areas = node_counts(report), {}
    for ref, standing in standings(report).items():
        checkpoints = []
        for day in report.head.dates if scored else ():
            counts = computed[ref, day]
            mean = counts.mean(decimals)
            checkpoints.append(
                {
                    "date": str(day),
                    "field": scored.id if scored else "",
                    "measures": counts.count,
                    "answered": counts.answered,
                    "mean": None if mean is None else str(mean),
                }
            )
        areas[ref] = {
            "measures": standing.measures,
            "asked": standing.asked,
            "answered": standing.answered,
            "finished": standing.finished,
            "change": change_object(standing, decimals) if scored else None,
            "nodes": nodes[ref],
            "checkpoints": checkpoints,
        }
    return areas
