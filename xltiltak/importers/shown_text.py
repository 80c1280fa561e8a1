"""What a person sees in a place of a source, and the findings about what is not taken from it.

The readers of Word documents, of web pages inside them and of workbooks all say it in these words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from xltiltak.model.finding import Finding, Place

_WITH_CONTENT = {"workbook", "embedded", "taken_in", "subdocument"}
_WITHOUT_CONTENT = {"shape", "unticked", "not_chosen", "unreached", "missing", "filter"}
_OWN_ADDRESS = ("mailto:", "tel:", "https://", "http://")


class ShownObject(NamedTuple):
    """Something that is no text: `kind` is the end of the key of its name in words.

    `detail` is its alternative text, its title, or what program made it.
    """

    kind: str
    detail: str = ""


# What hangs on a place or stands beside the text of a source.
NoteKind = Literal["comment", "covered", "text_box", "footnote", "endnote", "page_text", "contents"]


class ShownLink(NamedTuple):
    """A link: its text and the address that it leads to."""

    text: str
    address: str

    @property
    def shows_address(self) -> bool:
        """Return True if the text is the address, so that nothing is lost without the link."""
        return _bare(self.text) == _bare(self.address)


@dataclass
class ShownText:
    """The text of a paragraph or cell that stands, and what stands in the same place beside it.

    `number` is what a list puts before the text; `is_number` is True if that is all the text.
    `struck`, `hidden` and `deleted` are texts that do not stand; `pale` are words of the text that
    can hardly be seen. `notes` are texts that hang on the place, each after its kind.
    """

    text: str = ""
    number: str = ""
    is_number: bool = False
    struck: str = ""
    hidden: str = ""
    deleted: str = ""
    pale: str = ""
    links: list[ShownLink] = field(default_factory=list)
    objects: list[ShownObject] = field(default_factory=list)
    notes: list[tuple[NoteKind, str]] = field(default_factory=list)

    def add(self, other: ShownText, between: str) -> None:
        """Add what stands in the same cell below this."""
        self.is_number = (self.is_number or other.is_number) and not (self.text and other.text)
        self.text = between.join(filter(None, (self.text, other.text)))
        self.struck = between.join(filter(None, (self.struck, other.struck)))
        self.hidden = between.join(filter(None, (self.hidden, other.hidden)))
        self.deleted = between.join(filter(None, (self.deleted, other.deleted)))
        self.pale = between.join(filter(None, (self.pale, other.pale)))
        self.links += other.links
        self.objects += other.objects
        self.notes += other.notes

    @property
    def is_struck(self) -> bool:
        """Return True if all its text is struck out."""
        return bool(self.struck.strip()) and not self.text.strip()

    def findings(self, place: Place, *, in_table: bool) -> Iterator[Finding]:
        """Yield what is not taken from this place, apart from the text that stands."""
        if self.struck.strip():
            yield Finding.create(
                "I112",
                place,
                reason="source_struck_cell"
                if self.is_struck and in_table
                else "source_struck_words",
                value=_quote(self.struck),
            )
        if self.deleted.strip():
            finding = Finding.create(
                "I112", place, reason="source_struck_revision", value=_quote(self.deleted)
            )
            yield finding.with_severity("note")
        yield from self.findings_beside(place, in_table=in_table)

    def findings_beside(self, place: Place, *, in_table: bool) -> Iterator[Finding]:
        """Yield what is not taken from this place and is not struck out."""
        if self.hidden.strip():
            yield hidden_text(place, self.hidden)
        if self.pale.strip():
            finding = Finding.create("I110", place, reason="pale_text", value=_quote(self.pale))
            yield finding.with_severity("warning")
        for kind, text in self.notes:
            finding = note_finding(place, kind, text)
            is_warning = in_table and kind == "text_box"
            yield finding.with_severity("warning") if is_warning else finding
        for link in self.links:
            if not link.shows_address:
                yield link_finding(place, link)
        for shown in self.objects:
            yield object_finding(place, shown, in_table=in_table)


def note_finding(place: Place, kind: NoteKind, text: str) -> Finding:
    """Return the finding that quotes what stands beside the text of a source."""
    return Finding.create("I101", place, reason=f"beside_{kind}", value=_quote(text))


def hidden_text(place: Place, text: str) -> Finding:
    """Return the finding about hidden text: it is quoted, but never taken."""
    finding = Finding.create("I110", place, reason="hidden_text", value=_quote(text))
    return finding.with_severity("warning")


def link_finding(place: Place, link: ShownLink) -> Finding:
    """Return the finding about a link, whose address no cell of a plan can hold beside its text."""
    return Finding.create("I114", place, value=_quote(link.text) or "–", address=link.address)


def object_finding(place: Place, shown: ShownObject, *, in_table: bool) -> Finding:
    """Return the finding about an object; a picture outside tables is a note."""
    kind, detail = shown.kind, _quote(shown.detail)
    finding = Finding.create(
        "I113",
        place,
        reason=f"object_{kind}_named" if detail else f"object_{kind}",
        value=detail,
    )
    counts = shown.kind in _WITH_CONTENT or (in_table and shown.kind not in _WITHOUT_CONTENT)
    return finding if counts else finding.with_severity("note")


def row_struck(place: Place, texts: Iterable[str]) -> Finding:
    """Return the finding about a row whose texts are all struck out: it is not taken."""
    quoted = " · ".join(map(_quote, filter(str.strip, texts)))
    return Finding.create("I112", place, reason="source_struck_row", value=quoted)


def row_findings(cells: list[tuple[Place, ShownText]]) -> Iterator[Finding]:
    """Yield what is not taken from the cells of a row; one that does not stand as a whole once."""
    filled = _filled(cells)
    is_struck = is_struck_row(cells)
    hidden = [(place, shown) for place, shown in cells if shown.hidden.strip()]
    if is_struck:
        yield row_struck(filled[0][0], (shown.struck for _, shown in filled))
    if len(hidden) > 1 and not filled:
        yield hidden_text(hidden[0][0], " · ".join(shown.hidden for _, shown in hidden))
        for _, shown in hidden:
            shown.hidden = ""
    for place, shown in cells:
        find = shown.findings_beside if is_struck else shown.findings
        yield from find(place, in_table=True)


def is_struck_row(cells: Iterable[tuple[Place, ShownText]]) -> bool:
    """Return True if all texts of a row are struck out; a number of a list is no text."""
    filled = _filled(cells)
    return len(filled) > 1 and all(shown.is_struck for _, shown in filled)


def _filled(cells: Iterable[tuple[Place, ShownText]]) -> list[tuple[Place, ShownText]]:
    """Return the cells of a row with a text that stands or is struck out."""
    found = [(place, shown) for place, shown in cells if shown.text.strip() or shown.is_struck]
    return [(place, shown) for place, shown in found if not shown.is_number]


def _quote(text: str) -> str:
    """Return a text in one line."""
    return " ".join(text.split())


def _bare(address: str) -> str:
    """Return an address as people write it."""
    address = address.strip().casefold()
    for prefix in _OWN_ADDRESS:
        address = address.removeprefix(prefix)
    return address.rstrip("/")
