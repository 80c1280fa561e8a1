"""Each kind of thing that a Word document can show in a cell, as markup, and what becomes of it.

A kind holds one word of its own. `document_with` puts kinds into the remarks of a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Literal, NamedTuple
from zipfile import ZipFile

_NAMES = " ".join(
    f'xmlns:{prefix}="{address}"'
    for prefix, address in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    }.items()
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
Seen = Literal["plan", "told", "taken and told", "nowhere"]


class WordKind(NamedTuple):
    """A kind: its name, its markup around {word}, and where the word must be.

    `code` is that of the finding. `links` are relationships: type, target and "External" or "", by
    id; `parts` are the parts that they need. {n} is the number of the kind in its document.
    """

    name: str
    markup: str
    seen: Seen
    code: str = ""
    links: tuple[tuple[str, str, str, str], ...] = ()
    parts: tuple[tuple[str, str], ...] = ()


def _run(properties: str, text: str = "{word}") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def _paragraph(content: str) -> str:
    return f"<w:p>{content}</w:p>"


def _drawing(content: str, about: str = "") -> str:
    return (
        f'<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x"{about}/><a:graphic><a:graphicData>'
        f"{content}</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


_PLAIN = "<w:r><w:t>{word}</w:t></w:r>"
_BOX = f"<w:txbxContent>{_paragraph(_PLAIN)}</w:txbxContent>"
_IMAGE = (("img{n}", "image", "media/image{n}.png", ""),)
_MEDIA = (("word/media/image{n}.png", "x"),)
_FIELD = '<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def _field(code: str, result: str = _PLAIN) -> str:
    begin, between, end = (_FIELD.replace("{kind}", kind) for kind in ("begin", "separate", "end"))
    return f"{begin}<w:r><w:instrText>{code}</w:instrText></w:r>{between}{result}{end}"


def _asking() -> str:
    """Return a field whose code asks another field, with the word as the answer to that."""
    asked = _field(" MERGEFIELD x ")
    code = f"<w:instrText> IF </w:instrText></w:r>{asked}<w:r><w:instrText> = 1 </w:instrText>"
    return _field(" IF ", _run("", "ja")).replace("<w:instrText> IF </w:instrText>", code)


HEADING = (
    "<w:p><w:r><w:t>Vedlegg 2020</w:t></w:r></w:p>"
    '<w:p><w:pPr><w:pStyle w:val="H1"/></w:pPr><w:r><w:t>Kommunalområdet Havn</w:t></w:r></w:p>'
)
STYLES = """
<w:docDefaults><w:rPrDefault><w:rPr/></w:rPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Toc"><w:name w:val="toc 1"/></w:style>
<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="character" w:styleId="Secret"><w:name w:val="Hemmelig"/>
 <w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Child"><w:name w:val="Barn"/><w:basedOn w:val="Secret"/>
</w:style>
<w:style w:type="paragraph" w:styleId="Note"><w:name w:val="Notat"/>
 <w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Note2"><w:name w:val="Notat 2"/><w:basedOn w:val="Note"/>
</w:style>
<w:style w:type="character" w:styleId="Pale"><w:name w:val="Blek"/>
 <w:rPr><w:color w:val="ffffff"/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Out"><w:name w:val="Ut"/><w:rPr><w:strike/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="List"><w:name w:val="List Number"/><w:pPr><w:numPr>
 <w:numId w:val="1"/></w:numPr></w:pPr></w:style>
"""
NUMBERING = """
<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>
 <w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl><w:lvl w:ilvl="1">
 <w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1.%2)"/></w:lvl>
</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
"""

KINDS = (
    WordKind("plain", _PLAIN, "plan"),
    WordKind("inserted", f"<w:ins>{_PLAIN}</w:ins>", "plan"),
    WordKind("moved here", f"<w:moveTo>{_PLAIN}</w:moveTo>", "plan"),
    WordKind("moved away", f"<w:moveFrom>{_PLAIN}</w:moveFrom>", "nowhere"),
    WordKind("deleted", "<w:del><w:r><w:delText>{word}</w:delText></w:r></w:del>", "told", "I112"),
    WordKind("hidden", _run("<w:vanish/>"), "told", "I110"),
    WordKind("not hidden", _run('<w:vanish w:val="0"/>'), "plan"),
    WordKind("hidden style", _run('<w:rStyle w:val="Secret"/>'), "told", "I110"),
    WordKind("hidden by a style's style", _run('<w:rStyle w:val="Child"/>'), "told", "I110"),
    WordKind(
        "shown in a hidden style",
        _run('<w:rStyle w:val="Secret"/><w:vanish w:val="false"/>'),
        "plan",
    ),
    WordKind(
        "hidden paragraph",
        f'<w:pPr><w:pStyle w:val="Note2"/></w:pPr>{_PLAIN}',
        "told",
        "I110",
    ),
    WordKind(
        "end of paragraph hidden", f"<w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>{_PLAIN}", "plan"
    ),
    WordKind(
        "hidden link",
        f'<w:hyperlink w:anchor="x">{_run("<w:vanish/>")}</w:hyperlink>',
        "told",
        "I110",
    ),
    WordKind("white", _run('<w:color w:val="FFFFFF"/>'), "taken and told", "I110"),
    WordKind("white by style", _run('<w:rStyle w:val="Pale"/>'), "taken and told", "I110"),
    WordKind("tiny", _run('<w:sz w:val="2"/>'), "taken and told", "I110"),
    WordKind(
        "white on a colour",
        _run('<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="000000"/>'),
        "plan",
    ),
    WordKind("struck", _run("<w:strike/>"), "told", "I112"),
    WordKind("struck twice", _run("<w:dstrike/>"), "told", "I112"),
    WordKind("struck by style", _run('<w:rStyle w:val="Out"/>'), "told", "I112"),
    WordKind("not struck", _run('<w:rStyle w:val="Out"/><w:strike w:val="0"/>'), "plan"),
    WordKind(
        "link",
        f'<w:hyperlink r:id="link{{n}}">{_run("", "lenke")}</w:hyperlink>',
        "told",
        "I114",
        (("link{n}", "hyperlink", "https://example.org/{word}", "External"),),
    ),
    WordKind(
        "link that shows its address",
        f'<w:hyperlink r:id="link{{n}}">{_run("", "example.org/{word}")}</w:hyperlink>',
        "plan",
        "",
        (("link{n}", "hyperlink", "https://example.org/{word}", "External"),),
    ),
    WordKind(
        "link as a field",
        _field(' HYPERLINK "https://example.org/{word}" ', _run("", "lenke")),
        "told",
        "I114",
    ),
    WordKind(
        "link as a simple field",
        '<w:fldSimple w:instr=" HYPERLINK &quot;https://example.org/{word}&quot; ">'
        "<w:r><w:t>lenke</w:t></w:r></w:fldSimple>",
        "told",
        "I114",
    ),
    WordKind("field", _field(" DOCPROPERTY x ", _PLAIN), "plan"),
    WordKind("result in the code of a field", _asking(), "nowhere"),
    WordKind("field without an end", f"{_FIELD.replace('{kind}', 'begin')}{_PLAIN}", "plan"),
    WordKind(
        "hidden in a field without an end",
        _FIELD.replace("{kind}", "begin") + _run("<w:vanish/>"),
        "told",
        "I110",
    ),
    WordKind("formula", "<m:oMath><m:r><m:t>{word}</m:t></m:r></m:oMath>", "plan"),
    WordKind(
        "small letters above",
        "<w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>over</w:t></w:r></w:rt>"
        f"<w:rubyBase>{_PLAIN}</w:rubyBase></w:ruby></w:r>",
        "plan",
    ),
    WordKind(
        "content control",
        f"<w:sdt><w:sdtPr/><w:sdtContent>{_PLAIN}</w:sdtContent></w:sdt>",
        "plan",
    ),
    WordKind(
        "prompt",
        f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{_PLAIN}</w:sdtContent></w:sdt>",
        "nowhere",
    ),
    WordKind(
        "alternatives",
        f"<w:r><mc:AlternateContent><mc:Choice>{_PLAIN}</mc:Choice>"
        "<mc:Fallback><w:t>gammelt</w:t></mc:Fallback></mc:AlternateContent></w:r>",
        "plan",
    ),
    WordKind(
        "only a fallback",
        "<w:r><mc:AlternateContent><mc:Fallback><w:t>{word}</w:t></mc:Fallback>"
        "</mc:AlternateContent></w:r>",
        "plan",
    ),
    WordKind(
        "text box",
        _drawing(f"<wps:wsp><wps:txbx>{_BOX}</wps:txbx></wps:wsp>"),
        "told",
        "I101",
    ),
    WordKind(
        "old text box",
        f"<w:r><w:pict><v:shape><v:textbox>{_BOX}</v:textbox></v:shape></w:pict></w:r>",
        "told",
        "I101",
    ),
    WordKind(
        "hidden in a text box",
        "<w:r><w:pict><v:shape><v:textbox><w:txbxContent><w:p>"
        f"{_run('<w:vanish/>')}</w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>",
        "told",
        "I110",
    ),
    WordKind("footnote", '<w:r><w:footnoteReference w:id="1{n}"/></w:r>', "told", "I101"),
    WordKind("endnote", '<w:r><w:endnoteReference w:id="1{n}"/></w:r>', "told", "I101"),
    WordKind("comment", '<w:r><w:commentReference w:id="1{n}"/></w:r>', "told", "I101"),
    WordKind(
        "picture",
        _drawing('<pic:pic><a:blip r:embed="img{n}"/></pic:pic>', ' descr="{word}"'),
        "told",
        "I113",
        _IMAGE,
        _MEDIA,
    ),
    WordKind(
        "old picture",
        '<w:r><w:pict><v:shape alt="{word}"><v:imagedata r:id="img{n}"/></v:shape></w:pict></w:r>',
        "told",
        "I113",
        _IMAGE,
        _MEDIA,
    ),
    WordKind(
        "watermark",
        '<w:r><w:pict><v:shape><v:textpath string="{word}"/></v:shape></w:pict></w:r>',
        "told",
        "I113",
    ),
    WordKind("shape", _drawing("<wps:wsp/>", ' descr="{word}"'), "told", "I113"),
    WordKind(
        "link of a picture",
        _drawing('<pic:pic><a:hlinkClick r:id="l{n}"/><a:blip r:embed="img{n}"/></pic:pic>'),
        "told",
        "I114",
        (*_IMAGE, ("l{n}", "hyperlink", "https://example.org/{word}", "External")),
        _MEDIA,
    ),
    WordKind(
        "chart",
        _drawing('<c:chart r:id="c{n}"/>'),
        "told",
        "I113",
        (("c{n}", "chart", "charts/chart{n}.xml", ""),),
        (("word/charts/chart{n}.xml", f"<c:x {_NAMES}><a:t>{{word}}</a:t></c:x>"),),
    ),
    WordKind(
        "diagram",
        _drawing('<dgm:relIds r:dm="d{n}"/>'),
        "told",
        "I113",
        (("d{n}", "diagramData", "diagrams/data{n}.xml", ""),),
        (("word/diagrams/data{n}.xml", f"<dgm:x {_NAMES}><a:t>{{word}}</a:t></dgm:x>"),),
    ),
    WordKind(
        "embedded workbook",
        '<w:r><w:object><o:OLEObject ProgID="Excel.{word}" r:id="o{n}"/></w:object></w:r>',
        "told",
        "I113",
        (("o{n}", "package", "embeddings/bok{n}.xlsx", ""),),
        (("word/embeddings/bok{n}.xlsx", "x"),),
    ),
    WordKind(
        "part of an unknown kind",
        "",
        "told",
        "I113",
        (("u{n}", "strange", "odd/{word}.xml", ""),),
        (("word/odd/{word}.xml", "<x/>"),),
    ),
    WordKind("part that nothing leads to", "", "told", "I113", (), (("word/{word}.bin", "x"),)),
)
# Kinds that are paragraphs or tables of their own:
BLOCKS = (
    WordKind(
        "nested table",
        f"<w:tbl><w:tr><w:tc>{_paragraph(_PLAIN)}</w:tc></w:tr></w:tbl><w:p/>",
        "plan",
    ),
    WordKind(
        "web page",
        '<w:altChunk r:id="a{n}"/><w:p/>',
        "plan",
        "",
        (("a{n}", "aFChunk", "a{n}.html", ""),),
        (("word/a{n}.html", "<html><body><p>{word}</p></body></html>"),),
    ),
    WordKind(
        "struck in a web page",
        '<w:altChunk r:id="a{n}"/><w:p/>',
        "told",
        "I112",
        (("a{n}", "aFChunk", "a{n}.html", ""),),
        (("word/a{n}.html", "<html><body><p>Ny <s>{word}</s></p></body></html>"),),
    ),
    WordKind(
        "hidden in a web page",
        '<w:altChunk r:id="a{n}"/><w:p/>',
        "told",
        "I110",
        (("a{n}", "aFChunk", "a{n}.html", ""),),
        (("word/a{n}.html", '<html><p>Ny <b style="display:none">{word}</b></p></html>'),),
    ),
    WordKind(
        "hidden by a class in a web page",
        '<w:altChunk r:id="a{n}"/><w:p/>',
        "told",
        "I110",
        (("a{n}", "aFChunk", "a{n}.html", ""),),
        (
            (
                "word/a{n}.html",
                (
                    "<html><head><style>p.note, .x { display: none }</style></head>"
                    '<p class="note">{word}</p><p>Ny</p></html>'
                ),
            ),
        ),
    ),
    WordKind(
        "white in a web page",
        '<w:altChunk r:id="a{n}"/><w:p/>',
        "taken and told",
        "I110",
        (("a{n}", "aFChunk", "a{n}.html", ""),),
        (("word/a{n}.html", '<html><p>Ny <b style="color: #FFF">{word}</b></p></html>'),),
    ),
    WordKind(
        "text that is taken in",
        '<w:altChunk r:id="a{n}"/><w:p/>',
        "plan",
        "",
        (("a{n}", "aFChunk", "a{n}.txt", ""),),
        (("word/a{n}.txt", "{word}"),),
    ),
    WordKind(
        "rich text that is taken in",
        '<w:altChunk r:id="a{n}"/><w:p/>',
        "told",
        "I113",
        (("a{n}", "aFChunk", "{word}.rtf", ""),),
        (("word/{word}.rtf", "{\\rtf1 x}"),),
    ),
)


def word_of(kind: WordKind, number: int) -> str:
    """Return the word that a kind holds as the n-th of a document."""
    del kind
    return f"ordet{number}tegn"


def put(text: str, kind: WordKind, number: int) -> str:
    """Return a text of a kind with its word and number."""
    return text.replace("{word}", word_of(kind, number)).replace("{n}", str(number))


def document_with(kinds: Sequence[WordKind], *, beside: str = "Tekst. ") -> bytes:
    """Return a document whose table has a measure for each kind, with the kind in its remark."""
    rows = "".join(
        _row(str(n), f"Tiltak nr {n}", "3", _cell_of(put(kind.markup, kind, n), kind, beside))
        for n, kind in enumerate(kinds, 1)
    )
    header = _row(
        "Nr", "Tiltak", "Status 31.12.2020", _paragraph("<w:r><w:t>Merknader</w:t></w:r>")
    )
    body = f"{HEADING}<w:tbl>{header}{rows}</w:tbl><w:p/>"
    links, parts = "", dict[str, str]()
    for n, kind in enumerate(kinds, 1):
        parts |= {put(name, kind, n): put(content, kind, n) for name, content in kind.parts}
        for link in kind.links:
            links += _link(*(put(value, kind, n) for value in link))
    return package(body, links, parts, notes(kinds))


def notes(kinds: Sequence[WordKind]) -> dict[str, str]:
    """Return the parts of footnotes, endnotes and comments for those kinds."""
    found: dict[str, str] = {}
    for n, kind in enumerate(kinds, 1):
        if kind.name in ("footnote", "endnote", "comment"):
            text = put(_paragraph(_PLAIN), kind, n)
            note = f'<w:{kind.name} w:id="1{n}">{text}</w:{kind.name}>'
            found[f"{kind.name}s"] = found.get(f"{kind.name}s", "") + note
    return found


def package(
    body: str,
    links: str = "",
    parts: Mapping[str, str | bytes] | None = None,
    beside: dict[str, str] | None = None,
) -> bytes:
    """Return a document of these parts; `beside` has the content of notes by their kind."""
    beside = {"styles": STYLES, "numbering": NUMBERING, **(beside or {})}
    links += "".join(_link(f"of{name}", name, f"{name}.xml", "") for name in beside)
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": _links(_link("r1", "officeDocument", "word/document.xml", "")),
        "word/document.xml": f"<w:document {_NAMES}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": _links(links),
        **{f"word/{name}.xml": f"<w:{name} {_NAMES}>{x}</w:{name}>" for name, x in beside.items()},
        **(parts or {}),
    }
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def table(*rows: Sequence[str]) -> str:
    """Return a table of rows of markup below the heading of an area."""
    return f"{HEADING}<w:tbl>{''.join(_row(*row) for row in rows)}</w:tbl><w:p/>"


def _row(*cells: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{_as_blocks(cell)}</w:tc>' for cell in cells)}</w:tr>"


def _as_blocks(cell: str) -> str:
    return cell if cell.startswith("<") else _paragraph(f"<w:r><w:t>{cell}</w:t></w:r>")


def _cell_of(markup: str, kind: WordKind, beside: str) -> str:
    """Return a remark with a kind, after a text that stands."""
    if kind in BLOCKS:
        return _paragraph(f"<w:r><w:t>{beside}</w:t></w:r>") + markup
    properties, _, content = markup.rpartition("</w:pPr>")
    properties += "</w:pPr>" if properties else ""
    return _paragraph(
        f'{properties}<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>{beside}</w:t></w:r>{content}'
    )


def _link(link_id: str, kind: str, target: str, mode: str) -> str:
    mode = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationship Id="{link_id}" Type="{_OFFICE}/{kind}" Target="{target}"{mode}/>'


def _links(links: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}">{links}</Relationships>'
