"""Fill the marked parts of the documents with what the program itself prints.

`python docs/weave.py` writes them. `--check` writes nothing and exits with 1 if a part differs.
A part begins with `<!-- name language -->`, such as `<!-- demo en -->`, and ends with
`<!-- /name -->`. The language is the one in which the program prints the part.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from xltiltak.cli import main as cli
from xltiltak.cli.rule_help import explain
from xltiltak.model.finding import CODES, SEVERITIES
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.templates import catalogue

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = tuple(
    ROOT / name for name in ("README.md", "LESMEG.md", "docs/findings.md", "docs/kommandoer.md")
)
WIDTH = 110  # characters of a printed line
HEADINGS = {
    "nb": {
        "templates": ("mal", "språk", "hva den er til"),
        "findings": ("kode", "navn", "grad", "hva den sier", "hva du gjør"),
        "families": ("koder", "gjelder", "grader", "for eksempel"),
    },
    "en": {
        "templates": ("template", "language", "what it is for"),
        "findings": ("code", "name", "severity", "what it says", "what to do"),
        "families": ("codes", "about", "severities", "example"),
    },
}
FAMILIES = {  # by the first letter of a code, in the order in which a coordinator meets them
    "nb": {
        "F": "filen", "S": "arket", "L": "låst innhold", "V": "verdier", "C": "endringer",
        "M": "innsamling", "P": "publisering", "A": "regnestykker", "I": "import", "T": "maler",
    },
    "en": {
        "F": "the file", "S": "the sheet", "L": "locked content", "V": "values", "C": "changes",
        "M": "collection", "P": "publication", "A": "figures", "I": "import", "T": "templates",
    },
}  # fmt: skip


def run(language: str, *arguments: str, cwd: Path = ROOT) -> str:
    """Return what a command prints for a user of this language."""
    environment = {
        **os.environ,
        "XLTILTAK_LANG": language,
        "COLUMNS": str(WIDTH),
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
    }
    command = [sys.executable, "-m", "xltiltak", *arguments]
    done = subprocess.run(  # noqa: S603 - our own program
        command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=True
    )
    printed = done.stdout.replace(os.sep, "/")  # the documents are the same on every system
    return "\n".join(line.rstrip() for line in printed.splitlines()).strip("\n")


def demo(language: str) -> str:
    """Return the output of the demonstration, run in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        return f"```text\n{run(language, 'demo', cwd=Path(folder))}\n```"


def templates(language: str) -> str:
    """Return a table of the shipped templates."""
    shipped = [
        catalogue.load_described(folder, language) for folder in catalogue.folders().values()
    ]
    rows = [(f"`{each.id}`", each.language, each.description) for each in shipped]
    return _table(HEADINGS[language]["templates"], rows)


def findings(language: str) -> str:
    """Return a table of all codes, with what each says and what to do; … is what it quotes."""
    rows = [
        (
            code,
            f"`{kind.name}`",
            translate(f"book.{kind.severity}", language),
            _with_gaps(f"finding.{code}.message", language),
            _with_gaps(f"finding.{code}.fix", language),
        )
        for code, kind in sorted(CODES.items())
    ]
    return _table(HEADINGS[language]["findings"], rows)


def rules(language: str) -> str:
    """Return a section for each code, as `xltiltak rule` explains it, with an example."""
    explained = (explain(code, language) for code in sorted(CODES))
    return "\n\n".join(
        f"### {e.code} `{e.kind.name}`\n\n> {e.example}\n\n{e.why} {e.fix}" for e in explained
    )


def families(language: str) -> str:
    """Return a table of the first letters of the codes, with severities and an example."""
    rows = []
    for letter, name in FAMILIES[language].items():
        codes = [code for code in CODES if code.startswith(letter)]
        severities = [s for s in SEVERITIES if any(CODES[code].severity == s for code in codes)]
        rows.append(
            (
                f"{codes[0]}–{codes[-1]}",
                name,
                ", ".join(translate(f"book.{severity}", language) for severity in severities),
                _with_gaps(f"finding.{codes[0]}.message", language),
            )
        )
    return _table(HEADINGS[language]["families"], rows)


def commands(language: str) -> str:
    """Return the help of the program and of every command."""
    overview = f"```text\n{run(language, '--help')}\n```"
    sections = [
        f"### {name}\n\n```text\n{run(language, *name.split(), '--help')}\n```"
        for name in cli.COMMANDS
    ]
    return "\n\n".join([overview, *sections])


PARTS: dict[str, Callable[[str], str]] = {
    "demo": demo,
    "templates": templates,
    "findings": findings,
    "families": families,
    "rules": rules,
    "commands": commands,
}
MARKED_PART = re.compile(
    rf"(?P<begin><!-- (?P<name>{'|'.join(PARTS)}) (?P<language>{'|'.join(LANGUAGES)}) -->\n)"
    r".*?(?P<end><!-- /(?P=name) -->)",
    re.DOTALL,
)


def weave(text: str) -> str:
    """Return a document with its marked parts filled."""

    def fill(part: re.Match[str]) -> str:
        return f"{part['begin']}{PARTS[part['name']](part['language'])}\n{part['end']}"

    return MARKED_PART.sub(fill, text)


def main() -> int:
    """Write the documents; with `--check` only print which ones differ."""
    check = "--check" in sys.argv[1:]
    stale = []
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        if (woven := weave(text)) != text:
            stale.append(document.name)
            if not check:
                document.write_text(woven, "utf-8", newline="\n")
    sys.stdout.write(f"{'differs' if check else 'written'}: {', '.join(stale) or 'none'}\n")
    return int(check and bool(stale))


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [" | ".join(row) for row in (headings, *rows)]
    lines = [f"| {line} |" for line in lines]
    return "\n".join([lines[0], "|" + "---|" * len(headings), *lines[1:]])


def _with_gaps(key: str, language: str) -> str:
    """Return a phrase with … for each value that it quotes."""
    return re.sub(r"\{\w+\}", "…", translate(key, language)).strip()


if __name__ == "__main__":
    sys.exit(main())
