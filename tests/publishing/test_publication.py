"""The files of the report command: one public view, all formats or none, nothing internal."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from tests.examples import sampled
from tests.publishing.test_docx import letterhead
from tests.publishing.test_html import HARD
from tests.running import Run
from tests.sources import demo
from xltiltak import flows
from xltiltak.model.errors import OutputError
from xltiltak.model.finding import Finding, Place
from xltiltak.model.language import preferred_language, translate
from xltiltak.model.register import Register, ReturnedFile, Source, Submission
from xltiltak.model.report import Area, Report, Slot
from xltiltak.model.summary import TOTAL, area_statistics, measure_nodes
from xltiltak.publishing import publication
from xltiltak.publishing.public_view import public_view
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue

TEXTS = (".html", ".csv", ".json")


def saved(folder: Path, report: Report, **register_fields: object) -> Path:
    """Save the appendix of a report as a file."""
    path = folder / "Vedlegg æøå.xlsx"
    path.write_bytes(write_appendix(Register(report, **register_fields)))  # type: ignore[arg-type]
    return path


@pytest.fixture(scope="module")
def appendix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the appendix of the demonstration."""
    return saved(tmp_path_factory.mktemp("Rapport"), demo())


def table(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a .csv."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_every_format_is_written_with_the_same_bytes_twice(
    appendix: Path, tmp_path: Path, run: Run
) -> None:
    for folder in ("en", "to"):
        names = [tmp_path / folder / f"rapport{suffix}" for suffix in TEXTS]
        result = run("report", appendix, *[word for name in names for word in ("-o", name)])
        assert result.code == 0
        assert all(str(name) in result.out for name in names)
    for suffix in TEXTS:
        assert (tmp_path / f"en/rapport{suffix}").read_bytes() == (
            tmp_path / f"to/rapport{suffix}"
        ).read_bytes()


def test_an_unknown_format_is_refused_with_a_list_of_all(
    appendix: Path, tmp_path: Path, run: Run
) -> None:
    result = run("report", appendix, "-o", tmp_path / "a.html", "-o", tmp_path / "a.odt")
    assert result.code == 3
    assert all(suffix in result.err for suffix in (".odt", *publication.FORMATS))
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_kept_without_force(appendix: Path, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("min egen", "utf-8")
    prepared = publication.prepare(appendix)
    with pytest.raises(OutputError):
        publication.publish(prepared, [tmp_path / "a.csv", tmp_path / "a.html"])
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
    publication.publish(prepared, [tmp_path / "a.html"], force=True)
    assert "min egen" not in (tmp_path / "a.html").read_text("utf-8")


def test_personal_data_is_reported_masked_and_refused_by_strict(tmp_path: Path, run: Run) -> None:
    ref = next(iter(measure_nodes(demo()))).ref
    values = {**demo().values, Slot(ref, "remark"): "Spør kari@example.com"}
    path = saved(tmp_path, replace(demo(), values=values))
    strict = run("report", path, "-o", tmp_path / "a.html", "--strict")
    assert strict.code == 1
    assert "P101" in strict.out
    assert "kari@" not in strict.out
    assert not (tmp_path / "a.html").exists()
    assert run("report", path, "-o", tmp_path / "a.html", "--json").object["written"] == [
        str(tmp_path / "a.html")
    ]


def test_a_character_that_no_font_has_is_reported_for_the_pdf_only(tmp_path: Path) -> None:
    ref = next(iter(measure_nodes(demo()))).ref
    path = saved(
        tmp_path,
        replace(
            demo(), values={**demo().values, Slot(ref, "remark"): "Møte 漢漢 og \ue000, 👍 ok"}
        ),
    )
    findings = [
        f for f in publication.prepare(path, targets=[Path("a.pdf")]).findings if f.code == "P102"
    ]
    assert [(f.values["number"], f.values["count"]) for f in findings] == [
        ("U+6F22", "2"),
        ("U+E000", "1"),
    ]
    assert "U+6F22" in findings[0].sentence("nb")
    assert not publication.prepare(path, targets=[Path("a.docx"), Path("a.html")]).findings


@pytest.fixture
def planted() -> Register:
    """Return a register with a mark in every place that is internal."""
    report, ref = demo(), next(iter(measure_nodes(demo()))).ref
    fields = tuple(
        replace(f, audience="internal") if f.id == "remark" else f for f in report.template.fields
    )
    head = replace(report.head, contact="MERKE-kontakt", current=report.head.dates[-1])
    areas = {
        r: Area("MERKE-leder", "MERKE-vara", "merke@example.com", intro="Om området")
        for r in report.area_refs
    }
    values = {**report.values, Slot(ref, "remark"): "MERKE-internt"}
    report = replace(
        report,
        template=replace(report.template, fields=fields),
        head=head,
        areas=areas,
        values=values,
    )
    findings = (
        Finding.create("M107", Place("MERKE-fil.xlsx", "Ark", "B2"), value="MERKE-melding"),
    )
    source = Source("MERKE-fil.xlsx", "Ark", "0" * 64, "MERKE-person", "2020-12-31")
    sent = Submission(source, report.area_refs[0], head.current, (), findings)
    return Register(
        report,
        returned_files=(ReturnedFile("MERKE-fil.xlsx", "0" * 64, "read", (sent,)),),
        findings=findings,
    )


@pytest.mark.parametrize("suffix", sampled(publication.FORMATS))
def test_the_same_view_gives_the_same_bytes(appendix: Path, suffix: str) -> None:
    first, second = (publication.FORMATS[suffix](publication.prepare(appendix)) for _ in range(2))
    assert first == second


def test_findings_are_published_only_on_request_and_never_of_internal_fields(
    tmp_path: Path, planted: Register
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(write_appendix(planted))
    assert publication.prepare(path).round_findings == ()
    findings = publication.prepare(path, with_findings=True).round_findings
    assert {f.code for f in findings} >= {"M101"}
    assert not [f for f in findings if f.field == "remark"]


def test_csv_and_json_have_the_statistics_of_the_report(appendix: Path) -> None:
    prepared = publication.prepare(appendix)
    statistics, report = area_statistics(demo()), demo()
    data = json.loads(publication.FORMATS[".json"](prepared))
    rows = table(publication.FORMATS[".csv"](prepared))
    for day in report.head.dates:
        numbers = [
            int(r["number"])
            for r in rows
            if r["field"] == "status" and r["date"] == str(day) and r["number"]
        ]
        assert len(numbers) == statistics[TOTAL, day].answered
        assert sum(numbers) == statistics[TOTAL, day].sum
        assert data["total"]["means"][str(day)] == str(statistics[TOTAL, day].mean())
        for area in data["areas"]:
            assert area["means"][str(day)] == str(statistics[area["ref"], day].mean())


@pytest.mark.parametrize("text", sampled(HARD))
def test_typed_text_is_kept_in_csv_and_json(text: str) -> None:
    ref = next(iter(measure_nodes(demo()))).ref
    report = replace(demo(), values={**demo().values, Slot(ref, "remark"): text})
    prepared = publication.Publication(Register(report), public_view(Register(report)))
    row = next(
        r
        for r in table(publication.FORMATS[".csv"](prepared))
        if r["ref"] == ref and r["field"] == "remark"
    )
    assert row["value"] == ("'" if text.startswith("=") else "") + text
    nodes = json.loads(publication.FORMATS[".json"](prepared))["nodes"]
    assert next(node for node in nodes if node["ref"] == ref)["values"]["remark"] == text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_a_formula(start: str) -> None:
    ref = next(iter(measure_nodes(demo()))).ref
    report = replace(demo(), values={**demo().values, Slot(ref, "remark"): f"{start}1+1"})
    content = publication.FORMATS[".csv"](
        publication.Publication(Register(report), public_view(Register(report)))
    )
    assert not [cell for row in table(content) for cell in row.values() if cell.startswith(start)]


def test_the_data_frame_of_a_report_has_a_row_for_each_slot() -> None:
    report = demo()
    frame = report.to_frame()
    assert list(frame.columns[:3]) == ["area", "area_name", "ref"]
    assert len(frame) == len(list(report.slots()))
    status = frame[frame["field"] == "status"]
    statistics = area_statistics(report)
    for day in report.head.dates:
        mean = status.loc[status["date"] == str(day), "number"].mean()
        assert round(float(mean), 6) == round(
            float(statistics[TOTAL, day].sum / statistics[TOTAL, day].answered), 6
        )


STYLE = '[colours]\naccent = "{accent}"\nink = "#1F2A37"\nhead = "#E6ECF2"\n'


def test_a_style_beside_the_appendix_is_used(appendix: Path, tmp_path: Path) -> None:
    copy = tmp_path / appendix.name
    copy.write_bytes(appendix.read_bytes())
    (tmp_path / "style.toml").write_text(
        STYLE.format(accent="#205030") + '\n[fonts]\ntext = "Arial"\n', "utf-8"
    )
    page = publication.FORMATS[".html"](publication.prepare(copy)).decode()
    assert "--style-accent: #205030" in page


def test_colours_with_too_little_contrast_are_refused_by_name(
    appendix: Path, tmp_path: Path, run: Run
) -> None:
    copy = tmp_path / appendix.name
    copy.write_bytes(appendix.read_bytes())
    (tmp_path / "style.toml").write_text(STYLE.format(accent="#E0B000"), "utf-8")
    result = run("report", copy, "-o", tmp_path / "a.html")
    assert result.code == 3
    assert "accent #E0B000" in result.err
    assert "#FFFFFF" in result.err
    assert not (tmp_path / "a.html").exists()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[colours", "-"),
        ("colors = 1", "colors"),
        ('[colours]\naccent = "blå"', "colours.accent"),
        ('[colours]\nhead = "#1F2A38"', "colours.ink"),
        ("[colours]\nink = 1", "colours.ink"),
        ('[fonts]\ntext = "Arial\\u0007"', "fonts.text"),
        ('[fonts]\nheadings = "<b>"', "fonts.headings"),
        ('logo = "ingen.png"', "logo"),
        ('logo = "style.toml"', "logo"),
        ('logo = "."', "logo"),
        ('logo = "null\\u0000.png"', "logo"),
        ("logo = 7", "logo"),
        ('orientation = "skrå"', "orientation"),
    ],
)
def test_an_invalid_style_is_refused_with_the_key(
    appendix: Path, tmp_path: Path, run: Run, text: str, key: str
) -> None:
    copy = tmp_path / appendix.name
    copy.write_bytes(appendix.read_bytes())
    (tmp_path / "style.toml").write_text(text, "utf-8")
    result = run("report", copy, "-o", tmp_path / "a.html")
    assert result.code == 3
    assert f"style.toml: {key}" in result.err


BROKEN = {
    "truncated PNG": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0<\0\0\0",
    "only the start of a PNG": b"\x89PNGnonsense",
    "truncated JPEG": b"\xff\xd8\xff\xe0JFIF",
    "GIF": b"GIF89a\x01\0\x01\0\0\0\0;",
    "HTML": b"<?xml version='1.0'?><html/>",
    "unclosed SVG": b"<svg><path",
    "empty": b"",
    "picture on another server": b'<svg xmlns="http://www.w3.org/2000/svg">'
    b'<image href="http://example.com/a.png"/></svg>',
    "too large": b"\x89PNG" + bytes(1 << 20),
}


@pytest.mark.parametrize("logo", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("suffix", [".html", ".docx", ".pdf"])
def test_an_invalid_logo_is_refused_by_name(
    appendix: Path, tmp_path: Path, run: Run, logo: bytes, suffix: str
) -> None:
    copy = tmp_path / appendix.name
    copy.write_bytes(appendix.read_bytes())
    (tmp_path / "style.toml").write_text('logo = "Byvåpen.png"', "utf-8")
    (tmp_path / "Byvåpen.png").write_bytes(logo)
    result = run("report", copy, "-o", tmp_path / f"a{suffix}")
    assert result.code == 3
    assert "style.toml: logo: Byvåpen.png" in result.err
    assert ".png" in result.err.replace("Byvåpen.png", "") or "KiB" in result.err
    assert not (tmp_path / f"a{suffix}").exists()


def test_a_style_with_a_byte_order_mark_is_read(appendix: Path, tmp_path: Path) -> None:
    copy = tmp_path / appendix.name
    copy.write_bytes(appendix.read_bytes())
    (tmp_path / "style.toml").write_bytes(b"\xef\xbb\xbf" + STYLE.format(accent="#205030").encode())
    assert publication.prepare(copy).style.accent == "#205030"


def test_a_source_is_never_overwritten(appendix: Path, tmp_path: Path, run: Run) -> None:
    copy, head = tmp_path / "Vedlegg.xlsx", tmp_path / "mal.docx"
    copy.write_bytes(appendix.read_bytes())
    head.write_bytes(letterhead())
    before = head.read_bytes()
    for target in (copy, head, tmp_path / "." / "Vedlegg.xlsx"):
        result = run(
            "report",
            copy,
            "-o",
            target,
            "-o",
            tmp_path / "a.docx",
            "--docx-template",
            head,
            "--force",
        )
        assert (result.code, target.name in result.err) == (3, True)
    assert copy.read_bytes() == appendix.read_bytes()
    assert head.read_bytes() == before
    assert not (tmp_path / "a.docx").exists()


def test_an_unreadable_cell_is_reported_before_publishing(
    appendix: Path, tmp_path: Path, run: Run
) -> None:
    book = openpyxl.load_workbook(appendix)
    sheet = book.worksheets[1]
    at = next(row for row in range(1, 40) if sheet.cell(row, 1).value == "ORG-001")
    sheet.cell(at, 6).value = "syv"
    book.save(tmp_path / "a.xlsx")
    result = run("report", tmp_path / "a.xlsx", "-o", tmp_path / "a.json")
    assert result.code == 1
    assert "«syv»" in result.out
    assert (tmp_path / "a.json").exists()
    assert run("report", tmp_path / "a.xlsx", "-o", tmp_path / "b.json", "--strict").code == 1
    assert not (tmp_path / "b.json").exists()


def test_a_file_that_is_not_an_appendix_is_refused(
    appendix: Path, tmp_path: Path, run: Run
) -> None:
    assert run("report", appendix, "-o", tmp_path / "ute.xlsx").code == 0
    plan = tmp_path / "plan.xlsx"
    plan.write_bytes(appendix.read_bytes())
    form = flows.split(plan, tmp_path / "ut", day=demo().head.dates[-1]).written[0]
    for path, key in ((tmp_path / "ute.xlsx", "no_appendix"), (form, "form_for_appendix")):
        result = run("report", path, "-o", tmp_path / "a.json")
        assert result.code == 3
        assert result.err.strip() == translate(f"error.{key}", preferred_language(), file=path.name)
    result = run("report", tmp_path / "borte.xlsx", "-o", tmp_path / "a.json")
    assert (result.code, "borte.xlsx" in result.err) == (3, True)


def test_a_word_template_without_a_word_output_is_refused(
    appendix: Path, tmp_path: Path, run: Run
) -> None:
    result = run(
        "report", appendix, "-o", tmp_path / "a.html", "--docx-template", tmp_path / "mal.docx"
    )
    assert result.code == 3
    assert ".docx" in result.err


def test_a_noncharacter_is_reported_for_web_page_and_word(tmp_path: Path) -> None:
    odd = replace(demo(), head=replace(demo().head, intro="Møte \ufdd0\ufdd0 og\x07 resten"))
    path = saved(tmp_path, odd)
    for name, codes in {
        "a.html": ["P103"],
        "a.docx": ["P103"],
        "a.json": [],
        "a.pdf": ["P102"],
    }.items():
        prepared = publication.prepare(path, targets=[Path(name)])
        assert [f.code for f in prepared.findings] == codes, name
    web_page = publication.prepare(path, targets=[Path("a.html")])
    assert [(f.values["number"], f.values["count"]) for f in web_page.findings] == [("U+FDD0", "2")]
    assert "Møte \ufffd\ufffd og resten" in publication.FORMATS[".html"](web_page).decode()


def test_the_shipped_scales_have_enough_contrast() -> None:
    from xltiltak.model.colours import LEAST_CONTRAST, contrast

    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    steps = [
        s
        for f in catalogue.folders().values()
        for scale in catalogue.load(f).scales.values()
        for s in scale
    ]
    assert all(contrast(step.fill, step.ink) >= LEAST_CONTRAST for step in steps if step.fill)
