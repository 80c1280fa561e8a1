"""Test the catalogues: the same keys in all languages, and all keys of the code, and no others.

What the code says is looked for in its syntax: calls of `translate`, of a function that puts a
section before its key (`_word("yes", spoken)`), of an error by its key, the `reason` of a finding,
and the phrases that the templates of the web page ask for. Where a key is put together, what was
not known is a star: `book.*_title`. A star stands for a text of the same module, or for what PARTS
says.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from inspect import signature
from itertools import pairwise
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple, get_args

import pytest
from jinja2 import Environment, nodes

from tests.test_house import modules
from xltiltak.cli import main as cli
from xltiltak.coordinator import model, shortcuts
from xltiltak.coordinator.addin import VERBS
from xltiltak.layout.list_rows import AREA_COLUMNS
from xltiltak.model import errors, file_kinds, language
from xltiltak.model.colours import COLOUR_NAMES
from xltiltak.model.field_types import KINDS
from xltiltak.model.finding import CODES
from xltiltak.model.language import (
    LANGUAGES,
    decimal_text,
    grouped_number,
    preferred_language,
    translate,
)
from xltiltak.model.register import FileOutcome
from xltiltak.model.summary import CATEGORIES
from xltiltak.publishing import html
from xltiltak.publishing.filters import OTHER_QUESTIONS
from xltiltak.sheets.lists import DETAILS
from xltiltak.sheets.to_do import GRADES
from xltiltak.templates import catalogue
from xltiltak.xlsx.sheet_objects import ObjectKind

AUTHORED = "nb"  # the language that the texts are written in first
SHEETS = ("overview", "findings", "proposals", "sources", "report")
ENVIRONMENT = ("XLTILTAK_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
GUARDS = tuple(
    sorted({guard["validate"] for kind in KINDS.values() if (guard := kind().validation())})
)
KINDS_OF_FILES = tuple(
    sorted(
        {
            *(kind for kind, _, _ in file_kinds._SIGNATURES),
            *(kind for kind, _ in file_kinds._OLE_PARTS),
            *(kind for kind, _ in file_kinds._ZIP_PARTS),
            *(kind for kind, _ in file_kinds._TEXTS),
            *file_kinds._SUFFIXES.values(),
            *(kind for _, kind in file_kinds._OPENDOCUMENT_KINDS),
            *("mail", "ods", "ole", "archive", "text", "unknown"),
        }
    )
)
OBJECTS_IN_SOURCES = (*get_args(ObjectKind), "workbook", "subdocument", "taken_in", "symbol")
OBJECTS_IN_SOURCES += ("cell_picture", "field")
CHOICES = ("area", "step")  # the macro `choice` of the web page is called with these
PAGE_SECTIONS = {"phrase": "html.", "address": "html.address."}  # methods of the page's context
# What a star stands for besides the texts of its module …
PARTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("xlsx.package", "why.*"): KINDS_OF_FILES,
    ("model.finding", "remedy.*"): tuple(sorted(set(file_kinds.REMEDIES.values()))),
    ("cli.rule_help", "family.*"): tuple(sorted({code[0] for code in CODES})),
    ("cli.main", "cli.*.help"): (*cli.COMMANDS, *(name.split()[0] for name in cli.COMMANDS)),
    ("intake.object_rules", "why.object_*"): tuple(
        f"{kind}{end}" for kind in get_args(ObjectKind) for end in ("", "_named")
    ),
    ("importers.shown_text", "why.object_*"): OBJECTS_IN_SOURCES,
    ("importers.shown_text", "why.object_*_named"): OBJECTS_IN_SOURCES,
    ("model.colours", "colour.*"): (*COLOUR_NAMES, "white"),
    ("importers.colour_answers", "colour.*"): COLOUR_NAMES,
    ("intake.mark_rules", "why.coloured_*"): COLOUR_NAMES,
    ("publishing.html", "html.*"): CHOICES,
    ("publishing.html", "html.address.*"): (*CATEGORIES, *OTHER_QUESTIONS, *CHOICES),
    ("sheets.row_formats", "validation.*"): GUARDS,
    ("plan.continuation", "book.*"): (*AREA_COLUMNS, *DETAILS),
    ("sheets.lists", "book.*"): (*get_args(FileOutcome), *AREA_COLUMNS),
    ("sheets.typed_on_lists", "to_do.one_*"): GRADES,
    ("coordinator.addin", "addin.button_*"): VERBS,
    ("coordinator.addin", "addin.does_*"): VERBS,
    ("coordinator.shortcuts", "addin.button_*"): shortcuts.VERBS,
    ("coordinator.shortcuts", "addin.does_*"): shortcuts.VERBS,
    ("coordinator.control_sheet", "coordinator.col_*"): (
        *model.AREA_TABLE_COLUMNS,
        *model.FINDING_TABLE_COLUMNS,
        *model.LOG_COLUMNS,
    ),
    ("coordinator.control_sheet", "coordinator.button_*"): model.BUTTONS,
    ("coordinator.control_sheet", "coordinator.does_*"): model.BUTTONS,
    ("coordinator.control_sheet", "coordinator.sheet_*"): model.SHEETS,
    ("coordinator.control_sheet", "coordinator.set_*"): model.SETTINGS,
    ("coordinator.control_sheet", "coordinator.per_*"): model.FORM_RECIPIENTS,
    ("coordinator.model", "coordinator.per_*"): model.FORM_RECIPIENTS,
    ("coordinator.actions", "coordinator.*"): ("sent_out", "already_sent"),  # said by `sending`
    ("coordinator.actions", "excel.*"): ("no_sent_folder",),
    ("coordinator.live_workbook", "coordinator.button_*"): (
        *model.BUTTONS,
        *(f"choose_{name}" for name in model.PICKED_SETTINGS),
    ),
}
# … and where it stands for no text of its module: an error's key and a finding's reason are found
# in the module that makes them.
MADE_ELSEWHERE = {("model.errors", "why.*"), ("model.errors", "*.*"), ("model.finding", "why.*")}


class Use(NamedTuple):
    """A key in the code, with a star for what is not known of it.

    `given` are the names of its values, None if unknown.
    """

    module: str
    line: int
    key: str
    given: frozenset[str] | None = None

    @property
    def known(self) -> bool:
        """True for a key, False for a pattern of keys."""
        return "*" not in self.key

    def names(self, key: str) -> bool:
        """Return True if it can be this key, judging by the texts of its module."""
        match = re.fullmatch(re.escape(self.key).replace(r"\*", "(.+)"), key)
        if match is None or (self.module, self.key) in MADE_ELSEWHERE:
            return False
        return (
            texts_in(self.module)
            .union(PARTS.get((self.module, self.key), ()))
            .issuperset(match.groups())
        )


@cache
def uses() -> tuple[Use, ...]:
    """Every key that the code says, or puts together."""
    return tuple(
        use
        for module in modules()
        for use in (*_spoken(module), *_raised(module), *_reasons(module))
    ) + tuple(_on_web_page())


@cache
def texts_in(module: str) -> frozenset[str]:
    """Return the texts in a module's code."""
    nodes = (node for name in (module, *_callers(module)) for node in ast.walk(modules()[name]))
    return frozenset(
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _callers(module: str) -> tuple[str, ...]:
    """Return the modules whose texts become keys here: families of commands use `arguments`."""
    return (
        tuple(name for name in modules() if name.startswith("cli.commands."))
        if module == "cli.arguments"
        else ()
    )


def places(text: str) -> list[str]:
    """Return the names of a text's {placeholders}."""
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name is not None})


@pytest.mark.parametrize(
    ("spoken", "expected"), [("nb", "«a»"), ("nn", "«a»"), ("sv", "”a”"), ("en", "“a”")]
)
def test_a_text_is_quoted_as_the_language_does(spoken: str, expected: str) -> None:
    assert language.quoted("a", spoken) == expected


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_language_has_the_same_keys(spoken: str) -> None:
    authored, translated = set(language.catalogue(AUTHORED)), set(language.catalogue(spoken))
    assert not authored - translated, f"{spoken}.json lacks {sorted(authored - translated)}"
    assert not translated - authored, f"{spoken}.json has more: {sorted(translated - authored)}"


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_no_key_stands_twice_in_a_file(spoken: str) -> None:
    """The reader of JSON would take the second, and say nothing."""
    twice: list[str] = []

    def read(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        twice.extend(key for key in keys if keys.count(key) > 1)
        return dict(pairs)

    file = Path(language.__file__).parent / "words" / f"{spoken}.json"
    json.loads(file.read_text("utf-8"), object_pairs_hook=read)
    assert not twice


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_text_has_the_same_places_in_every_language(spoken: str) -> None:
    texts = language.catalogue(spoken)
    pairs = (
        (key, places(text), places(texts.get(key, "")))
        for key, text in language.catalogue(AUTHORED).items()
    )
    assert not [pair for pair in pairs if pair[1] != pair[2]]


def test_no_place_is_called_as_what_a_text_is_asked_for_with() -> None:
    texts = language.catalogue(AUTHORED)
    assert not [
        key for key, text in texts.items() if {"key", "language", "self"} & set(places(text))
    ]


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_no_text_is_empty_or_has_space_around_it(spoken: str) -> None:
    assert not [
        key for key, text in language.catalogue(spoken).items() if not text or text != text.strip()
    ]


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_sheet_names_are_different_and_excel_takes_them(spoken: str) -> None:
    names = [translate(f"book.{key}", spoken) for key in SHEETS]
    assert len({name.casefold() for name in names}) == len(names)
    assert not [
        n
        for n in names
        if len(n) > 31 or re.search(r"[\[\]:*?/\\]|^'|'$", n) or n.casefold() == "history"
    ]


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_what_excel_says_of_a_cell_fits_its_box(spoken: str) -> None:
    scales = [
        steps
        for folder in catalogue.folders().values()
        for steps in catalogue.load(folder).scales.values()
    ]
    allowed = max((", ".join(f"{s.value} {s.label}" for s in steps) for steps in scales), key=len)
    said = {
        key: text
        for key, text in language.catalogue(spoken).items()
        if key.startswith("validation.")
    }
    assert not [key for key in ("validation.title", "validation.choose") if len(said[key]) > 32]
    assert not [key for key, text in said.items() if len(text.format(allowed=allowed)) > 255]


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_no_word_ends_the_formula_it_stands_in(spoken: str) -> None:
    assert '"' not in translate("sheet.filled", spoken)


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_the_command_line_explains_itself(spoken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "500")  # nothing is broken into lines
    assert translate("cli.program", spoken) in cli.overview("", spoken)
    assert not [
        key
        for key, text in language.catalogue(spoken).items()
        if key.startswith("cli.") and "%" in text
    ]


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_what_is_wrong_and_what_to_do(code: str) -> None:
    assert {f"finding.{code}.message", f"finding.{code}.fix"} <= set(language.catalogue(AUTHORED))


@pytest.mark.parametrize("guard", GUARDS)
def test_every_guard_of_a_cell_says_what_is_allowed(guard: str) -> None:
    assert f"validation.{guard}" in language.catalogue(AUTHORED)


def test_every_key_in_the_code_has_its_text() -> None:
    lost = [use for use in uses() if use.known and use.key not in language.catalogue(AUTHORED)]
    assert not lost, f"no text in {AUTHORED}.json: {_told(lost)}"


def test_every_key_put_together_in_the_code_can_be_one() -> None:
    made = [use for use in uses() if not use.known and (use.module, use.key) not in MADE_ELSEWHERE]
    lost = [use for use in made if not any(map(use.names, language.catalogue(AUTHORED)))]
    assert not lost, (
        f"no text in {AUTHORED}.json is one of: {_told(lost)}; explain the star in PARTS"
    )


def test_every_text_gets_the_values_it_has_places_for() -> None:
    texts = language.catalogue(AUTHORED)
    lacking = [
        u
        for u in uses()
        if u.given is not None and not u.given.issuperset(places(texts.get(u.key, "")))
    ]
    assert not lacking, f"places without a value: {_told(lacking)}"


def test_every_text_is_said_somewhere() -> None:
    dead = [
        key for key in language.catalogue(AUTHORED) if not any(use.names(key) for use in uses())
    ]
    assert not dead, f"nobody says {', '.join(dead)}: take it out of all languages"


def test_every_star_that_is_explained_is_in_the_code() -> None:
    assert {*PARTS, *MADE_ELSEWHERE} <= {(use.module, use.key) for use in uses()}


def test_a_key_of_the_code_is_found_however_it_is_said() -> None:
    found = {(use.module, use.key) for use in uses()}
    assert ("cli.console", "term.mean_at") in found  # translate
    assert ("sheets.overview", "book.*_title") in found  # a method with its own section
    assert {
        ("cli.arguments", "cli.*.help"),
        ("cli.arguments", "cli.usage.missing"),
    } <= found  # a method adds "cli."
    assert {("xlsx.package", "why.packing"), ("model.files", "error.exists")} <= found  # raised
    assert ("merging.consistency_rules", "why.truncated") in found  # the reason of a finding


def test_an_unknown_language_is_answered_in_english() -> None:
    assert translate("sheet.code", "de") == translate("sheet.code", "en")
    assert translate("cli.written", "", path="a.xlsx") == translate(
        "cli.written", "en", path="a.xlsx"
    )


def test_a_text_is_filled_with_its_values() -> None:
    assert translate("sheet.page", "nb", page=2, pages=7) == "Side 2 av 7"


@pytest.mark.parametrize(
    ("said", "spoken"),
    [
        ("nb_NO.UTF-8", "nb"),
        ("no_NO", "nb"),
        ("nn_NO.UTF-8", "nn"),
        ("sv_FI@euro", "sv"),
        ("sv-SE", "sv"),
        ("en_GB.UTF-8", "en"),
        ("NN", "nn"),
        ("de_DE.UTF-8", "en"),
        ("C.UTF-8", "en"),
    ],
)
@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_the_environment_says_which_language_is_preferred(
    variable: str, said: str, spoken: str, nothing_said: pytest.MonkeyPatch
) -> None:
    nothing_said.setenv(variable, said)
    assert preferred_language() == spoken


def test_the_machine_does_not_choose_the_language_of_the_tests() -> None:
    assert preferred_language() == "en"


@pytest.mark.parametrize(("first", "second"), list(pairwise(ENVIRONMENT)))
def test_the_nearer_variable_is_heard_first(
    first: str, second: str, nothing_said: pytest.MonkeyPatch
) -> None:
    nothing_said.setenv(first, "sv_SE.UTF-8")
    nothing_said.setenv(second, "nn_NO.UTF-8")
    assert preferred_language() == "sv"
    nothing_said.setenv(first, "")
    assert preferred_language() == "nn"


@pytest.mark.parametrize(
    ("known", "spoken"),
    [
        ("nn_NO", "nn"),
        ("Swedish_Sweden", "sv"),
        ("Norwegian_Norway", "nb"),
        ("Finnish_Finland", "en"),
        (None, "en"),
    ],
)
def test_without_variables_the_system_says_it(
    known: str | None, spoken: str, nothing_said: pytest.MonkeyPatch
) -> None:
    nothing_said.setattr("locale.getlocale", lambda: (known, "UTF-8"))
    assert preferred_language() == spoken


@pytest.mark.parametrize(
    ("spoken", "written"), [("nb", "3,0"), ("nn", "3,0"), ("sv", "3,0"), ("en", "3.0")]
)
def test_numbers_have_a_comma_except_in_english(spoken: str, written: str) -> None:
    assert decimal_text(Decimal("3.0"), spoken) == written
    assert decimal_text(4, spoken) == "4"


def test_thousands_are_set_apart() -> None:
    assert grouped_number(Decimal(1250000), "nb") == "1\u00a0250\u00a0000"
    assert grouped_number(Decimal("45000.50"), "sv") == "45\u00a0000,5"
    assert grouped_number(Decimal("1E+6"), "en") == "1,000,000"


@pytest.fixture
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Set up a computer on which no variable names a language."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def _told(found: list[Use]) -> str:
    return ", ".join(f"{use.key} (xltiltak.{use.module}:{use.line})" for use in found)


def _spoken(module: str) -> Iterator[Use]:
    """Yield the calls of `translate`, and of functions that call it with a section of their own."""
    tree = modules()[module]
    families = [modules()["cli.arguments"]] if module.startswith("cli.commands.") else []
    sections = {name: section for said in (*families, tree) for name, section, _ in _sections(said)}
    within = {id(call) for _, _, call in _sections(tree)}
    for call in _calls(tree):
        if _is_word(call) and id(call) not in within:
            yield from _uses(module, call, "")
        elif not _is_word(call) and _name(call) in sections and call.args:
            yield from _uses(module, call, sections[_name(call)])


def _sections(tree: ast.AST) -> Iterator[tuple[str, str, ast.Call]]:
    """Yield the functions with a section of their own: name, section, and call of `translate`."""
    for made in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        own = {argument.arg for argument in made.args.args}
        for call in filter(_is_word, _calls(made)):
            match call.args[0]:
                case ast.JoinedStr(
                    [ast.Constant(str(section)), ast.FormattedValue(ast.Name(key))]
                ) if key in own:
                    yield made.name, section, call


def _raised(module: str) -> Iterator[Use]:
    """Errors by their key; one whose file cannot be read says why."""
    for call in _calls(modules()[module]):
        kind = getattr(errors, _name(call), None)
        if call.args and isinstance(kind, type) and "key" in signature(kind).parameters:
            yield from _uses(module, call, _section(kind))
    for made in (node for node in modules()[module].body if isinstance(node, ast.ClassDef)):
        kind = getattr(errors, made.name, None)
        if isinstance(kind, type) and issubclass(kind, errors.XltiltakError):
            for call in _calls(made):
                if (
                    _name(call) == "__init__"
                    and call.args
                    and isinstance(call.args[0], ast.Constant)
                ):
                    yield Use(module, call.lineno, _section(kind) + str(call.args[0].value))


def _section(kind: type[errors.XltiltakError]) -> str:
    return "why." if issubclass(kind, errors.WorkbookError) else f"{kind.section}."


def _reasons(module: str) -> Iterator[Use]:
    """Yield the reasons of findings, by the name `reason` in a call or a dictionary."""
    for node in ast.walk(modules()[module]):
        if isinstance(node, ast.Call):
            named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            named = {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}
        else:
            continue
        if "reason" in named:
            reasons = [reason for reason in _keys(named["reason"]) if reason != "*"]
            yield from (
                Use(module, node.lineno, f"why.{reason}", frozenset(named)) for reason in reasons
            )


def _on_web_page() -> Iterator[Use]:
    """Yield what the templates of the web page say; its script gives patterns their values."""
    for file in sorted((Path(html.__file__).parent / "page").glob("*.html")):
        for call in (
            Environment(autoescape=True).parse(file.read_text("utf-8")).find_all(nodes.Call)
        ):
            if isinstance(call.node, nodes.Getattr) and call.node.attr in PAGE_SECTIONS:
                (said, *_) = call.args
                key = said.value if isinstance(said, nodes.Const) else "*"
                given = frozenset(value.key for value in call.kwargs) or None
                yield Use(
                    "publishing.html", call.lineno, PAGE_SECTIONS[call.node.attr] + key, given
                )


def _uses(module: str, call: ast.Call, section: str) -> Iterator[Use]:
    given = (
        None
        if any(k.arg is None for k in call.keywords)
        else frozenset(k.arg or "" for k in call.keywords)
    )
    for key in _keys(call.args[0]):
        yield Use(module, call.lineno, section + key, given)


def _keys(node: ast.expr) -> Iterator[str]:
    """Return the texts an expression can be, with a star for parts known only at run time."""
    match node:
        case ast.Constant(str(text)):
            yield text
        case ast.IfExp(_, yes, no):
            yield from (*_keys(yes), *_keys(no))
        case ast.JoinedStr(parts):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "*" for part in parts
            )
        case _:
            yield "*"


def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _is_word(call: ast.Call) -> bool:
    match call.func:
        case ast.Name("translate"):
            return True
    return False


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(name) | ast.Attribute(_, name):
            return name
    return ""


@pytest.mark.parametrize(
    ("spoken", "count", "expected"),
    [
        ("nb", 0, "0 av 9 er ferdige (0 %)."),
        ("nb", 1, "1 av 9 er ferdig (0 %)."),
        ("sv", 1, "1 av 9 är klar (0 %)."),
        ("sv", 2, "2 av 9 är klara (0 %)."),
        ("en", 1, "1 of 9 is finished (0 %)."),
        ("en", 2, "2 of 9 are finished (0 %)."),
    ],
)
def test_words_agree_with_their_number(spoken: str, count: int, expected: str) -> None:
    number = language.Count(count)
    text = translate("report.finished_now", spoken, finished=number, total=9, percent=0)
    assert text == expected


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [
        ("nb", "Blitt ferdig: 1 av den 1 som har gått opp."),
        ("nn", "Blitt ferdig: 1 av den 1 som har gått opp."),
        ("sv", "Blivit klar: 1 av den 1 som har gått upp."),
        ("en", "Finished: 1 of the 1 that has moved up."),
    ],
)
def test_the_only_measure_that_moved_up_is_one(spoken: str, expected: str) -> None:
    one = language.Count(1)
    assert translate("report.moved_finished", spoken, up=one, finished=one) == expected


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_words_that_agree_with_a_number_have_two_forms(spoken: str) -> None:
    texts = language.catalogue(spoken).values()
    forms = [form for text in texts for _, _, form, _ in Formatter().parse(text) if form]
    assert not [form for form in forms if form.count("|") != 1]
