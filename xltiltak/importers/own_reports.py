"""Leave out of our own published reports what only counts or repeats the measures.

A published report has a first page, lists and figures around the chapters of its areas, and above
the measures of each area sentences with their figures. A published workbook has an overview and
other sheets around those of its areas. Each is quoted by a finding; the measures are what is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from xltiltak.importers.labels import normalize_label
from xltiltak.importers.source_lines import SourceLine, SourcePage
from xltiltak.model.finding import Finding
from xltiltak.model.language import LANGUAGES, translate

_FRONT = ("report.areas", "report.whole")  # each published report has one before its chapters
_SECTIONS = (
    *_FRONT,
    "report.late",
    "report.fell",
    "report.stands",
    "report.finished",
    "report.figures",
    "report.figures_of_whole",
    "report.intro",
    "report.references",
    "book.amounts",
    "book.findings",
)
_BULLET = "•"
_CONTINUED = "sheet.continued"  # beside the first row of a text on another page
_PHRASES = (  # in the chapters; each begins a line
    "report.area_moved",
    "report.few_answered",
    "report.silent_area",
)
_BETWEEN_FACTS = "  ·  "
_SIGN_OR_COUNT = re.compile(r"^[^\w]+|[:\s]*\d+$")
_PLACE_IN_PHRASE = re.compile(r"\\\{\w+(?::[^{}]*)?\\\}")


def without_own_summaries(pages: Sequence[SourcePage]) -> tuple[SourcePage, ...]:
    """Return the pages of a source; those of our own report without what is no measure."""
    has_area_sheets = any(page.has_row_keys for page in pages)
    return tuple(
        _quoted_only(page) if has_area_sheets and not page.has_row_keys else _chapters_only(page)
        for page in map(_without_continued_labels, pages)
    )


def _without_continued_labels(page: SourcePage) -> SourcePage:
    """Return a page whose parts of texts have no label of ours that says that the text goes on.

    Nor has a list without an item the sign of one.
    """
    if not page.has_row_keys:
        return page
    return replace(page, lines=tuple(map(_without_own_signs, page.lines)))


def _without_own_signs(line: SourceLine) -> SourceLine:
    """Return a row without a label that says that a text goes on, and without a sign alone."""
    cells = dict(line.cells)
    if line.key == "part":
        cells = {c: cell for c, cell in cells.items() if not _goes_on(cell.text)}
    if cells and cells[last := max(cells)].text.strip() == _BULLET:
        del cells[last]
    return replace(line, cells=cells) if len(cells) < len(line.cells) else line


def _goes_on(text: str) -> bool:
    return text.endswith(tuple(f", {translate(_CONTINUED, language)}" for language in LANGUAGES))


def _quoted_only(page: SourcePage) -> SourcePage:
    """Return a sheet without its lines; a finding quotes them."""
    return replace(page, lines=(), findings=(*page.findings, *_summary(page.filled_lines())))


def _chapters_only(page: SourcePage) -> SourcePage:
    """Return a page without our own sections that are no chapters, and our sentences in these."""
    lines = page.filled_lines()
    front = next((n for n, line in enumerate(lines) if _is_titled(line, _FRONT)), None)
    if front is None:
        return page
    kept: list[SourceLine] = []
    findings: list[Finding] = []
    section, rank = lines[:front], lines[front].rank
    for line in lines[front:]:
        is_at_end = not section or 0 < line.rank <= rank
        if not is_at_end:
            section.append(line)
            continue
        findings += _summary(section)
        section = []
        if _is_titled(line, _SECTIONS):
            section, rank = [line], line.rank
        elif line.is_caption or _is_facts(line) or _own_phrases().match(normalize_label(line.text)):
            findings += _summary([line])
        else:
            kept.append(_without_missing_answers(line))
    findings += _summary(section)
    return replace(page, lines=tuple(kept), findings=(*page.findings, *findings))


def _without_missing_answers(line: SourceLine) -> SourceLine:
    """Return a row without the cells that say that nobody has answered."""
    words = _in_all_languages("report.unanswered") | _in_all_languages("term.unanswered")
    kept = {c: cell for c, cell in line.cells.items() if normalize_label(cell.text) not in words}
    return replace(line, cells=kept) if len(kept) < len(line.cells) else line


def _summary(lines: Sequence[SourceLine]) -> Iterator[Finding]:
    """Yield the finding that quotes these lines, if there are any."""
    if lines:
        text = "\n".join(line.text for line in lines)
        yield Finding.create("I101", lines[0].place, value=text, reason="own_summary")


def _is_facts(line: SourceLine) -> bool:
    """Return True for our line with the figures of a group, each after its label."""
    facts = line.text.split(_BETWEEN_FACTS)
    return len(facts) > 1 and all(": " in fact for fact in facts)


def _is_titled(line: SourceLine, keys: Sequence[str]) -> bool:
    """Return True for a heading with one of these texts of ours, in any language.

    It may have a sign before it and a count behind it.
    """
    title = normalize_label(_SIGN_OR_COUNT.sub("", line.text))
    return line.rank > 0 and any(title in _in_all_languages(key) for key in keys)


@cache
def _in_all_languages(key: str) -> frozenset[str]:
    return frozenset(normalize_label(translate(key, language)) for language in LANGUAGES)


@cache
def _own_phrases() -> re.Pattern[str]:
    """Return the pattern of the beginning of a line that is one of our sentences."""
    texts = [normalize_label(translate(key, lang)) for key in _PHRASES for lang in LANGUAGES]
    patterns = [_PLACE_IN_PHRASE.sub(".+?", re.escape(text)) for text in texts]
    labels = [f"{re.escape(text)}  " for text in _in_all_languages("report.scale")]
    unanswered = [f"(?:– )?{re.escape(text)}$" for text in _in_all_languages("term.unanswered")]
    return re.compile("|".join(("← ", *patterns, *labels, *unanswered)))
