"""Account for every part of a Word document: read, told where it stands, or told here by name.

A reader of a part notes what it told. Everything else that the parts refer to is either known to
hold nothing that is seen on a page, or a finding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from xltiltak.importers.shown_text import ShownLink, ShownObject, link_finding, object_finding
from xltiltak.importers.word_parts import PartLink, WordPart, part_links
from xltiltak.model.finding import Finding, Place
from xltiltak.xlsx.package import Package

# What a part can refer to, by the last word of the type. Nothing of these is seen on a page:
_UNSEEN = {
    *("styles", "stylesWithEffects", "numbering", "settings", "webSettings", "fontTable"),
    *("theme", "themeOverride", "font", "glossaryDocument", "customXml", "customXmlProps"),
    *("core-properties", "extended-properties", "custom-properties", "thumbnail", "people"),
    *("commentsExtended", "commentsIds", "commentsExtensible", "documenttasks"),
    *("attachedTemplate", "printerSettings", "keyMapCustomizations", "attachedToolbars"),
    *("vbaData", "wordVbaData", "origin", "signature", "certificate", "classificationlabels"),
    *("userXmlData", "xmlMaps", "mailMergeSource", "mailMergeHeaderSource"),
    *("mailMergeRecipientData", "transform", "recipientData", "webextension", "taskpanes"),
    *("webextensiontaskpanes", "customProperty", "activeXControlBinary", "chartStyle"),
    *("chartColorStyle", "chartUserShapes", "ui", "diagramLayout", "diagramQuickStyle"),
    *("diagramColors", "diagramDrawing", "extensibility"),
}
_READ = {"officeDocument", "header", "footer", "footnotes", "endnotes", "comments"}
_OBJECTS = {  # what a reader of a part tells where it stands, with the key of its name in words
    "image": "picture",
    "chart": "chart",
    "chartEx": "chart",
    "diagramData": "diagram",
    "oleObject": "embedded",
    "package": "embedded",
    "control": "control",
    "aFChunk": "taken_in",
    "subDocument": "subdocument",
    "video": "media",
    "audio": "media",
    "media": "media",
    "frame": "subdocument",
    "ink": "ink",
    "model3d": "model",
}
_ACTIVE = {"vbaProject": "macros"}
_BESIDE_PARTS = ("[content_types].xml",)


def unread_parts(package: Package, read: Collection[WordPart], file: str) -> Iterator[Finding]:
    """Yield a finding for every part and link that nobody read, told or knows."""
    by_name = {part.name.lower(): part for part in read}
    place, reached = Place(file), set[str]()
    for source in ("", *filter(_can_refer, package.names())):
        for link_id, link in part_links(package, source).items():
            if not link.is_external:
                reached.add(link.target.lower())
            told = by_name[source].told if source in by_name else None
            if told is None or link_id not in told:
                is_read = told is not None
                yield from _unread_link(link, place, by_name, is_read=is_read)
    for name in package.names():
        if _can_refer(name) and name not in reached and name not in _BESIDE_PARTS:
            yield object_finding(place, ShownObject("unreached", name), in_table=True)


def _can_refer(name: str) -> bool:
    """Return True if a part can refer to others; a list of references cannot, nor a folder."""
    return not name.endswith((".rels", "/"))


def _unread_link(
    link: PartLink, place: Place, read: Collection[str], *, is_read: bool
) -> Iterator[Finding]:
    """Yield a finding for what a part refers to and no reader told.

    `is_read` is True for a part that is read: it tells its objects itself. What the part of an
    object refers to belongs to that object.
    """
    if link.kind in _UNSEEN or link.target.lower() in read:
        return
    if link.kind == "hyperlink":
        if link.is_external:
            yield link_finding(place, ShownLink("", link.target))
    elif link.kind in _ACTIVE:
        yield Finding.create("F008", place, value=link.target)
    elif link.kind not in (*_OBJECTS, *_READ):
        named = f"{link.target} ({link.kind})"
        yield object_finding(place, ShownObject("unknown", named), in_table=True)
    elif is_read or link.kind in _READ:
        kind = _OBJECTS.get(link.kind, "unknown")
        yield object_finding(place, ShownObject(kind, link.target), in_table=False)
