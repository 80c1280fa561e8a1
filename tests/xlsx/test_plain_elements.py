"""Rows and texts that expat does not parse are read as it would read them."""

from __future__ import annotations

from random import Random

import pytest

from tests import small
from tests.damage import EDITS, Hand
from tests.examples import sampled
from tests.raw import parts_of, zipped
from tests.unusual import ACTIVE, UNUSUAL
from xltiltak.model.errors import WorkbookError
from xltiltak.xlsx import plain_elements, sheet_reader
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.plain_elements import ROWS, TEXTS, PlainRow, plain_row, plain_text, without_plain
from xltiltak.xlsx.sheet_reader import Sheet, read_sheets

PLAIN = '<row r="5"><c r="A5" t="s"><v>0</v></c><c r="B5" s="1"><v>4</v></c></row>'
TEXT = "<si><t>to</t></si>"


def read(content: bytes) -> list[Sheet] | tuple[str, str]:
    """Return the sheets of a workbook, or the error."""
    try:
        sheets = list(read_sheets(Package(content)))
    except WorkbookError as error:
        return error.code, str(error)
    for sheet in sheets:
        sheet.fills = dict(sheet.fills)
    return sheets


def assert_read_alike(content: bytes) -> None:
    """Assert that the file is read as if expat parsed all of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_elements, "without_plain", lambda part, *_: part)
        by_expat = read(content)
    assert read(content) == by_expat


def workbook(rows: str, texts: str = TEXT) -> bytes:
    """Return a workbook whose first sheet has these rows, and that has these shared texts."""
    return zipped(parts_of(rows, texts=texts))


def left_to_expat(part: str, elements: tuple[str, str, str, str]) -> str:
    """Return what is left of a part."""
    read_one = plain_row if elements is ROWS else plain_text
    rest = without_plain(part.encode(), elements, read_one, lambda _: None)  # type: ignore[arg-type]
    return rest.decode() if isinstance(rest, bytes) else "".join(rest)


def test_plain_elements_are_taken_and_all_else_is_left() -> None:
    odd = '<row r="6"><c r="A6"><f>A5</f><v>1</v></c></row>'
    sheet = f"<worksheet><sheetData>{PLAIN}{odd}{PLAIN}</sheetData><x/></worksheet>"
    assert left_to_expat(sheet, ROWS) == f"<worksheet><sheetData>{odd}</sheetData><x/></worksheet>"
    rich = "<si><r><t>en</t></r></si>"
    texts = f'<sst count="3">{TEXT}{rich}{TEXT}</sst>'
    assert left_to_expat(texts, TEXTS) == f'<sst count="3">{rich}</sst>'


@pytest.mark.parametrize(
    "around",
    [
        "<worksheet><sheetData><!-- {} --></sheetData></worksheet>",
        "<worksheet><sheetData><![CDATA[{}]]></sheetData></worksheet>",
        "<worksheet><?x ?><sheetData>{}</sheetData></worksheet>",
        "<worksheet><sheetData><c r='A1'><is>{}</is></c></sheetData></worksheet>",
        "<?xml version='1.0' encoding='latin-1'?><worksheet><sheetData>{}</sheetData></worksheet>",
        "<?xml version='1.1'?><worksheet><sheetData>{}</sheetData></worksheet>",
        "<!DOCTYPE worksheet><worksheet><sheetData>{}</sheetData></worksheet>",
    ],
)
def test_nothing_is_taken_where_a_row_may_be_no_row(around: str) -> None:
    part = around.format(PLAIN)
    assert left_to_expat(part, ROWS) == part


def test_nothing_is_taken_within_a_cell_that_is_open() -> None:
    nested = f'<row r="1"><c r="A1"><is>{PLAIN}</is></c></row>'
    part = f"<worksheet><sheetData>{nested}{PLAIN}</sheetData></worksheet>"
    assert left_to_expat(part, ROWS) == part


@pytest.mark.parametrize(
    "row",
    [
        '<row r="5" spans="1:2" ht="15" hidden="1"><c r="A5"/></row>',
        '<row r="5" ht="0"><c r="B5"><v>3</v></c></row>',
        '<row r="5"/>',
        '<row r="5" r="6"><c r="A5"><v>1</v></c></row>',
        '<row r="4"><c r="A5"><v>1</v></c></row>',
        '<row r="5"><c r="A5"><v>1</v></c><c r="A5"><v>2</v></c></row>',
        '<row r="5"><c r="B5"><v>1</v></c><c r="A5"><v>2</v></c></row>',
        '<row r="5"><c r="ZZ5"><v>1</v></c></row>',
        '<row r="5"><c r="A5" s="99" t="s"><v>0</v></c></row>',
        '<row r="5"><c r="A5" t="s"><v>7</v></c><c r="C5" t="s"><v>00</v></c></row>',
        '<row r="5"><c r="A5"><v>12345678901234567890</v></c></row>',
        '<row r="5"><c r="A5"><v></v></c><c r="B5"></c></row>',
        '<row r="5"><c r="A5"><v>3</v><v>4</v></c></row>',
        '<row r="5"><c r="A5"><v>3</v></c>tekst</row>',
        '<row r="5" x="a&amp;b"><c r="A5"><v>3</v></c></row>',
        '<row r="5" customHeight="\x11"><c r="A5"><v>3</v></c></row>',
        '<row r="5"ht="12"><c r="A5"><v>3</v></c></row>',
        '<row r="5" 2x="1"><c r="A5"><v>3</v></c></row>',
        '<row r="5" ><c r="A5"><v>3</v></c></row>',
        '<row r="5"><c r="A5"><v>3</v></c></row>\x1c',
        '<row r="5"><c r="A5"><v>3</v></c></row>\xa0',
        '<row spans="1:2"><c r="A1"><v>3</v></c></row>',
        '<row r="5"><c r="A5"><v>3</v></c></row>\n  ',
        '<row r="5"><c r="A5"><v>3</c></row>',
        '<row r="5000000"><c r="A5000000"><v>3</v></c></row>',
    ],
)
def test_any_row_is_read_alike(row: str) -> None:
    last = '<row r="6"><c r="A6" t="s"><v>0</v></c></row>'
    for rows in (row, f"{row}{last}", f'<row r="1"><c r="A1"/></row>{row}{last}'):
        assert_read_alike(workbook(rows))


@pytest.mark.parametrize(
    "text",
    [
        "<t>en</t>",
        "<t xml:space='preserve'> en </t>",
        '<t xml:space="preserve"> en\nto </t>',
        "<t>a&amp;b</t>",
        "<t>a]]>b</t>",
        "<t>a>b</t>",
        "<t>_x0041_ _x000D_</t>",
        "<t></t>",
        "<t/>",
        "",
        "<t>\r\n</t>",
        "<t>\x0b</t>",
        "<t>\ufffe</t>",
        "<t>en</t>\x1d",
        "<t>en</t><t>to</t>",
        "<r><t>en</t></r><r><rPr><strike/></rPr><t>to</t></r>",
        "<t>en</t><rPh><t>x</t></rPh>",
        "<si><t>en</t></si>",
    ],
)
def test_any_text_is_read_alike(text: str) -> None:
    cells = "".join(f'<c r="{col}1" t="s"><v>{n}</v></c>' for n, col in enumerate("ABC"))
    for texts in (f"<si>{text}</si>{TEXT}", f"{TEXT}<si>{text}</si>\n{TEXT}"):
        assert_read_alike(workbook(f'<row r="1">{cells}</row>', texts))


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a form as we write it."""
    return small.forms(small.report(tmp_path_factory.mktemp("form")))["OPP"]


@pytest.mark.parametrize(
    ("name", "edit"),
    sampled((n, edit) for n in UNUSUAL | ACTIVE if n != "no shared texts" for edit in EDITS),
)
def test_edited_forms_are_read_alike(form: bytes, name: str, edit: str) -> None:
    edited = small.edited(form, lambda sheet: EDITS[edit](sheet, Hand(Random(1))))
    for content in (form, edited):
        assert_read_alike((UNUSUAL | ACTIVE)[name](content))


def test_most_rows_of_a_form_are_plain(form: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    def noted(row: str) -> PlainRow | None:
        found = plain_row(row)
        taken.extend([row] if found else [])
        return found

    monkeypatch.setattr(sheet_reader, "plain_row", noted)
    sheets = read(form)
    assert isinstance(sheets, list)
    assert len(taken) > len(sheets[0].rows) / 2
