"""Read what one paragraph of a Word document shows, sign by sign.

Text that is hidden, struck out or deleted is kept apart from the text that stands. What is no text
is named: pictures, charts, links, notes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar
from xml.etree.ElementTree import Element

from xltiltak.importers.shown_text import ShownLink, ShownObject, ShownText
from xltiltak.importers.symbol_fonts import is_symbol_font, sign_of
from xltiltak.importers.word_objects import links_in, objects_in, text_boxes
from xltiltak.importers.word_parts import W, WordPart, is_on, local_name, number_of, value_of
from xltiltak.importers.word_styles import PLAIN_TEXT, TextMarks, WordStyles
from xltiltak.xlsx.small_signs import in_small_signs

_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# Properties, and the marks of what is elsewhere:
_NO_TEXT = {"rPr", "pPr", "tblPr", "trPr", "tcPr", "sectPr", "sdtPr", "moveFrom", "rubyPr"}
_FIELD_WORDS = re.compile(r'"([^"]*)"|([^\s"]+)')
_WITH_ARGUMENT = ("\\l", "\\o", "\\t", "\\f", "\\s")  # switches of fields that a word belongs to
_BUTTONS = ("MACROBUTTON", "GOTOBUTTON")
_SHOWN_WITHOUT_RESULT = {"EQ", "LISTNUM", "AUTONUM", "AUTONUMLGL", "AUTONUMOUT", "BIDIOUTLINE"}
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
_NOTES["commentReference"] = "comments"
_WITH_OBJECTS = ("drawing", "pict", "object", "contentPart", "subDoc")
_CHECKED, _UNCHECKED = "☒", "☐"


@dataclass
class OpenField:
    """A field that is being read: its code so far, and the length of the text before it.

    `unseen` is text in its code, such as the result of a field that the code asks.
    """

    begin: Element
    start: int
    code: str = ""
    in_code: bool = True
    unseen: list[tuple[TextMarks, str]] = field(default_factory=list)


@dataclass
class ParagraphReader:
    """Reads one paragraph of a part. `marks` are those of the row that it stands in.

    `ground` is the colour of its cell, `is_pale` is True if the run can hardly be seen, and
    `position` says if its letters are small ones above or below the line.
    `boxes` are the text boxes that hang on the paragraph, `note_ids` the notes by kind and id.
    """

    part: WordPart
    styles: WordStyles
    paragraph: Element
    table_style: str = ""
    marks: TextMarks = PLAIN_TEXT
    shown: ShownText = field(default_factory=ShownText)
    boxes: list[Element] = field(default_factory=list)
    note_ids: list[tuple[str, str]] = field(default_factory=list)
    fields: list[OpenField] = field(default_factory=list)
    font: str = ""
    ground: str = ""
    is_pale: bool = False
    position: str = ""

    def read(self) -> ShownText:
        """Return what the paragraph shows."""
        self._children(self.paragraph)
        while self.fields:  # such a field ends in a later paragraph, or its end is missing
            unended = self.fields.pop()
            self._end_field(unended)
            for self.marks, text in unended.unseen:
                self._add(text)
        return self.shown

    def _children(self, element: Element) -> None:
        for child in element:
            name = local_name(child)
            if reader := self._readers.get(name):
                reader(self, child)
            elif name not in _NO_TEXT:
                self._children(child)

    def _add(self, text: str) -> None:
        """Add text to what stands, or to what does not."""
        asking = [each for each in self.fields if each.in_code]
        if asking:
            asking[0].unseen.append((self.marks, text))
        elif self.marks.is_hidden:
            self.shown.hidden += text
        elif self.marks.is_deleted:
            self.shown.deleted += text
        elif self.marks.is_struck:
            self.shown.struck += text
        else:
            self.shown.text += text
            self.shown.pale += text if self.is_pale else ""

    def _text(self, element: Element) -> None:
        """Read text; in a font of pictures each letter is a sign."""
        text = element.text or ""
        if not is_symbol_font(self.font):
            self._add(in_small_signs(text, self.position))
            return
        for letter in text:
            self._symbol(self.font, ord(letter), letter)

    def _symbol(self, font: str, number: int, letter: str = "") -> None:
        """Add the sign that a font of pictures shows; name one that is not known."""
        is_own = letter.isspace() or (number > 0xFF and not 0xF000 <= number <= 0xF0FF)
        if sign := letter if letter and is_own else sign_of(font, number):
            self._add(sign)
        else:
            self.shown.objects.append(ShownObject("symbol", f"{font} {number:04X}"))

    def _sign(self, element: Element) -> None:
        self._add(_SIGNS[local_name(element)])

    def _sym(self, element: Element) -> None:
        """Read a sign that is stored as the name of its font and its number."""
        number = value_of(element, "char") or ""
        is_number = re.fullmatch("[0-9A-Fa-f]{1,5}", number)
        font = (value_of(element, "font") or "").casefold()
        code = int(number, 16) if is_number else 0
        if is_symbol_font(font) or 0xD800 <= code < 0xF900 or not code:
            self._symbol(font, code)
        else:
            self._add(chr(code))

    def _run(self, run: Element) -> None:
        """Read a run with its marks; whatever it stands in goes on counting."""
        outer, outer_font, outer_position = self.marks, self.font, self.position
        own = self.styles.marks(run, self.paragraph, self.table_style)
        self.marks = TextMarks(*(a or b for a, b in zip(outer, own, strict=True)))
        self.font = self.styles.font(run, self.paragraph)
        self.position = _position_of(run) or outer_position
        self.is_pale = self.styles.is_pale(run, self.paragraph, self.table_style, self.ground)
        self._children(run)
        self.marks, self.font, self.position = outer, outer_font, outer_position
        self.is_pale = False

    def _deleted(self, element: Element) -> None:
        outer, self.marks = self.marks, self.marks._replace(is_deleted=True)
        self._children(element)
        self.marks = outer

    def _hyperlink(self, element: Element) -> None:
        """Read a link; one to a place in the document has no address."""
        start = len(self.shown.text)
        self._children(element)
        for link_id in element.attrib.values():
            link = self.part.links.get(link_id)
            if link and link.is_external:
                anchor = value_of(element, "anchor")
                address = f"{link.target}#{anchor}" if anchor else link.target
                self._add_link(start, address)
        self.part.told |= set(element.attrib.values())

    def _add_link(self, start: int, address: str) -> None:
        self.shown.links.append(ShownLink(self.shown.text[start:], address))

    def _simple_field(self, element: Element) -> None:
        start = len(self.shown.text)
        self._children(element)
        self._end_field(OpenField(element, start, value_of(element, "instr") or ""))

    def _field_mark(self, element: Element) -> None:
        """Follow the begin, the result and the end of a field; only its result is shown."""
        kind = value_of(element, "fldCharType")
        if kind == "begin":
            self.fields.append(OpenField(element, len(self.shown.text)))
        elif kind == "separate" and self.fields:
            self.fields[-1].in_code = False
        elif kind == "end" and self.fields:
            self._end_field(self.fields.pop())

    def _field_code(self, element: Element) -> None:
        if self.fields:
            self.fields[-1].code += element.text or ""

    def _end_field(self, done: OpenField) -> None:
        """Note the address of a link, or what a field shows that has no result as text."""
        words = [
            (quoted or bare).replace("\\\\", "\\")
            for quoted, bare in _FIELD_WORDS.findall(done.code)
        ]
        name = words[0].upper() if words else ""
        if name == "HYPERLINK":
            if address := _link_address(words[1:]):
                self._add_link(done.start, address)
        elif (data := done.begin.find(f"{W}ffData")) is not None:
            self._add(_form_answer(data))
        elif done.in_code:
            self._field_without_result(name, words, done.code)

    def _field_without_result(self, name: str, words: list[str], code: str) -> None:
        """Read a field that shows something without a result; name one that cannot be read."""
        if name in _BUTTONS:
            self._add(" ".join(words[2:]))
        elif name == "SYMBOL" and words[1:] and words[1].isdecimal() and len(words[1]) < 6:
            font = next((b for a, b in pairwise(words) if a == "\\f"), "").casefold()
            self._symbol(font, int(words[1]), "" if is_symbol_font(font) else chr(int(words[1])))
        elif name in _SHOWN_WITHOUT_RESULT:
            self.shown.objects.append(ShownObject("field", " ".join(code.split())))

    def _control(self, element: Element) -> None:
        """Read a content control; one that is a box to tick shows its state."""
        state = [e for e in element.iter() if local_name(e) == "checkbox"]
        if not state or any(local_name(e) == "p" for e in element.iter()):
            self._children(element)
            return
        is_checked = any(
            local_name(e) == "checked" and not {"0", "false"} & set(e.attrib.values())
            for e in state[0]
        )
        self._add(_CHECKED if is_checked else _UNCHECKED)

    def _ruby(self, element: Element) -> None:
        """Read a text with small letters above it; these come after it, in brackets."""
        for name, before, after in (("rubyBase", "", ""), ("rt", "(", ")")):
            for child in element.findall(f"{W}{name}"):
                self._add(before)
                self._children(child)
                self._add(after)

    def _note(self, element: Element) -> None:
        self.note_ids.append((_NOTES[local_name(element)], value_of(element, "id") or ""))

    def _objects(self, element: Element) -> None:
        """Name the pictures and other objects in an element; keep its text boxes."""
        self.boxes += text_boxes(element)
        self.shown.objects += objects_in(element, self.part)
        self.shown.links += links_in(element, self.part)
        self.part.tell(element)

    def _box(self, element: Element) -> None:
        self.boxes.append(element)

    def _fraction(self, element: Element) -> None:
        """Read a fraction in a formula on one line."""
        for at, child in enumerate(c for c in element if local_name(c) in ("num", "den")):
            self._add("/" if at else "")
            self._children(child)

    def _raised(self, element: Element) -> None:
        """Read an exponent in a formula."""
        start = len(self.shown.text)
        outer, self.position = self.position, "superscript"
        self._children(element)
        self.position = outer
        added = self.shown.text[start:]
        if any(sign.isascii() and sign.isalnum() for sign in added):
            self.shown.text = f"{self.shown.text[:start]}^{added}"

    def _lowered(self, element: Element) -> None:
        outer, self.position = self.position, "subscript"
        self._children(element)
        self.position = outer

    def _root(self, element: Element) -> None:
        """Read a root in a formula."""
        for child in element:
            if local_name(child) == "deg":
                self._raised(child)
        self._add("√(")
        for child in element:
            if local_name(child) == "e":
                self._children(child)
        self._add(")")

    def _large_sign(self, element: Element) -> None:
        """Read a sum or an integral in a formula."""
        signs = (e for e in element.iter() if local_name(e) == "chr")
        self._add(next((v for e in signs for v in e.attrib.values()), "∫"))
        self._children(element)

    def _matrix(self, element: Element) -> None:
        """Read a matrix in a formula: its rows are parted by semicolons."""
        for row_number, row in enumerate(e for e in element if local_name(e) == "mr"):
            for column, child in enumerate(row):
                self._add(" " if column else "; " if row_number else "")
                self._children(child)

    def _bracket(self, element: Element) -> None:
        """Read what a formula has in brackets."""
        signs = {local_name(e): [*e.attrib.values(), ""][0] for e in element.iter()}
        self._add(signs.get("begChr", "("))
        self._children(element)
        self._add(signs.get("endChr", ")"))

    _readers: ClassVar[dict[str, Callable[[ParagraphReader, Element], None]]] = {
        "t": _text,
        "delText": _text,
        **dict.fromkeys(_SIGNS, _sign),
        "sym": _sym,
        "r": _run,
        "del": _deleted,
        "hyperlink": _hyperlink,
        "fldSimple": _simple_field,
        "fldChar": _field_mark,
        "instrText": _field_code,
        "delInstrText": _field_code,
        "sdt": _control,
        "ruby": _ruby,
        **dict.fromkeys(_NOTES, _note),
        **dict.fromkeys(("drawing", "pict", "object", "contentPart", "subDoc"), _objects),
        "txbxContent": _box,
        "f": _fraction,
        "sup": _raised,
        "sub": _lowered,
        "rad": _root,
        "nary": _large_sign,
        "m": _matrix,
        "d": _bracket,
    }


def _position_of(run: Element) -> str:
    """Return "superscript" or "subscript" for letters above or below the line, else ""."""
    if position := value_of(run.find(f"{W}rPr/{W}vertAlign")):
        return position
    raised = value_of(run.find(f"{W}rPr/{W}position")) or "0"  # as LibreOffice writes it
    if raised.removeprefix("-").strip("0") == "":
        return ""
    return "subscript" if raised.startswith("-") else "superscript"


def _link_address(words: list[str]) -> str:
    """Return the address in the code of a link, with the place in it; "" without an address."""
    address, place, switch = "", "", ""
    for word in words:
        if switch in _WITH_ARGUMENT:
            place = word if switch == "\\l" else place
            switch = ""
        elif word.startswith("\\") and len(word) == 2:
            switch = word.lower()
        else:
            address = address or word
            switch = ""
    return f"{address}#{place}" if address and place else address


def _form_answer(data: Element) -> str:
    """Return what a field of an old form shows, apart from its text: a box, or a choice."""
    box, choices = data.find(f"{W}checkBox"), data.find(f"{W}ddList")
    if box is not None:
        state = next(
            (s for n in ("checked", "default") if (s := box.find(f"{W}{n}")) is not None), None
        )
        return _CHECKED if is_on(state) else _UNCHECKED
    if choices is None:
        return ""
    entries = [value_of(entry) or "" for entry in choices.findall(f"{W}listEntry")]
    chosen = choices.find(f"{W}result")
    at = number_of(chosen if chosen is not None else choices.find(f"{W}default"))
    return entries[at] if at < len(entries) else ""
