"""Import text copied out of a PDF: the report of the table, and every line placed or reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small import HEAD, ROWS, TEMPLATE, source, table
from tests.sources import REAL
from xltiltak.importers.import_flow import import_source
from xltiltak.importers.report_builder import ImportResult
from xltiltak.model.errors import PlanError
from xltiltak.model.field_types import Value
from xltiltak.model.report import Report, Slot

HEADER = "Nr\tTiltak\tStatus 300420\tStatus 310820\tStatus 311220\tOppdaterte merknader"
SCALE = (
    "Skala\t\n1\tIkke påbegynt\n2\tSåvidt startet\n3\tGodt i gang\n4\tSnart ferdig\n5\tFullført\n"
)
OPP = "\n".join("\t".join(row[1:]) for row in ROWS if row[0] == "Oppvekst")
TEK = "\n".join("\t".join(row[1:]) for row in ROWS if row[0] == "Teknikk")
WHOLE = (
    f"Kommunalområdet Oppvekst\n\n{SCALE}\n{HEADER}\n{OPP}\n\n"
    f"Kommunalområdet Teknikk\n\n{SCALE}\n{HEADER}\n{TEK}\n"
)


@pytest.fixture(autouse=True)
def _in_bokmaal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")


@pytest.fixture
def usual(tmp_path: Path) -> Report:
    """Return the report of the table with the same rows."""
    return import_source(source(tmp_path, table()), TEMPLATE).report


def pasted(folder: Path, text: str, head: str = HEAD) -> ImportResult:
    """Import a text, with report details beside it unless `head` is empty."""
    path = folder / "limt inn.txt"
    path.write_text(text, "utf-8")
    if head:
        path.with_suffix(".toml").write_text(head, "utf-8")
    return import_source(path, TEMPLATE)


def codes(done: ImportResult) -> list[str]:
    """Return the codes of its findings."""
    return [finding.code for finding in done.findings]


def test_a_pasted_appendix_gives_the_report_of_its_table(tmp_path: Path, usual: Report) -> None:
    done = pasted(tmp_path, WHOLE)
    assert done.report == usual
    assert done.findings == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Status 300420", "Status 30042 0"),
        ("Status 311220", "STATUS 31.12.2020"),
        ("Nr\tTiltak", "Nr.\tTILTAK:"),
        ("Oppdaterte merknader", "Merknad"),
        ("\n2\tLeseløft", "\n\n2\tLeseløft"),
        ("\n2\tLeseløft", "\n\f\n2\tLeseløft"),
        ("1\tIkke påbegynt\n", "1 Ikke påbegynt\n"),
        ("1\tIkke påbegynt\n", "1 = Ikke påbegynt\n"),
        ("Kommunalområdet Teknikk", "Kommunalområde: Teknikk"),
    ],
)
def test_the_usual_ways_of_printing_it_make_no_difference(
    tmp_path: Path, usual: Report, before: str, after: str
) -> None:
    done = pasted(tmp_path, WHOLE.replace(before, after))
    assert done.report == usual
    assert done.findings == ()


@pytest.mark.parametrize("order", ["{figures}\n{header}", "{header}\n{figures}"])
def test_printed_figures_are_found_above_and_below_the_labels(
    tmp_path: Path, usual: Report, order: str
) -> None:
    text = WHOLE.replace(HEADER, order.format(figures="3\t\t2,7\t3,3\t\t", header=HEADER), 1)
    assert (pasted(tmp_path, text).report, pasted(tmp_path, text).findings) == (usual, ())
    (finding,) = pasted(tmp_path, text.replace("2,7", "2,6")).findings
    assert (finding.code, finding.area, finding.values["printed"]) == (
        "A101",
        "OPP",
        "3 · 2,6 · 3,3 · ",
    )


def test_figures_with_words_and_of_all_areas_are_compared_with_the_rows_too(tmp_path: Path) -> None:
    text = f"{WHOLE}\tGjennomsnitt\t1,1\t1,5\t\t\nTotalt\t6\t2,3\t2,6\t\t\n"
    findings = pasted(tmp_path, text).findings
    assert [(f.code, f.area, f.values["computed"]) for f in findings] == [
        ("A101", "TEK", "2 · 1,0 · 1,5 · –"),
        ("A101", "", "5 · 2,3 · 2,6 · –"),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        "Bygge ny\nbarnehage på Øra",
        "Bygge\nny barnehage\npå Øra",
    ],
)
def test_a_row_broken_over_lines_is_joined_and_reported(
    tmp_path: Path, usual: Report, broken: str
) -> None:
    done = pasted(tmp_path, WHOLE.replace("Bygge ny barnehage på Øra", broken))
    assert done.report == usual
    assert set(codes(done)) == {"I104"}


def test_a_remark_that_continues_below_its_row_is_joined_and_reported(
    tmp_path: Path, usual: Report
) -> None:
    done = pasted(tmp_path, WHOLE.replace("Tomten er kjøpt.", "Tomten\ner kjøpt."))
    assert done.report == usual
    assert codes(done) == ["I104"]


def test_a_page_number_between_rows_is_reported_and_breaks_nothing(
    tmp_path: Path, usual: Report
) -> None:
    done = pasted(tmp_path, WHOLE.replace("\n2\tLeseløft", "\nSide 2 av 14\n\n2\tLeseløft"))
    assert done.report == usual
    reported = [(f.code, f.severity, f.values.get("value", "")) for f in done.findings]
    assert ("I101", "note", "Side 2 av 14") in reported


def test_a_word_that_a_line_end_may_have_broken_is_kept_and_reported(tmp_path: Path) -> None:
    done = pasted(
        tmp_path,
        WHOLE.replace("Venter på anbud.", "Venter på entreprise-anbud og anleggs-tilbudet."),
    )
    assert (
        done.report.values[Slot("TEK-001", "remark")]
        == "Venter på entreprise-anbud og anleggs-tilbudet."
    )
    assert [(f.code, f.values["value"]) for f in done.findings] == [("I106", "anleggs-tilbudet")]


def test_joined_numbers_are_refused(tmp_path: Path) -> None:
    done = pasted(
        tmp_path,
        WHOLE.replace("1\tBygge ny barnehage på Øra\t1\t2", "1\tBygge ny barnehage på Øra\t12\t2"),
    )
    (finding,) = done.findings
    assert (finding.code, finding.ref, finding.values["value"]) == ("V101", "OPP-001", "12")
    assert Slot("OPP-001", "status", done.report.head.dates[0]) not in done.report.values
    done = pasted(
        tmp_path, WHOLE.replace("2\tLeseløft i småskolen\t2\t3", "2 03\tLeseløft i småskolen\t2\t3")
    )
    assert [(f.code, f.values["value"]) for f in done.findings] == [("V103", "2 03")]


def test_an_unknown_line_is_reported_with_its_place(tmp_path: Path) -> None:
    done = pasted(tmp_path, f"Utkast til behandling\n\n{WHOLE}\nRådmannen, 3. mars\n")
    reported = [(f.code, f.place.cell, f.values["value"]) for f in done.findings]
    assert reported[:2] == [
        ("I101", "linje 1", "Utkast til behandling"),
        ("I101", "linje 30", "Rådmannen, 3. mars"),
    ]


def test_missing_report_details_are_worked_out_and_reported(tmp_path: Path, usual: Report) -> None:
    done = pasted(tmp_path, f"Status for tiltakene\n\n{WHOLE}", head="")
    assert (done.report.nodes, done.report.values) == (usual.nodes, usual.values)
    assert done.report.head.dates == usual.head.dates
    assert (done.report.head.title, done.report.head.year, done.report.head.code) == (
        "Status for tiltakene",
        2020,
        "STA",
    )
    assert codes(done) == ["I107"]


def test_text_without_any_measure_is_refused_with_its_first_lines(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"Fant ingen tiltak i limt inn\.txt"):
        pasted(tmp_path, "Et brev\n\nMed noe tekst.\n")


def test_an_area_of_the_report_details_that_is_missing_is_reported(tmp_path: Path) -> None:
    done = pasted(tmp_path, WHOLE, head=HEAD + 'areas = [{ name = "Helse" }]\n')
    assert [(f.code, f.values["value"]) for f in done.findings] == [("I111", "Helse")]


# The real document, if it is beside the checkout.

needs_real = pytest.mark.skipif(
    not REAL.is_dir(), reason=f"needs the real documents; not in {REAL}"
)


@needs_real
def test_the_real_text_gives_the_report_of_the_real_table() -> None:
    text, table_file = (
        import_source(REAL / f"000_tiltaksstatus.{kind}", TEMPLATE) for kind in ("txt", "csv")
    )
    assert (text.report.nodes, text.report.head, text.report.areas) == (
        table_file.report.nodes,
        table_file.report.head,
        table_file.report.areas,
    )
    slots = sorted({*text.report.values, *table_file.report.values}, key=str)
    other = [
        s
        for s in slots
        if _spaced(text.report.values.get(s)) != _spaced(table_file.report.values.get(s))
    ]
    assert other == [Slot("SAM-013", "name"), Slot("SAM-013", "remark")]
    hyphens = {f.values["value"] for f in text.findings if f.code == "I106"}
    assert len(hyphens) == 2
    for slot in other:
        value = str(text.report.values[slot])
        for word in hyphens:
            value = value.replace(word, word.replace("-", ""))
        assert value == table_file.report.values[slot]


@needs_real
def test_the_real_text_has_the_same_wrong_figures() -> None:
    text, table_file = (
        import_source(REAL / f"000_tiltaksstatus.{kind}", TEMPLATE).findings
        for kind in ("txt", "csv")
    )
    wrong = [
        [(f.area, f.values) for f in found if f.code == "A101"] for found in (text, table_file)
    ]
    assert wrong[0] == wrong[1] != []
    assert sorted({f.code for f in text}) == ["A101", "I106", "V108"]


def _spaced(value: Value | None) -> Value | None:
    return " ".join(value.split()) if isinstance(value, str) else value
