"""Read PDF files in tests: text, tags, headings, and the faults that a validator finds."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import page
import pypdf

PROFILES = (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_2A)


def faults(content: bytes, folder: Path) -> list[str]:
    """Return the failures of both standards."""
    file = folder / "rapport.pdf"
    file.write_bytes(content)
    found = [
        str(fault)
        for profile in PROFILES
        for fault in page.validate_pdf(str(file), profile=profile).failures
    ]
    return [
        fault for fault in found if "STREAM-LENGTH" not in fault or not lengths_are_right(content)
    ]


def lengths_are_right(content: bytes) -> bool:
    """Return True if each stream has the length it declares.

    The validator takes a last byte of 13 for part of a line end; Typst does not.
    """
    streams = re.finditer(rb"/Length (\d+)[^>]*>>\s*stream\n", content)
    return all(content[at.end() + int(at[1]) :].startswith(b"\nendstream") for at in streams)


def read(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def elements(node: Any) -> Iterator[dict[str, Any]]:
    """Yield the structure elements of a file in reading order."""
    node = node.get_object()
    if isinstance(node, list):
        for part in node:
            yield from elements(part)
    elif isinstance(node, dict):
        if "/S" in node:
            yield {**node}
        if "/K" in node:
            yield from elements(node["/K"])


def structure(content: bytes) -> list[dict[str, Any]]:
    return list(elements(read(content).root_object["/StructTreeRoot"]))


def read_headings(content: bytes) -> list[tuple[int, str]]:
    found = [
        (str(node["/S"]), str(node["/T"]))
        for node in structure(content)
        if re.fullmatch(r"/H\d", str(node["/S"]))
    ]
    return [(int(kind[2]), " ".join(title.split())) for kind, title in found]


def text(content: bytes) -> str:
    """Return all text in one line, in the order of the file."""
    return " ".join(" ".join(page.extract_text() for page in read(content).pages).split())
