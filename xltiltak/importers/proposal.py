"""Propose a template from a table that somebody has: levels, fields, kinds, choices, title.

`propose` works everything out. What it cannot know is guessed and can be answered by the user, as
`Choices`: which column names the measures, which ones group them, which are filled in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xltiltak.importers.import_flow import common_beginning, read_pages
from xltiltak.importers.proposed_columns import (
    ProposedColumn,
    is_input_column,
    is_number_column,
    proposed_columns,
)
from xltiltak.importers.source_cards import SourceCards, cards_in
from xltiltak.importers.source_lines import SourceLine, SourcePage
from xltiltak.importers.source_tables import SourceTable, main_tables
from xltiltak.importers.table_parts import listed_steps
from xltiltak.importers.workbook_looks import SheetLooks, workbook_looks
from xltiltak.model import files
from xltiltak.model.errors import PlanError
from xltiltak.model.language import LANGUAGES, preferred_language, translate
from xltiltak.model.normalize import normalize
from xltiltak.model.visible_text import visible

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_STEP_LINE = re.compile(r"(?P<value>\d{1,2})\s*[-–=:.)·]?\s+(?P<label>\D.*)")
_LEAST_PREFIX = 4  # letters of a word that all headings of areas begin with
_MOST_GROUPS = 2  # columns that group the measures
_MOST_REPEATED = 0.6  # of the rows of a column of groups have another name than all above
_LEAST_NAMED = 0.8  # of the rows have a name
_LETTERS = {"nb": set("æø"), "nn": set("æø"), "sv": set("äö"), "en": set("")}  # of no other one
_BRACES = str.maketrans("{}", "()")


@dataclass(frozen=True)
class Choices:
    """What is guessed, or answered: the labels of the columns with each meaning."""

    name: str
    groups: tuple[str, ...]
    inputs: tuple[str, ...]


@dataclass
class TemplateProposal:
    """What a source says of its format.

    `above` are the levels that sheets, headings or lone rows name, each with its label and heading;
    the first `outside` of them are not lone rows. `legend` has the words of a scale by value. With
    `card_heading` the measures are cards with titles like that; the first column is their name.
    """

    language: str
    title: str
    columns: list[ProposedColumn]
    above: list[tuple[str, str]] = field(default_factory=list)
    outside: int = 0
    legend: dict[str, str] = field(default_factory=dict)
    card_heading: str = ""

    def column(self, label: str) -> ProposedColumn:
        """Return the column with this label."""
        return next(column for column in self.columns if column.label == label)

    def guess(self) -> Choices:
        """Return the guess of everything that a user may be asked."""
        name = self.columns[0].label if self.card_heading else self._guess_name()
        groups = [c.label for c in self.columns if c.label != name and self._is_group(c, name)]
        groups = groups[:_MOST_GROUPS]
        inputs = (c.label for c in self.columns if c.label not in (name, *groups))
        others = [self.column(label) for label in inputs]
        filled_in = [c.label for c in others if is_input_column(c)]
        last = [c.label for c in others[-1:] if not is_number_column(c)]
        return Choices(name, tuple(groups), tuple(filled_in or last))

    def _guess_name(self) -> str:
        """Return the column that names the measures.

        It is called so, or it is the text column with most different texts before the answers.
        """
        texts = [c for c in self.columns if not c.days and not is_number_column(c)]
        texts = [c for c in texts if any(any(s.isalpha() for s in text) for text in c.texts)]
        most = max((len(c.cells) for c in self.columns), default=0)
        full = [c for c in texts if len(c.cells) >= _LEAST_NAMED * most] or texts or self.columns
        called = [c for c in full if c.is_called("measure")]
        if called:
            return called[0].label
        open_columns = [c for c in full if not is_input_column(c)] or full
        return max(open_columns, key=lambda c: len(set(map(normalize, c.texts)))).label

    def _is_group(self, column: ProposedColumn, name: str) -> bool:
        """Return True if a column says to which group a row belongs.

        Its texts repeat or reach over rows, and it stands before the names or is called so.
        """
        if column.days or is_number_column(column) or is_input_column(column) or column.is_unit:
            return False
        rows = len(self.column(name).cells)
        different = len(set(map(normalize, column.texts)))
        has_words = any(any(sign.isalpha() for sign in text) for text in column.texts)
        is_before = column.columns[0] < self.column(name).columns[0]
        is_named = column.is_called("area")
        repeats = 0 < different <= max(1, (rows - 1) if is_named else _MOST_REPEATED * rows)
        return has_words and repeats and (is_before or is_named)


def propose(source: Path) -> TemplateProposal:
    """Return what a source says of its format. Raises PlanError without a table, WorkbookError."""
    pages = read_pages(source, preferred_language())
    tables = main_tables(pages)
    if all(len(table.labels) == len(("label", "value")) for table in tables):
        if cards := cards_in(pages):
            return _of_cards(source, pages, cards)
        if not tables:
            raise PlanError("no_table_in", file=visible(source.name))
    looks = _looks(source, tables)
    rows = [row.own_cells() for table in tables for row in table.rows]
    columns = proposed_columns(tables[0].labels, rows, looks)
    language = _language_of(pages)
    title, title_line = _title(source, tables)
    above = _levels_above(tables, title_line, language)
    outside = len(above)
    if any(at < len(table.rows) for table in tables for at, _ in table.groups):
        label = translate("import.group" if above else "book.area", language)
        above = [*above, (label, "{name}")][:_MOST_GROUPS]
    return TemplateProposal(language, title, columns, above, outside, _legend(pages, tables))


def _of_cards(source: Path, pages: Sequence[SourcePage], cards: SourceCards) -> TemplateProposal:
    """Return what the cards of a source say of its format."""
    language = _language_of(pages)
    word = cards.heading.partition(" {")[0].strip(".")
    name = translate("import.measure", language) if word.startswith("{") else word
    columns = [ProposedColumn(name, [0])]
    for n, (label, cells) in enumerate(cards.texts.items(), 1):
        filled = [cell for cell in cells if cell.text]
        columns.append(ProposedColumn(label.translate(_BRACES), [n], [], filled))
    title = _with_year(cards.title or visible(source.stem))
    above = [(translate("book.area", language), "{name}")] if cards.has_areas else []
    heading = cards.heading
    return TemplateProposal(language, title, columns, above, len(above), {}, heading)


def _looks(source: Path, tables: Sequence[SourceTable]) -> SheetLooks:
    """Return the looks of the columns of the first table's sheet; none outside workbooks."""
    if not tables[0].page.name:
        return {}
    return workbook_looks(files.read(source)).get(tables[0].page.name, {})


def _language_of(pages: Sequence[SourcePage]) -> str:
    """Return the language with most of its common words and letters in a source."""
    texts = (normalize(line.text) for page in pages for line in page.filled_lines())
    words = Counter(word.strip('.,:;!?«»"()') for text in texts for word in text.split())
    known = {
        language: sum(words[w] for w in translate("import.common_words", language).split("|"))
        + sum(count for word, count in words.items() if not _LETTERS[language].isdisjoint(word))
        for language in LANGUAGES
    }
    best = max(known, key=known.__getitem__)
    return best if known[best] else preferred_language()


def _title(source: Path, tables: Sequence[SourceTable]) -> tuple[str, SourceLine | None]:
    """Return the title of the report, with {year} for its year, and its line.

    It is the first text above the tables unless that is the heading of an area; or how those of
    several sheets begin, as "Plan 2024 – Health" and "Plan 2024 – Schools"; else the file's name.
    """
    titles = tables[0].titles
    line = titles[0] if len(titles) > 1 or (titles and len(tables) == 1) else None
    firsts = {table.page.name: table.titles[0].text for table in reversed(tables) if table.titles}
    text = line.text if line else common_beginning(list(firsts.values()))
    return _with_year(text or visible(source.stem)), line


def _with_year(title: str) -> str:
    """Return a title with {year} for its year, or at its end."""
    text = " ".join(title.translate(_BRACES).split())
    return _YEAR.sub("{year}", text) if _YEAR.search(text) else f"{text} {{year}}"


def _levels_above(
    tables: Sequence[SourceTable], title: SourceLine | None, language: str
) -> list[tuple[str, str]]:
    """Return label and heading of the levels that sheets or headings name, the outermost first."""
    area, group = translate("book.area", language), translate("import.group", language)
    above = [[line for line in table.titles if line is not title] for table in tables]
    ranks = sorted({line.rank for lines in above for line in lines if line.rank})
    if len({table.page.name for table in tables}) > 1:
        return [(area, "{name}")]
    if len(ranks) > 1:
        return [(area, "{name}"), (group, "{name}")]
    if len(tables) > 1 and all(above):
        return [_heading_of([lines[-1].text for lines in above], area)]
    return []


def _heading_of(names: Sequence[str], area: str) -> tuple[str, str]:
    """Return label and heading of the areas whose headings are these: "Sektor Helse" has a word."""
    firsts = {name.split()[0].rstrip(":") for name in names if name.split()}
    word = firsts.pop() if len(firsts) == 1 else ""
    if len(set(names)) > 1 and len(word) >= _LEAST_PREFIX:
        colon = ":" if names[0].startswith(f"{word}:") else ""
        return word, f"{word}{colon} {{name}}"
    return area, "{name}"


def _legend(pages: Sequence[SourcePage], tables: Sequence[SourceTable]) -> dict[str, str]:
    """Return the words of a scale that stand outside the tables.

    They stand in one cell, as "1 Not started" or "1 = not started, 2 = …", or in two.
    """
    inside = {row.place for table in tables for row in table.rows}
    found: dict[str, str] = {}
    for line in (line for page in pages for line in page.filled_lines()):
        texts = [cell.text for cell in line.own_cells().values()]
        if line.place in inside or not texts:
            continue
        if len(texts) == 1:
            texts = listed_steps(texts[0])
        pairs = [_STEP_LINE.fullmatch(text) for text in texts]
        if all(pairs):
            found |= {pair["value"]: pair["label"].strip() for pair in pairs if pair}
        elif len(texts) == 2 and texts[0].isdecimal() and not texts[1][:1].isdigit():
            found[texts[0]] = texts[1]
    return found
