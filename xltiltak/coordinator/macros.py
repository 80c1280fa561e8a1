"""The VBA project that ships with the program: built from `macros/*.bas` and the modules of one version of xlwings."""

from __future__ import annotations

from pathlib import Path

XLWINGS_VERSION = "0.37.8"  # whose modules it holds; the version this program asks for


def project() -> bytes:
    """The project, the same in every workbook."""
    return (folder() / "vbaProject.bin").read_bytes()


def folder() -> Path:
    """The folder of the VBA sources: within the wheel, or beside a checkout's package."""
    inside = Path(__file__).parents[1] / "_shipped" / "macros"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "macros"
