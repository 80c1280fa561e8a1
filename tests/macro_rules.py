"""Find what makes Excel leave out the macros or the ribbon tab of a workbook, without a message.

The rules for a VBA project are those of [MS-OVBA] for a writer. Those for the tab are the published
schema of the custom UI of Office 2010 and later, as far as a tab with buttons needs it, and the
signatures of its callbacks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element

from pyopenvba.cfb import CFB
from pyopenvba.vba import parse_vba_project

UI = "{http://schemas.microsoft.com/office/2009/07/customui}"
UI_RELATION = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
NO_CACHE = b"\xcc\x61\xff\xff\x00\x01\x00"
LONGEST_LINE, LONGEST_NAME = 1_023, 31
# Of OfficeDev/office-fluent-ui-command-identifiers, Excel, Current Channel: those that we use.
OFFICE_ICONS = {
    "ChartInsert", "FileSendAsAttachment", "ErrorChecking", "Consolidate", "FileSaveAsPdfOrXps",
    "ReviewNewComment", "FileNew", "AccessibilityChecker", "Help",
}  # fmt: skip
OFFICE_TABS = {"TabHome", "TabInsert", "TabData", "TabReview", "TabView"}
_IDS = {"id", "idQ", "idMso"}
_PLACES = {"insertAfterMso", "insertBeforeMso", "insertAfterQ", "insertBeforeQ"}
_SHOWN = {"label", "getLabel", "visible", "getVisible", "keytip", "getKeytip"}
_TIPS = {"screentip", "getScreentip", "supertip", "getSupertip"}
_IMAGES = {"image", "imageMso", "getImage"}


class Kind(NamedTuple):
    """An element of the schema: its attributes, and the elements within it, in their order.

    Elements in one string can stand in any order, and often; others at most once.
    """

    attributes: set[str]
    within: tuple[str, ...] = ()


_BUTTON = {
    "size", "getSize", "onAction", "enabled", "getEnabled", "description", "getDescription", "tag",
    "showLabel", "getShowLabel", "showImage", "getShowImage",
}  # fmt: skip
SCHEMA = {
    "customUI": Kind({"onLoad", "loadImage"}, ("commands", "ribbon", "backstage", "contextMenus")),
    "ribbon": Kind({"startFromScratch"}, ("qat", "tabs", "contextualTabs")),
    "tabs": Kind(set(), ("tab tab",)),
    "tab": Kind({*_IDS, *_PLACES, *_SHOWN, "tag"}, ("group group",)),
    "group": Kind(
        {*_IDS, *_PLACES, *_SHOWN, *_TIPS, *_IMAGES, "tag", "autoScale", "centerVertically"},
        ("button separator", "dialogBoxLauncher"),
    ),
    "separator": Kind({"id", "idQ", "visible", "getVisible", *_PLACES}),
    "button": Kind({*_IDS, *_PLACES, *_SHOWN, *_TIPS, *_IMAGES, *_BUTTON}),
}
LENGTHS = {"keytip": 3}  # of any other text 1,024
_CONTROL = r"\(\s*(?:ByVal )?\w+ As IRibbonControl\s*"
SIGNATURES = {
    "onLoad": r"\(\s*(?:ByVal )?\w+ As IRibbonUI\s*\)",
    "onAction": rf"{_CONTROL}\)",
    "get": rf"{_CONTROL},\s*ByRef \w+(?: As Variant)?\s*\)",
}


def faults_of_project(
    content: bytes, document_names: set[str | None], macros: set[str]
) -> Iterator[str]:
    """Yield the faults of a VBA project.

    `document_names` are the code names of the workbook and its sheets, `macros` those that its
    shapes start.
    """
    file = CFB.from_bytes(content)
    project = parse_vba_project(file)
    if file.get_stream_in_storage("VBA", "_VBA_PROJECT") != NO_CACHE:
        yield "a version of VBA, or compiled code"
    yield from (f"the stream {name}" for name in file.list_streams() if "__SRP_" in name)
    listed = file.get_stream("PROJECT").decode("cp1252")
    named = re.findall(r"(?m)^(?:Document|Module|Class|BaseClass)=(\w+)", listed)
    if sorted(named) != sorted(module.name for module in project.modules):
        yield f"the list of modules names {' '.join(named)}"
    documents = set(re.findall(r"(?m)^Document=(\w+)", listed))
    if documents != document_names:
        yield f"modules of {sorted(documents)}, but there are {sorted(map(str, document_names))}"
    for module in project.modules:
        if module.text_offset:
            yield f"{module.name}: compiled code before the source"
        yield from (f"{module.name}: {fault}" for fault in _of_module(module.name, module.source))
    known = set(_procedures({module.name: module.source for module in project.modules}))
    yield from (f"the macro {name} is not there" for name in macros - known)


def _of_module(name: str, source: str) -> Iterator[str]:
    """Yield the faults of the source of a module."""
    if not source.startswith(f'Attribute VB_Name = "{name}"') or len(name) > LONGEST_NAME:
        yield "a wrong name"
    if re.search(r"(?<!\r)\n", source):
        yield "a line that ends without a carriage return"
    if any(len(line) > LONGEST_LINE for line in source.split("\r\n")):
        yield f"a line of more than {LONGEST_LINE} characters"


def _procedures(sources: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of each public procedure, by its name alone and with its module's."""
    found: dict[str, str] = {}
    for module, source in sources.items():
        for name, parameters in re.findall(
            r"(?im)^\s*(?:Public\s+)?(?:Sub|Function)\s+(\w+)\s*(\([^)]*\))", source
        ):
            found |= {name: parameters, f"{module}.{name}": parameters}
    return found


def sources_of(project: bytes) -> dict[str, str]:
    """Return the source of each module of a VBA project."""
    parsed = parse_vba_project(CFB.from_bytes(project))
    return {module.name: module.source for module in parsed.modules}


def faults_of_tab(root: Element, sources: Mapping[str, str]) -> Iterator[str]:
    """Yield the faults of a ribbon tab, whose callbacks are in these modules."""
    if root.tag != f"{UI}customUI":
        yield f"the root is {root.tag}"
        return
    ids = Counter(element.get("id") for element in root.iter() if element.get("id"))
    yield from (f"{count} elements are called {name}" for name, count in ids.items() if count > 1)
    procedures = _procedures(sources)
    for element in root.iter():
        name = element.tag.removeprefix(UI)
        if name not in SCHEMA:
            yield f"the element {element.tag} is not known"
            continue
        place = f"{name} {element.get('id', '')}".strip()
        for fault in (*_of_element(element, SCHEMA[name]), *_of_callbacks(element, procedures)):
            yield f"{place}: {fault}"


def _of_element(element: Element, kind: Kind) -> Iterator[str]:
    """Yield the attributes and elements that the schema does not allow here."""
    yield from (
        f"the attribute {key} is not allowed" for key in set(element.keys()) - kind.attributes
    )
    if kind.attributes >= _IDS and len(_IDS & set(element.keys())) != 1:
        yield "one of id, idQ and idMso"
    for key, text in element.items():
        if not 0 < len(text) <= LENGTHS.get(key, 1_024):
            yield f"{key} has {len(text)} characters"
        getter = f"get{key[0].upper()}{key.removesuffix('Mso')[1:]}"
        if element.get(getter) is not None:
            yield f"both {key} and {getter}"
    if not re.fullmatch(r"[A-Za-z_][\w.-]*", element.get("id", "a")):
        yield "the name is not allowed"
    if element.get("size", "large") not in ("large", "normal"):
        yield f"the size {element.get('size')}"
    if element.get("imageMso", "Help") not in OFFICE_ICONS:
        yield f"Office has no icon {element.get('imageMso')}"
    if element.get("insertAfterMso", "TabHome") not in OFFICE_TABS:
        yield f"Office has no tab {element.get('insertAfterMso')}"
    yield from _of_order(element, kind)


def _of_order(element: Element, kind: Kind) -> Iterator[str]:
    """Yield what the elements within one have against the schema: their names, number and order."""
    names = [child.tag.removeprefix(UI) for child in element]
    steps = [step.split() for step in kind.within]
    places = [next((n for n, step in enumerate(steps) if name in step), -1) for name in names]
    if -1 in places or places != sorted(places):
        yield f"the elements within it are {' '.join(names)}"
    for step in steps:
        if len(step) == 1 and names.count(step[0]) > 1:
            yield f"two elements {step[0]}"
    if kind.within == ("tab tab",) and not names:
        yield "no tab"


def _of_callbacks(element: Element, procedures: Mapping[str, str]) -> Iterator[str]:
    """Yield the callbacks that are not there, or that take other parameters than Office gives."""
    for key, text in element.items():
        if key in SIGNATURES or key.startswith("get"):
            expected = SIGNATURES.get(key, SIGNATURES["get"])
            if text not in procedures:
                yield f"{key}: there is no procedure {text}"
            elif not re.fullmatch(expected, procedures[text], re.IGNORECASE):
                yield f"{key}: {text} takes {procedures[text]}"
