"""Rewrite a form of ours as Excel saves it, and let openpyxl and LibreOffice save others.

What Excel writes otherwise: attributes of rows that only it uses, every text in the shared strings,
some of these in runs of several fonts, and the usual level of compression.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl

_SPACE = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"
_MARKUP = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_INLINE = re.compile(r't="inlineStr"><is>(.*?)</is></c>', re.DOTALL)
_TEXT = re.compile(r"<si><t(?: [^>]*)?>([^<]*)</t></si>")
_FONT = '<rPr><sz val="10"/><color theme="1"/><rFont val="Arial"/><family val="2"/></rPr>'
_MOST_FORMS = 50  # that LibreOffice opens in one run; of many it leaves some out
_RUNS_EACH = 5  # every fifth text of several words is in two runs


def saved_by_openpyxl(form: bytes) -> bytes:
    """Return the form as openpyxl saves it."""
    target = BytesIO()
    openpyxl.load_workbook(BytesIO(form)).save(target)
    return target.getvalue()


def saved_by_libreoffice(forms: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the forms as LibreOffice saves them. Raises SystemExit without LibreOffice."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if not program:
        raise SystemExit("The forms that LibreOffice saves need `soffice` in the path.")
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, form in forms.items():
            (folder / name).write_bytes(form)
        command = [program, f"-env:UserInstallation={(folder / 'user').as_uri()}", "--headless"]
        command += ["--convert-to", "xlsx", "--outdir", str(folder / "saved")]
        names = list(forms)
        for at in range(0, len(names), _MOST_FORMS):
            some = [folder / name for name in names[at : at + _MOST_FORMS]]
            subprocess.run([*command, *some], check=True, capture_output=True)
        return {name: (folder / "saved" / name).read_bytes() for name in forms}


def in_excels_shape(form: bytes) -> bytes:
    """Return the form in the shape in which Excel saves it."""
    with zipfile.ZipFile(BytesIO(form)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    strings: list[str] = []
    for name in sorted(name for name in parts if name.startswith("xl/worksheets/sheet")):
        parts[name] = _sheet(parts[name], strings, parts["xl/sharedStrings.xml"].count("<si>"))
    parts["xl/sharedStrings.xml"] = _shared_strings(parts["xl/sharedStrings.xml"], strings)
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def _sheet(part: str, strings: list[str], before: int) -> str:
    """Return a sheet as Excel writes it; add its inline texts to the shared strings."""

    def share(found: re.Match[str]) -> str:
        strings.append(f"<si>{found[1]}</si>")
        return f't="s"><v>{before + len(strings) - 1}</v></c>'

    names = f'xmlns:mc="{_MARKUP}" mc:Ignorable="x14ac" xmlns:x14ac="{_SPACE}"'
    part = part.replace("<worksheet ", f"<worksheet {names} ", 1)
    part = re.sub(r'<row r="(\d+)"', r'<row r="\1" spans="1:7" x14ac:dyDescent="0.25"', part)
    return _INLINE.sub(share, part)


def _shared_strings(part: str, more: list[str]) -> str:
    """Return the shared strings with more of them, and some texts in two runs."""
    count = 0

    def part_in_runs(found: re.Match[str]) -> str:
        nonlocal count
        first, blank, rest = found[1].partition(" ")
        count += bool(blank)
        if not blank or count % _RUNS_EACH:
            return found[0]
        text = '<t xml:space="preserve">'
        return f"<si><r>{text}{first}</t></r><r>{_FONT}{text} {rest}</t></r></si>"

    return _TEXT.sub(part_in_runs, part).replace("</sst>", f"{''.join(more)}</sst>")
