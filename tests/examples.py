"""Choose how many examples a property test draws.

The quick suite (`pytest`) draws a quarter of them, the marked one all:
`XLTILTAK_EXAMPLES=all pytest -m "laws or examples"`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest

ALL = os.environ.get("XLTILTAK_EXAMPLES") == "all"


def examples(number: int) -> int:
    """Return `number` in the marked suite, a quarter of it (at least two) in the quick one."""
    return number if ALL else max(2, number // 4)


def sampled(cases: Iterable[Any]) -> list[Any]:
    """Return parameters for a test: all cases in the marked suite, every fourth in the quick one.

    A case that is a tuple gives one argument for each of its items.
    """
    all_cases = [case if isinstance(case, tuple) else (case,) for case in cases]
    chosen = all_cases if ALL else all_cases[::4]
    return [pytest.param(*case, marks=pytest.mark.examples) for case in chosen]
