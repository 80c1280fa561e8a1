"""Run the buttons of the ribbon that need no plan: a new plan, troubleshooting, and the guide."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import webbrowser
from base64 import b64encode
from collections.abc import Sequence
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from xltiltak.coordinator import doctor
from xltiltak.coordinator.model import shipped_folder
from xltiltak.model import files
from xltiltak.model.errors import ExcelError
from xltiltak.model.language import preferred_language, translate
from xltiltak.model.visible_text import visible
from xltiltak.templates import catalogue
from xltiltak.templates.template_tools import write_blank_plan

_GUIDE = "koordinator.md"
_TEXT = 2  # Excel's InputBox: a text


def new_plan(app: Any) -> str:
    """Let the user choose a template, write an empty plan of it, and open it.

    It is written beside the active workbook, or into the folder of documents.
    """
    language = preferred_language()
    names = list(catalogue.folders())
    template = catalogue.find(_choose(app, names, translate("addin.choose_template", language)))
    folder = _folder_of_active(app)
    stem = translate("addin.file_plan", template.language, title=template.title)
    names_of_plan = (f"{stem}{f' ({n})' if n > 1 else ''}.xlsx" for n in count(1))
    path = next(folder / name for name in names_of_plan if not (folder / name).exists())
    write_blank_plan(template, date.today().year, path)  # noqa: DTZ011 - the year of the user
    app.books.open(str(path))
    return translate("addin.plan_made", language, file=visible(path.name), folder=folder)


def _folder_of_active(app: Any) -> Path:
    name = str(app.books.active.fullname) if len(app.books) else ""
    if ("/" in name or "\\" in name) and "://" not in name:
        return Path(name).parent
    documents = Path.home() / "Documents"
    return documents if documents.is_dir() else Path.home()


def _choose(app: Any, names: Sequence[str], question: str) -> str:
    """Return the name that the user chooses. Raises ExcelError if they cancel."""
    if sys.platform == "darwin":
        answer = _choose_on_mac(names, question)
    else:
        numbered = "\n".join(f"{n}  {name}" for n, name in enumerate(names, 1))
        answer = app.api.InputBox(f"{question}\n\n{numbered}", "xltiltak", "1", Type=_TEXT)
    text = str(answer or "").strip()
    if text.isdecimal() and 1 <= int(text) <= len(names):
        return names[int(text) - 1]
    if text in names:
        return text
    raise ExcelError("nothing_chosen")


def _choose_on_mac(names: Sequence[str], question: str) -> str:
    """Show a list by AppleScript. The texts are arguments of the script and not part of it."""
    script = [
        "on run argv",
        "set chosen to choose from list (rest of argv) with prompt (item 1 of argv)",
        "if chosen is false then return",
        "return item 1 of chosen",
        "end run",
    ]
    options = [argument for line in script for argument in ("-e", line)]
    command = ["/usr/bin/env", "osascript", *options, question, *names]
    process = subprocess.run(  # noqa: S603 - a program of the system, without a shell
        command, capture_output=True, encoding="utf-8", check=False
    )
    return process.stdout.strip()


def troubleshoot() -> str:
    """Return a line for each check of the add-in and of what may stop it."""
    language = preferred_language()
    return "\n".join(
        f"{'✔' if check.passed else '✖'} {check.message(language)}"
        for check in doctor.check_addin()
    )


def open_guide() -> None:
    """Open the guide for coordinators in the web browser."""
    page = Path(tempfile.gettempdir()) / "xltiltak-koordinator.html"
    files.write({page: guide_page().encode()}, force=True)
    webbrowser.open(page.as_uri())


def guide_page() -> str:
    """Return the guide for coordinators as a page that needs no other file."""
    from markdown_it import MarkdownIt

    folder = shipped_folder("docs")
    markdown = MarkdownIt("commonmark").enable("table")
    body = markdown.render((folder / _GUIDE).read_text("utf-8"))
    for picture in sorted((folder / "bilder").glob("koordinator*.png")):
        data = f"data:image/png;base64,{b64encode(picture.read_bytes()).decode()}"
        body = body.replace(f'src="bilder/{picture.name}"', f'src="{data}"')
    return (
        '<!doctype html><html lang="nb"><meta charset="utf-8"><title>xltiltak</title>'
        '<meta name="viewport" content="width=device-width"><style>body{max-width:46rem;'
        "margin:2rem auto;padding:0 1rem;font:1rem/1.6 sans-serif}img{max-width:100%}"
        "table{border-collapse:collapse}td,th{border:1px solid;padding:.3rem .6rem;"
        f"text-align:left;vertical-align:top}}</style><body>{body}"
    )
