"""The styles a Word file of ours needs: made where they are missing, left alone where a letterhead has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xltiltak.publishing import docx_markup
from xltiltak.publishing.document import Document, Style

if TYPE_CHECKING:
    from docx.document import Document as File

_FONT = "Arial"
_SIZES: dict[str, float] = {
    "Title": 22,
    "Subtitle": 11,
    "Heading 1": 15,
    "Heading 2": 12,
    "Heading 3": 11,
    "Heading 4": 10,
}
_OURS = {  # id: based on, points, space before and after
    docx_markup.TEXT: ("Normal", 9.5, 0, 6),
    docx_markup.CELL: ("Normal", 8.5, 0, 0),
    docx_markup.LIST: ("Normal", 8.5, 0, 0),
    "xltiltak-air": ("Normal", 4, 0, 6),
    "xltiltak-contents": ("Normal", 13, 10, 3),
}
_CAPTION, _FIGURES = "Caption", "table of figures"
_LISTS = 9  # levels of a list of contents


def prepare(file: File, document: Document, *, own: bool) -> None:
    """All styles that are set with; the look of headings and text too where the file is our own."""
    _language(file, document.language)
    for n in range(1, 10):
        _known(file, f"Heading {n}")
    for name in ("Title", "Subtitle", "Caption", "Header", "Footer"):
        _known(file, name)
    for name, (_, points, before, after) in _OURS.items():
        _spaced(_known(file, name, name), points, before, after)
    _bulleted(file, file.styles[docx_markup.LIST])
    for n in range(1, _LISTS + 1):
        _indented(_known(file, f"toc {n}", f"TOC{n}"), n)
    _spaced(_known(file, _FIGURES, "TableofFigures"), 8.5, 0, 0)
    if own:
        _dress(file, document.style)


def _known(file: File, name: str, style_id: str = "") -> Any:
    """A paragraph style by its name; made, based on the usual one, where there is none."""
    from docx.enum.style import WD_STYLE_TYPE

    try:
        return file.styles[name]
    except KeyError:
        made = file.styles.add_style(
            name, WD_STYLE_TYPE.PARAGRAPH, builtin=not name.startswith("xltiltak")
        )
        made.base_style = file.styles["Normal"]
        if style_id:
            made.element.set(_w("styleId"), style_id)
        return made


def _language(file: File, tag: str) -> None:
    """What the text is written in, for those who have it read aloud."""
    from docx.oxml import OxmlElement

    for defaults in file.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr"):
        for old in defaults.xpath("w:lang"):
            defaults.remove(old)
        language = OxmlElement("w:lang")
        language.set(_w("val"), tag)
        defaults.append(language)


def _dress(file: File, style: Style) -> None:
    """Our own fonts, sizes and colours."""
    from docx.shared import Pt, RGBColor

    accent = RGBColor.from_string(style.accent.lstrip("#"))
    _lettered(file.styles["Normal"], style.font or _FONT, 9.5)
    file.styles["Normal"].font.color.rgb = RGBColor.from_string(style.ink.lstrip("#"))
    for n in range(1, 10):
        _lettered(
            file.styles[f"Heading {n}"],
            style.heading_font or style.font or _FONT,
            _SIZES.get(f"Heading {n}", 10),
        )
    for name in ("Title", "Subtitle"):
        _lettered(file.styles[name], style.heading_font or style.font or _FONT, _SIZES[name])
        _spaced(file.styles[name], _SIZES[name], 0, 6)
    for name in ("Title", *(f"Heading {n}" for n in range(1, 10)), "xltiltak-contents"):
        file.styles[name].font.color.rgb = accent
        file.styles[name].font.bold = True
    _lettered(file.styles[_CAPTION], style.font or _FONT, 9)
    file.styles[_CAPTION].font.color.rgb = RGBColor.from_string(style.ink.lstrip("#"))
    _spaced(file.styles[_CAPTION], 9, 6, 3)
    for name in ("Header", "Footer"):
        file.styles[name].font.size = Pt(8)
        for tabs in file.styles[name].element.xpath("w:pPr/w:tabs"):
            tabs.getparent().remove(tabs)
    for section in file.sections:
        _paper(section)


def _paper(section: Any) -> None:
    """A4 with margins of 14 to 18 mm."""
    from docx.shared import Mm

    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(14)
    section.top_margin, section.bottom_margin = Mm(18), Mm(16)
    section.header_distance = section.footer_distance = Mm(8)


def _lettered(style: Any, font: str, points: float) -> None:
    """A font by its name, instead of whatever the theme says."""
    from docx.shared import Pt

    style.font.name, style.font.size, style.font.italic = font, Pt(points), False
    fonts = style.element.rPr.rFonts
    for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(_w(key), None)
    for key in ("hAnsi", "cs"):
        fonts.set(_w(key), font)
    for spacing in style.element.xpath("w:rPr/w:spacing | w:pPr/w:pBdr"):
        spacing.getparent().remove(spacing)


def _spaced(style: Any, points: float, before: float, after: float) -> None:
    from docx.shared import Pt

    style.font.size = Pt(points)
    form = style.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), 1.0


def _bulleted(file: File, style: Any) -> None:
    """Make a style one of a list, so that its items are told as such; its bullet hangs out."""
    from docx.oxml import parse_xml
    from docx.shared import Pt

    numbering = _numbering(file)
    number = 1 + max(
        (int(old) for old in numbering.xpath("*/@w:abstractNumId | */@w:numId")), default=0
    )
    level = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/>'
    abstract = f'<w:abstractNum {docx_markup.NAMESPACES} w:abstractNumId="{number}">{level}</w:lvl></w:abstractNum>'
    used = f'<w:num {docx_markup.NAMESPACES} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
    at = next((k for k, old in enumerate(numbering) if old.tag == _w("num")), len(numbering))
    numbering.insert(at, parse_xml(abstract))
    numbering.append(parse_xml(used))
    style.element.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = number
    style.paragraph_format.left_indent, style.paragraph_format.first_line_indent = Pt(9), Pt(-9)


def _numbering(file: File) -> Any:
    """The lists of a file; made where a letterhead has none."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.parts.numbering import NumberingPart

    try:
        return file.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element  # type: ignore[attr-defined]
    except KeyError:
        empty = f"<w:numbering {docx_markup.NAMESPACES}/>".encode()
        uri, package = PackURI("/word/numbering.xml"), file.part.package
        made = NumberingPart.load(uri, CONTENT_TYPE.WML_NUMBERING, empty, package)
        file.part.relate_to(made, RELATIONSHIP_TYPE.NUMBERING)
        return made.element


def _indented(style: Any, level: int) -> None:
    from docx.shared import Pt

    _spaced(style, 9, 2 if level == 1 else 0, 0)
    style.paragraph_format.left_indent = Pt(12 * (level - 1))
    style.font.bold = level == 1


def _w(name: str) -> str:
    from docx.oxml.ns import qn

    return qn(f"w:{name}")
