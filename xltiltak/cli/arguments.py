"""The parser of one command, its help, and usage errors in the language of the user.

argparse reads the arguments. Its own messages and help are in English and differ between versions
of Python, so both are written here: from the attributes of the arguments, never from its texts.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from xltiltak.cli.text_table import display_width, wrap
from xltiltak.model.language import preferred_language, translate

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "xltiltak"
_USUAL_WIDTH = 80  # columns, if nothing says how wide the terminal is
_ALIKE = 0.7  # similarity of a misspelt word, from 0 to 1, as difflib measures it
_HELP_AT = 26  # columns before the explanation of an argument
_MANY = {None: "{}", "+": "{} ...", "*": "[{} ...]", "?": "[{}]"}  # how `nargs` is written


class UsageError(Exception):
    """The command line cannot be understood. The text says why, in the language of the user."""


class Command(NamedTuple):
    """A command: the function that adds its arguments, and the one that runs it."""

    add_arguments: Callable[[CommandParser], None]
    run: Callable[[argparse.Namespace], int]
    has_findings: bool = True  # there are findings to list, and `--all` lists every one


class CommandParser(argparse.ArgumentParser):
    """The parser of one command. All texts are keys of the catalogue, below `cli`."""

    def __init__(self, name: str, command: Command, language: str) -> None:
        prog = f"{PROGRAM} {name}"
        super().__init__(prog=prog, add_help=False, allow_abbrev=False, exit_on_error=False)
        self.name, self.language = name, language
        self.positionals: list[argparse.Action] = []
        self.options: list[argparse.Action] = []
        command.add_arguments(self)
        self.add_flag("--json", "json")
        if command.has_findings:
            self.add_flag("--all", "all")
        help_text = self.text("help")
        self.options.append(self.add_argument("-h", "--help", action="help", help=help_text))

    def text(self, key: str, **values: object) -> str:
        """Return a text of the command line."""
        return translate(f"cli.{key}", self.language, **values)

    def metavar(self, key: str) -> str:
        """Return the name that stands for a value, such as FOLDER."""
        return translate(f"cli.metavar.{key}", self.language)

    def add_positional(self, dest: str, metavar: str, help_key: str, **settings: Any) -> None:
        """Add a positional argument."""
        name, text = self.metavar(metavar), self.text(help_key)
        self.positionals.append(self.add_argument(dest, metavar=name, help=text, **settings))

    def add_option(self, *names: str, metavar: str, help_key: str, **settings: Any) -> None:
        """Add an option with a value."""
        name, text = self.metavar(metavar), self.text(help_key)
        self.options.append(self.add_argument(*names, metavar=name, help=text, **settings))

    def add_choice(self, name: str, choices: Sequence[str], help_key: str, **settings: Any) -> None:
        """Add an option whose value is one of `choices`."""
        metavar, text = f"{{{','.join(choices)}}}", self.text(help_key)
        settings = {"type": one_of(choices), "metavar": metavar, "help": text, **settings}
        self.options.append(self.add_argument(name, **settings))

    def add_flag(self, name: str, help_key: str) -> None:
        """Add an option without a value."""
        text = self.text(help_key)
        self.options.append(self.add_argument(name, action="store_true", help=text))

    def add_returned(self) -> None:
        """Add the returned forms, and the plan to compare them with."""
        self.add_positional("paths", "path", "paths", nargs="+", type=to_path)
        self.add_option("--plan", metavar="plan", help_key="plan", type=to_path)

    def add_selection(self) -> None:
        """Add the options that select findings by their codes."""
        for name in ("select", "ignore"):
            self.add_option(
                f"--{name}", metavar="codes", help_key=name, type=to_prefixes, default=()
            )

    def add_output(self, metavar: str, help_key: str) -> None:
        """Add the workbook to write."""
        names = ("-o", "--output")
        self.add_option(*names, metavar=metavar, help_key=help_key, type=to_workbook, required=True)

    def add_force(self) -> None:
        """Add the flag that allows files to be overwritten."""
        self.add_flag("--force", "force")

    def add_jobs(self) -> None:
        """Add the number of processes that read files."""
        self.add_option("--jobs", metavar="number", help_key="jobs", type=to_count, default=0)

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Return the values of the arguments. Raises UsageError."""
        chosen = argparse.Namespace()
        try:
            _, unknown = self.parse_known_args(arguments, chosen)
        except argparse.ArgumentError as error:
            raise self._usage_error(self._explain(error, chosen)) from error
        if unknown:
            names = [name for action in self.options for name in action.option_strings]
            message = self.text("usage.unknown", names=" ".join(unknown))
            hint = did_you_mean(unknown[0].partition("=")[0], names, self.language)
            raise self._usage_error(message + hint)
        return chosen

    def error(self, message: str) -> NoReturn:
        """Raise ArgumentError instead of ending the program."""
        raise argparse.ArgumentError(None, message)

    def format_usage(self) -> str:
        """Return one line: the program, and the arguments that must be given."""
        required = (action for action in self.options if action.required)
        parts = [
            *map(_value, self.positionals),
            *(f"{a.option_strings[0]} {_value(a)}" for a in required),
        ]
        line = " ".join([self.prog, *parts, f"[{self.text('usage.options')}]"])
        return self.text("usage.line", usage=line) + "\n"

    def format_help(self) -> str:
        """Return the whole help: usage, what the command does, its arguments, an example."""
        width = terminal_width()
        described = "\n".join(wrap(sentence(self.text(f"{self.name}.help")), width))
        positionals = [(_value(action), action.help or "") for action in self.positionals]
        options = [(", ".join(a.option_strings) + _after(a), a.help or "") for a in self.options]
        example = f"{self.text('usage.example')}:\n  {self.text(f'{self.name}.example')}\n"
        sections = [self.format_usage(), f"{described}\n"]
        for title, pairs in (("arguments", positionals), ("options_title", options)):
            if pairs:
                sections.append(f"{self.text(f'usage.{title}')}:\n{definitions(pairs, width)}")
        return "\n".join([*sections, example])

    def _explain(self, error: argparse.ArgumentError, chosen: argparse.Namespace) -> str:
        """Say in the language of the user what argparse could not read."""
        if isinstance(error.__context__, argparse.ArgumentTypeError):
            return f"{error.argument_name}: {error.message}"
        if error.argument_name is None:
            required = [a for a in (*self.positionals, *self.options) if a.required]
            missing = [a for a in required if getattr(chosen, a.dest, None) is None]
            names = ", ".join(" ".join([*a.option_strings[-1:], str(a.metavar)]) for a in missing)
            return self.text("usage.missing", names=names) if names else str(error)
        for action in self.options:
            if "/".join(action.option_strings) == error.argument_name:
                name = action.option_strings[-1]
                if action.nargs == 0:
                    return self.text("usage.takes_no_value", name=name)
                return self.text("usage.no_value", name=name, value=action.metavar)
        return str(error)

    def _usage_error(self, message: str) -> UsageError:
        hint = self.text("usage.more_help", command=f"{self.prog} --help")
        return UsageError(f"{self.format_usage()}{self.prog}: {message}\n{hint}")


def definitions(pairs: Sequence[tuple[str, str]], width: int) -> str:
    """Return lines of terms with their explanations beside them."""
    column = min(_HELP_AT, max(display_width(term) for term, _ in pairs) + 4)
    lines: list[str] = []
    for term, text in pairs:
        first, *rest = wrap(text, max(width - column, column))
        if display_width(term) + 4 > column:
            lines += [f"  {term}", " " * column + first]
        else:
            lines.append(f"  {term}{' ' * (column - 2 - display_width(term))}{first}")
        lines += [" " * column + line for line in rest]
    return "\n".join(lines) + "\n"


def did_you_mean(word: str, words: Iterable[str], language: str, prefix: str = "") -> str:
    """Return a space and a question with the most similar word; "" if no word is similar."""
    from difflib import get_close_matches

    alike = get_close_matches(word, list(words), 1, _ALIKE)
    if not alike:
        return ""
    return " " + translate("cli.usage.did_you_mean", language, name=prefix + alike[0])


def sentence(text: str) -> str:
    """Return a line of help as a sentence."""
    return f"{text[0].upper()}{text[1:]}."


def terminal_width() -> int:
    """Return the columns of the terminal: COLUMNS, what the terminal tells, or 80."""
    if (columns := os.environ.get("COLUMNS", "")).isdecimal() and int(columns):
        return int(columns)
    if sys.__stdout__ is None:  # a program without a console
        return _USUAL_WIDTH
    try:  # as shutil.get_terminal_size, which loads the packers of archives
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _USUAL_WIDTH
    except (ValueError, OSError):
        return _USUAL_WIDTH


def to_path(text: str) -> Path:
    """Return a file or folder."""
    from pathlib import Path  # help need not wait for it

    return Path(text)


def to_date(text: str) -> date:
    """Return a date written as 2026-12-31, 31.12.2026 or 31/12/2026. Raises ArgumentTypeError."""
    try:
        return _date(text)
    except ValueError as error:
        raise _refusal("bad_day", value=text) from error


def to_dates(text: str) -> tuple[date, ...]:
    """Return dates with commas between, sorted. Raises ArgumentTypeError."""
    try:
        return tuple(sorted(map(_date, text.split(","))))
    except ValueError as error:
        raise _refusal("bad_dates", value=text) from error


def to_prefixes(text: str) -> tuple[str, ...]:
    """Return prefixes of finding codes, written as `V,S1`. Raises ArgumentTypeError."""
    from xltiltak.model.finding import CODES

    prefixes = tuple(part.strip().upper() for part in text.split(",") if part.strip())
    if not prefixes or not all(
        any(code.startswith(prefix) for code in CODES) for prefix in prefixes
    ):
        raise _refusal("bad_code_prefix", value=text)
    return prefixes


def to_workbook(text: str) -> Path:
    """Return the path of a workbook to write. Raises ArgumentTypeError.

    Excel opens a workbook only by the suffix of its format.
    """
    target = to_path(text)
    if target.suffix.lower() != ".xlsx":
        raise _refusal("bad_ending", value=text)
    return target


def to_count(text: str) -> int:
    """Return a whole number above zero. Raises ArgumentTypeError."""
    if not text.isdecimal() or not int(text):
        raise _refusal("bad_number", value=text)
    return int(text)


def to_year(text: str) -> int:
    """Return a year of four digits. Raises ArgumentTypeError."""
    if len(text) != len("2026") or not text.isdecimal() or int(text) < 1:
        raise _refusal("bad_year", value=text)
    return int(text)


def to_pair(text: str) -> tuple[str, str]:
    """Return the two texts around an equals sign. Raises ArgumentTypeError."""
    name, _, meaning = (part.strip() for part in text.partition("="))
    if not name or not meaning:
        raise _refusal("bad_column", value=text)
    return name, meaning


def one_of(choices: Sequence[str]) -> Callable[[str], str]:
    """Return a function that lets only these texts pass."""

    def choose(text: str) -> str:
        if text not in choices:
            raise _refusal("bad_choice", value=text, choices=", ".join(choices))
        return text

    return choose


def _date(text: str) -> date:
    points = text.strip().replace("/", ".")
    if "." in points:
        moment = datetime.strptime(points, "%d.%m.%Y")  # noqa: DTZ007 - no time zone
        return moment.date()
    return date.fromisoformat(text.strip())


def _refusal(key: str, **values: object) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(translate(f"cli.{key}", preferred_language(), **values))


def _value(action: argparse.Action) -> str:
    """Return how the value of an argument is written in help."""
    return _MANY[action.nargs].format(action.metavar)  # type: ignore[index]


def _after(action: argparse.Action) -> str:
    return "" if action.nargs == 0 else f" {_value(action)}"
