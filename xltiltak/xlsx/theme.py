"""Read the colours of a workbook's theme, which its styles refer to by name."""

from __future__ import annotations

from collections.abc import Mapping

from xltiltak.xlsx.markup import parse_xml
from xltiltak.xlsx.package import Package

_PART = "xl/theme/theme1.xml"  # the name that every program gives it


def theme_colours(package: Package) -> Mapping[str, str]:
    """Return the colours of the theme as RRGGBB, by name ("accent6"); empty without a theme."""
    if _PART not in package:
        return {}
    found: dict[str, str] = {}
    inside: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        """Collect the colour of the element around this one."""
        inside.append(name.rpartition(":")[2])
        if inside[-1] in ("srgbClr", "sysClr") and inside[-3:-2] == ["clrScheme"]:
            found[inside[-2]] = (attributes.get("lastClr") or attributes.get("val", "")).upper()

    parse_xml(package.read(_PART), start, lambda _: inside.pop())
    return found
