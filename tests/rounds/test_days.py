"""Test that every day is written as its reader's language writes it, and read in any of them.

Looked for are the days that a report has: reporting dates, deadline and values. The names of files
and form codes always have a day as 2020-12-31.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from tests.forms import book_of, forms_of, saved
from tests.running import Run, run
from tests.sources import small
from xltiltak import flows
from xltiltak.coordinator.dashboard import dashboard_data
from xltiltak.coordinator.workbook_writer import write_coordinator_workbook
from xltiltak.model import language as languages
from xltiltak.model.finding import Finding
from xltiltak.model.language import LANGUAGES, day_text
from xltiltak.model.own_content import OwnContent, OwnSheet
from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.sheets.appendix import write_appendix
from xltiltak.templates import catalogue

__all__ = ["run"]
SHIPPED = sorted(catalogue.folders())
CASES = {  # each template in one language, the usual one in all
    **{("tiltaksstatus", language): None for language in LANGUAGES},
    **{(template, LANGUAGES[n % len(LANGUAGES)]): None for n, template in enumerate(SHIPPED)},
}
OWN_DAY = date(2020, 2, 1)
_NAMES = re.compile(  # files and form codes
    r"[^\n]*\.(?:xlsx|eml|toml|csv|html|docx|json)|[\w-]+-\d{4}-\d\d-\d\d-\w{4}|– \d{4}-\d\d-\d\d"
)


def days_of(report: Report) -> set[date]:
    """Return the days that a report has."""
    head = report.head
    values = {value for value in report.values.values() if isinstance(value, date)}
    return {*head.dates, *values, *filter(None, (head.deadline, head.current))}


def in_language(report: Report, language: str) -> Report:
    """Return a report of this language."""
    return replace(report, head=replace(report.head, language=language))


def shown(content: bytes) -> Iterator[str]:
    """Yield what the cells of the visible sheets show; a day by the number format of its cell."""
    for sheet in openpyxl.load_workbook(BytesIO(content)).worksheets:
        for row in sheet.iter_rows() if sheet.sheet_state == "visible" else ():
            for cell in row:
                if isinstance(cell.value, datetime):
                    pattern = cell.number_format.split(" ")[0].replace("\\", "")
                    for sign, written in (("yyyy", "%Y"), ("mm", "%m"), ("dd", "%d")):
                        pattern = pattern.replace(sign, written)
                    yield f"{cell.value:{pattern}}"
                elif isinstance(cell.value, str):
                    yield cell.value


def written_otherwise(texts: Iterable[str], days: Iterable[date], language: str) -> list[str]:
    """Return the texts with a day that another language writes so."""
    own = {day_text(day, language) for day in days}
    others = {day_text(day, other) for day in days for other in LANGUAGES} - own
    plain = ((text, _NAMES.sub("", text)) for text in texts)
    return [text for text, said in plain if any(other in said for other in others)]


@pytest.mark.parametrize(("template", "language"), CASES)
def test_forms_and_appendices_of_every_template_show_days_as_the_language(
    template: str, language: str
) -> None:
    report = in_language(small(catalogue.find(template)), language)
    report = replace(report, head=replace(report.head, deadline=date(2020, 5, 20)))
    report = report.with_open_date(report.head.dates[-1])
    own = OwnContent(sheets=(OwnSheet("Notes", ((OWN_DAY, "x"),)),))
    texts = list(shown(write_appendix(Register(report, own=own))))
    for form in forms_of(report).values():
        texts += shown(form)
    days = {*days_of(report), OWN_DAY}
    assert {day_text(OWN_DAY, language), day_text(report.head.dates[-1], language)} <= {
        word for text in texts for word in (text, *text.split())
    }
    assert written_otherwise(texts, days, language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_letters_and_messages_of_a_round_show_days_as_the_language(
    language: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", language)
    monkeypatch.setenv("COLUMNS", "400")
    folder = tmp_path / "demo"
    result = run("demo", folder, "--lang", language)
    plans = {path: flows.read_plan(path) for path in folder.glob("*.xlsx")}
    appendix, register = next((p, r) for p, r in plans.items() if r.returned_files)
    texts, days = result.out.splitlines(), days_of(register.report)
    for path in folder.rglob("*.xlsx"):
        if path.read_bytes()[:2] == b"PK":
            texts += shown(path.read_bytes())
    for words in (
        ["split", appendix, "--to", tmp_path / "ut", "--mail"],
        ["remind", appendix, folder, "--to", tmp_path / "purringer", "--all"],
        ["report", appendix, "-o", tmp_path / "r.html"],
        ["split", appendix, "--to", tmp_path / "x", "--date", "2031-01-01"],
    ):
        done = run(*words)
        texts += [*done.out.splitlines(), *done.err.splitlines()]
    assert written_otherwise(texts, {*days, date(2031, 1, 1)}, language) == []


@pytest.fixture
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Write all days as in Norwegian until the patch is undone, as earlier versions did."""
    with monkeypatch.context() as patch:
        patch.setattr(languages, "_day_format", lambda _: "%d.%m.%Y")
        yield patch


@pytest.mark.parametrize(("template", "language"), CASES)
def test_workbooks_with_days_of_another_language_are_read_without_a_finding(
    template: str, language: str, as_before: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    report = in_language(small(catalogue.find(template)), language)
    head = replace(report.head, deadline=date(2020, 5, 20))
    report = replace(report, head=head).with_open_date(head.dates[-1])
    forms, plan = forms_of(report), tmp_path / "plan.xlsx"
    plan.write_bytes(write_appendix(Register(report)))
    returned = [tmp_path / f"{area}.xlsx" for area in forms]
    for path, form in zip(returned, forms.values(), strict=True):
        path.write_bytes(saved(book_of(form)))
    as_before.undo()
    result = flows.merge(returned, tmp_path / "vedlegg.xlsx", plan=plan)
    codes = {finding.code for finding in result.findings}
    assert not codes & {"S105", "S108", "S117", "S119", "L101", "F003", "F010"}, result.findings
    assert result.register.report.values == report.values
    assert result.plan_changes == ()


def test_a_finding_that_was_handled_stays_so_whatever_language_wrote_its_days() -> None:
    day = date(2020, 12, 31)
    for language in LANGUAGES:
        now = Finding.create("V101", value=day_text(day, language))
        assert now.fingerprint == Finding.create("V101", value="31.12.2020").fingerprint
    assert Finding.create("M122", date=day).values == {"date": "31.12.2020"}


def test_what_is_handled_in_a_workbook_of_an_earlier_version_is_handled_now(
    as_before: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    report = in_language(small(catalogue.find("tiltaksstatus")), "sv")
    report = report.with_open_date(report.head.dates[-1])
    ((area, form),) = list(forms_of(report).items())[:1]
    book = book_of(form)
    book.worksheets[0].cell(60, 30, "2020-12-31 och mer")
    returned, plan, appendix = (tmp_path / f"{n}.xlsx" for n in (area, "plan", "bilaga"))
    returned.write_bytes(saved(book))
    plan.write_bytes(write_appendix(Register(report)))
    told = flows.merge([returned], appendix, plan=plan)
    (finding,) = [one for one in told.findings if one.code == "S108"]
    written = replace(told.register, handled={finding.earlier_fingerprint: "klart"})
    appendix.write_bytes(write_appendix(written))
    as_before.undo()
    again = flows.merge([returned], appendix, plan=plan)
    (finding,) = [one for one in again.findings if one.code == "S108"]
    assert (finding.severity, finding.handled) == ("note", "klart")
    assert dict(again.register.handled) == {finding.fingerprint: "klart"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_coordinators_workbook_shows_days_as_its_language(
    language: str, tmp_path: Path
) -> None:
    day = date(2020, 12, 31)
    path = tmp_path / "book.xlsx"
    path.write_bytes(write_coordinator_workbook(language, {"day": day, "deadline": day}, {}, None))
    texts = list(shown(path.read_bytes()))
    assert texts.count(day_text(day, language)) == 2
    report = in_language(small(catalogue.find("tiltaksstatus")), language)
    figures = dashboard_data(Register(report), language)
    days = [
        label for label in figures.labels if label and label[:1].isdigit() and label[-1:].isdigit()
    ]
    assert days == [day_text(one, language) for one in report.head.dates[-len(days) :]]
    assert written_otherwise([figures.title, *texts], {day, *report.head.dates}, language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_writes_the_days_of_a_finding_as_its_language(language: str) -> None:
    days = {"date": date(2020, 8, 31), "value": date(2020, 5, 20)}
    finding = Finding.create("M124", reason="deadline_before", **days)
    assert all(day_text(day, language) in finding.message(language) for day in days.values())
