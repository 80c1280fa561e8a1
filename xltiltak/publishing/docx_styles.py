"""Add the paragraph styles that a Word file lacks; those of a letterhead are not changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xltiltak.publishing import docx_markup as markup
from xltiltak.publishing.document import Document, Style

if TYPE_CHECKING:
    from docx.document import Document as WordFile

_FONT = "Arial"
_TEXT_SIZE = 9.5
_SIZES: dict[str, float] = {"Title": 22, "Subtitle": 11}
HEADING_LOOKS: dict[int, tuple[float, float, float]] = {  # size, space before, after, in points
    1: (15, 16, 6),
    2: (12, 12, 4),
    3: (11, 9, 3),
    4: (10, 9, 3),
}
_HEADINGS = tuple(f"Heading {n}" for n in range(1, 10))
_OWN_STYLES = {  # id: size, space before, space after, in points
    markup.LEAD_STYLE: (12.5, 0, 6),
    markup.TEXT_STYLE: (_TEXT_SIZE, 0, 6),
    markup.CELL_STYLE: (8.5, 0, 0),
    markup.LIST_STYLE: (8.5, 0, 0),
    markup.SPACER_STYLE: (4, 0, 6),
    markup.CONTENTS_STYLE: (13, 10, 3),
}
_CONTENTS_LEVELS = 9


def add_styles(file: WordFile, document: Document, *, own: bool) -> None:
    """Add all styles that the renderer uses.

    With `own`, the file is not based on a letterhead, so the look of headings and text is set too.
    """
    _set_language(file, document.language)
    for name in (*_HEADINGS, "Title", "Subtitle", "Caption", "Header", "Footer"):
        _find_or_add(file, name)
    for name, (points, before, after) in _OWN_STYLES.items():
        _set_spacing(_find_or_add(file, name, name), points, before, after)
    _make_bullet_list(file, file.styles[markup.LIST_STYLE])
    for level in range(1, _CONTENTS_LEVELS + 1):
        _set_contents_level(_find_or_add(file, f"toc {level}", f"TOC{level}"), level)
    _set_spacing(_find_or_add(file, "table of figures", "TableofFigures"), 8.5, 0, 0)
    if own:
        _apply_style(file, document.style)


def _find_or_add(file: WordFile, name: str, style_id: str = "") -> Any:
    """Return a paragraph style by name; add it, based on "Normal", if the file lacks it."""
    from docx.enum.style import WD_STYLE_TYPE

    try:
        return file.styles[name]
    except KeyError:
        builtin = not name.startswith("xltiltak")
        style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=builtin)
        style.base_style = file.styles["Normal"]
        if style_id:
            style.element.set(_qualified("styleId"), style_id)
        return style


def _set_language(file: WordFile, tag: str) -> None:
    """Set the language of the text, which screen readers and spell checkers use."""
    from docx.oxml import OxmlElement

    for defaults in file.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr"):
        for old in defaults.xpath("w:lang"):
            defaults.remove(old)
        language = OxmlElement("w:lang")
        language.set(_qualified("val"), tag)
        defaults.append(language)


def _apply_style(file: WordFile, style: Style) -> None:
    """Set fonts, sizes and colours of a file that is not based on a letterhead."""
    from docx.shared import Pt, RGBColor

    accent = RGBColor.from_string(style.accent.lstrip("#"))
    ink = RGBColor.from_string(style.ink.lstrip("#"))
    text_font = style.font or _FONT
    heading_font = style.heading_font or text_font
    styles = file.styles
    _set_font(styles["Normal"], text_font, _TEXT_SIZE)
    styles["Normal"].font.color.rgb = ink
    for level, name in enumerate(_HEADINGS, 1):
        size, before, after = HEADING_LOOKS.get(level, HEADING_LOOKS[4])
        _set_font(styles[name], heading_font, size)
        _set_spacing(styles[name], size, before, after)
    for name in ("Title", "Subtitle"):
        _set_font(styles[name], heading_font, _SIZES[name])
        _set_spacing(styles[name], _SIZES[name], 0, 6)
    for name in ("Title", *_HEADINGS, markup.CONTENTS_STYLE):
        styles[name].font.color.rgb = accent
        styles[name].font.bold = True
    _set_font(styles["Caption"], text_font, 9)
    styles["Caption"].font.color.rgb = ink
    _set_spacing(styles["Caption"], 9, 6, 3)
    for name in ("Header", "Footer"):
        styles[name].font.size = Pt(8)
        for tabs in styles[name].element.xpath("w:pPr/w:tabs"):
            tabs.getparent().remove(tabs)
    for section in file.sections:
        _set_page(section)


def _set_page(section: Any) -> None:
    """Set A4 with margins of 14 to 18 mm."""
    from docx.shared import Mm

    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(14)
    section.top_margin, section.bottom_margin = Mm(18), Mm(16)
    section.header_distance = section.footer_distance = Mm(8)


def _set_font(style: Any, font: str, points: float) -> None:
    """Set the font of a style by name; without this, the theme's font wins."""
    from docx.shared import Pt

    style.font.name, style.font.size, style.font.italic = font, Pt(points), False
    fonts = style.element.rPr.rFonts
    for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(_qualified(key), None)
    for key in ("hAnsi", "cs"):
        fonts.set(_qualified(key), font)
    for element in style.element.xpath("w:rPr/w:spacing | w:pPr/w:pBdr"):
        element.getparent().remove(element)


def _set_spacing(style: Any, points: float, before: float, after: float) -> None:
    """Set the font size and the space before and after a paragraph, in points."""
    from docx.shared import Pt

    style.font.size = Pt(points)
    spacing = style.paragraph_format
    spacing.space_before, spacing.space_after, spacing.line_spacing = Pt(before), Pt(after), 1.0


def _set_contents_level(style: Any, level: int) -> None:
    """Indent the entries of a contents list by their level."""
    from docx.shared import Pt

    _set_spacing(style, 9, 2 if level == 1 else 0, 0)
    style.paragraph_format.left_indent = Pt(12 * (level - 1))
    style.font.bold = level == 1


def _make_bullet_list(file: WordFile, style: Any) -> None:
    """Make a style a real list, so that screen readers announce its items; the bullet hangs out."""
    from docx.oxml import parse_xml
    from docx.shared import Pt

    numbering = _numbering(file)
    ids = numbering.xpath("*/@w:abstractNumId | */@w:numId")
    number = 1 + max(map(int, ids), default=0)
    level = (
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/>'
        '<w:lvlText w:val="•"/><w:lvlJc w:val="left"/></w:lvl>'
    )
    abstract = (
        f'<w:abstractNum {markup.NAMESPACES} w:abstractNumId="{number}">{level}</w:abstractNum>'
    )
    instance = (
        f'<w:num {markup.NAMESPACES} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
    )
    first_num = next(
        (k for k, element in enumerate(numbering) if element.tag == _qualified("num")),
        len(numbering),
    )
    numbering.insert(first_num, parse_xml(abstract))  # all abstractNum come before all num
    numbering.append(parse_xml(instance))
    style.element.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = number
    style.paragraph_format.left_indent, style.paragraph_format.first_line_indent = Pt(9), Pt(-9)


def _numbering(file: WordFile) -> Any:
    """Return the numbering part of a file; add it if a letterhead has none."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.parts.numbering import NumberingPart

    try:
        return file.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element  # type: ignore[attr-defined]
    except KeyError:
        empty = f"<w:numbering {markup.NAMESPACES}/>".encode()
        uri, package = PackURI("/word/numbering.xml"), file.part.package
        part = NumberingPart.load(uri, CONTENT_TYPE.WML_NUMBERING, empty, package)
        file.part.relate_to(part, RELATIONSHIP_TYPE.NUMBERING)
        return part.element


def _qualified(name: str) -> str:
    """Return a name in the namespace of WordprocessingML."""
    from docx.oxml.ns import qn

    return qn(f"w:{name}")
