"""The Word file opens in Word, is accessible, has the document's texts, and keeps a letterhead."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import docx as word
import pypdf
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents import headings, landscape, sample
from tests.examples import examples, sampled
from tests.office import Office
from tests.parts import Validator
from tests.sources import TEMPLATES, demo, report_of
from xltiltak.model import summary
from xltiltak.model.errors import PlanError
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.publishing import docx, pdf
from xltiltak.publishing.compose import compose
from xltiltak.publishing.document import Document, Style
from xltiltak.publishing.public_view import public_view

NASTY = (
    '=1+1 <script>alert("x")</script> {{ 7*7 }} #panic() $x$ & ]]> %PDF '
    "« » 😀 \u2028 \ue000 _x0041_"
)
SLOW = settings(max_examples=examples(10), deadline=None)


def opened(content: bytes) -> Any:
    return word.Document(io.BytesIO(content))


def read_headings(file: Any) -> list[tuple[int, str]]:
    """Return the title, as level 1, and all headings."""
    found = [
        (p.style.name, p.text)
        for p in file.paragraphs
        if re.fullmatch(r"Title|Heading \d", p.style.name)
    ]
    return [(1 if name == "Title" else int(name[-1]) + 1, text) for name, text in found]


def parts(content: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def letterhead(*, styled: bool = True) -> bytes:
    """Return a Word template with a page header, a heading style and a line of text."""
    file = word.Document()
    file.sections[0].header.paragraphs[0].text = "NORDVIK – brevhode"
    file.sections[0].footer.paragraphs[0].text = "Rådhusgata 1"
    if styled:
        file.styles["Heading 1"].font.name = "Georgia"
    file.core_properties.last_modified_by = "HEMMELIG"
    file.add_paragraph("Unntatt fra ingenting")
    file.add_paragraph("")
    target = io.BytesIO()
    file.save(target)
    return target.getvalue()


@pytest.mark.parametrize("extra", ["", "<b> & {{ x }}"])
def test_the_headings_are_the_documents_own(extra: str) -> None:
    document = sample(2, extra)
    assert read_headings(opened(docx.render(document))) == headings(document)


@pytest.mark.parametrize("template", sampled(TEMPLATES))
def test_the_headings_of_every_template(template: str) -> None:
    document = compose(public_view(Register(report_of(template))))
    assert read_headings(opened(docx.render(document))) == headings(document)


def test_the_lists_of_contents_tables_and_figures_are_filled() -> None:
    file = opened(docx.render(sample(2)))
    listed = [
        (p.style.name, p.text)
        for p in file.paragraphs
        if p.style.name.startswith(("toc ", "table of"))
    ]
    entries = [text.split("\t") for name, text in listed if name == "toc 1"]
    assert all(page.isdigit() for _, page in entries)
    assert [text for text, _ in entries] == [
        "▼ Nytt: 1",
        "Oppvekst",
        "Helse og omsorg",
        "Programmer",
    ]
    figures = {text.split("\t")[0] for name, text in listed if name == "table of figures"}
    captions = [
        "Tabell 1: Områdene",
        "Figur 1: Gjennomsnitt",
        "Tabell 2: Tiltak i Oppvekst",
        "Tabell 3: Tiltak i Helse og omsorg",
    ]
    assert figures == {*captions}
    assert [p.text for p in file.paragraphs if p.style.name == "Caption"] == captions


def test_every_entry_links_to_a_bookmark() -> None:
    body = opened(docx.render(sample(2))).element.body
    places = {place.get(qn("w:name")) for place in body.iter(qn("w:bookmarkStart"))}
    links = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))]
    assert set(links) <= places
    assert len(links) == 20


def test_tables_repeat_their_head_keep_rows_whole_and_have_descriptions() -> None:
    file = opened(docx.render(sample(2)))
    tables = [t for t in file.tables if t._tbl.xpath(".//w:tblHeader")]
    assert [t._tbl.xpath("w:tblPr/w:tblCaption/@w:val")[0] for t in tables] == [
        "Områdene",
        "Gått tilbake",
        "Tiltak i Oppvekst",
        "Tiltak i Helse og omsorg",
    ]
    assert all(t._tbl.xpath("w:tblPr/w:tblDescription/@w:val")[0] for t in tables)
    assert all(row.xpath("w:trPr/w:cantSplit") for t in file.tables for row in t._tbl.tr_lst)
    looks = [t._tbl.xpath("w:tblPr/w:tblLook")[0] for t in tables]
    assert all(look.get(qn("w:firstRow")) == look.get(qn("w:firstColumn")) == "1" for look in looks)


def test_charts_are_pictures_with_descriptions() -> None:
    file = opened(docx.render(sample(2)))
    descriptions = file.element.body.xpath(".//wp:docPr/@descr")
    bars = "Fordelingen i ord"
    assert descriptions == [bars, bars, "Oppvekst: 2,6, 3,0, 3,2.", bars, bars]
    # Without a distance LibreOffice would move them, and the widest over the margin.
    sides = file.element.body.xpath(".//wp:inline/@distL | .//wp:inline/@distR")
    assert sides == ["0"] * 2 * len(descriptions)


def test_the_page_header_names_the_chapter_and_the_footer_the_page() -> None:
    file = opened(docx.render(sample(2)))
    (section,) = file.sections
    assert 'STYLEREF "Heading 1"' in section.header.part.blob.decode()
    assert section.page_width < section.page_height
    wide = opened(docx.render(landscape(sample(2)))).sections[0]
    assert wide.page_width > wide.page_height
    assert file.sections[-1].footer.paragraphs[0].text.startswith("Nordvik kommune\tSide ")


def test_the_properties_have_language_and_title_but_no_clock_or_person() -> None:
    content = docx.render(sample(1))
    file = opened(content)
    assert file.styles.element.xpath("w:docDefaults//w:lang/@w:val") == ["nb-NO"]
    properties = file.core_properties
    assert properties.title == sample(1).title
    assert properties.author == "Nordvik kommune"
    assert properties.language == "nb-NO"
    assert (properties.last_modified_by, properties.comments) == ("", "")
    assert (properties.created.year, properties.modified.year) == (1980, 1980)


def test_the_same_document_gives_the_same_bytes() -> None:
    assert docx.render(sample(3)) == docx.render(sample(3))


def test_texts_are_kept_as_written() -> None:
    file = opened(docx.render(sample(2, NASTY)))
    cells = [cell.text for t in file.tables for row in t.rows for cell in row.cells]
    assert f"Lys ved gang- og sykkelvei nr. 1 {NASTY}" in cells
    assert any(cell.endswith(f"\n{NASTY}") for cell in cells)


@SLOW
@given(st.text(max_size=200))
def test_no_text_makes_a_file_that_cannot_be_opened(extra: str) -> None:
    assert opened(docx.render(sample(1, extra))).tables


def test_a_letterhead_is_kept() -> None:
    document = sample(2)
    file = opened(docx.render(document, letterhead()))
    assert {section.header.paragraphs[0].text for section in file.sections} == {
        "NORDVIK – brevhode"
    }
    assert {section.footer.paragraphs[0].text for section in file.sections} == {"Rådhusgata 1"}
    assert file.styles["Heading 1"].font.name == "Georgia"
    assert file.paragraphs[0].text == "Unntatt fra ingenting"
    assert read_headings(file) == headings(document)
    assert not [
        name
        for name, part in parts(docx.render(document, letterhead())).items()
        if b"HEMMELIG" in part
    ]


def test_a_letterhead_in_another_language_keeps_its_style_ids() -> None:
    file = opened(letterhead())
    for style in file.styles:
        if style.name in ("Heading 1", "Title", "Caption"):
            style.element.set(
                qn("w:styleId"),
                {"Heading 1": "Overskrift1", "Title": "Tittel"}.get(style.name, "Bildetekst"),
            )
    target = io.BytesIO()
    file.save(target)
    assert read_headings(opened(docx.render(sample(2), target.getvalue()))) == headings(sample(2))


def statistics_rows(report: Report) -> list[list[str]]:
    """Return the means of each area: its name, and the mean at every date."""
    found = summary.area_statistics(report)
    return [
        [
            report.area_name(ref),
            *(str(found[ref, day].mean()).replace(".", ",") for day in report.head.dates),
        ]
        for ref in report.area_refs
    ]


def test_word_and_pdf_have_the_statistics_of_the_report() -> None:
    document = compose(public_view(Register(demo())))
    rows = [
        [cell.text for cell in row.cells]
        for t in opened(docx.render(document)).tables
        for row in t.rows
    ]
    printed = pypdf.PdfReader(io.BytesIO(pdf.render(document)))
    text = " ".join(" ".join(printed.pages[n].extract_text() for n in range(6)).split())
    for figures in statistics_rows(demo()):
        assert [row for row in rows if row[: len(figures)] == figures], figures
        assert " ".join(figures) in text


def test_libreoffice_prints_all_headings_and_no_empty_page(office: Office, tmp_path: Path) -> None:
    document = sample(30)
    file = tmp_path / "Rapport.docx"
    file.write_bytes(docx.render(document))
    with office.open(file) as opened_file:
        printed = pypdf.PdfReader(opened_file.pdf(tmp_path / "Rapport.pdf"))
    pages = [" ".join(page.extract_text().split()) for page in printed.pages]
    assert all(any(title in page for page in pages) for _, title in headings(document))
    assert all(len(page) > 150 for page in pages)  # more than header and footer
    assert sum("Nr Tiltak Status" in page for page in pages) > 1


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_page_numbers_of_the_contents_are_near_those_of_libreoffice(
    office: Office, tmp_path: Path, template: str
) -> None:
    """Test that each heading is on the page that the list names, or on the one beside it."""
    file = tmp_path / "Rapport.docx"
    file.write_bytes(docx.render(compose(public_view(Register(report_of(template))))))
    with office.open(file) as opened_file:
        printed = pypdf.PdfReader(opened_file.pdf(tmp_path / "Rapport.pdf"))
    pages = [" ".join(page.extract_text().split()) for page in printed.pages]
    listed = [p.text for p in opened(file.read_bytes()).paragraphs if p.style.name == "toc 1"]
    assert listed
    for line in listed:
        title, _, number = line.rpartition("\t")
        near = pages[max(0, int(number) - 2) : int(number) + 1]
        assert any(" ".join(title.split()) in page for page in near), line


def test_a_chapter_in_another_language_is_marked_with_it() -> None:
    document = sample(2)
    chapter = replace(document.sections[0], language="nn-NO")
    edited = replace(document, sections=(chapter, *document.sections[1:]))
    body = opened(docx.render(edited)).element.body
    runs = (run for run in body.iter(qn("w:r")) if run.xpath("w:rPr/w:lang"))
    marked = {"".join(run.xpath("w:t/text()")) for run in runs}
    assert "Oppvekst" in marked
    assert "Helse og omsorg" not in marked
    assert body.xpath("//w:lang/@w:val")[0] == "nn-NO"


def test_nothing_is_left_of_who_made_a_letterhead_and_where() -> None:
    """Test with company and manager in a part that python-docx copies."""
    target = io.BytesIO()
    manager = b"<Properties><Manager>HEMMELIG</Manager></Properties>"
    with ZipFile(io.BytesIO(letterhead())) as old, ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, manager if name == "docProps/app.xml" else old.read(name))
    rendered = parts(docx.render(sample(1), target.getvalue()))
    assert not [name for name, part in rendered.items() if b"HEMMELIG" in part]
    assert {name for name in rendered if name.startswith("docProps/")} == {"docProps/core.xml"}


def test_a_damaged_letterhead_is_used_or_refused() -> None:
    """Test files that are cut short, lack a part, or have half of a part."""
    whole = letterhead()
    for content in (
        *(whole[:n] for n in range(1, len(whole), len(whole) // 9)),
        *damaged_copies(whole),
    ):
        try:
            rendered = docx.render(sample(1), content)
        except PlanError:
            continue
        assert opened(rendered).tables


def damaged_copies(content: bytes) -> Iterator[bytes]:
    """Yield the file without each of its parts, and with half of each part."""
    all_parts = parts(content)
    for damaged, part in all_parts.items():
        for rest in (b"", part[: len(part) // 2]):
            target = io.BytesIO()
            with ZipFile(target, "w") as file:
                for name, whole in (all_parts | {damaged: rest}).items():
                    if whole:
                        file.writestr(name, whole)
            yield target.getvalue()


@pytest.mark.parametrize("content", [b"PK", b"not a file", b"%PDF-1.7"])
def test_a_file_that_is_not_a_word_file_is_refused(content: bytes) -> None:
    with pytest.raises(PlanError, match=r"\.docx"):
        docx.render(sample(1), content)


def test_a_style_gives_colours_fonts_and_a_logo() -> None:
    logo = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4">'
    logo += b'<path d="M0,0H4V4Z" fill="#0A7A3C"/></svg>'
    style = Style(accent="#0A7A3C", head="#DDEEDD", font="Verdana", logo=logo, logo_text="Byvåpen")
    file = opened(docx.render(replace(sample(1), style=style)))
    assert str(file.styles["Heading 1"].font.color.rgb) == "0A7A3C"
    assert file.styles["Normal"].font.name == "Verdana"
    assert file.element.body.xpath(".//wp:docPr/@descr")[0] == "Byvåpen"
    assert "DDEEDD" in file.element.body.xpath(".//w:tc//w:shd/@w:fill")


@pytest.mark.parametrize("document", [sample(), sample(3, NASTY), sample(0)])
def test_the_file_is_valid(validator: Validator, document: Document, tmp_path: Path) -> None:
    for name, head in (("egen", b""), ("brev", letterhead())):
        file = tmp_path / f"{name}.docx"
        file.write_bytes(docx.render(document, head))
        assert not validator(file)


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_file_of_every_template_is_valid(
    validator: Validator, template: str, tmp_path: Path
) -> None:
    file = tmp_path / "rapport.docx"
    file.write_bytes(docx.render(compose(public_view(Register(report_of(template))))))
    assert not validator(file)
