"""Build files that try to stop a reader, or are no workbooks: each as small as it can be.

`HOSTILE` has, by name, the code of the finding that a file must give, and how to build it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from functools import cache
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tests.raw import ENCRYPTED, PDF, ole, parts_of, sheet, with_stated_size, zipped
from xltiltak.xlsx.package import MIB

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET = "xl/worksheets/sheet1.xml"
Builder = Callable[[], bytes]


def book(part: str, content: str | bytes, name: str = SHEET) -> bytes:
    """Return a workbook with this content in the part `name`."""
    parts = parts_of(
        "<row r='1'><c r='A1' t='s' s='1'><v>0</v></c></row>", texts="<si><t>a</t></si>", styles=""
    )
    return zipped({**parts, name: content or part})


def of_rows(rows: str) -> bytes:
    """Return a workbook whose first sheet has these rows."""
    return book("", HEAD + sheet(rows))


def many(tag: str, count: int) -> str:
    """Return `count` elements, each a little different, so that they do not compress too well."""
    chance = random.Random(1)
    return "".join(tag.format(n=n, noise=chance.getrandbits(40)) for n in range(1, count + 1))


def with_dtd(declared: str, used: str = "") -> bytes:
    """Return a workbook whose sheet declares entities."""
    content = sheet(f"<row r='1'><c r='A1' t='inlineStr'><is><t>{used}</t></is></c></row>")
    return book("", f"<!DOCTYPE worksheet [{declared}]>{content}")


def billion_laughs() -> str:
    """Return ten entities, each ten times the one before: "billion laughs"."""
    first = ['<!ENTITY e0 "ha">']
    return "".join([*first, *(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))])


def with_sheet_target(target: str, *, external: bool = False) -> bytes:
    """Return a workbook whose relations name this target for its sheet."""
    parts = parts_of("")
    links = str(parts["xl/_rels/workbook.xml.rels"]).replace(
        'Target="worksheets/sheet1.xml"', f'Target="{target}"'
    )
    mode = (
        links.replace(f'Target="{target}"', f'Target="{target}" TargetMode="External"')
        if external
        else links
    )
    return zipped({**parts, "xl/_rels/workbook.xml.rels": mode})


def without(name: str) -> bytes:
    """Return a workbook that lacks a part."""
    parts = parts_of("<row r='1'><c r='A1' t='s'><v>0</v></c></row>", texts="<si><t>a</t></si>")
    return zipped({key: part for key, part in parts.items() if key != name})


def with_names(names: Iterable[str]) -> bytes:
    """Return a workbook with additional entries of these names, written unchanged."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, part in parts_of("").items():
            archive.writestr(name, part)
        for name in names:
            archive.writestr(ZipInfo(name), "x")
    return target.getvalue()


def with_compression_method(method: int) -> bytes:
    """Return a workbook whose first entry names this compression method."""
    content = bytearray(zipped(parts_of("")))
    at = content.index(b"PK\1\2")
    content[at + 10 : at + 12] = method.to_bytes(2, "little")
    return bytes(content)


def one_sheet_many_times(count: int) -> dict[str, str | bytes]:
    """Return the parts of a workbook that lists one sheet many times."""
    parts = parts_of()
    entries = "".join(
        f'<sheet name="Ark {n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, count + 1)
    )
    whole = str(parts["xl/workbook.xml"]).replace(
        '<sheet name="Ark 1" sheetId="1" r:id="rId1"/>', entries
    )
    return {**parts, "xl/workbook.xml": whole}


def nested(depth: int) -> str:
    """Return elements inside each other."""
    return "".join(f"<a{n % 97}>" for n in range(depth)) + "".join(
        f"</a{n % 97}>" for n in reversed(range(depth))
    )


def long_text() -> bytes:
    """Return a workbook with one very long shared text."""
    return book("", f"<sst><si><t>{'x' * (40 * MIB)}", "xl/sharedStrings.xml")


def many_styles() -> bytes:
    """Return a workbook with more cell styles than any program allows."""
    styles = many('<xf numFmtId="{noise}"/>', 700_000)
    return book("", f"<styleSheet><cellXfs>{styles}</cellXfs></styleSheet>", "xl/styles.xml")


def many_long_texts(count: int, extra: str = "") -> bytes:
    """Return a workbook with `count` texts, each nearly as long as a cell allows.

    The texts consist of few words, so that they compress well.
    """
    chance = random.Random(2)
    words = [f"{chance.getrandbits(32):x}" for _ in range(40)]
    texts = "".join(
        f"<si><t>{' '.join(chance.choices(words, k=220)) * 16}</t></si>" for _ in range(count)
    )
    rows = "".join(
        f"<row r='{n}'><c r='B{n}' t='s'><v>{n - 1}</v></c></row>" for n in range(1, count + 1)
    )
    return zipped(parts_of(rows, texts=texts + extra))


def many_conditional_formats(count: int) -> bytes:
    """Return a workbook whose sheet has `count` conditional formats."""
    element = (
        '<conditionalFormatting sqref="A{n}:XFD{n}"><cfRule type="expression" priority="{n}"/>'
        "</conditionalFormatting>"
    )
    return book("", sheet("").replace("</worksheet>", f"{many(element, count)}</worksheet>"))


def many_names(count: int) -> bytes:
    """Return a workbook with `count` defined names."""
    names = many('<definedName name="n{n}">{noise}</definedName>', count)
    parts = parts_of()
    workbook = str(parts["xl/workbook.xml"]).replace(
        "</sheets>", f"</sheets><definedNames>{names}</definedNames>"
    )
    return zipped({**parts, "xl/workbook.xml": workbook})


def with_merged_cells(ranges: str) -> bytes:
    """Return a workbook whose sheet has these merged cells."""
    return book(
        "", sheet("").replace("</worksheet>", f"<mergeCells>{ranges}</mergeCells></worksheet>")
    )


def with_false_dimension() -> bytes:
    """Return a workbook whose sheet claims the largest possible size."""
    rows = sheet('<row r="1"><c r="A1"><v>1</v></c></row>')
    return book(
        "", HEAD + rows.replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    )


def with_wrong_checksum() -> bytes:
    """Return a workbook whose zip directory has a wrong checksum for its sheet."""
    content = zipped(parts_of(""))
    at = content.rindex(b"PK\1\2", 0, content.rindex(SHEET.encode())) + 16
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def opendocument() -> bytes:
    """Return an OpenDocument spreadsheet."""
    return zipped(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}
    )


LAST_CELL = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
NO_CELL = '<row r="99999999"><c r="ZZZZZZ99999999"><v>1</v></c></row>'
HOSTILE: dict[str, tuple[str, Builder]] = {
    "zip bomb": ("F007", lambda: book("", b"<worksheet>" + b" " * (40 * MIB) + b"</worksheet>")),
    "a comment of forty megabytes": (
        "F007",
        lambda: book("", f"<!--{'x' * (40 * MIB)}-->{sheet('')}"),
    ),
    "a shared text of forty megabytes": ("F007", long_text),
    "a part larger than it says": ("F007", lambda: with_stated_size(zipped(parts_of("")), 2**31)),
    "a million empty rows": ("F007", lambda: of_rows(many('<row r="{n}" x="{noise}"/>', 700_000))),
    "a million looks": ("F007", many_styles),
    "a million merged cells": (
        "F007",
        lambda: with_merged_cells(many('<mergeCell ref="A{n}:XFD{noise}"/>', 700_000)),
    ),
    "a thousand texts as long as they can be": ("F003", lambda: many_long_texts(950)),
    "two thousand texts as long as they can be": ("F007", lambda: many_long_texts(1_900)),
    "twenty thousand rules of looks": ("F003", lambda: many_conditional_formats(20_000)),
    "ten thousand names": ("F003", lambda: many_names(10_000)),
    "nine hundred sheets": ("F007", lambda: zipped(parts_of("", sheets=900))),
    "five thousand sheets": ("F007", lambda: zipped(parts_of("", sheets=5_000))),
    "five thousand sheets that are one": ("F007", lambda: zipped(one_sheet_many_times(5_000))),
    "ten thousand entries": ("F007", lambda: with_names(f"x/{n}" for n in range(10_000))),
    "billion laughs": ("F006", lambda: with_dtd(billion_laughs(), "&e9;")),
    "a quadratic entity": (
        "F006",
        lambda: with_dtd(f'<!ENTITY a "{"x" * 50_000}">', "&a;" * 2_000),
    ),
    "an external entity": (
        "F006",
        lambda: with_dtd('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
    ),
    "a parameter entity": (
        "F006",
        lambda: with_dtd('<!ENTITY % a SYSTEM "http://127.0.0.1/a.dtd"> %a;'),
    ),
    "elements within each other": ("F003", lambda: of_rows(nested(50_000))),
    "a cell in the last column and row": ("F003", lambda: of_rows(LAST_CELL)),
    "a cell in the last row": (
        "F003",
        lambda: of_rows('<row r="1048576"><c r="F1048576"><v>1</v></c></row>'),
    ),
    "a cell beyond every sheet": ("F003", lambda: of_rows(NO_CELL)),
    "a lying dimension": ("F003", with_false_dimension),
    "a row number of fifty digits": (
        "F006",
        lambda: of_rows(f'<row r="{"9" * 5_000}"><c r="A1"><v>1</v></c></row>'),
    ),
    "a merge over the whole sheet": (
        "F003",
        lambda: with_merged_cells('<mergeCell ref="A1:XFD1048576"/>'),
    ),
    "the sheet is missing": ("F006", lambda: without(SHEET)),
    "the texts are missing": ("F006", lambda: without("xl/sharedStrings.xml")),
    "the links are missing": ("F006", lambda: without("xl/_rels/workbook.xml.rels")),
    "the workbook is missing": ("F006", lambda: without("xl/workbook.xml")),
    "a sheet out of the file": ("F006", lambda: with_sheet_target("../../../etc/passwd")),
    "a sheet on the web": (
        "F006",
        lambda: with_sheet_target("http://127.0.0.1/a.xml", external=True),
    ),
    "a sheet on a share": (
        "F006",
        lambda: with_sheet_target("\\\\server\\share\\a.xml", external=True),
    ),
    "a sheet that is the workbook": ("F006", lambda: with_sheet_target("workbook.xml")),
    "entries that climb": (
        "F003",
        lambda: with_names(["../../../tmp/a", "C:\\Windows\\a", "/etc/a", "a\0b"]),
    ),
    "two entries of one name": ("F006", lambda: with_names(["XL/Workbook.XML"])),
    "entries packed in another way": ("F006", lambda: with_compression_method(14)),
    "a checksum that lies": ("F006", with_wrong_checksum),
    "cut short": ("F006", lambda: zipped(parts_of(""))[:-200]),
    "a zip within a zip": ("F001", lambda: zipped({"a.zip": zipped({"b": "x"})})),
    "encrypted": ("F002", lambda: ENCRYPTED),
    "an old workbook": ("F001", lambda: ole("Root Entry", "Workbook")),
    "a binary workbook": (
        "F001",
        lambda: zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.bin": ""}),
    ),
    "a Word document": (
        "F001",
        lambda: zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}),
    ),
    "a slide show": (
        "F001",
        lambda: zipped({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"}),
    ),
    "a workbook from an Apple desk": (
        "F001",
        lambda: zipped({"Index/Document.iwa": "", "preview.jpg": ""}),
    ),
    "a PDF": ("F001", lambda: PDF),
    "a web page": ("F001", lambda: b"<html><table><tr><td>Tiltak</td></tr></table></html>"),
    "a table of text": ("F001", lambda: b"Tiltak;Status\r\nBro;3\r\n"),
    "an OpenDocument": ("F001", opendocument),
    "nothing": ("F005", bytes),
    "not synced yet": ("F005", lambda: bytes(4096)),
    "noise": ("F001", lambda: random.Random(5).randbytes(3_000)),
}


@cache
def content_of(name: str) -> bytes:
    """Return a file by its name; built once."""
    return HOSTILE[name][1]()
