"""Read all returned files, in as many processes as requested."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from xltiltak.intake.locate_sheet import RegisterForms
from xltiltak.intake.returned_file import parse_return, refusal
from xltiltak.merging.collection_rules import file_held
from xltiltak.model import files
from xltiltak.model.errors import PlanError, SkippedFile
from xltiltak.model.finding import FindingFilter, Place
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.xlsx.package import DEFAULT_BOUNDS, LARGE_FILE_BOUNDS

ProgressCallback = Callable[[Path], None]  # called with each file when it has been read


@dataclass(frozen=True, slots=True)
class Options:
    """How returned files are read and reported.

    `jobs` is the number of processes. With `corrections_folder`, a correction form is written there
    for each return with errors; `force` allows it to replace an earlier one. Findings that
    `finding_filter` does not select are kept in the register, but not reported.
    """

    jobs: int = 1
    on_file_done: ProgressCallback | None = None
    corrections_folder: Path | None = None
    force: bool = False
    finding_filter: FindingFilter = field(default_factory=FindingFilter)


DEFAULT_OPTIONS = Options()


def read_returns(
    paths: Sequence[Path],
    *,
    jobs: int = 1,
    on_file_done: ProgressCallback | None = None,
    keep_sent: bool,
) -> list[tuple[Path, ReturnedFile]]:
    """Read the files among the paths and in folders, in order. Raises PlanError if there are none.

    With `keep_sent`, each result keeps the whole report that its form was sent with. It is needed
    only without a plan; a thousand of them would fill the memory.
    """
    found = files.list_files(paths)
    if not found:
        raise PlanError("nothing_found", paths=", ".join(map(str, paths)))
    with _parallel_map(jobs) as mapped:
        results = []
        for path, returned in zip(found, mapped(read_return, found), strict=True):
            results.append((path, returned if keep_sent else _without_sent_nodes(returned)))
            if on_file_done:
                on_file_done(path)
    return results


def read_return(path: Path) -> ReturnedFile:
    """Read one returned file; a folder, or a file that cannot be opened, becomes a finding."""
    if path.is_dir():
        skipped = replace(refusal(SkippedFile("folder")), place=Place(path.name))
        return ReturnedFile(path.name, "", "skipped", findings=(skipped,))
    try:
        return parse_return(path.name, files.read(path))
    except PlanError as error:
        return ReturnedFile(path.name, "", "refused", findings=(file_held(path.name, error),))


def reread_relocated_sheets(
    register: Register, plan: Path | None, returned: Sequence[tuple[Path, ReturnedFile]]
) -> tuple[tuple[Path, ReturnedFile], ...]:
    """Re-read files whose sheets were moved or copied out of the workbook they were sent in.

    Leaders copy a sheet into another workbook; coordinators collect forms in their own. The
    register knows which area such a sheet belongs to, and what was sent in it. If forms were moved
    into the plan, it is added to the files.
    """
    sources = [(path, file, DEFAULT_BOUNDS) for path, file in returned]
    if plan and register.embedded_forms:
        own = ReturnedFile(plan.name, "", "skipped", has_unidentified_sheets=True)
        sources = [source for source in sources if source[0].resolve() != plan.resolve()]
        sources.append((plan, own, LARGE_FILE_BOUNDS))
    register_forms = RegisterForms(register)
    return tuple(
        (path, parse_return(path.name, files.read(path), register_forms, bounds))
        if file.has_unidentified_sheets
        else (path, file)
        for path, file, bounds in sources
    )


def _without_sent_nodes(returned: ReturnedFile) -> ReturnedFile:
    """Drop what was sent, except the head and the template that identify the report."""
    sent = returned.sent_report
    if sent is None:
        return returned
    return replace(returned, sent_report=replace(sent, nodes=(), values={}), area_names={})


@contextmanager
def _parallel_map(jobs: int) -> Iterator[Callable[..., Iterable[ReturnedFile]]]:
    """Provide a `map` that runs in so many processes and yields results in order."""
    if jobs == 1:
        yield map
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield partial(pool.map, chunksize=8)
