"""Find cells whose colour is the only answer: they are empty, and their colour says something.

Colours that are those of the steps of a scale are read as its steps.

A colour says nothing if it only belongs to the look of the table: to a column as a whole, or to
rows that are all alike or striped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xltiltak.importers.labels import FieldColumn, RecordCells
from xltiltak.importers.source_lines import SourceCell, SourceLine
from xltiltak.model.colours import colour_name, most_alike
from xltiltak.model.field_types import field_type_of
from xltiltak.model.finding import Finding
from xltiltak.model.language import translate
from xltiltak.model.template import Step, Template


@dataclass
class ColouredTable:
    """The measures of a table so far, for the colours of their cells.

    `rows` has the cells of each measure by what they mean, with the colours of its filled cells.
    """

    template: Template
    language: str
    names: Mapping[FieldColumn, str]
    rows: list[tuple[RecordCells, frozenset[str]]] = field(default_factory=list)

    def add(self, line: SourceLine, cells: RecordCells) -> None:
        """Add the row of a measure."""
        filled = frozenset(cell.fill for cell in line.own_cells().values() if cell.fill)
        self.rows.append((cells, filled))

    def findings(self) -> Iterator[Finding]:
        """Yield a finding for each coloured answer, or one for a column of nothing else."""
        if not any(cell.fill for cells, _ in self.rows for cell in cells.values()):
            return
        striped = is_pattern([filled for _, filled in self.rows])
        for column in {column: None for cells, _ in self.rows for column in cells}:
            if not is_answer(column, self.template):
                continue
            found = [(c[column], filled) for c, filled in self.rows if column in c]
            coloured = [
                cell
                for cell, filled in found
                if _is_coloured(cell) and not (striped and cell.fill in filled)
            ]
            has_text = any(cell.text for cell, _ in found)
            fills = [cell.fill for cell, _ in found]
            if coloured and not (has_text and is_pattern(fills)):
                yield from self._told(column, coloured, fills, has_text=has_text)

    def _told(
        self, column: FieldColumn, coloured: list[SourceCell], fills: list[str], *, has_text: bool
    ) -> Iterator[Finding]:
        """Yield a finding a cell; if no answer of a column is a text, one for the column.

        It is an error if the colours differ: then they are answers for certain.
        """
        if has_text or len(coloured) == 1:
            for cell in coloured:
                yield coloured_cell(cell, self.language)
            return
        places: dict[str, list[str]] = {}
        for cell in coloured:
            places.setdefault(cell.fill, []).append(cell.place.cell)
        named = (
            f"{colour_in_words(fill, self.language)}: {', '.join(cells)}"
            for fill, cells in places.items()
        )
        label, value = self.names.get(column, column.field), " · ".join(named)
        place = coloured[0].place
        finding = Finding.create("I115", place, reason="coloured_column", label=label, value=value)
        yield finding.with_severity("error") if len(set(fills)) > 1 else finding


def coloured_answers(
    rows: Iterable[RecordCells], template: Template
) -> dict[FieldColumn, list[tuple[SourceCell, Step]]]:
    """Return for each column of colours its coloured cells, each with the step of its colour.

    A column is one of colours if it has no text but several colours, and each of them is the colour
    of another step.
    """
    by_column: dict[FieldColumn, list[SourceCell]] = {}
    for row in rows:
        for column, cell in row.items():
            by_column.setdefault(column, []).append(cell)
    found: dict[FieldColumn, list[tuple[SourceCell, Step]]] = {}
    for column, cells in by_column.items():
        field = template.field_of(column.level, column.field)
        steps = template.scales.get(field.scale, ()) if field else ()
        coloured = [cell for cell in cells if _is_coloured(cell)]
        fills = {cell.fill for cell in coloured}
        if any(cell.text for cell in cells) or len(fills) < 2:
            continue
        step_of = {fill: _step_of(fill, steps) for fill in fills}
        if all(step_of.values()) and len(set(step_of.values())) == len(fills):
            pairs = ((cell, step_of[cell.fill]) for cell in coloured)
            found[column] = [(cell, step) for cell, step in pairs if step]
    return found


def _step_of(fill: str, steps: Sequence[Step]) -> Step | None:
    """Return the step with the colour that is most like a fill; None if none is like it."""
    alike = most_alike(fill, [step.fill.lstrip("#") for step in steps])
    return next((step for step in steps if step.fill.lstrip("#") == alike), None) if alike else None


def colours_read(label: str, pairs: Sequence[tuple[SourceCell, Step]], language: str) -> Finding:
    """Return the finding that says which colours of a column were read as which steps."""
    places: dict[tuple[str, str], list[str]] = {}
    for cell, step in pairs:
        places.setdefault((cell.fill, step.label), []).append(cell.place.cell)
    named = (
        f"{colour_in_words(fill, language)} = {step}: {', '.join(cells)}"
        for (fill, step), cells in places.items()
    )
    return Finding.create("I120", pairs[0][0].place, label=label, value=" · ".join(named))


def coloured_cell(cell: SourceCell, language: str) -> Finding:
    """Return the finding about an empty cell whose colour may be the answer."""
    value = colour_in_words(cell.fill, language)
    return Finding.create("I115", cell.place, reason="coloured_cell", value=value)


def coloured_beside(line: SourceLine, label: SourceCell) -> SourceCell | None:
    """Return the empty cell beside a label if it has another colour than the label."""
    cols = [col for col, cell in line.cells.items() if cell is label]
    beside = line.cells.get(cols[0] + 1) if cols else None
    return beside if beside and _is_coloured(beside) and beside.fill != label.fill else None


def is_answer(column: FieldColumn, template: Template) -> bool:
    """Return True if a field has numbers, days or choices as answers: no free text."""
    template_field = template.field_of(column.level, column.field)
    if template_field is None or column.level != template.leaf.id:
        return False
    return bool(template_field.scale) or not field_type_of(template_field, template).free_text("x")


def is_pattern(looks: Sequence[object]) -> bool:
    """Return True if the looks of rows are all the same, or the same for every second row."""
    if len(set(looks)) < 2:
        return True
    return len(looks) > 2 and all(a == b for a, b in zip(looks, looks[2:], strict=False))


def _is_coloured(cell: SourceCell) -> bool:
    return bool(cell.fill) and not cell.text and not cell.copied


def colour_in_words(fill: str, language: str) -> str:
    """Return a colour as its name and its number, as "green (00B050)"."""
    return f"{translate(f'colour.{colour_name(fill)}', language)} ({fill})"
