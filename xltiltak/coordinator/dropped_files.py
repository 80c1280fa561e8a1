"""Run a button on files without Excel: those that were dropped on its shortcut.

A plan or an appendix is what the button acts on; a coordinator's workbook has its settings. Any
other file or folder is taken for answers. What is missing comes from the coordinator's workbook
beside the files, or in the folder above.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from xltiltak import flows
from xltiltak.coordinator import actions
from xltiltak.coordinator.actions import ActionResult
from xltiltak.coordinator.model import Settings
from xltiltak.coordinator.workbook_reader import read_coordinator_workbook
from xltiltak.model import files
from xltiltak.model.errors import ExcelError, XltiltakError
from xltiltak.model.language import preferred_language

_WORKBOOKS = (".xlsx", ".xlsm")


def run_on_files(verb: str, paths: Sequence[Path]) -> ActionResult:
    """Run the action of a button on these files, and return its result.

    Raises ExcelError if no plan is among them or beside them, or several are.
    """
    settings, language = _settings_of(paths)
    return actions.perform(verb, settings, language)


def _settings_of(paths: Sequence[Path]) -> tuple[Settings, str]:
    """Return the settings that the files give, and the language of the messages."""
    desks = [path for path in paths if _read_desk(path)]
    plans = [path for path in paths if path not in desks and _is_plan(path)]
    answers = [path for path in paths if path not in desks and path not in plans]
    if len(desks) + len(plans) > 1 or len(answers) > 1:
        raise ExcelError("drop_one")
    nearby = _desks_nearby(paths[0])
    found = next((desk for path in [*desks, *nearby] if (desk := _read_desk(path))), None)
    settings, language = found or (Settings(folder=paths[0].parent), preferred_language())
    if plans and plans[0] not in (settings.plan, settings.appendix):
        chosen = Settings(plan=plans[0], folder=plans[0].parent)
        settings = actions.choose_plan(chosen, language).settings
    if answers:
        settings = replace(settings, returned=answers[0])
    if settings.plan is None:
        raise ExcelError("no_plan_dropped")
    return settings, language


def _is_plan(path: Path) -> bool:
    with suppress(XltiltakError):
        return path.suffix.lower() == ".xlsx" and bool(flows.read_plan(path))
    return False


def _desks_nearby(path: Path) -> Iterator[Path]:
    """Yield the workbooks beside a file and in the folder above, that may be a coordinator's."""
    for folder in (path.parent, path.parent.parent):
        yield from sorted(p for p in folder.iterdir() if p.suffix.lower() in _WORKBOOKS)


def _read_desk(path: Path) -> tuple[Settings, str] | None:
    """Return settings and language of a coordinator's workbook; None for anything else."""
    if path.suffix.lower() not in _WORKBOOKS or not path.is_file():
        return None
    with suppress(XltiltakError):
        workbook = read_coordinator_workbook(files.read(path), path.name)
        return Settings.read(workbook.settings, path.parent), workbook.language
    return None
