"""The documents for developers name files and functions that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "xltiltak"
WALK = ROOT / "docs" / "walk.md"
DOCUMENTS = [WALK, ROOT / "docs" / "development.md", *(ROOT / "docs" / "decisions").glob("*.md")]
MOST_FUNCTIONS = 60  # that an answer may pass on its way from the cell to the print


@cache
def functions_in(file: str) -> frozenset[str]:
    """Return the functions and classes of a module, methods as `Class.method`."""
    found: set[str] = set()
    for node in ast.parse((PACKAGE / file).read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
            found |= {
                f"{node.name}.{inner.name}"
                for inner in node.body
                if isinstance(inner, ast.FunctionDef)
            }
    return frozenset(found)


def steps() -> Iterator[tuple[str, str]]:
    """Yield each function or class that the walk names, with the file named before it."""
    for step in re.split(r"\n(?=\d+\. )", WALK.read_text("utf-8"))[1:]:
        file = ""
        for name in re.findall(r"`([^`]+)`", step.split("\n## ")[0]):
            if name.endswith(".py"):
                file = name if "/" in name or (PACKAGE / name).exists() else ""
            elif file and re.fullmatch(r"_?[A-Za-z][\w.]+", name):
                yield file, name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_in_the_document_exists(document: Path) -> None:
    text = document.read_text("utf-8")
    paths = re.findall(r"`((?:[a-z_]+/)+(?:[\w*-]+(?:\.[a-z]+)+)?)`", text)
    missing = [path for path in paths if not (_exists(PACKAGE, path) or _exists(ROOT, path))]
    assert not missing


def test_every_function_of_the_walk_exists() -> None:
    assert not [(file, name) for file, name in steps() if name not in functions_in(file)]


def test_an_answer_passes_few_functions() -> None:
    passed = {step for step in steps() if not step[1].rpartition(".")[2][0].isupper()}
    assert 30 < len(passed) <= MOST_FUNCTIONS


def _exists(folder: Path, path: str) -> bool:
    return next(folder.glob(path.rstrip("/")), None) is not None
