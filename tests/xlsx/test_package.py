"""A hostile workbook is refused with a message, or every value that is read is right."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import xlsxwriter

from tests import small
from tests.office import Office
from tests.raw import ENCRYPTED, MAIN, PDF, ole, parts_of, sheet, with_stated_size, zipped
from tests.readers import Grid, assert_all_read_the_same, grid, ours, sheets_of
from xltiltak.intake.returned_file import parse_return
from xltiltak.model.cell_values import CellValue, ErrorValue, FormattedNumber
from xltiltak.model.errors import (
    DamagedWorkbook,
    EncryptedWorkbook,
    NotAWorkbook,
    OverLimit,
    SkippedFile,
    WorkbookError,
    XltiltakError,
)
from xltiltak.model.language import LANGUAGES
from xltiltak.xlsx.package import DEFAULT_BOUNDS, LARGE_FILE_BOUNDS, MIB, Package
from xltiltak.xlsx.sheet_reader import read_sheets

# A row that needs the parts of shared texts and styles:
USES = "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' s='0'><v>1</v></c></row>"


def book(rows: str, **parts: Any) -> bytes:
    """Return a workbook with these rows on its first sheet."""
    return zipped(parts_of(rows, **parts))


def refusal(content: bytes) -> WorkbookError:
    """Return the error about a file. Its message must be complete in every language."""
    with pytest.raises(WorkbookError) as raised:
        sheets_of(content)
    error = raised.value
    for language in LANGUAGES:
        message = error.message(language)
        assert message.endswith(f"[{error.code}]")
        assert "{" not in message
        finding, *quotes = parse_return("svar.xlsx", content).findings
        assert {quote.code for quote in quotes} <= {"F011"}
        assert message.startswith(finding.message(language))
        assert finding.code == error.code
    return error


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a form as it is sent."""
    return small.forms(small.report(tmp_path_factory.mktemp("form")))["OPP"]


def docx() -> bytes:
    """Return a zip with the parts that show a Word document."""
    return zipped(
        {"[Content_Types].xml": "<Types/>", "_rels/.rels": "<x/>", "word/document.xml": "<x/>"}
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (b"\xef\xbb\xbfTiltak;Status\r\n1;2\r\n", "text"),
        ("Måned;År".encode("cp1252"), "text"),
        (b"<!DOCTYPE html><html><table></table></html>", "html"),
        (b"\n <html xmlns='x'>", "html"),
        (b"<?xml version='1.0'?><Workbook/>", "xml"),
        (b"{\\rtf1\\ansi", "rtf"),
        (b"\x89PNG\r\n\x1a\n\0\0", "picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "picture"),
        (b"\0\1\2\3" * 20, "unknown"),
        (ole("Root Entry", "Workbook"), "xls"),
        (ole("Root Entry", "WordDocument"), "doc"),
        (ole("Root Entry", "Annet"), "ole"),
        (docx(), "docx"),
        (zipped({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<x/>"}), "pptx"),
        (zipped([("[Content_Types].xml", "<Types/>"), ("xl/workbook.bin", b"\0")]), "xlsb"),
        (
            zipped(
                {
                    "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                    "content.xml": "<x/>",
                }
            ),
            "ods",
        ),
        (zipped({"bilde.png": b"\x89PNG"}), "archive"),
        (zipped({}), "archive"),
        (zipped({"[Content_Types].xml": "<Types/>", "_rels/.rels": "<Relationships/>"}), "office"),
    ],
)
def test_another_kind_of_file_is_recognised_by_its_content(content: bytes, kind: str) -> None:
    error = refusal(content)
    assert isinstance(error, NotAWorkbook)
    assert (error.code, error.key) == ("F001", kind)


def test_an_encrypted_workbook_is_refused() -> None:
    assert isinstance(refusal(ENCRYPTED), EncryptedWorkbook)


def test_a_zip_with_a_password_is_refused() -> None:
    content = bytearray(book(""))
    for at in _find_all(bytes(content), b"PK\1\2"):
        content[at + 8] |= 1
    assert isinstance(refusal(bytes(content)), EncryptedWorkbook)


def _find_all(content: bytes, magic: bytes) -> list[int]:
    """Return the positions of some bytes."""
    return [at for at in range(len(content)) if content.startswith(magic, at)]


@pytest.mark.parametrize("content", [b"", b"\0", b"\0" * 5000])
def test_an_empty_file_is_skipped(content: bytes) -> None:
    assert isinstance(refusal(content), SkippedFile)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_a_file_cut_short_is_damaged(form: bytes, share: float) -> None:
    error = refusal(form[: int(len(form) * share)])
    assert isinstance(error, DamagedWorkbook)
    assert error.code == "F006"


def test_a_wrong_checksum_is_damaged(form: bytes) -> None:
    at = next(n for n in _find_all(form, b"PK\1\2") if b"sheet1.xml" in form[n : n + 80])
    assert refusal(form[: at + 16] + bytes([form[at + 16] ^ 1]) + form[at + 17 :]).key == "checksum"


@pytest.mark.parametrize("seed", range(4))
def test_no_flipped_bit_goes_unnoticed(form: bytes, seed: int) -> None:
    chance, whole, refused = random.Random(seed), parse_return("a.xlsx", form), 0
    assert whole.outcome == "read"
    for _ in range(100):
        damaged = bytearray(form)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        got = parse_return("a.xlsx", bytes(damaged))
        if got.outcome in ("refused", "skipped"):
            refused += 1
        else:
            assert got.sent_report == whole.sent_report
            assert got.submissions[0].changes == ()
            assert {f.code for f in got.all_findings()} <= {"S111"}  # the name of a part changed
    assert refused > 20  # the other bits are in bytes that are not read


def test_bytes_before_and_after_the_zip_change_nothing(form: bytes) -> None:
    assert grid(b"#!self extracting\n" + form) == grid(form)
    assert grid(form + b"\0" * 20) == grid(form)


def test_noise_is_always_refused() -> None:
    chance = random.Random(3)
    for size in (1, 22, 100, 5000):
        for start in (b"", b"PK\3\4", b"PK\5\6", b"\xd0\xcf\x11\xe0"):
            refusal(start + chance.randbytes(size))


def test_an_error_about_a_bound_has_its_name_and_both_values() -> None:
    zeros = b"<x>" + b" " * (3 * MIB) + b"</x>"
    large = random.Random(1).randbytes(65 * MIB // 20).hex().encode()
    for bound, content in (
        ("ratio", zipped({**parts_of(), "xl/bomb.xml": zeros})),
        ("entries", zipped({**parts_of(), **{f"x/{n}": "" for n in range(1000)}})),
        ("sheets", book("", sheets=65)),
        ("file", b"PK" + bytes(10 * MIB)),
    ):
        error = refusal(content)
        assert isinstance(error, OverLimit), bound
        assert (error.code, error.key, error.values["bound"]) == (
            "F007",
            bound,
            getattr(DEFAULT_BOUNDS, bound),
        )
        assert int(str(error.values["met"])) > int(str(error.values["bound"]))
    assert Package(zipped({**parts_of(), "xl/large.xml": large}))


@pytest.mark.parametrize(
    ("size", "bound"), [(32 * MIB + 1, "entry"), (129 * MIB, "total"), (2**32 - 2, "total")]
)
def test_a_size_is_refused_before_anything_is_inflated(size: int, bound: str) -> None:
    error = refusal(with_stated_size(book(""), size))
    assert isinstance(error, OverLimit)
    assert error.key == bound


def test_a_part_larger_than_it_says_is_damaged() -> None:
    content = zipped({**parts_of(), "xl/worksheets/sheet1.xml": sheet("<row/>" * 50_000)})
    at = next(n for n in _find_all(content, b"PK\1\2") if b"sheet1.xml" in content[n : n + 80])
    changed = content[: at + 24] + (100).to_bytes(4, "little") + content[at + 28 :]
    assert refusal(changed).key == "checksum"


def test_parts_that_are_too_large_together_are_refused() -> None:
    blocks = [random.Random(n).randbytes(MIB).hex().encode() for n in range(2)]
    content = zipped({**parts_of(), **{f"x/{n}": blocks[n % 2] for n in range(2)}})
    with pytest.raises(OverLimit) as raised:
        Package(content, DEFAULT_BOUNDS._replace(total=3 * MIB))
    assert raised.value.key == "total"


def test_the_coordinators_own_workbook_may_be_larger() -> None:
    content = book("", sheets=65)
    assert len(list(read_sheets(Package(content, LARGE_FILE_BOUNDS)))) == 65


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE worksheet>",
        '<!DOCTYPE worksheet [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE worksheet SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_a_document_type_is_refused_in_every_part(head: str) -> None:
    parts = parts_of(USES, texts="<si><t>a</t></si>", styles="")
    for name in (
        "xl/worksheets/sheet1.xml",
        "xl/workbook.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "_rels/.rels",
    ):
        assert refusal(zipped({**parts, name: head + str(parts[name])})).key == "dtd"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("xl/worksheets/sheet1.xml", sheet("<row r='1'><c r='A1'><v>1</v></c>")),
        ("xl/worksheets/sheet1.xml", sheet("<row><c><v>&nbsp;</v></c></row>")),
        ("xl/worksheets/sheet1.xml", ""),
        ("xl/worksheets/sheet1.xml", b"\xff\xfe<\0"),
        ("xl/worksheets/sheet1.xml", "<chartsheet/>"),
        ("xl/worksheets/sheet1.xml", sheet("") + sheet("")),
        ("xl/sharedStrings.xml", "<si/>"),
        ("xl/styles.xml", "<x/>"),
        ("xl/workbook.xml", "tekst"),
    ],
)
def test_broken_xml_is_damaged(name: str, content: str | bytes) -> None:
    assert isinstance(
        refusal(zipped({**parts_of(USES, texts="<si><t>a</t></si>", styles=""), name: content})),
        DamagedWorkbook,
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("_rels/.rels", "<Relationships><Relationship/></Relationships>"),
        ("xl/_rels/workbook.xml.rels", "<Relationships><Relationship Id='rId1'/></Relationships>"),
        ("xl/styles.xml", "<styleSheet><cellXfs><xf numFmtId='x'/></cellXfs></styleSheet>"),
        ("xl/styles.xml", "<styleSheet><numFmts><numFmt/></numFmts></styleSheet>"),
        ("xl/workbook.xml", "<workbook><sheets><sheet/><sheet name='a'/></sheets></workbook>"),
        ("docProps/core.xml", "<a><lastModifiedBy>"),
    ],
)
def test_a_missing_or_wrong_attribute_refuses_the_file(name: str, content: str) -> None:
    parts = {**parts_of(USES, texts="<si><t>a</t></si>", styles=""), name: content}
    assert parse_return("svar.xlsx", zipped(parts)).outcome == "refused"


@pytest.mark.parametrize(
    "name", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"]
)
def test_a_missing_part_is_damaged(name: str) -> None:
    parts = parts_of(USES, texts="<si><t>a</t></si>")
    del parts[name]
    assert refusal(zipped(parts)).key == "part"


@pytest.mark.parametrize(
    "target", ["../../etc/passwd", "http://x.no/a.xml", "/xl/nei.xml", "file:///etc/passwd"]
)
def test_a_link_out_of_the_file_is_not_followed(target: str) -> None:
    parts = parts_of("")
    links = str(parts["xl/_rels/workbook.xml.rels"]).replace("worksheets/sheet1.xml", target)
    assert refusal(zipped({**parts, "xl/_rels/workbook.xml.rels": links})).key == "part"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "again", ["xl/worksheets/sheet1.xml", "XL/Worksheets/Sheet1.XML", "/xl/worksheets/sheet1.xml"]
)
def test_a_file_with_two_parts_of_one_name_is_damaged(again: str) -> None:
    assert refusal(zipped([*parts_of("").items(), (again, sheet(""))])).key == "names"


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ("<row r='2'/><row r='2'/>", "row"),
        ("<row r='2'/><row r='1'/>", "row"),
        ("<row r='0'/>", "row"),
        ("<row r='x'/>", "markup"),
    ],
)
def test_rows_that_no_spreadsheet_writes_are_damaged(rows: str, key: str) -> None:
    assert refusal(book(rows, texts="<si><t>a</t></si>")).key == key


@pytest.mark.parametrize(
    ("cell", "quoted"),
    [
        ("<c r='B1' t='s'><v>9</v></c>", "<v>9</v>"),
        ("<c r='B1' t='s'><v>-1</v></c>", "<v>-1</v>"),
        ("<c r='B1' t='s'><v>a</v></c>", "<v>a</v>"),
        ("<c r='B1'><v>1,5</v></c>", "1,5"),
        ("<c r='B1'><v>1_000</v></c>", "1_000"),
        ("<c r='B1'><v>nan</v></c>", "nan"),
        ("<c r='B1'><v>inf</v></c>", "inf"),
        ("<c r='B1'><v>1e999</v></c>", "1e999"),
        ("<c r='B1'><v>٣</v></c>", "٣"),
        ("<c r='B1'><v>" + "9" * 5000 + "</v></c>", "9" * 200),
        ("<c r='B1' t='b'><v>ja</v></c>", "ja"),
        ("<c r='B1' t='d'><v>2020-02-30</v></c>", "2020-02-30"),
        ("<c r='B1' t='x'><v>ja</v></c>", "ja"),
        ("<c r='B1'><v>1</v></c><c r='B1'><v>2</v></c>", "1 / 2"),
    ],
)
def test_an_odd_cell_is_quoted_and_the_rest_is_read(cell: str, quoted: str) -> None:
    rows = f"<row r='1'><c r='A1' t='s'><v>0</v></c>{cell}<c r='C1'><v>3</v></c></row>"
    found = grid(book(rows, texts="<si><t>a</t></si>"))
    assert found == {(1, 1): "a", (1, 2): ErrorValue(quoted), (1, 3): 3}
    assert isinstance(found[1, 2], ErrorValue)


@pytest.mark.parametrize("value", ["", " ", "\n"])
@pytest.mark.parametrize("kind", ["", " t='n'", " t='s'", " t='b'", " t='d'"])
def test_a_cell_with_an_empty_value_is_empty(kind: str, value: str) -> None:
    rows = f"<row r='1'><c r='A1'{kind}><v>{value}</v></c><c r='B1'><v>3</v></c></row>"
    assert grid(book(rows)) == {(1, 2): 3}


def test_a_cell_with_the_address_of_another_row_is_damaged() -> None:
    assert refusal(book('<row r="5"><c r="B7"><v>1</v></c></row>')).key == "row"


def test_a_cell_without_an_address_is_right_of_the_one_before() -> None:
    assert grid(book("<row r='1'><c r='C1'><v>1</v></c><c><v>2</v></c></row>")) == {
        (1, 3): 1,
        (1, 4): 2,
    }


def test_rows_in_a_comment_are_not_read() -> None:
    hidden = '<!-- <sheetData><row r="1"><c r="A1"><v>9</v></c></row></sheetData> -->'
    parts = parts_of('<row r="1"><c r="A1"><v>1</v></c></row>')
    name = "xl/worksheets/sheet1.xml"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    parts[name] = head + str(parts[name]).replace("<sheetData>", hidden + "<sheetData>", 1)
    assert grid(zipped(parts)) == {(1, 1): 1}


def test_a_sheet_with_rows_of_another_prefix_is_damaged() -> None:
    parts = parts_of("<row r='1'><c r='A1'><v>1</v></c></row>")
    name = "xl/worksheets/sheet1.xml"
    changed = (
        str(parts[name])
        .replace("<sheetData", f"<y:sheetData xmlns:y='{MAIN}'")
        .replace("</sheetData", "</y:sheetData")
    )
    assert refusal(zipped({**parts, name: changed})).key == "part"


def test_a_chart_sheet_is_left_out() -> None:
    parts = parts_of("<row r='1'><c r='A1'><v>1</v></c></row>", sheets=2)
    links = str(parts["xl/_rels/workbook.xml.rels"])
    kind = links.replace(
        'worksheet" Target="worksheets/sheet2', 'chartsheet" Target="worksheets/sheet2'
    )
    assert links != kind
    content = zipped(
        {**parts, "xl/_rels/workbook.xml.rels": kind, "xl/worksheets/sheet2.xml": "<chartsheet/>"}
    )
    assert [one.name for one in sheets_of(content)] == ["Ark 1"]


def test_the_first_dates_of_1900_are_those_that_excel_shows() -> None:
    rows = "".join(
        f"<row r='{n}'><c r='A{n}' s='1'><v>{day}</v></c></row>"
        for n, day in enumerate((1, 59, 61), 1)
    )
    found = grid(book(rows, styles=STYLES))
    assert list(found.values()) == [date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1)]


@pytest.mark.parametrize("ref", ["XFD1048576", "BM1", "A5001", "ZZZZ9", "ZZZZZZ99999999"])
def test_a_value_outside_the_bounds_is_kept_apart(ref: str) -> None:
    number = "".join(c for c in ref if c.isdigit())
    (read,) = sheets_of(book(f"<row r='{number}'><c r='{ref}'><v>1</v></c></row>"))
    assert (read.rows.get(int(number), {}), read.first_out_of_bounds) == ({}, ref)


def test_a_value_outside_the_bounds_of_a_form_is_a_finding(form: bytes) -> None:
    content = small.edited(form, lambda page: page.__setitem__("XFD1048576", "x"))
    findings = parse_return("svar.xlsx", content).all_findings()
    errors = [(f.code, f.place.file) for f in findings if f.severity == "error"]
    assert errors == [("F007", "svar.xlsx")]
    assert "XFD1048576" in findings[0].sentence("nb")


TYPED = (
    "<row r='2'>"
    "<c r='A2' t='s'><v>0</v></c><c r='B2'><v>3</v></c>"
    "<c r='C2'><v>3.5</v></c><c r='D2' t='b'><v>1</v></c>"
    "<c r='E2' t='e'><v>#DIV/0!</v></c><c r='F2' t='str'><f>A1&amp;B1</f><v>x</v></c>"
    "<c r='G2'><f>1/0</f></c>"
    "<c r='H2' t='inlineStr'><is><t>her</t></is></c><c r='I2' s='1'><v>44228</v></c>"
    "<c r='J2' t='d'><v>2021-02-01</v></c>"
    "<c r='K2' s='2'><v>5</v></c><c r='L2'><v>1.5E2</v></c><c r='M2' t='n'><v>-7</v></c></row>"
)
EXPECTED: dict[str, CellValue] = {
    "A": "tekst",
    "B": 3,
    "C": 3.5,
    "D": True,
    "E": ErrorValue("#DIV/0!"),
    "F": "x",
    "H": "her",
    "I": date(2021, 2, 1),
    "J": date(2021, 2, 1),
    "K": FormattedNumber(5, "other", "5 dag"),
    "L": 150.0,
    "M": -7.0,
}
STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="0&quot; dag&quot;"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs>'
)


def by_letter(found: Grid) -> dict[str, CellValue]:
    """Return the cells of one row by column letter."""
    return {string.ascii_uppercase[col - 1]: cell for (_, col), cell in found.items()}


def prefixed(text: str) -> str:
    """Return the same XML with a prefix at every element."""
    out = text.replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')
    return out.replace("</", "\0").replace("<", "<x:").replace("\0", "</x:").replace("<x:?", "<?")


def dialects() -> dict[str, bytes]:
    """Return the same workbook written in each way the format allows."""
    usual = parts_of(TYPED, texts="<si><t>tekst</t></si>", styles=STYLES)
    page = str(usual["xl/worksheets/sheet1.xml"])
    return {
        "usual": zipped(usual),
        "strict": book(TYPED, texts="<si><t>tekst</t></si>", styles=STYLES, strict=True),
        "prefixed": zipped(
            {
                **usual,
                **{
                    f"xl/{n}.xml": prefixed(str(usual[f"xl/{n}.xml"]))
                    for n in ("sharedStrings", "styles")
                },
                "xl/worksheets/sheet1.xml": prefixed(page),
                "xl/workbook.xml": prefixed(str(usual["xl/workbook.xml"])),
            }
        ),
        "utf-16": zipped(
            {
                **usual,
                "xl/worksheets/sheet1.xml": f'<?xml version="1.0" encoding="UTF-16"?>{page}'.encode(
                    "utf-16"
                ),
            }
        ),
        "bom": zipped({**usual, "xl/worksheets/sheet1.xml": page.encode("utf-8-sig")}),
        "rich": book(
            TYPED,
            texts=(
                "<si><r><t>te</t></r><r><rPr><b/></rPr><t>kst</t></r><rPh><t>uttale</t></rPh></si>"
            ),
            styles=STYLES,
        ),
        "no numbers": zipped(
            {**usual, "xl/worksheets/sheet1.xml": sheet("<row/>" + _unnumbered())}
        ),
        "capitals": zipped(
            {name.upper() if name.startswith("xl/") else name: c for name, c in usual.items()}
        ),
        "backslash": zipped(
            {
                **usual,
                "xl/_rels/workbook.xml.rels": str(usual["xl/_rels/workbook.xml.rels"]).replace(
                    "ts/sheet", "ts\\sheet"
                ),
            }
        ),
    }


def _unnumbered() -> str:
    """Return the row without addresses: only the order places its cells."""
    text = TYPED.replace(" r='2'", "")
    for letter in "ABCDEFGHIJKLM":
        text = text.replace(f" r='{letter}2'", "")
    return text


@pytest.mark.parametrize("dialect", dialects())
def test_every_dialect_gives_the_same_cells(dialect: str) -> None:
    content = dialects()[dialect]
    found = by_letter(grid(content))
    assert found == EXPECTED
    assert {letter: type(cell) for letter, cell in found.items()} == {
        k: type(v) for k, v in EXPECTED.items()
    }
    assert sheets_of(content)[0].formulas == {(2, 6): "A1&B1", (2, 7): "1/0"}


def test_a_workbook_without_shared_texts_and_styles_is_read() -> None:
    rows = (
        "<row r='1'><c r='A1' t='inlineStr'><is><r><t>a</t></r>"
        "<r><t xml:space='preserve'> b</t></r></is></c></row>"
    )
    assert grid(book(rows)) == {(1, 1): "a b"}


def test_dates_count_from_1904_if_the_workbook_says_so() -> None:
    rows = "<row r='1'><c r='A1' s='1'><v>42766</v></c></row>"
    content = book(rows, styles=STYLES, workbook='<workbookPr date1904="1"/>')
    assert grid(content) == {(1, 1): date(2021, 2, 1)}


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("dd.mm.yyyy", date(2021, 2, 1)),
        ("[$-414]d. mmmm yyyy;@", date(2021, 2, 1)),
        ('yyyy"-"mm', FormattedNumber(44228, "date", "2021-02")),
        ('0" dager"', FormattedNumber(44228, "other", "44228 dager")),
        ("[Red]0", 44228),
        ("0\\d", FormattedNumber(44228, "other", "44228d")),
        ("General", 44228),
        ("@", 44228),
    ],
)
def test_a_number_is_a_date_if_its_style_shows_one(code: str, value: CellValue) -> None:
    quoted = code.replace('"', "&quot;")
    styles = f'<numFmts><numFmt numFmtId="170" formatCode="{quoted}"/></numFmts>'
    content = book(
        "<row r='1'><c r='A1' s='1'><v>44228</v></c></row>",
        styles=styles + '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>',
    )
    assert grid(content) == {(1, 1): value}


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("a_x000D_b", "a\nb"),
        ("a_x000D_\nb", "a\nb"),
        ("_x005F_x000D_", "_x000D_"),
        ("a&#13;b", "a\nb"),
        ("_x00e6_", "æ"),
        ("_xtiltak_", "_xtiltak_"),
        ("  to  ", "  to  "),
        ("&lt;p&gt;", "<p>"),
        ("&#x1F600;", "😀"),
        ("_xD83D__xDE00_", "😀"),
        ("_xD83D_a", "\ufffda"),
    ],
)
def test_text_is_read_as_excel_shows_it(written: str, text: str) -> None:
    shared = book(
        "<row r='1'><c r='A1' t='s'><v>0</v></c></row>", texts=f"<si><t>{written}</t></si>"
    )
    inline = book(f"<row r='1'><c r='A1' t='inlineStr'><is><t>{written}</t></is></c></row>")
    assert grid(shared) == grid(inline) == {(1, 1): text}


@pytest.mark.parametrize(
    "part", ["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/embeddings/a.bin"]
)
def test_active_content_is_reported_and_the_form_is_read(form: bytes, part: str) -> None:
    target = BytesIO(form)
    with ZipFile(target, "a") as archive:
        archive.writestr(part, b"x")
    got = parse_return("svar.xlsx", target.getvalue())
    assert got.outcome == "read"
    assert [f.code for f in got.findings] == ["F008"]


ANSWERS: dict[str, Any] = {"OPP-001": 4, "OPP-002": "3 - Godt i gang", "OPP-003": 3.5}
REMARKS: dict[str, Any] = {
    "OPP-001": "linje\nlinje\n\ttab  to blanke ",
    "OPP-002": date(2021, 2, 1),
    "OPP-003": "æøå «–» 😀 <p>&amp;</p> =1+1",
}


def answered(form: bytes) -> bytes:
    """Return the form with answers of all types, saved by openpyxl."""
    return small.filled(small.filled(form, ANSWERS), REMARKS, small.REMARK)


def test_all_readers_read_the_same_in_our_forms(form: bytes) -> None:
    assert_all_read_the_same(form)


def test_all_readers_read_the_same_in_forms_saved_by_openpyxl(form: bytes) -> None:
    assert_all_read_the_same(answered(form))


def test_an_error_cell_is_never_blank(form: bytes) -> None:
    content = small.filled(form, {"OPP-001": "#DIV/0!"})
    assert ErrorValue("#DIV/0!") in ours(content)[0].values()
    assert_all_read_the_same(content)


@pytest.mark.parametrize("seed", range(3))
def test_all_readers_read_the_same_in_random_workbooks(seed: int) -> None:
    assert_all_read_the_same(random_workbook(seed))


def random_workbook(seed: int) -> bytes:
    """Return a workbook with random values in random cells."""
    chance, target = random.Random(seed), BytesIO()
    makers: list[Callable[[], Any]] = [
        lambda: chance.randint(-(10**9), 10**9),
        lambda: round(chance.uniform(-1e6, 1e6), 3),
        lambda: "".join(chance.choices("abc æøå\n<>&\"'=–😀", k=chance.randint(1, 30))),
        lambda: chance.random() < 0.5,
        lambda: date(2000 + chance.randint(0, 60), chance.randint(1, 12), chance.randint(1, 28)),
    ]
    with xlsxwriter.Workbook(target, {"default_date_format": "dd.mm.yyyy"}) as workbook:
        for _ in range(2):
            page = workbook.add_worksheet()
            for _ in range(200):
                value, at = chance.choice(makers)(), (chance.randint(0, 99), chance.randint(0, 20))
                (page.write_string if isinstance(value, str) else page.write)(*at, value)
    return target.getvalue()


def test_all_readers_read_the_same_in_forms_saved_by_libreoffice(
    office: Office, form: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "svar æøå.xlsx"
    path.write_bytes(answered(form))
    with office.open(path) as document:
        saved = document.save(tmp_path / "lagret.xlsx").read_bytes()
    assert_all_read_the_same(saved)


def test_every_refusal_is_an_xltiltak_error() -> None:
    assert all(
        issubclass(kind, XltiltakError)
        for kind in (DamagedWorkbook, NotAWorkbook, OverLimit, SkippedFile)
    )
