"""The parts of a Word document: their markup as elements, and what they refer to.

Every reader of a document sees the same view of a part: one branch of what is there twice for older
programs, and content controls without the prompt that an unanswered one shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from xltiltak.model.errors import DamagedWorkbook
from xltiltak.xlsx.markup import element_attributes
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.parts import has_relationships, relationships

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_OFF = {"0", "false", "off", "none"}
_SHOWN_IN_PROMPT = {"t", "tab", "br", "cr", "sym"}


class PartLink(NamedTuple):
    """What a part refers to: `kind` is the last word of the type, `target` a part or an address."""

    kind: str
    target: str
    is_external: bool = False


@dataclass
class WordPart:
    """One part of a document that people see.

    `told` are the ids of links that were reported, `words` those of the parts of its objects.
    """

    package: Package
    name: str
    told: set[str] = field(default_factory=set)
    words: dict[str, str] = field(default_factory=dict)

    @cached_property
    def root(self) -> Element:
        """Return the root element. Raises DamagedWorkbook."""
        return read_root(self.package, self.name)

    @cached_property
    def links(self) -> dict[str, PartLink]:
        """Return what the part refers to, by id."""
        return part_links(self.package, self.name)

    def tell(self, element: Element) -> None:
        """Note that whatever an element and those inside it refer to has been reported."""
        self.told |= {value for each in element.iter() for value in link_ids(each)}


def link_ids(element: Element) -> Iterator[str]:
    """Yield the ids of the links in the attributes of an element."""
    for name, value in element.attrib.items():
        if "relationships}" in name or name.endswith("}relid"):
            yield value


def part_links(package: Package, part: str) -> dict[str, PartLink]:
    """Return what a part refers to, by id; "" is the package itself."""
    if not has_relationships(package, part):
        return {}
    folder, _, name = part.rpartition("/")
    entries = element_attributes(
        package.read(f"{folder}/_rels/{name}.rels".lstrip("/")), "Relationship"
    )
    resolved = relationships(package, part)
    links: dict[str, PartLink] = {}
    for entry in entries:
        kind, target = resolved[entry.get("Id", "")]
        is_external = entry.get("TargetMode") == "External"
        address = entry.get("Target", "") if is_external else target
        links[entry.get("Id", "")] = PartLink(kind.rpartition("/")[2], address, is_external)
    return links


def read_root(package: Package, name: str) -> Element:
    """Return the root element of a part as people see it.

    Names are those of the transitional format. Raises DamagedWorkbook for markup that is not well
    formed or that declares a document type.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    content = package.read(name).replace(_STRICT[1:-1].encode(), W[1:-1].encode())
    try:
        root: Any = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise DamagedWorkbook("dtd") from error
    except (ParseError, ValueError) as error:
        raise DamagedWorkbook("markup", error=error) from error
    try:
        _choose_branches(root)
    except RecursionError as error:  # nested deeper than anything a person makes
        raise DamagedWorkbook("markup", error=error) from error
    return root  # type: ignore[no-any-return]


def _choose_branches(parent: Element) -> None:
    """Keep one branch of each alternative, and empty the content controls that show a prompt."""
    for at, child in reversed(list(enumerate(parent))):
        if local_name(child) == "AlternateContent":
            branches = {local_name(branch): branch for branch in reversed(child)}
            branch = branches.get("Choice", branches.get("Fallback"))
            parent[at : at + 1] = [] if branch is None else list(branch)
    for child in parent:
        if local_name(child) == "sdt" and is_on(child.find(f"{W}sdtPr/{W}showingPlcHdr")):
            _remove_prompt(child)
        _choose_branches(child)


def _remove_prompt(control: Element) -> None:
    """Remove the text that a content control shows as long as nobody has answered."""
    for element in control.iter():
        for child in list(element):
            if local_name(child) in _SHOWN_IN_PROMPT:
                element.remove(child)


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def value_of(element: Element | None, name: str = "val") -> str | None:
    """Return an attribute of WordprocessingML; None without it or without the element."""
    return None if element is None else element.get(f"{W}{name}")


def is_on(element: Element | None) -> bool:
    """Return True if a property is there and not switched off."""
    return element is not None and value_of(element) not in _OFF


def number_of(element: Element | None) -> int:
    """Return `val` as a number below 1,000; 0 for anything else."""
    value = value_of(element) or ""
    return int(value) if value.isdecimal() and len(value) < 4 else 0
