"""Name what stands in a Word document and is no text: pictures, charts, shapes, embedded files."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from xltiltak.importers.shown_text import ShownLink, ShownObject
from xltiltak.importers.word_parts import WordPart, link_ids, local_name, read_root
from xltiltak.model.errors import WorkbookError

_OLD_SHAPES = {"shape", "line", "rect", "oval", "roundrect", "polyline", "curve", "arc", "image"}
_BESIDE = {"contentPart": "ink", "subDoc": "subdocument", "control": "control"}
# Objects that a drawing holds, by the name of their element:
_IN_DRAWINGS = {"pic": "picture", "chart": "chart", "relIds": "diagram", "wsp": "shape"}
_IN_DRAWINGS |= {"model3d": "model", "contentPart": "ink", "txSp": "shape", "cxnSp": "shape"}
_WITH_TEXT = ("chart", "diagram")  # objects whose text is in a part of its own


def text_boxes(element: Element) -> list[Element]:
    """Return the outermost text boxes in a drawing."""
    if local_name(element) == "txbxContent":
        return [element]
    return [box for child in element for box in text_boxes(child)]


def objects_in(element: Element, part: WordPart) -> list[ShownObject]:
    """Return the objects in an element of a paragraph, in order; text boxes are none of them."""
    name = local_name(element)
    if name in _BESIDE:
        return [ShownObject(_BESIDE[name])]
    if name == "object":
        return [_embedded(element)]
    if name == "drawing":
        found = list(_in_drawing(element, _alternative_text(element), part))
        return found or ([] if text_boxes(element) else [ShownObject("shape", _own_text(element))])
    return list(_old_shapes(element))


def links_in(element: Element, part: WordPart) -> Iterator[ShownLink]:
    """Yield the links that pictures and shapes have."""
    for each in element.iter():
        if address := _attribute(each, "href"):
            yield ShownLink("", address)
        if local_name(each) == "hlinkClick":
            for link in filter(None, map(part.links.get, link_ids(each))):
                if link.is_external:
                    yield ShownLink("", link.target)


def _in_drawing(parent: Element, outer: str, part: WordPart) -> Iterator[ShownObject]:
    """Yield the objects below an element of a drawing; `outer` is its alternative text."""
    for child in parent:
        name = local_name(child)
        if name == "txbxContent":
            continue
        kind = _IN_DRAWINGS.get(name)
        if kind is None:
            yield from _in_drawing(child, outer, part)
        elif kind != "shape" or not text_boxes(child):
            detail = _alternative_text(child) or outer or _own_text(child)
            if kind in _WITH_TEXT:
                detail = " · ".join(filter(None, (detail, _text_elsewhere(child, part))))
            yield ShownObject(kind, detail)


def _old_shapes(element: Element) -> Iterator[ShownObject]:
    """Yield the pictures and shapes of an old drawing (VML); a line across the page is none."""
    for shape in element.iter():
        name = local_name(shape)
        if name in ("OLEObject", "control"):
            yield _embedded(shape)
        if name not in _OLD_SHAPES or text_boxes(shape) or _attribute(shape, "hr"):
            continue
        inside = {local_name(each): each for each in shape}
        words = _attribute(inside["textpath"], "string") if "textpath" in inside else ""
        is_picture = "imagedata" in inside or name == "image"
        title = _attribute(inside["imagedata"], "title") if "imagedata" in inside else ""
        detail = words or _attribute(shape, "alt") or title
        yield ShownObject("picture" if is_picture else "shape", detail)


def _embedded(element: Element) -> ShownObject:
    """Return an embedded file, with the program that made it."""
    inside = {local_name(each): each for each in element.iter()}
    if "control" in inside:
        return ShownObject("control", _attribute(inside["control"], "name"))
    programs = (_attribute(each, "ProgID") for each in element.iter())
    program = next(filter(None, programs), "")
    kind = "workbook" if program.startswith("Excel.") else "embedded"
    return ShownObject(kind, program)


def _alternative_text(element: Element) -> str:
    """Return the alternative text of a drawing or a picture."""
    properties = [e for e in element.iter() if local_name(e) in ("docPr", "cNvPr")]
    texts = (_attribute(each, name) for each in properties for name in ("descr", "title"))
    return next(filter(None, texts), "")


def _text_elsewhere(element: Element, part: WordPart) -> str:
    """Return the text of a chart's title or of a diagram, from the part that it stands in."""
    texts: list[str] = []
    for link_id in (i for each in element.iter() for i in link_ids(each)):
        link = part.links.get(link_id)
        if link and link.kind in ("chart", "chartEx", "diagramData") and not link.is_external:
            if link.target not in part.words:
                part.words[link.target] = _words_of(part, link.target)
            texts.append(part.words[link.target])
    return " · ".join(filter(None, texts))


def _words_of(part: WordPart, name: str) -> str:
    """Return the words in the part of an object; "" if it cannot be read: the object is named."""
    try:
        return _shown_words(read_root(part.package, name))
    except WorkbookError:
        return ""


def _shown_words(root: Element) -> str:
    """Return the words in a part of a drawing: those of paragraphs, and the labels of a chart."""
    found = [e.text or "" for e in root.iter() if local_name(e) == "t" and "drawingml" in e.tag]
    labels = [e.text or "" for e in root.iter() if local_name(e) == "v" and "chart" in e.tag]
    words = [label for label in dict.fromkeys(labels) if any(map(str.isalpha, label))]
    return " · ".join(filter(str.strip, (*found, *words)))


def _own_text(element: Element) -> str:
    """Return the words inside a drawing itself."""
    return " ".join(e.text or "" for e in element.iter() if local_name(e) == "t").strip()


def _attribute(element: Element, name: str) -> str:
    """Return an attribute by its name without namespace; "" without it."""
    found = (v for key, v in element.attrib.items() if key.rpartition("}")[2] == name)
    return next(found, "")
