"""Compare reading returned forms with python-calamine only. Print the two ratios as JSON.

python -m benchmarks.intake FOLDER ROUNDS
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median

from python_calamine import CalamineWorkbook

from xltiltak.intake.returned_file import parse_return
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_reader import read_sheets

Files = list[tuple[str, bytes]]


def calamine(files: Files) -> None:
    """Read every sheet as rows with python-calamine."""
    for _, content in files:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def cells(files: Files) -> None:
    """Read every sheet as checked cells."""
    for _, content in files:
        list(read_sheets(Package(content)))


def slots(files: Files) -> None:
    """Read the changes and findings of each file."""
    for name, content in files:
        assert parse_return(name, content).outcome == "read"


def measure(folder: Path, rounds: int) -> dict[str, float]:
    """Return the CPU time of `cells` and `slots`, divided by that of `calamine`.

    In each round each of them reads all files once; the times are medians over the rounds.
    """
    files = [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.xlsx"))]
    readers: tuple[Callable[[Files], None], ...] = (calamine, cells, slots)
    times: dict[str, list[float]] = {reader.__name__: [] for reader in readers}
    for _ in range(rounds):
        for reader in readers:
            start = time.process_time()
            reader(files)
            times[reader.__name__].append(time.process_time() - start)
    baseline = median(times["calamine"])
    return {name: median(times[name]) / baseline for name in ("cells", "slots")}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
