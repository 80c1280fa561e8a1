"""Everything that is promised about speed (design, §11), measured in one run and printed as one table.

Every number is a ratio of CPU time (user and system) of whole processes, medians over rounds that take turns, so that
it hardly depends on the machine or on what else runs there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, mkdtemp
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COMMANDS = ("demo", "templates", "import", "split", "check", "merge")
BARE = [sys.executable, "-c", "pass"]
_SCRIPT = Path(sys.executable).with_name("xltiltak")  # as pip installs it
XLTILTAK = [str(_SCRIPT)] if _SCRIPT.exists() else [sys.executable, "-m", "xltiltak"]
_MERGE = {4: (2, 10), 100: (3, 10), 1000: (2.5, 12)}  # times as fast: first target, goal
_FEW = 3  # rounds of what takes long
_OFTEN = 15  # rounds of what takes no time


class Cost(NamedTuple):
    """CPU seconds and peak memory in MiB of a process."""

    cpu: float
    memory: float


class Row(NamedTuple):
    """A line of the table; `least` where a larger ratio is the better one."""

    what: str
    ratio: float
    first: float
    goal: float
    least: bool = False

    @property
    def met(self) -> str:
        """Which of the two it keeps."""
        kept = [
            bound for bound in (self.goal, self.first) if (self.ratio >= bound if self.least else self.ratio <= bound)
        ]
        return "goal" if self.goal in kept else "yes" if kept else "no"

    def __str__(self) -> str:
        sign = "≥" if self.least else "≤"
        return f"| {self.what} | {self.ratio:.2f} | {sign} {self.first:g} | {sign} {self.goal:g} | {self.met} |"


@cache
def environment() -> dict[str, str]:
    """Everybody's, with compiled modules kept apart: an installed program is compiled once, whoever runs it later."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": mkdtemp(prefix="compiled-")}


def run(command: Sequence[str]) -> Cost:
    """What a process costs. Raises SystemExit when it fails."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment()) as process:
        told = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\n{told.decode()}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def turns(rounds: int, *commands: Sequence[str]) -> list[Cost]:
    """The median cost of each command, one of each a round, after one that does not count where they are short."""
    if rounds > _FEW:
        for command in commands:
            run(command)
    known = [[run(command) for command in commands] for _ in range(rounds)]
    costs = list(zip(*known, strict=True))
    return [Cost(median(c.cpu for c in of), median(c.memory for c in of)) for of in costs]


def merging(folder: Path, sizes: Sequence[int], rounds: int) -> Iterator[Row]:
    """The whole merge beside the script people write; its memory; and what a form costs where there are many."""
    each: dict[int, float] = {}
    for size in sizes:
        made = folder / str(size)
        run([sys.executable, "-m", "benchmarks.returned", str(made), str(size)])
        ours = [*XLTILTAK, "merge", str(made / "in"), "--plan", str(made / "plan.xlsx")]
        ours += ["-o", str(made / "appendix.xlsx"), "--force"]
        theirs = [sys.executable, str(ROOT / "benchmarks" / "script.py"), str(made / "in"), str(made / "script.xlsx")]
        mine, script = turns(rounds if size < 1000 else min(rounds, _FEW), ours, theirs)
        first, goal = _MERGE.get(size, (2.5, 10))
        yield Row(
            f"`merge` of {size} forms: times as fast as the script", script.cpu / mine.cpu, first, goal, least=True
        )
        yield Row(f"`merge` of {size} forms: peak memory beside the script's", mine.memory / script.memory, 1.3, 0.4)
        each[size] = mine.cpu / size
    low, high = min((s for s in each if s >= 100), default=0), max(each, default=0)
    if low and high > low:
        yield Row(f"cost of a form among {high}, beside one among {low}", each[high] / each[low], 1.1, 1.0)


def reading(folder: Path, rounds: int) -> Iterator[Row]:
    """Intake beside bare python-calamine."""
    command = [sys.executable, "-m", "benchmarks.intake", str(folder / "in"), str(max(rounds, 5))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    ratios = json.loads(done.stdout)
    yield Row("intake beside bare python-calamine: cells only", ratios["cells"], 3, 2)
    yield Row("intake beside bare python-calamine: to slots, with findings", ratios["slots"], 5, 2.5)


def splitting(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    """Forms beside bare XlsxWriter writing the same sheets."""
    made = folder / str(size)
    ours = [*XLTILTAK, "split", str(made / "plan.xlsx"), "--to", str(made / "forms"), "--force"]
    theirs = [sys.executable, "-m", "benchmarks.bare", str(made / "bare"), str(size)]
    mine, bare = turns(min(rounds, _FEW), ours, theirs)
    yield Row(f"`split` into {size} forms beside bare XlsxWriter", mine.cpu / bare.cpu, 1.4, 0.2)


def starting() -> Iterator[Row]:
    """What it costs to be asked, beside bare Python."""
    asked = [["--version"], ["--help"], *([name, "--help"] for name in COMMANDS)]
    bare, *costs = turns(_OFTEN, BARE, *([*XLTILTAK, *words] for words in asked))
    for words, cost in zip(asked, costs, strict=True):
        first, goal = (1.6, 1.2) if words == ["--version"] else (5, 3)
        yield Row(f"`xltiltak {' '.join(words)}` beside bare Python", cost.cpu / bare.cpu, first, goal)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[4, 100, 1000], metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    chosen = parser.parse_args()
    print("| what | ratio | first target | goal | met |\n|---|---|---|---|---|", flush=True)
    with TemporaryDirectory() as made:
        folder, largest = Path(made), max(chosen.sizes)
        for row in starting():
            print(row, flush=True)
        for row in merging(folder, chosen.sizes, chosen.rounds):
            print(row, flush=True)
        for row in (
            *reading(folder / str(min(largest, 100)), chosen.rounds),
            *splitting(folder, largest, chosen.rounds),
        ):
            print(row, flush=True)


if __name__ == "__main__":
    main()
