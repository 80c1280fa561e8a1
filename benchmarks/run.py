"""Measure everything of docs/benchmarks.md for speed and memory, and print one table.

Every number is a ratio of CPU time (user and system) and of elapsed time, or of peak memory, of
whole processes that ran one after the other in the same round. It is the median over the rounds, so
that it depends little on the machine or on other programs that run there. Where callgrind is
installed, the instructions of a form are counted, too; these do not depend on the machine at all.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, mkdtemp
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COMMANDS = ("demo", "templates", "import", "split", "check", "merge")
BARE = [sys.executable, "-c", "pass"]
_SCRIPT = Path(sys.executable).with_name("xltiltak")  # as pip installs it
XLTILTAK = [str(_SCRIPT)] if _SCRIPT.exists() else [sys.executable, "-m", "xltiltak"]
_PEERS = {
    "polars, fastexcel, XlsxWriter": ("script_polars.py",),
    "pandas with calamine": ("script.py", "calamine"),
    "pandas with openpyxl": ("script.py", "openpyxl"),
}
# Wanted: times as fast as polars in CPU and in elapsed time, as fast as pandas; by number of forms.
_POLARS = {4: (1.4, 1.4), 100: (1.0, 1.0), 1000: (0.75, 1.0)}
_NOTHING_NEW = {4: 1.0, 100: 0.6, 1000: 0.35}  # of the first merge
_ONE_NEW = {4: 1.0, 100: 0.8, 1000: 0.8}
_MIB = {1000: 235}  # peak memory of a merge
_SLOW_ROUNDS = 3  # rounds of slow commands
_FAST_ROUNDS = 15  # rounds of fast commands
_COUNTED = (4, 24)  # forms of the two runs whose instructions are counted
_MANY = 1000  # forms; so many are merged in few rounds
_LARGE = 20  # numbers from here on are written without decimals


class Cost(NamedTuple):
    """Hold CPU seconds, elapsed seconds and the peak memory in MiB of a process."""

    cpu: float
    wall: float
    memory: float


class Task(NamedTuple):
    """Hold a command, and what is done before each run without being measured."""

    words: Sequence[str]
    prepare: Callable[[], object] = lambda: None


class Row(NamedTuple):
    """Hold a row of the table; what is wanted of which number, None if nothing is."""

    what: str
    cpu: float | None = None
    wall: float | None = None
    wanted: float | None = None
    sign: str = "≤"
    wanted_wall: float | None = None

    @property
    def met(self) -> str:
        """Return "yes", "no", or nothing if nothing is wanted."""
        pairs = ((self.cpu, self.wanted), (self.wall, self.wanted_wall))
        asked = [(n, bound) for n, bound in pairs if n is not None and bound is not None]
        if not asked:
            return ""
        is_met = all((n >= bound) if self.sign == "≥" else (n <= bound) for n, bound in asked)
        return "yes" if is_met else "no"

    def __str__(self) -> str:
        numbers = ("" if n is None else f"{n:.2f}" if n < _LARGE else f"{n:.0f}" for n in self[1:3])
        bounds = [f"{bound:g}" for bound in (self.wanted, self.wanted_wall) if bound is not None]
        wanted = f"{self.sign} {' · '.join(bounds)}" if bounds else ""
        return f"| {self.what} | {' | '.join(numbers)} | {wanted} | {self.met} |"


@cache
def environment() -> dict[str, str]:
    """Return the environment of all processes: one shared folder for compiled modules.

    An installed program is compiled once, so only the first process here compiles modules.
    """
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    compiled = mkdtemp(prefix="compiled-")
    return {
        **own,
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": compiled,
        "PYTHONHASHSEED": "0",
        "XLTILTAK_TEST_KEY": "benchmark",
    }


def run(command: Sequence[str]) -> Cost:
    """Run a command and return its cost. Raise SystemExit if it fails."""
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment()
    ) as process:
        errors = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\n{errors.decode()}")
    wall = time.perf_counter() - began
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)


class Rounds:
    """Run all tasks in each of some rounds, and compare their costs.

    The first `untimed` tasks are run once before, without being measured.
    """

    def __init__(self, rounds: int, tasks: Sequence[Task], *, untimed: int = 0) -> None:
        for task in tasks[:untimed]:
            _run(task)
        self._rounds = [[_run(task) for task in tasks] for _ in range(rounds)]

    def ratios(self, one: int, other: int) -> tuple[float, float]:
        """Return CPU and elapsed time of a task divided by those of another; both are indexes."""
        pairs = [(costs[one], costs[other]) for costs in self._rounds]
        return median(a.cpu / b.cpu for a, b in pairs), median(a.wall / b.wall for a, b in pairs)

    def memory(self, one: int) -> float:
        """Return the peak memory of a task in MiB."""
        return median(costs[one].memory for costs in self._rounds)

    def seconds(self, one: int) -> tuple[float, float]:
        """Return CPU and elapsed seconds of a task."""
        costs = [of_round[one] for of_round in self._rounds]
        return median(cost.cpu for cost in costs), median(cost.wall for cost in costs)


def _run(task: Task) -> Cost:
    task.prepare()
    return run(task.words)


def merge_rows(folder: Path, sizes: Sequence[int], rounds: int) -> Iterator[Row]:
    """Compare a merge with the scripts, and a second merge with the first."""
    for size in sizes:
        run([sys.executable, "-m", "benchmarks.returned", str(folder / str(size)), str(size)])
        yield from _merge_rows(folder / str(size), size, rounds)


def _merge_rows(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    peers = [Task(_peer(folder, *script)) for script in _PEERS.values()]
    tasks = [*_merges(folder), *peers]
    costs = Rounds(rounds if size < _MANY else min(rounds, _SLOW_ROUNDS), tasks, untimed=2)
    cpu, wall = costs.seconds(0)
    yield Row(f"`merge` of {size} forms: seconds", cpu, wall)
    of_first = f"`merge` of {size} forms: times as fast as "
    for n, name in enumerate(_PEERS, len(tasks) - len(peers)):
        wanted = _POLARS.get(size, (None, None)) if n == len(tasks) - len(peers) else (None, None)
        yield Row(f"{of_first}{name}", *costs.ratios(n, 0), wanted[0], "≥", wanted[1])
    yield Row(f"`merge` of {size} forms, `--jobs 1`, beside the usual", *costs.ratios(1, 0))
    one_new, nothing_new = _ONE_NEW.get(size), _NOTHING_NEW.get(size)
    yield Row(f"second `merge` of {size}, one new, beside the first", *costs.ratios(2, 0), one_new)
    what = f"second `merge` of {size}, nothing new, beside the first"
    yield Row(what, *costs.ratios(3, 0), nothing_new)
    yield Row(f"`merge` of {size} forms: peak MiB", costs.memory(0), wanted=_MIB.get(size))
    yield Row(f"polars with {size} forms: peak MiB", costs.memory(4))


def _peer(folder: Path, script: str, *words: str) -> Sequence[str]:
    """Return the command of a script of ours that uses other libraries."""
    source, target = str(folder / "in"), str(folder / "script.xlsx")
    return [sys.executable, str(ROOT / "benchmarks" / script), source, target, *words]


def _merges(folder: Path) -> list[Task]:
    """Return the first merge, the same in one process, and the second merges.

    The appendixes that the second ones continue are made here, once.
    """
    target, some = folder / "appendix.xlsx", folder / "some"
    last = max((folder / "in").iterdir())
    shutil.copytree(folder / "in", some)
    (some / last.name).unlink()
    words = [*XLTILTAK, "merge", "--plan", str(folder / "plan.xlsx"), "-o"]
    bases = {name: folder / f"{name}.xlsx" for name in ("one new", "nothing new")}
    run([*words, str(bases["one new"]), str(some)])
    run([*words, str(bases["nothing new"]), str(folder / "in")])
    first = [*words, str(target), str(folder / "in")]
    no_appendix = partial(target.unlink, missing_ok=True)
    return [
        Task(first, no_appendix),
        Task([*first, "--jobs", "1"], no_appendix),
        *(Task(first, partial(shutil.copyfile, base, target)) for base in bases.values()),
    ]


def intake_rows(folder: Path, rounds: int) -> Iterator[Row]:
    """Compare the intake with python-calamine only."""
    command = [sys.executable, "-m", "benchmarks.intake", str(folder / "in"), str(max(rounds, 5))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
    ratios = json.loads(done.stdout)
    what = "reading beside bare python-calamine"
    yield Row(f"{what}: cells only", ratios["cells"], wanted=3)
    yield Row(f"{what}: to slots, with findings", ratios["slots"], wanted=5)


def split_rows(folder: Path, size: int, rounds: int) -> Iterator[Row]:
    """Compare a split with XlsxWriter only, which writes the same sheets."""
    of_size = folder / str(size)
    plan, forms = str(of_size / "plan.xlsx"), str(of_size / "forms")
    ours = [*XLTILTAK, "split", plan, "--to", forms, "--force"]
    theirs = [sys.executable, "-m", "benchmarks.bare", str(of_size / "bare"), str(size)]
    costs = Rounds(min(rounds, _SLOW_ROUNDS), [Task(ours), Task(theirs)])
    what = f"`split` into {size} forms beside bare XlsxWriter"
    yield Row(what, *costs.ratios(0, 1), wanted=1.4)
    yield Row(f"`split` into {size} forms: peak MiB", costs.memory(0))


def start_rows() -> Iterator[Row]:
    """Compare the start of the program with that of Python."""
    calls = [["--version"], ["--help"], *([name, "--help"] for name in COMMANDS)]
    commands = [BARE, *([*XLTILTAK, *words] for words in calls)]
    costs = Rounds(_FAST_ROUNDS, [Task(words) for words in commands], untimed=len(commands))
    for n, words in enumerate(calls, 1):
        wanted = 1.6 if words == ["--version"] else 5
        yield Row(f"`xltiltak {' '.join(words)}` beside bare Python", *costs.ratios(n, 0), wanted)


def instruction_rows(folder: Path) -> Iterator[Row]:
    """Count the instructions that one more form costs, in millions; nothing without callgrind."""
    if not shutil.which("valgrind"):
        return
    counts: dict[str, list[float]] = {}
    for size in _COUNTED:
        of_size = folder / f"counted {size}"
        run([sys.executable, "-m", "benchmarks.returned", str(of_size), str(size)])
        plan, target = of_size / "plan.xlsx", str(of_size / "appendix.xlsx")
        merge = [*XLTILTAK, "merge", str(of_size / "in"), "--plan", str(plan), "-o", target]
        tasks = {
            "`merge`": [*merge, "--jobs", "1"],
            "second `merge`, nothing new": [*merge, "--jobs", "1"],
            "`split`": [*XLTILTAK, "split", str(plan), "--to", str(of_size / "ut")],
            **{
                name: _peer(of_size, *script) for name, script in _PEERS.items() if len(script) == 1
            },
        }
        for name, words in tasks.items():
            counts.setdefault(name, []).append(_instructions(words))
    more = _COUNTED[1] - _COUNTED[0]
    for name, (few, many) in counts.items():
        yield Row(f"{name}: million instructions a form", (many - few) / more / 1e6)


def _instructions(words: Sequence[str]) -> float:
    """Return the number of instructions of a command."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *words]
    alone = {**environment(), "POLARS_MAX_THREADS": "1"}  # threads that wait count too
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=alone)
    found = re.search(r"Collected\s*:\s*(\d+)", done.stderr)
    return float(found[1]) if found else 0.0


def main() -> None:
    """Measure all of it and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[4, 100, 1000], metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--measures", type=int, default=5_000, metavar="N", help="of a report")
    options = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder, largest = Path(temporary), max(options.sizes)
        print("| what | CPU | elapsed | wanted | met |\n|---|---|---|---|---|", flush=True)
        for rows in (
            start_rows(),
            merge_rows(folder, options.sizes, options.rounds),
            intake_rows(folder / str(sorted(options.sizes)[-2:][0]), options.rounds),
            split_rows(folder, largest, options.rounds),
            instruction_rows(folder),
        ):
            for row in rows:
                print(row, flush=True)
    from benchmarks import published

    published.print_table(options.measures)


if __name__ == "__main__":
    main()
