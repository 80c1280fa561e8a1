"""The document model and the page templates, which know its parts by name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from tests.documents import sample
from xltiltak.publishing import document
from xltiltak.publishing.document import KINDS, Block, Content, Section, children, texts

FOLDER = Path(document.__file__).parent
STEPS_IN_PAGES = "type(content) == int"  # a step is a number in the list of all steps


def test_every_kind_of_content_and_block_has_a_name() -> None:
    assert set(KINDS) == {*get_args(Content), *get_args(Block)}
    assert len(set(KINDS.values())) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS.values())
def test_the_web_page_renders_every_kind(kind: str) -> None:
    assert f'kind == "{kind}"' in (FOLDER / "page" / "parts.html").read_text("utf-8")


@pytest.mark.parametrize("kind", [kind for part, kind in KINDS.items() if part is not str])
def test_the_printed_pages_render_every_kind(kind: str) -> None:
    layout = (FOLDER / "report.typ").read_text("utf-8")
    place = re.escape(STEPS_IN_PAGES) if kind == "step" else rf'\.is == "{kind}"|^  {kind}: '
    assert re.search(place, layout, re.MULTILINE)


def test_texts_are_found_at_any_depth() -> None:
    found = list(texts(sample(2, "EKSTRA")))
    assert sum("EKSTRA" in text for text in found) > 10
    assert {"Oppvekst", "Trygge skoleveier", "Ikke påbegynt"} <= set(found)


def test_children_are_the_fields_of_a_part() -> None:
    assert list(children(Section("Tittel", "anker"))) == [
        *("Tittel", "anker", (), (), False),
        *("", None, ""),
    ]
    assert list(children(1)) == []
