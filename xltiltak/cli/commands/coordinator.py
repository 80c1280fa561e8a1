"""What a coordinator in Excel needs: the workbook with buttons, the add-in, and both without VBA.

`coordinator` writes or checks the workbook with the buttons, `excel` presses one of them, `addin`
installs the ribbon, and `ribbon` is what a button of the ribbon starts.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from xltiltak.cli.arguments import Command, CommandParser, one_of, to_count, to_path
from xltiltak.cli.commands.answer import BUG, CLEAN, ERRORS, NOTHING, log_traces, print_object
from xltiltak.model.language import LANGUAGES, preferred_language, translate
from xltiltak.model.visible_text import visible, visible_path

if TYPE_CHECKING:
    from pathlib import Path

    from xltiltak.coordinator.doctor import CheckResult
    from xltiltak.model.cell_values import CellValue


def _coordinator_arguments(parser: CommandParser) -> None:
    """`coordinator COORDINATOR.xlsm [--plan PLAN.xlsx] [--lang nb] [--doctor]`."""
    parser.add_positional("workbook", "coordinator", "coordinator.workbook", type=to_path)
    parser.add_option("--plan", metavar="plan", help_key="plan", type=to_path)
    parser.add_choice("--lang", LANGUAGES, "coordinator.lang")
    parser.add_flag("--doctor", "coordinator.doctor")
    parser.add_force()


def _coordinator(chosen: argparse.Namespace) -> int:
    if chosen.doctor:
        return _doctor(chosen)
    from xltiltak.coordinator import model
    from xltiltak.coordinator.workbook_writer import write_coordinator_workbook
    from xltiltak.model import files
    from xltiltak.model.errors import ExcelError

    target: Path = chosen.workbook
    if target.suffix.lower() not in (".xlsm", ".xlsx"):
        raise ExcelError("no_such_ending", file=visible(target.name))
    files.refuse_existing([target], force=chosen.force)
    language, values = (
        _current_settings(target) if files.exists(target) else (preferred_language(), {})
    )
    language = chosen.lang or language
    if chosen.plan:
        values = _with_plan(
            values, files.resolved(chosen.plan), files.resolved(target).parent, language
        )
    project = model.vba_project() if target.suffix.lower() == ".xlsm" else None
    settings = configuration(sys.executable, os.environ, sys.platform)
    content = write_coordinator_workbook(language, values, settings, project)
    files.write({target: content}, force=chosen.force)
    if chosen.json:
        return print_object({"written": [visible_path(target)]})
    sys.stdout.write(translate("cli.written", language, path=target) + "\n")
    has_macros = project is not None
    next_step = translate(
        "cli.coordinator.next" if has_macros else "cli.coordinator.next_plain", language
    )
    sys.stdout.write(f"{next_step}\n")
    return CLEAN


def _current_settings(target: Path) -> tuple[str, Mapping[str, CellValue]]:
    """Return the language and the settings of the workbook that is overwritten."""
    from xltiltak.coordinator.workbook_reader import read_coordinator_workbook
    from xltiltak.model import files

    current = read_coordinator_workbook(files.read(target), visible(target.name))
    return current.language, current.settings


def _with_plan(
    values: Mapping[str, CellValue], plan: Path, folder: Path, language: str
) -> Mapping[str, CellValue]:
    """Return the settings with this plan, its date and its folders, as its button fills them in."""
    from dataclasses import replace

    from xltiltak.coordinator import actions, model
    from xltiltak.coordinator.model import Settings

    settings = replace(Settings.read({**values, "per": None}, folder), plan=plan)
    settings = actions.choose_plan(settings, language).settings
    names = [name for name in model.SETTINGS if name != "per"]
    return {
        **values,
        **{name: model.setting_in_cell(getattr(settings, name), folder) for name in names},
    }


def configuration(python: str, environment: Mapping[str, str], platform: str) -> dict[str, str]:
    """Return the settings of xlwings' `RunPython`: this Python, nothing from the workbook's folder.

    A colleague can use the workbook (see `model.portable_python`).
    """
    from xltiltak.coordinator import model

    python = model.portable_python(python, environment, platform)
    return {
        "INTERPRETER_WIN": "" if platform == "darwin" else python,
        "INTERPRETER_MAC": "" if platform == "win32" else python,
        "PYTHONPATH": "",
        "ADD_WORKBOOK_TO_PYTHONPATH": "False",
        "SHOW CONSOLE": "False",
        "USE UDF SERVER": "False",
        model.MACROS_FOR_XLWINGS: model.XLWINGS_VERSION,
    }


def _doctor(chosen: argparse.Namespace) -> int:
    from xltiltak.coordinator import doctor

    language = chosen.lang or preferred_language()
    return _print_checks(doctor.check_setup(chosen.workbook), language, as_json=chosen.json)


def _print_checks(results: Iterable[CheckResult], language: str, *, as_json: bool) -> int:
    """Print a line for each check. Return the exit code."""
    lines = list(results)
    code = CLEAN if all(line.passed for line in lines) else ERRORS
    if as_json:
        checks = [{"name": n.key, "good": n.passed, "message": n.message(language)} for n in lines]
        print_object({"checks": checks})
        return code
    for line in lines:
        sys.stdout.write(f"{'✔' if line.passed else '✖'} {line.message(language)}\n")
    return code


def _excel(verb: str, chosen: argparse.Namespace) -> int:
    """Press a button of the open workbook, print its message, and return the exit code."""
    from xltiltak.coordinator import buttons

    outcome = buttons.run_action(verb)
    if chosen.json:
        written = [visible_path(path) for path in outcome.result.written] if outcome.result else []
        message = {"said": outcome.message, "written": written}
        print_object(message if outcome.result else {"error": outcome.message})
    else:
        (sys.stdout if outcome.result else sys.stderr).write(outcome.message + "\n")
    if outcome.traces:
        log_traces(outcome.traces)
        return BUG
    if outcome.result is None:
        return NOTHING
    register = outcome.result.register
    return ERRORS if register and any(f.severity == "error" for f in register.findings) else CLEAN


def _no_arguments(parser: CommandParser) -> None:
    """`excel BUTTON`."""


def _button(verb: str) -> Command:
    return Command(_no_arguments, partial(_excel, verb), has_findings=False)


def _addin_arguments(parser: CommandParser) -> None:
    """`addin install [--lang nb] [--startup] [--to FOLDER]`."""
    parser.add_choice("--lang", LANGUAGES, "addin.lang")
    parser.add_flag("--startup", "addin.startup")
    parser.add_option("--to", metavar="folder", help_key="addin.to", type=to_path)


def _install_addin(chosen: argparse.Namespace) -> int:
    from xltiltak.coordinator import addin_setup

    language = chosen.lang or preferred_language()
    path, is_loaded = addin_setup.install(language, chosen.to, startup=chosen.startup)
    next_step = "loaded" if is_loaded else "starts" if chosen.startup else "to_tick"
    message = translate(f"cli.addin.{next_step}", preferred_language(), path=path)
    if chosen.json:
        return print_object({"written": [visible_path(path)], "loaded": is_loaded})
    sys.stdout.write(message + "\n")
    return CLEAN


def _uninstall_addin(chosen: argparse.Namespace) -> int:
    from xltiltak.coordinator import addin_setup

    removed = [visible_path(path) for path in addin_setup.uninstall()]
    if chosen.json:
        return print_object({"removed": removed})
    key = "removed" if removed else "nothing_removed"
    text = translate(f"cli.addin.{key}", preferred_language(), paths=", ".join(removed))
    sys.stdout.write(text + "\n")
    return CLEAN


def _addin_status(chosen: argparse.Namespace) -> int:
    from xltiltak.coordinator import doctor

    return _print_checks(doctor.check_addin(), preferred_language(), as_json=chosen.json)


def _ribbon_arguments(parser: CommandParser) -> None:
    """`ribbon BUTTON [FILE...] [--hwnd NUMBER]`."""
    from xltiltak.coordinator.addin import VERBS

    choose = one_of(VERBS)
    parser.add_positional("verb", "button", "ribbon.verb", type=choose)
    parser.add_positional("files", "path", "ribbon.files", nargs="*", type=to_path, default=())
    parser.add_option("--hwnd", metavar="number", help_key="ribbon.hwnd", type=to_count)


def _ribbon(chosen: argparse.Namespace) -> int:
    from xltiltak.coordinator import ribbon

    return ribbon.run_ribbon(chosen.verb, chosen.hwnd, chosen.files)


def _shortcut_arguments(parser: CommandParser) -> None:
    """`excel --shortcuts [--remove] [--lang nb]`."""
    parser.add_choice("--lang", LANGUAGES, "addin.lang")
    parser.add_flag("--remove", "shortcuts.remove")


def _shortcuts(chosen: argparse.Namespace) -> int:
    from xltiltak.coordinator import shortcuts

    language = preferred_language()
    if chosen.remove:
        paths = shortcuts.remove_shortcuts()
    else:
        paths = shortcuts.create_shortcuts(chosen.lang or language)
    names = [visible_path(path) for path in paths]
    if chosen.json:
        return print_object({"removed" if chosen.remove else "written": names})
    key = "removed" if chosen.remove else "created"
    listed = ", ".join(path.stem for path in paths) or "–"
    sys.stdout.write(translate(f"cli.shortcuts.{key}", language, names=listed) + "\n")
    return CLEAN


COMMANDS: Mapping[str, Command] = {
    "coordinator": Command(_coordinator_arguments, _coordinator, has_findings=False),
    "excel split": _button("split"),
    "excel check": _button("check"),
    "excel merge": _button("merge"),
    "excel report": _button("report"),
    "excel remind": _button("remind"),
    "excel --shortcuts": Command(_shortcut_arguments, _shortcuts, has_findings=False),
    "addin install": Command(_addin_arguments, _install_addin, has_findings=False),
    "addin uninstall": Command(_no_arguments, _uninstall_addin, has_findings=False),
    "addin status": Command(_no_arguments, _addin_status, has_findings=False),
    "ribbon": Command(_ribbon_arguments, _ribbon, has_findings=False),
}
