"""The plan of the house: who may import whom, where a library lives, and what no module may know.

A new module goes into the package whose job it shares; a new package into ORDER.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from graphlib import TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "xltiltak"
TEMPLATES = ROOT / "workbook_templates"

# Bottom first. A module may import from its own package and from those before it.
ORDER = (
    "model",
    "layout",
    "snapshot",
    "merging",
    "xlsx",
    "intake",
    "plan",
    "sheets",
    "templates",
    "mail",
    "flows",
    "years",
    "publishing",
    "importers",
    "api",
    "coordinator",
    "excel",
    "demo",
    "cli",
    "__main__",
)
MOST_NAMES = 20  # at the top level of the package
# Where a library may be imported at all …
HOMES = {
    "xlwings": ("coordinator.buttons",),
    "xlsxwriter": ("xlsx.*", "sheets.*", "years.changes_sheet", "coordinator.*"),
    "openpyxl": ("demo.*",),
    "zipfile": ("xlsx.*", "publishing.docx", "coordinator.workbook_writer", "demo.*"),
}
# … and where one that takes long to load may stand outside a function.
HEAVY = (
    "docx",
    "jinja2",
    "openpyxl",
    "pandas",
    "pydantic",
    "rich",
    "typst",
    "xlsxwriter",
    "xlwings",
)
WRITERS = (
    "xlsx.deterministic_workbook",
    "xlsx.plain_sheet",
    "xlsx.row_writer",
    "sheets.*",
    "years.changes_sheet",
    "coordinator.control_sheet",
    "coordinator.dashboard",
    "coordinator.workbook_writer",
)
LOADED_WITH = {"xlsxwriter": WRITERS}
SHORTEST_LABEL = 6  # a shorter one is also an ordinary word


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its name within it: "" is the package itself, "workbook.read" one inside."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text("utf-8"), str(path))
    return found


def level(module: str) -> int:
    """Return the place of a module's package in ORDER; the package `xltiltak` itself is lowest."""
    return ORDER.index(module.split(".")[0]) + 1 if module else 0


def imported(module: str, nodes: list[ast.AST]) -> set[str]:
    """What import statements name, in full: "xltiltak.model.report", "zipfile"."""
    found: set[str] = set()
    package = (
        f"xltiltak.{module}" if _is_package(module) else f"xltiltak.{module}".rpartition(".")[0]
    )
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package.rstrip("."))
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return found


def own(module: str) -> set[str]:
    """The modules of this package that a module imports, in functions too.

    The package itself only hands out the names of `api`, on their first use.
    """
    if not module:
        return set()
    names = (
        name.removeprefix("xltiltak").lstrip(".")
        for name in _imports(module)
        if name.split(".")[0] == "xltiltak"
    )
    return {next(m for m in (*_upwards(name), "") if m in modules()) for name in names} - {module}


def libraries(module: str) -> set[str]:
    """The top names of all else that a module imports, in functions too."""
    return {name.split(".")[0] for name in _imports(module)} - {"xltiltak"}


def at_top(node: ast.AST) -> Iterator[ast.AST]:
    """All that runs when a module is imported: not the bodies of functions, not what only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from at_top(child)


def literals(module: str) -> Iterator[tuple[int, str]]:
    """The texts in a module's code with their lines; docstrings are for readers and left out."""
    tree = modules()[module]
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


@cache
def names_of_formats() -> set[str]:
    """What only a template may know: its id, and the labels, headings and aliases it gives."""
    found: set[str] = set()
    for file in (
        *TEMPLATES.glob("*/template.toml"),
        *PACKAGE.glob("demo/*/templates/*/template.toml"),
    ):
        found |= {file.parent.name, *_labels(tomllib.loads(file.read_text("utf-8")))}
    return {name for name in found if len(name) >= SHORTEST_LABEL}


@cache
def municipalities() -> set[str]:
    """The bare names of the made-up municipalities and the council of the demonstrations."""
    heads = (tomllib.loads(file.read_text("utf-8")) for file in PACKAGE.glob("demo/*/plan.toml"))
    return {head["organisation"].split()[0] for head in heads}


def test_every_package_stands_in_the_order() -> None:
    names = {module.split(".")[0] for module in modules() if module}
    assert names == set(ORDER), "give every package its place in ORDER (tests/test_house.py)"


def test_few_names_stand_at_the_top() -> None:
    names = {path.stem for path in PACKAGE.iterdir() if not path.name.startswith("__")}
    assert len(names - {"py"}) <= MOST_NAMES, sorted(names)


@pytest.mark.parametrize("module", modules())
def test_imports_go_downwards(module: str) -> None:
    upwards = {name for name in own(module) if level(name) > level(module)}
    assert not upwards, f"xltiltak.{module} imports from above: {', '.join(sorted(upwards))}"


def test_a_type_name_is_used_once() -> None:
    places: dict[str, list[str]] = {}
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(module)
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_no_imports_in_a_circle() -> None:
    graph = {name: own(name) for name in modules()}
    order = list(
        TopologicalSorter(graph).static_order()
    )  # raises CycleError, which names the circle
    assert set(order) == set(modules())


@pytest.mark.parametrize("module", modules())
def test_libraries_stay_at_home(module: str) -> None:
    strayed = {name for name in libraries(module) & set(HOMES) if not _matches(module, HOMES[name])}
    assert not strayed, (
        f"xltiltak.{module} imports {', '.join(sorted(strayed))}, which belongs in {HOMES}"
    )


@pytest.mark.parametrize("module", modules())
def test_heavy_libraries_are_imported_where_needed(module: str) -> None:
    loaded = {name.split(".")[0] for name in imported(module, list(at_top(modules()[module])))}
    early = {
        name for name in loaded & set(HEAVY) if not _matches(module, LOADED_WITH.get(name, ()))
    }
    assert not early, (
        f"xltiltak.{module} loads {', '.join(sorted(early))} when imported: import it in the function"
    )


@pytest.mark.parametrize(
    "module", [name for name in ("__main__", "cli.main", "flows") if name in modules()]
)
def test_starting_loads_nothing_heavy(module: str) -> None:
    look = (
        f"import sys, xltiltak.{module}; print(*(name for name in {HEAVY} if name in sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True, env=environment
    )
    assert not done.stdout.split()


def test_asking_for_help_loads_no_words_of_the_domain() -> None:
    look = "import sys, xltiltak.cli.main; print(*{'xltiltak.model.template', 'dataclasses'}.intersection(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True, env=environment
    )
    assert not done.stdout.split()  # they are loaded by the command that is carried out


@pytest.mark.parametrize("module", modules())
def test_what_is_public_has_a_docstring(module: str) -> None:
    tree = modules()[module]
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_"
    ]
    bare = [node.name for node in public if not ast.get_docstring(node)]
    assert ast.get_docstring(tree), f"xltiltak.{module} does not say what it is"
    assert not bare, f"xltiltak.{module}: no docstring: {', '.join(bare)}"


@pytest.mark.parametrize("module", modules())
def test_no_module_knows_a_format_or_a_municipality(module: str) -> None:
    unknown = "|".join(
        map(re.escape, sorted(names_of_formats() | municipalities(), key=len, reverse=True))
    )
    word = re.compile(rf"(?<!\w)(?:{unknown})(?!\w)|(?i:kommune)")
    known = [f"line {line}: {text!r}" for line, text in literals(module) if word.search(text)]
    assert not known, f"xltiltak.{module} names what a template should: {'; '.join(known)}"


def test_the_templates_have_names_to_look_for() -> None:
    assert {file.parent.name for file in TEMPLATES.glob("*/template.toml")} <= names_of_formats()
    assert len(municipalities()) == len(list((PACKAGE / "demo").glob("*/mistakes.toml"))) > 1


def _upwards(module: str) -> Iterator[str]:
    """A module, then the packages it stands in: "workbook.read", "workbook"."""
    while module:
        yield module
        module = module.rpartition(".")[0]


def _imports(module: str) -> set[str]:
    return imported(module, list(ast.walk(modules()[module])))


def _is_package(module: str) -> bool:
    return not module or (PACKAGE / module.replace(".", "/") / "__init__.py").exists()


def _matches(module: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(module, pattern) for pattern in patterns)


def _labels(data: Any) -> Iterator[str]:
    """Every label in a template, however deep, without what stands in braces."""
    if isinstance(data, list):
        for item in data:
            yield from _labels(item)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in ("label", "heading") and isinstance(value, str):
                yield re.sub(r"\s*\{[^}]*\}\s*", " ", value).strip(" :.")
            elif key in ("labels", "aliases"):
                yield from value.values() if isinstance(value, dict) else value
            else:
                yield from _labels(value)
