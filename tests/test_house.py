"""Test the architecture: imports between packages, uses of libraries, names that no module uses.

A new module goes into the package whose job it shares; a new package into ORDER.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterator
from fnmatch import fnmatch
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from importlib.util import resolve_name
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from xlsxwriter import Workbook

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
# The only modules that may import a library …
ALLOWED_IN = {
    "xlwings": ("coordinator.buttons", "coordinator.addin_setup", "coordinator.ribbon"),
    "xlsxwriter": ("xlsx.*", "sheets.*", "years.changes_sheet", "coordinator.*"),
    "openpyxl": ("demo.*", "importers.workbook_looks"),
    "pikepdf": ("publishing.pdf_join",),
    "zipfile": (
        "xlsx.*",
        "intake.archives",
        "publishing.docx",
        "coordinator.addin",
        "coordinator.workbook_writer",
        "demo.*",
    ),
}
# … and libraries that take long to load, with the modules that may import them at the top.
SLOW_LIBRARIES = (
    "docx",
    "jinja2",
    "markdown_it",
    "openpyxl",
    "pandas",
    "pikepdf",
    "pydantic",
    "rapidfuzz",
    "rich",
    "typst",
    "xlsxwriter",
    "xlwings",
)
WRITERS = (
    "xlsx.recorded_calls",
    "xlsx.row_workbook",
    "sheets.*",
    "years.changes_sheet",
    "coordinator.control_sheet",
    "coordinator.dashboard",
    "coordinator.workbook_writer",
)
LOADED_AT_TOP = {"xlsxwriter": WRITERS}
SHORTEST_LABEL = 6  # a shorter one is also an ordinary word
OF_MODEL_IN_XLSX = {
    "model.errors",
    "model.cell_values",
    "model.colours",
    "model.file_kinds",
}  # the reasons are in xlsx/__init__.py


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module by its name inside the package, for example "plan.edits".

    The package `xltiltak` itself is "".
    """
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text("utf-8"), str(path))
    return found


def level(module: str) -> int:
    """Return the position of a module's package in ORDER; 0 for the package `xltiltak` itself."""
    return ORDER.index(module.partition(".")[0]) + 1 if module else 0


def imported(module: str, nodes: list[ast.AST]) -> set[str]:
    """Return the full names that import statements name: "xltiltak.model.report", "zipfile"."""
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
    """Return the modules of this package that a module imports, also in functions.

    The package `xltiltak` itself imports `api` only when a name of it is used: that is left out.
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
    """Return the names of the libraries that a module imports, also in functions."""
    return {name.split(".")[0] for name in _imports(module)} - {"xltiltak"}


def at_top(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run when a module is imported, not those for type checkers."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from at_top(child)


def loaded_with(module: str, names: Collection[str]) -> list[str]:
    """Return which of these modules are loaded when a module of this package is imported."""
    code = f"import sys, xltiltak.{module}; print(*(n for n in {names!r} if n in sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.split()


def literals(module: str) -> Iterator[tuple[int, str]]:
    """Yield the texts in a module's code with their line numbers, without docstrings."""
    tree = modules()[module]
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


@cache
def names_of_formats() -> set[str]:
    """Return the names that only templates may use: ids, labels, headings and aliases."""
    found: set[str] = set()
    for file in (
        *TEMPLATES.glob("*/template.toml"),
        *PACKAGE.glob("demo/*/templates/*/template.toml"),
    ):
        found |= {file.parent.name, *_labels(tomllib.loads(file.read_text("utf-8")))}
    return {name for name in found if len(name) >= SHORTEST_LABEL}


@cache
def municipalities() -> set[str]:
    """Return the names of the invented municipalities and of the council in the demonstrations."""
    heads = (tomllib.loads(file.read_text("utf-8")) for file in PACKAGE.glob("demo/*/plan.toml"))
    return {head["organisation"].split()[0] for head in heads}


def test_every_package_is_in_the_order() -> None:
    names = {module.split(".")[0] for module in modules() if module}
    assert names == set(ORDER), "add the package to ORDER (tests/test_house.py)"


def test_few_names_are_at_the_top_level() -> None:
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


def test_xlsx_knows_no_word_of_the_domain() -> None:
    names = {module for module in modules() if module.split(".")[0] == "xlsx"}
    used = {name for module in names for name in own(module)} - names
    assert used == OF_MODEL_IN_XLSX


def test_no_cyclic_imports() -> None:
    graph = {name: own(name) for name in modules()}
    order = TopologicalSorter(graph).static_order()  # raises CycleError, which names the cycle
    assert set(order) == set(modules())


@pytest.mark.parametrize("module", modules())
def test_libraries_are_imported_only_where_allowed(module: str) -> None:
    wrong = [
        name
        for name in sorted(libraries(module) & set(ALLOWED_IN))
        if not _matches(module, ALLOWED_IN[name])
    ]
    assert not wrong, f"xltiltak.{module} imports {', '.join(wrong)}: see ALLOWED_IN"


@pytest.mark.parametrize("module", modules())
def test_slow_libraries_are_imported_where_needed(module: str) -> None:
    loaded = {name.split(".")[0] for name in imported(module, list(at_top(modules()[module])))}
    early = {
        name
        for name in loaded & set(SLOW_LIBRARIES)
        if not _matches(module, LOADED_AT_TOP.get(name, ()))
    }
    names = ", ".join(sorted(early))
    assert not early, f"xltiltak.{module} loads {names} when imported: import it in the function"


@pytest.mark.parametrize(
    "module", [name for name in ("__main__", "cli.main", "flows") if name in modules()]
)
def test_starting_loads_no_slow_library(module: str) -> None:
    assert not loaded_with(module, SLOW_LIBRARIES)


def test_help_loads_no_module_of_the_domain() -> None:
    # each command loads them when it runs
    assert not loaded_with("cli.main", ("xltiltak.model.template", "dataclasses"))


@pytest.mark.parametrize("module", modules())
def test_public_functions_and_classes_have_a_docstring(module: str) -> None:
    tree = modules()[module]
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_"
    ]
    missing = [node.name for node in public if not ast.get_docstring(node)]
    assert ast.get_docstring(tree), f"xltiltak.{module} has no docstring"
    assert not missing, f"xltiltak.{module}: no docstring: {', '.join(missing)}"


@pytest.mark.parametrize("module", modules())
def test_no_module_names_a_format_or_a_municipality(module: str) -> None:
    names = sorted(names_of_formats() | municipalities(), key=len, reverse=True)
    forbidden = "|".join(map(re.escape, names))
    word = re.compile(rf"(?<!\w)(?:{forbidden})(?!\w)|(?i:kommune)")
    found = [f"line {line}: {text!r}" for line, text in literals(module) if word.search(text)]
    assert not found, f"xltiltak.{module} names what only templates may: {'; '.join(found)}"


def test_templates_and_demonstrations_have_names_to_search_for() -> None:
    assert {file.parent.name for file in TEMPLATES.glob("*/template.toml")} <= names_of_formats()
    assert len(municipalities()) == len(list((PACKAGE / "demo").glob("*/mistakes.toml"))) > 1


def _upwards(module: str) -> Iterator[str]:
    """Yield a module, then the packages it is in: "plan.edits", "plan"."""
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
    """Yield every label in a template at any depth, without placeholders in braces."""
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


# Methods of a library's classes that its documentation says to override.
DOCUMENTED_OVERRIDES = {
    ("argparse", "error"),
    ("argparse", "format_help"),
    ("argparse", "format_usage"),
    ("html.parser", "handle_data"),
    ("html.parser", "handle_endtag"),
    ("html.parser", "handle_starttag"),
    ("collections.abc", "get"),
    ("collections.abc", "items"),
}
# Methods of XlsxWriter that its documentation describes. Where its objects are, in the modules
# that import them, nothing else of theirs may be used: neither `table` nor `str_table`.
DOCUMENTED_IN_XLSXWRITER = {
    "activate", "add_chart", "add_format", "add_series", "add_vba_project", "add_worksheet",
    "autofilter", "close", "conditional_format", "data_validation", "fit_to_pages", "freeze_panes",
    "get_name", "hide", "hide_gridlines", "ignore_errors", "insert_chart", "insert_textbox",
    "merge_range", "print_area", "protect", "repeat_rows", "set_chartarea",
    "set_column", "set_custom_property",
    "set_footer", "set_h_pagebreaks", "set_header", "set_landscape", "set_legend", "set_margins",
    "set_paper", "set_print_scale", "set_properties", "set_row", "set_size", "set_title",
    "set_vba_name", "set_x_axis", "set_y_axis", "very_hidden", "write", "write_blank",
    "write_comment", "write_datetime", "write_formula", "write_number", "write_string", "write_url",
}  # fmt: skip
DOCUMENTED_PRIVATE = {"_asdict", "_fields", "_make", "_replace"}  # of named tuples
BY_NAME = {"getattr", "setattr", "delattr", "hasattr", "attrgetter", "methodcaller"}


def is_private(name: str) -> bool:
    """Return True for a name such as "_table", but not for "__init__"."""
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


@cache
def private_names(module: str) -> set[str]:
    """Return the private names that a module defines: functions, fields and attributes."""
    found: set[str] = set()
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found |= {node.attr} if ast.unparse(node.value) in ("self", "cls") else set()
    return {name for name in found if is_private(name)}


@cache
def inherited_private_names() -> set[str]:
    """Return the private names of all modules: a class may inherit them from another module."""
    return {name for module in modules() for name in private_names(module)}


def holders() -> set[str]:
    """Return the modules that import more of XlsxWriter than its functions for addresses."""
    return {
        module
        for module in modules()
        for name in _imports(module)
        if name.startswith("xlsxwriter") and not name.startswith("xlsxwriter.utility")
    }


def attributes(module: str) -> Iterator[tuple[int, str, str]]:
    """Yield each attribute with its line and what it is of; also those that are used by name."""
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.Attribute):
            yield node.lineno, ast.unparse(node.value), node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in BY_NAME:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield node.lineno, ast.unparse(node.args[0]), argument.value
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            of = ast.unparse(node.value)
            if of.startswith("vars(") or of.endswith("__dict__"):
                yield node.lineno, of, str(node.slice.value)


@pytest.mark.parametrize("module", modules())
def test_no_private_name_of_a_library_is_used(module: str) -> None:
    found = [
        f"line {line}: {of}.{name}"
        for line, of, name in attributes(module)
        if is_private(name)
        and name not in private_names(module) | DOCUMENTED_PRIVATE
        and not (of in ("self", "cls", "super()") and name in inherited_private_names())
    ]
    assert not found, f"xltiltak.{module} uses private names: {'; '.join(found)}"


@pytest.mark.parametrize("module", [name for name in modules() if not name.endswith("__main__")])
def test_only_documented_methods_of_a_library_are_overridden(module: str) -> None:
    loaded = import_module(f"xltiltak.{module}".rstrip("."))
    found = []
    for own_class in vars(loaded).values():
        if not isinstance(own_class, type) or own_class.__module__ != loaded.__name__:
            continue
        defined = _names_in_class(module, own_class.__name__)
        for base in own_class.__mro__[1:]:
            if base is object or base.__module__.startswith("xltiltak"):
                continue
            overridden = {name for name in defined if hasattr(base, name)} - {"__init__"}
            found += [
                f"{own_class.__name__}.{name} of {base.__module__}.{base.__name__}"
                for name in overridden
                if is_private(name)
                or (name[0] != "_" and (base.__module__, name) not in DOCUMENTED_OVERRIDES)
            ]
    assert not found, f"xltiltak.{module} overrides: {'; '.join(found)}"


def test_only_documented_methods_of_xlsxwriter_are_used() -> None:
    workbook = Workbook(BytesIO(), {"in_memory": True})
    sheet, chart = workbook.add_worksheet(), workbook.add_chart({"type": "line"})
    objects = (workbook, sheet, chart, workbook.add_format())
    of_xlsxwriter = {name for thing in objects for name in dir(thing)} - DOCUMENTED_IN_XLSXWRITER
    assert {name for thing in objects for name in dir(thing)} >= DOCUMENTED_IN_XLSXWRITER
    for module in holders():
        mine = {name for m in (module, *own(module)) for name in _own_attributes(m)}
        mine |= {"filename"} if "zipfile" in libraries(module) else set()
        wrong = [
            f"line {line}: {of}.{name}"
            for line, of, name in attributes(module)
            if name in of_xlsxwriter and name not in mine
        ]
        assert not wrong, f"xltiltak.{module} uses inner names: {'; '.join(wrong)}"


def test_few_packages_hold_objects_of_xlsxwriter() -> None:
    assert {module.split(".")[0] for module in holders()} == {"xlsx", "sheets", "coordinator"}


def _names_in_class(module: str, name: str) -> set[str]:
    """Return the functions and fields in the body of a class."""
    found: set[str] = set()
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.ClassDef) and node.name == name:
            for child in node.body:
                if isinstance(child, ast.FunctionDef):
                    found.add(child.name)
                elif isinstance(child, ast.Assign):
                    found |= {target.id for target in child.targets if isinstance(target, ast.Name)}
    return found


def _own_attributes(module: str) -> set[str]:
    """Return the names that the classes of a module define, and attributes of its `self`."""
    found: set[str] = set()
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.ClassDef):
            found |= _names_in_class(module, node.name)
            found |= {
                child.target.id
                for child in node.body
                if isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name)
            }
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
    return found
