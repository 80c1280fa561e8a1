"""Read texts of cells: escapes are decoded, runs are joined, and struck words are set apart.

A text in several formats consists of runs. What is pronounced (phonetic text) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from xltiltak.xlsx.markup import parse_xml

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BETWEEN_STRUCK = " … "  # between struck words that do not stand together


class Run(NamedTuple):
    """A piece of a text in one format; `is_struck` is None if the style of the cell decides."""

    text: str
    is_struck: bool | None


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

    def add(self, text: str, runs: tuple[Run, ...]) -> None:
        """Add the next text."""
        number = str(len(self.by_number))
        self.by_number[number] = decode_escapes(text) if "_x" in text or "\r" in text else text
        if runs:
            self.runs[number] = runs


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


def split_struck(runs: Sequence[Run], *, in_struck_cell: bool) -> StruckText:
    """Return what stands in a text and what is struck out."""
    standing, struck = "", ""
    was_struck = False
    for text, is_struck in runs:
        if in_struck_cell if is_struck is None else is_struck:
            struck += text if was_struck or not struck else _BETWEEN_STRUCK + text
            was_struck = True
        else:
            is_doubled = was_struck and standing[-1:].isspace() and text[:1].isspace()
            standing += text[1:] if is_doubled else text
            was_struck = was_struck and not text.strip()
    return StruckText(decode_escapes(standing).strip(), decode_escapes(struck).strip())


class RunCollector:
    """Collects the runs of a text while expat parses it; `texts` are its pieces so far.

    `starts` and `ends` are its handlers by the name of the element.
    """

    def __init__(self, texts: list[str]) -> None:
        self.in_phonetic = False  # inside text that is left out
        self.starts: dict[str, Callable[[dict[str, str]], None]] = {
            "r": self._start_run,
            "rPr": self._start_properties,
            "strike": self._strike,
            "rPh": self._start_phonetic,
        }
        self.ends: dict[str, Callable[[str], None]] = {
            "r": self._end_run,
            "rPh": self._end_phonetic,
        }
        self._texts, self._runs = texts, list[Run]()
        self._before = 0  # texts before the open run
        self._is_struck: bool | None = None

    def take(self) -> tuple[Run, ...]:
        """Return the runs so far, and begin anew."""
        runs = tuple(self._runs)
        self._runs.clear()
        return runs

    def _start_run(self, _: dict[str, str]) -> None:
        self._before, self._is_struck = len(self._texts), None

    def _start_properties(self, _: dict[str, str]) -> None:
        self._is_struck = False

    def _strike(self, attributes: dict[str, str]) -> None:
        self._is_struck = is_on(attributes)

    def _end_run(self, _: str) -> None:
        self._runs.append(Run("".join(self._texts[self._before :]), self._is_struck))

    def _start_phonetic(self, _: dict[str, str]) -> None:
        self.in_phonetic = True

    def _end_phonetic(self, _: str) -> None:
        self.in_phonetic = False


def shared_texts(part: bytes) -> SharedTexts:
    """Return the texts of the part of shared texts."""
    found, pieces, texts = SharedTexts(), list[str](), list[str]()
    runs = RunCollector(texts)
    starts, ends = runs.starts, runs.ends

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "t":
            pieces.clear()
        elif name in starts:
            starts[name](attributes)

    def end(name: str) -> None:
        if name == "t":
            if not runs.in_phonetic:
                texts.append(pieces[0] if len(pieces) == 1 else "".join(pieces))
        elif name == "si":
            found.add(texts[0] if len(texts) == 1 else "".join(texts), runs.take())
            texts.clear()
        elif name in ends:
            ends[name]("")

    parse_xml(part, start, end, pieces.append, root="sst")
    return found
