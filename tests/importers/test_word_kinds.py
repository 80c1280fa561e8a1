"""What a Word document shows is in the plan or quoted by a finding; what it hides is in no plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small import HEAD, LAST, TEMPLATE
from tests.word_kinds import (
    BLOCKS,
    HEADING,
    KINDS,
    NUMBERING,
    STYLES,
    WordKind,
    document_with,
    package,
    table,
    word_of,
)
from xltiltak.importers.import_flow import import_plan, import_source
from xltiltak.importers.report_builder import ImportResult
from xltiltak.importers.word_numbering import Numbering
from xltiltak.importers.word_styles import ListLevel
from xltiltak.model.finding import Finding
from xltiltak.model.report import Slot
from xltiltak.templates import catalogue


@pytest.fixture(autouse=True)
def _in_bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


def imported(folder: Path, content: bytes, head: str = "") -> ImportResult:
    """Import a document, perhaps with report details beside it."""
    path = folder / "Vedlegg 2020.docx"
    path.write_bytes(content)
    if head:
        path.with_suffix(".toml").write_text(head, "utf-8")
    return import_source(path, TEMPLATE)


def planned(done: ImportResult) -> str:
    """Return all that is in a plan, as one text."""
    head = done.report.head
    intros = [area.intro for area in done.report.areas.values()]
    return " ".join([head.title, *intros, *(str(value) for value in done.report.values.values())])


def told(done: ImportResult, word: str) -> list[Finding]:
    """Return the findings that quote a word."""
    return [f for f in done.findings if word in f.message("nb") and f.code != "V107"]


def check(done: ImportResult, kind: WordKind, number: int) -> None:
    """Check that the word of a kind is where it must be, and nowhere else."""
    word = word_of(kind, number)
    codes = {finding.code for finding in told(done, word)}
    assert (word in planned(done)) == (kind.seen in ("plan", "taken and told"))
    assert codes == ({kind.code} if kind.code else set())


@pytest.mark.parametrize("kind", [*KINDS, *BLOCKS], ids=lambda kind: kind.name)
def test_each_kind_is_taken_or_told(kind: WordKind, tmp_path: Path) -> None:
    done = imported(tmp_path, document_with([kind]))
    check(done, kind, 1)
    assert str(done.report.values[Slot("HAV-001", "remark")]).startswith("Tekst.")
    for finding in told(done, word_of(kind, 1)):
        assert finding.place.cell or finding.values["reason"].startswith("object_un")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*KINDS, *BLOCKS]), min_size=1, max_size=12))
def test_kinds_together_are_each_taken_or_told(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[WordKind]
) -> None:
    done = imported(tmp_path_factory.mktemp("ord"), document_with(kinds))
    assert len(done.report.nodes) == len(kinds) + 1
    for number, kind in enumerate(kinds, 1):
        check(done, kind, number)


HEADERS = ("Nr", "Tiltak", "Status 31.12.2020", "Merknader")
REMARK, STATUS, NUMBER, NAME = (
    Slot("HAV-001", field, day)
    for field, day in (("remark", None), ("status", LAST), ("no", None), ("name", None))
)


def cell(content: str, properties: str = "") -> str:
    """Return the markup of a paragraph, with these properties of it."""
    return f"<w:p><w:pPr>{properties}</w:pPr>{content}</w:p>"


def run(text: str, properties: str = "") -> str:
    """Return the markup of a text."""
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def item(level: int = 0, list_id: int = 1) -> str:
    """Return the properties of an item of a list."""
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'


def control(state: str) -> str:
    """Return a box to tick as a content control."""
    return (
        f'<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="{state}"/></w14:checkbox></w:sdtPr>'
        f"<w:sdtContent>{run('?')}</w:sdtContent></w:sdt>"
    )


def old_box(state: str) -> str:
    """Return a box to tick of an old form."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/>'
        f'<w:checked w:val="{state}"/></w:checkBox></w:ffData></w:fldChar></w:r>'
        "<w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


OLD_LIST = (
    '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/>'
    '<w:listEntry w:val="1"/><w:listEntry w:val="4"/></w:ddList></w:ffData></w:fldChar></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
SHOWN = {  # what a remark shows, by its markup
    "a tick of Wingdings": (cell('<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'), "✓"),
    "a box in a font of signs": (cell(run("\u00a8", '<w:rFonts w:ascii="Wingdings"/>')), "☐"),
    "a letter of Symbol": (cell(run("a", '<w:rFonts w:ascii="Symbol"/>')), "α"),
    "a sign in a font of letters": (
        cell('<w:r><w:sym w:font="Segoe UI Symbol" w:char="2713"/></w:r>'),
        "✓",
    ),
    "a ticked control": (cell(control("1") + run(" Ferdig")), "☒ Ferdig"),
    "an empty control": (cell(control("0") + run(" Ferdig")), "☐ Ferdig"),
    "a ticked old box": (cell(old_box("1") + run(" Ferdig")), "☒ Ferdig"),
    "an empty old box": (cell(old_box("0") + run(" Ferdig")), "☐ Ferdig"),
    "an old list": (cell(OLD_LIST), "4"),
    "a list": (cell(run("Kjøpe"), item()) + cell(run("Bygge"), item()), "1. Kjøpe\n2. Bygge"),
    "a list by style": (cell(run("Kjøpe"), '<w:pStyle w:val="List"/>'), "1. Kjøpe"),
    "a list in a list": (
        cell(run("A"), item())
        + cell(run("B"), item(1))
        + cell(run("C"), item(1))
        + cell(run("D"), item()),
        "1. A\n1.a) B\n1.b) C\n2. D",
    ),
    "a list that a paragraph leaves": (
        cell(run("A"), '<w:pStyle w:val="List"/>' + item(0, 0)),
        "A",
    ),
    "a fraction": (
        cell(
            "<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num>"
            "<m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>"
        ),
        "1/2",
    ),
    "hyphens": (
        cell("<w:r><w:t>Kai</w:t><w:noBreakHyphen/><w:t>a</w:t><w:softHyphen/></w:r>"),
        "Kai-a",
    ),
    "a line break": (
        cell("<w:r><w:t>En</w:t><w:br/><w:t>to</w:t><w:cr/><w:t>tre</w:t></w:r>"),
        "En\nto\ntre",
    ),
    "two paragraphs whose border is hidden": (
        cell(run("Alt "), "<w:rPr><w:vanish/></w:rPr>") + cell(run("vel")),
        "Alt vel",
    ),
    "two paragraphs whose border is deleted": (
        cell(run("Alt "), "<w:rPr><w:del/></w:rPr>") + cell(run("vel")),
        "Alt vel",
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_cell_is_read_as_it_is_shown(name: str, tmp_path: Path) -> None:
    markup, shown = SHOWN[name]
    done = imported(tmp_path, package(table(HEADERS, ("1", "Dekke kaien", "3", markup))))
    assert done.report.values[REMARK] == shown


def test_an_unknown_sign_is_named(tmp_path: Path) -> None:
    markup = cell(run("Kai ") + '<w:r><w:sym w:font="Wingdings" w:char="F021"/></w:r>')
    done = imported(tmp_path, package(table(HEADERS, ("1", "Dekke kaien", "3", markup))))
    assert told(done, "wingdings F021")
    assert done.report.values[REMARK] == "Kai "


def test_a_plan_holds_nothing_that_a_document_hides(tmp_path: Path) -> None:
    kinds = [kind for kind in (*KINDS, *BLOCKS) if kind.seen == "told"]
    source, plan = tmp_path / "Vedlegg 2020.docx", tmp_path / "plan.xlsx"
    source.write_bytes(document_with(kinds))
    import_plan(source, TEMPLATE, plan)
    with ZipFile(plan) as archive:
        content = b" ".join(archive.read(name) for name in archive.namelist())
    assert b"Tekst." in content
    assert not [k.name for n, k in enumerate(kinds, 1) if word_of(k, n).encode() in content]


def test_automatic_numbers_are_the_numbers_of_measures(tmp_path: Path) -> None:
    number = cell("", item())
    rows = [(number, f"Tiltak {letter}", "3", "") for letter in "ABC"]
    done = imported(tmp_path, package(table(HEADERS, *rows)))
    refs = ("HAV-001", "HAV-002", "HAV-003")
    assert [done.report.values[Slot(ref, "no")] for ref in refs] == [1, 2, 3]


FORMATS = {
    "decimal": ("1", "2", "3"),
    "decimalZero": ("01", "02", "03"),
    "upperRoman": ("I", "II", "III"),
    "lowerRoman": ("i", "ii", "iii"),
    "upperLetter": ("A", "B", "C"),
    "lowerLetter": ("a", "b", "c"),
    "ordinal": ("1.", "2.", "3."),
}


@pytest.mark.parametrize("form", FORMATS)
def test_numbers_of_lists_are_written_in_their_format(form: str) -> None:
    lists = numbering(
        f'<w:lvl w:ilvl="0"><w:numFmt w:val="{form}"/><w:lvlText w:val="%1"/></w:lvl>'
    )
    shown = tuple(lists.next_number(ListLevel("1", 0), []).text for _ in range(3))
    assert shown == FORMATS[form]


def numbering(levels: str, own: str = "") -> Numbering:
    """Return the lists of a part with one definition and one list."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    return Numbering.of(
        fromstring(
            f'<w:numbering {space}><w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>'
            f'<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
            f'<w:num w:numId="2"><w:abstractNumId w:val="7"/>{own}</w:num></w:numbering>'
        )
    )


LEVELS = "".join(
    f'<w:lvl w:ilvl="{n}"><w:start w:val="{start}"/><w:numFmt w:val="decimal"/>{more}'
    f'<w:lvlText w:val="{text}"/></w:lvl>'
    for n, start, text, more in (
        (0, 3, "%1", ""),
        (1, 1, "%1.%2", ""),
        (2, 1, "%3", '<w:lvlRestart w:val="0"/>'),
    )
)
COUNTED: dict[str, tuple[str, Sequence[tuple[str, int]], str]] = {
    "from the start of the level": ("", [("1", 0), ("1", 0)], "3 4"),
    "anew below another item": (
        "",
        [("1", 0), ("1", 1), ("1", 1), ("1", 0), ("1", 1)],
        "3 3.1 3.2 4 4.1",
    ),
    "never anew": ("", [("1", 2), ("1", 0), ("1", 2)], "1 3 2"),
    "on in another list of the definition": ("", [("1", 0), ("2", 0)], "3 4"),
    "from the start of the list": (
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>',
        [("1", 0), ("2", 0), ("2", 0)],
        "3 1 2",
    ),
}


@pytest.mark.parametrize("name", COUNTED)
def test_lists_count(name: str) -> None:
    own, items, shown = COUNTED[name]
    lists = numbering(LEVELS, own)
    assert " ".join(lists.next_number(ListLevel(*at), []).text for at in items) == shown


def test_a_number_before_a_heading_does_not_hide_the_area(tmp_path: Path) -> None:
    body = table(HEADERS, ("1", "Dekke kaien", "3", ""))
    body = body.replace('<w:pStyle w:val="H1"/>', '<w:pStyle w:val="H1"/>' + item())
    assert imported(tmp_path, package(body)).report.area_refs == ("HAV",)


ROW = ("2", "Male fyret", "4", "Snart")


@pytest.mark.parametrize("strike", ["<w:strike/>", '<w:rStyle w:val="Out"/>'])
def test_a_row_that_is_struck_out_is_told_once_and_is_no_measure(
    tmp_path: Path, strike: str
) -> None:
    struck = tuple(cell(run(text, strike)) for text in ROW)
    done = imported(tmp_path, package(table(HEADERS, ("1", "Dekke kaien", "3", ""), struck)))
    assert len(done.report.nodes) == 2
    assert [f.values["value"] for f in done.findings if f.code == "I112"] == [" · ".join(ROW)]


def test_a_row_that_is_struck_out_is_one_also_if_word_numbers_it(tmp_path: Path) -> None:
    struck = (cell("", item()), *(cell(run(text, "<w:strike/>")) for text in ROW[1:]))
    rows = (cell("", item()), "Dekke kaien", "3", "")
    done = imported(tmp_path, package(table(HEADERS, rows, struck)))
    assert len(done.report.nodes) == 2
    assert [f.values["value"] for f in done.findings if f.code == "I112"] == [" · ".join(ROW[1:])]
    assert not [f for f in done.findings if f.severity == "error"]


def test_a_row_that_is_deleted_is_quoted_and_is_no_measure(tmp_path: Path) -> None:
    body = table(HEADERS, ("1", "Dekke kaien", "3", ""), (cell("", item()), *ROW[1:]))
    before, row, last = body.rpartition("<w:tr>")
    done = imported(tmp_path, package(f"{before}{row}<w:trPr><w:del/></w:trPr>{last}"))
    assert len(done.report.nodes) == 2
    assert [f.values["value"] for f in done.findings if f.code == "I112"] == list(ROW[1:])


def test_a_status_that_is_struck_out_leaves_the_one_that_stands(tmp_path: Path) -> None:
    status = cell(run("3", "<w:strike/>") + run("4"))
    done = imported(tmp_path, package(table(HEADERS, ("1", "Dekke kaien", status, ""))))
    assert done.report.values[STATUS] == 4
    assert [f.values["value"] for f in done.findings if f.code == "I112"] == ["3"]


def test_a_hidden_row_is_told_and_is_no_measure(tmp_path: Path) -> None:
    body = table(HEADERS, ("1", "Dekke kaien", "3", ""), ROW)
    before, row, last = body.rpartition("<w:tr>")
    done = imported(tmp_path, package(f"{before}{row}<w:trPr><w:hidden/></w:trPr>{last}"))
    assert len(done.report.nodes) == 2
    assert [f.values["value"] for f in done.findings if f.code == "I110"] == [" · ".join(ROW)]


def test_a_table_within_a_frame_is_read_as_a_table(tmp_path: Path) -> None:
    inner = table(HEADERS, ("1", "Dekke kaien", "3", "Alt vel"))
    heading, _, rows = inner.partition("<w:tbl>")
    frame = f"{heading}<w:tbl><w:tr><w:tc><w:tbl>{rows}</w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"
    assert imported(tmp_path, package(frame)).report.values[REMARK] == "Alt vel"


WEB_TABLE = """<html><head><title>x</title><style>p {}</style></head><body>
<h1>Kommunalområdet Skog</h1>
<table><tr><th>Nr</th><th>Tiltak</th><th>Status 31.12.2020</th><th>Merknader</th></tr>
<tr><td>1</td><td>Rydde <b>stien</b></td><td>2</td><td>Før&shy;ste<br>andre<ul><li>tredje</ul>
<tr><td>2<td colspan=1>Plante trær<td><s>2</s> 3<td><a href="https://example.org/sak">saken</a></table>
</body></html>"""


@pytest.mark.parametrize("wrapping", ["html", "mail", "docx"])
def test_a_table_that_is_taken_in_is_read(tmp_path: Path, wrapping: str) -> None:
    content: str | bytes = WEB_TABLE
    if wrapping == "mail":
        content = f"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n{WEB_TABLE}"
    if wrapping == "docx":
        inner = [("1", "Rydde stien", "2", ""), ("2", "Plante trær", "3", "saken")]
        content = package(table(HEADERS, *inner).replace("Havn", "Skog"))
    body = table(HEADERS, ("1", "Dekke kaien", "3", "")) + '<w:altChunk r:id="a"/>'
    link = (
        '<Relationship Id="a" Target="biter/a.x" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"/>'
    )
    done = imported(tmp_path, package(body, link, {"word/biter/a.x": content}))
    values = done.report.values
    assert done.report.area_refs == ("HAV", "SKO")
    assert values[Slot("SKO-001", "name")] == "Rydde stien"
    assert [values[Slot(f"SKO-00{n}", "status", LAST)] for n in (1, 2)] == [2, 3]
    assert values[Slot("SKO-002", "remark")] == "saken"
    assert {f.place.file for f in done.findings if f.code in ("I112", "I114")} == (
        set() if wrapping == "docx" else {"Vedlegg 2020.docx › a.x"}
    )


def test_headers_and_footers_are_quoted_in_words(tmp_path: Path) -> None:
    texts = {"header": cell(run("Utkast")), "footer": cell(run("Side 1"))}
    done = imported(tmp_path, package(table(HEADERS, ("1", "Dekke kaien", "3", "")), beside=texts))
    found = [(f.place.cell, f.values["value"]) for f in done.findings if f.code == "I101"]
    assert found == [("topptekst 1", "Utkast"), ("bunntekst 1", "Side 1")]


def test_hidden_text_names_no_plan_and_no_area(tmp_path: Path) -> None:
    body = table(HEADERS, ("1", "Dekke kaien", "3", ""))
    secret = cell(run("Hemmelig 1999", "<w:vanish/>"))
    done = imported(tmp_path, package(secret + body))
    assert "Hemmelig" not in planned(done)
    assert [f.severity for f in told(done, "Hemmelig")] == ["warning"]


def heading(level: int, text: str, properties: str = "") -> str:
    """Return the markup of a heading."""
    return cell(run(text), f'{properties}<w:outlineLvl w:val="{level - 1}"/>')


CARD = [
    heading(2, "Dekke kaien"),
    cell(run("Status 31.12.2020: 3")),
    cell(run("Merknader: Alt vel")),
]
CARDS = {  # cards below the area's heading: names, numbers and the text that is told
    "a heading names a card": (CARD, ["Dekke kaien"], [None]),
    "with its number": ([heading(2, "7. Dekke kaien"), *CARD[1:]], ["Dekke kaien"], [7]),
    "with a number of Word": ([heading(2, "Dekke kaien", item()), *CARD[1:]], ["Dekke kaien"], [1]),
    "the next heading ends the card": (
        [*CARD, heading(2, "Male fyret"), *CARD[1:]],
        ["Dekke kaien", "Male fyret"],
        [None, None],
    ),
    "a label wins over a heading": (
        [heading(2, "Om tiltaket"), cell(run("Tiltak: Male fyret")), *CARD[1:]],
        ["Male fyret"],
        [None],
    ),
}


@pytest.mark.parametrize("name", CARDS)
def test_a_heading_names_the_card_below_it(name: str, tmp_path: Path) -> None:
    blocks, names, numbers = CARDS[name]
    done = imported(tmp_path, package(HEADING + "".join(blocks)), HEAD)
    refs = [f"HAV-00{n}" for n in range(1, len(names) + 1)]
    values = done.report.values
    assert [values[Slot(ref, "name")] for ref in refs] == names
    assert [values.get(Slot(ref, "no")) for ref in refs] == numbers
    assert {values[Slot(ref, "remark")] for ref in refs} == {"Alt vel"}
    assert bool(told(done, "Om tiltaket")) == (name == "a label wins over a heading")


def test_the_number_of_a_heading_may_be_the_heading_that_the_template_writes(
    tmp_path: Path,
) -> None:
    lists = NUMBERING.replace('w:val="%1."', 'w:val="Mål %1:"')
    goals = [
        heading(2, name, item()) + cell(run("Uppföljning")) + cell(run("Pågår"))
        for name in ("God skola", "Ren luft")
    ]
    path = tmp_path / "Berättelse.docx"
    path.write_bytes(package("".join(goals), beside={"numbering": lists}))
    head = 'organisation = "Staden"\ntitle = "Berättelse"\nyear = 2020\nlanguage = "sv"\n'
    path.with_suffix(".toml").write_text(head, "utf-8")
    template = catalogue.load(catalogue.shipped() / "verksamhetsberattelse")
    report = import_source(path, template).report
    fields = ("no", "name", "follow_up")
    found = [[report.values[Slot(node.ref, f)] for f in fields] for node in report.nodes]
    assert found == [[1, "God skola", ("Pågår",)], [2, "Ren luft", ("Pågår",)]]


def test_a_card_without_a_name_is_refused_and_quoted(tmp_path: Path) -> None:
    whole = [*CARD, heading(2, "")]
    done = imported(tmp_path, package(HEADING + "".join([*whole, *CARD[1:]])), HEAD)
    assert len(done.report.nodes) == 2
    assert [f.code for f in told(done, "Alt vel") if f.severity == "error"] == ["I103"]


def test_figures_in_a_paragraph_are_no_card(tmp_path: Path) -> None:
    figures = cell(run("Tiltak: 1  ·  Besvart: 1 av 1")) + cell(run("Tabell 1: Havn"))
    rows = table(HEADERS, ("1", "Dekke kaien", "3", "")).removeprefix(HEADING)
    done = imported(tmp_path, package(HEADING + figures + rows))
    assert len(done.report.nodes) == 2
    assert not [f for f in done.findings if f.severity != "note"]
    wrong = imported(tmp_path, package(HEADING + figures.replace("Tiltak: 1", "Tiltak: 2") + rows))
    assert [f.code for f in wrong.findings if f.severity == "error"] == ["A101"]


def test_a_table_of_contents_is_quoted_and_is_no_introduction(tmp_path: Path) -> None:
    contents = "".join(cell(run(text), '<w:pStyle w:val="Toc"/>') for text in ("Havn 1", "Skog 2"))
    rows = table(HEADERS, ("1", "Dekke kaien", "3", "")).removeprefix(HEADING)
    done = imported(tmp_path, package(HEADING + contents + rows))
    assert "Skog 2" not in planned(done)
    assert [f.values["value"] for f in done.findings if f.code == "I101"] == ["Havn 1 · Skog 2"]


# Text whose look changes what it says


def shown_remark(folder: Path, markup: str, styles: str = "") -> tuple[str, set[str]]:
    """Import a document with a remark of this markup; return the remark and the codes."""
    row = ("1", "Kjøpe båt", "3", f"<w:p>{markup}</w:p>")
    body = table(("Nr", "Tiltak", "Status 31.12.2020", "Merknader"), row)
    done = imported(folder, package(body, beside={"styles": STYLES + styles}))
    remark = done.report.values.get(Slot("HAV-001", "remark"), "")
    return str(remark), {finding.code for finding in done.findings} - {"I107"}


def _letters(properties: str, text: str) -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


_UP, _DOWN = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'
_CODE = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{code}</w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
)


def _math(content: str) -> str:
    return f"<m:oMath>{content}</m:oMath>"


def _part(name: str, text: str) -> str:
    return f"<m:{name}><m:r><m:t>{text}</m:t></m:r></m:{name}>"


@pytest.mark.parametrize(
    ("markup", "remark", "codes"),
    [
        (_letters("", "10 m") + _letters(_UP, "2"), "10 m²", set()),
        (_letters("", "3") + _letters(_UP, "1)"), "3¹⁾", set()),
        (_letters("", "10 m") + _letters('<w:position w:val="8"/>', "2"), "10 m²", set()),
        (_letters("", "CO") + _letters('<w:position w:val="-4"/>', "2"), "CO₂", set()),
        (_letters("", "CO") + _letters('<w:position w:val="0"/>', "2"), "CO2", set()),
        (_letters("", "CO") + _letters(_DOWN, "2"), "CO₂", set()),
        (_letters("", "5") + _letters(_UP, "te"), "5te", set()),
        (_math(f"<m:sSup>{_part('e', '10')}{_part('sup', '6')}</m:sSup>"), "10⁶", set()),
        (_math(f"<m:sSup>{_part('e', 'x')}{_part('sup', 'a')}</m:sSup>"), "x^a", set()),
        (_math(f"<m:rad>{_part('e', '9')}</m:rad>"), "√(9)", set()),
        (_math(f"<m:m><m:mr>{_part('e', '1')}{_part('e', '2')}</m:mr></m:m>"), "1 2", set()),
        (_CODE.format(code=" MACROBUTTON Lag [Skriv her] "), "[Skriv her]", set()),
        (_CODE.format(code=" SYMBOL 252 \\f Wingdings "), "✓", set()),
        (_CODE.format(code=" EQ \\f(1;2) "), "", {"I113"}),
        (_CODE.format(code=' XE "ord" '), "", set()),
        (_letters('<w:rFonts w:ascii="ZapfDingbats"/>', "4"), "✔", set()),
        (_letters('<w:rFonts w:ascii="Marlett"/>', "a"), "", {"I113"}),
        (_letters('<w:rStyle w:val="Signs"/>', "4"), "", {"I113"}),
        (_letters('<w:color w:val="FEFEFE"/>', "ord"), "ord", {"I110"}),
        (_letters('<w:color w:val="auto" w:themeColor="background1"/>', "ord"), "ord", {"I110"}),
        (_letters('<w:color w:val="C00000"/><w:shd w:fill="C00000"/>', "ord"), "ord", {"I110"}),
        (_letters('<w:color w:val="FFFFFF"/><w:shd w:fill="C00000"/>', "ord"), "ord", set()),
        (_letters("<w14:textFill><w14:noFill/></w14:textFill>", "ord"), "ord", {"I110"}),
    ],
)
def test_the_look_of_a_text_is_part_of_it(
    markup: str, remark: str, codes: set[str], tmp_path: Path
) -> None:
    signs = (
        '<w:style w:type="character" w:styleId="Signs"><w:rPr>'
        '<w:rFonts w:ascii="Wingdings 2"/></w:rPr></w:style>'
    )
    assert shown_remark(tmp_path, markup, signs) == (remark, codes)


@pytest.mark.parametrize(
    ("code", "address"),
    [
        (' HYPERLINK "https://example.org/a" ', "https://example.org/a"),
        (' HYPERLINK "https://example.org/a" \\l "k3" \\o "Se her" ', "https://example.org/a#k3"),
        (' HYPERLINK \\t "_blank" "https://example.org/a"', "https://example.org/a"),
        (' HYPERLINK \\n "https://example.org/a"', "https://example.org/a"),
        (' HYPERLINK "X:\\\\Felles mappe\\\\a.docx"', "X:\\Felles mappe\\a.docx"),
        (' HYPERLINK \\l "kapittel"', ""),
    ],
)
def test_the_address_of_a_field_is_told(code: str, address: str, tmp_path: Path) -> None:
    result = '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + _letters("", "saken")
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    markup = _CODE.format(code=code).replace(end, result + end)
    body = table(
        ("Nr", "Tiltak", "Status 31.12.2020", "Merknader"),
        ("1", "Kjøpe båt", "3", f"<w:p>{markup}</w:p>"),
    )
    found = [f for f in imported(tmp_path, package(body)).findings if f.code == "I114"]
    assert [f.values["address"] for f in found] == ([address] if address else [])


# Rows and cells that do not stand, and merged answers


def _cells(*texts: str, of_row: str = "", of_last: str = "") -> str:
    paragraphs = [f"<w:p>{_letters('', text)}</w:p>" for text in texts]
    last = f"<w:tc><w:tcPr>{of_last}</w:tcPr>{paragraphs.pop()}</w:tc>"
    others = "".join(f"<w:tc>{each}</w:tc>" for each in paragraphs)
    return f"<w:tr><w:trPr>{of_row}</w:trPr>{others}{last}</w:tr>"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (_cells("2", "Male", "2", "ord", of_last="<w:cellDel/>"), "I112"),
        (_cells("2", "Male", "2", "ord", of_row="<w:del/>"), "I112"),
        (
            _cells(*("2", "Male", "2", "ord"), of_row='<w:trHeight w:val="1" w:hRule="exact"/>'),
            "I110",
        ),
        (
            "<w:tr>"
            + "".join(f"<w:tc><w:p>{_letters('', t)}</w:p></w:tc>" for t in ("2", "Male", "2"))
            + f"<w:tc><w:tbl>{_cells('ord', of_row='<w:hidden/>')}</w:tbl><w:p/></w:tc></w:tr>",
            "I110",
        ),
    ],
)
def test_a_row_or_cell_that_does_not_stand_is_told(row: str, code: str, tmp_path: Path) -> None:
    body = table(
        ("Nr", "Tiltak", "Status 31.12.2020", "Merknader"), ("1", "Kjøpe båt", "3", "Alt vel")
    )
    done = imported(tmp_path, package(body.replace("</w:tbl>", row + "</w:tbl>")))
    assert "ord" not in planned(done).split()
    assert code in {finding.code for finding in told(done, "ord")}


def test_an_answer_merged_over_measures_is_told_for_each(tmp_path: Path) -> None:
    rows = "".join(
        _cells(number, f"Tiltak nr {number}", "3", "felles", of_last=merged)
        for number, merged in (
            ("1", '<w:vMerge w:val="restart"/>'),
            ("2", "<w:vMerge/>"),
            ("3", "<w:vMerge/>"),
        )
    )
    body = table(("Nr", "Tiltak", "Status 31.12.2020", "Merknader"))
    done = imported(tmp_path, package(body.replace("</w:tbl>", rows + "</w:tbl>")))
    found = [f for f in done.findings if f.values.get("reason") == "merged_answer"]
    assert [(f.code, f.severity, f.values["value"]) for f in found] == [
        ("I101", "warning", "felles")
    ] * 2
    assert ["nr 2" in found[0].message("nb"), "nr 3" in found[1].message("nb")] == [True, True]


@pytest.mark.parametrize(
    ("shading", "colour"),
    [
        ('<w:shd w:val="pct50" w:color="00B050" w:fill="auto"/>', "00B050"),
        ('<w:shd w:val="clear" w:color="C00000" w:fill="00B050"/>', "00B050"),
        ('<w:shd w:val="solid" w:color="00B050" w:fill="FFFFFF"/>', "00B050"),
    ],
)
def test_a_pattern_is_a_colour(shading: str, colour: str, tmp_path: Path) -> None:
    row = _cells("1", "Kjøpe båt", "", of_last=shading)
    body = table(("Nr", "Tiltak", "Status 31.12.2020"), ("2", "Male", "3"), ("3", "Rydde", "3"))
    done = imported(tmp_path, package(body.replace("</w:tbl>", row + "</w:tbl>")))
    assert [colour in f.message("nb") for f in done.findings if f.code == "I115"] == [True]


def test_a_pen_in_an_empty_cell_is_a_colour(tmp_path: Path) -> None:
    pen = f"<w:p>{_letters('<w:highlight w:val=' + chr(34) + 'green' + chr(34) + '/>', ' ')}</w:p>"
    body = table(("Nr", "Tiltak", "Status 31.12.2020"), ("1", "Male", "3"), ("2", "Kjøpe båt", pen))
    done = imported(tmp_path, package(body))
    assert "I115" in {finding.code for finding in done.findings}
