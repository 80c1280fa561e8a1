"""Read texts of cells: escapes are decoded, runs are joined, and struck words are set apart.

A text in several formats consists of runs. What is pronounced (phonetic text) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from xltiltak.xlsx.plain_elements import TEXTS, parse_rest, plain_text
from xltiltak.xlsx.small_signs import in_small_signs

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BETWEEN_STRUCK = " … "  # between struck words that do not stand together


class Run(NamedTuple):
    """A piece of a text in one format; `is_struck` is None if the style of the cell decides.

    `level` is "superscript" or "subscript" of text beside the line. Its digits are other signs in
    `shown`: a person sees 10³, not 103.
    """

    text: str
    is_struck: bool | None
    level: str = ""

    @property
    def shown(self) -> str:
        """Return the text with the signs that a person sees."""
        return in_small_signs(self.text, self.level)


class StruckText(NamedTuple):
    """A text by what is struck out: what stands and the struck words. One of them can be empty."""

    standing: str
    struck: str


@dataclass(slots=True)
class SharedTexts:
    """The texts that the cells of a workbook share, by their numbers as cells write them.

    `runs` has the runs of the texts that have some.
    """

    by_number: dict[str, str] = field(default_factory=dict)
    runs: dict[str, tuple[Run, ...]] = field(default_factory=dict)


def decode_escapes(text: str) -> str:
    """Return the text with escapes like _x000D_ replaced, and line feeds as line ends."""
    if "_x" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        # two escapes can be the surrogates of one character
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def is_on(attributes: dict[str, str]) -> bool:
    """Return True if an element such as <strike/> switches on what it names."""
    return attributes.get("val", "1") not in ("0", "false", "off")


def text_of(runs: Sequence[Run]) -> str:
    """Return the text of some runs as a person sees it."""
    return decode_escapes("".join(run.shown for run in runs))


def split_struck(runs: Sequence[Run], *, in_struck_cell: bool) -> StruckText:
    """Return what stands in a text and what is struck out."""
    standing, struck = "", ""
    was_struck = False
    for run in runs:
        text, is_struck = run.shown, run.is_struck
        if in_struck_cell if is_struck is None else is_struck:
            struck += text if was_struck or not struck else _BETWEEN_STRUCK + text
            was_struck = True
        else:
            is_doubled = was_struck and standing[-1:].isspace() and text[:1].isspace()
            standing += text[1:] if is_doubled else text
            was_struck = was_struck and not text.strip()
    return StruckText(decode_escapes(standing).strip(), decode_escapes(struck).strip())


class RunCollector:
    """Collects the runs of a text while expat parses it.

    `starts` and `ends` are its handlers by the name of the element; those of ends get the whole
    text so far.
    """

    def __init__(self) -> None:
        self.found: list[Run] = []
        self.in_phonetic = False  # inside text that is left out
        self.starts: dict[str, Callable[[dict[str, str]], None]] = {
            "r": self._start_run,
            "rPr": self._start_properties,
            "strike": self._strike,
            "vertAlign": self._raise_or_lower,
            "rPh": self._start_phonetic,
        }
        self.ends: dict[str, Callable[[str], None]] = {
            "r": self._end_run,
            "rPh": self._end_phonetic,
        }
        self._length = 0  # characters of the runs so far
        self._is_struck: bool | None = None
        self._level = ""

    def take(self) -> tuple[Run, ...]:
        """Return the runs so far, and begin anew."""
        runs = tuple(self.found)
        self.found.clear()
        self._length = 0
        return runs

    def _start_run(self, _: dict[str, str]) -> None:
        self._is_struck, self._level = None, ""

    def _start_properties(self, _: dict[str, str]) -> None:
        self._is_struck = False

    def _strike(self, attributes: dict[str, str]) -> None:
        self._is_struck = is_on(attributes)

    def _raise_or_lower(self, attributes: dict[str, str]) -> None:
        self._level = attributes.get("val", "")

    def _end_run(self, text: str) -> None:
        self.found.append(Run(text[self._length :], self._is_struck, self._level))
        self._length = len(text)

    def _start_phonetic(self, _: dict[str, str]) -> None:
        self.in_phonetic = True

    def _end_phonetic(self, _: str) -> None:
        self.in_phonetic = False


def shared_texts(part: bytes) -> SharedTexts:
    """Return the texts of the part of shared texts."""
    texts, rich = list[str](), dict[str, tuple[Run, ...]]()
    pieces, runs, text = list[str](), RunCollector(), ""
    starts, ends = runs.starts, runs.ends

    def start(name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        if name == "t":
            pieces.clear()
        elif name in starts:
            starts[name](attributes)

    def end(name: str) -> None:
        """Handle the end of an element."""
        nonlocal text
        if name == "t":
            if not runs.in_phonetic:
                text = text + "".join(pieces) if text or len(pieces) != 1 else pieces[0]
        elif name == "si":
            if runs.found:
                found = rich[str(len(texts))] = runs.take()
                text = text_of(found) if any(run.level for run in found) else text
            texts.append(text)
            text = ""
        elif name in ends:
            ends[name](text)

    parse_rest(part, TEXTS, plain_text, texts.append, start, end, pieces.append, root="sst")
    decoded = [decode_escapes(text) if "_x" in text or "\r" in text else text for text in texts]
    return SharedTexts(dict(zip(_numbers(len(texts)), decoded, strict=False)), rich)


@lru_cache(maxsize=1)
def numbers_below_1000() -> Mapping[str, int]:
    """Return the numbers 0 to 999 by how programs write them."""
    return {str(n): n for n in range(1_000)}


def _numbers(count: int) -> Iterator[str]:
    """Return the first numbers as programs write them, and perhaps more."""
    first = numbers_below_1000()
    return chain(first, map(str, range(len(first), count)))
