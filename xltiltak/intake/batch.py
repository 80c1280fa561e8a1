"""Returned files, read: every file with its outcome, in as many processes as there may be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from xltiltak.intake.locate_sheet import RegisterForms
from xltiltak.intake.returned_file import parse_return, refusal
from xltiltak.merging.collection_rules import file_held
from xltiltak.model import files
from xltiltak.model.errors import PlanError, SkippedFile
from xltiltak.model.finding import FindingFilter, Place
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.xlsx.package import COORDINATOR_BOUNDS, RETURNED_BOUNDS

ProgressCallback = Callable[[Path], None]  # told of every file as it is done


class Options(NamedTuple):
    """How the files are taken: `jobs` processes, nobody told of progress unless `step` is given.

    With `fix` a form is written to that folder for each return with errors, to be sent back; with `force` over others.
    Findings that do not count (`chosen`) are kept, but not given.
    """

    jobs: int = 1
    on_file_done: ProgressCallback | None = None
    corrections_folder: Path | None = None
    force: bool = False
    finding_filter: FindingFilter = FindingFilter()


DEFAULT_OPTIONS = Options()


def read_returns(
    paths: Sequence[Path],
    *,
    jobs: int = 1,
    on_file_done: ProgressCallback | None = None,
    keep_sent: bool,
) -> list[tuple[Path, ReturnedFile]]:
    """Every returned file, read; the same order as the paths.

    What was sent is kept whole only where no plan says it: of a thousand forms it would fill the memory.
    """
    found = files.list_files(paths)
    if not found:
        raise PlanError("nothing_found", paths=", ".join(map(str, paths)))
    with _mapping(jobs) as mapped:
        results = []
        for path, received in zip(found, mapped(read_return, found), strict=True):
            results.append((path, received if keep_sent else _light(received)))
            if on_file_done:
                on_file_done(path)
    return results


def read_return(path: Path) -> ReturnedFile:
    """One returned file; one that cannot be opened is a finding like every other."""
    if path.is_dir():
        skipped = replace(refusal(SkippedFile("folder")), place=Place(path.name))
        return ReturnedFile(path.name, "", "skipped", findings=(skipped,))
    try:
        return parse_return(path.name, files.read(path))
    except PlanError as error:
        return ReturnedFile(path.name, "", "refused", findings=(file_held(path.name, error),))


def _light(received: ReturnedFile) -> ReturnedFile:
    """The file without what was sent, but for the head and template that say which report it is about."""
    sent = received.sent_report
    return (
        replace(received, sent_report=replace(sent, nodes=(), values={}), area_names={})
        if sent
        else received
    )


@contextmanager
def _mapping(jobs: int) -> Iterator[Callable[..., Iterable[ReturnedFile]]]:
    """What `map` does, in so many processes; each result comes in order, when it is asked for."""
    if jobs == 1:
        yield map
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield partial(pool.map, chunksize=8)


def reread_relocated_sheets(
    register: Register, plan: Path | None, returned: Sequence[tuple[Path, ReturnedFile]]
) -> tuple[tuple[Path, ReturnedFile], ...]:
    """The files, and the plan where forms were moved into it, with the sheets that only the register knows."""
    moved = plan if plan and register.embedded_forms else None
    beside = [
        (path, received)
        for path, received in returned
        if not moved or path.resolve() != moved.resolve()
    ]
    if moved:
        beside.append(
            (moved, ReturnedFile(moved.name, "", "skipped", has_unidentified_sheets=True))
        )
    sendings = RegisterForms(register)
    return tuple(
        (path, _again(path, sendings, own=path == moved) if r.has_unidentified_sheets else r)
        for path, r in beside
    )


def _again(path: Path, sendings: RegisterForms, *, own: bool) -> ReturnedFile:
    """A file whose own snapshot does not know all its sheets, read with the register's help."""
    return parse_return(
        path.name, files.read(path), sendings, COORDINATOR_BOUNDS if own else RETURNED_BOUNDS
    )
