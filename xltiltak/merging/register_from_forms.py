"""The register that the forms' own snapshots make up, for a merge without a plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from xltiltak.model.errors import NothingReturned
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.model.report import Node, Report, Slot


def register_from_forms(received: Sequence[ReturnedFile]) -> Register:
    """The plan as it was sent, as far as the returned forms tell. Raises NothingReturned when none does."""
    sent = sorted((r for r in received if r.sent_report is not None), key=_recency)
    if not sent or sent[-1].sent_report is None:
        raise NothingReturned([f for r in received for f in r.all_findings()])
    latest = sent[-1].sent_report
    same = [
        r
        for r in sent
        if r.sent_report
        and is_same_report(r.sent_report, latest)
        and r.sent_report.head.current == latest.head.current
    ]
    names = {ref: name for r in same for ref, name in r.area_names.items()}
    parts = {
        ref: part for r in same if r.sent_report for ref, part in r.sent_report.parts().items()
    }
    return Register(_joined(latest, names, parts))


def is_same_report(one: Report, other: Report) -> bool:
    """Are both about the same year of the same report, by the same template, as it stood then?"""
    return is_about_same(one, other) and one.template.version == other.template.version


def is_about_same(one: Report, other: Report) -> bool:
    """The same, whichever version of the template they are made by."""
    return (one.template.id, one.head.code, one.head.year) == (
        other.template.id,
        other.head.code,
        other.head.year,
    )


def _recency(received: ReturnedFile) -> tuple[str, int, str]:
    """Later rounds last; of one round, forms that were sent again last."""
    sent = received.sent_report
    times = max((area.sent for area in sent.areas.values()), default=0) if sent else 0
    return (str(sent.head.current) if sent else "", times, received.sha256)


def _joined(latest: Report, names: Mapping[str, str], parts: Mapping[str, Report]) -> Report:
    """One report of the parts, in the order of the round; an area that nobody returned has its name alone."""
    level = latest.template.area_level
    if level is None:
        return latest
    bare = {
        ref: _bare(latest, ref, level.id, name) for ref, name in names.items() if ref not in parts
    }
    ordered: Iterable[Report] = [(parts.get(ref) or bare[ref]) for ref in names]
    nodes = tuple(node for part in ordered for node in part.nodes)
    values = {slot: value for part in ordered for slot, value in part.values.items()}
    answering = {ref: area for part in ordered for ref, area in part.areas.items()}
    return replace(latest, nodes=nodes, values=values, areas=answering)


def _bare(latest: Report, ref: str, level: str, name: str) -> Report:
    return replace(latest, nodes=(Node(ref, level),), values={Slot(ref, "name"): name}, areas={})
