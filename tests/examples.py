"""Choose how many examples a property test draws.

The quick suite (`pytest`) draws a quarter of them, the marked one all:
`XLTILTAK_EXAMPLES=all pytest -m "laws or examples"`.
"""

from __future__ import annotations

import os

ALL = os.environ.get("XLTILTAK_EXAMPLES") == "all"


def examples(number: int) -> int:
    """Return `number` in the marked suite, a quarter of it (at least two) in the quick one."""
    return number if ALL else max(2, number // 4)
