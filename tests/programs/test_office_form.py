"""Test a form that is opened, typed into and printed in LibreOffice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.office import Office
from tests.parts import Poppler
from tests.sources import (
    SCORED,
    TEMPLATES,
    cells,
    demo,
    open_cells,
    plan_before,
    report_of,
    sent_out,
)
from xltiltak import flows
from xltiltak.model.language import LANGUAGES, translate
from xltiltak.model.report import Report

DAY = date(2020, 12, 31)
AREA = "HEL"  # the demonstration's smallest: six measures
LEGEND = "1 Ikke påbegynt\n2 Såvidt startet\n3 Godt i gang\n4 Snart ferdig\n5 Fullført"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    """Return the part that one area was sent, and its empty form."""
    plan, forms = sent_out(plan_before(demo(), DAY), DAY, tmp_path_factory.mktemp("form"))
    return flows.read_plan(plan).report.parts()[AREA], forms[AREA]


def test_every_locked_cell_refuses_typing(office: Office, sent: tuple[Report, Path]) -> None:
    part, form = sent
    locked = [at for at, _, cell in cells(part, AREA) if cell.style not in ("input", "new")]
    with office.open(form) as document:
        assert [
            at
            for at in locked
            if document.type(0, at, "noe annet") or not document.is_locked(0, at)
        ] == []
    assert len(locked) > 40


def test_every_open_cell_accepts_typing(office: Office, sent: tuple[Report, Path]) -> None:
    part, form = sent
    yellow = [at for at, _, cell in cells(part, AREA) if cell.style in ("input", "new")]
    with office.open(form) as document:
        assert [
            at for at in yellow if not document.type(0, at, "4") or document.is_locked(0, at)
        ] == []
    # A status and a remark for each measure; the message and who it is from; and in three rows for
    # proposals a number, a title, a status and a remark.
    assert len(yellow) == 2 * 6 + 2 + 3 * 4


def test_counter_count_and_means_follow_the_typed_answers(
    office: Office, sent: tuple[Report, Path]
) -> None:
    part, form = sent
    figures = {(c.figure.stat, c.figure.date): at for at, _, c in cells(part, AREA) if c.figure}
    counter = next(at for at, _, c in cells(part, AREA) if c.style == "filled")
    statuses = [at for slot, at in open_cells(part, AREA).items() if slot.field == "status"]

    with office.open(form) as document:

        def shown() -> tuple[object, ...]:
            answered, mean = figures["answered", DAY], figures["mean", DAY]
            return document.value(0, counter), document.value(0, answered), document.shown(0, mean)

        assert shown() == ("0 av 6 fylt ut", 0, "")
        document.type(0, statuses[0], "4")
        assert shown() == ("1 av 6 fylt ut", 1, "")  # the mean shows when all is filled in
        others = ("5", "5 Fullført", "3", "2 Såvidt startet", "4")
        for at, typed in zip(statuses[1:], others, strict=True):
            assert document.type(0, at, typed)
        assert shown() == ("6 av 6 fylt ut", 6, "3,8")  # 23 / 6
        document.put(0, statuses[3], None)
        assert shown() == ("5 av 6 fylt ut", 5, "")
        assert document.value(0, figures["count", DAY]) == 6
        assert document.value(0, statuses[0]) == 4  # still a number, although the cell shows a word


@pytest.mark.parametrize("language", LANGUAGES)
def test_status_has_a_list_with_labels_and_an_error_message_in_the_leaders_language(
    office: Office, tmp_path: Path, language: str
) -> None:
    plan = plan_before(demo(), DAY)
    areas = {ref: replace(area, language=language) for ref, area in plan.areas.items()}
    sent, forms = sent_out(replace(plan, areas=areas), DAY, tmp_path)
    part = flows.read_plan(sent).report.parts()[AREA]
    with office.open(forms[AREA]) as document:
        for slot, at in open_cells(part, AREA).items():
            rule = document.validation(0, at)
            if slot.field == "status":
                assert rule is not None
                assert (rule.type, rule.shows_list, rule.error_style) == ("LIST", True, "STOP")
                listed = [*LEGEND.split("\n"), "1", "2", "3", "4", "5"]
                assert rule.formula1.replace('"', "").split(";") == listed
                assert rule.prompt == LEGEND
                assert rule.prompt_title == translate("validation.choose", language)
                assert rule.error == translate("validation.list", language, allowed="1, 2, 3, 4, 5")
            elif slot.field == "remark":
                assert rule is not None
                assert (rule.type, rule.formula1, rule.error_style) == ("TEXT_LEN", "2800", "STOP")
                assert rule.error == translate("validation.length", language, allowed="2800")


def ends(part: Report, area: str, *, plan: bool = False) -> list[str]:
    """Return the last five words of every printed text cell, without white space."""
    hidden = (
        {translate(f"sheet.{key}", part.head.language) for key in ("first", "last")}
        if plan
        else set()
    )
    shown = (
        cell.value
        for _, line, cell in cells(part, area, plan=plan)
        if not plan or line.key != "@code"
    )
    return [
        "".join(text.split()[-5:]) for text in shown if isinstance(text, str) and text not in hidden
    ]


@pytest.mark.parametrize("template", TEMPLATES)
def test_printed_forms_cut_no_text(
    office: Office, poppler: Poppler, tmp_path: Path, template: str
) -> None:
    report = report_of(template)
    day = max(report.head.dates)
    sent, forms = sent_out(report, day, tmp_path)
    parts = flows.read_plan(sent).report.parts()
    for area, form in forms.items():
        with office.open(form) as document:
            pages = poppler.drawn(document.pdf(tmp_path / f"{area}.pdf"))
        whole = "".join(pages)
        assert [end for end in ends(parts[area], area) if end not in whole] == [], area
        assert_labels_and_footers(pages, parts[area], area)


def assert_labels_and_footers(pages: list[str], part: Report, area: str) -> None:
    """Assert that labels, page header and footer are on every page."""
    labels = " ".join(
        str(c.value) for _, line, c in cells(part, area) if line.key == "@head"
    ).split()
    language = part.head.language
    for number, page in enumerate(pages, 1):
        foot = translate("sheet.page", language, page=number, pages=len(pages))
        for text in (
            part.head.title[:100],
            part.area_name(area)[:100],
            part.head.organisation,
            foot,
        ):
            assert "".join(text.split()) in page, (area, number, text)
        assert [word for word in labels if word not in page] == [], (area, number)


@pytest.mark.parametrize("template", TEMPLATES)
def test_printed_appendix_cuts_no_text(
    office: Office, poppler: Poppler, tmp_path: Path, template: str
) -> None:
    sent, _ = sent_out(report_of(template), max(report_of(template).head.dates), tmp_path)
    report = flows.read_plan(sent).report
    with office.open(sent) as document:
        whole = "".join(poppler.drawn(document.pdf(tmp_path / "Vedlegg.pdf")))
    for area, part in report.parts().items():
        assert [end for end in ends(part, area, plan=True) if end not in whole] == [], area
    assert template != SCORED or "Gjennomsnittperområde" in whole  # the chart
