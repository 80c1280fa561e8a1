"""Find the VBA project that ships with the program.

It was built from `macros/*.bas` and the VBA modules of one version of xlwings.
"""

from __future__ import annotations

from pathlib import Path

XLWINGS_VERSION = "0.37.8"  # of the VBA modules in the project; the same as in pyproject.toml


def project() -> bytes:
    """Return the VBA project; it is the same in every workbook."""
    return (folder() / "vbaProject.bin").read_bytes()


def folder() -> Path:
    """Return the folder of the VBA sources: in the wheel, or beside the package in a checkout."""
    in_wheel = Path(__file__).parents[1] / "_shipped" / "macros"
    return in_wheel if in_wheel.is_dir() else Path(__file__).parents[2] / "macros"
