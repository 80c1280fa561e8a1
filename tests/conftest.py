"""What all tests share: the real programs, and the marks that say which test needs which."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

from tests import parts
from tests.examples import examples
from tests.parts import browser, office, poppler, validator
from tests.running import bokmaal, run

# A loaded machine is slow, not wrong; and what CI draws is the same each time, so that it fails for what was changed.
settings.register_profile(
    "house", deadline=None, derandomize="CI" in os.environ, max_examples=examples(100)
)
settings.load_profile("house")

# The language of messages is the test's choice, never the machine's: a test that needs another sets it.
for name in ("XLTILTAK_LANG", "LC_ALL", "LC_MESSAGES"):
    os.environ.pop(name, None)
os.environ["LANG"] = "C.UTF-8"

__all__ = ["bokmaal", "browser", "office", "poppler", "run", "validator"]


@pytest.hookimpl(tryfirst=True)  # before pytest looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a real program, and those that draw examples."""
    parts.mark(items)
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.examples)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """No test waits for a program for ever."""
    with parts.bounded(item):
        return (yield)
