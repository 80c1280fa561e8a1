"""Say why nothing could be imported: which headings were found, and which are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from xltiltak.importers.labels import FieldColumn, Labels
from xltiltak.importers.source_lines import SourceCell, SourceLine, SourcePage
from xltiltak.importers.table_parts import header_of_first_row, looks_like_labels
from xltiltak.model.cell_values import FormattedNumber
from xltiltak.model.errors import PlanError
from xltiltak.model.language import preferred_language, quoted, translate

_EPOCH = date(1899, 12, 30).toordinal()
_QUOTED_LINES, _QUOTED_LENGTH = 5, 80  # how much of a source an error message quotes


class FoundHeadings(NamedTuple):
    """The row of a source that is most like a row of headings, with the page it is on."""

    page: SourcePage
    line: SourceLine
    known: tuple[SourceCell, ...]
    unknown: tuple[SourceCell, ...]
    missing: tuple[str, ...]

    def where(self) -> str:
        """Return the place of the row, or where its first cell stands."""
        place = self.line.place
        return " ".join(part for part in (place.sheet, place.cell) if part)

    def named(self, labels: Labels) -> dict[str, object]:
        """Return the headings as a message names them: known ones, and others with a hint."""
        hints = ((cell.text, labels.suggestion(cell.text)) for cell in self.unknown)
        named = (f"{_quoted(n)} (≈ {_quoted(like)})" if like else _quoted(n) for n, like in hints)
        return {
            "known_names": _listed(cell.text for cell in self.known),
            "unknown_names": ", ".join(named) or "–",
        }


def nothing_understood(file: str, pages: Sequence[SourcePage], labels: Labels) -> PlanError:
    """Return the error for a source without measures: its headings, or else its first lines."""
    language = preferred_language()
    wanted = _listed(labels.wanted())
    found = _best_headings(pages, labels)
    if found is None:
        lines = [line for page in pages for line in page.filled_lines()][:_QUOTED_LINES]
        quotes = "\n".join(_quoted(line.text[:_QUOTED_LENGTH]) for line in lines)
        advice = _other_template(file, language)
        return PlanError(
            "nothing_understood", file=file, wanted=wanted, lines=quotes, advice=advice
        )
    if twice := header_of_first_row(found.line, labels).duplicate_names():
        return PlanError("headings_twice", file=file, columns=_listed(twice))
    values = {
        **found.named(labels),
        "known": len(found.known),
        "count": len(found.known) + len(found.unknown),
        "missing": _listed(found.missing),
        "wanted": wanted,
    }
    advice = "\n".join((*_advice(found, labels, language), _other_template(file, language)))
    return PlanError("headings", file=file, where=found.where(), **values, advice=advice)


def missing_date(
    file: str, pages: Sequence[SourcePage], labels: Labels, year: int
) -> PlanError | None:
    """Return the error for a source without reporting dates; None if it needs none.

    It needs them if a heading should have one, and if nothing else gives the `year` (0).
    """
    found = _best_headings(pages, labels)
    if found is None or found.missing or not found.known:
        return None if year else nothing_understood(file, pages, labels)
    names = found.named(labels)
    for cell in found.line.own_cells().values():
        where = " ".join(part for part in (cell.place.sheet, cell.place.cell) if part)
        values = {"file": file, "name": cell.text, "where": where, **names}
        if labels.lacks_date(cell.raw):
            return PlanError("heading_without_date", **values)
        if isinstance(cell.raw, FormattedNumber) and cell.raw.kind == "date":
            label = next(iter(labels.dated_labels(_day_of(cell.raw))), "…")
            return PlanError("heading_shown", label=label, **values)
    return None if year else PlanError("no_year", file=file, **names)


def _quoted(text: str) -> str:
    return quoted(text, preferred_language())


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(_quoted, texts)) or "–"


def _day_of(shown: FormattedNumber) -> date:
    """Return the day that is stored in a cell with a part of a date."""
    return date.fromordinal(_EPOCH + int(shown.number))


def _best_headings(pages: Sequence[SourcePage], labels: Labels) -> FoundHeadings | None:
    """Return the row of short texts with most known labels; of several the first."""
    best: FoundHeadings | None = None
    for page in pages:
        for line in page.filled_lines():
            cells = list(line.own_cells().values())
            if not line.table or not (len(cells) == 1 or looks_like_labels(cells)):
                continue
            found = _headings_of(page, line, labels)
            if len(cells) == 1 and found.missing:
                continue
            if best is None or len(found.known) > len(best.known):
                best = found
    return best


def _headings_of(page: SourcePage, line: SourceLine, labels: Labels) -> FoundHeadings:
    """Return which texts of a row are known labels; a label may lack its date."""
    header = header_of_first_row(line, labels)
    is_known = {
        col: col in header.columns or labels.lacks_date(cell.raw)
        for col, cell in line.own_cells().items()
    }
    cells = line.own_cells()
    known = tuple(cell for col, cell in cells.items() if is_known[col])
    unknown = tuple(cell for col, cell in cells.items() if not is_known[col])
    columns = header.field_columns()
    area = labels.template.area_level
    if area:  # the name of an area need not be a column
        columns.append(FieldColumn(area.id, "name"))
    return FoundHeadings(page, line, known, unknown, tuple(labels.missing(columns)))


def _advice(found: FoundHeadings, labels: Labels, language: str) -> Iterator[str]:
    """Yield what to do: name the columns, and the area if nothing names it."""
    pairs = dict(_pairs(found, labels))
    area = labels.template.area_level
    names = [column.level for cell in found.known for column in labels.columns_of(cell.raw)]
    names += [column.level for label in pairs.values() for column in labels.columns_of(label)]
    page = found.page
    if area and area.id not in names and (page.delimited or page.name) and not page.has_own_name:
        key = "area_of_sheet" if page.name else "area_unknown"
        values = {"sheet": page.name, "label": area.label}
        yield translate(f"error.headings_{key}", language, **values)
    if pairs:
        options = " ".join(f'--column "{name}={label}"' for name, label in pairs.items())
        yield translate("error.headings_column", language, options=options)


def _other_template(file: str, language: str) -> str:
    """Return how to make a template of a source that has another format."""
    return translate("error.headings_template", language, file=file)


def _pairs(found: FoundHeadings, labels: Labels) -> Iterator[tuple[str, str]]:
    """Yield headings of the source with the label that each may stand for."""
    hints = {cell.text: labels.suggestion(cell.text) for cell in found.unknown}
    for label in found.missing:
        if label not in hints.values() and (name := next((n for n in hints if not hints[n]), "")):
            hints[name] = label
    yield from ((name, label) for name, label in hints.items() if label)
