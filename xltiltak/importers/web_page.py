"""Read a web page that a Word document has taken in, as paragraphs and tables.

Word shows such a part as its own text. Nothing in it is run or fetched.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from xltiltak.importers.shown_text import ShownLink, ShownObject, ShownText
from xltiltak.xlsx.small_signs import in_small_signs

_NEW_PARAGRAPH = {"p", "div", "li", "ul", "ol", "section", "article", "header", "footer", "table"}
_NEW_PARAGRAPH |= {"blockquote", "pre", "hr", "address", "center", "main", "footer", "nav", "form"}
_NEW_PARAGRAPH |= {"figure", "figcaption", "fieldset", "legend", "details", "summary", "dialog"}
_AS_TABLE = {"dl": "table", "dt": "td", "dd": "td"}  # a list of terms is a table of two columns
# Classes of what our own pages hide: controls, and drawings and words for a narrow window.
_CONTROLS = frozenset({"filter", "chosen", "nothing", "notice", "narrow", "key"})
_FACTS = "facts"  # the class of a list of terms that our own pages have as one line
_BLOCK = re.compile(r"display\s*:\s*(?:block|flex|grid)\b", re.IGNORECASE)
_HEADING = re.compile(r"h([1-6])")
_NOT_SHOWN = {"script", "style", "head", "template", "title"}
_STRUCK = {"s", "strike", "del"}
_WITHOUT_END = {"br", "img", "hr", "input", "meta", "link", "col", "wbr", "area", "base"}
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)
_STRIKING = re.compile(r"line-through", re.IGNORECASE)
_WHITE = re.compile(r"(?<![-\w])color\s*:\s*(?:white|#fff(?:fff)?)\b", re.IGNORECASE)
_WHITE_FONT = re.compile(r"white|#?ffffff|#fff", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
# Rules for paper or a narrow screen only:
_SOME_MEDIA = re.compile(r"@media(?!\s+(?:screen|all)\s*\{)[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_PILCROW = "¶"  # the link to a heading, beside it; no part of its text
_MOST_RULES = 2_000  # of a style sheet; the rest has no effect
_MOST_SPANNED, _DEEPEST = 256, 200  # deeper elements have no effect
# What an element does to its text:
_NONE, _HIDDEN, _OUT, _PALE = "#not shown", "#hidden", "#struck", "#pale"
_CONTROL = "#control"  # hidden by our own page, until its script has started or for good
_SMALL = {"sup": "superscript", "sub": "subscript"}
# What ends where another element begins:
_ENDS = (
    (("td", "th"), ("td", "th", "p", "li")),
    (("tr",), ("td", "th", "tr", "p", "li")),
    (("li",), ("li", "p")),
    ((*_NEW_PARAGRAPH, "h1", "h2", "h3", "h4", "h5", "h6"), ("p",)),
)


@dataclass
class WebCell:
    """A cell of a table in a web page; a paragraph outside tables is one alone."""

    shown: ShownText = field(default_factory=ShownText)
    columns: int = 1
    rows: int = 1


@dataclass
class WebBlock:
    """A paragraph or a table of a web page: its rows, and its rank if it is a heading.

    A table may have a caption.
    """

    rows: list[list[WebCell]]
    is_table: bool = False
    rank: int = 0
    caption: WebCell = field(default_factory=WebCell)


class WebPage(HTMLParser):
    """The blocks of a web page, after `feed` and `close`. A table in a cell is a part of its text.

    `open_tags` are the elements around the text that is read, each with what it does to it;
    `counts` says how often each name and each effect is among them.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[WebBlock] = []
        self.open_tags: list[tuple[str, str]] = []
        self.counts: Counter[str] = Counter()
        self.tables: list[WebBlock] = []
        self.links: list[tuple[str, int]] = []
        self.in_facts = False
        self.controls: list[str] = []  # the texts of the controls of our own page
        self.rules: dict[str, str] = {}  # the declarations of a style sheet by ".name" or "name"

    def shown_blocks(self) -> Iterator[WebBlock]:
        """Yield the blocks that have something to show."""
        for block in self.blocks:
            cells = [block.caption, *(cell for row in block.rows for cell in row)]
            if any(vars(cell.shown) != vars(ShownText()) for cell in cells):
                yield block

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        given = {name: value or "" for name, value in attrs}
        if self._is_in_facts(tag, given):
            return
        if tag == "dt":
            self.handle_starttag("tr", [])
        tag = _AS_TABLE.get(tag, tag)
        self._close_before(tag)
        self._open(tag, given)
        if tag not in _WITHOUT_END and len(self.open_tags) < _DEEPEST:
            self.open_tags.append((tag, _effect(tag, given, self._style_of(tag, given))))
            self.counts.update(self.open_tags[-1])

    def _is_in_facts(self, tag: str, given: dict[str, str]) -> bool:
        """Return True in a list of figures that is one line, and add what parts its texts."""
        if tag == "dl" and given.get("class") == _FACTS:
            self.in_facts = True
            self._new_paragraph("")
        if self.in_facts:
            self._add({"dt": "  ·  " if self._shown().text else "", "dd": ": "}.get(tag, ""))
        return self.in_facts

    def _open(self, tag: str, given: dict[str, str]) -> None:
        """Begin a table, a paragraph or a line, or add what an element shows itself."""
        if tag in ("table", "tr", "td", "th"):
            self._open_in_table(tag, given)
        elif tag in _NEW_PARAGRAPH or _HEADING.fullmatch(tag):
            self._new_paragraph(tag)
        elif tag == "br":
            self._add("\n")
        elif tag == "img":
            self._shown().objects.append(ShownObject("picture", given.get("alt", "")))
        elif tag == "input" and given.get("type") == "checkbox":
            self._add("☒" if "checked" in given else "☐")
        elif tag == "input" and given.get("type", "text") == "text":
            self._add(given.get("value", ""))
        elif tag == "a" and given.get("href", "#")[:1] != "#":
            self.links.append((given["href"], len(self._shown().text)))
        elif _BLOCK.search(self._style_of(tag, given)) and self._can_continue():
            self._add("\n" if self._shown().text else "")

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and those inside it that nobody closed."""
        if self.in_facts:
            self.in_facts = tag != "dl"
            if not self.in_facts:
                self._new_paragraph("")
            return
        tag = _AS_TABLE.get(tag, tag)
        if not self.counts[tag]:
            return
        self._close(tag)
        if tag == "a" and self.links:
            address, start = self.links.pop()
            shown = self._shown()
            shown.links.append(ShownLink(shown.text[start:].strip(), address))
        elif tag == "table" and self.tables:
            self.tables.pop()
        elif not self.tables and tag in _NEW_PARAGRAPH:
            self._new_paragraph("")

    def _close(self, tag: str) -> None:
        """Close the last element of this name, and those inside it that nobody closed."""
        closed = ""
        while closed != tag:
            self.counts.subtract(self.open_tags[-1])
            closed = self.open_tags.pop()[0]

    def _close_before(self, tag: str) -> None:
        """Close what ends where this element begins, as a row where the next one begins."""
        ends = next((ends for tags, ends in _ENDS if tag in tags), ())
        while name := self._open_among(ends):
            self._close(name)

    def _open_among(self, names: tuple[str, ...]) -> str:
        """Return the last open element of these names, not one around the open table."""
        if any(self.counts[name] for name in names):
            for name, _ in reversed(self.open_tags):
                if name in names:
                    return name
                if name == "table":
                    break
        return ""

    def handle_data(self, data: str) -> None:
        """Read text; white space in it is one space."""
        if data == _PILCROW:
            return
        if self.open_tags and self.open_tags[-1][0] == "style":
            self._read_rules(data)
            return
        text = re.sub(r"[ \t\r\n\f]+", " ", data)
        if text.strip() or (self._can_continue() and self._shown().text[-1:].strip()):
            self._add(text)

    def _read_rules(self, sheet: str) -> None:
        """Keep the rules of a style sheet that name elements or classes alone."""
        for names, declarations in _RULE.findall(_SOME_MEDIA.sub("", sheet))[:_MOST_RULES]:
            for name in map(str.lower, map(str.strip, names.split(","))):
                self.rules[name] = f"{self.rules.get(name, '')};{declarations}"

    def _style_of(self, tag: str, given: dict[str, str]) -> str:
        """Return the declarations that count for an element, its own ones last."""
        classes = given.get("class", "").lower().split()
        names = [tag, *(f"{of}.{name}" for name in classes for of in ("", tag))]
        names += [f"#{given['id'].lower()}"] if "id" in given else []
        return ";".join((*(self.rules.get(name, "") for name in names), given.get("style", "")))

    def _can_continue(self) -> bool:
        return bool(self.tables or self.blocks)

    def _add(self, text: str) -> None:
        """Add text to what stands, or to what does not."""
        if self.counts[_NONE]:
            return
        if self.counts[_CONTROL]:
            self.controls += [text.strip()] if text.strip() else []
            return
        shown = self._shown()
        small = next((_SMALL[tag] for tag in _SMALL if self.counts[tag]), "")
        text = in_small_signs(text, small)
        if self.counts[_HIDDEN]:
            shown.hidden += text
        elif self.counts[_OUT]:
            shown.struck += text
        else:
            shown.text += text
            shown.pale += text if self.counts[_PALE] else ""

    def _open_in_table(self, tag: str, given: dict[str, str]) -> None:
        """Open a table, a row or a cell; those of a table in a cell only part its texts."""
        depth = self.counts["table"]
        if depth > (tag != "table"):
            self._add("\n" if tag == "tr" else " ")
        elif tag == "table":
            self.blocks.append(WebBlock([], is_table=True))
            self.tables.append(self.blocks[-1])
        elif self.tables and tag == "tr":
            self.tables[-1].rows.append([])
        elif self.tables:
            self.tables[-1].rows = self.tables[-1].rows or [[]]
            spans = (_span(given.get(name, "")) for name in ("colspan", "rowspan"))
            self.tables[-1].rows[-1].append(WebCell(ShownText(), *spans))

    def _new_paragraph(self, tag: str) -> None:
        """Begin a paragraph; in a cell it is a new line."""
        if self.tables:
            self._add("\n" if self._shown().text else "")
            return
        heading = _HEADING.fullmatch(tag)
        self.blocks.append(WebBlock([[WebCell()]], rank=int(heading[1]) if heading else 0))

    def _shown(self) -> ShownText:
        """Return what the text that is read belongs to."""
        if self.tables and self._open_among(("caption", "table")) == "caption":
            return self.tables[-1].caption.shown
        if self.tables and self.tables[-1].rows and self.tables[-1].rows[-1]:
            return self.tables[-1].rows[-1][-1].shown
        if not self.blocks or self.blocks[-1].is_table:
            self.blocks.append(WebBlock([[WebCell()]]))
        return self.blocks[-1].rows[-1][-1].shown


def _effect(tag: str, given: dict[str, str], style: str) -> str:
    """Return what an element with these declarations does to its text."""
    if tag in _NOT_SHOWN:
        return _NONE
    if "hidden" in given or _HIDING.search(style):
        return _CONTROL if _CONTROLS.intersection(given.get("class", "").split()) else _HIDDEN
    if tag in _STRUCK or _STRIKING.search(style):
        return _OUT
    is_white = _WHITE.search(style) or _WHITE_FONT.fullmatch(given.get("color", ""))
    return _PALE if is_white and "background" not in style and "bgcolor" not in given else ""


def _span(text: str) -> int:
    return min(max(int(text), 1), _MOST_SPANNED) if text.isdecimal() and len(text) < 4 else 1


def read_web_page(text: str) -> WebPage:
    """Return a web page with its paragraphs and tables."""
    page = WebPage()
    page.feed(text)
    page.close()
    return page
