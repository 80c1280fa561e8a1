"""Parse XML parts with expat: the whole part, without a document type definition."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from xltiltak.model.errors import DamagedWorkbook

StartHandler = Callable[[str, dict[str, str]], object]
EndHandler = Callable[[str], object]
TextHandler = Callable[[str], object]


XML_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"'  # of parts that may be read as UTF-8
_NAMED_ENTITIES = (b"amp;", b"lt;", b"gt;", b"quot;", b"apos;")
# Control characters become spaces, also a carriage return: XML reads it as a line feed.
_WITHOUT_CONTROLS = bytes(n if n >= 32 or n in b"\t\n" else 32 for n in range(256))
_ENTITY = re.compile(r"&([^;]+);")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def parse_xml(
    part: bytes,
    start: StartHandler | None,
    end: EndHandler | None = None,
    chars: TextHandler | None = None,
    root: str = "",
) -> None:
    """Call the handlers for every element, with its name without the prefix of the root.

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
        parser.Parse(part, True)  # noqa: FBT003 - expat takes no keywords
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


def is_valid_text(text: bytes) -> bool:
    """Return True if expat accepts the text between two tags and returns it unchanged.

    It has only allowed characters, no entities but the five named ones, and no "]]>". False for
    some texts that expat accepts too: then use expat.
    """
    return (
        text.translate(_WITHOUT_CONTROLS) == text
        and (b"]" not in text or b"]]>" not in text)
        and (b"\xef" not in text or b"\xef\xbf" not in text)
        and (
            b"&" not in text
            or all(entity.startswith(_NAMED_ENTITIES) for entity in text.split(b"&")[1:])
        )
    )


def unescape(text: str) -> str:
    """Return the text with its entities replaced. The part must be well formed."""
    if "&" not in text:
        return text
    return _ENTITY.sub(lambda found: _CHARACTERS.get(found[1]) or _numbered(found[1]), text)


def _numbered(reference: str) -> str:
    """Return the character of `#38` or `#x26`."""
    if reference[1] == "x":
        return chr(int(reference[2:], 16))  # noqa: FURB166 - "x" is not Python's "0x"
    return chr(int(reference[1:]))


def _refuse_doctype(*_: object) -> None:
    raise DamagedWorkbook("dtd")
