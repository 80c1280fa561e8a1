"""Reading returned forms, beside bare python-calamine reading the same files; prints the two ratios as JSON."""

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
    """Every sheet as rows."""
    for _, content in files:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def cells(files: Files) -> None:
    """Every sheet as cells, proved."""
    for _, content in files:
        list(read_sheets(Package(content)))


def slots(files: Files) -> None:
    """Everything each file says, judged."""
    for name, content in files:
        assert parse_return(name, content).outcome == "read"


def measure(folder: Path, rounds: int) -> dict[str, float]:
    """How many times as long as calamine the others take, by CPU time, each of them once a round."""
    files = [(path.name, path.read_bytes()) for path in sorted(folder.glob("*.xlsx"))]
    ways: tuple[Callable[[Files], None], ...] = (calamine, cells, slots)
    took: dict[str, list[float]] = {way.__name__: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            start = time.process_time()
            way(files)
            took[way.__name__].append(time.process_time() - start)
    bare = median(took["calamine"])
    return {name: median(took[name]) / bare for name in ("cells", "slots")}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
