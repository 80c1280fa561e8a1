"""Measure every target of docs/benchmarks.md for speed and memory, and print one table.

Every number is a ratio of CPU time (user and system), or of peak memory, of whole processes that
ran one after the other in the same round. It is the median over the rounds, so that it depends
little on the machine or on other programs that run there.
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
# Number of forms: first target and goal, in times as fast as the script.
_MERGE = {4: (2, 10), 100: (3, 10), 1000: (2.5, 12)}
_MANY = 100  # forms; from here on the fixed cost of a run is small
_SLOW_ROUNDS = 3  # rounds of slow commands
_FAST_ROUNDS = 15  # rounds of fast commands


class Cost(NamedTuple):
    """Hold the CPU seconds and the peak memory in MiB of a process."""

    cpu: float
    memory: float


class Row(NamedTuple):
    """Hold a row of the table. `at_least`: a larger ratio is better."""

    what: str
    ratio: float
    first: float
    goal: float
    at_least: bool = False

    @property
    def met(self) -> str:
        """Return "goal", "yes" for the first target only, or "no"."""
        met = [
            bound
            for bound in (self.goal, self.first)
            if (self.ratio >= bound if self.at_least else self.ratio <= bound)
        ]
        return "goal" if self.goal in met else "yes" if met else "no"

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        bounds = f"{sign} {self.first:g} | {sign} {self.goal:g}"
        return f"| {self.what} | {self.ratio:.2f} | {bounds} | {self.met} |"


@cache
def environment() -> dict[str, str]:
    """Return the environment of all processes: one shared folder for compiled modules.

    An installed program is compiled once, so only the first process here compiles modules.
    """
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**own, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": mkdtemp(prefix="compiled-")}


def run(command: Sequence[str]) -> Cost:
    """Run a command and return its cost. Raise SystemExit if it fails."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment()
    ) as process:
        errors = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\n{errors.decode()}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


class Rounds:
    """Run all commands in each of some rounds, and compare their costs.

    The first `untimed` commands are run once before, without being measured.
    """

    def __init__(self, rounds: int, commands: Sequence[Sequence[str]], *, untimed: int = 0) -> None:
        for command in commands[:untimed]:
            run(command)
        self._rounds = [[run(command) for command in commands] for _ in range(rounds)]

    def cpu(self, one: int, other: int) -> float:
        """Return the CPU time of a command divided by that of another; both are indexes."""
        return median(costs[one].cpu / costs[other].cpu for costs in self._rounds)

    def memory(self, one: int, other: int) -> float:
        """Return the peak memory of a command divided by that of another; both are indexes."""
        return median(costs[one].memory / costs[other].memory for costs in self._rounds)


def merge_rows(folder: Path, sizes: Sequence[int], rounds: int) -> Iterator[Row]:
    """Compare a merge with the script in time and memory, and the cost of a form in two sizes."""
    commands = [command for size in sizes for command in _merge_commands(folder / str(size), size)]
    costs = Rounds(rounds, commands, untimed=2)
    for n, size in enumerate(sizes):
        ours, theirs = 2 * n, 2 * n + 1
        first, goal = _MERGE.get(size, (2.5, 10))
        fast = costs.cpu(theirs, ours)
        yield Row(
            f"`merge` of {size} forms: times as fast as the script",
            fast,
            first,
            goal,
            at_least=True,
        )
        yield Row(
            f"`merge` of {size} forms: peak memory beside the script's",
            costs.memory(ours, theirs),
            1.3,
            0.4,
        )
    low, high = min((s for s in sizes if s >= _MANY), default=0), max(sizes, default=0)
    if low and high > low:
        ratio = costs.cpu(2 * sizes.index(high), 2 * sizes.index(low)) * low / high
        yield Row(f"cost of a form among {high}, beside one among {low}", ratio, 1.1, 1.0)


def _merge_commands(round_folder: Path, size: int) -> Iterator[Sequence[str]]:
    """Write the forms of a round, and yield the command of our merge and that of the script."""
    run([sys.executable, "-m", "benchmarks.returned", str(round_folder), str(size)])
    ours = [*XLTILTAK, "merge", str(round_folder / "in"), "--plan", str(round_folder / "plan.xlsx")]
    yield [*ours, "-o", str(round_folder / "appendix.xlsx"), "--force"]
    yield [
        sys.executable,
        str(ROOT / "benchmarks" / "script.py"),
        str(round_folder / "in"),
        str(round_folder / "script.xlsx"),
    ]


def intake_rows(folder: Path, rounds: int) -> Iterator[Row]:
    """Compare the intake with python-calamine only."""
    command = [sys.executable, "-m", "benchmarks.intake", str(folder / "in"), str(max(rounds, 5))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    ratios = json.loads(done.stdout)
    yield Row("intake beside bare python-calamine: cells only", ratios["cells"], 3, 2)
    yield Row(
        "intake beside bare python-calamine: to slots, with findings", ratios["slots"], 5, 2.5
    )


def split_rows(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    """Compare a split with XlsxWriter only, which writes the same sheets."""
    round_folder = folder / str(size)
    ours = [
        *XLTILTAK,
        "split",
        str(round_folder / "plan.xlsx"),
        "--to",
        str(round_folder / "forms"),
        "--force",
    ]
    theirs = [sys.executable, "-m", "benchmarks.bare", str(round_folder / "bare"), str(size)]
    costs = Rounds(min(rounds, _SLOW_ROUNDS), [ours, theirs])
    yield Row(f"`split` into {size} forms beside bare XlsxWriter", costs.cpu(0, 1), 1.4, 0.2)


def start_rows() -> Iterator[Row]:
    """Compare the start of the program with that of Python."""
    calls = [["--version"], ["--help"], *([name, "--help"] for name in COMMANDS)]
    commands = [BARE, *([*XLTILTAK, *words] for words in calls)]
    costs = Rounds(_FAST_ROUNDS, commands, untimed=len(commands))
    for n, words in enumerate(calls, 1):
        first, goal = (1.6, 1.2) if words == ["--version"] else (5, 3)
        yield Row(f"`xltiltak {' '.join(words)}` beside bare Python", costs.cpu(n, 0), first, goal)


def main() -> None:
    """Measure all of it and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[4, 100, 1000], metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    options = parser.parse_args()
    print("| what | ratio | first target | goal | met |\n|---|---|---|---|---|", flush=True)
    with TemporaryDirectory() as temporary:
        folder, largest = Path(temporary), max(options.sizes)
        for row in start_rows():
            print(row, flush=True)
        for row in merge_rows(folder, options.sizes, options.rounds):
            print(row, flush=True)
        for row in (
            *intake_rows(folder / str(min(largest, 100)), options.rounds),
            *split_rows(folder, largest, options.rounds),
        ):
            print(row, flush=True)


if __name__ == "__main__":
    main()
