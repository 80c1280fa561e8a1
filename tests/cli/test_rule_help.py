"""Test that each code is explained in every language, with an example that is filled in."""

from __future__ import annotations

import re
from itertools import product

import pytest

from xltiltak.cli import main as cli
from xltiltak.cli.rule_help import explain
from xltiltak.intake import return_rules
from xltiltak.merging import collection, consistency_rules
from xltiltak.merging.registry import RULES
from xltiltak.model.errors import UnknownCode
from xltiltak.model.finding import CODES
from xltiltak.model.language import LANGUAGES
from xltiltak.templates import template_rules

# The modules that register rules.
RULEBOOKS = (
    collection,
    consistency_rules,
    return_rules,
    template_rules,
)


@pytest.mark.parametrize(("code", "lang"), list(product(CODES, LANGUAGES)))
def test_every_code_is_explained_with_an_example(code: str, lang: str) -> None:
    help_text = explain(code, lang)
    assert help_text.example.endswith(f"[{code}]")
    assert "{" not in help_text.says + help_text.example.replace("{name}", "") + help_text.fix
    assert not re.search(r"«»|“”|””|: \.|[:,] [.:]|  ", help_text.example)
    assert help_text.why


def test_a_code_is_found_in_any_case_and_by_its_name() -> None:
    assert explain("v101", "nb").code == explain("value-outside-scale", "nb").code == "V101"


def test_an_unknown_code_is_refused_with_a_list_of_all_codes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(UnknownCode):
        explain("X999", "nb")
    assert cli.run(["rule", "X999"]) == 3
    assert "V101" in capsys.readouterr().err


def test_every_rule_has_a_docstring() -> None:
    assert {function.__module__ for function in RULES.values()} >= {
        book.__name__ for book in RULEBOOKS
    }
    assert set(RULES) <= set(CODES)
    assert not [code for code, rule in RULES.items() if not (rule.__doc__ or "").strip()]
