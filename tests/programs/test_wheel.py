"""Test that the wheel, installed in an environment of its own, works without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

import xltiltak

ROOT = Path(__file__).parents[2]
PROGRAMS = "Scripts" if os.name == "nt" else "bin"

pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the source distribution, as for a package index; return its path."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT), cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of programs in a new environment with the wheel and its dependencies."""
    environment = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", str(environment), cwd=environment)
    run(
        str(environment / PROGRAMS / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        str(wheel),
        cwd=environment,
    )
    return environment / PROGRAMS


def run(*command: str, cwd: Path) -> str:
    """Run a program without the checkout on its path, and return its standard output.

    If the program fails, the test fails with the output.
    """
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    process = subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment,
        check=False,
    )
    assert process.returncode == 0, f"{' '.join(command)}\n{process.stdout}\n{process.stderr}"
    return process.stdout


def test_wheel_contains_all_shipped_files(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        contained = set(archive.namelist())
    shipped = [path for folder in ("workbook_templates", "macros") for path in files(folder)]
    package_data = {
        path.as_posix() for folder in ("xltiltak/words", "xltiltak/demo") for path in files(folder)
    }
    assert {f"xltiltak/_shipped/{path.as_posix()}" for path in shipped} | package_data <= contained
    assert not {name for name in contained if name.startswith(("tests/", "benchmarks/"))}


def test_installed_program_prints_its_version(programs: Path, tmp_path: Path) -> None:
    assert xltiltak.__version__ in run(str(programs / "xltiltak"), "--version", cwd=tmp_path)


def test_installed_program_runs_the_demonstration(programs: Path, tmp_path: Path) -> None:
    run(str(programs / "xltiltak"), "demo", "Prøve her", cwd=tmp_path)
    workbooks = [path for path in (tmp_path / "Prøve her").rglob("*.xlsx") if path.stat().st_size]
    assert workbooks


def files(folder: str) -> list[Path]:
    """Return the files below a folder of the checkout, relative to the checkout."""
    found = (path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file())
    return [path for path in found if "__pycache__" not in path.parts]
