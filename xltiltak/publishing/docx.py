"""A document for Word: real headings, tables that say what they are, and lists of contents filled from the start.

The letterhead and styles of a town are kept where they are given: its headers and footers, its headings, its fonts.
"""

from __future__ import annotations

import zlib
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from xltiltak.model.errors import PlanError
from xltiltak.publishing.document import Document
from xltiltak.publishing.docx_markup import clean
from xltiltak.publishing.docx_styles import prepare
from xltiltak.publishing.wordpages import Pages

if TYPE_CHECKING:
    from docx.document import Document as File

_KEPT = (
    "officeDocument",
    "core-properties",
)  # a company, a manager and the path of a template are told beside them
_LONGEST = 255  # characters of a property
_MADE = datetime(1980, 1, 1)  # noqa: DTZ001 - the first day a zip file knows; no clock is read


def render(document: Document, letterhead: bytes = b"") -> bytes:
    """The file, in a Word template where one is given. Raises PlanError for a template that is none."""
    file = _opened(letterhead)
    prepare(file, document, own=not letterhead)
    _describe(file, document)
    pages = Pages(file, document, own=not letterhead)
    pages.front()
    for section in document.sections:
        pages.section(section, 1)
    pages.finish()
    return _packed(file)


def _opened(letterhead: bytes) -> File:
    """An empty file: our own, or a letterhead without the empty lines that end it."""
    import docx
    from docx.opc.exceptions import OpcError

    try:
        file = docx.Document(BytesIO(letterhead)) if letterhead else docx.Document()
        _ = file.sections[-1], file.styles["Normal"], file.paragraphs  # all that is stood on
    except (
        OpcError,
        BadZipFile,
        zlib.error,
        ValueError,
        LookupError,
        SyntaxError,
        AttributeError,
    ) as error:
        raise PlanError("no_letterhead") from error
    for paragraph in reversed(file.paragraphs):
        element = paragraph._p  # noqa: SLF001 - python-docx has no other way to the element
        if len(element.xpath("./*[not(self::w:pPr)] | .//w:sectPr")):
            break
        element.getparent().remove(element)
    return file


def _describe(file: File, document: Document) -> None:
    """The file's own properties: no person, no clock, and nothing of where a letterhead was made."""
    relations = file.part.package.rels
    for name in [
        name for name, to in relations.items() if to.reltype.rpartition("/")[2] not in _KEPT
    ]:
        del relations[name]
    known = file.core_properties
    title, author, subject = (
        clean(text)[:_LONGEST]
        for text in (document.title, document.organisation, document.subtitle)
    )
    known.title, known.author, known.subject, known.language = (
        title,
        author,
        subject,
        document.language,
    )
    known.comments, known.keywords, known.category, known.content_status = "", "", "", ""
    known.identifier, known.version = "", ""
    known.last_modified_by, known.revision = "", 1
    known.created = known.modified = _MADE


def _packed(file: File) -> bytes:
    """The file's bytes, with the same day on every part."""
    made, packed = BytesIO(), BytesIO()
    file.save(made)
    with ZipFile(made) as source, ZipFile(packed, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = ZipInfo(name, _MADE.timetuple()[:6])
            part.compress_type = ZIP_DEFLATED
            target.writestr(part, source.read(name))
    return packed.getvalue()
