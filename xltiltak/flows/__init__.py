"""Run one command each: split, check, merge, remind.

Each has a module of its own, which reads from top to bottom as the steps of its command: read
files, compute on a `Register` (the coordinator's side of a merge), write files. Read `split_flow`
first, then `merge_flow`. Other pipelines are in the packages that they are about:
`importers.import_flow`, `years.year_flows` and `publishing.publication`.

It imports `model`, `snapshot`, `merging`, `intake`, `plan`, `sheets` and `mail`.
"""

from xltiltak.flows.merge_flow import (
    ReminderResult,
    Result,
    check,
    findings_of,
    group_areas_by_form,
    merge,
    open_round,
    read_plan,
    remind,
    split,
)

__all__ = [
    "ReminderResult",
    "Result",
    "check",
    "findings_of",
    "group_areas_by_form",
    "merge",
    "open_round",
    "read_plan",
    "remind",
    "split",
]
