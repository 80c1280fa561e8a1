"""Read a text in Markdown as a page of lines, as a program that renders it shows it."""

from __future__ import annotations

import re

from xltiltak.importers.shown_text import ShownLink, ShownText, row_findings
from xltiltak.importers.source_lines import SourceCell, SourceLine, SourcePage
from xltiltak.model.finding import Finding, Place
from xltiltak.model.language import translate

_RULE = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?\|?\s*")
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
_DELIMITER = re.compile(r"(?<!\\)\|")
_LINK = re.compile(r"!?\[([^\]]*)\]\(<?([^)\s>]+)>?[^)]*\)")
_STRUCK = re.compile(r"~~(.+?)~~")
_EMPHASIS = re.compile(r"(\*\*|__|\*|(?<!\w)_)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|~-])")
_LINE_END = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)


def markdown_pages(text: str, file: str, language: str) -> tuple[SourcePage, ...]:
    """Return a text as one page. The place of a line is its number, in words of `language`."""
    lines: list[SourceLine] = []
    findings: list[Finding] = []
    table, was_row, close = 0, False, False
    for number, written in enumerate(text.splitlines(), 1):
        if not written.strip() or _RULE.fullmatch(written):
            close = close and bool(written.strip())
            continue
        is_row = bool(_DELIMITER.search(written.strip()))
        table += int(is_row and not (was_row and close))
        place = Place(file, "", translate("import.line", language, number=number))
        heading = _HEADING.fullmatch(written.strip())
        parts = _parts(written) if is_row else [heading[2] if heading else written]
        shown = [_shown(part) for part in parts]
        if is_row:
            findings += row_findings([(place, each) for each in shown])
        else:
            findings += shown[0].findings(place, in_table=False)
        cells = {
            col: SourceCell(each.text, place) for col, each in enumerate(shown) if each.text.strip()
        }
        rank = len(heading[1]) if heading else 0
        lines.append(SourceLine(cells, rank, table * is_row, len(parts), close))
        was_row, close = is_row, True
    return (SourcePage(tuple(lines), findings=tuple(findings)),)


def _parts(row: str) -> list[str]:
    """Return the cells of a row of a table."""
    parts = _DELIMITER.split(row.strip())
    begin = 0 if parts[0].strip() else 1
    end = len(parts) if parts[-1].strip() else len(parts) - 1
    return [part.strip() for part in parts[begin:end]]


def _shown(written: str) -> ShownText:
    """Return what a reader sees of a text: no signs of emphasis, links by their text."""
    struck = " ".join(found[1] for found in _STRUCK.finditer(written))
    standing = _STRUCK.sub("", written)
    links = [ShownLink(link[1], link[2]) for link in _LINK.finditer(standing)]
    text = _LINK.sub(lambda link: link[1], standing)
    for _ in range(2):  # one kind of emphasis may stand in another
        text = _EMPHASIS.sub(lambda found: found[2], text)
    text = _LINE_END.sub("\n", text)
    return ShownText(_ESCAPED.sub(r"\1", text).strip(), struck=struck, links=links)
