"""Measure CPU seconds and peak memory of each format of a report, by default of 5,000 measures.

Each format is written by a process of its own. The first one, `.json`, shows the cost of reading
the appendix, which all formats have in common.
"""

from __future__ import annotations

import argparse
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


def main() -> None:
    """Measure each format and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.published", description=__doc__)
    parser.add_argument("--measures", type=int, default=5_000, metavar="N")
    options = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        report = plan(-(-options.measures // MEASURES))
        chance = Random(2)  # noqa: S311 - random texts, no secret
        parts = [answered(part, chance) for part in report.parts().values()]
        values = {slot: value for part in parts for slot, value in part.values.items()}
        write({folder / "a.xlsx": write_appendix(Register(replace(report, values=values)))})
        sys.stdout.write("| format | CPU s | peak memory MiB | file MiB |\n|---|---|---|---|\n")
        for suffix in FORMATS:
            target = folder / f"out.{suffix}"
            cost = run([*XLTILTAK, "report", str(folder / "a.xlsx"), "-o", str(target)])
            size = target.stat().st_size / (1 << 20)
            sys.stdout.write(f"| `.{suffix}` | {cost.cpu:.1f} | {cost.memory:.0f} | {size:.1f} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
