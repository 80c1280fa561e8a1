"""Run the buttons of the coordinator's workbook.

The macros of workbooks that exist call these functions by the name of this module: it must stay
here, with these names. What a button does is decided in `coordinator.actions`.
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
