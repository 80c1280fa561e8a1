"""What is known of who a form goes to: the leader of an area, or somebody whom a field names."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from xltiltak.model.normalize import normalize
from xltiltak.model.report import BLANK_AREA, Area, Report, Slot

_PLAN_TEXT = ("text", "given")  # kind and role
_ADDRESS = re.compile(r"<?([^<>\s;,]+@[^<>\s;,]+)>?")


class FormScope(NamedTuple):
    """What one form is about: its areas, and in them all nodes or those of one recipient.

    `recipient` is "" for the form of a leader.
    """

    areas: tuple[str, ...]
    recipient: str = ""


def recipient_name(recipient: str) -> str:
    """Return the name of a recipient without the address beside it: "Kari <kari@example.com>"."""
    return " ".join(_ADDRESS.sub(" ", recipient).split()) or recipient


def responsible(report: Report, area: str, recipient: str = "") -> Area:
    """Return the details of who answers: those of the area's leader, or of the recipient.

    The address of a recipient stands beside the name, or alone in another text of the plan in one
    of their rows; else it is that of a leader or deputy with the same name.
    """
    details = report.areas.get(area, BLANK_AREA)
    if not recipient:
        return details
    name = recipient_name(recipient)
    known = {normalize(of.deputy): of.deputy_email for of in report.areas.values()}
    known |= {normalize(of.leader): of.email for of in report.areas.values()}
    addresses = ", ".join(_ADDRESS.findall(recipient)) or _address_in_rows(report, recipient)
    addresses = addresses or known.get(normalize(name), "")
    return replace(details, leader=name, email=addresses, deputy="", deputy_email="")


def _address_in_rows(report: Report, recipient: str) -> str:
    """Return the first text that is an address in the rows of a recipient; "" without one."""
    field = report.template.recipient_field
    level = field.of or report.template.leaf.id if field else ""
    texts = [f.id for f in report.template.fields_of(level) if (f.kind, f.role) == _PLAN_TEXT]
    for node in report.nodes:
        if node.level == level and recipient in report.recipients[node.ref]:
            values = (str(report.values.get(Slot(node.ref, name), "")) for name in texts)
            if address := next(filter(_ADDRESS.fullmatch, values), ""):
                return address
    return ""


def scope_name(report: Report, area: str, recipient: str) -> str:
    """Return the name of an area, with that of the recipient if its form has a part of it."""
    name = report.area_name(area)
    return f"{name} – {recipient_name(recipient)}" if recipient else name
