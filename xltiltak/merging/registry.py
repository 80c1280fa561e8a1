"""Which function looks for which code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Rule = TypeVar("Rule", bound=Callable[..., Any])
RULES: dict[str, Callable[..., Any]] = {}


def rule(*codes: str) -> Callable[[Rule], Rule]:
    """Enter a function as the one that looks for these codes."""

    def enter(function: Rule) -> Rule:
        """The function itself, entered."""
        for code in codes:
            RULES[code] = function
        return function

    return enter
