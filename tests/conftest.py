"""Give all tests the fixtures of the real programs.

Each test also gets a mark for every program that it needs.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

from tests import parts
from tests.checked_workbooks import checked_workbooks
from tests.examples import ALL, examples
from tests.forms import KEY
from tests.parts import browser, office, poppler, validator
from tests.running import bokmaal, run
from xltiltak.snapshot.proof import KEY_VARIABLE

# No deadline: a busy machine is slow. CI draws the same examples each time, so that a failure comes
# from the change.
settings.register_profile(
    "house", deadline=None, derandomize="CI" in os.environ, max_examples=examples(100)
)
settings.load_profile("house")

# The tests choose the language of messages, not the machine; a test that needs another one sets it.
for name in ("XLTILTAK_LANG", "LC_ALL", "LC_MESSAGES"):
    os.environ.pop(name, None)
os.environ["LANG"] = "C.UTF-8"
# The key of a plan is random, except in tests: the same input then gives the same bytes.
os.environ[KEY_VARIABLE] = KEY

WITH_OWN_WORKBOOKS = "tests/xlsx/"  # of a handful of cells, some with faults on purpose

__all__ = ["bokmaal", "browser", "office", "poppler", "run", "validator"]


@pytest.hookimpl(tryfirst=True)  # before pytest selects tests by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a real program, and those that draw examples."""
    parts.mark(items)
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.examples)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Stop LibreOffice when a test lasts too long, so that no test waits for ever."""
    with parts.time_limit(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Check the workbooks that a test writes by all rules of Excel (`excel_rules`)."""
    if item.nodeid.startswith(WITH_OWN_WORKBOOKS):
        return (yield)
    draws = bool(item.get_closest_marker("examples") or item.get_closest_marker("laws"))
    with checked_workbooks(draws and not ALL) as faults:
        result = yield
    assert not faults, f"Excel would not accept a workbook: {faults[:5]}"
    return result
