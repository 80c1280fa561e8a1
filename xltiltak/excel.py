"""Hand the buttons of the coordinator's workbook to `coordinator.buttons`.

The macros of every workbook that was ever made call these functions by the name of this module, so
the module stays where it is.
"""

from __future__ import annotations

from xltiltak.coordinator.buttons import (
    check,
    choose_plan,
    choose_returned,
    choose_sent,
    merge,
    remind,
    report,
    split,
)

__all__ = [
    "check",
    "choose_plan",
    "choose_returned",
    "choose_sent",
    "merge",
    "remind",
    "report",
    "split",
]
