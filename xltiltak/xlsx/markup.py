"""Walking the XML parts of a workbook with expat: whole, without a document type definition, of the expected root."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from xltiltak.model.errors import DamagedWorkbook

Start = Callable[[str, dict[str, str]], object]
End = Callable[[str], object]
Chars = Callable[[str], object]


UTF_8 = (
    b'<?xml version="1.0" encoding="UTF-8"'  # how a part begins whose bytes are plainly its text
)
_NAMED = (b"amp;", b"lt;", b"gt;", b"quot;", b"apos;")
_ALLOWED = bytes(
    n if n >= 32 or n in b"\t\n" else 32 for n in range(256)
)  # a carriage return is read as another sign
_ENTITY = re.compile(r"&([^;]+);")
_SIGNS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def parse_xml(
    part: bytes,
    start: Start | None,
    end: End | None = None,
    chars: Chars | None = None,
    root: str = "",
) -> None:
    """Call the handlers for every element, by its name without prefix. Without handlers it is proved whole, no more.

    Raises DamagedWorkbook at the first fault.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def first(name: str, attributes: dict[str, str]) -> None:
        """Looks at the root, then steps aside: the usual part has no prefix and needs no stripping."""
        prefix, colon, bare = name.rpartition(":")
        if root and bare != root:
            raise DamagedWorkbook("root", met=name, root=root)
        own = prefix + colon
        parser.StartElementHandler = (
            (lambda n, a: start(n.removeprefix(own), a)) if own and start else start
        )
        parser.EndElementHandler = (lambda n: end(n.removeprefix(own))) if own and end else end
        if start:
            start(bare, attributes)

    parser.StartElementHandler, parser.CharacterDataHandler = first, chars
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(part, True)  # noqa: FBT003 - expat takes no keywords
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise DamagedWorkbook("markup", error=error) from error
    finally:
        parser.StartElementHandler = parser.EndElementHandler = (
            None  # `first` knows the parser: else neither goes away
        )


def element_attributes(part: bytes, *names: str) -> list[dict[str, str]]:
    """The attributes of every element of these names, in order."""
    found: list[dict[str, str]] = []
    parse_xml(part, lambda name, attributes: found.append(attributes) if name in names else None)
    return found


def is_sound(text: bytes) -> bool:
    """Would expat take it between tags, and as it stands? No means: ask expat.

    Its signs are allowed, nothing but the five named ones is spelt out, and it does not look like the end of a CDATA.
    """
    return (
        text.translate(_ALLOWED) == text
        and (b"]" not in text or b"]]>" not in text)
        and (b"\xef" not in text or b"\xef\xbf" not in text)
        and (b"&" not in text or all(spelt.startswith(_NAMED) for spelt in text.split(b"&")[1:]))
    )


def unescaped(text: str) -> str:
    """A text of markup as it reads; to be believed where expat finds its part well formed."""
    return (
        _ENTITY.sub(lambda found: _SIGNS.get(found[1]) or _of_number(found[1]), text)
        if "&" in text
        else text
    )


def _of_number(reference: str) -> str:
    """The sign of `#38` or `#x26`."""
    return chr(int(reference[2:], 16) if reference[1] == "x" else int(reference[1:]))  # noqa: FURB166 - no prefix of Python


def _refuse(*_: object) -> None:
    raise DamagedWorkbook("dtd")
