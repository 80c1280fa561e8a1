"""Compare every output of two checkouts, byte for byte.

    python -m tests.outputs ../before .              the checkout before a change, and this one
    python -m tests.outputs ../before . --cases DIR  also the returned files in the folders of DIR

Each checkout plays the same commands in a temporary folder: the demonstration, every template,
reminders, the year after, and the real documents (`XLTILTAK_REAL`) from table to report. A file, an
exit code or an output that differs is listed, and the parts that differ in workbooks and Word
files.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
REAL = Path(os.environ.get("XLTILTAK_REAL") or ROOT.parent / "shared" / "real")
ENDINGS = ("html", "docx", "pdf", "xlsx", "csv", "json")
LANGUAGES = ("nb", "nn", "sv", "en")
CURRENT = {
    "000_tiltaksstatus": "2020-12-31",
    "001_maaloppnaaelse": "2011-12-31",
    "002_verksamhetsberattelse": "2019-12-31",
    "003_programstatus": "2017-12-31",
    "004_handlingsplan": "2013-12-31",
}
TEMPLATES = (
    "tiltaksstatus",
    "maaloppnaaelse",
    "verksamhetsberattelse",
    "programstatus",
    "handlingsplan",
)
_TRACE = re.compile(r'File ".*?", line \d+.*')

Manifest = dict[str, str]


class Player:
    """A runner of one checkout's commands in a folder; `manifest` has the results."""

    def __init__(self, checkout: Path, folder: Path) -> None:
        self.checkout, self.folder = checkout.resolve(), folder
        self.manifest: Manifest = {}
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(self.checkout),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
            "XLTILTAK_LANG": "nb",
            "XLTILTAK_TEST_KEY": "the same in both",
            "COLUMNS": "110",
        }

    def run(self, name: str, words: Sequence[str], cwd: Path | None = None) -> None:
        """Run one command and store its exit code and its output."""
        command = [sys.executable, "-m", "xltiltak", *words]
        done = subprocess.run(
            command,
            cwd=cwd or self.folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=300,
        )
        printed = _TRACE.sub("", done.stdout + done.stderr)
        self.manifest[f"{name} : exit"] = str(done.returncode)
        self.manifest[f"{name} : printed"] = printed

    def note_files(self, name: str, folder: Path) -> None:
        """Store the SHA-256 of every file in a folder, and of every part of an archive."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                where = f"{name}/{path.relative_to(folder).as_posix()}"
                self.manifest[where] = hashlib.sha256(path.read_bytes()).hexdigest()
                self.manifest.update({f"{where} > {p}": digest for p, digest in _parts(path)})

    def play(self, cases: Path | None) -> Manifest:
        """Play everything and return the results."""
        self._demo()
        for template in TEMPLATES:
            self._template(template)
        for path in sorted(REAL.glob("*.csv")):
            self._document(path)
        for folder in sorted(cases.iterdir()) if cases else ():
            if (folder / "ret").is_dir():
                self._case(folder)
        return self.manifest

    def _demo(self) -> None:
        folder = self.folder / "demo"
        folder.mkdir()
        self.run("demo", ["demo", "d"], folder)
        sent = next((folder / "d").glob("* sendt *.xlsx"))
        appendix = folder / "d" / "Vedlegg 2020.xlsx"
        returned, plan = str(folder / "d" / "Returnert"), str(sent)
        self.run("check", ["check", returned, "--plan", plan, "--fix", "fix", "--all"], folder)
        self.run("check --json", ["check", returned, "--plan", plan, "--json"], folder)
        self.run("merge without plan", ["merge", returned, "-o", "alone.xlsx"], folder)
        self.run("remind", ["remind", plan, returned, "--to", "remind"], folder)
        self.run("send again", ["split", str(appendix), "--to", "again", "--per", "leader"], folder)
        self.run("mail", ["split", str(appendix), "--to", "mail", "--mail", "--force"], folder)
        self._reports("demo report", appendix, folder)
        for language in LANGUAGES:
            words = ["report", str(appendix), "-o", f"{language}.html", "--lang", language]
            self.run(f"report {language}", [*words, "--with-findings"], folder)
        roll = ["roll", str(appendix), "-o", "next.xlsx", "--year", "2021"]
        self.run("roll", [*roll, "--dates", "2021-04-30,2021-08-31"], folder)
        self.run("compare", ["compare", plan, str(appendix), "-o", "changes.xlsx"], folder)
        self.run("coordinator", ["coordinator", "Koordinator.xlsm"], folder)
        self.run("coordinator plain", ["coordinator", "Koordinator.xlsx"], folder)
        self.run("templates", ["templates"], folder)
        self.note_files("demo", folder)

    def _template(self, template: str) -> None:
        folder = self.folder / template
        folder.mkdir()
        self.run(f"{template} plan", ["template", "plan", template, "-o", "plan.xlsx"], folder)
        wide = ["template", "plan", template, "-o", "wide.xlsx", "--areas", "7"]
        self.run(f"{template} wide", wide, folder)
        self.note_files(template, folder)

    def _document(self, path: Path) -> None:
        name, folder = path.stem, self.folder / path.stem
        template, day = name.partition("_")[2], CURRENT[name]
        folder.mkdir()
        head = str(path.with_suffix(".toml"))
        source = ["import", str(path), "--template", template, "--head", head, "-o", "plan.xlsx"]
        self.run(f"{name} import", [*source, "--all"], folder)
        words = ["import", str(path.with_suffix(".txt")), "--template", template]
        self.run(f"{name} import text", [*words, "-o", "text.xlsx", "--all"], folder)
        self.run(f"{name} check", ["check", "plan.xlsx", "--all"], folder)
        self.run(f"{name} split", ["split", "plan.xlsx", "--to", "ut", "--date", day], folder)
        for sent in sorted(folder.glob("plan sendt *.xlsx")):
            merged = ["merge", "ut", "--plan", sent.name, "-o", "merged.xlsx"]
            self.run(f"{name} merge", [*merged, "--all"], folder)
        self._reports(f"{name} report", folder / "plan.xlsx", folder)
        self.note_files(name, folder)

    def _reports(self, name: str, appendix: Path, folder: Path) -> None:
        targets = [word for ending in ENDINGS for word in ("-o", f"report.{ending}")]
        self.run(name, ["report", str(appendix), *targets], folder)

    def _case(self, case: Path) -> None:
        folder = self.folder / "cases" / case.name
        shutil.copytree(case, folder)
        plan = str(case.parent / "_plan" / "sent.xlsx")
        self.run(f"case {case.name}", ["merge", "ret", "--plan", plan, "-o", "v.xlsx"], folder)
        (folder / "made").mkdir()
        for workbook in folder.glob("v.xlsx"):
            workbook.rename(folder / "made" / workbook.name)
        self.note_files(f"case {case.name}", folder / "made")


def _parts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and SHA-256 of every part of a .xlsx, .xlsm or .docx file."""
    if path.suffix in (".xlsx", ".xlsm", ".docx") and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                yield entry.filename, hashlib.sha256(archive.read(entry)).hexdigest()


def play(checkout: Path, cases: Path | None) -> Manifest:
    """Play all commands with one checkout in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        manifest = Player(checkout, place).play(cases)
        return {key: value.replace(str(place), "FOLDER") for key, value in manifest.items()}


def main() -> int:
    """Print the differences; return 1 if there are any, else 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("before", type=Path, help="a checkout")
    parser.add_argument("after", type=Path, help="another one")
    parser.add_argument("--cases", type=Path, help="a folder of folders with returned forms")
    chosen = parser.parse_args()
    cases = chosen.cases.resolve() if chosen.cases else None
    with ThreadPoolExecutor(2) as pool:
        before, after = pool.map(lambda c: play(c, cases), (chosen.before, chosen.after))
    different = [k for k in sorted({*before, *after}) if before.get(k) != after.get(k)]
    for key in different:
        sys.stdout.write(f"differs: {key}\n")
        if key.endswith((": printed", ": exit")):
            old, new = before.get(key, "").splitlines(), after.get(key, "").splitlines()
            changed = [line for line in old if line not in new], [x for x in new if x not in old]
            for sign, lines in zip("-+", changed, strict=True):
                sys.stdout.writelines(f"    {sign} {line[:200]}\n" for line in lines[:6])
    sys.stdout.write(f"{len(before)} outputs before, {len(after)} after, {len(different)} differ\n")
    return bool(different)


if __name__ == "__main__":
    raise SystemExit(main())
