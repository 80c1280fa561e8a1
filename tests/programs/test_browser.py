"""Test the web page in Chromium: what it is like at any width and in any colours, and its tools."""

from __future__ import annotations

import csv
import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from tests.pages import write_page
from tests.parts import Action, Browser, Poppler
from tests.small import own_report
from tests.sources import TEMPLATES, demo, report_of
from xltiltak.model.language import translate
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import TOTAL, area_statistics, measure_nodes, standings

WIDTHS = (320, 390, 768, 820, 1024, 1280)
EVERY_WIDTH = range(320, 1401, 20)
FALLS = "endring=tilbake"


def ask(*lines: str) -> Action:
    """Return the action that evaluates a JavaScript expression."""
    return ("ask", "".join(lines))


def visible(selector: str, key: str) -> Action:
    """Return the question for a property of each visible part."""
    parts = f"Array.from(document.querySelectorAll('{selector}'))"
    return ask(parts, f".filter((part) => part.checkVisibility()).map((part) => part.{key})")


SHOWN = visible("main [data-answers]", "id")
LISTED = visible("main [data-of]", "dataset.of")
CONTROLS = visible("button, select, input", "outerHTML")
ADDRESS = ask("location.hash")
COUNT = ask("document.querySelector('.filter .found').textContent")
NOTICE = ask("document.querySelector('.notice:not([hidden])')?.innerText ?? ''")
TEXT = ask("document.body.innerText")
COUNTS = ask(
    "Object.fromEntries(Array.from(document.querySelectorAll('.filter fieldset label'), ",
    "(label) => [label.querySelector('input').value, ",
    "Number(label.querySelector('strong').textContent)]))",
)
OPTIONS = ask(
    "Array.from(document.querySelectorAll('.filter select'), (list) => Object.fromEntries(",
    "Array.from(list.options, (option) => ",
    "[option.value, Number(option.textContent.match(/\\((\\d+)\\)$/)[1])])))",
)
HITS = ask(
    "Array.from(CSS.highlights.get('hit') ?? [], ",
    "(hit) => hit.startContainer.data.slice(hit.startOffset, hit.endOffset).toLowerCase())",
)
WITHOUT_LINK = ask(
    "Array.from(document.querySelectorAll('main [data-answers]'))",
    ".filter((part) => !part.querySelector(`a[href='#${part.id}']`)).length",
)

GRADES = ("Gjennomføringsgrad 30.06.2026", "Gjennomføringsgrad 31.12.2026")
MANY = """title = "Plan {year}"
language = "nb"
levels = ["Sektor", "Tiltak"]
fields = ["Nr", { id = "name", label = "Tiltak", key = true, width = 34 }, "Ansvarlig",
  { label = "Kostnad", unit = "tkr" }, { label = "Frist", kind = "date" }, "Virkning",
  { id = "grad", label = "Gjennomføringsgrad {date:%d.%m.%Y}", role = "input", scale = [
    "Ikke startet", "I gang", "Ferdig", { label = "Ikke aktuelt", counts = false }] },
  { label = "Merknad", role = "input", width = 40 }]
summaries = ["count", { stat = "mean", field = "grad" }]
"""

BROKEN = ask(  # words of up to twelve letters that stand on two lines
    "Array.from(document.querySelectorAll('thead th, tbody th')).flatMap((cell) => { ",
    "const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), found = []; ",
    "while (walker.nextNode()) { const node = walker.currentNode; ",
    "for (const word of node.data.matchAll(/\\p{L}{2,}/gu)) { const range = new Range(); ",
    "range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length); ",
    "const tops = new Set(Array.from(range.getClientRects(), (line) => Math.round(line.top))); ",
    "if (word[0].length <= 12 && tops.size > 1) { found.push(word[0]); } } } return found; })",
)


def in_view(anchor: str) -> Action:
    """Return the question if any of a part is in the window."""
    return ask(
        f"(() => {{ const box = document.getElementById('{anchor}').getBoundingClientRect();",
        "return box.height > 0 && box.top < innerHeight && box.bottom > 0; })()",
    )


@pytest.fixture(params=TEMPLATES)
def template_page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return the page of each shipped template."""
    return write_page(report_of(request.param), tmp_path)


@pytest.fixture(scope="module")
def report() -> Report:
    """Return the demonstration's report with five measures that are not answered."""
    plain = demo()
    last = plain.head.dates[-1]
    refs = [node.ref for node in measure_nodes(plain)][3::26]
    dropped = {Slot(ref, "status", last) for ref in refs}
    return replace(plain, values={s: v for s, v in plain.values.items() if s not in dropped})


@pytest.fixture(scope="module")
def page(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the demonstration's page."""
    return write_page(report, tmp_path_factory.mktemp("page"))


def fallen(report: Report) -> list[str]:
    """Return the refs of the measures that fell, in the order of the report."""
    before, last = report.head.dates[-2:]
    values = report.values
    return [
        node.ref
        for node in measure_nodes(report)
        if (now := values.get(Slot(node.ref, "status", last)))
        and str(now) < str(values[Slot(node.ref, "status", before)])
    ]


def question(value: str) -> Action:
    """Return the action that chooses the answer to "what has happened"."""
    return ("check", f".filter input[value='{value}']")


def test_every_template_is_accessible_at_every_width_and_loads_nothing_else(
    template_page: Path, browser: Browser
) -> None:
    for settings, widths in (({}, WIDTHS), ({"dark": True}, (390, 1280))):
        actions = [action for width in widths for action in (("width", width), ("axe",))]
        seen = browser.play(template_page, *actions, **settings)
        assert seen.answers[1::2] == [[] for _ in widths], f"axe finds faults {settings}"
        assert seen.wrong == []
        assert len(seen.asked) == 1, "the page requests another resource"


def test_the_page_is_valid_html(template_page: Path, browser: Browser) -> None:
    assert browser.faults(template_page) == []


def test_without_the_script_everything_is_there_and_no_control(
    page: Path, report: Report, browser: Browser
) -> None:
    seen = browser.play(page, SHOWN, CONTROLS, TEXT, script=False)
    shown, controls, text = seen.answers
    assert shown == [node.ref for node in measure_nodes(report)]
    assert controls == []
    mean = area_statistics(report)[TOTAL, report.head.dates[-1]].mean()
    assert str(mean).replace(".", ",") in text


def test_each_question_shows_the_measures_that_it_counts(
    page: Path, report: Report, browser: Browser
) -> None:
    refs = [node.ref for node in measure_nodes(report)]
    categories = standings(report)[TOTAL].categories
    [counts] = browser.play(page, COUNTS).answers
    assert counts[""] == len(refs)
    assert counts["tilbake"] == categories["down"] == len(fallen(report))
    assert counts["ubesvart"] == categories["unanswered"] == 5
    parts = ("opp", "tilbake", "stille", "ferdig-for", "ubesvart")
    assert sum(counts[part] for part in parts) == counts[""], "the parts make the whole"
    asked = [value for value in counts if value]
    steps = [action for value in asked for action in (question(value), SHOWN, COUNT)]
    answers = browser.play(page, *steps).answers
    for value, shown, said in zip(asked, answers[1::3], answers[2::3], strict=True):
        assert len(shown) == counts[value], value
        assert said == f"{len(shown)} av {len(refs)} vises"
    assert answers[1::3][asked.index("tilbake")] == fallen(report)


def test_the_lists_count_each_measure_once(page: Path, browser: Browser) -> None:
    """Those without a step or an area are among all, and in no other line of the list."""
    [rows, lists] = browser.play(page, SHOWN, OPTIONS).answers
    for counts in lists:
        assert counts[""] == len(rows)
        assert sum(counts.values()) <= 2 * counts[""]


def test_a_selection_is_in_the_address_and_leads_back_to_it(
    page: Path, report: Report, browser: Browser
) -> None:
    in_area = [ref for ref in fallen(report) if report.area_of[ref] == "OPP"]
    choose = (question("tilbake"), ("select", "#filter-area", "OPP"))
    answers = browser.play(page, *choose, ADDRESS, COUNTS, LISTED, ("back",), SHOWN).answers
    assert answers[2] == f"#{FALLS}&omrade=OPP"
    assert answers[3]["tilbake"] == len(in_area), "the counts are those of the area"
    assert answers[3][""] == standings(report)["OPP"].measures
    assert sorted(answers[4]) == in_area, "the list of falls shows those of the area"
    assert answers[6] == fallen(report), "Back undoes the last choice"
    opened = browser.play(page, SHOWN, NOTICE, hash=f"{FALLS}&omrade=OPP").answers
    assert opened == [in_area, ""]


def test_a_step_and_a_search_are_kept_in_the_address_with_their_letters(
    page: Path, report: Report, browser: Browser
) -> None:
    choose = (("select", "#filter-step", "5"), ("type", "#filter-text", "Øra skøyte & 1"))
    [*_, address] = browser.play(page, *choose, ADDRESS).answers
    value = ask("document.getElementById('filter-text').value")
    assert browser.play(page, value, hash=address[1:]).answers == ["Øra skøyte & 1"]
    last = report.head.dates[-1]
    finished = [
        node.ref
        for node in measure_nodes(report)
        if report.values.get(Slot(node.ref, "status", last)) == 5
    ]
    assert browser.play(page, SHOWN, hash="trinn=5").answers == [finished]


def test_an_address_that_the_report_does_not_know_is_told(page: Path, browser: Browser) -> None:
    [shown, said] = browser.play(page, SHOWN, NOTICE, hash="endring=opp&omrade=XYZ&y=1").answers
    assert shown
    assert "omrade=XYZ, y=1" in said


def test_hits_of_a_search_are_marked(page: Path, report: Report, browser: Browser) -> None:
    search = ("type", "#filter-text", "SKOLE barn")
    answers = browser.play(page, search, SHOWN, HITS, ("type", "#filter-text", ""), HITS).answers
    assert set(answers[2]) == {"skole", "barn"}
    assert 0 < len(answers[1]) < len(list(measure_nodes(report)))
    assert answers[4] == []


def test_nothing_found_says_so_and_has_a_way_back(page: Path, browser: Browser) -> None:
    said = ask("document.querySelector('.nothing').innerText")
    disabled = ask("document.querySelector('.csv').disabled")
    search = ("type", "#filter-text", "finnes ikke")
    answers = browser.play(
        page, search, said, SHOWN, disabled, ("click", ".nothing .clear"), SHOWN, ADDRESS
    ).answers
    assert answers[1].startswith(translate("html.nothing", "nb"))
    assert answers[2] == []
    assert answers[3]
    assert len(answers[5]) == 127
    assert answers[6] == ""


def test_a_link_reaches_its_measure_and_the_filter_gives_way_with_a_sentence(
    page: Path, report: Report, browser: Browser
) -> None:
    fell, other = fallen(report)[0], "ORG-001"
    assert other not in fallen(report)
    assert report.area_of[fell] != report.area_of["HEL-001"]
    seen = browser.play(
        page,
        ("go", fell), in_view(fell), NOTICE,
        ("go", other), in_view(other), NOTICE, SHOWN,
        ("click", ".notice .back"), ADDRESS, SHOWN,
        ("click", "main td a[href='#HEL'], main th a[href='#HEL']"), in_view("HEL"), SHOWN,
        hash=FALLS,
    ).answers  # fmt: skip
    assert seen[1]
    assert seen[2] == "", "the measure was there: the filter stays"
    assert seen[4]
    assert translate("html.gave_way", "nb") in seen[5]
    assert len(seen[6]) == 127
    assert seen[8:10] == [f"#{FALLS}", fallen(report)]
    assert seen[11]
    assert len(seen[12]) == 127, "a chapter is shown whole"


def test_every_measure_has_a_link_to_itself_and_is_counted_once(
    template_page: Path, browser: Browser
) -> None:
    without, shown, counts, options = browser.play(
        template_page, WITHOUT_LINK, SHOWN, COUNTS, OPTIONS
    ).answers
    assert without == 0
    assert {counts[""], *(one[""] for one in options)} == {len(shown)}


def test_no_short_word_of_a_heading_is_broken_in_a_narrow_window(
    template_page: Path, browser: Browser
) -> None:
    actions = [a for width in (640, 768, 999, 1024) for a in (("width", width), BROKEN)]
    assert browser.play(template_page, *actions).answers[1::2] == [[]] * 4


def column(head: str) -> Action:
    """Return the question for the texts of a column of the first table that can be sorted."""
    return ask(
        "(() => { const table = document.querySelector('table:has(thead button)');",
        "const head = Array.from(table.tHead.rows[0].cells)",
        f".find((one) => one.textContent.startsWith('{head}'));",
        "return Array.from(table.tBodies[0].rows, ",
        "(row) => row.cells[head.cellIndex].textContent.trim()); })()",
    )


def sort(head: str) -> Action:
    """Return the click on the head of a column."""
    return ("click", f"table:has(thead button) >> nth=0 >> thead button:text('{head}')")


def order(texts: Sequence[str]) -> list[int]:
    """Return changes as numbers: "opp 2" is 2, "ned 1" is -1, "uendret" is 0."""
    found = (re.match(r"(opp|ned|uendret) ?(\d*)", text) for text in texts)
    signs = {"opp": 1, "ned": -1, "uendret": 0}
    return [signs[match[1]] * int(match[2] or 0) for match in found if match]


def test_sorting_knows_numbers_and_directions_and_can_be_undone(
    page: Path, browser: Browser
) -> None:
    head = "Endring"
    clicks = [action for _ in range(3) for action in (sort(head), column(head), column("Nr"))]
    plain, *answers = browser.play(page, column("Nr"), *clicks).answers
    up, down, undone = answers[1::3]
    assert order(up) == sorted(order(up))
    assert order(down) == sorted(order(down), reverse=True)
    assert order(up)[0] < 0 < order(down)[0]
    assert answers[8] == plain
    assert order(undone) != order(up)
    _, numbers = browser.play(page, sort("Nr"), column("Nr")).answers
    assert numbers == sorted(numbers, key=int)


def test_what_is_shown_is_downloaded_as_csv_that_excel_opens(
    page: Path, report: Report, browser: Browser
) -> None:
    seen = browser.play(page, ("download", ".csv"), hash=f"{FALLS}&omrade=OPP").answers[0]
    content = b64decode(seen["base64"])
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in content
    assert seen["name"].endswith(".csv")
    heads, *rows = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    in_area = [ref for ref in fallen(report) if report.area_of[ref] == "OPP"]
    names = [report.values[Slot(ref, "name", None)] for ref in in_area]
    assert [row[heads.index("Tiltak")] for row in rows] == names
    assert {row[heads.index("Område")] for row in rows} == {report.area_name("OPP")}
    assert {len(row) for row in rows} == {len(heads)}


def test_the_csv_names_the_group_and_the_step_at_each_of_many_dates(
    tmp_path: Path, browser: Browser
) -> None:
    template = MANY.replace('"Sektor", "Tiltak"', '"Sektor", "Delmål", "Tiltak"')
    days = [f"{n:02}.05.2026" for n in range(1, 7)]
    headings = ("Sektor", "Delmål", "Nr", "Tiltak", *(f"Gjennomføringsgrad {d}" for d in days))
    periods = ", ".join(f"2026-05-{n:02}" for n in range(1, 7))
    rows = ((area, "Trygghet", "1", "Bygge", *"122333") for area in ("Skole", "Helse"))
    report = own_report(tmp_path, template, headings, *rows, periods=periods)
    seen = browser.play(write_page(report, tmp_path), ("download", ".csv"))
    content = b64decode(seen.answers[0]["base64"]).decode("utf-8-sig")
    record = next(iter(csv.DictReader(StringIO(content), delimiter=";")))
    assert (record["Område"], record["Gruppe"]) == ("Skole", "Trygghet")
    (steps,) = (text for head, text in record.items() if head.startswith("Gjennomføringsgrad"))
    words = {"1": "1 Ikke startet", "2": "2 I gang", "3": "3 Ferdig"}
    assert steps == ", ".join(f"{d}: {words[s]}" for d, s in zip(days, "122333", strict=True))


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "-2+3", 'ett; to "tre"\nfire'])
def test_texts_in_the_csv_stay_texts(
    text: str, report: Report, tmp_path: Path, browser: Browser
) -> None:
    slot = Slot("ORG-001", "remark", None)
    edited = replace(report, values={**report.values, slot: text})
    seen = browser.play(write_page(edited, tmp_path), ("download", ".csv")).answers[0]
    content = b64decode(seen["base64"]).decode("utf-8-sig")
    heads, first, *_ = csv.reader(StringIO(content, newline=""), delimiter=";")
    expected = f"'{text}" if text[0] in "=@-" else text
    assert first[-1] == expected
    assert len(first) == len(heads)


def test_the_page_is_used_with_the_keyboard_alone(page: Path, browser: Browser) -> None:
    press = ("press", "Tab")
    active = ask("document.activeElement.value || document.activeElement.textContent.trim()")
    arrive = ask("document.querySelector('.filter input').focus()")
    seen = browser.play(
        page, press, active, arrive, ("press", "ArrowRight"), active, SHOWN,
        press, press, press, ("press", "s"), ("press", "k"), ADDRESS,
        press, press, active, ("press", "Enter"), SHOWN, ("press", "Shift+Tab"), ("press", "Enter"),
        ask("document.activeElement.hash"),
    )  # fmt: skip
    assert seen.answers[1] == translate("report.skip", "nb")
    assert seen.answers[4] == "opp"
    assert len(seen.answers[5]) < 127
    assert seen.answers[11] == "#endring=opp&sok=sk"
    assert seen.answers[14] == translate("html.clear", "nb")
    assert len(seen.answers[16]) == 127
    assert seen.answers[19].startswith("#OPP"), "on the first hit"


def test_a_selection_is_printed_with_a_sentence_and_page_numbers(
    page: Path, report: Report, browser: Browser, poppler: Poppler, tmp_path: Path
) -> None:
    target = tmp_path / "p.pdf"
    target.write_bytes(b64decode(browser.play(page, ("pdf",), hash=FALLS).answers[0]))
    pages = poppler.pdftotext(target)
    text = " ".join(" ".join(pages).split())
    assert f"Utvalg: Tilbake. {len(fallen(report))} av 127 vises." in text
    assert f"1 av {len(pages)}" in pages[0]
    risen = [node.ref for node in measure_nodes(report) if node.ref not in fallen(report)]
    names = [str(report.values[Slot(ref, "name", None)])[:30] for ref in risen]
    assert not [name for name in names if name in text]
    assert translate("html.download", "nb") not in text


def test_no_text_lies_over_another_at_any_width(template_page: Path, browser: Browser) -> None:
    actions = [a for width in EVERY_WIDTH for a in (("width", width), ("overprints",))]
    found = browser.play(template_page, *actions).answers[1::2]
    assert dict(zip(EVERY_WIDTH, found, strict=True)) == {width: [] for width in EVERY_WIDTH}


def test_every_number_of_an_area_has_its_label_on_a_phone(page: Path, browser: Browser) -> None:
    """A label stands in the room to the left of its cell, so all cells have that room."""
    rooms = ask(
        "Array.from(document.querySelectorAll('.stacked tbody td:not(.long)'), ",
        "(cell) => getComputedStyle(cell).paddingLeft)",
    )
    found = browser.play(page, rooms, width=390).answers[0]
    assert len(found) > 5
    assert len(set(found)) == 1


def test_the_words_of_the_first_bar_are_seen_at_every_width(page: Path, browser: Browser) -> None:
    words = ask(
        "Array.from(document.querySelectorAll('.front :is(.words span, .key .word)'))",
        ".filter((word) => word.checkVisibility())",
        ".map((word) => word.textContent.replace(/^\\d /, ''))",
    )
    steps = ["Fullført", "Snart ferdig", "Godt i gang", "Såvidt startet", "Ikke påbegynt"]
    for width in (320, 390, 820, 1280):
        assert browser.play(page, words, width=width).answers[0] == [*steps, "Ikke besvart"]
    printed = browser.play(page, ("print",), words, width=700).answers[1]
    assert printed == [*steps, "Ikke besvart"]


def test_no_change_leaves_its_column_among_many(tmp_path: Path, browser: Browser) -> None:
    headings = ("Sektor", "Nr", "Tiltak", "Ansvarlig", "Kostnad", "Frist", "Virkning", "Merknad")
    given = (
        "Skole",
        "1",
        "Bygge",
        "Enhetsleder",
        "1 250 000,25",
        "31.12.2026",
        "kr 45.000,- i drift",
    )
    rows = ((*given, "Ventet på svar. " * 9, *steps) for steps in ("14", "31"))
    report = own_report(tmp_path, MANY, (*headings, *GRADES), *rows)
    page = write_page(report, tmp_path)
    widths = (1024, 1100, 1366)
    actions = [action for width in widths for action in (("width", width), ("overprints",))]
    assert browser.play(page, *actions).answers[1::2] == [[] for _ in widths]


def test_no_text_lies_over_another_at_four_times_the_size(
    template_page: Path, browser: Browser
) -> None:
    seen = browser.play(template_page, ("overprints",), width=320, height=225, scale=4)
    assert seen.answers == [[]]


def luminance(colour: Sequence[float]) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    parts = [value / 255 for value in colour[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


VISIBLE_PARTS = (
    "h1",
    ".filter fieldset label:nth-of-type(2)",
    ".filter fieldset input:checked + span",
    ".filter select",
    ".filter .csv",
    ".chip:visible",
    ".trend.down",
    ".parts > span",
    ".pilcrow",
    "figure .wide",
)


@pytest.mark.parametrize("settings", [{"forced": True}, {}], ids=["forced", "dark"])
def test_text_and_signs_can_be_seen_in_forced_and_in_dark_colours(
    settings: dict[str, bool], page: Path, browser: Browser
) -> None:
    """Every part has two colours that can be told apart: what is drawn, and what is behind it."""
    actions = [("colours", part) for part in VISIBLE_PARTS]
    answers = browser.play(page, *actions, dark=True, **settings).answers
    background = answers[0][0]
    assert luminance(background) < 0.1, "the page is not dark"
    for part, found in zip(VISIBLE_PARTS, answers, strict=True):
        behind = found[0]
        assert max(contrast(behind, colour) for colour in found[1:]) >= 4.5, (part, found)


def test_the_chosen_question_stands_out_in_forced_colours(page: Path, browser: Browser) -> None:
    chosen, other = ("input[value=tilbake] + span", "input[value=opp] + span")
    actions = [("colours", f".filter {part}") for part in (chosen, other)]
    first, second = browser.play(page, *actions, dark=True, forced=True, hash=FALLS).answers
    assert contrast(first[0], second[0]) >= 3
