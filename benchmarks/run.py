"""Everything that is promised about speed (design, §11), measured in one run and printed as one table.

Every number is a ratio of CPU time (user and system) of whole processes that ran one after the other in the same
round, the median over the rounds, so that it hardly depends on the machine or on what else runs there.
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
_MANY = 100  # forms; what a run costs besides counts for little
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
            bound
            for bound in (self.goal, self.first)
            if (self.ratio >= bound if self.least else self.ratio <= bound)
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
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment()
    ) as process:
        told = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\n{told.decode()}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


class Turns:
    """What commands cost, one of each a round, after a first of so many of them that does not count."""

    def __init__(self, rounds: int, commands: Sequence[Sequence[str]], *, untimed: int = 0) -> None:
        for command in commands[:untimed]:
            run(command)
        self._rounds = [[run(command) for command in commands] for _ in range(rounds)]

    def cpu(self, one: int, other: int) -> float:
        """The CPU time of one command beside that of another."""
        return median(costs[one].cpu / costs[other].cpu for costs in self._rounds)

    def memory(self, one: int, other: int) -> float:
        """The peak memory of one command beside that of another."""
        return median(costs[one].memory / costs[other].memory for costs in self._rounds)


def merging(folder: Path, sizes: Sequence[int], rounds: int) -> Iterator[Row]:
    """The whole merge beside the script people write; its memory; and what a form costs where there are many."""
    commands = [command for size in sizes for command in _both(folder / str(size), size)]
    took = Turns(rounds, commands, untimed=2)
    for n, size in enumerate(sizes):
        ours, theirs = 2 * n, 2 * n + 1
        first, goal = _MERGE.get(size, (2.5, 10))
        fast = took.cpu(theirs, ours)
        yield Row(
            f"`merge` of {size} forms: times as fast as the script", fast, first, goal, least=True
        )
        yield Row(
            f"`merge` of {size} forms: peak memory beside the script's",
            took.memory(ours, theirs),
            1.3,
            0.4,
        )
    low, high = min((s for s in sizes if s >= _MANY), default=0), max(sizes, default=0)
    if low and high > low:
        ratio = took.cpu(2 * sizes.index(high), 2 * sizes.index(low)) * low / high
        yield Row(f"cost of a form among {high}, beside one among {low}", ratio, 1.1, 1.0)


def _both(made: Path, size: int) -> Iterator[Sequence[str]]:
    """Our merge of so many forms, which are written now, and the script's."""
    run([sys.executable, "-m", "benchmarks.returned", str(made), str(size)])
    ours = [*XLTILTAK, "merge", str(made / "in"), "--plan", str(made / "plan.xlsx")]
    yield [*ours, "-o", str(made / "appendix.xlsx"), "--force"]
    yield [
        sys.executable,
        str(ROOT / "benchmarks" / "script.py"),
        str(made / "in"),
        str(made / "script.xlsx"),
    ]


def reading(folder: Path, rounds: int) -> Iterator[Row]:
    """Intake beside bare python-calamine."""
    command = [sys.executable, "-m", "benchmarks.intake", str(folder / "in"), str(max(rounds, 5))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    ratios = json.loads(done.stdout)
    yield Row("intake beside bare python-calamine: cells only", ratios["cells"], 3, 2)
    yield Row(
        "intake beside bare python-calamine: to slots, with findings", ratios["slots"], 5, 2.5
    )


def splitting(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    """Forms beside bare XlsxWriter writing the same sheets."""
    made = folder / str(size)
    ours = [*XLTILTAK, "split", str(made / "plan.xlsx"), "--to", str(made / "forms"), "--force"]
    theirs = [sys.executable, "-m", "benchmarks.bare", str(made / "bare"), str(size)]
    took = Turns(min(rounds, _FEW), [ours, theirs])
    yield Row(f"`split` into {size} forms beside bare XlsxWriter", took.cpu(0, 1), 1.4, 0.2)


def starting() -> Iterator[Row]:
    """What it costs to be asked, beside bare Python."""
    asked = [["--version"], ["--help"], *([name, "--help"] for name in COMMANDS)]
    commands = [BARE, *([*XLTILTAK, *words] for words in asked)]
    took = Turns(_OFTEN, commands, untimed=len(commands))
    for n, words in enumerate(asked, 1):
        first, goal = (1.6, 1.2) if words == ["--version"] else (5, 3)
        yield Row(f"`xltiltak {' '.join(words)}` beside bare Python", took.cpu(n, 0), first, goal)


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
