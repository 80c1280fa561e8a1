"""Check the laws of `tests.conservation` on as many sequences of edits as there is time for.

    python -m tests.storm --sequences 100000
    python -m tests.storm --first 4711 --sequences 1

Each number is one sequence, always the same: its law, its round and its edits. Print a line for
each sequence that fails, and continue.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Iterator
from itertools import product
from typing import Any, TextIO

from openpyxl.writer import excel as writing

from tests.conservation import ROUNDS, Failure, sequence

KINDS = (*product(ROUNDS, ("conserved",) * 4 + ("unchanged",)),)
REPORT_EVERY = 1_000
_write_stylesheet: Any = vars(writing)["write_stylesheet"]
_stylesheets: dict[tuple[Any, ...], Any] = {}


def _cached_stylesheet(book: Any) -> Any:
    """Return the style sheet of a workbook, cached by its styles.

    Writing it takes a third of the time of saving a workbook.
    """
    styles = (book._cell_styles, book._number_formats, book._differential_styles.styles)
    key = (
        *map(len, styles),
        *book._number_formats,
        *((font.strike, font.underline) for font in book._fonts),
        *(style.tobytes() for style in book._cell_styles),
    )
    if key not in _stylesheets:
        _stylesheets[key] = _write_stylesheet(book)
    return _stylesheets[key]


def run(numbers: range, out: TextIO) -> int:
    """Run these sequences, print each failure at once, and return the number of failures."""
    failed, began = 0, time.monotonic()
    for done, number in enumerate(numbers, 1):
        for line in _failure(number):
            failed += 1
            print(number, line, file=out, flush=True)
        if done % REPORT_EVERY == 0 or done == len(numbers):
            print(
                f"{done} sequences, {failed} failed, {time.monotonic() - began:.0f} s",
                file=out,
                flush=True,
            )
    return failed


def _failure(number: int) -> Iterator[str]:
    round_, law = KINDS[number % len(KINDS)]
    try:
        failure = sequence(law, round_, number)
    except Exception:  # noqa: BLE001 - whatever stops one sequence stops no other
        failure = Failure(
            law, round_, number, (), traceback.format_exc(limit=-2).replace("\n", " ")
        )
    if failure:
        yield f"{law} {round_} {' '.join(failure.edits)}: {failure.message}"


def main() -> int:
    """Run the command line; return 1 if a sequence failed, else 0."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.storm", description="Sequences of edits against the laws."
    )
    parser.add_argument("--sequences", type=int, default=1_000, metavar="N", help="how many")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the number of the first")
    arguments = parser.parse_args()
    vars(writing)["write_stylesheet"] = _cached_stylesheet
    return (
        1 if run(range(arguments.first, arguments.first + arguments.sequences), sys.stdout) else 0
    )


if __name__ == "__main__":
    sys.exit(main())
