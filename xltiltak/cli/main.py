"""Run one command: parse its arguments, run it, return the exit code.

Exit codes: 0 clean; 1 findings that are errors (files are still written, except with --strict);
2 usage, also for the program without a command; 3 nothing could be produced; 4 an error of this
program itself, whatever else there is.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from xltiltak import __version__
from xltiltak.cli.arguments import (
    PROGRAM,
    Command,
    CommandParser,
    UsageError,
    definitions,
    did_you_mean,
    sentence,
    terminal_width,
)
from xltiltak.cli.commands import appendix, coordinator, rounds, rules, start
from xltiltak.cli.commands.answer import BUG, CLEAN, NOTHING, USAGE, log_traces
from xltiltak.cli.text_table import wrap
from xltiltak.model.errors import UnknownDate, XltiltakError
from xltiltak.model.language import preferred_language, translate
from xltiltak.model.visible_text import visible

# All commands by name, in the order of a round. Names of two words belong to a group.
COMMANDS: Mapping[str, Command] = {
    **start.COMMANDS,
    **rounds.COMMANDS,
    **appendix.COMMANDS,
    **rules.COMMANDS,
    **coordinator.COMMANDS,
}
_HELP = ("-h", "--help")
_GC_THRESHOLD = 500_000  # new objects between two collections: saves a tenth of a long run


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. A user never sees a traceback."""
    language = preferred_language()
    gc.set_threshold(_GC_THRESHOLD)
    sys.stdout = sys.stdout or _nowhere()  # a closed stream is None
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows console has another encoding by default
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if list(arguments[:1]) == ["--version"]:
        sys.stdout.write(f"{PROGRAM} {__version__}\n")
        return CLEAN
    try:
        name, rest = _find_command(arguments, language)
        if name not in COMMANDS:  # --help was given before a command
            sys.stdout.write(overview(name, language))
            return CLEAN
        chosen = CommandParser(name, COMMANDS[name], language).parse(rest)
    except UsageError as error:
        sys.stderr.write(visible(str(error).rstrip("\n"), kept="\n") + "\n")
        return USAGE
    return _run_command(COMMANDS[name], chosen, language)


def _run_command(command: Command, chosen: argparse.Namespace, language: str) -> int:
    try:
        return _flushed(command.run(chosen))
    except XltiltakError as error:
        return _report_failure(chosen, error, language)
    except BrokenPipeError:
        sys.stderr.close()
        return CLEAN
    except KeyboardInterrupt:
        sys.stderr.write(translate("cli.interrupted", language) + "\n")
        return NOTHING
    except OSError as error:  # of the system: a full disk, a drive that is gone
        from xltiltak.model.files import system_error

        return _report_failure(chosen, system_error(error), language)
    except BaseException as error:
        if isinstance(error, SystemExit | GeneratorExit):
            raise
        from xltiltak.model.internal_errors import internal_error_of

        return _report_failure(chosen, internal_error_of(error), language)


def _flushed(code: int) -> int:
    """Return the exit code when all output is written. Raises OSError if it cannot be."""
    sys.stdout.flush()
    return code


def overview(group: str, language: str) -> str:
    """Return the list of commands, one a line: those of a group (`template`), or all for ""."""
    prefix = f"{PROGRAM} {group}".rstrip()
    metavar = translate("cli.metavar.command", language)
    usage = translate("cli.usage.line", language, usage=f"{prefix} {metavar} ...")
    purpose = translate("cli.program", language)
    if group:
        purpose = sentence(translate(f"cli.{group}.help", language))
    names = {word: f"{group} {word}".strip() for word in _words(group)}
    texts = [(word, translate(f"cli.{name}.help", language)) for word, name in names.items()]
    width = terminal_width()
    title = translate("cli.usage.commands", language)
    hint = translate("cli.usage.more_help", language, command=f"{prefix} {metavar} --help")
    described = "\n".join(wrap(purpose, width))
    sections = [usage, "", described, "", f"{title}:", definitions(texts, width)]
    if not group:
        keys = {"-h, --help": "help", "--version": "version"}
        options = [(name, translate(f"cli.{key}", language)) for name, key in keys.items()]
        title = translate("cli.usage.options_title", language)
        sections += [f"{title}:", definitions(options, width)]
    return "\n".join([*sections, hint]) + "\n"


def _find_command(arguments: Sequence[str], language: str) -> tuple[str, Sequence[str]]:
    """Return the name of the command and its arguments.

    With --help instead of a command the name is that of a group, or "". Raises UsageError if
    there is no such command.
    """
    name = ""
    for n, word in enumerate(arguments):
        if word in _HELP:
            return name, ()
        if word not in _words(name):
            raise _unknown_command(name, word, language)
        name = f"{name} {word}".strip()
        if name in COMMANDS:
            return name, arguments[n + 1 :]
    raise UsageError(overview(name, language))


def _unknown_command(group: str, word: str, language: str) -> UsageError:
    """Return the error with the command most like this one, or with all commands."""
    prefix = f"{group} " if group else ""
    message = translate("cli.usage.unknown_command", language, name=prefix + word)
    question = did_you_mean(word, _words(group), language, prefix)
    command = f"{PROGRAM} {prefix}--help"
    more = translate("cli.usage.more_help", language, command=command)
    rest = more if question else f"\n{overview(group, language)}"
    return UsageError(f"{PROGRAM}: {message}{question}\n{rest}")


def _words(group: str) -> Iterable[str]:
    """Return the words that may follow a group, or all first words for ""."""
    start = f"{group} " if group else ""
    names = (name.removeprefix(start) for name in COMMANDS if name.startswith(start))
    return dict.fromkeys(name.split()[0] for name in names)


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - open to the end


def _report_failure(chosen: argparse.Namespace, error: XltiltakError, language: str) -> int:
    """Print why nothing could be produced and what to do; return the exit code.

    Errors of this program are logged.
    """
    message = visible(error.message(language), kept="\n")
    try:
        if chosen.json:
            from xltiltak.cli.jsonout import error_object

            sys.stdout.write(error_object(message) + "\n")
        sys.stdout.flush()
    except OSError:  # it is standard output that cannot be written: Python would try again
        sys.stdout = _nowhere()
    sys.stderr.write(message + "\n")
    if error.traces:
        log_traces(error.traces)
        return BUG
    return USAGE if isinstance(error, UnknownDate) else NOTHING
