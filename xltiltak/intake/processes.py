"""Read files in several processes. A process that dies takes one file with it, not the batch.

The system may end a process that needs too much memory; no error can be caught then.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from xltiltak.model.files import FoundFile
from xltiltak.model.register import ReturnedFile

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

Reader = Callable[[FoundFile], tuple[ReturnedFile, ...]]
# What is known of a file that ended a process:
OnDeath = Callable[[FoundFile, Exception], tuple[ReturnedFile, ...]]
_CHUNK = 8  # files that a process gets at a time
_MOST_JOBS = 61  # Windows waits for no more processes at a time
_FILES_THAT_PAY = 200  # a process costs as much as reading about a hundred files
_JOBS_THAT_PAY = 4  # the other steps of a merge run in one process


def read_in_processes(
    read: Reader, found: Sequence[FoundFile], jobs: int, on_death: OnDeath
) -> Iterator[tuple[ReturnedFile, ...]]:
    """Yield what `read` returns for each file, in order. One job is this process.

    0 means as many jobs as pay.
    """
    jobs = jobs or jobs_that_pay(len(found))
    if jobs == 1 or not found:
        yield from map(read, found)
        return
    from concurrent.futures.process import BrokenProcessPool

    count = 0
    try:
        with _pool(max(1, min(jobs, _MOST_JOBS, len(found))), read) as pool:
            for returned in pool.map(_read, found, chunksize=_CHUNK):
                count += 1
                yield returned
    except BrokenProcessPool:  # it does not say which file it was
        yield from _read_one_by_one(read, list(found[count:]), on_death)


def jobs_that_pay(count: int) -> int:
    """Return in how many processes so many files are read soonest."""
    return min(os.cpu_count() or 1, _JOBS_THAT_PAY) if count >= _FILES_THAT_PAY else 1


def _read_one_by_one(
    read: Reader, found: list[FoundFile], on_death: OnDeath
) -> Iterator[tuple[ReturnedFile, ...]]:
    """Yield what `read` returns, with a new process after each that dies.

    Where none can begin, the files are read in this process.
    """
    from concurrent.futures.process import BrokenProcessPool

    while found:
        with _pool(1, read) as pool:
            if not _can_work(pool):
                yield from map(read, found)
                return
            try:
                for returned in pool.map(_read, tuple(found)):
                    found.pop(0)
                    yield returned
            except BrokenProcessPool as error:
                yield on_death(found.pop(0), error)


def _can_work(pool: ProcessPoolExecutor) -> bool:
    """Return False if no process can begin, as in a script that protects no `__main__` part."""
    from concurrent.futures.process import BrokenProcessPool

    try:
        pool.submit(os.getpid).result()
    except BrokenProcessPool:
        return False
    return True


_reader: list[Reader] = []  # of this process; it has one at most


def _begin(read: Reader) -> None:
    """Keep the reader, which is handed over once: it can know the whole register."""
    _reader[:] = [read]


def _read(found: FoundFile) -> tuple[ReturnedFile, ...]:
    return _reader[0](found)


def _pool(jobs: int, read: Reader) -> ProcessPoolExecutor:
    """Return a pool of fresh processes, as Windows and Mac have them, each with the reader."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    return ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(read,)
    )
