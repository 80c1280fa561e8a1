"""What can be said on the command line: every command with its arguments and their help, a function each."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import NoReturn

from xltiltak import __version__, language

Command = Callable[[argparse.Namespace], int]
_DEMO = "xltiltak-demo"
_TEMPLATES = Path("templates")  # where a template of one's own is looked for, below the folder of the plan


class UsageError(Exception):
    """Words on the command line that are none of ours."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong without ending the program."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.format_usage()}{self.prog}: {message}")


def parser(spoken: str, commands: Mapping[str, Command]) -> argparse.ArgumentParser:
    """The parser of the whole program; `commands` are the functions, by what a user writes to call them."""
    return _Words(spoken, commands).program()


class _Words:
    """The parser in the making, in one language."""

    def __init__(self, spoken: str, commands: Mapping[str, Command]) -> None:
        self.spoken, self.commands = spoken, commands

    def word(self, key: str) -> str:
        """A text of the command line."""
        return language.word(f"cli.{key}", self.spoken)

    def program(self) -> argparse.ArgumentParser:
        """All commands, in the order of a round."""
        made = _Parser(prog="xltiltak", description=self.word("program"))
        made.add_argument("--version", action="version", version=f"xltiltak {__version__}")
        below = made.add_subparsers(
            title=self.word("commands"), metavar=self.word("command"), required=True, parser_class=_Parser
        )
        self.demo(self.command(below, "demo"))
        self.command(below, "templates", listing=False)
        self.template(below)
        self.import_(self.command(below, "import"))
        self.split(self.command(below, "split"))
        self.check(self.command(below, "check"))
        self.merge(self.command(below, "merge"))
        return made

    def command(
        self, below: argparse._SubParsersAction[_Parser], name: str, *, listing: bool = True
    ) -> argparse.ArgumentParser:
        """One command; with `listing` it has findings to list."""
        told = self.word(f"{name}.help")
        made = below.add_parser(name.rpartition(" ")[2], help=told, description=told)
        made.set_defaults(command=self.commands[name])
        made.add_argument("--json", action="store_true", help=self.word("json"))
        if listing:
            made.add_argument("--all", action="store_true", help=self.word("all"))
        return made

    def template(self, below: argparse._SubParsersAction[_Parser]) -> None:
        """The commands for who makes a template of her own."""
        told = self.word("template.help")
        own = below.add_parser("template", help=told, description=told)
        verbs = own.add_subparsers(
            title=self.word("commands"), metavar=self.word("command"), required=True, parser_class=_Parser
        )
        self.template_new(self.command(verbs, "template new", listing=False))
        self.template_check(self.command(verbs, "template check"))
        self.template_plan(self.command(verbs, "template plan", listing=False))

    def template_new(self, made: argparse.ArgumentParser) -> None:
        """`template new NAME --from ID [--to DIR]`."""
        made.add_argument("name", metavar="NAME", help=self.word("template new.name"))
        made.add_argument("--from", dest="source", required=True, metavar="ID", help=self.word("template new.from"))
        made.add_argument("--to", type=Path, default=_TEMPLATES, metavar="DIR", help=self.word("template new.to"))

    def template_check(self, made: argparse.ArgumentParser) -> None:
        """`template check FOLDER`."""
        made.add_argument("folder", type=Path, metavar="FOLDER", help=self.word("template check.folder"))

    def template_plan(self, made: argparse.ArgumentParser) -> None:
        """`template plan NAME -o PLAN.xlsx [--areas N]`."""
        made.add_argument("template", metavar="NAME", help=self.word("template"))
        self.output(made, "PLAN.xlsx", "import.output")
        made.add_argument("--areas", type=_positive, metavar="N", help=self.word("template plan.areas"))
        self.force(made)

    def demo(self, made: argparse.ArgumentParser) -> None:
        """`demo [DIR]`."""
        made.add_argument("folder", nargs="?", default=_DEMO, type=Path, metavar="DIR", help=self.word("demo.folder"))
        self.force(made)

    def import_(self, made: argparse.ArgumentParser) -> None:
        """`import SOURCE -o PLAN.xlsx --template NAME`."""
        made.add_argument("source", type=Path, metavar="SOURCE", help=self.word("import.source"))
        self.output(made, "PLAN.xlsx", "import.output")
        made.add_argument("--template", required=True, metavar="NAME", help=self.word("template"))
        made.add_argument("--head", type=Path, metavar="FILE", help=self.word("import.head"))
        self.force(made)

    def split(self, made: argparse.ArgumentParser) -> None:
        """`split PLAN.xlsx --to DIR`."""
        made.add_argument("plan", type=Path, metavar="PLAN.xlsx", help=self.word("plan"))
        made.add_argument("--to", type=Path, required=True, metavar="DIR", help=self.word("split.to"))
        made.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help=self.word("split.date"))
        made.add_argument("--area", nargs="+", default=(), metavar="CODE", help=self.word("split.area"))
        self.force(made)

    def check(self, made: argparse.ArgumentParser) -> None:
        """`check PATH...`."""
        self.returned(made)
        self.jobs(made)

    def merge(self, made: argparse.ArgumentParser) -> None:
        """`merge PATH... -o APPENDIX.xlsx`."""
        self.returned(made)
        self.output(made, "APPENDIX.xlsx", "merge.output")
        made.add_argument("--strict", action="store_true", help=self.word("merge.strict"))
        self.force(made)
        self.jobs(made)

    def returned(self, made: argparse.ArgumentParser) -> None:
        """What came back, and the plan to hold it against."""
        made.add_argument("paths", nargs="+", type=Path, metavar="PATH", help=self.word("paths"))
        made.add_argument("--plan", type=Path, metavar="PLAN.xlsx", help=self.word("plan"))

    def output(self, made: argparse.ArgumentParser, metavar: str, key: str) -> None:
        """The file that is written."""
        made.add_argument("-o", "--output", type=Path, required=True, metavar=metavar, help=self.word(key))

    def force(self, made: argparse.ArgumentParser) -> None:
        """Files that are there may be written over."""
        made.add_argument("--force", action="store_true", help=self.word("force"))

    def jobs(self, made: argparse.ArgumentParser) -> None:
        """How many processes read."""
        made.add_argument("--jobs", type=_positive, default=1, metavar="N", help=self.word("jobs"))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = language.word("cli.bad_day", language.preferred(), value=text)
        raise argparse.ArgumentTypeError(message) from error


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(language.word("cli.bad_number", language.preferred(), value=text))
    return int(text)
