"""Measure CPU seconds and peak memory of each format of a report. `run` calls it.

Each format is written by a process of its own. The first one, `.json`, shows the cost of reading
the appendix, which all formats have in common.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.returned import MEASURES, answered, plan
from benchmarks.run import XLTILTAK, run
from xltiltak.model.files import write
from xltiltak.model.register import Register
from xltiltak.sheets.appendix import write_appendix

FORMATS = ("json", "csv", "xlsx", "html", "docx", "pdf")


def print_table(measures: int) -> None:
    """Measure each format of a report with so many measures, and print the table."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        report = plan(-(-measures // MEASURES))
        chance = Random(2)  # noqa: S311 - random texts, no secret
        parts = [answered(part, chance) for part in report.parts().values()]
        values = {slot: value for part in parts for slot, value in part.values.items()}
        write({folder / "a.xlsx": write_appendix(Register(replace(report, values=values)))})
        sys.stdout.write(f"\n| report of {measures} measures | CPU s | peak MiB | file MiB |\n")
        sys.stdout.write("|---|---|---|---|\n")
        for suffix in FORMATS:
            target = folder / f"out.{suffix}"
            cost = run([*XLTILTAK, "report", str(folder / "a.xlsx"), "-o", str(target)])
            size = target.stat().st_size / (1 << 20)
            sys.stdout.write(f"| `.{suffix}` | {cost.cpu:.1f} | {cost.memory:.0f} | {size:.1f} |\n")
            sys.stdout.flush()
