"""What may be typed into the cells of an area sheet, and how a step of a scale shows its word there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from xlsxwriter.format import Format

from xltiltak import language
from xltiltak.kinds import Text
from xltiltak.lines import Line, Spot
from xltiltak.workbook.book import Book
from xltiltak.workbook.rows import RowSheet, range_of, validation_markup

_LONGEST_MESSAGE, _LONGEST_TITLE = 255, 32  # characters Excel shows of a validation


class Span(NamedTuple):
    """Cells below and beside each other without a gap; rows and columns are counted from 1."""

    first: int
    last: int
    col: int
    right: int

    @property
    def range(self) -> str:
        """`D14:E40`."""
        return range_of(self.first, self.col, self.last, self.right)

    @property
    def at(self) -> tuple[int, int, int, int]:
        """Its first row and column, its last row and column, as XlsxWriter counts."""
        return self.first - 1, self.col - 1, self.last - 1, self.right - 1


class Block(NamedTuple):
    """Lines below each other that share their spots."""

    first: int
    last: int
    spots: tuple[Spot, ...]


Alike = Callable[[Spot], object]  # spots of which it says the same are guarded together


def blocks_of(lines: Sequence[Line]) -> Iterator[Block]:
    """Lines in runs that share their spots; a line of our own that is about no node stands alone."""
    first = 1
    for row, line in enumerate(lines, 1):
        alone = line.spots and not line.refs
        if alone or row == len(lines) or lines[row].spots is not line.spots:
            yield Block(first, row, line.spots)
            first = row + 1


def guard(
    book: Book, sheet: RowSheet, blocks: Sequence[Block], spoken: str, *, plan: bool, public: bool = False
) -> None:
    """Guard every cell with a kind. `plan` is the coordinator's workbook, where all but headings can be written.

    In the published one (`public`) nothing can, and a step shows its symbol too.
    """
    as_text = []
    for span, spot in _spans(blocks, lambda spot: (spot.style, _named(spot))):
        guarded = not public and (spot.style == "input" or (plan and spot.style != "heading"))
        validation = _validation(spot.kind, spot.style == "input", spoken) if spot.kind and spot.field else ("", "")
        if guarded and validation[0]:
            sheet.validate(span.range, validation)
        if spot.field and spot.kind and spot.kind.number_format == "@":
            as_text.append(span.range)
    if as_text:
        sheet.ignore_errors({"number_stored_as_text": " ".join(as_text)})
    for span, spot in _spans(blocks, _named):
        word = spot.field is not None
        steps = (spot.kind or Text()).steps_shown()
        looks = [(step.value, book.step(step, word=word, symbol=public and word)) for step in steps]
        sheet.show_steps(span.range, looks or _choices(book, spot.kind or Text(), public=public))


def _choices(book: Book, kind: Text, *, public: bool) -> list[tuple[str, Format]]:
    """How readers are shown the steps that are words: by fill and symbol too, where the template gives them."""
    known = [step for step in kind.steps if step.fill and isinstance(step.value, str)] if public else []
    return [('"' + step.label.replace('"', '""') + '"', book.choice(step)) for step in known]


@lru_cache(maxsize=256)
def _validation(kind: Text, asked: bool, spoken: str) -> tuple[str, str]:  # noqa: FBT001 - cached by place
    """How cells of a kind are guarded: the same in every area, so the markup is made once."""
    rule = kind.validation()
    return validation_markup({**rule, **_messages(kind, rule, spoken, asked=asked)}) if rule else ("", "")


def _spans(blocks: Iterable[Block], alike: Alike) -> Iterator[tuple[Span, Spot]]:
    """Cells that are guarded alike, as the fewest ranges: below each other first, then beside each other."""
    found = sorted(_below(blocks, alike), key=lambda item: item[0])
    while found:
        span, spot = found.pop(0)
        for other in [*found]:
            beside, second = other
            if beside == (span.first, span.last, span.right + 1, span.right + 1) and alike(second) == alike(spot):
                span = span._replace(right=beside.right)
                found.remove(other)
        yield span, spot


def _below(blocks: Iterable[Block], alike: Alike) -> Iterator[tuple[Span, Spot]]:
    """Cells of one column that are guarded alike, below each other without a gap."""
    open_spans: dict[tuple[int, object], tuple[Span, Spot]] = {}
    for block in blocks:
        for spot in block.spots:
            if spot.kind is None or spot.style == "none":
                continue
            key, new = (spot.col, alike(spot)), Span(block.first, block.last, spot.col, spot.col)
            span, first = open_spans.get(key, (new, spot))
            if block.first > span.last + 1:
                yield span, first
                span, first = new, spot
            open_spans[key] = (span._replace(last=block.last), first)
    yield from open_spans.values()


def _named(spot: Spot) -> str:
    return spot.field.id if spot.field else ""


def _messages(kind: Text, rule: dict[str, Any], spoken: str, *, asked: bool) -> dict[str, str]:
    """What Excel says before and after somebody types, in the reader's language."""
    allowed = ", ".join(str(v) for v in rule["source"]) if "source" in rule else str(rule.get("value", ""))
    validate = rule["validate"]
    message = language.word(f"validation.{validate}", spoken, allowed=allowed)
    prompt = "\n".join(f"{s.value} {s.label}" for s in kind.steps_shown())
    said = {"error_title": language.word("validation.title", spoken)[:_LONGEST_TITLE]}
    said |= {"error_message": message[:_LONGEST_MESSAGE], "error_type": "stop"}
    if validate == "list" and asked:
        said["input_title"] = language.word("validation.choose", spoken)[:_LONGEST_TITLE]
        said["input_message"] = (prompt or allowed)[:_LONGEST_MESSAGE]
    return said
