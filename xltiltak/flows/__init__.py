"""Run one command each: split, check, merge, remind.

Each has a module of its own, which reads from top to bottom as the steps of its command: read
files, compute on a `Register` (the coordinator's side of a merge), write files. Read `split_flow`
first, then `merge_flow`. Other pipelines are in the packages that they are about:
`importers.import_flow`, `years.year_flows` and `publishing.publication`.

It imports `model`, `snapshot`, `merging`, `intake`, `plan`, `sheets` and `mail`.
"""

from xltiltak.flows.check_flow import check
from xltiltak.flows.merge_flow import merge
from xltiltak.flows.merged_returns import findings_of
from xltiltak.flows.plan_files import read_plan
from xltiltak.flows.remind_flow import remind
from xltiltak.flows.results import ReminderResult, Result
from xltiltak.flows.rounds import form_scopes, open_round
from xltiltak.flows.split_flow import split

__all__ = [
    "ReminderResult",
    "Result",
    "check",
    "findings_of",
    "form_scopes",
    "merge",
    "open_round",
    "read_plan",
    "remind",
    "split",
]
