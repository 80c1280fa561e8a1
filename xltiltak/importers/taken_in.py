"""Read the files that a Word document takes in as a part of its text (alternative chunks)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from xltiltak.importers.shown_text import ShownText, row_findings
from xltiltak.importers.source_lines import SourceCell, SourceLine, text_pages
from xltiltak.importers.web_page import WebBlock, WebCell, read_web_page
from xltiltak.model.errors import NotAWorkbook
from xltiltak.model.files import decode_text
from xltiltak.model.finding import Finding, Place
from xltiltak.model.language import translate

LinesAndFindings = tuple[tuple[SourceLine, ...], tuple[Finding, ...]]


class TakenInPart(NamedTuple):
    """A file in a document, by its content; `file` names both for the places of its lines."""

    content: bytes
    file: str
    language: str

    @property
    def kind(self) -> str:
        """Return what the file is: "docx", "mail", "html", "rtf" or "text"."""
        start = self.content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        if start.startswith(b"pk"):
            return "docx"
        if start.startswith((b"mime-version", b"from:", b"content-type")):
            return "mail"
        if start.startswith(b"{\\rtf"):
            return "rtf"
        return "html" if start.startswith(b"<") else "text"


def taken_in_lines(part: TakenInPart) -> LinesAndFindings:
    """Return the lines of a web page or a text, and what is not in them.

    Raises NotAWorkbook for every other file.
    """
    if part.kind == "mail":
        return taken_in_lines(part._replace(content=_page_in_mail(part.content)))
    if part.kind not in ("html", "text"):
        raise NotAWorkbook(part.kind)
    text = decode_text(part.content, part.file, errors="replace")
    if part.kind == "text":
        return text_pages(text, part.file, part.language)[0].lines, ()
    findings: list[Finding] = []
    page = read_web_page(text)
    lines = tuple(_web_lines(list(page.shown_blocks()), part, findings))
    if page.controls:
        quoted, reason = " · ".join(page.controls), "own_controls"
        findings.append(Finding.create("I101", Place(part.file), value=quoted, reason=reason))
    return lines, tuple(findings)


def _page_in_mail(content: bytes) -> bytes:
    """Return the web page in a file that keeps it with its pictures (.mht); "" without one."""
    from email import message_from_bytes

    for message in message_from_bytes(content).walk():
        if message.get_content_type() == "text/html":
            page = message.get_payload(decode=True)
            text = page.decode(message.get_content_charset() or "utf-8", "replace")  # type: ignore[union-attr]
            return text.encode()
    raise NotAWorkbook("unknown")


def _web_lines(
    blocks: list[WebBlock], part: TakenInPart, findings: list[Finding]
) -> Iterator[SourceLine]:
    """Yield the paragraphs and rows of a web page; add what is not taken from them."""
    tables = paragraphs = 0
    for block in blocks:
        tables += block.is_table
        paragraphs += not block.is_table
        above: dict[int, tuple[SourceCell, int]] = {}
        if caption := block.caption.shown.text.strip():
            place = Place(part.file, "", translate("import.table", part.language, table=tables))
            yield SourceLine({0: SourceCell(caption, place)}, is_caption=True)
        for number, row in enumerate(block.rows, 1):
            numbers = {"number": paragraphs, "table": tables, "row": number}
            name = "import.cell" if block.is_table else "import.paragraph"
            where = translate(name, part.language, column="{column}", **numbers)
            cells, shown = _web_row(row, above, Place(part.file, "", where))
            if block.is_table:
                findings += row_findings(shown)
            else:
                findings += shown[0][1].findings(shown[0][0], in_table=False)
            width = max(cells, default=-1) + 1
            yield SourceLine(cells, block.rank, tables * block.is_table, width, block.is_table)


def _web_row(
    row: list[WebCell], above: dict[int, tuple[SourceCell, int]], place: Place
) -> tuple[dict[int, SourceCell], list[tuple[Place, ShownText]]]:
    """Return the cells of a row by column, and what they show.

    `above` has for each column the cell that reaches down from the rows before, and how far.
    """
    cells: dict[int, SourceCell] = {}
    shown: list[tuple[Place, ShownText]] = []
    waiting = list(row)
    while waiting or len(cells) in above:
        col = len(cells)
        if col in above:
            cell, left = above.pop(col)
            cells[col] = replace(cell, copied="down")
            if left > 1:
                above[col] = (cell, left - 1)
            continue
        web = waiting.pop(0)
        at = place._replace(cell=place.cell.format(column=col + 1))
        shown.append((at, web.shown))
        cell = SourceCell(web.shown.text.strip(), at)
        for n in range(web.columns):
            cells[col + n] = replace(cell, copied="across") if n else cell
            if web.rows > 1:
                above[col + n] = (cell, web.rows - 1)
    return cells, shown
