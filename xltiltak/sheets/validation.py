"""What may be typed into the cells of an area sheet, and how a step of a scale shows its word there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from xlsxwriter.format import Format

from xltiltak.layout.geometry import Purpose
from xltiltak.layout.sheet_rows import CellSpec, SheetRow
from xltiltak.model.field_types import FieldType
from xltiltak.model.language import translate
from xltiltak.sheets.workbook import WorkbookWriter
from xltiltak.xlsx.row_writer import RowSheet, range_name, validation_markup

_LONGEST_MESSAGE, _LONGEST_TITLE = 255, 32  # characters Excel shows of a validation


class CellRange(NamedTuple):
    """Cells below and beside each other without a gap; rows and columns are counted from 1."""

    first: int
    last: int
    col: int
    right: int

    @property
    def range(self) -> str:
        """`D14:E40`."""
        return range_name(self.first, self.col, self.last, self.right)

    @property
    def at(self) -> tuple[int, int, int, int]:
        """Its first row and column, its last row and column, as XlsxWriter counts."""
        return self.first - 1, self.col - 1, self.last - 1, self.right - 1


class RowBlock(NamedTuple):
    """Lines below each other that share their spots."""

    first: int
    last: int
    spots: tuple[CellSpec, ...]


class ValidationSpec(NamedTuple):
    """How the cells of a spot are guarded: the same in every area, so it is found once."""

    col: int
    field: str  # the id of what they hold; steps of one field are shown together
    rule: tuple[str, str]  # these are guarded together
    validation: tuple[
        str, str
    ]  # its markup before and after their range; empty where anything may be typed
    as_text: bool  # are numbers kept as text there?
    steps: Sequence[tuple[int | str, Format]]


_Cells = tuple[
    int, int, Sequence[ValidationSpec]
]  # lines below each other, the first and the last, and their cells
_Alike = Callable[[ValidationSpec], object]  # cells of which it says the same are guarded together


def blocks_of(lines: Sequence[SheetRow]) -> Iterator[RowBlock]:
    """Lines in runs that share their spots; a line of our own that is about no node stands alone."""
    first = 1
    for row, line in enumerate(lines, 1):
        alone = line.specs and not line.refs
        if alone or row == len(lines) or lines[row].specs is not line.specs:
            yield RowBlock(first, row, line.specs)
            first = row + 1


def add_validation(
    book: WorkbookWriter,
    sheet: RowSheet,
    blocks: Sequence[RowBlock],
    language: str,
    purpose: Purpose,
) -> None:
    """Guard every cell with a kind. `plan` is the coordinator's workbook, where all but headings can be written.

    In the published one (`public`) nothing can, and a step shows its symbol too.
    """
    made = partial(_guarded, book, language=language, purpose=purpose)
    what = f"guards {language} {purpose}"
    cells = [
        (first, last, book.kept(spots, what, partial(made, spots))) for first, last, spots in blocks
    ]
    as_text = []
    for span, of in _spans(cells, attrgetter("rule")):
        if of.validation[0]:
            sheet.add_validation_markup(span.range, of.validation)
        if of.as_text:
            as_text.append(span.range)
    if as_text:
        sheet.ignore_errors({"number_stored_as_text": " ".join(as_text)})
    for span, of in _spans(cells, attrgetter("field")):
        if of.steps:
            sheet.add_value_formats(span.range, of.steps)


def _guarded(
    book: WorkbookWriter, spots: Sequence[CellSpec], language: str, purpose: Purpose
) -> list[ValidationSpec]:
    """Of these spots those whose cells have a kind."""
    found, public, plan = [], purpose is Purpose.PUBLISHED, purpose is not Purpose.FORM
    for spot in spots:
        kind, named, asked = spot.field_type, spot.field.id if spot.field else "", spot.style == "input"
        if kind is None or spot.style == "none":
            continue
        guarded = named and not public and (asked or (plan and spot.style != "heading"))
        validation = _validation(kind, asked, language) if guarded else ("", "")
        looks = [
            (s.value, book.step(s, word=bool(named), symbol=public and bool(named)))
            for s in kind.coloured_steps()
        ]
        shown = looks or _choices(book, kind, public=public)
        as_text = bool(named) and kind.number_format == "@"
        found.append(
            ValidationSpec(spot.col, named, (spot.style, named), validation, as_text, shown)
        )
    return found


def _choices(book: WorkbookWriter, kind: FieldType, *, public: bool) -> list[tuple[str, Format]]:
    """How readers are shown the steps that are words: by fill and symbol too, where the template gives them."""
    known = (
        [step for step in kind.steps if step.fill and isinstance(step.value, str)] if public else []
    )
    return [('"' + step.label.replace('"', '""') + '"', book.choice(step)) for step in known]


@lru_cache(maxsize=256)
def _validation(kind: FieldType, asked: bool, language: str) -> tuple[str, str]:  # noqa: FBT001 - cached by place
    """How cells of a kind are guarded: the same in every area, so the markup is made once."""
    rule = kind.validation()
    return (
        validation_markup({**rule, **_messages(kind, rule, language, asked=asked)})
        if rule
        else ("", "")
    )


def _spans(cells: Iterable[_Cells], alike: _Alike) -> Iterator[tuple[CellRange, ValidationSpec]]:
    """Cells that are guarded alike, as the fewest ranges: below each other first, then beside each other."""
    found = sorted(_below(cells, alike), key=itemgetter(0))
    for n, (span, of) in enumerate(found):
        beside, second = found[n + 1] if n + 1 < len(found) else (None, of)
        if beside == (span.first, span.last, span.right + 1, span.right + 1) and alike(
            second
        ) == alike(of):
            found[n + 1] = (
                span._replace(right=span.right + 1),
                of,
            )  # no other begins there: a cell has one spot
        else:
            yield span, of


def _below(cells: Iterable[_Cells], alike: _Alike) -> Iterator[tuple[CellRange, ValidationSpec]]:
    """Cells of one column that are guarded alike, below each other without a gap."""
    open_spans: dict[tuple[int, object], tuple[CellRange, ValidationSpec]] = {}
    for top, bottom, beside in cells:
        for of in beside:
            key, begun = (of.col, alike(of)), (CellRange(top, bottom, of.col, of.col), of)
            span, first = open_spans.setdefault(key, begun)
            if top > span.last + 1:
                yield span, first
                open_spans[key] = begun
            elif span.last != bottom:
                open_spans[key] = span._replace(last=bottom), first
    yield from open_spans.values()


def _messages(
    kind: FieldType, rule: dict[str, Any], language: str, *, asked: bool
) -> dict[str, str]:
    """What Excel says before and after somebody types, in the reader's language."""
    allowed = (
        ", ".join(str(v) for v in rule["source"])
        if "source" in rule
        else str(rule.get("value", ""))
    )
    validate = rule["validate"]
    message = translate(f"validation.{validate}", language, allowed=allowed)
    prompt = "\n".join(f"{s.value} {s.label}" for s in kind.coloured_steps())
    said = {"error_title": translate("validation.title", language)[:_LONGEST_TITLE]}
    said |= {"error_message": message[:_LONGEST_MESSAGE], "error_type": "stop"}
    if validate == "list" and asked:
        said["input_title"] = translate("validation.choose", language)[:_LONGEST_TITLE]
        said["input_message"] = (prompt or allowed)[:_LONGEST_MESSAGE]
    return said
