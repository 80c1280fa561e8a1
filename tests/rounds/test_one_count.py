"""One figure, one count: every place that prints a count or a mean has that of a plain recount.

Compared are the terminal, `--json`, the overview of appendix and published workbook, web page,
Word, PDF, and the publications as csv and json.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.counting import Tally, day_of, report_with_gaps, tally
from tests.examples import examples
from tests.office import Office
from tests.parts import Poppler
from tests.programs.test_office_figures import assert_computed
from tests.publishing.test_docx import opened
from xltiltak.cli import console, jsonout
from xltiltak.flows import Result, read_plan
from xltiltak.model.register import Register
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import TOTAL, Standing, measure_states, standings
from xltiltak.publishing import publication
from xltiltak.publishing.public_view import public_view
from xltiltak.sheets.appendix import write_appendix

SEEDS = range(examples(80))
SLOW_SEEDS = range(examples(16))
WORDS = {
    "Opp": "up",
    "Tilbake": "down",
    "Stille": "unchanged",
    "Ferdig før": "finished_before",
    "Første svar": "first_answer",
    "Utenfor skalaen": "outside_scale",
    "Ikke besvart": "unanswered",
}
TEXTS = ("td", "th", "caption", "dt", "dd", "p", "h2", "h3")
Rows = list[list[str]]


def expected(report: Report) -> dict[str, Tally]:
    """Return the recount of each area by name, and of all under "Alle områder"."""
    found = {report.area_name(ref): tally(report, ref) for ref in report.area_refs}
    return found | {"Alle områder": tally(report, TOTAL)}


def text(number: Decimal | None, nothing: str) -> str:
    return nothing if number is None else str(number).replace(".", ",")


def change_text(counts: Tally) -> str:
    """Return the change as it is printed, without its sign."""
    if counts.change is None:
        return ""
    if counts.answered * 100 < counts.measures * 80:
        return f"{counts.answered} av {counts.measures} besvart"
    if not counts.change:
        return "uendret"
    return f"{'opp' if counts.change > 0 else 'ned'} {text(abs(counts.change), '')}"


def test_the_parts_make_the_whole_in_a_thousand_reports() -> None:
    for seed in range(1_000):
        report = report_with_gaps(seed)
        counted = standings(report)
        for ref, standing in counted.items():
            assert_same(standing, tally(report, ref), seed)
            assert sum(standing.categories.values()) == standing.measures, seed
            assert standing.newly_finished <= standing.categories.get("up", 0), seed
        areas = [counted[ref] for ref in report.area_refs]
        assert sum(one.measures for one in areas) == counted[TOTAL].measures, seed
        assert sum(one.change for one in areas) == counted[TOTAL].change, seed


def assert_same(standing: Standing, counts: Tally, seed: int) -> None:
    """Assert that a standing is that of the recount."""
    numbers = (standing.measures, standing.asked, standing.answered, standing.finished)
    assert numbers == (counts.measures, counts.measures, counts.answered, counts.finished), seed
    assert (standing.newly_finished, standing.compared) == (counts.newly_finished, counts.both)
    assert Counter(standing.categories) == counts.categories, seed
    assert standing.mean_change() == counts.change, seed


@pytest.mark.parametrize("seed", SEEDS)
def test_terminal_and_json_have_the_counts(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    report = report_with_gaps(seed)
    days, day = report.head.dates, day_of(report)
    console.show_figures(Register(report))
    printed = [re.split(r"\s{2,}", line.strip()) for line in capsys.readouterr().out.splitlines()]
    rows = {row[0]: row[1:] for row in printed if len(row) == 3 + len(days)}
    data = jsonout.as_object(Result(Register(report)))
    areas = {area["name"]: area for area in data["areas"]} | {"Alle områder": data["total"]}
    for name, counts in expected(report).items():
        means = [text(mean, "–") for mean in counts.means]
        assert rows[name][:2] == [str(counts.measures), str(counts.answered)]
        assert rows[name][2 : 2 + len(means)] == means
        found = areas[name]
        assert found["nodes"]["measure"] == found["measures"] == counts.measures
        assert (found["answered"], found["finished"]) == (counts.answered, counts.finished)
        assert_change_object(found["change"], counts)
        for point, mean, shares in zip(
            found["checkpoints"], counts.means, counts.distributions, strict=False
        ):
            assert point["mean"] == (None if mean is None else str(mean))
            assert point["measures"] == shares.total()
            assert point["answered"] == shares.total() - shares[None]
    assert day is None or str(day) in [p["date"] for p in data["total"]["checkpoints"]]


def assert_change_object(found: dict[str, Any], counts: Tally) -> None:
    """Assert that the object of a change in JSON has the counts."""
    assert {k: found[k] for k in WORDS.values()} == {
        k: counts.categories[k] for k in WORDS.values()
    }
    assert (found["newly_finished"], found["answered_both"]) == (counts.newly_finished, counts.both)
    enough = counts.answered * 100 >= counts.measures * 80
    mean = counts.change if enough else None
    assert found["mean"] == (None if mean is None else str(mean))


def published(report: Report, *suffixes: str) -> dict[str, bytes]:
    """Return the publications of a report, by suffix."""
    register = Register(report)
    public = publication.Publication(register, public_view(register))
    return {suffix: publication.FORMATS[suffix](public) for suffix in suffixes}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_published_data_have_the_counts(seed: int) -> None:
    report = report_with_gaps(seed)
    content = published(report, ".json", ".csv")
    data = json.loads(content[".json"])
    areas = {area["name"]: area for area in data["areas"]} | {"Alle områder": data["total"]}
    rows = [*csv.DictReader(io.StringIO(content[".csv"].decode("utf-8-sig")), delimiter=";")]
    for name, counts in expected(report).items():
        found = areas[name]
        assert (found["measures"], found["answered"]) == (counts.measures, counts.answered)
        assert found.get("finished", 0) == counts.finished
        assert [*found["means"].values()] == [None if m is None else str(m) for m in counts.means]
        if "change" in found:
            assert_change_object(found["change"], counts)
        day = day_of(report)
        of_day = [
            row
            for row in rows
            if (row["field"], row["date"]) == ("status", str(day))
            and name in (row["area_name"], "Alle områder")
        ]
        assert len(of_day) == (counts.measures if day else 0)
        assert sum(bool(row["value"]) for row in of_day) == counts.answered


@pytest.mark.parametrize("seed", SEEDS)
def test_the_overviews_of_workbooks_have_the_counts(seed: int) -> None:
    report = report_with_gaps(seed)
    for content in (write_appendix(Register(report)), published(report, ".xlsx")[".xlsx"]):
        assert_workbook(content, report)


def assert_workbook(content: bytes, report: Report) -> None:
    """Assert that the first sheet of a workbook has the counts, as they are stored."""
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    rows = [["" if c.value is None else c.value for c in row] for row in sheet.iter_rows()]
    top = next(n for n, row in enumerate(rows) if row[:2] == ["Område", "Tiltak"])
    labels = [str(label) for label in rows[top]]
    for n, (name, counts) in enumerate(expected(report).items(), top + 1):
        cells = dict(zip(labels, rows[n], strict=True))
        assert cells["Område"] == name
        assert cells["Tiltak"] == counts.measures
        assert cells.get("Besvart", counts.answered) == counts.answered
        means = [cells[label] for label in labels if label.startswith("Gjennomsnitt ")]
        assert not means or means[: len(counts.means)] == [
            "" if mean is None else float(mean) for mean in counts.means
        ]
        if "Besvart begge ganger" in labels:
            shown = {word: int(str(cells[word])) for word in WORDS if word in labels}
            assert shown == {word: counts.categories[WORDS[word]] for word in shown}
            assert sum(shown.values()) == counts.measures
            assert cells["Besvart begge ganger"] == counts.both
            assert_change_cell(cells["Endring"], counts)
    assert_distributions(rows, report)


def assert_change_cell(value: object, counts: Tally) -> None:
    """Assert that a cell has the change as a number, or says how few are answered."""
    if counts.change is None or counts.answered * 100 < counts.measures * 80:
        assert value == change_text(counts)
    else:
        assert value == float(counts.change)


def assert_distributions(rows: list[list[Any]], report: Report) -> None:
    """Assert that the tables of a workbook below the areas have each step, and the unanswered."""
    tops = [n for n, row in enumerate(rows) if str(row[0]).startswith("Fordeling ")]
    for k, top in enumerate(tops):
        for n, counts in enumerate(expected(report).values(), top + 1):
            if k < len(counts.distributions):
                shares = counts.distributions[k]
                assert rows[n][1:7] == [*(shares[step] for step in range(1, 6)), shares[None]]


class Page(HTMLParser):
    """Read tables by caption, labels with figures, headings, paragraphs and bars of a web page.

    A note in a cell is a line of its own.
    """

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tables: list[tuple[str, Rows]] = []
        self.facts: list[dict[str, str]] = []
        self.paragraphs: list[str] = []
        self.bars: list[str] = []
        self._text: list[str] | None = None
        self._label = ""
        self._hidden = 0
        self.skipped = self.is_card = False
        self.feed(content.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.skipped |= tag == "search"
        if tag == "table":
            self.tables.append(("", []))
        if tag == "tr":
            self.tables[-1][1].append([])
        if tag == "dl":
            self.is_card = attributes.get("class") != "facts"
            self.facts += [] if self.is_card else [{}]
        if tag == "span" and attributes.get("class") == "told":
            self._hidden += 1
        if tag == "span" and attributes.get("class") == "bars":
            self.bars.append(str(attributes["aria-label"]))
        if tag == "span" and attributes.get("class") == "note" and self._text is not None:
            self._text.append("\n")
        if tag in TEXTS and not self.skipped:
            self._text = []

    def handle_endtag(self, tag: str) -> None:
        self.skipped &= tag != "search"
        if tag == "span":
            self._hidden = 0
        if self._text is None or tag not in TEXTS:
            return
        lines, self._text = "".join(self._text).split("\n"), None
        words = "\n".join(filter(None, (" ".join(line.split()) for line in lines)))
        if tag == "caption":
            self.tables[-1] = (words, self.tables[-1][1])
        elif tag in ("p", "h2", "h3"):
            self.paragraphs.append(words)
        elif tag == "dt":
            self._label = words
        elif tag == "dd" and not self.is_card:
            self.facts[-1][self._label] = words
        else:
            self.tables[-1][1][-1].append(words)

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._hidden:
            self._text.append(data)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_web_page_has_the_counts(seed: int) -> None:
    report = report_with_gaps(seed)
    page = Page(published(report, ".html")[".html"])
    assert_document(report, page.tables, page.facts, page.paragraphs)
    assert_bars(report, page.bars)


@pytest.mark.parametrize("seed", SLOW_SEEDS)
def test_word_has_the_counts(seed: int) -> None:
    report = report_with_gaps(seed)
    file = opened(published(report, ".docx")[".docx"])
    tables = [
        (
            str(table._tbl.xpath("string(w:tblPr/w:tblCaption/@w:val)")),
            [[re.sub("^[▲▼■●○] ", "", cell.text) for cell in row.cells] for row in table.rows],
        )
        for table in file.tables
    ]
    paragraphs = [paragraph.text for paragraph in file.paragraphs]
    facts = [
        dict(part.split(": ", 1) for part in line.split("  ·  ") if ": " in part)
        for line in paragraphs
        if re.match(r"Tiltak: \d+(  ·  |$)", line)
    ]
    assert_document(report, tables, facts, paragraphs)


def assert_document(
    report: Report, tables: list[tuple[str, Rows]], facts: list[dict[str, str]], texts: list[str]
) -> None:
    """Assert that everything that a document prints of a report is in the recount."""
    counted = expected(report)
    total = counted["Alle områder"]
    assert_sentences(texts, total)
    assert_area_sentences(texts, report)
    if facts:
        assert_facts(facts[0], total)
        for ref, line in zip(report.area_refs, facts[1:], strict=False):
            if report.template.area_level:
                assert_area_line(line, report, ref)
    for caption, rows in tables:
        if caption.startswith("Område for område"):
            assert_area_table(rows, counted)
        elif caption.startswith("Gjennomsnitt over tid"):
            assert_mean_table(rows, counted)
    assert_lists(tables, texts, total)
    assert_captions(report, tables)


def assert_facts(found: dict[str, str], total: Tally) -> None:
    """Assert that the first line of the document has the counts of all."""
    assert found["Tiltak"] == str(total.measures)
    if not total.answered:
        assert set(found) == {"Tiltak"}
        return
    assert found["Besvart"] == str(total.answered)
    if "Ferdig" in found:
        assert found["Ferdig"] == f"{total.finished} av {total.measures}"
    assert found.get("Gjennomsnitt", "") == text(total.means[-1], "")


def assert_sentences(texts: list[str], total: Tally) -> None:
    """Assert that the numbers of the first sentence sum to all, and are those of the recount."""
    sentence = next((line for line in texts if line.startswith("Siden ")), "")
    if sentence:
        words = re.sub(r"^Siden \d\d\.\d\d\.\d{4}", "", sentence)
        *parts, whole = map(int, re.findall(r"\d+", words))
        assert sum(parts) == whole == total.measures
        assert parts[:3] == [total.categories[k] for k in ("up", "down", "unchanged")]
        assert parts[3:5] == [total.categories[k] for k in ("finished_before", "unanswered")]
    if not total.answered and total.measures:
        assert any(line.startswith(f"0 av {total.measures} er besvart") for line in texts)
        assert not sentence
    elif total.answered * 100 < total.measures * 80:
        few = f"{total.answered} av {total.measures} er besvart."
        assert any(line.startswith(few) for line in texts)


def assert_area_sentences(texts: list[str], report: Report) -> None:
    """Assert that the sentence above each area has its counts, and that they sum."""
    pattern = (
        r"Av (\d+) har (\d+) gått opp, (\d+) gått tilbake, og (\d+) står stille\. "
        r"(\d+) var ferdige? fra før, og (\d+) er ikke besvart\.(.*)"
    )
    found = [match for line in texts if (match := re.search(pattern, line))]
    for ref, match in zip(report.area_refs if found else (), found, strict=True):
        counts = tally(report, ref)
        whole, *parts = map(int, match.groups()[:6])
        names = ("up", "down", "unchanged", "finished_before", "unanswered")
        assert (whole, parts) == (counts.measures, [counts.categories[name] for name in names])
        rest = re.findall(r"(\d+) er (?:besvart for første gang|utenfor skalaen)", match[7])
        assert sum(parts) + sum(map(int, rest)) == whole
        if counts.means[-1] is not None:
            assert f"Gjennomsnittet er {text(counts.means[-1], '')}" in match[7]


def assert_area_line(found: dict[str, str], report: Report, ref: str) -> None:
    """Assert that the line above an area has its counts."""
    counts = tally(report, ref)
    assert found["Tiltak"] == str(counts.measures)
    assert found.get("Besvart", "0") == str(counts.answered)
    if counts.answered:
        assert found.get("Gjennomsnitt", "") == text(counts.means[-1], "")


def assert_area_table(rows: Rows, counted: dict[str, Tally]) -> None:
    """Assert that the table of areas has the counts, and that the categories sum."""
    labels = rows[0]
    for row in rows[1:]:
        counts = counted.get(row[0].split("\n")[0], counted["Alle områder"])
        cells = dict(zip(labels, row, strict=True))
        if "I alt" not in cells:
            assert cells["Tiltak, antall"] == str(counts.measures)
            continue
        assert cells["I alt"] == str(counts.measures)
        shown = {word: int(cells[word]) for word in WORDS if word in cells}
        assert shown == {word: counts.categories[WORDS[word]] for word in shown}
        if "Besvart" in cells:
            assert cells["Besvart"] == str(counts.answered)
        else:
            assert sum(shown.values()) == counts.measures
        assert_mean_cell(cells, counts)


def assert_mean_cell(cells: dict[str, str], counts: Tally) -> None:
    """Assert that a cell has the mean, its change, and over how many measures it is measured."""
    cell = cells.get("Gjennomsnitt og endring") or cells["Gjennomsnitt"]
    shown, _, note = cell.partition("\n")
    change = change_text(counts) if "Gjennomsnitt og endring" in cells else ""
    mean = text(counts.means[-1], "ingen svar")
    if change.endswith("besvart"):
        assert (shown, note) == (mean, change)
        return
    assert shown == f"{mean} {change}".strip()
    if change:
        whole = counts.both == counts.measures
        assert note == f"{'alle' if whole else counts.both} besvart begge ganger"


def assert_mean_table(rows: Rows, counted: dict[str, Tally]) -> None:
    """Assert that the table of means over time has those of the recount."""
    for row in rows[1:]:
        means = counted.get(row[0], counted["Alle områder"]).means
        assert row[1:] == [text(mean, "ingen svar") for mean in means]


def assert_bars(report: Report, found: list[str]) -> None:
    """Assert that the bars of all, and of each area, have the steps of all its measures."""
    refs = [*report.area_refs, TOTAL] if len(report.area_refs) != 1 else report.area_refs
    shown = [TOTAL, *(refs if report.template.area_level else [TOTAL])] if found else []
    counted = {
        ref: [d for d in tally(report, ref).distributions[-2:] if d.total()] for ref in shown
    }
    shown = [ref for ref in shown if counted[ref]]  # an area without measures has no bar
    for ref, words in zip(shown, found, strict=False):
        distributions = counted[ref]
        bars = words.removesuffix(".").split("; ")
        assert len(bars) == len(distributions)
        for bar, counts in zip(bars, reversed(distributions), strict=True):
            parts = dict(part.rsplit(": ", 1) for part in bar.split(": ", 1)[1].split(", "))
            assert sum(map(int, parts.values())) == counts.total()
            assert parts == {
                **{f"{n} Trinn {n}": str(counts[n]) for n in range(1, 6) if counts[n]},
                **({"Ikke besvart": str(counts[None])} if counts[None] else {}),
            }


def assert_lists(tables: list[tuple[str, Rows]], texts: list[str], total: Tally) -> None:
    """Assert that all that fell are listed, and that the other lists say how many they are."""
    pattern = r"(?:[▼■●] )?(Gått tilbake|Står stille|Blitt ferdig):? (\d+)"
    found = (re.fullmatch(pattern, line) for line in texts)
    sizes = {match[1]: int(match[2]) for match in found if match}
    fallen = [len(rows) - 1 for caption, rows in tables if caption.startswith("Gått tilbake")]
    if sizes:
        assert sizes["Gått tilbake"] == sum(fallen) == total.categories["down"]
        assert sizes.get("Blitt ferdig", 0) == total.newly_finished
        steps = [re.search(r"tre ganger på rad:? (\d+)$", line) for line in texts]
        assert sizes.get("Står stille", 0) == sum(int(m[1]) for m in steps if m)


def assert_captions(report: Report, tables: list[tuple[str, Rows]]) -> None:
    """Assert that the captions of the tables of measures count the measures in force."""
    moves = ("Gått", "Blitt", "Står")
    captions = [c for c, _ in tables if " – Tiltak: " in c and not c.startswith(moves)]
    counts = [int(re.findall(r"– Tiltak: (\d+)", caption)[0]) for caption in captions]
    assert sum(counts) == tally(report, TOTAL).measures


@pytest.mark.parametrize("seed", SLOW_SEEDS)
def test_the_pdf_has_the_counts(poppler: Poppler, tmp_path: Path, seed: int) -> None:
    report = report_with_gaps(seed)
    content = published(report, ".pdf", ".html")
    page = Page(content[".html"])
    (tmp_path / "r.pdf").write_bytes(content[".pdf"])
    printed = " ".join("\n".join(poppler.pdftotext(tmp_path / "r.pdf")).split())
    for line in page.facts:
        for label, value in line.items():
            assert f"{label} {value}" in printed, (label, value)
    for sentence in page.paragraphs:
        if re.search(r"\d", sentence) and re.search(r"[.»]$", sentence):
            assert sentence in printed, sentence
    for caption, rows in page.tables:
        if caption.startswith("Område for område"):
            first = rows[0].index("I alt") if "I alt" in rows[0] else 0
            for row in rows[1:] if first else ():
                counts = [
                    cell for label, cell in zip(*(rows[0], row), strict=True) if label in WORDS
                ]
                assert " ".join((*counts, row[first])) in printed, row


@pytest.mark.parametrize("seed", range(examples(12)))
def test_live_formulas_give_the_counts(office: Office, tmp_path: Path, seed: int) -> None:
    report = report_with_gaps(seed)
    for name, content in {
        "vedlegg": write_appendix(Register(report)),
        "rapport": published(report, ".xlsx")[".xlsx"],
    }.items():
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(content)
        assert_workbook(content, report)
        with office.open(path) as document:
            assert assert_computed(document, path) >= 1


@pytest.mark.parametrize("n", range(3))
def test_live_formulas_follow_what_the_coordinator_types(
    office: Office, tmp_path: Path, n: int
) -> None:
    """Statuses that are typed or taken away on an area's sheet change the overview."""
    large = (r for r in map(report_with_gaps, range(100)) if standings(r)[TOTAL].compared > 5)
    report, path = next(islice(large, n, None)), tmp_path / "vedlegg.xlsx"
    path.write_bytes(write_appendix(Register(report)))
    day = day_of(report)
    assert day
    values = dict(report.values)
    with office.open(path) as document:
        for k, (sheet, ref, cell) in enumerate(_cells(path, day)):
            status = (None, 1, 5)[k % 3]
            document.put(sheet, cell, status)
            values.pop(Slot(ref, "status", day), None)
            values |= {Slot(ref, "status", day): status} if status else {}
        document.recalculate()
        document.save(tmp_path / "endret.xlsx")
    assert values != dict(report.values)
    after = replace(report, values=values).at_date(day)
    assert_workbook((tmp_path / "endret.xlsx").read_bytes(), after)


def _cells(path: Path, day: date) -> list[tuple[str, str, str]]:
    """Return sheet, ref and address of each cell of the statuses at a date, of measures in force.

    A narrow heading leaves out the year, except that of the newest date.
    """
    labels = f"Status {day:%d.%m.%Y}", f"Status {day:%d.%m}"
    report = read_plan(path).report
    active = {state.node.ref for state in measure_states(report)}
    found = []
    for sheet in openpyxl.load_workbook(path).worksheets:
        rows = {str(row[0].value): row for row in sheet.iter_rows() if row[0].value}
        head = rows.get("@head", ())
        columns = [cell.column for cell in head if cell.value in labels]
        for key, row in rows.items():
            if columns and key.split("/")[-1] in active:
                found.append((sheet.title, key.split("/")[-1], row[columns[0] - 1].coordinate))
    return found
