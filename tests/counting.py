"""Draw made-up reports whose counts are easy to get wrong, and count them in the plainest way.

Areas without measures, measures with first and last dates, half-answered dates, several levels, a
field with a mean on one to four dates. `Tally` is an independent count for comparison.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from xltiltak.model.field_types import Value
from xltiltak.model.report import Head, Node, Report, Slot
from xltiltak.model.template import Template
from xltiltak.templates import catalogue

DATES = (date(2020, 4, 30), date(2020, 8, 31), date(2020, 12, 31), date(2021, 4, 30))
AREAS = ("Havn", "Skog og mark", "Veg", "Torg")
GOAL: dict[str, Any] = {"id": "goal", "label": "Mål", "heading": "{name}", "optional": True}
LEVELS: tuple[list[dict[str, Any]], ...] = (
    [{"id": "measure", "label": "Tiltak"}],
    [{"id": "area", "label": "Enhet", "heading": "{name}"}, {"id": "measure", "label": "Tiltak"}],
    [
        {"id": "area", "label": "Enhet", "heading": "{name}"},
        GOAL,
        {"id": "measure", "label": "Tiltak"},
    ],
)


def template_of(levels: int, draw: Random) -> Template:
    """Return a template with statuses, whose scale has one or two steps that are "finished"."""
    chosen = LEVELS[levels - 1]
    finished = draw.choice(({5}, {4, 5}, set()))
    neutral = draw.choice((None, None, 1, 3))  # a step that does not count
    steps = [
        {"value": n, "label": f"Trinn {n}", "fill": "#DDEEFF", "ink": "#000000"}
        | ({"done": True} if n in finished else {})
        | ({"counts": False} if n == neutral else {})
        for n in range(1, 6)
    ]
    names = [{"id": "name", "label": lv["label"], "of": lv["id"], "key": True} for lv in chosen]
    status = {
        "id": "status",
        "label": "Status {date:%d%m%y}",
        "kind": "scale",
        "scale": "status",
        "role": "input",
        "per_checkpoint": True,
        "required": True,
        "width": 8,
    }
    number = {"id": "no", "label": "Nr", "kind": "integer", "width": 5}
    remark = {"id": "remark", "label": "Merknad", "role": "input", "width": 40}
    outer = chosen[0]["id"]
    stats = [{"stat": s, "field": "status"} for s in ("mean", "answered", "distribution")]
    summaries = [{"level": outer, **stat} for stat in ({"stat": "count"}, *stats)]
    data = {
        "id": "telling",
        "version": 1,
        "language": "nb",
        "title": "Rapport {year}",
        "layout": "rows",
        "levels": chosen,
        "fields": [*([number] if draw.random() < 0.7 else []), *names, status, remark],
        "scales": {"status": steps},
        "summaries": [s | ({"decimals": 1} if s["stat"] == "mean" else {}) for s in summaries],
    }
    template, problems = catalogue.validate(data)
    assert template is not None, problems
    return template


def report_with_gaps(seed: int) -> Report:
    """Return the report of this number; the same number always gives the same report."""
    draw = Random(seed)
    template = template_of(draw.choice((1, 2, 2, 3)), draw)
    dates = DATES[: draw.randint(1, 4)]
    current = draw.choice((None, *dates))
    nodes, values = list[Node](), dict[Slot, Value]()
    for n, name in enumerate(AREAS[: draw.randint(1, 4)] if template.area_level else ("",)):
        area = f"A{n}"
        if template.area_level:
            nodes.append(Node(area, "area"))
            values[Slot(area, "name")] = name
        parent = area if template.area_level else None
        for k in range(draw.choice((0, 1, 3, 9, 14))):
            ref = f"{area}-{k + 1:03}"
            if len(template.levels) == 3 and draw.random() < 0.2:
                nodes.append(Node(ref, "goal", area))
                values[Slot(ref, "name")] = f"Mål {ref}"
                parent = ref
                continue
            first, last = (draw.choice((None, None, None, *DATES)) for _ in range(2))
            nodes.append(Node(ref, "measure", parent, None, first, last))
            values[Slot(ref, "name")] = f"Tiltak {ref}"
            if draw.random() < 0.5:
                values[Slot(ref, "remark")] = f"Grunn {ref}"
            likely = draw.choice((0.2, 0.9, 1.0))
            for day in dates:
                if draw.random() < likely:
                    values[Slot(ref, "status", day)] = draw.randint(1, 5)
    head = Head("TES", "Testby", "Rapport", 2020, "nb", dates, current)
    return Report(template, head, tuple(nodes), values)


@dataclass(frozen=True)
class Tally:
    """The counts of some measures, by the words of the report."""

    measures: int
    answered: int
    finished: int
    categories: Counter[str]
    newly_finished: int
    both: int
    change: Decimal | None
    means: tuple[Decimal | None, ...]
    distributions: tuple[Counter[int | None], ...]


def tally(report: Report, ref: str) -> Tally:
    """Count the measures of an area, or with "" of the report, measure by measure."""
    day = day_of(report)
    days = [d for d in report.head.dates if day and d <= day]
    before = days[-2] if len(days) > 1 else None
    final = {step.value for step in report.template.scales["status"] if step.done}
    neutral = {step.value for step in report.template.scales["status"] if not step.counts}
    all_measures = [n for n in report.nodes if n.level == "measure"]
    measures = [n for n in all_measures if ref in ("", report.area_of[n.ref])]
    rows: list[tuple[int | None, int | None]] = []
    for node in measures:
        if _in_force(node, day):
            old = _status(report, node, before) if before and _in_force(node, before) else None
            rows.append((old, _status(report, node, day)))
    categories = Counter(_word(old, new, final, neutral) for old, new in rows)
    without = {None, *neutral}
    pairs = [(o, n) for o, n in rows if o not in without and n not in without]
    moved = sum((n or 0) - (o or 0) for o, n in pairs)
    distributions = tuple(
        Counter(_status(report, n, d) for n in measures if _in_force(n, d)) for d in days
    )
    return Tally(
        measures=len(rows),
        answered=sum(new is not None for _, new in rows),
        finished=sum(new in final for _, new in rows),
        categories=categories,
        newly_finished=sum(old not in final and new in final for old, new in pairs),
        both=len(pairs),
        change=_rounded(Decimal(moved) / len(pairs)) if pairs else None,
        means=tuple(_mean(counts, without) for counts in distributions),
        distributions=distributions,
    )


def day_of(report: Report) -> date | None:
    """Return the report's date: the open one, else the last with an answer, else the last."""
    answered = [d for d in report.head.dates if any(s.date == d for s in report.values)]
    return report.head.current or max(answered or report.head.dates, default=None)


def _status(report: Report, node: Node, day: date | None) -> int | None:
    value = report.values.get(Slot(node.ref, "status", day))
    return value if isinstance(value, int) else None


def _in_force(node: Node, day: date | None) -> bool:
    return day is None or not ((node.first and node.first > day) or (node.last and node.last < day))


def _word(old: int | None, new: int | None, final: set[int | str], neutral: set[int | str]) -> str:
    if new is None:
        return "unanswered"
    if new in neutral:
        return "outside_scale"
    if old is None or old in neutral:
        return "first_answer"
    if old in final:
        return "finished_before" if new in final else "down"
    if new in final or new > old:
        return "up"
    return "down" if new < old else "unchanged"


def _mean(counts: Counter[int | None], without: set[int | str | None]) -> Decimal | None:
    answers = [value or 0 for value in counts.elements() if value not in without]
    return _rounded(Decimal(sum(answers)) / len(answers)) if answers else None


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.1"), ROUND_HALF_UP)
