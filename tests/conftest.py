"""What all tests share: the real programs, and the marks that say which test needs which."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests import parts
from tests.parts import browser, office, poppler, validator

__all__ = ["browser", "office", "poppler", "validator"]


@pytest.hookimpl(tryfirst=True)  # before pytest looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a real program."""
    parts.mark(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """No test waits for a program for ever."""
    with parts.bounded(item):
        return (yield)
