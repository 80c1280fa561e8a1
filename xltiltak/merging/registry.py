"""The registry of rules: which function checks which code of a finding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Rule = TypeVar("Rule", bound=Callable[..., Any])
RULES: dict[str, Callable[..., Any]] = {}


def rule(*codes: str) -> Callable[[Rule], Rule]:
    """Return a decorator that registers a function as the rule of these codes."""

    def register(function: Rule) -> Rule:
        """Register the function, and return it unchanged."""
        for code in codes:
            RULES[code] = function
        return function

    return register
