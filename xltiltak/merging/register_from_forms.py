"""Make a register from the hidden records of returned forms, for a merge without a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xltiltak.model.errors import NothingReturned
from xltiltak.model.field_types import Value
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.model.report import Area, Node, Report, Slot


def register_from_forms(files: Sequence[ReturnedFile]) -> Register:
    """Return the plan as it was sent, as far as the hidden records of the forms have it.

    It is of the report with the latest open date. An area that was not returned only has its name.
    Raise NothingReturned if no file is a form.
    """
    forms = sorted((file for file in files if file.sent_report), key=_sort_key)
    if not forms or forms[-1].sent_report is None:
        raise NothingReturned([finding for file in files for finding in file.all_findings()])
    latest = forms[-1].sent_report
    names: dict[str, str] = {}
    parts: dict[str, Report] = {}
    for file in forms:
        sent = file.sent_report
        if sent and is_same_report(sent, latest) and sent.head.current == latest.head.current:
            names |= file.area_names
            parts |= sent.parts()
    return Register(_joined(latest, names, parts))


def is_same_report(one: Report, other: Report) -> bool:
    """Return True if both are of one report and year, and of one version of the template."""
    return is_about_same(one, other) and one.template.version == other.template.version


def is_about_same(one: Report, other: Report) -> bool:
    """Return True if both are of one report and year, with any version of one template."""
    return _identity(one) == _identity(other)


def _identity(report: Report) -> tuple[str, str, int]:
    return (report.template.id, report.head.code, report.head.year)


def _sort_key(file: ReturnedFile) -> tuple[str, int, str]:
    """Return the open date, the number of the sending, and the SHA-256 to break ties."""
    if file.sent_report is None:
        return "", 0, file.sha256
    sending = max((area.sent for area in file.sent_report.areas.values()), default=0)
    return str(file.sent_report.head.current), sending, file.sha256


def _joined(latest: Report, names: Mapping[str, str], parts: Mapping[str, Report]) -> Report:
    """Return one report of all areas in `names`, in that order."""
    level = latest.template.area_level
    if level is None:
        return latest
    nodes: list[Node] = []
    values: dict[Slot, Value] = {}
    areas: dict[str, Area] = {}
    for ref, name in names.items():
        if part := parts.get(ref):
            nodes += part.nodes
            values |= part.values
            areas |= part.areas
        else:
            nodes.append(Node(ref, level.id))
            values[Slot(ref, "name")] = name
    return replace(latest, nodes=tuple(nodes), values=values, areas=areas)
