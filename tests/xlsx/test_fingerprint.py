"""The fingerprint shows that a workbook is unmodified; a modified one is read cell by cell."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from tests import small
from xltiltak.model.register import Register
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix
from xltiltak.xlsx.fingerprint import is_unmodified
from xltiltak.xlsx.package import LARGE_FILE_BOUNDS, Package


@pytest.fixture
def plan(tmp_path: Path) -> bytes:
    """Return a plan as it is written."""
    return write_appendix(Register(small.report(tmp_path)))


def unmodified(content: bytes) -> bool:
    """Return True if the fingerprint is right."""
    return is_unmodified(Package(content, LARGE_FILE_BOUNDS))


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return the workbook with one part changed."""
    target = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for entry in source.namelist():
            part = source.read(entry)
            archive.writestr(entry, change(part) if entry == name else part)
    return target.getvalue()


def test_a_written_workbook_is_unmodified(plan: bytes) -> None:
    assert unmodified(plan)
    assert unmodified(with_part(plan, "docProps/core.xml", lambda part: part + b" "))


@pytest.mark.parametrize(
    "name", ["xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]
)
def test_a_workbook_with_a_changed_part_is_modified(plan: bytes, name: str) -> None:
    assert not unmodified(with_part(plan, name, lambda part: part + b" "))


def test_a_workbook_saved_by_another_program_is_modified(plan: bytes) -> None:
    target = BytesIO()
    openpyxl.load_workbook(BytesIO(plan)).save(target)
    assert not unmodified(target.getvalue())


def test_the_same_is_read_with_and_without_the_fingerprint(plan: bytes) -> None:
    broken = with_part(plan, "xl/styles.xml", lambda part: part + b" ")
    assert read_appendix(broken) == read_appendix(plan)


def test_a_changed_text_is_read(plan: bytes) -> None:
    changed = with_part(
        plan, "xl/sharedStrings.xml", lambda part: part.replace(b"Kurs i", b"Prat om")
    )
    values = read_appendix(changed).report.values
    assert "Prat om førstehjelp" in values.values()


def test_reading_loads_no_writer() -> None:
    code = (
        "import sys, xltiltak.publishing.publication, xltiltak.plan.plan_reader; "
        "sys.exit('xlsxwriter' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
