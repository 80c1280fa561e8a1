"""What a command found and computed, as the one object of `--json` (design §8)."""

from __future__ import annotations

import json
from typing import Any

from xltiltak.finding import Finding
from xltiltak.report import Report
from xltiltak.summary import TOTAL, decimals_of, figures, node_counts
from xltiltak.workflow import Result

SCHEMA = 1


def as_json(result: Result) -> str:
    """The object, indented, in UTF-8 letters."""
    return json.dumps(as_object(result), ensure_ascii=False, indent=2)


def as_object(result: Result) -> dict[str, Any]:
    """The object; means are decimal strings with a point, None where nobody answered."""
    register, report = result.register, result.register.report
    spoken = report.head.language
    areas = [_area(report, ref, ref in register.returned) for ref in report.area_refs]
    files = [
        {"path": str(path), "outcome": r.outcome, "areas": [s.area for s in r.submissions]}
        for path, r in result.received
    ]
    return {
        "schema": SCHEMA,
        "report": _report(report),
        "areas": areas,
        "total": _figures(report, TOTAL),
        "files": files,
        "findings": [finding_object(finding, spoken) for finding in result.findings],
        "written": [str(path) for path in result.written],
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


def _area(report: Report, ref: str, submitted: bool) -> dict[str, Any]:  # noqa: FBT001 - one of the object's own keys
    return {"code": ref, "name": report.area_name(ref), **_figures(report, ref), "submitted": submitted}


def _figures(report: Report, ref: str) -> dict[str, Any]:
    counts, scored = node_counts(report)[ref], report.template.scored()
    known, decimals = figures(report), decimals_of(report)
    checkpoints = [
        {
            "date": str(day),
            "field": scored.id if scored else "",
            "answered": known[ref, day].answered,
            "mean": None if (mean := known[ref, day].mean(decimals)) is None else str(mean),
        }
        for day in (report.head.dates if scored else ())
    ]
    return {"measures": counts[report.template.leaf.id], "nodes": counts, "checkpoints": checkpoints}
