"""Test that addresses of web pages in texts can be followed in the reports, and are read back."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest

from tests.sources import small
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.publishing.public_view import public_view
from xltiltak.publishing.publication import FORMATS, Publication
from xltiltak.publishing.web_links import TextPart, text_parts
from xltiltak.templates import catalogue

ADDRESS = "https://fjordvik.example/sak/12?a=1&b=2"
LONG = f"https://fjordvik.example/{'en-lang-adresse/' * 8}slutt"


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("uten lenke", []),
        ("", []),
        (f"Se {ADDRESS}.", [ADDRESS]),
        (f"({ADDRESS}), og «{LONG}»!", [ADDRESS, LONG]),
        ("javascript:alert(1) ftp://x.example http://", []),
        ('https://x.example/"onclick="y', ["https://x.example/"]),
    ],
)
def test_the_addresses_of_web_pages_are_found(text: str, addresses: list[str]) -> None:
    parts = list(text_parts(text))
    assert "".join(part.text for part in parts) == text
    assert [part.address for part in parts if part.address] == addresses
    assert [part for part in parts if part.address] == [TextPart(a, a) for a in addresses]


def linked() -> Report:
    """Return a report with addresses in the remarks of its measures."""
    report = small(catalogue.find("tiltaksstatus"))
    texts = {slot: value for slot, value in report.values.items() if slot.field == "remark"}
    lines = (f"Se {ADDRESS}.", LONG)
    found = {slot: lines if isinstance(value, tuple) else lines[0] for slot, value in texts.items()}
    assert found
    return replace(report, values={**report.values, **found})


def built(suffix: str) -> bytes:
    """Return the report in a format."""
    register = Register(linked())
    return FORMATS[suffix](
        Publication(register, public_view(register), formats=frozenset({suffix}))
    )


def test_the_web_page_leads_to_the_addresses() -> None:
    page = built(".html").decode()
    escaped = ADDRESS.replace("&", "&amp;")
    assert f'Se <a href="{escaped}">{escaped}</a>.' in page


def test_the_document_leads_to_the_addresses() -> None:
    with zipfile.ZipFile(BytesIO(built(".docx"))) as package:
        document = package.read("word/document.xml").decode()
    assert f' HYPERLINK "{ADDRESS.replace("&", "&amp;")}" </w:instrText>' in document


def test_the_pages_lead_to_the_addresses() -> None:
    targets = set(re.findall(rb"/URI\s*\(([^)]*)\)", built(".pdf")))
    assert ADDRESS.encode() in targets
    assert not any("\u200b".encode() in target for target in targets)
