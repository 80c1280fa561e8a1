"""Test which libraries each command loads: only those that it needs, because loading takes time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from benchmarks.returned import plan
from tests import small
from tests.outlook import Msg
from xltiltak.cli.main import COMMANDS
from xltiltak.model.register import Register
from xltiltak.sheets.appendix import write_appendix

ROOT = Path(__file__).parents[1]
SENT, FORM = "plan sendt 2020-12-31.xlsx", "ut/Oppvekst – 2020-12-31.xlsx"

# The libraries of the base install, by their import names.
NAMES = {"markdown-it-py": "markdown_it", "python-docx": "docx"}
REQUIRED: list[str] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
    "dependencies"
]
DISTRIBUTIONS = [re.split(r"[<>=~! ]", line)[0] for line in REQUIRED]
LIBRARIES = sorted(NAMES.get(name, name.lower()) for name in DISTRIBUTIONS)

# Each command with the libraries it loads, in the order of a round: a command may read a file
# that an earlier one has written.
# Standard output is no terminal here, so tables of findings and figures need no `rich`.
LOADED: dict[tuple[str, ...], set[str]] = {
    ("--version",): set(),
    ("--help",): set(),
    ("templates",): {"pydantic"},
    ("template new", "park", "--from", "tiltaksstatus"): {"pydantic"},
    ("template check", "templates/park"): {"docx", "jinja2", "pydantic", "typst", "xlsxwriter"},
    ("template from", "tiltak.csv", "-o", "templates/own", "--yes"): {
        *("docx", "jinja2", "pydantic", "rapidfuzz", "typst", "xlsxwriter"),
    },
    ("template plan", "tiltaksstatus", "-o", "empty.xlsx"): {"pydantic", "xlsxwriter"},
    ("import", "tiltak.csv", "-o", "plan.xlsx", "--template", "tiltaksstatus"): {
        "pydantic",
        "rapidfuzz",
        "xlsxwriter",
    },
    ("split", "plan.xlsx", "--to", "ut", "--date", "2020-12-31"): {"xlsxwriter"},
    ("split", SENT, "--to", "mail", "--mail", "--force"): {"jinja2", "xlsxwriter"},
    ("check", "ut", "--plan", SENT): set(),
    ("check", "ut", "--json"): set(),
    ("check", SENT): set(),
    ("check", SENT, "--template", "tiltaksstatus"): {"pydantic"},
    ("merge", FORM, "--plan", SENT, "-o", "appendix.xlsx"): {"xlsxwriter"},
    ("merge", "pasted", "--plan", SENT, "-o", "pasted.xlsx"): {"nh3", "xlsxwriter"},
    ("check", "retitled", "--plan", SENT): {"rapidfuzz"},
    ("merge", "inbox", "--plan", SENT, "-o", "mail.xlsx"): {"olefile", "xlsxwriter"},
    ("remind", SENT, FORM): set(),
    ("remind", SENT, FORM, "--to", "letters"): {"jinja2", "xlsxwriter"},
    ("rule", "V101"): set(),
    ("report", "appendix.xlsx", "-o", "r.html"): {"jinja2"},
    ("report", "appendix.xlsx", "-o", "r.pdf"): {"typst"},
    ("report", "long.xlsx", "-o", "long.pdf"): {"pikepdf", "typst"},
    ("report", "appendix.xlsx", "-o", "r.docx"): {"docx", "typst"},
    ("report", "appendix.xlsx", "-o", "r.xlsx"): {"xlsxwriter"},
    ("report", "appendix.xlsx", "-o", "r.csv", "-o", "r.json"): set(),
    ("compare", SENT, "appendix.xlsx"): set(),
    ("compare", SENT, "appendix.xlsx", "-o", "changes.xlsx"): {"xlsxwriter"},
    ("roll", "appendix.xlsx", "-o", "next.xlsx", "--year", "2021", "--dates", "2021-12-31"): {
        "xlsxwriter"
    },
    ("import", "r.docx", "-o", "again.xlsx", "--template", "tiltaksstatus"): {
        "defusedxml",
        "pydantic",
        "rapidfuzz",
        "xlsxwriter",
    },
    ("coordinator", "K.xlsm", "--plan", SENT): {"xlsxwriter"},
    ("coordinator", "K.xlsm", "--doctor"): set(),
    # The other commands of `excel` load the same. xlwings itself loads pandas if it is installed.
    ("excel merge",): {"pandas", "xlwings"},
    ("addin install", "--to", "addin"): {"xlsxwriter"},
    ("addin status",): set(),
    ("addin uninstall",): set(),
    ("ribbon", "help"): {"markdown_it", "xlsxwriter"},
    # The demonstration answers its forms with openpyxl, which loads defusedxml.
    ("demo",): {"defusedxml", "nh3", "openpyxl", "pydantic", "rapidfuzz", "xlsxwriter"},
}

# Runs each command in a process of its own, forked after the import of what all commands need.
RUN = """
import json, os, sys
from xltiltak import flows
from xltiltak.cli import main as cli

commands, libraries = json.load(sys.stdin)
for words in commands:
    reader, writer = os.pipe()
    if not os.fork():
        sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")
        try:
            code = cli.run(words)
        except SystemExit as stopped:
            code = stopped.code
        loaded = [name for name in libraries if name in sys.modules]
        os.write(writer, json.dumps([code, loaded]).encode())
        os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as answer:
        print(answer.read())
    os.wait()
"""


def run_all(commands: list[list[str]], folder: Path) -> list[tuple[int, set[str]]]:
    """Run commands in a folder, and return the exit code and loaded libraries of each."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XLTILTAK_LANG": "nb", "BROWSER": "true"}
    program_input = json.dumps([commands, LIBRARIES])
    command = [sys.executable, "-c", RUN]
    process = subprocess.run(
        command,
        input=program_input,
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        env=environment,
        check=True,
    )
    return [(code, set(loaded)) for code, loaded in map(json.loads, process.stdout.splitlines())]


@pytest.mark.slow
@pytest.mark.skipif(
    not hasattr(os, "fork"), reason="needs fork, to run many commands in little time"
)
def test_each_command_loads_what_it_needs_and_no_more(tmp_path: Path) -> None:
    small.source(tmp_path)
    commands = [[*command[0].split(), *command[1:]] for command in LOADED]
    first = [command[0] for command in LOADED].index("merge")
    results = run_all(commands[:first], tmp_path)
    (tmp_path / "pasted").mkdir()
    pasted = small.filled(
        (tmp_path / FORM).read_bytes(), {"OPP-001": "<p>Satt i gang.</p>"}, small.REMARK
    )
    (tmp_path / "pasted" / "OPP.xlsx").write_bytes(pasted)
    (tmp_path / "retitled").mkdir()
    retitled = small.filled((tmp_path / FORM).read_bytes(), {"OPP-001": "Noe annet"}, small.NAME)
    (tmp_path / "retitled" / "OPP.xlsx").write_bytes(retitled)
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "svar.msg").write_bytes(Msg(body="Kommer.").content())
    (tmp_path / "long.xlsx").write_bytes(write_appendix(Register(plan(13))))
    results += run_all(commands[first:], tmp_path)
    loaded = {command: libraries for command, (_, libraries) in zip(LOADED, results, strict=True)}
    assert loaded == LOADED
    stopped = {
        command[0] for command, (code, _) in zip(LOADED, results, strict=True) if code not in (0, 1)
    }
    assert stopped == {"excel merge"}  # there is no Excel here


def test_the_table_has_every_command_and_every_library() -> None:
    named = {command[0] for command in LOADED}
    assert {name for name in COMMANDS if not name.startswith("excel ")} <= named
    assert named - {"--version", "--help"} <= set(COMMANDS)
    on_a_terminal = {"rich"}  # nothing here is one
    assert set().union(*LOADED.values(), on_a_terminal) == set(LIBRARIES)


def test_every_library_has_its_reason_written_down() -> None:
    decision = (ROOT / "docs" / "decisions" / "2026-11-29-dependencies.md").read_text("utf-8")
    assert re.findall(r"^\| ([\w-]+) [\d.]+ \|", decision, re.MULTILINE) == DISTRIBUTIONS
