"""Parse XML parts with expat: the whole part, without a document type definition."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.parsers import expat

from xltiltak.model.errors import DamagedWorkbook

StartHandler = Callable[[str, dict[str, str]], object]
EndHandler = Callable[[str], object]
TextHandler = Callable[[str], object]


def parse_xml(
    part: bytes | Iterable[str],
    start: StartHandler | None,
    end: EndHandler | None = None,
    chars: TextHandler | None = None,
    root: str = "",
) -> None:
    """Call the handlers for every element, with its name without the prefix of the root.

    A part may come in pieces, each of which is parsed before the next one is asked for.
    Without handlers the part is only checked. Raises DamagedWorkbook if the XML is not well formed,
    if it has a document type definition, or if the root element is not `root` ("" for any).
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def first(name: str, attributes: dict[str, str]) -> None:
        """Check the root, then set the handlers: most parts have no prefix to remove."""
        prefix, colon, bare = name.rpartition(":")
        if root and bare != root:
            raise DamagedWorkbook("root", met=name, root=root)
        own = prefix + colon
        if own and start:
            parser.StartElementHandler = lambda n, a: start(n.removeprefix(own), a)
        else:
            parser.StartElementHandler = start
        if own and end:
            parser.EndElementHandler = lambda n: end(n.removeprefix(own))
        else:
            parser.EndElementHandler = end
        if start:
            start(bare, attributes)

    parser.StartElementHandler, parser.CharacterDataHandler = first, chars
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for piece in (part,) if isinstance(part, bytes) else part:
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003 - expat takes no keywords
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise DamagedWorkbook("markup", error=error) from error
    finally:
        # `first` refers to the parser, so the parser would refer to itself
        parser.StartElementHandler = parser.EndElementHandler = None


def element_attributes(part: bytes, *names: str) -> list[dict[str, str]]:
    """Return the attributes of every element with one of these names, in order."""
    found: list[dict[str, str]] = []
    parse_xml(part, lambda name, attributes: found.append(attributes) if name in names else None)
    return found


def _refuse_doctype(*_: object) -> None:
    raise DamagedWorkbook("dtd")
