"""No format publishes anything internal of the working appendix, in any part of its file."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName
from pypdf import PdfReader

from tests.examples import sampled
from tests.publishing.test_docx import letterhead
from tests.raw import zipped
from tests.running import Run
from tests.sources import demo
from xltiltak.model.finding import Finding, Place
from xltiltak.model.register import Change, Proposal, Register, ReturnedFile, Source, Submission
from xltiltak.model.report import Area, Slot
from xltiltak.model.summary import measure_nodes
from xltiltak.publishing import publication
from xltiltak.sheets.appendix import write_appendix

MARK = re.compile(r"MERKE-[a-zæøå]+")
MARKS = (
    "kontakt", "leder", "vara", "epost", "varapost", "internt", "funn", "fil", "ark", "lagret",
    "forslag", "før", "svar", "note", "noteforfatter", "tråd", "person", "skaper", "endrer",
    "beskrivelse", "nøkkelord", "kategori", "firma", "sjef", "egenskap", "navn", "verdi", "sti",
    "ekstraark", "ekstracelle", "utenfor",
)  # fmt: skip
RELATIONSHIP = (
    '<Relationship Id="rId{n}" Target="{to}" '
    'Type="http://schemas.microsoft.com/office/2017/10/relationships/{kind}"/>'
)


def planted() -> Register:
    """Return a register with a mark in every place that is internal."""
    report, first = demo(), next(iter(measure_nodes(demo())))
    fields = tuple(
        replace(f, audience="internal") if f.id == "remark" else f for f in report.template.fields
    )
    head = replace(report.head, contact="MERKE-kontakt", current=report.head.dates[-1])
    ref = first.ref
    area = Area(
        "MERKE-leder",
        "MERKE-vara",
        "MERKE-epost@example.com",
        intro="Om området",
        deputy_email="MERKE-varapost",
    )
    areas = dict.fromkeys(report.area_refs, area)
    values = {**report.values, Slot(ref, "remark"): "MERKE-internt"}
    report = replace(
        report,
        template=replace(report.template, fields=fields),
        head=head,
        areas=areas,
        values=values,
    )
    findings = (
        Finding.create("M107", Place("MERKE-fil.xlsx", "MERKE-ark", "B2"), value="MERKE-funn"),
    )
    source = Source("MERKE-fil.xlsx", "MERKE-ark", "0" * 64, "MERKE-lagret", "2020-12-31")
    claim = Change(Slot(ref, "name"), "MERKE-før", "MERKE-svar", "C9", is_editable=False)
    added = Proposal(
        "p1", report.area_refs[0], ref, (("name", None, "MERKE-forslag"),), "MERKE-fil.xlsx", "C99"
    )
    sent = Submission(source, report.area_refs[0], head.current, (claim,), findings, (added,))
    returned = (ReturnedFile("MERKE-fil.xlsx", "0" * 64, "read", (sent,)),)
    return Register(
        report,
        previous_values={Slot(ref, "name"): "MERKE-før"},
        returned_files=returned,
        findings=findings,
    )


def edited(content: bytes) -> bytes:
    """Return the appendix with notes, properties, names and sheets that people and programs add."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[1]
    sheet["C12"].comment = Comment("MERKE-note", "MERKE-noteforfatter")
    sheet["AA3"] = "MERKE-utenfor"
    book.create_sheet("MERKE-ekstraark")["A1"] = "MERKE-ekstracelle"
    properties = book.properties
    properties.creator, properties.lastModifiedBy = "MERKE-skaper", "MERKE-endrer"
    properties.description = "MERKE-beskrivelse"
    properties.keywords, properties.category = "MERKE-nøkkelord", "MERKE-kategori"
    book.custom_doc_props.append(  # type: ignore[attr-defined]
        StringProperty(name="Sak", value="MERKE-egenskap")
    )
    book.defined_names["MERKE-navn".replace("-", "_")] = DefinedName(
        "MERKE_navn", attr_text='"MERKE-navn MERKE-verdi"'
    )
    target = io.BytesIO()
    book.save(target)
    with zipfile.ZipFile(target) as package:
        return zipped(in_excel({name: package.read(name) for name in package.namelist()}))


def in_excel(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Add what Excel stores: path of the file, company, a comment thread and its authors."""
    relations = next(name for name in parts if name.endswith("sheet2.xml.rels"))
    thread = RELATIONSHIP.format(
        n=91, kind="threadedComment", to="/xl/threadedComments/threadedComment1.xml"
    )
    people = RELATIONSHIP.format(n=92, kind="person", to="/xl/persons/person.xml")
    path = '<x15ac:absPath xmlns:x15ac="x" url="C:\\MERKE-sti\\"/>'
    path = f'<mc:AlternateContent xmlns:mc="m">{path}</mc:AlternateContent>'
    company = "<Company>MERKE-firma</Company><Manager>MERKE-sjef</Manager>"
    comments = "<ThreadedComments>MERKE-tråd</ThreadedComments>"
    person = '<person displayName="MERKE-person" userId="a@b.no"/>'
    return parts | {
        "docProps/app.xml": f"<Properties>{company}</Properties>".encode(),
        "xl/threadedComments/threadedComment1.xml": comments.encode(),
        "xl/persons/person.xml": f"<personList>{person}</personList>".encode(),
        relations: parts[relations].replace(
            b"</Relationships>", f"{thread}{people}</Relationships>".encode()
        ),
        "xl/workbook.xml": parts["xl/workbook.xml"].replace(
            b"<sheets", f"{path}<sheets".encode(), 1
        ),
    }


def inside(content: bytes) -> Iterator[str]:
    """Yield every text in a file: of its parts, its unpacked streams and its pages."""
    yield from read_every_way(content)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            yield from package.namelist()
            for name in package.namelist():
                yield from read_every_way(package.read(name))
    elif content.startswith(b"%PDF"):
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
            yield from read_every_way(
                zlib.decompressobj().decompress(stream) if stream[:1] == b"x" else stream
            )
        yield from (page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def read_every_way(content: bytes) -> Iterator[str]:
    """Yield the content as text, decoded as UTF-8, as strings of a PDF and as escaped JSON."""
    text = content.decode("utf-8", "replace")
    yield text
    yield content.decode("utf-16-be", "replace")
    yield content[1:].decode("utf-16-be", "replace")
    yield re.sub(r"\\\\?u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), text)


@pytest.fixture(scope="module")
def appendix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the working appendix with all marks; its name and folder are marks too."""
    path = tmp_path_factory.mktemp("MERKE-mappe") / "MERKE-vedlegg.xlsx"
    path.write_bytes(edited(write_appendix(planted())))
    return path


def test_all_marks_are_in_the_working_appendix(appendix: Path) -> None:
    found = {mark for text in inside(appendix.read_bytes()) for mark in MARK.findall(text)}
    assert {f"MERKE-{name}" for name in MARKS} <= found


@pytest.mark.parametrize("suffix", sampled(publication.FORMATS))
def test_no_mark_is_published(appendix: Path, tmp_path: Path, run: Run, suffix: str) -> None:
    head, target = tmp_path / "mal.docx", tmp_path / f"rapport{suffix}"
    head.write_bytes(letterhead())
    result = run(
        "report", appendix, "-o", target, *(("--docx-template", head) if suffix == ".docx" else ())
    )
    assert result.code < 2  # the appendix has open errors
    texts = [*inside(target.read_bytes())]
    assert not {
        found
        for text in texts
        for found in re.findall(r"(?i).{0,9}(?:MERKE[-_@\\]|HEMMELIG).{0,20}", text)
    }
    assert not [text for text in texts if "Oppdaterte merknader" in text], (
        "the field itself is internal"
    )
    area = demo().area_name(demo().area_refs[0])
    assert any(area in text for text in texts), "nothing was found at all"
