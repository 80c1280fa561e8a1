"""The formulas of an area sheet besides the summaries of its groups.

On a form of cards: ticks beside the inputs, the overview, labels on later pages. Over the answers
of any sheet: counts, means, shares, and how many inputs of a form are filled in.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from xltiltak.layout.geometry import (
    CARD_VALUE_COL,
    DONE_SYMBOL,
    KEY_COL,
    LABEL_COL,
    TICK_COL,
    TO_DO_SYMBOL,
)
from xltiltak.layout.guidance import link_to_sheet
from xltiltak.layout.sheet_rows import (
    OVERVIEW_KEY,
    PROPOSAL_KEY,
    CellSpec,
    FigureSpec,
    SheetRow,
)
from xltiltak.model.language import translate
from xltiltak.model.report import Slot
from xltiltak.model.row_keys import slot_key, slot_row_key
from xltiltak.model.summary import AnswerCounts
from xltiltak.sheets.formula_parts import (
    WILDCARDS,
    bridged_runs,
    call,
    first_that_fits,
    fits,
    is_filled,
    is_open,
    lazily,
    may_be_filled,
    minus,
    others_between,
    quoted,
    total,
)
from xltiltak.sheets.row_formats import CellRange, RowBlock, append_run
from xltiltak.sheets.workbook import quoted_sheet_name
from xltiltak.xlsx.cell_names import cell_name
from xltiltak.xlsx.excel_limits import (
    CUT_MARK,
    FORMULA_ARGUMENTS,
    FORMULA_TEXT,
    cut_at_word,
    length_in_excel,
)
from xltiltak.xlsx.row_writer import Formula

CountedInputs = Collection[tuple[str, str]]  # `of` and `id` of each field
_SEPARATOR = " · "


# Cards


@dataclass(frozen=True, slots=True)
class InputCells:
    """The cells of an open slot, and whether any of them is filled in."""

    cells: CellRange
    is_counted: bool
    is_filled: bool


class CardFormulas:
    """The formulas of one sheet, each with the value it has now.

    `continued` is the text in front of a slot that goes on at the top of a page.
    """

    def __init__(
        self, rows: Sequence[SheetRow], sheet_name: str, continued: str, counted: CountedInputs
    ) -> None:
        self.rows, self.continued, self.counted = rows, continued, counted
        self.sheet_name = sheet_name.replace("'", "''").replace('"', '""')
        self.titles = {row.key: number for number, row in enumerate(rows, 1) if row.refs}
        self.inputs: dict[str, dict[Slot, InputCells]] = defaultdict(dict)  # by the node's ref
        for number, row in enumerate(rows, 1):
            for spec, value in zip(row.specs, row.values, strict=True):
                slot = row.slot_at(spec)
                if slot and spec.style == "input":
                    self._add_input(slot, number, spec, is_filled=value is not None)

    def formula(self, number: int, spec: CellSpec) -> Formula | None:
        """Return the formula of a cell in row `number`; None for a tick without inputs."""
        row = self.rows[number - 1]
        if spec.style == "continued":
            return self.continued_label(number)
        if spec.style == "tick":
            return self._tick(row)
        title = self.titles[row.refs[0]]
        if spec.style == "toc_group":
            return self._link_to_title(title, LABEL_COL)
        return self._link_to_title(title) if spec.style == "toc_name" else self._card_number(title)

    def continued_label(self, number: int) -> Formula:
        """Return the label of a row that goes on with a slot: its card, its field, "continued"."""
        row = self.rows[number - 1]
        slot_key, _, _ = row.key.rpartition("|")
        cells, texts = [], []
        for source in (self.titles[row.refs[0]], self.titles[f"{slot_key}|1"]):
            if text := self._text_at(source, LABEL_COL):
                cells.append(cell_name(source, LABEL_COL))
                texts.append(text)
        tail = f", {self.continued}" if texts else self.continued
        formula = f'"{tail}"'
        if cells:
            formula = f'&"{_SEPARATOR}"&'.join(cells) + f"&{formula}"
        return Formula(formula, _SEPARATOR.join(texts) + tail)

    def _add_input(self, slot: Slot, number: int, spec: CellSpec, *, is_filled: bool) -> None:
        """Add one cell of an open slot."""
        inputs = self.inputs[slot.ref]
        before = inputs.get(slot)
        if before is None:
            cells = CellRange(number, number, spec.col, spec.col)
            inputs[slot] = InputCells(cells, _is_counted(spec, self.counted), is_filled)
        else:
            cells = before.cells._replace(last=number)
            inputs[slot] = replace(before, cells=cells, is_filled=before.is_filled or is_filled)

    def _tick(self, row: SheetRow) -> Formula | None:
        """Return the tick of the slot in this row.

        A row of the overview has the tick of all counted slots of its card.
        """
        inputs = self.inputs[row.refs[0]]
        if row.key == OVERVIEW_KEY:
            counted = [slot_input for slot_input in inputs.values() if slot_input.is_counted]
        else:
            counted = [inputs[slot] for spec in row.specs if (slot := row.slot_at(spec))]
        if not counted:
            return None
        tests = [f"COUNTA({slot_input.cells.name})>0" for slot_input in counted]
        test = tests[0] if len(tests) == 1 else f"AND({','.join(tests)})"
        is_done = all(slot_input.is_filled for slot_input in counted)
        formula = f'IF({test},"{DONE_SYMBOL}","{TO_DO_SYMBOL}")'
        return Formula(formula, DONE_SYMBOL if is_done else TO_DO_SYMBOL)

    def _card_number(self, title: int) -> Formula:
        """Return the label in a card's title row, or a dash."""
        cell = cell_name(title, LABEL_COL)
        return Formula(f'IF({cell}="","–",{cell})', self._text_at(title, LABEL_COL) or "–")

    def _link_to_title(self, title: int, col: int = CARD_VALUE_COL) -> Formula:
        """Return a title as a link, which stays right when rows are inserted above.

        It is the name of a card, or with another column the heading of a group.
        """
        cell, name = cell_name(title, col), self._text_at(title, col)
        target = f"\"#'{self.sheet_name}'!{cell.rstrip('0123456789')}\"&ROW({cell})"
        if not name:
            return Formula(f'HYPERLINK({target},"–")', "–")
        short = cut_at_word(name, FORMULA_TEXT)
        kept = length_in_excel(short) - 1
        shown = cell if short == name else f'LEFT({cell},{kept})&"{CUT_MARK}"'
        return Formula(f"HYPERLINK({target},{shown})", short)

    def _text_at(self, number: int, col: int) -> str:
        """Return the text of a cell; "" for an empty one."""
        row = self.rows[number - 1]
        for spec, value in zip(row.specs, row.values, strict=True):
            if spec.col == col and value:
                return str(value)
        return ""


def continues_slot(row: SheetRow) -> bool:
    """Return True for the second and later rows of a slot."""
    return "|" in row.key and not row.key.endswith("|1")


# Figures and progress


class FigureFormulas:
    """The formulas of one sheet's figures; `decimals` are those of its means.

    `neutral` are the numbers that are outside means and changes. `open_date` is the date that a
    form asks for: its mean is shown when all is answered. Before that it would be the mean of the
    finished measures. None on other sheets. `words` are the texts in the list of its cells that
    stand for a number.
    """

    def __init__(
        self,
        blocks: Sequence[RowBlock],
        decimals: int,
        neutral: Sequence[int] = (),
        open_date: date | None = None,
        words: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.decimals, self.neutral, self.open_date = decimals, neutral, open_date
        self.words = words
        self._rows = [row for block in blocks for row in block.rows]
        self._ranges: dict[tuple[str, date | None], list[CellRange]] = defaultdict(list)
        for block in blocks:
            for spec in block.specs:
                if spec.field and spec.style not in ("none", "new"):
                    ranges = self._ranges[spec.field.id, spec.date]
                    append_run(ranges, block.range_of(spec.col))

    def _variants(self, field: str, day: date | None) -> Iterator[list[CellRange]]:
        """Yield the ranges of a field's numbers at a date, then the fewest that can be bridged."""
        ranges = self._ranges.get((field, day), [])
        yield ranges
        if ranges:
            stops = partial(may_be_filled, col=ranges[0].left)
            runs = bridged_runs(self._rows, _numbers(ranges), stops)
            yield [ranges[0]._replace(first=first, last=last) for first, last in runs]

    def formula(self, figure: FigureSpec, counts: AnswerCounts) -> Formula:
        """Return the formula of a figure, with its value now; `counts` are those at its date."""
        value = self._value(figure, counts)
        text = self._text(figure) or (f"{value}" if value != "" else '""')
        return Formula(text, value)

    def _value(self, figure: FigureSpec, counts: AnswerCounts) -> str | float:
        """Return the figure of these counts; "" for a mean without answers."""
        if figure.stat == "share":
            return counts.distribution.get(figure.step, 0) if figure.step is not None else 0
        if figure.stat == "mean":
            mean = counts.mean(self.decimals)
            is_told = not self._waits(figure) or counts.answered == counts.count
            return float(mean) if mean is not None and is_told else ""
        if figure.stat == "unanswered":
            return counts.count - counts.answered
        return counts.count if figure.stat == "count" else counts.answered

    def _text(self, figure: FigureSpec) -> str:
        """Return the formula without its "="."""
        key = figure.field, figure.date
        if not self._ranges.get(key):
            return '""' if figure.stat == "mean" else "0"
        if figure.stat == "unanswered":
            return self.unanswered(*key)
        if figure.stat == "count":
            return self._count(*key)
        return first_that_fits(
            self._text_of(figure, [cells.name for cells in ranges])
            for ranges in self._variants(*key)
        )

    def _waits(self, figure: FigureSpec) -> bool:
        """Return True for a mean that is shown only when all is answered: that of open cells."""
        return figure.date is not None and figure.date == self.open_date

    def _words(self, day: date | None) -> Mapping[str, int]:
        """Return the words that may stand in the cells of a date: locked ones hold numbers."""
        return self.words if day == self.open_date else {}

    def _text_of(self, figure: FigureSpec, names: Sequence[str]) -> str:
        """Return the formula of a figure over the cells of these ranges."""
        if figure.stat == "mean":
            number = self._mean(names, self._words(figure.date))
            mean = f'IFERROR(ROUND({number},{self.decimals}),"")'
            if not self._waits(figure):
                return mean
            unanswered = self.unanswered(figure.field, figure.date)
            return f'IF({unanswered}>0,"",{mean})' if unanswered else ""
        if figure.stat == "answered":
            return self._answered(names, figure.date)
        return total(f"COUNTIF({name},{figure.step})" for name in names)

    def _answered(self, names: Sequence[str], day: date | None) -> str:
        """Return how many cells of some ranges have a number, or a word that stands for one."""
        return total([call("COUNT", names), *_word_counts(names, self._words(day))])

    def _mean(self, names: Sequence[str], words: Mapping[str, int]) -> str:
        """Return the mean of some ranges without the answers that do not count."""
        if words:
            return self._mean_of_words(names, words)
        if not self.neutral and len(names) <= FORMULA_ARGUMENTS:
            return f"AVERAGE({','.join(names)})"
        counts = {
            value: total(f"COUNTIF({name},{value})" for name in names) for value in self.neutral
        }
        sums = "".join(f"-{value}*({count})" for value, count in counts.items())
        numbers = "".join(f"-({count})" for count in counts.values())
        return f"({call('SUM', names)}{sums})/({call('COUNT', names)}{numbers})"

    def _mean_of_words(self, names: Sequence[str], words: Mapping[str, int]) -> str:
        """Return the mean of some ranges in which words stand for numbers."""
        counted = {word: value for word, value in words.items() if value not in self.neutral}
        values = ",".join(map(str, counted.values()))
        sums, counts = [call("SUM", names)], [call("COUNT", names)]
        sums += _word_counts(names, counted, f",{{{values}}}")
        counts += _word_counts(names, counted)
        for value in self.neutral:
            neutral = total(f"COUNTIF({name},{value})" for name in names)
            sums.append(f"-{value}*({neutral})")
            counts.append(f"-({neutral})")
        return f"({_signed(sums)})/({_signed(counts)})"

    def _count(self, field: str, day: date | None, prefix: str = "") -> str:
        """Return the formula of how many measures have a field at a date, by their row keys."""
        ranges = self._ranges.get((field, day), [])
        keys = [cells._replace(left=KEY_COL, right=KEY_COL) for cells in ranges]
        counts = [f'COUNTIF({prefix}{cells.name},"?*")' for cells in keys]
        if len(keys) < 2:
            return total(counts)
        all_keys = keys[0]._replace(last=keys[-1].last).name

        def bridged() -> str:
            others = others_between(self._rows, _numbers(keys), lambda row: bool(row.key))
            return minus(f'COUNTIF({prefix}{all_keys},"?*")', others)

        return first_that_fits(lazily(lambda: total(counts), bridged))

    def movement(
        self, field: str, days: tuple[date, date], final: Sequence[object], sheet_name: str
    ) -> dict[str, str]:
        """Return formulas of how the measures have moved from one date to the next, without "=".

        They are those of each category, of the measures that are `compared`, and of the sum of
        their changes (`change`). `final` are the values that mean "finished". A formula that would
        be too long for Excel is left out.
        """
        before, now = (self._ranges.get((field, day), []) for day in days)
        pairs = _side_by_side(before, now)
        found = self._movement_of(pairs, final, sheet_name)
        if not all(map(fits, found.values())):
            pairs = self._bridged_pairs(before, now)
            found |= self._movement_of(pairs, final, sheet_name)
        found["unanswered"] = self.unanswered(field, days[1], sheet_name)
        return {key: text for key, text in found.items() if text and fits(text)}

    def _bridged_pairs(
        self, before: Sequence[CellRange], now: Sequence[CellRange]
    ) -> list[tuple[CellRange | None, CellRange]]:
        """Return the fewest ranges of a date, each beside the same rows at the date before.

        A measure that was not in force then has an empty cell there, which is no answer.
        """
        own, own_before = set(_numbers(now)), set(_numbers(before))
        if not before or not now:
            return [(None, cells) for cells in now]
        columns = ((now[0].left, own), (before[0].left, own_before))

        def stops(number: int) -> bool:
            row = self._rows[number - 1]
            return any(number not in k and may_be_filled(row, col) for col, k in columns)

        stopping = [n for n in range(now[0].first, now[-1].last + 1) if stops(n)]
        pairs: list[tuple[CellRange | None, CellRange]] = [
            (None, now[0]._replace(first=n, last=n)) for n in stopping if n in own
        ]
        edges = [now[0].first - 1, *stopping, now[-1].last + 1]
        for start, end in itertools.pairwise(edges):
            cells = now[0]._replace(first=start + 1, last=end - 1)
            if start + 1 < end:
                pairs.append((before[0]._replace(first=cells.first, last=cells.last), cells))
        return pairs

    def _movement_of(
        self,
        pairs: Sequence[tuple[CellRange | None, CellRange]],
        final: Sequence[object],
        sheet_name: str,
    ) -> dict[str, str]:
        """Return the formulas of these ranges, each beside the same rows at the date before."""
        found: dict[str, list[str]] = defaultdict(list)
        found |= {"compared": ["0"], "change": ["0"]}  # also of an area without measures
        for earlier, cells in pairs:
            name = f"{sheet_name}!{cells.name}"
            neutral = [f"COUNTIF({name},{value})" for value in self.neutral]
            found["outside_scale"] += neutral or ["0"]
            if earlier is None:
                found["first_answer"].append("-".join([f"COUNT({name})", *neutral]))
                continue
            before_name = f"{sheet_name}!{earlier.name}"
            for key, term in _movement_terms(before_name, name, final, self.neutral).items():
                found[key].append(term)
        return {key: "+".join(terms) for key, terms in found.items()}

    def unanswered(self, field: str, day: date | None, sheet_name: str = "") -> str:
        """Return the formula of how many measures are not answered at a date, without "="."""
        prefix, terms = f"{sheet_name}!" if sheet_name else "", []
        for cells in self._ranges.get((field, day), []):
            keys = cells._replace(left=KEY_COL, right=KEY_COL).name
            answered = self._answered([f"{prefix}{cells.name}"], day)
            answered = f"({answered})" if self._words(day) else answered
            terms.append(f'COUNTIF({prefix}{keys},"?*")-{answered}')
        if fits(total(terms)):
            return total(terms)
        count = self._count(field, day, prefix)
        return first_that_fits(
            f"{count}-({self._answered([prefix + cells.name for cells in ranges], day)})"
            for ranges in self._variants(field, day)
        )

    def sum_and_count(self, field: str, day: date, sheet_name: str) -> tuple[str, str]:
        """Return the formulas of the sum and of the number of the answers, without "="."""
        ranges = self._ranges.get((field, day), [])
        names = [f"{sheet_name}!{cells.name}" for cells in ranges]
        return (call("SUM", names), call("COUNT", names)) if names else ("0", "0")


def _word_counts(names: Sequence[str], words: Mapping[str, int], values: str = "") -> list[str]:
    """Return for each range how many cells have one of these words, or with values their sum."""
    listed = ",".join(quoted(f"={word.translate(WILDCARDS)}") for word in words)
    return [f"SUMPRODUCT(COUNTIF({name},{{{listed}}}){values})" for name in names if words]


def _signed(terms: Iterable[str]) -> str:
    """Return the terms as a sum; some of them are negative."""
    return "+".join(terms).replace("+-", "-")


def _numbers(ranges: Sequence[CellRange]) -> Iterator[int]:
    """Yield the numbers of the rows in these ranges."""
    for cells in ranges:
        yield from range(cells.first, cells.last + 1)


def _side_by_side(
    before: Sequence[CellRange], now: Sequence[CellRange]
) -> list[tuple[CellRange | None, CellRange]]:
    """Return the ranges of a date in pieces, each beside its rows at the date before.

    The first of a pair is None where the measures were not in force then.
    """
    pairs: list[tuple[CellRange | None, CellRange]] = []
    for cells in now:
        row = cells.first
        for earlier in [one for one in before if one.first <= cells.last and one.last >= row]:
            first, last = max(earlier.first, row), min(earlier.last, cells.last)
            if first > row:
                pairs.append((None, cells._replace(first=row, last=first - 1)))
            piece = cells._replace(first=first, last=last)
            pairs.append((earlier._replace(first=first, last=last), piece))
            row = last + 1
        if row <= cells.last:
            pairs.append((None, cells._replace(first=row)))
    return pairs


def _movement_terms(
    before: str, now: str, final: Sequence[object], neutral: Sequence[int]
) -> dict[str, str]:
    """Return the formula of each category over two ranges of cells, and of their change.

    A text in a cell is no answer. The change is two sums: a difference of texts would be an error.
    """
    was_counted, is_counted = (
        "*".join([f"ISNUMBER({cells})", *(f"({cells}<>{value})" for value in neutral)])
        for cells in (before, now)
    )
    both = f"{was_counted}*{is_counted}"
    was_final, is_final = (
        "(" + ("+".join(f"({cells}={value})" for value in final) or "0") + ")"
        for cells in (before, now)
    )
    going_on = f"{both}*(1-{was_final})"
    conditions = {
        "up": f"{going_on}*(({is_final}+({now}>{before}))>0)",
        "down": f"{both}*(1-{is_final})*(({was_final}+({now}<{before}))>0)",
        "unchanged": f"{going_on}*(1-{is_final})*({now}={before})",
        "finished_before": f"{both}*{was_final}*{is_final}",
        "first_answer": f"{is_counted}*(1-{was_counted})",
        "compared": both,
    }
    terms = {key: f"SUMPRODUCT({condition})" for key, condition in conditions.items()}
    return {**terms, "change": f"SUMPRODUCT({both},{now})-SUMPRODUCT({both},{before})"}


def jump_formula(rows: Sequence[SheetRow], sheet_name: str, text: str) -> Formula:
    """Return a link to the first row for proposals, which stays right when rows are inserted."""
    first = next(number for number, row in enumerate(rows, 1) if row.key == PROPOSAL_KEY)
    cell = cell_name(first, LABEL_COL)
    name = sheet_name.replace("'", "''").replace('"', '""')
    column = cell.rstrip("0123456789")
    return Formula(f"HYPERLINK(\"#'{name}'!{column}\"&ROW({cell}),{quoted(text)})", text)


def sheets_formula(
    counts: Mapping[str, tuple[str, str, Formula]], words: str, language: str
) -> Formula:
    """Return how many inputs are filled in over all sheets of a form, after these words.

    `counts` has for each sheet its name, and the cell and the formula of its live count, which is
    a text that begins with a number.
    """
    terms, filled, most = [], 0, 0
    for name, cell, count in counts.values():
        place = f"{quoted_sheet_name(name)}!{cell}"
        terms.append(f'VALUE(LEFT({place},FIND(" ",{place})-1))')
        of_sheet = [int(number) for number in re.findall(r"\d+", str(count.value))]
        filled, most = filled + of_sheet[0], most + of_sheet[-1]
    tail = translate("sheet.filled", language, n=most)
    text = f'"{words} "&({total(terms)})&" {tail}"'
    return Formula(text if fits(text) else quoted(words), f"{words} {filled} {tail}")


def sheet_link(area_name: str, sheet: str, cell: str, count: str) -> Formula:
    """Return a link to another sheet of the form, with its live count."""
    target, place = quoted(f"#{quoted_sheet_name(sheet)}!{cell}"), quoted_sheet_name(sheet)
    words = link_to_sheet(area_name)
    return Formula(f"HYPERLINK({target},{quoted(words)}&{place}!{cell})", words + count)


class ConditionalInputs(NamedTuple):
    """Inputs in one column that are required where the cell beside them fits a criterion.

    `criteria` are those of COUNTIFS. `required` and `filled` are the counts now.
    """

    cells: CellRange
    beside: CellRange
    criteria: Sequence[str]
    required: int
    filled: int

    @property
    def required_count(self) -> str:
        """Return the formula of how many are required now."""
        return total(f"COUNTIFS({self.beside.name},{one})" for one in self.criteria)

    @property
    def filled_count(self) -> str:
        """Return the formula of how many of these are filled in."""
        filled = f'{self.cells.name},"<>"'
        return total(f"COUNTIFS({self.beside.name},{one},{filled})" for one in self.criteria)


def progress_formula(
    blocks: Sequence[RowBlock],
    language: str,
    counted: CountedInputs,
    carried: int = 0,
    conditional: Sequence[ConditionalInputs] = (),
) -> Formula:
    """Return how many inputs of a form are filled in, of those that are counted: "3 of 12".

    Those with a step that was carried on are left out; `carried` is how many there are. If one of
    them is cleared, another answer is missing. Inputs that are only required where another cell
    says so are counted while it does.
    """
    blocks_with_inputs = []
    for block in blocks:
        inputs = [(n, spec) for n, spec in enumerate(block.specs) if _is_counted(spec, counted)]
        if inputs:
            blocks_with_inputs.append((block, inputs))
    has_long_slots = any(
        continues_slot(row) for block, _ in blocks_with_inputs for row in block.rows
    )
    count = _count_slots if has_long_slots else _count_cells
    terms, filled, most = count(blocks_with_inputs)
    rows = [row for block in blocks for row in block.rows]
    variants = lazily(
        lambda: total(terms),
        lambda: _count_below_each_other(rows, blocks_with_inputs),
        lambda: _count_ticks(rows, blocks_with_inputs),
    )
    now = first_that_fits(variants) or f"{filled}"
    now = f"MAX(0,{now}-{carried})" if carried else now
    filled, most = filled - carried, most - carried
    if conditional and (formula := _with_conditional(now, filled, most, language, conditional)):
        return formula
    text = translate("sheet.filled", language, n=most)
    return Formula(f'{now}&" {text}"', f"{filled} {text}")


def _with_conditional(
    now: str, filled: int, most: int, language: str, conditional: Sequence[ConditionalInputs]
) -> Formula | None:
    """Return how many inputs are filled in, with those that are only required now.

    `now` is the formula of the others, of which `filled` of `most` are filled in. None if the
    formula would be too long.
    """
    now = total([now, *(one.filled_count for one in conditional)])
    of_all = total([f"{most}", *(one.required_count for one in conditional)])
    before, after = translate("sheet.filled", language, n="\n").split("\n")
    formula = f'{now}&" {before}"&({of_all})&"{after}"'
    filled += sum(one.filled for one in conditional)
    most += sum(one.required for one in conditional)
    text = translate("sheet.filled", language, n=most)
    return Formula(formula, f"{filled} {text}") if fits(formula) else None


Inputs = Sequence[tuple[RowBlock, list[tuple[int, CellSpec]]]]  # with their place in the row


def _count_below_each_other(rows: Sequence[SheetRow], blocks: Inputs) -> str:
    """Return the count of a table's inputs with one range a column, without what else is there.

    Return "" if another field has cells in the same column, between the inputs.
    """
    numbers: dict[int, list[int]] = defaultdict(list)
    for block, inputs in blocks:
        for _, spec in inputs:
            numbers[spec.col] += range(block.first, block.last + 1)
    terms = []
    for col, own in numbers.items():
        if others_between(rows, own, partial(is_open, col=col)):
            return ""
        others = others_between(rows, own, partial(is_filled, col=col))
        cells = CellRange(min(own), max(own), col, col)
        terms.append(minus(f"COUNTA({cells.name})", others))
    return total(terms)


def _count_ticks(rows: Sequence[SheetRow], blocks: Inputs) -> str:
    """Return the count of the ticks beside the required inputs of cards; "" if some have none."""
    wanted: set[str] = set()
    for block, inputs in blocks:
        for row in block.rows:
            for _, spec in inputs:
                slot = row.slot_at(spec)
                if slot is None or not row.key.startswith(slot_row_key(slot, 1)[:-1]):
                    return ""
                wanted.add(slot_key(slot))
    keys = CellRange(1, len(rows), KEY_COL, KEY_COL).name
    ticks = CellRange(1, len(rows), TICK_COL, TICK_COL).name
    return total(f'COUNTIFS({keys},"*|{key}|1",{ticks},"{DONE_SYMBOL}")' for key in sorted(wanted))


def _count_cells(blocks: Inputs) -> tuple[list[str], int, int]:
    """Return the terms of a count, its value and its maximum, where each slot is one cell."""
    columns: dict[int, list[CellRange]] = defaultdict(list)
    filled = total = 0
    for block, inputs in blocks:
        total += len(block.rows) * len(inputs)
        for index, spec in inputs:
            filled += sum([row.values[index] is not None for row in block.rows])
            append_run(columns[spec.col], block.range_of(spec.col))
    terms = [f"COUNTA({cells.name})" for ranges in columns.values() for cells in ranges]
    return terms, filled, total


def _count_slots(blocks: Inputs) -> tuple[list[str], int, int]:
    """Return the same where slots have several rows: a slot counts once."""
    ranges: dict[Slot | None, CellRange] = {}
    filled: set[Slot | None] = set()
    for block, inputs in blocks:
        for number, row in enumerate(block.rows, block.first):
            for index, spec in inputs:
                slot = row.slot_at(spec)
                first = ranges.get(slot, CellRange(number, number, spec.col, spec.col))
                ranges[slot] = first._replace(last=number)
                if row.values[index] is not None:
                    filled.add(slot)
    terms = [f"(COUNTA({cells.name})>0)" for cells in ranges.values()]
    return terms, len(filled), len(ranges)


def _is_counted(spec: CellSpec, counted: CountedInputs) -> bool:
    """Return True for an input whose level and field are counted."""
    field = spec.field
    return spec.style == "input" and field is not None and (field.of, field.id) in counted
