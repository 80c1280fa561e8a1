"""Fill the marked parts of the documents with what the program itself prints.

`python docs/weave.py` writes them. `--check` writes nothing and exits with 1 if a part differs.
A part begins with `<!-- name -->` and ends with `<!-- /name -->`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from xltiltak.cli import main as cli
from xltiltak.cli.rule_help import explain
from xltiltak.model.finding import CODES, SEVERITIES
from xltiltak.model.language import translate
from xltiltak.templates import catalogue

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = (ROOT / "README.md", ROOT / "docs" / "findings.md", ROOT / "docs" / "kommandoer.md")
COMMANDS = tuple(name.split() for name in cli.COMMANDS)
SPOKEN = "nb"


def run(*arguments: str, cwd: Path = ROOT) -> str:
    """What a command prints, as a Norwegian user sees it."""
    environment = {
        **os.environ,
        "XLTILTAK_LANG": SPOKEN,
        "COLUMNS": "110",
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
    }
    command = [sys.executable, "-m", "xltiltak", *arguments]
    done = subprocess.run(  # noqa: S603 - our own program
        command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=True
    )
    return "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip("\n")


def demo() -> str:
    """The demo's own output, from an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        return f"```text\n{run('demo', cwd=Path(folder))}\n```"


def templates() -> str:
    """Which templates there are."""
    known = [catalogue.load(folder) for folder in catalogue.folders().values()]
    rows = [f"| `{t.id}` | {t.language} | {t.description} |" for t in known]
    return "\n".join(["| mal | språk | hva den er til |", "|---|---|---|", *rows])


def findings() -> str:
    """Every code with what it says and what to do; what a message quotes stands as …."""
    rows = []
    for code, kind in sorted(CODES.items(), key=lambda item: (item[0][0], item[0])):
        said = [
            re.sub(r"\{\w+\}", "…", translate(f"finding.{code}.{part}", SPOKEN))
            for part in ("message", "fix")
        ]
        grade = translate(f"book.{kind.severity}", SPOKEN)
        rows.append(f"| {code} | `{kind.name}` | {grade} | {said[0].strip()} | {said[1]} |")
    return "\n".join(
        ["| kode | navn | grad | hva den sier | hva du gjør |", "|---|---|---|---|---|", *rows]
    )


def rules() -> str:
    """Every code as `xltiltak rule` explains it, with an example."""
    found = (explain(code, SPOKEN) for code in sorted(CODES))
    return "\n\n".join(
        f"### {e.code} `{e.kind.name}`\n\n> {e.example}\n\n{e.why} {e.fix}" for e in found
    )


def families() -> str:
    """How many codes of each family there are, for a first glance."""
    names = {
        "F": "filen",
        "S": "arket",
        "L": "låst innhold",
        "V": "verdier",
        "C": "endringer",
        "M": "innsamling",
    }
    names |= {"P": "publisering", "A": "regnestykker", "I": "import", "T": "maler"}
    rows = []
    for letter, name in names.items():
        codes = [code for code in CODES if code.startswith(letter)]
        grades = [
            translate(f"book.{s}", SPOKEN)
            for s in SEVERITIES
            if any(CODES[c].severity == s for c in codes)
        ]
        rows.append(
            f"| {codes[0]}–{codes[-1]} | {name} | {', '.join(grades)} | {_example(codes[0])} |"
        )
    return "\n".join(["| koder | gjelder | grader | for eksempel |", "|---|---|---|---|", *rows])


def commands() -> str:
    """The help of every command."""
    parts = [f"### {' '.join(name)}\n\n```text\n{run(*name, '--help')}\n```" for name in COMMANDS]
    return "\n\n".join([f"```text\n{run('--help')}\n```", *parts])


def _example(code: str) -> str:
    return re.sub(r"\{\w+\}", "…", translate(f"finding.{code}.message", SPOKEN)).strip()


PARTS: dict[str, Callable[[], str]] = {
    "demo": demo,
    "templates": templates,
    "findings": findings,
    "families": families,
    "rules": rules,
    "commands": commands,
}


def woven(text: str) -> str:
    """A document with its marked parts filled."""
    for name, made in PARTS.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if pattern.search(text):
            content = made()
            text = pattern.sub(
                lambda found, content=content: f"{found[1]}{content}\n{found[2]}", text
            )  # type: ignore[misc]
    return text


def main() -> int:
    """Write the documents, or with --check say which are not true."""
    stale = []
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        if (now := woven(text)) != text:
            stale.append(document.name)
            if "--check" not in sys.argv[1:]:
                document.write_text(now, "utf-8")
    sys.stdout.write(
        f"{'differs' if '--check' in sys.argv else 'written'}: {', '.join(stale) or 'none'}\n"
    )
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
