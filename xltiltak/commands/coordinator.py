"""`coordinator`: the workbook with the buttons, and whether it is set up; `excel`: the same buttons without macros."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from xltiltak.arguments import Below, Command, Words, path
from xltiltak.commands.answer import CLEAN, ERRORS, NOTHING, print_object
from xltiltak.model.language import LANGUAGES, preferred_language, translate

if TYPE_CHECKING:
    from pathlib import Path

    from xltiltak.model.normalize import CellValue


def arguments(words: Words, below: Below) -> None:
    """The commands with their arguments."""
    _coordinator_arguments(words, words.command(below, "coordinator", listing=False))
    verbs = words.group(below, "excel")
    words.command(verbs, "excel split", listing=False)
    words.command(verbs, "excel check", listing=False)
    words.command(verbs, "excel merge", listing=False)
    words.command(verbs, "excel report", listing=False)
    words.command(verbs, "excel remind", listing=False)


def _coordinator_arguments(words: Words, made: argparse.ArgumentParser) -> None:
    """`coordinator KOORDINATOR.xlsm [--plan PLAN.xlsx] [--lang nb] [--doctor]`."""
    made.add_argument(
        "workbook", type=path, metavar="KOORDINATOR.xlsm", help=words.word("coordinator.workbook")
    )
    made.add_argument("--plan", type=path, metavar="PLAN.xlsx", help=words.word("plan"))
    made.add_argument("--lang", choices=LANGUAGES, help=words.word("coordinator.lang"))
    made.add_argument("--doctor", action="store_true", help=words.word("coordinator.doctor"))
    words.force(made)


def _coordinator(chosen: argparse.Namespace) -> int:
    if chosen.doctor:
        return _doctor(chosen)
    from xltiltak import files
    from xltiltak.coordinator import macros
    from xltiltak.coordinator.workbook_writer import write_coordinator
    from xltiltak.model.errors import ExcelError

    target: Path = chosen.workbook
    if target.suffix.lower() not in (".xlsm", ".xlsx"):
        raise ExcelError("no_such_ending", file=target.name)
    files.refuse_existing([target], force=chosen.force)
    spoken, values = _kept(target) if target.exists() else (preferred_language(), {})
    spoken = chosen.lang or spoken
    if chosen.plan:
        values = _with_plan(values, chosen.plan.resolve(), target.resolve().parent, spoken)
    project = macros.project() if target.suffix.lower() == ".xlsm" else None
    content = write_coordinator(
        spoken, values, configuration(sys.executable, os.environ, sys.platform), project
    )
    files.write({target: content}, force=chosen.force)
    if chosen.json:
        return print_object({"written": [str(target)]})
    sys.stdout.write(translate("cli.written", spoken, path=target) + "\n")
    sys.stdout.write(
        translate(f"cli.coordinator.{'next' if project else 'next_plain'}", spoken) + "\n"
    )
    return CLEAN


def _kept(target: Path) -> tuple[str, Mapping[str, CellValue]]:
    """The language and what she has chosen in the workbook that is written over."""
    from xltiltak import files
    from xltiltak.coordinator.workbook_reader import read_coordinator

    held = read_coordinator(files.read(target), target.name)
    return held.language, held.settings


def _with_plan(
    values: Mapping[str, CellValue], plan: Path, folder: Path, spoken: str
) -> Mapping[str, CellValue]:
    """Her settings with this plan, and with its date and folders as the button beside it would fill them in."""
    from dataclasses import replace

    from xltiltak.coordinator import actions, model
    from xltiltak.coordinator.model import Settings

    settings = replace(Settings.read({**values, "per": None}, folder), plan=plan)
    settings = actions.choose_plan(settings, spoken).settings
    names = [name for name in model.SETTINGS if name != "per"]
    return {
        **values,
        **{name: model.setting_in_cell(getattr(settings, name), folder) for name in names},
    }


def configuration(python: str, environment: Mapping[str, str], platform: str) -> dict[str, str]:
    """What `RunPython` is told: this Python, and that it needs nothing from the workbook's own folder.

    A folder of the user's own stands by its name, so that the workbook can be handed on to a colleague.
    """
    from xltiltak.coordinator import macros, model

    for name in ("LOCALAPPDATA", "APPDATA", "USERPROFILE") if platform == "win32" else ():
        if (folder := environment.get(name)) and python.lower().startswith(folder.lower() + "\\"):
            python = f"%{name}%{python[len(folder) :]}"
            break
    return {
        "INTERPRETER_WIN": "" if platform == "darwin" else python,
        "INTERPRETER_MAC": "" if platform == "win32" else python,
        "PYTHONPATH": "",
        "ADD_WORKBOOK_TO_PYTHONPATH": "False",
        "SHOW CONSOLE": "False",
        "USE UDF SERVER": "False",
        model.MADE_FOR: macros.XLWINGS,
    }


def _doctor(chosen: argparse.Namespace) -> int:
    from xltiltak.coordinator import doctor

    spoken = chosen.lang or preferred_language()
    lines = list(doctor.examine(chosen.workbook))
    code = CLEAN if all(line.good for line in lines) else ERRORS
    if chosen.json:
        print_object(
            {"checks": [{"name": n.key, "good": n.good, "message": n.said(spoken)} for n in lines]}
        )
        return code
    for line in lines:
        sys.stdout.write(f"{'✔' if line.good else '✖'} {line.said(spoken)}\n")
    return code


def _excel(verb: str, chosen: argparse.Namespace) -> int:
    """Press a button of the workbook that is open; what it said, and how it ended."""
    from xltiltak.coordinator import excel

    outcome = excel.run_action(verb)
    if chosen.json:
        written = [str(path) for path in outcome.done.written] if outcome.done else []
        print_object(
            {"said": outcome.said, "written": written} if outcome.done else {"error": outcome.said}
        )
    else:
        (sys.stdout if outcome.done else sys.stderr).write(outcome.said + "\n")
    if outcome.done is None:
        return NOTHING
    register = outcome.done.register
    return ERRORS if register and any(f.severity == "error" for f in register.findings) else CLEAN


COMMANDS: Mapping[str, Command] = {
    "coordinator": _coordinator,
    "excel split": partial(_excel, "split"),
    "excel check": partial(_excel, "check"),
    "excel merge": partial(_excel, "merge"),
    "excel report": partial(_excel, "report"),
    "excel remind": partial(_excel, "remind"),
}
