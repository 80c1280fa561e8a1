"""Say why nothing could be imported: which headings were found, and which are wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from xltiltak.importers.labels import FieldColumn, Labels, similar_label
from xltiltak.importers.source_lines import SourceCell, SourceLine, SourcePage
from xltiltak.importers.table_parts import header_of_first_row, looks_like_labels
from xltiltak.model.cell_values import FormattedNumber
from xltiltak.model.errors import PlanError
from xltiltak.model.language import preferred_language, translate

_EPOCH = date(1899, 12, 30).toordinal()
_QUOTED_LINES, _QUOTED_LENGTH = 5, 80  # how much of a source an error message quotes


class FoundHeadings(NamedTuple):
    """The row of a source that is most like a row of headings, with the page it is on."""

    page: SourcePage
    line: SourceLine
    known: tuple[SourceCell, ...]
    unknown: tuple[SourceCell, ...]
    missing: tuple[str, ...]


def nothing_understood(file: str, pages: Sequence[SourcePage], labels: Labels) -> PlanError:
    """Return the error for a source without measures: its headings, or else its first lines."""
    language = preferred_language()
    wanted = ", ".join(f"«{label}»" for label in labels.wanted())
    found = _best_headings(pages, labels)
    if found is None:
        lines = [line for page in pages for line in page.filled_lines()][:_QUOTED_LINES]
        quotes = "\n".join(f"«{line.text[:_QUOTED_LENGTH]}»" for line in lines)
        return PlanError("nothing_understood", file=file, wanted=wanted, lines=quotes)
    place = found.line.place
    similar = {cell.text: similar_label(cell.text, labels.all_labels()) for cell in found.unknown}
    near = {name: f" (≈ «{label}»)" if label else "" for name, label in similar.items()}
    values = {
        "where": " ".join(part for part in (place.sheet, place.cell) if part),
        "known": len(found.known),
        "count": len(found.known) + len(found.unknown),
        "known_names": ", ".join(f"«{cell.text}»" for cell in found.known) or "–",
        "unknown_names": ", ".join(f"«{name}»{hint}" for name, hint in near.items()) or "–",
        "missing": ", ".join(f"«{label}»" for label in found.missing) or "–",
        "wanted": wanted,
    }
    advice = "\n".join(_advice(found, labels, similar, language))
    return PlanError("headings", file=file, **values, advice=advice)


def missing_date(
    file: str, pages: Sequence[SourcePage], labels: Labels, year: int
) -> PlanError | None:
    """Return the error for a source without reporting dates; None if it needs none.

    It needs them if a heading should have one, and if nothing else gives the `year` (0).
    """
    found = _best_headings(pages, labels)
    if found is None or found.missing or not found.known:
        return None if year else nothing_understood(file, pages, labels)
    for cell in (*found.known, *found.unknown):
        place = " ".join(part for part in (cell.place.sheet, cell.place.cell) if part)
        if labels.lacks_date(cell.raw):
            return PlanError("heading_without_date", file=file, name=cell.text, where=place)
        if isinstance(cell.raw, FormattedNumber) and cell.raw.kind == "date":
            label = next(iter(labels.dated_labels(_day_of(cell.raw))), "…")
            values = {"name": cell.text, "where": place, "label": label}
            return PlanError("heading_shown", file=file, **values)
    return None if year else PlanError("no_year", file=file)


def _day_of(shown: FormattedNumber) -> date:
    """Return the day that is stored in a cell with a part of a date."""
    return date.fromordinal(_EPOCH + int(shown.number))


def _best_headings(pages: Sequence[SourcePage], labels: Labels) -> FoundHeadings | None:
    """Return the row of short texts with most known labels; of several the first."""
    best: FoundHeadings | None = None
    for page in pages:
        for line in page.filled_lines():
            cells = list(line.own_cells().values())
            if not line.table or not looks_like_labels(cells):
                continue
            found = _headings_of(page, line, labels)
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


def _advice(
    found: FoundHeadings, labels: Labels, similar: dict[str, str], language: str
) -> Iterator[str]:
    """Yield what to do: name the columns, and the area if nothing names it."""
    area = labels.template.area_level
    names = [column.level for cell in found.known for column in labels.columns_of(cell.raw)]
    if area and area.id not in names:
        key = "area_of_sheet" if found.page.name else "area_unknown"
        values = {"sheet": found.page.name, "label": area.label}
        yield translate(f"error.headings_{key}", language, **values)
    pairs = dict(_pairs(found, similar))
    if pairs:
        options = " ".join(f'--column "{name}={label}"' for name, label in pairs.items())
        yield translate("error.headings_column", language, options=options)


def _pairs(found: FoundHeadings, similar: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield headings of the source with the label that each may stand for."""
    free = [cell.text for cell in found.unknown]
    for label in found.missing:
        like = next((name for name in free if similar[name] == label), "")
        if name := like or next(iter(free), ""):
            free.remove(name)
            yield name, label
    yield from ((name, similar[name]) for name in free if similar[name])
