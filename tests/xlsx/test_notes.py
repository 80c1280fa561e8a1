"""Texts outside the fields are quoted with their place.

They are in comments, threads, text boxes, other sheets, and cells outside the bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.comments import Comment

from tests import small
from tests.forms import book_of, saved
from tests.raw import zipped
from xltiltak.intake.returned_file import parse_return
from xltiltak.model.finding import Finding
from xltiltak.model.register import ReturnedFile

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
THREAD = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
THREADED_COMMENTS = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a form as it is sent."""
    return small.forms(small.report(tmp_path_factory.mktemp("form")))["OPP"]


def quoted(content: bytes) -> list[tuple[str, str, str]]:
    """Return the quotes in a returned file: sheet, cell and text."""
    return [_placed(f) for f in received(content).all_findings() if f.code == "S108"]


def _placed(finding: Finding) -> tuple[str, str, str]:
    return finding.place.sheet, finding.place.cell, finding.values["value"]


def told(content: bytes) -> list[tuple[str, str, str]]:
    """Return the objects that are told in a returned file: reason, cell and words."""
    findings = [f for f in received(content).all_findings() if f.code == "S111"]
    return [(f.values["reason"], f.place.cell, f.values["value"]) for f in findings]


def received(content: bytes) -> ReturnedFile:
    return parse_return("svar.xlsx", content)


def with_parts(content: bytes, parts: Mapping[str, str]) -> bytes:
    """Return a workbook with parts added or replaced."""
    with ZipFile(BytesIO(content)) as old:
        kept: dict[str, str | bytes] = {name: old.read(name) for name in old.namelist()}
    return zipped(kept | dict(parts))


def linked(form: bytes, **parts: tuple[str, str]) -> bytes:
    """Return a form whose sheet refers to these parts: relationship type and content by name."""
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    links = "".join(
        f'<Relationship Id="x{name}" Type="{kind}" Target="../x/{name}.xml"/>'
        for name, (kind, _) in parts.items()
    )
    new_parts = {f"xl/x/{name}.xml": part for name, (_, part) in parts.items()}
    new_parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f'<Relationships xmlns="{namespace}">{links}</Relationships>'
    )
    return with_parts(form, new_parts)


def edited(form: bytes, edit: Callable[[openpyxl.Workbook], object]) -> bytes:
    """Return a form edited and saved with openpyxl."""
    book = book_of(form)
    edit(book)
    return saved(book)


def test_a_comment_is_quoted_at_its_cell(form: bytes) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["F15"].comment = Comment("Ring meg\nom dette", "Kari")
        book.worksheets[0]["B1"].comment = Comment("Fint skjema", "Kari")

    assert quoted(edited(form, edit)) == [
        ("Oppvekst", "B1", "Fint skjema"),
        ("Oppvekst", "F15", "Ring meg\nom dette"),
    ]


def test_a_thread_is_quoted_with_its_answers_without_the_comment_for_older_programs(
    form: bytes,
) -> None:
    thread = (
        f"<ThreadedComments xmlns='{THREADED_COMMENTS}'>"
        "<threadedComment ref='F15' id='{1}'><text>Stemmer dette?</text></threadedComment>"
        "<threadedComment ref='F15' id='{2}' parentId='{1}'>"
        "<text>Ja &amp; nei</text></threadedComment>"
        "</ThreadedComments>"
    )
    comments = (
        "<comments><commentList><comment ref='F15'><text><t>[Threaded comment]</t></text></comment>"
        "<comment ref='G2'><text><r><t>Kari:</t></r>"
        "<r><t xml:space='preserve'> hei</t></r></text></comment>"
        "</commentList></comments>"
    )
    content = linked(form, threads=(THREAD, thread), comments=(f"{OFFICE}/comments", comments))
    texts = [(cell, text) for _, cell, text in quoted(content)]
    assert texts == [("F15", "Stemmer dette?"), ("F15", "Ja & nei"), ("G2", "Kari: hei")]


def test_the_text_in_a_text_box_is_quoted(form: bytes) -> None:
    drawing = (
        f"<xdr:wsDr xmlns:xdr='{DRAWING}/spreadsheetDrawing' xmlns:a='{DRAWING}/main'>"
        "<xdr:sp><xdr:txBody><a:p><a:r><a:t>Husk</a:t></a:r></a:p>"
        "<a:p><a:r><a:t>fristen</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:wsDr>"
    )
    assert quoted(linked(form, box=(f"{OFFICE}/drawing", drawing))) == [
        ("Oppvekst", "", "Husk\nfristen")
    ]


def test_broken_comments_are_told_and_the_answers_are_read(form: bytes) -> None:
    content = linked(form, c=(f"{OFFICE}/comments", "<comments><comment>"))
    assert received(content).outcome == "read"
    assert told(content) == [("object_unreadable_named", "", "xl/x/c.xml")]


def test_a_link_to_missing_comments_is_told(form: bytes) -> None:
    content = linked(form, c=(f"{OFFICE}/comments", "<comments/>"))
    with ZipFile(BytesIO(content)) as old:
        gone = zipped({name: old.read(name) for name in old.namelist() if name != "xl/x/c.xml"})
    assert received(gone).outcome == "read"
    assert told(gone) == [("object_missing_named", "", "xl/x/c.xml")]


def test_another_sheet_is_quoted_row_by_row(form: bytes) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("Notater")
        for row in range(1, 41):
            sheet.append([f"rad {row}", row * 1000])
        sheet["D50"] = "=1+1"

    content = edited(form, edit)
    quotes = quoted(content)
    assert quotes[0] == ("Notater", "A1:B1", "A1 rad 1; B1 1000")
    assert [cell for _, cell, _ in quotes] == [*(f"A{n}:B{n}" for n in range(1, 41)), "D50"]
    assert quotes[-1][2] == "=1+1"


def test_a_sheet_with_more_rows_than_are_quoted_says_how_many(form: bytes) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        for name in "AB":
            sheet = book.create_sheet(name)
            for row in range(4_000):
                sheet.append([row])

    quotes = quoted(edited(form, edit))
    assert (len(quotes), quotes[-1][2]) == (5_001, "… (3000)")


@pytest.mark.parametrize("cell", ["A5001", "BM1", "XFD1048576"])
def test_a_value_outside_the_bounds_is_quoted_with_its_place(form: bytes, cell: str) -> None:
    content = edited(form, lambda book: book.worksheets[0].__setitem__(cell, "langt ute"))
    assert (cell, "langt ute") in [(at, text) for _, at, text in quoted(content)]
    assert ("F007", "error") in [(f.code, f.severity) for f in received(content).all_findings()]


def test_a_workbook_that_is_not_a_form_is_quoted() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Tiltak", "Status"])
    book.worksheets[0].append(["Bygge bro", 4])
    content = saved(book)
    assert [f.code for f in received(content).findings] == ["F003", "S108", "S108"]
    assert quoted(content) == [
        ("Sheet", "A1:B1", "A1 Tiltak; B1 Status"),
        ("Sheet", "A2:B2", "A2 Bygge bro; B2 4"),
    ]


def test_a_form_with_a_damaged_hidden_sheet_is_quoted(form: bytes) -> None:
    content = edited(form, lambda book: book["_xltiltak"].__setitem__("B4", "{"))
    assert received(content).findings[0].code == "F003"
    assert "Leseløft i småskolen" in "\n".join(text for _, _, text in quoted(content))
