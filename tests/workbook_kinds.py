"""Write a workbook of every kind that the program has, and check each by the rules of Excel.

`python -m tests.workbook_kinds` prints a table: for each kind, how many workbooks were written, and
the faults that `excel_rules` and the Open XML SDK found in them. A *shape* is a report by template,
language and size; `--large` adds those at the limits of size. The SDK needs seconds for each
workbook, so that of small shapes it checks a sample.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl

from tests.at_limits import DATES, LONG, grouped_rows, many
from tests.excel_rules import problems
from tests.parts import VALIDATOR, validate
from tests.sources import TEMPLATES
from xltiltak.cli import main as cli
from xltiltak.coordinator import addin, model
from xltiltak.coordinator.workbook_writer import write_coordinator_workbook
from xltiltak.model.language import LANGUAGES
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Report
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue
from xltiltak.templates.template_tools import BLANK_PLAN

MISTAKES: tuple[str | float, ...] = (
    "syv",
    7,
    3.5,
    "<p>Avsnitt</p>",
    "=HYPERLINK(1)",
    "_x000D_ & <b>",
    "'=1+1",
    "x" * 3_000,
)
KINDS = (
    "plan", "plan as sent", "form", "form of a leader", "correction form", "appendix",
    "published", "changes", "plan of next year", "empty plan", "coordinator, no macros",
    "coordinator, macros", "add-in",
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """The size of a report: how many measures, areas and dates."""

    template: str  # empty for a table with groups of measures
    language: str
    measures: int = 24
    areas: int = 2
    dates: int = 2

    def report(self) -> Report:
        """Return the report, with hostile texts in all its fields and details."""
        template = catalogue.find(self.template) if self.template else grouped_rows()
        dates = DATES[: self.dates]
        title = "&A 😀 <æøå> " * 8
        found = many(template, self.measures, areas=self.areas, dates=dates, title=title)
        head = replace(
            found.head, language=self.language, intro=LONG * 9, contact=LONG, organisation=LONG
        )
        leaders = {
            ref: Area(
                f"=Kari '{n // 2}' 😀", f"@Ola {n}", f"kari{n // 2}@testby.no", intro=LONG * 9
            )
            for n, ref in enumerate(found.area_refs)
        }
        return replace(found, head=head, areas=leaders)


SMALL = tuple(Shape(template, language) for template in ("", *TEMPLATES) for language in LANGUAGES)
SAMPLE = SMALL[::7]  # each language, and most templates
LARGE = (
    Shape("", "nb", 5_000, 1),
    Shape("", "nn", 120, 60, 12),
    Shape("tiltaksstatus", "sv", 5_000, 1),
    Shape("tiltaksstatus", "en", 60, 60, 12),
    Shape("programstatus", "nb", 345, 1),
    Shape("programstatus", "nb", 1_170, 1),
    Shape("verksamhetsberattelse", "sv", 345, 1),
    Shape("handlingsplan", "nn", 1_500, 1),
    Shape("maaloppnaaelse", "en", 1_500, 1),
)

Workbook = tuple[str, Path]  # its kind, one of KINDS, and its file


def workbooks(shape: Shape, folder: Path) -> Iterator[Workbook]:
    """Write the workbooks of a whole round, on the command line where it has a command."""
    report = shape.report()
    day = f"{max(report.head.dates)}"
    plan, sent, forms = folder / "Plan.xlsx", folder / f"Plan sendt {day}.xlsx", folder / "ut"
    plan.write_bytes(write_appendix(Register(report)))
    yield "plan", plan
    _run("split", plan, "--to", forms, "--date", day)
    sent = next(path for path in folder.glob("Plan *.xlsx"))
    yield "plan as sent", sent
    yield from (("form", path) for path in sorted(forms.glob("*.xlsx"))[:2])
    _run("split", plan, "--to", folder / "ledere", "--date", day, "--per", "leader", "--force")
    yield "form of a leader", next((folder / "ledere").glob("*.xlsx"))
    answers, fixed = folder / "svar", folder / "rett"
    answers.mkdir()
    for path in sorted(forms.glob("*.xlsx"))[:2]:
        _with_mistakes(path, answers / path.name)
    _run("check", answers, "--plan", sent, "--fix", fixed)
    yield from (("correction form", path) for path in sorted(fixed.glob("*.xlsx")))
    appendix, later = folder / "Vedlegg.xlsx", folder / "Plan 2021.xlsx"
    _run("merge", answers, "--plan", sent, "-o", appendix)
    yield "appendix", appendix
    for kind, path, *words in (
        ("published", folder / "Rapport.xlsx", "report", appendix),
        ("changes", folder / "Endringer.xlsx", "compare", plan, appendix),
        ("plan of next year", later, "roll", appendix, "--year", 2021, "--dates", "2021-04-30"),
    ):
        _run(*words, "-o", path)
        yield kind, path


def workbooks_of_the_program(folder: Path) -> Iterator[Workbook]:
    """Write the workbooks that do not depend on a report."""
    for name, source in catalogue.folders().items():
        shutil.copy(source / BLANK_PLAN, folder / f"{name}.xlsx")
        yield "empty plan", folder / f"{name}.xlsx"
    for language in LANGUAGES:
        buttons, plain = folder / f"k-{language}.xlsm", folder / f"k-{language}.xlsx"
        settings = {name: LONG for name in model.SETTINGS if name not in ("day", "deadline")}
        project = model.vba_project()
        buttons.write_bytes(write_coordinator_workbook(language, settings, {}, project))
        plain.write_bytes(write_coordinator_workbook(language, {}, {}, None))
        file = folder / f"{language}-{addin.FILE_NAME}"
        file.write_bytes(addin.build_addin(language, "C:\\Åse & Bø\\python.exe", "/usr/bin/python"))
        yield from (("coordinator, macros", buttons), ("coordinator, no macros", plain))
        yield "add-in", file


def _with_mistakes(form: Path, target: Path) -> None:
    """Copy a form with an answer of each kind that is refused, and a row and a sheet more."""
    book = openpyxl.load_workbook(form)
    sheet = book.worksheets[0]
    opened = [c for row in sheet.iter_rows() for c in row if not c.protection.locked]
    for cell, value in zip(opened, MISTAKES, strict=False):
        sheet[cell.coordinate] = value
    sheet.cell(sheet.max_row + 1, 3, "Et tiltak som mangler: «=1+1» 😀")
    book.create_sheet("Notater")["A1"] = "Husk dette"
    book.save(target)


def _run(*words: object) -> None:
    """Run a command whose output nobody reads. Raises RuntimeError if it wrote nothing."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        code = cli.run([str(word) for word in words])
    if code not in (0, 1):
        raise RuntimeError(f"{words[0]} ended with {code}: {told.getvalue()}")


def main() -> int:
    """Write and check everything, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also those at the limits of size")
    parser.add_argument("--all", action="store_true", help="let the SDK check every workbook")
    arguments = parser.parse_args()
    program = os.environ.get(VALIDATOR) or shutil.which("ooxml-validator")
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for shape in (None, *SMALL, *(LARGE if arguments.large else ())):
        asks_sdk = bool(program) and (arguments.all or shape not in SMALL or shape in SAMPLE)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            found = workbooks(shape, folder) if shape else workbooks_of_the_program(folder)
            for kind, path in found:
                faults = problems(path.read_bytes(), path.suffix)
                refused = validate(str(program), path) if asks_sdk else []
                counts[kind].update({"written": 1, "faults": len(faults)})
                counts[kind].update({"by SDK": asks_sdk, "SDK faults": len(refused)})
                for fault in (*faults, *refused):
                    sys.stdout.write(f"{shape} {kind} {path.name}: {fault}\n")
    return _print_table(counts)


def _print_table(counts: Mapping[str, Counter[str]]) -> int:
    """Print a line for each kind, and return 1 if there are faults, otherwise 0."""
    columns = ("written", "faults", "by SDK", "SDK faults")
    sys.stdout.write(f"{'kind':24}" + "".join(f"{column:>12}" for column in columns) + "\n")
    for kind, found in counts.items():
        cells = "".join(f"{found[column]:>12}" for column in columns)
        sys.stdout.write(f"{kind:24}{cells}\n")
    return int(any(found["faults"] + found["SDK faults"] for found in counts.values()))


if __name__ == "__main__":
    sys.exit(main())
