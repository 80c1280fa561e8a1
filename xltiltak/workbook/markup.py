"""Walking the XML parts of a workbook with expat: whole, without a document type definition, of the expected root."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from xltiltak.errors import DamagedWorkbook

Start = Callable[[str, dict[str, str]], object]
End = Callable[[str], object]
Chars = Callable[[str], object]


def walk(part: bytes, start: Start, end: End | None = None, chars: Chars | None = None, root: str = "") -> None:
    """Call the handlers for every element, by its name without prefix. Raises DamagedWorkbook at the first fault."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def first(name: str, attributes: dict[str, str]) -> None:
        """Looks at the root, then steps aside: the usual part has no prefix and needs no stripping."""
        prefix, colon, bare = name.rpartition(":")
        if root and bare != root:
            raise DamagedWorkbook("root", met=name, root=root)
        cut = len(prefix) + len(colon)
        parser.StartElementHandler = (lambda n, a: start(n[cut:], a)) if cut else start
        parser.EndElementHandler = (lambda n: end(n[cut:])) if cut and end else end
        start(bare, attributes)

    parser.StartElementHandler, parser.CharacterDataHandler = first, chars
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(part, True)  # noqa: FBT003 - expat takes no keywords
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise DamagedWorkbook("markup", error=error) from error


def elements(part: bytes, *names: str) -> list[dict[str, str]]:
    """The attributes of every element of these names, in order."""
    found: list[dict[str, str]] = []
    walk(part, lambda name, attributes: found.append(attributes) if name in names else None)
    return found


def _refuse(*_: object) -> None:
    raise DamagedWorkbook("dtd")
