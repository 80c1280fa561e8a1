"""Every part and relationship of a returned form is read, quoted, counted or told by its name."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile
from zlib import compress, crc32

import openpyxl
import pytest
import xlsxwriter
from openpyxl.chart import BarChart, Reference
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from tests import small
from tests.conservation import ROUNDS
from tests.forms import book_of, forms_of, saved
from tests.raw import zipped
from tests.xlsx.test_notes import OFFICE, quoted, received, told
from xltiltak.intake.object_rules import page_texts
from xltiltak.xlsx.cell_pictures import pictures_in_cells
from xltiltak.xlsx.inventory import take_inventory
from xltiltak.xlsx.package import Package
from xltiltak.xlsx.sheet_objects import SheetObject
from xltiltak.xlsx.sheet_reader import Sheet, read_sheets

PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office"
NAMES = (
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    f'xmlns:r="{OFFICE}" xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel">{}</xml>'
)
ANCHOR = (
    "<xdr:{0}CellAnchor><xdr:from><xdr:col>5</xdr:col><xdr:colOff>0</xdr:colOff>"
    "<xdr:row>14</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>{1}</xdr:{0}CellAnchor>"
)
Parts = dict[str, str]
Links = Mapping[str, tuple[str, str]]  # by id: type, target


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a form as it is sent."""
    return small.forms(small.report(tmp_path_factory.mktemp("form")))["OPP"]


def rels(links: Links) -> str:
    """Return the part with these relationships; a target with a colon is outside the package."""
    outside = {True: ' TargetMode="External"', False: ""}
    entries = "".join(
        f'<Relationship Id="{name}" Type="{kind}" Target="{to}"{outside[":" in to]}/>'
        for name, (kind, to) in links.items()
    )
    return f'<Relationships xmlns="{PACKAGE}">{entries}</Relationships>'


def with_parts(content: bytes, parts: Mapping[str, str]) -> bytes:
    """Return a workbook with parts added or replaced."""
    with ZipFile(BytesIO(content)) as old:
        kept: dict[str, str | bytes] = {name: old.read(name) for name in old.namelist()}
    return zipped(kept | dict(parts))


def on_sheet(form: bytes, links: Links, parts: Parts) -> bytes:
    """Return a form whose sheet has these relationships."""
    return with_parts(form, {**parts, "xl/worksheets/_rels/sheet1.xml.rels": rels(links)})


def drawn(form: bytes, markup: str, links: Links | None = None, **parts: str) -> bytes:
    """Return a form with this drawing at F15; `parts` are parts beside it, by name."""
    drawing = f"<xdr:wsDr {NAMES}>{ANCHOR.format('two', markup)}</xdr:wsDr>"
    new = {f"xl/x/{name}.xml": part for name, part in parts.items()}
    new |= {"xl/x/d.xml": drawing, "xl/x/_rels/d.xml.rels": rels(links or {})}
    return on_sheet(form, {"r1": (f"{OFFICE}/drawing", "../x/d.xml")}, new)


def shape(text: str = "", more: str = "", inside: str = "") -> str:
    """Return a shape with a text, attributes and elements of its properties."""
    body = f"<xdr:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></xdr:txBody>" if text else ""
    properties = f'<xdr:cNvPr id="2" name="x"{more}>{inside}</xdr:cNvPr>'
    return f"<xdr:sp><xdr:nvSpPr>{properties}</xdr:nvSpPr>{body}</xdr:sp>"


def frame(kind: str, more: str = "") -> str:
    """Return a frame of a thing of this type."""
    return (
        '<xdr:graphicFrame><xdr:nvGraphicFramePr><xdr:cNvPr id="3" name="y"/>'
        f'</xdr:nvGraphicFramePr><a:graphic><a:graphicData uri="http://x/2006/{kind}">{more}'
        "</a:graphicData></a:graphic></xdr:graphicFrame>"
    )


def either(choice: str, fallback: str) -> str:
    """Return a thing written twice, for new and for older programs."""
    return (
        f"<mc:AlternateContent><mc:Choice Requires='x'>{choice}</mc:Choice>"
        f"<mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>"
    )


PICTURE = (
    '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="4" name="z" descr="{}"/></xdr:nvPicPr>'
    '<xdr:blipFill><a:blip r:embed="r9"/></xdr:blipFill></xdr:pic>'
)
IMAGE = {"r9": (f"{OFFICE}/image", "../media/i.png")}
CHART = (
    f"<c:chartSpace {NAMES}><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Flyttet</a:t></a:r>"
    "</a:p></c:rich></c:tx></c:title><c:ser><c:tx><c:v>Egne ord</c:v></c:tx><c:val><c:v>3</c:v>"
    "</c:val></c:ser></c:chart></c:chartSpace>"
)
DIAGRAM = (
    f"<dataModel {NAMES}><a:p><a:r><a:t>Først</a:t></a:r></a:p>"
    "<a:p><a:r><a:t>så</a:t></a:r></a:p></dataModel>"
)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (shape(), [("object_shape", "F15", "")]),
        (shape(more=' descr="pil til rad 3"'), [("object_shape_named", "F15", "pil til rad 3")]),
        ("<xdr:cxnSp/>", [("object_shape", "F15", "")]),
        (f"<xdr:grpSp>{shape()}</xdr:grpSp>", [("object_shape", "F15", "")]),
        ("<xdr:contentPart r:id='r8'/>", [("object_ink", "F15", "")]),
        (frame("slicer", "<s:slicer name='Område'/>"), [("object_filter_named", "F15", "Område")]),
        (frame("model3d"), [("object_model", "F15", "")]),
        (frame("ukjent"), [("object_unknown_named", "F15", "http://x/2006/ukjent")]),
        (either(shape(), PICTURE), [("object_shape", "F15", "")]),
        (either("", shape()), [("object_shape", "F15", "")]),
    ],
)
def test_what_is_drawn_is_told_at_its_cell(
    form: bytes, markup: str, expected: list[tuple[str, str, str]]
) -> None:
    assert told(drawn(form, markup)) == expected


@pytest.mark.parametrize(
    "markup",
    [
        shape("Husk"),
        f"<xdr:grpSp>{shape('Husk')}</xdr:grpSp>",
        either(shape("Husk"), shape("Husk")),
        either("", shape("Husk")),
    ],
)
def test_the_text_of_a_shape_is_quoted_once_at_its_cell(form: bytes, markup: str) -> None:
    content = drawn(form, markup)
    assert quoted(content) == [("Oppvekst", "F15", "Husk")]
    assert told(content) == []


def test_a_formula_in_a_text_box_is_quoted_once(form: bytes) -> None:
    math = either("<m:oMath><m:r><m:t>x=2</m:t></m:r></m:oMath>", "<a:r><a:t>x=2</a:t></a:r>")
    box = shape("Se").replace("</a:r></a:p>", f"</a:r>{math}</a:p>")
    assert quoted(drawn(form, box)) == [("Oppvekst", "F15", "Sex=2")]


def test_a_chart_is_told_with_its_title_and_the_names_typed_in_it(form: bytes) -> None:
    links = {"r5": (f"{OFFICE}/chart", "c.xml")}
    content = drawn(form, frame("chart", "<c:chart r:id='r5'/>"), links, c=CHART)
    assert told(content) == [("object_chart_named", "F15", "Flyttet\nEgne ord")]


def test_a_diagram_is_told_with_its_text(form: bytes) -> None:
    links = {
        "r5": (f"{OFFICE}/diagramData", "c.xml"),
        "r6": (f"{OFFICE}/diagramLayout", "e.xml"),
        "r7": (f"{MICROSOFT}/2007/relationships/diagramDrawing", "e.xml"),
    }
    markup = frame("diagram", "<d:relIds r:dm='r5' r:lo='r6'/>")
    content = drawn(form, markup, links, c=DIAGRAM, e="<e/>")
    assert told(content) == [("object_diagram_named", "F15", "Først\nså")]


def test_a_picture_that_several_things_use_is_told_for_each(form: bytes) -> None:
    content = with_parts(
        drawn(form, PICTURE.format("en") + PICTURE.format("to"), IMAGE), {"xl/media/i.png": "x"}
    )
    assert told(content) == [
        ("object_picture_named", "F15", "en"),
        ("object_picture_named", "F15", "to"),
    ]


def test_the_link_of_a_shape_is_quoted(form: bytes) -> None:
    markup = shape("Se saken", inside='<a:hlinkClick r:id="r5"/>')
    content = drawn(form, markup, {"r5": (f"{OFFICE}/hyperlink", "https://example.org/1")})
    assert told(content) == [("object_link_named", "F15", "https://example.org/1")]


@pytest.mark.parametrize(
    ("client_data", "expected"),
    [
        ("'Checkbox'><x:Checked>1</x:Checked>", ("object_ticked_named", "F15", "Ferdig")),
        ("'Checkbox'><x:Checked>2</x:Checked>", ("object_half_ticked_named", "F15", "Ferdig")),
        ("'Checkbox'>", ("object_unticked_named", "F15", "Ferdig")),
        ("'Radio'><x:Checked>1</x:Checked>", ("object_chosen_named", "F15", "Ferdig")),
        ("'Radio'>", ("object_not_chosen_named", "F15", "Ferdig")),
        ("'Drop'><x:Sel>2</x:Sel>", ("object_control_named", "F15", "Ferdig = 2")),
        ("'Pict'>", ("object_embedded_named", "F15", "Ferdig")),
    ],
)
@pytest.mark.parametrize("line_break", ["", "<br>"])
def test_form_controls_are_told_with_their_state(
    form: bytes, client_data: str, expected: tuple[str, str, str], line_break: str
) -> None:
    control = (
        '<v:shape id="_x0000_s1025"><v:textbox><div><font>Ferdig</font>' + line_break + "</div>"
        f"</v:textbox><x:ClientData ObjectType={client_data}"
        "<x:Anchor> 5, 1, 14, 1, 6, 1, 15, 1</x:Anchor></x:ClientData></v:shape>"
    )
    links = {"r1": (f"{OFFICE}/vmlDrawing", "../x/v.vml")}
    assert told(on_sheet(form, links, {"xl/x/v.vml": VML.format(control)})) == [expected]


@pytest.mark.parametrize(
    "identity",
    ['id="_x0000_s1025"', 'id="Check_x0020_Box_x0020_1" o:spid="_x0000_s1025"', 'id="shape_0"'],
)
def test_a_control_that_is_drawn_for_new_programs_too_is_told_once(
    form: bytes, identity: str
) -> None:
    vml = VML.format(
        '<v:shape id="_x0000_s1025"><v:textbox><div>Ferdig</div></v:textbox>'
        "<x:ClientData ObjectType='Checkbox'><x:Anchor>5,1,14,1,6,1,15,1</x:Anchor>"
        "<x:Checked>1</x:Checked></x:ClientData></v:shape>"
    )
    vml = vml.replace('id="_x0000_s1025"', identity)
    twin = shape("Ferdig", inside='<a14:compatExt spid="_x0000_s1025"/>')
    content = on_sheet(
        form,
        {
            "r1": (f"{OFFICE}/drawing", "../x/d.xml"),
            "r2": (f"{OFFICE}/vmlDrawing", "../x/v.vml"),
            "r3": (f"{OFFICE}/ctrlProp", "../x/p.xml"),
        },
        {
            "xl/x/d.xml": f"<xdr:wsDr {NAMES}>{either(ANCHOR.format('two', twin), '')}</xdr:wsDr>",
            "xl/x/v.vml": vml,
            "xl/x/p.xml": '<formControlPr objectType="CheckBox" checked="Checked"/>',
        },
    )
    assert told(content) == [("object_ticked_named", "F15", "Ferdig")]
    assert quoted(content) == []


def test_a_control_without_a_shape_is_told(form: bytes) -> None:
    content = on_sheet(
        form,
        {"r3": (f"{OFFICE}/ctrlProp", "../x/p.xml")},
        {"xl/x/p.xml": '<formControlPr objectType="CheckBox" checked="Checked"/>'},
    )
    assert told(content) == [("object_ticked", "", "")]


def test_the_frames_of_comments_are_not_told(form: bytes) -> None:
    note = "<v:shape id='s1'><v:textbox/><x:ClientData ObjectType='Note'/></v:shape>"
    links = {"r1": (f"{OFFICE}/vmlDrawing", "../x/v.vml")}
    assert told(on_sheet(form, links, {"xl/x/v.vml": VML.format(note)})) == []


def test_a_picture_in_the_page_header_is_told(form: bytes) -> None:
    mark = "<v:shape id='LH'><v:imagedata o:relid='rId1' o:title='logo'/></v:shape>"
    links = {"r1": (f"{OFFICE}/vmlDrawing", "../x/v.vml")}
    content = on_sheet(form, links, {"xl/x/v.vml": VML.format(mark)})
    assert told(content) == [("object_page_picture_named", "", "logo")]


# What other libraries write


def png() -> bytes:
    """Return a picture of one pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc32(name + data))

    head, pixel = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0), compress(bytes(4))
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


def edited(form: bytes, edit: Callable[[Any], object]) -> bytes:
    """Return a form whose sheet was edited and saved with openpyxl."""
    book = book_of(form)
    edit(book.worksheets[0])
    return saved(book)


def test_a_chart_of_openpyxl_is_told(form: bytes) -> None:
    def edit(sheet: Any) -> None:
        chart = BarChart()
        chart.title = "Flyttet til teknisk"
        chart.add_data(Reference(sheet, min_col=4, min_row=13, max_row=15))
        sheet.add_chart(chart, "K5")

    assert told(edited(form, edit)) == [
        ("object_chart_named", "K5", "Flyttet til teknisk"),
    ]


def by_xlsxwriter(tmp_path: Path) -> bytes:
    """Return a workbook with one of each thing that XlsxWriter can put on a sheet."""
    path, picture = tmp_path / "a.xlsx", tmp_path / "a.png"
    picture.write_bytes(png())
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Ark")
    sheet.insert_image("B2", picture, {"description": "bilde i ark"})
    sheet.embed_image("C3", picture, {"description": "bilde i celle"})
    sheet.insert_textbox("D4", "tekst i boks")
    sheet.insert_button("E5", {"caption": "trykk her"})
    sheet.insert_checkbox("F6", boolean=True)
    sheet.set_background(picture)
    sheet.set_header("&L&G", {"image_left": picture})
    sheet.write_comment("G7", "en kommentar")
    sheet.write_url("H8", "https://example.org")
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Ark!$A$1:$A$3"})
    chart.set_title({"name": "egen tittel"})
    sheet.insert_chart("I9", chart)
    own_sheet = book.add_chartsheet("Graf")
    other = book.add_chart({"type": "bar"})
    other.add_series({"values": "=Ark!$A$1:$A$3"})
    other.set_title({"name": "grafens tittel"})
    own_sheet.set_chart(other)
    book.close()
    return path.read_bytes()


def test_all_that_xlsxwriter_puts_on_a_sheet_is_found(tmp_path: Path) -> None:
    package = Package(by_xlsxwriter(tmp_path))
    inventory, sheet = take_inventory(package), next(read_sheets(package)).part
    assert set(inventory.on(sheet)) == {
        SheetObject("comment", "G7", "en kommentar"),
        SheetObject("text", "D4", "tekst i boks"),
        SheetObject("control", "E5", "trykk her"),
        SheetObject("picture", "B2", "bilde i ark"),
        SheetObject("page_picture", "", "a"),
        SheetObject("background"),
        SheetObject("chart", "I9", "egen tittel"),
    }
    assert list(inventory.beside_worksheets()) == [
        ("Graf", SheetObject("chart", "", "grafens tittel"))
    ]


# The law


SILENT = ("printerSettings", "theme", "customProperty", "table")
UNKNOWN = ("fremtidig", "noeNytt")


@pytest.mark.parametrize("seed", range(40))
def test_each_part_that_is_not_known_is_told_by_its_name(form: bytes, seed: int) -> None:
    chance = Random(seed)
    parts: Parts = {}
    links: dict[str, dict[str, tuple[str, str]]] = {"xl/worksheets/sheet1.xml": {}}
    expected = set()
    for n in range(chance.randint(1, 8)):
        name = f"xl/x/del{n}.xml"
        parts[name] = "<x/>"
        fate = chance.choice(("silent", "unknown", "unreached", "missing", "outside"))
        source = links["xl/worksheets/sheet1.xml"]
        kind = chance.choice(SILENT if fate == "silent" else UNKNOWN)
        if fate in ("missing", "outside"):
            del parts[name]
        target = f"file:{n}" if fate == "outside" else f"/{name}"
        if fate != "unreached":
            source[f"r{n}"] = (f"{OFFICE}/{kind}", target)
        if fate != "silent":
            expected.add(target.removeprefix("/"))
    content = on_sheet(form, links["xl/worksheets/sheet1.xml"], parts)
    assert {text for _, _, text in told(content)} == expected
    assert received(content).outcome == "read"


def test_our_own_form_has_nothing_to_tell(form: bytes) -> None:
    assert told(form) == []
    assert {f.code for f in received(form).all_findings()} == set()


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("Oppvekst", None),
        ("Oppvekst 2", None),  # of a workbook with several areas of one name
        ("Oppvekst (2)", "note"),
        ("Oppvekst - Tabell 1", "note"),
        ("Oppvekst - ikke godkjent", "warning"),
        ("Ark1", "warning"),
        ("Oppvekst UTKAST 2", "warning"),
        ("Oppv.", "warning"),
    ],
)
def test_another_name_of_the_sheet_is_told(form: bytes, name: str, severity: str | None) -> None:
    content = edited(form, lambda sheet: setattr(sheet, "title", name))
    found = [f for f in received(content).all_findings() if f.code == "S114"]
    assert [(f.values["value"], f.severity) for f in found] == ([(name, severity)] * bool(severity))


def test_the_message_of_a_validation_is_told_if_it_is_not_ours(form: bytes) -> None:
    def edit(sheet: Worksheet) -> None:
        rule = DataValidation("whole", promptTitle="OBS", prompt="Vi er uenige", sqref="F14:F15")
        rule.showInputMessage = True
        sheet.add_data_validation(rule)

    assert quotes(form) == []
    assert quotes(edited(form, edit)) == [("F14", "OBS\nVi er uenige")]


@pytest.mark.parametrize("name", ROUNDS)
def test_our_own_messages_are_not_told(name: str) -> None:
    plan, _ = ROUNDS[name]
    for language in ("nb", "nn", "sv", "en"):
        head = replace(plan.head, language=language)
        for content in forms_of(replace(plan, head=head)).values():
            assert quotes(content) == []


def quotes(content: bytes) -> list[tuple[str, str]]:
    """Return the cell and the words of each quote in a returned form."""
    found = received(content).all_findings()
    return [(f.place.cell, f.values["value"]) for f in found if f.code == "S108"]


@pytest.mark.parametrize(
    ("name", "expected"), [("Ark1", []), ("Sheet 2", []), ("IKKE GODKJENT", ["IKKE GODKJENT"])]
)
def test_the_name_of_an_empty_sheet_is_told_if_it_was_typed(
    form: bytes, name: str, expected: list[str]
) -> None:
    book = book_of(form)
    book.create_sheet(name)
    found = [f for f in received(saved(book)).all_findings() if f.code == "S114"]
    assert [f.values["value"] for f in found] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("&LForeløpig, ikke godkjent", ["Foreløpig, ikke godkjent"]),
        ('&L&9&"Arial,Regular"Tittel&R&KFF0000Ikke &BGodkjent', ["Tittel", "Ikke Godkjent"]),
        ("&CSide &P av &N", []),
        ("&C&A", []),
        ("&L&12&D &T&RPage &P", []),
        ("&LHei && hopp", ["Hei & hopp"]),
        ("&LUtkast&CUtkast", ["Utkast"]),
        ("&G", []),
        ('&LArial,Regular"Tittel', ["Tittel"]),  # Gnumeric
        ('&LUtkast, ikke "ferdig"', ['Utkast, ikke "ferdig"']),
    ],
)
def test_the_words_of_printed_pages_are_told_without_codes(text: str, expected: list[str]) -> None:
    sheet = Sheet("Ark", page_texts=[("oddHeader", text)])
    assert [finding.values["value"] for finding in page_texts(sheet, ())] == expected


def test_a_picture_in_a_cell_is_not_an_error(tmp_path: Path) -> None:
    package = Package(by_xlsxwriter(tmp_path))
    sheet = next(read_sheets(package))
    assert pictures_in_cells(package, sheet) == {(3, 3): "bilde i celle"}


def test_openpyxl_writes_nothing_that_is_told() -> None:
    book = openpyxl.Workbook()
    inventory = take_inventory(Package(saved(book)))
    assert [*inventory.beside_worksheets()] == []
