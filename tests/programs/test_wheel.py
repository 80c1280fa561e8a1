"""The wheel, built and installed in an environment of its own, works without the checkout."""

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
    """The wheel, built from the source distribution as a package index would get it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT), cwd=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment that holds the wheel and what it asks for."""
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
    """What a program prints, run without sight of the checkout. Fails the test with all it said."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_wheel_carries_all_that_is_shipped(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    shipped = [path for folder in ("workbook_templates", "macros") for path in files(folder)]
    inside = {
        path.as_posix() for folder in ("xltiltak/words", "xltiltak/demo") for path in files(folder)
    }
    assert {f"xltiltak/_shipped/{path.as_posix()}" for path in shipped} | inside <= carried
    assert not {name for name in carried if name.startswith(("tests/", "benchmarks/"))}


def test_installed_program_says_its_version(programs: Path, tmp_path: Path) -> None:
    assert xltiltak.__version__ in run(str(programs / "xltiltak"), "--version", cwd=tmp_path)


def test_installed_program_runs_the_demonstration(programs: Path, tmp_path: Path) -> None:
    run(str(programs / "xltiltak"), "demo", "Prøve her", cwd=tmp_path)
    made = [path for path in (tmp_path / "Prøve her").rglob("*.xlsx") if path.stat().st_size]
    assert made


def files(folder: str) -> list[Path]:
    """The files below a folder of the checkout, relative to the checkout."""
    found = (path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file())
    return [path for path in found if "__pycache__" not in path.parts]
