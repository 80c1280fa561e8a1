"""What can be said on the command line: every command with its arguments and their help, a function each."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from xltiltak import __version__
from xltiltak.model.language import preferred_language, translate

Command = Callable[[argparse.Namespace], int]
_USUAL = 80  # columns


class Family(Protocol):
    """A module of `commands`: it adds its arguments to the parser, and knows what each of its commands does."""

    COMMANDS: Mapping[str, Command]

    def arguments(self, words: Words, below: Below) -> None:
        """Add the commands with their arguments."""


class UsageError(Exception):
    """Words on the command line that are none of ours."""


class _Help(argparse.HelpFormatter):
    """Help as wide as the terminal, and the same from every Python: as 3.13 writes it.

    To ask how wide a terminal is, argparse loads the packers of archives.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)

    def add_argument(self, action: argparse.Action) -> None:
        """Find room for it, and for the commands below it where they stand."""
        super().add_argument(action)
        for below in self._iter_indented_subactions(action):
            length = len(self._format_action_invocation(below)) + self._current_indent
            self._action_max_length = max(self._action_max_length, length)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        """`-o, --output FILE`: what is taken stands once."""
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        taken = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {taken}"


def _columns() -> int:
    """The columns of the terminal: as its variable says, as it says itself, or as many as they used to have."""
    if (said := os.environ.get("COLUMNS", "")).isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _USUAL  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return _USUAL


class _Parser(argparse.ArgumentParser):
    """Says what is wrong without ending the program.

    It is not made before somebody asks it something: of twenty commands a run is about one, and each argument costs.
    """

    _known: dict[str, Any]
    _waiting: list[tuple[str, tuple[str, ...], dict[str, Any]]] | None

    def __init__(self, **known: Any) -> None:
        self.__dict__.update(_known={"formatter_class": _Help, **known}, _waiting=[])

    def __getattr__(self, name: str) -> Any:
        """What a parser has; asked for before it is made, it is made now."""
        if self._waiting is None or name.startswith("__"):
            raise AttributeError(name)
        self._make()
        return getattr(self, name)

    def add_argument(self, *names: str, **known: Any) -> Any:
        """Add it, or have it wait."""
        return self._later("add_argument", names, known)

    def set_defaults(self, **known: Any) -> None:
        """Set them, or have them wait."""
        self._later("set_defaults", (), known)

    def _later(self, wanted: str, names: tuple[str, ...], known: dict[str, Any]) -> Any:
        if self._waiting is None:
            return getattr(super(), wanted)(*names, **known)
        return self._waiting.append((wanted, names, known))

    def _make(self) -> None:
        waiting, self._waiting = self._waiting, None
        super().__init__(**self._known)
        for step in waiting or ():
            self._later(*step)

    def error(self, message: str) -> NoReturn:
        """Raises UsageError, with how the command is called."""
        raise UsageError(f"{self.format_usage()}{self.prog}: {message}")


def parser(spoken: str, families: Sequence[Family]) -> argparse.ArgumentParser:
    """The parser of the whole program."""
    commands = {name: command for family in families for name, command in family.COMMANDS.items()}
    return Words(spoken, commands).program(families)


if TYPE_CHECKING:
    from pathlib import Path

    Below = argparse._SubParsersAction["_Parser"]  # noqa: SLF001 - argparse gives it no public name
else:
    Below = object


class Words:
    """The parser in the making, in one language: what commands have in common."""

    def __init__(self, spoken: str, commands: Mapping[str, Command]) -> None:
        self.spoken, self.commands = spoken, commands

    def word(self, key: str) -> str:
        """A text of the command line."""
        return translate(f"cli.{key}", self.spoken)

    def program(self, families: Iterable[Family]) -> argparse.ArgumentParser:
        """All commands, in the order of their families."""
        made = _Parser(prog="xltiltak", description=self.word("program"))
        made.add_argument("--version", action="version", version=f"xltiltak {__version__}")
        below = self._subcommands(made)
        for family in families:
            family.arguments(self, below)
        return made

    def group(self, below: Below, name: str) -> Below:
        """A word that several commands begin with."""
        told = self.word(f"{name}.help")
        return self._subcommands(below.add_parser(name, help=told, description=told))

    def command(self, below: Below, name: str, *, listing: bool = True) -> argparse.ArgumentParser:
        """One command; with `listing` it has findings to list."""
        told = self.word(f"{name}.help")
        made = below.add_parser(name.rpartition(" ")[2], help=told, description=told)
        made.set_defaults(command=self.commands[name])
        made.add_argument("--json", action="store_true", help=self.word("json"))
        if listing:
            made.add_argument("--all", action="store_true", help=self.word("all"))
        return made

    def returned(self, made: argparse.ArgumentParser) -> None:
        """What came back, and the plan to hold it against."""
        made.add_argument("paths", nargs="+", type=path, metavar="PATH", help=self.word("paths"))
        made.add_argument("--plan", type=path, metavar="PLAN.xlsx", help=self.word("plan"))

    def choosing(self, made: argparse.ArgumentParser) -> None:
        """Which findings count."""
        for name in ("select", "ignore"):
            made.add_argument(
                f"--{name}", type=prefixes, default=(), metavar="CODES", help=self.word(name)
            )

    def output(self, made: argparse.ArgumentParser, metavar: str, key: str) -> None:
        """The file that is written."""
        made.add_argument(
            "-o", "--output", type=workbook, required=True, metavar=metavar, help=self.word(key)
        )

    def force(self, made: argparse.ArgumentParser) -> None:
        """Files that are there may be written over."""
        made.add_argument("--force", action="store_true", help=self.word("force"))

    def jobs(self, made: argparse.ArgumentParser) -> None:
        """How many processes read."""
        made.add_argument("--jobs", type=positive, default=1, metavar="N", help=self.word("jobs"))

    def _subcommands(self, made: argparse.ArgumentParser) -> Below:
        return made.add_subparsers(
            title=self.word("commands"), prog=made.prog, metavar=self.word("command"), required=True,
            parser_class=_Parser,
        )  # fmt: skip


def path(text: str) -> Path:
    """A file or folder. Who asks for help need not wait for what knows about paths."""
    from pathlib import Path

    return Path(text)


def day(text: str) -> date:
    """A date as it is written on the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = translate("cli.bad_day", preferred_language(), value=text)
        raise argparse.ArgumentTypeError(message) from error


def prefixes(text: str) -> tuple[str, ...]:
    """How codes of findings begin, with commas between: `V,S1`. Each must begin a code there is."""
    said = tuple(part.strip().upper() for part in text.split(",") if part.strip())
    from xltiltak.model.finding import CODES

    if not said or not all(any(code.startswith(part) for code in CODES) for part in said):
        raise argparse.ArgumentTypeError(
            translate("cli.bad_code_prefix", preferred_language(), value=text)
        )
    return said


def workbook(text: str) -> Path:
    """A workbook that is to be written; by any other name Excel would not open it."""
    said = path(text)
    if said.suffix.lower() != ".xlsx":
        raise argparse.ArgumentTypeError(
            translate("cli.bad_ending", preferred_language(), value=text)
        )
    return said


def positive(text: str) -> int:
    """A whole number from one."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(
            translate("cli.bad_number", preferred_language(), value=text)
        )
    return int(text)
