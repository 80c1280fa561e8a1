"""Give, for each finding code, an input that raises it and a similar input that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import pytest
from docx import Document
from openpyxl import load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from tests.conservation import returned
from tests.damage import Hand, move_sheet
from tests.forms import (
    KEY,
    At,
    book_of,
    first_sheet,
    forms_of,
    message_to,
    overtyped,
    put,
    received_from,
    retyped,
    rows_of,
    saved,
    typed,
)
from tests.hostile import content_of
from tests.importers.test_import_flow import SHEET, WORD, book, changed, checked, document, printed
from tests.importers.test_pasted_text import WHOLE, pasted
from tests.merging.test_merge import (
    APRIL,
    AUGUST,
    FIRST,
    OPP,
    PLAN,
    REPORT,
    SAM,
    SECOND,
    THIRD,
    merged,
    plan_of,
    remark,
    resent,
    status,
)
from tests.raw import ENCRYPTED, PDF, zipped
from tests.running import SENT, round_in
from tests.small import HEAD, TEMPLATE, cell_of
from tests.small import NAME as NAME_LABEL
from tests.templates.test_template_tools import warned
from xltiltak.flows import check, open_round, split
from xltiltak.flows import merge as merge_files
from xltiltak.importers.import_flow import import_source
from xltiltak.importers.report_builder import ImportResult
from xltiltak.intake import returned_file
from xltiltak.intake.form_reader import RegisterForms, read_form
from xltiltak.intake.returned_file import parse_return
from xltiltak.mail.mail_drafts import address_missing
from xltiltak.merging.collection import other_report
from xltiltak.merging.merge import merge
from xltiltak.model.finding import Finding
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Report, Slot
from xltiltak.model.template import Field
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.publishing import publication
from xltiltak.sheets.appendix import write_appendix
from xltiltak.sheets.forms import correction_form

Case = Callable[[Path], Iterable[Finding]]


class Pair(NamedTuple):
    """An input that raises a code, and a similar one that does not."""

    raises: Case
    near: Case


# Files


def file(content: bytes, name: str = "svar.xlsx") -> Case:
    """Return the findings of a returned file."""
    return lambda _: parse_return(name, content).all_findings()


def hostile(name: str) -> Case:
    """Return the findings of a file of `tests.hostile`."""
    return lambda _: parse_return("svar.xlsx", content_of(name)).all_findings()


def with_part(name: str) -> bytes:
    """Return a form with an additional part."""
    with ZipFile(BytesIO(SAM)) as archive:
        return zipped({**{n: archive.read(n) for n in archive.namelist()}, name: b"x"})


def of_report(report: Report) -> Case:
    """Return the findings of a form of `report`, compared with the usual report."""
    return lambda _: other_report(
        parse_return("a.xlsx", typed(forms_of(report)["SAM"], {status(): 5})), Register(REPORT)
    )


def file_on_disk(*, exists: bool) -> Case:
    """Return the findings of a file on the disk, which may be deleted before it is read."""

    def findings(folder: Path) -> Iterable[Finding]:
        path = folder / "svar.xlsx"
        if exists:
            path.write_bytes(SAM)
        return received_from(path).all_findings()

    return findings


def read_by(reader: Callable[..., Any]) -> Case:
    """Return the findings of a form that is read by this function, which may have a fault."""

    def findings(_: Path) -> Iterable[Finding]:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(returned_file, "read_form", reader)
            return parse_return("svar.xlsx", SAM).all_findings()

    return findings


def correction(key: str) -> Case:
    """Return the findings of a correction form, read with this key."""

    def findings(_: Path) -> Iterable[Finding]:
        came = parse_return("a.xlsx", overtyped(SAM, {status(): 7}))
        register = merge(Register(REPORT, key=KEY), [came])
        return parse_return(
            "rett.xlsx", correction_form(register, [came], ["SAM"]), key=key
        ).all_findings()

    return findings


def faulty(*_: object) -> None:
    """Fail as a fault of the program would."""
    raise KeyError("feil")


# Forms


def form(raws: dict[Slot, Any], plan: Report | None = None) -> Case:
    """Merge the form of an area with this typed into it."""
    return lambda _: (
        merged(
            overtyped(forms_of(plan)["SAM"] if plan else SAM, raws), into=plan or REPORT
        ).findings
    )


def sheet(edit: Callable[[Worksheet], object], content: bytes = SAM) -> Case:
    """Merge the form of an area after an edit of its sheet."""

    def findings(_: Path) -> Iterable[Finding]:
        with retyped(content) as (opened, target):
            edit(opened)
        return merged(target.getvalue()).findings

    return findings


def cards(edit: Callable[[Worksheet], object]) -> Case:
    """Merge a form of cards after an edit of its sheet."""

    def findings(_: Path) -> Iterable[Finding]:
        return returned("goals", [lambda opened, _: edit(opened)], Hand()).merged.findings

    return findings


def type_into(row_key: str, col: int, raw: Any) -> Callable[[Worksheet], None]:
    """Return an edit that types into a cell, found by the row key."""
    return lambda opened: put(opened, At(rows_of(opened)[row_key], col), raw)


def swap_rows(opened: Worksheet, first: int) -> None:
    """Swap two rows of the table, from this column on."""
    rows = rows_of(opened)
    for col in range(first, 8):
        one, other = (opened.cell(rows[ref], col) for ref in (FIRST, SECOND))
        one.value, other.value = other.value, one.value


def copy_row(opened: Worksheet, row_key: str) -> None:
    """Copy a row of the table, with its row key, below everything."""
    at, to = rows_of(opened)[row_key], opened.max_row + 1
    for col in range(1, 8):
        opened.cell(to, col).value = opened.cell(at, col).value if row_key == FIRST else None


def paste_below(name: str) -> Callable[[Worksheet], None]:
    """Return an edit that pastes a row of a table below the form, without a row key."""

    def edit(opened: Worksheet) -> None:
        row = opened.max_row + 3
        put(opened, At(row, 3), name)
        put(opened, At(row, 5), 4)

    return edit


def extra_column(label: str, raw: Any) -> Callable[[Worksheet], None]:
    """Return an edit that adds a column beside the table, with one value, and answers the form."""

    def edit(opened: Worksheet) -> None:
        rows = rows_of(opened)
        put(opened, At(rows["@head"], 12), label)
        put(opened, At(rows[FIRST], 12), raw)
        put(opened, At(rows[SECOND], 5), 3)

    return edit


def second_sheet(row_key: str) -> Case:
    """Merge a form with one more sheet, on which somebody has copied one row of the form."""

    def findings(_: Path) -> Iterable[Finding]:
        workbook = book_of(SAM)
        form_sheet, copy = workbook.worksheets[0], workbook.create_sheet("Kopi")
        copy.append([cell.value for cell in form_sheet[rows_of(form_sheet)[row_key]]][1:])
        copy.append([1, "Et tiltak", None, 4])
        return merged(saved(workbook)).findings

    return findings


def in_plan(text: str) -> Case:
    """Read a plan in which somebody has typed a text below the measures of an area."""

    def findings(_: Path) -> Iterable[Finding]:
        workbook = book_of(write_appendix(Register(REPORT)))
        typed_into = next(s for s in workbook if FIRST in rows_of(s))
        typed_into.cell(typed_into.max_row + 1, 3, text)
        return read_appendix(saved(workbook)).findings

    return findings


def plan_title(*, gone: bool) -> Case:
    """Read a plan without the row of an area's title, or without its key."""

    def findings(_: Path) -> Iterable[Finding]:
        workbook = book_of(write_appendix(Register(REPORT)))
        edited = next(s for s in workbook if FIRST in rows_of(s))
        edited.cell(1, 1).value = None
        if gone:
            edited.delete_rows(1)
        register = read_appendix(saved(workbook))
        assert register.report.area_refs == REPORT.area_refs
        return register.findings

    return findings


def computed(raw: Any) -> Callable[[Worksheet], None]:
    """Return an edit that puts a formula, or a value, into a status cell."""

    def edit(opened: Worksheet) -> None:
        opened.cell(rows_of(opened)[FIRST], 5).value = raw

    return edit


def add_chart(opened: Worksheet) -> None:
    """Put a chart on the sheet."""
    chart = BarChart()
    chart.title = "Flyttet"
    chart.add_data(Reference(opened, min_col=5, min_row=13, max_row=14))
    opened.add_chart(chart, "K5")


def link(text: str, target: str) -> Callable[[Worksheet], None]:
    """Return an edit that types a remark with a link."""

    def edit(opened: Worksheet) -> None:
        cell = opened.cell(rows_of(opened)[FIRST], 6)
        cell.value, cell.hyperlink = text, target

    return edit


def merge_column(col: int) -> Callable[[Worksheet], None]:
    """Return an edit that merges the cells of the first two measures in a column."""

    def edit(opened: Worksheet) -> None:
        first = rows_of(opened)[FIRST]
        opened.merge_cells(start_row=first, end_row=first + 1, start_column=col, end_column=col)

    return edit


def rename(name: str) -> Callable[[Worksheet], None]:
    """Return an edit that renames the sheet."""
    return lambda opened: setattr(opened, "title", name)


def print_above(text: str) -> Callable[[Worksheet], None]:
    """Return an edit that prints a text above the pages."""

    def edit(opened: Worksheet) -> None:
        header: Any = opened.oddHeader
        header.left.text = text

    return edit


def strike(*, struck: bool) -> Callable[[Worksheet], None]:
    """Return an edit that types a status, perhaps struck out."""

    def edit(opened: Worksheet) -> None:
        cell = opened.cell(rows_of(opened)[FIRST], 5)
        cell.value, cell.font = 5, Font(strike=struck)

    return edit


def letters_of(points: float) -> Callable[[Worksheet], None]:
    """Return an edit that types a remark in letters of this size."""

    def edit(opened: Worksheet) -> None:
        cell = opened.cell(rows_of(opened)[FIRST], 6)
        cell.value, cell.font = "Se notatet", Font(sz=points)

    return edit


def code_of(content: bytes) -> str:
    """Return the form code on a sheet."""
    opened = first_sheet(content)
    return str(opened.cell(rows_of(opened)["@code"], 2).value)


def moved_sheet(code: str) -> Case:
    """Read a sheet that was moved to a workbook of its own, with this form code on it."""

    def findings(_: Path) -> Iterable[Finding]:
        with retyped(SAM) as (opened, target):
            type_into("@code", 2, code)(opened)
            move_sheet(opened, Hand())
        return parse_return(
            "a.xlsx", target.getvalue(), RegisterForms(Register(REPORT))
        ).all_findings()

    return findings


def with_remark_kind(kind: str) -> Report:
    """Return the report with another kind for the remark."""
    fields = tuple(replace(f, kind=kind) if f.id == "remark" else f for f in REPORT.template.fields)
    values = {slot: value for slot, value in REPORT.values.items() if slot.field != "remark"}
    return replace(REPORT, template=replace(REPORT.template, fields=fields), values=values)


DOUBLE = Slot(FIRST, "double", AUGUST)


def with_deadline(day: date) -> Report:
    """Return the report with this deadline of a measure."""
    due = Field("due", "Frist", "date", due=True)
    template = replace(REPORT.template, fields=(*REPORT.template.fields, due))
    return replace(REPORT, template=template, values={**REPORT.values, Slot(FIRST, "due"): day})


SHARE = Slot(FIRST, "share")


def with_per_cent(other: int) -> Report:
    """Return the report with a column of per cent, and this number for the second measure."""
    share = Field("share", "Resultat i %", "decimal", role="input")
    template = replace(REPORT.template, fields=(*REPORT.template.fields, share))
    values = {**REPORT.values, SHARE._replace(ref=SECOND): Decimal(other)}
    return replace(REPORT, template=template, values=values)


def with_double() -> Report:
    """Return the report with a field that is computed from the status of its date."""
    double = Field(
        "double",
        "Dobbelt {date:%Y-%m}",
        "integer",
        per_checkpoint=True,
        compute=("status", "times", 2),
    )
    template = replace(REPORT.template, fields=(*REPORT.template.fields, double))
    return replace(REPORT, template=template)


def retired(last: date) -> Case:
    """Merge an answer to a measure whose last date is set after its form was sent."""
    nodes = tuple(n._replace(last=last) if n.ref == FIRST else n for n in REPORT.nodes)
    return lambda _: merged(typed(SAM, {status(): 5}), into=replace(REPORT, nodes=nodes)).findings


def statuses(april: int, august: int, *, text: str | None = None, into: Report = REPORT) -> Case:
    """Merge a new status of a measure, with its old remark or another."""
    values = {**into.values, status(day=APRIL): april}
    plan = replace(into, values=values)
    answers: dict[Slot, Any] = {status(): august, **({remark(): text} if text else {})}
    return lambda _: merged(typed(forms_of(plan)["SAM"], answers), into=plan).findings


def third_status(december: int) -> Case:
    """Merge a status of a measure that had the status 3 at two dates."""
    day = date(2020, 12, 31)
    head = replace(REPORT.head, dates=(APRIL, AUGUST, day), current=day)
    values = {**REPORT.values, status(day=APRIL): 3, status(): 3}
    plan = replace(REPORT, head=head, values=values)
    return lambda _: (
        merged(typed(forms_of(plan)["SAM"], {status(day=day): december}), into=plan).findings
    )


# Returns together


def two_returns(one: dict[Slot, Any], other: dict[Slot, Any]) -> Case:
    """Merge two returns for one area."""
    return lambda _: merged(typed(SAM, one), typed(SAM, other)).findings


def round_of_forms(*, with_plan: bool) -> Case:
    """Check the forms of a round as they were sent, with or without the plan."""

    def findings(folder: Path) -> Iterable[Finding]:
        round_in(folder)
        return check([folder / "ut"], plan=folder / SENT if with_plan else None).findings

    return findings


def after(values: dict[Slot, Any], answers: dict[Slot, Any]) -> Case:
    """Merge a return into a plan that was edited since it was sent."""
    return lambda _: (
        merged(
            typed(SAM, answers), into=replace(REPORT, values={**REPORT.values, **values})
        ).findings
    )


def round_of(current: date) -> Case:
    """Merge a form of the round of this date."""
    other = forms_of(plan_of(PLAN, current=current))["SAM"]
    return lambda _: merged(typed(other, {status(day=current): 5})).findings


def numbered(*, right: bool) -> Case:
    """Read the coordinator's workbook, with an additional row without a ref unless `right`."""

    def findings(_: Path) -> Iterable[Finding]:
        opened = book_of(write_appendix(Register(REPORT)))
        area = opened["Samfunn"]
        if not right:
            rows = rows_of(area)
            area.insert_rows(rows[THIRD] + 1)
            put(area, At(rows[THIRD] + 1, 3), "Et nytt tiltak")
        register = read_appendix(saved(opened))
        return merge(register, []).findings if right else register.rows_without_ref

    return findings


def areas_in_plan(edit: Callable[[Any], object]) -> Case:
    """Check the coordinator's workbook after an edit."""

    def findings(folder: Path) -> Iterable[Finding]:
        plan = folder / "plan.xlsx"
        opened = book_of(write_appendix(Register(REPORT)))
        edit(opened)
        plan.write_bytes(saved(opened))
        return check([plan]).findings

    return findings


def merged_again(
    *, in_plan: object = None, in_appendix: object = None, fresh: bool = False
) -> Case:
    """Merge over an appendix after a title was edited in the plan, in the appendix, or in both."""

    def findings(folder: Path) -> Iterable[Finding]:
        plan, appendix = round_in(folder) / SENT, folder / "vedlegg.xlsx"
        merge_files([folder / "ut"], appendix, plan=plan)
        for path, title in ((plan, in_plan), (appendix, in_appendix)):
            if title:
                opened = load_workbook(path)
                cell_of(opened["Oppvekst"], "OPP-001", NAME_LABEL).value = title
                opened.save(path)
        return merge_files([folder / "ut"], appendix, plan=plan, fresh=fresh).findings

    return findings


def beside_proposal(text: str) -> Case:
    """Merge a form with a new row, write a text beside the proposal, and merge again."""

    def findings(folder: Path) -> Iterable[Finding]:
        plan, appendix = round_in(folder) / SENT, folder / "vedlegg.xlsx"
        form = next(path for path in (folder / "ut").iterdir() if "Oppvekst" in path.name)
        opened = load_workbook(form)
        area = opened.worksheets[0]
        last = rows_of(area)["OPP-003"]
        area.cell(last + 1, cell_of(area, "OPP-003", NAME_LABEL).column).value = "Ny brygge"
        opened.save(form)
        merge_files([folder / "ut"], appendix, plan=plan)
        opened = load_workbook(appendix)
        proposals = opened["Forslag"]
        keys = rows_of(proposals)
        proposals.cell(next(row for key, row in keys.items() if "proposal|" in key), 2).value = text
        opened.save(appendix)
        return merge_files([folder / "ut"], appendix, plan=plan).findings

    return findings


def without_measures(opened: Any) -> None:
    """Delete the measures of an area."""
    area = opened["Oppvekst"]
    area.delete_rows(rows_of(area)["OPP-001"])


def copied_sheet(*, in_table: bool) -> Callable[[Any], None]:
    """Copy a sheet for a new area, with its row in the table of areas or without."""

    def edit(opened: Any) -> None:
        area = opened.copy_worksheet(opened["Samfunn"])
        area["B1"] = "Kommunalområdet Kultur"
        if in_table:
            table = opened["Rapporten"]
            table.cell(rows_of(table)["area|"], 3, "kultur")

    return edit


def renamed_area(name: str) -> Callable[[Any], None]:
    """Give an area another name."""

    def edit(opened: Any) -> None:
        opened["Oppvekst"]["B1"] = f"Kommunalområdet {name}"

    return edit


def sent_with_deadline(deadline: date) -> Case:
    """Return the findings of a round that is opened with a deadline."""
    return lambda _: open_round(Register(REPORT), AUGUST, (), deadline).findings


def conflict(*, resolved: bool) -> Case:
    """Merge two conflicting returns, then an answer to the form that was sent again."""

    def findings(_: Path) -> Iterable[Finding]:
        files = [
            parse_return(name, typed(SAM, {status(): n}))
            for name, n in (("a.xlsx", 3), ("b.xlsx", 5))
        ]
        sent, form_again = resent(merge(Register(REPORT), files))
        answer = {status(): 2} if resolved else {status(SECOND): 2}
        return merge(sent, [parse_return("later.xlsx", typed(form_again, answer))]).findings

    return findings


def with_email(email: str) -> Case:
    """Return the findings about the email address of an area's leader."""
    who = replace(REPORT, areas={"SAM": Area(email=email)})
    return lambda _: address_missing(who, [("SAM", "")])


def sent_again(*, changed: bool) -> Case:
    """Return the findings of a sending whose folder has a form under an older name."""

    def case(folder: Path) -> Iterable[Finding]:
        round_in(folder)
        form = folder / "ut" / "Oppvekst – 2020-12-31.xlsx"
        old = form.rename(form.with_name("OPP-2020-12-31.xlsx"))
        if changed:
            old.write_bytes(saved(book_of(old.read_bytes())))
        plan, folder_sent = folder / "plan.xlsx", folder / "ut"
        return split(plan, folder_sent, day=date(2020, 12, 31), force=True).findings

    return case


# Sources


def workbook(rows: Any = SHEET, edit: Any = None) -> Case:
    """Return the findings of the import of a handmade workbook."""
    return lambda folder: import_source(book(folder, rows, edit), TEMPLATE).findings


def appendix(rows: Any = SHEET) -> Case:
    """Return the findings of the check of a handmade workbook."""
    return lambda folder: checked(book(folder, rows))


def since_previous(*before: str) -> Case:
    """Return the findings of the check of a handmade workbook against the previous one.

    `before` are the statuses of the first measure in the previous one.
    """

    def findings(folder: Path) -> Iterable[Finding]:
        previous = [[*row[:5], row[6]] for row in SHEET]
        previous[1][3:5] = before
        old = book(
            folder,
            [tuple(row) for row in previous],
            name="forrige.xlsx",
            head=HEAD.replace(", 2020-12-31", ""),
        )
        return checked(book(folder, changed(1, 5, "2")), old)

    return findings


def text(before: str = "", now: str = "", head: str = HEAD) -> Case:
    """Return the findings of the import of pasted text with one replacement."""
    return lambda folder: (
        pasted(folder, WHOLE.replace(before, now) if before else WHOLE, head).findings
    )


def word(*tables: Any) -> Case:
    """Return the findings of the import of a document with these tables."""
    return lambda folder: document(folder, *tables).findings


def word_with_intro(*lines: str) -> Case:
    """Import a document with lines between the heading of an area and its table."""

    def findings(folder: Path) -> Iterable[Finding]:
        opened = Document()
        opened.add_heading("Kommunalområdet Oppvekst", 1)
        for line in lines:
            opened.add_paragraph(line)
        grid = opened.add_table(rows=0, cols=len(WORD[0]))
        for row in WORD:
            for cell, text in zip(grid.add_row().cells, row, strict=True):
                cell.text = text
        path = folder / "vedlegg.docx"
        opened.save(str(path))
        path.with_suffix(".toml").write_text(HEAD, "utf-8")
        result: ImportResult = import_source(path, TEMPLATE)
        return result.findings

    return findings


def with_column(label: str, text: str) -> list[tuple[str, ...]]:
    """Return the rows with one more column."""
    return [(*row, extra) for row, extra in zip(SHEET, (label, text, "", "", "", ""), strict=True)]


def with_last_label(label: str) -> list[tuple[str, ...]]:
    """Return the rows with another label for the last column."""
    return [(*SHEET[0][:-1], label), *SHEET[1:]]


def coloured_answers(one: str, other: str) -> Case:
    """Return the findings about a workbook in which two colours are all that answers."""
    rows = [SHEET[0], *((*row[:5], "", row[6]) for row in SHEET[1:])]
    edits = [mark("F2", fill=one), mark("F3", fill=other)]
    return workbook(rows, lambda opened: [edit(opened) for edit in edits])


def with_leaders(one: str, other: str) -> list[tuple[str, ...]]:
    """Return the rows with a column of leaders, two of them in one area."""
    leaders = ("Leder", one, other, "", "", "")
    return [(*row, leader) for row, leader in zip(SHEET, leaders, strict=True)]


def with_remarks(one: str, other: str) -> list[tuple[str, ...]]:
    """Return the rows with these remarks in two of them."""
    remarks = {1: one, 4: other}
    return [(*row[:6], remarks.get(n, row[6])) for n, row in enumerate(SHEET)]


def with_nameless_row(status: str) -> list[tuple[str, ...]]:
    """Return the rows and one more that has no name, and only perhaps a status."""
    return (
        [*SHEET, ("Teknikk", "", "", status, "", "", "Se over")] if status else [*SHEET, ("",) * 7]
    )


def mark(cell: str, *, strike: bool = False, fill: str = "", link: str = "") -> Any:
    """Return an edit of a handmade workbook: a cell struck out, coloured or linked."""

    def edit(opened: Any) -> None:
        marked = opened.worksheets[0][cell]
        marked.font = Font(strike=strike)
        marked.hyperlink = link or None
        marked.fill = PatternFill("solid", fgColor=fill) if fill else PatternFill()

    return edit


def name_sheet(name: str) -> Any:
    """Return an edit that gives the first sheet a name."""

    def edit(opened: Any) -> None:
        opened.worksheets[0].title = name

    return edit


def draw_chart(opened: Any) -> None:
    """Put a chart on the first sheet of a handmade workbook."""
    opened.worksheets[0].add_chart(BarChart(), "J2")


def hide_row(row: int | None) -> Any:
    """Return an edit that hides a row; None hides nothing."""

    def edit(opened: Any) -> None:
        if row:
            opened.worksheets[0].row_dimensions[row].hidden = True

    return edit


def published_remark(text: str, target: str = "a.html") -> Case:
    """Return the findings before an appendix with this remark is published."""

    def findings(folder: Path) -> Iterable[Finding]:
        path = folder / "vedlegg.xlsx"
        report = replace(REPORT, values={**REPORT.values, remark(): text})
        path.write_bytes(write_appendix(Register(report)))
        return publication.prepare(path, targets=[Path(target)]).findings

    return findings


def published_intro(text: str) -> Case:
    """Return the findings before an appendix with this introduction is published."""

    def findings(folder: Path) -> Iterable[Finding]:
        path = folder / "vedlegg.xlsx"
        path.write_bytes(
            write_appendix(Register(replace(REPORT, head=replace(REPORT.head, intro=text))))
        )
        return publication.prepare(path, targets=[Path("a.html")]).findings

    return findings


def template_change(*change: str) -> Case:
    """Return the findings of a template after a change of it."""
    return lambda folder: [
        Finding(code, what=what) for code, what in warned(folder, (change[0], change[1]))
    ]


def template_with_choices(steps: str) -> Case:
    """Return the findings of a template with a choice field of these steps."""
    field = '[[fields]]\nid = "state"\nlabel = "Tilstand"\nkind = "choice"\nscale = "state"\n'
    return template_change("[scales]\n", f"{field}\n[scales]\nstate = [{steps}]\n")


NAME = Slot(FIRST, "name")
LINE = "TES-001|activities|1"
PAIRS: dict[str, Pair] = {
    "F001": Pair(file(PDF), file(SAM)),
    "F002": Pair(file(ENCRYPTED), file(PDF)),
    "F003": Pair(hostile("a lying dimension"), file(SAM)),
    "F004": Pair(
        of_report(replace(REPORT, head=replace(REPORT.head, code="AND", title="Et annet"))),
        of_report(REPORT),
    ),
    "F005": Pair(file(SAM, "~$svar.xlsx"), file(SAM, "$svar.xlsx")),
    "F006": Pair(file(SAM[:-200]), file(SAM)),
    "F007": Pair(hostile("zip bomb"), hostile("a lying dimension")),
    "F008": Pair(file(with_part("xl/vbaProject.bin")), file(with_part("xl/vbaProject.txt"))),
    "F009": Pair(file_on_disk(exists=False), file_on_disk(exists=True)),
    "F010": Pair(read_by(faulty), read_by(read_form)),
    "F011": Pair(file(b"Tiltak 1: 4", "svar.txt"), file(b" \r\n", "svar.txt")),
    "F013": Pair(correction("another key"), correction(KEY)),
    "F012": Pair(round_of_forms(with_plan=False), round_of_forms(with_plan=True)),
    "S101": Pair(moved_sheet(code_of(OPP)), moved_sheet(code_of(SAM))),
    "S102": Pair(
        sheet(lambda s: s.delete_rows(rows_of(s)[THIRD])),
        sheet(lambda s: s.insert_rows(rows_of(s)[THIRD])),
    ),
    "S103": Pair(sheet(lambda s: copy_row(s, FIRST)), sheet(lambda s: copy_row(s, "@code"))),
    "S104": Pair(
        sheet(lambda s: put(s, At(s.max_row + 1, 3), "Et nytt tiltak")),
        sheet(lambda s: put(s, At(s.max_row + 1, 8), 1)),
    ),
    "S105": Pair(
        sheet(type_into("@head", 6, "Våre ord")),
        sheet(type_into("@head", 6, "OPPDATERTE  MERKNADER ")),
    ),
    "S106": Pair(
        sheet(lambda s: swap_rows(s, 1)), sheet(lambda s: s.insert_rows(rows_of(s)[SECOND]))
    ),
    "S107": Pair(sheet(lambda s: swap_rows(s, 2)), sheet(lambda s: swap_rows(s, 1))),
    "S108": Pair(sheet(type_into("@code", 6, "Ring meg")), sheet(type_into("@code", 6, None))),
    "S109": Pair(
        cards(lambda s: s.delete_rows(rows_of(s)[LINE], 2)),
        cards(lambda s: s.insert_rows(rows_of(s)[LINE])),
    ),
    "S110": Pair(
        cards(type_into(LINE, 2, "Indikatorer")), cards(type_into(LINE, 2, "Aktiviteter "))
    ),
    "S111": Pair(sheet(add_chart), sheet(computed(2))),
    "S112": Pair(
        sheet(link("Se saken", "https://example.org/12")),
        sheet(link("kari@proveby.example", "mailto:kari@proveby.example")),
    ),
    "S113": Pair(
        sheet(merge_column(6)),
        sheet(lambda s: s.merge_cells(start_row=1, end_row=1, start_column=2, end_column=4)),
    ),
    "S114": Pair(sheet(rename("Samfunn - ikke godkjent")), sheet(rename("Samfunn"))),
    "S115": Pair(sheet(print_above("Ikke godkjent")), sheet(print_above("Side &P av &N"))),
    "S116": Pair(sheet(paste_below("Rydde parken ved elva")), sheet(paste_below("En ny park"))),
    "S117": Pair(
        sheet(extra_column("Status 311222", 4)), sheet(extra_column("Vår egen kolonne", 4))
    ),
    "S118": Pair(second_sheet("@head"), second_sheet("@title")),
    "S119": Pair(in_plan("Husk: ring Siv"), in_plan("Huskestuer i parken")),
    "S120": Pair(plan_title(gone=True), plan_title(gone=False)),
    "L101": Pair(form({NAME: "Bygge ny skole på Næs"}), form({NAME: "Bygge ny skole på Nes"})),
    "L102": Pair(form({status(day=APRIL): 5}), form({status(day=APRIL): 2})),
    "L103": Pair(
        form({status(): 5}, plan_of(PLAN, current=APRIL)),
        form({status(day=APRIL): 5}, plan_of(PLAN, current=APRIL)),
    ),
    "L104": Pair(
        form({NAME: "Noe helt annet", status(): 5}),
        form({NAME: "Bygge ny skole på Næs", status(): 5}),
    ),
    "L105": Pair(retired(APRIL), retired(AUGUST)),
    "L106": Pair(
        form({status(): 5, DOUBLE: 9}, with_double()),
        form({status(): 5, DOUBLE: 10}, with_double()),
    ),
    "V101": Pair(form({status(): 7}), form({status(): 5})),
    "V102": Pair(form({status(): 5}), form({status(r): 5 for r in (FIRST, SECOND, THIRD)})),
    "V103": Pair(
        form({remark(): "ca. 3"}, with_remark_kind("integer")),
        form({remark(): "3"}, with_remark_kind("integer")),
    ),
    "V104": Pair(
        form({remark(): "31.2.2020"}, with_remark_kind("date")),
        form({remark(): "28.2.2020"}, with_remark_kind("date")),
    ),
    "V105": Pair(form({status(): date(2020, 5, 3)}), form({status(): "3 - Godt i gang"})),
    "V106": Pair(sheet(computed("=1+1")), sheet(computed(2))),
    "V107": Pair(form({status(): " 4 "}), form({status(): 4})),
    "V108": Pair(form({remark(): "<p>Ferdig</p>"}), form({remark(): "Ferdig om < 3 uker"})),
    "V109": Pair(form({remark(): "svært " * 1_000}), form({remark(): "svært " * 50})),
    "V110": Pair(form({remark(): "Fer\u202edig"}), form({remark(): "Fer\u2013dig"})),
    "V111": Pair(form({remark(): None}), form({remark(SECOND): None})),
    "V112": Pair(sheet(strike(struck=True)), sheet(strike(struck=False))),
    "V113": Pair(
        form({remark(): "1.250"}, with_remark_kind("decimal")),
        form({remark(): "1.250,0"}, with_remark_kind("decimal")),
    ),
    "V114": Pair(sheet(letters_of(1)), sheet(letters_of(8))),
    "C101": Pair(statuses(4, 3), statuses(4, 3, text="Entreprenøren er konkurs")),
    "C102": Pair(statuses(4, 5, text="Det meste gjenstår"), statuses(4, 5, text="Alt er gjort")),
    "C103": Pair(statuses(2, 3), statuses(2, 3, text="Grunnarbeidet er gjort")),
    "C104": Pair(third_status(3), third_status(4)),
    "C105": Pair(
        appendix(with_remarks(*["Arbeidet er godt i gang og følger planen."] * 2)),
        appendix(
            with_remarks(
                "Arbeidet er godt i gang og følger planen.", "Arbeidet er stanset inntil videre."
            )
        ),
    ),
    "C106": Pair(since_previous("1", "3"), since_previous("1", "2")),
    "C107": Pair(since_previous("1", "2"), since_previous("1", "3")),
    "C108": Pair(since_previous("4", "2"), since_previous("1", "2")),
    "C109": Pair(
        form({status(): 3}, with_deadline(APRIL)), form({status(): 5}, with_deadline(APRIL))
    ),
    "C110": Pair(form({SHARE: 0.058}, with_per_cent(93)), form({SHARE: 5.8}, with_per_cent(93))),
    "M101": Pair(form({status(): 5}), lambda _: merged(SAM, OPP).findings),
    "M102": Pair(
        two_returns({status(): 3}, {status(): 5}), two_returns({status(): 3}, {status(): 3})
    ),
    "M103": Pair(two_returns({status(): 3}, {status(SECOND): 5}), form({status(): 3})),
    "M104": Pair(round_of(APRIL), round_of(AUGUST)),
    "M105": Pair(
        after({remark(): "Tomt solgt"}, {remark(): "Ryddet"}),
        after({remark(): "Tomt solgt"}, {remark(): "Tomt solgt"}),
    ),
    "M106": Pair(numbered(right=False), numbered(right=True)),
    "M107": Pair(form({message_to(SAM): "Takk"}), form({message_to(SAM): " "})),
    "M108": Pair(with_email("ukjent"), with_email("kari@proveby.example")),
    "M109": Pair(conflict(resolved=True), conflict(resolved=False)),
    "M110": Pair(
        merged_again(in_plan="Bygge skole", in_appendix="Bygge hall"),
        merged_again(in_plan="Bygge hall", in_appendix="Bygge hall"),
    ),
    "M111": Pair(
        merged_again(in_appendix="Bygge skole", fresh=True),
        merged_again(in_appendix="Bygge skole", in_plan="Bygge skole", fresh=True),
    ),
    "M120": Pair(sent_again(changed=False), sent_again(changed=True)),
    "M121": Pair(sent_again(changed=True), sent_again(changed=False)),
    "M122": Pair(areas_in_plan(without_measures), areas_in_plan(lambda _: None)),
    "M123": Pair(
        areas_in_plan(copied_sheet(in_table=False)), areas_in_plan(copied_sheet(in_table=True))
    ),
    "M124": Pair(sent_with_deadline(date(2020, 8, 30)), sent_with_deadline(AUGUST)),
    "M125": Pair(areas_in_plan(renamed_area("Samfunn")), areas_in_plan(renamed_area("Kultur"))),
    "M126": Pair(beside_proposal("kanskje"), beside_proposal("ja")),
    "A101": Pair(
        appendix(printed("3", "1,1", "9,9", "3,3")), appendix(printed("3", "2,7", "3,3", "3,3"))
    ),
    "A102": Pair(appendix(changed(2, 1, "3")), appendix(changed(3, 1, "4"))),
    "A103": Pair(appendix(changed(3, 1, "4")), appendix()),
    "I101": Pair(text("Kommunalområdet Oppvekst", "Utkast\n\nKommunalområdet Oppvekst"), text()),
    "I102": Pair(workbook(with_column("Merkand", "a")), workbook()),
    "I103": Pair(workbook(with_nameless_row("3")), workbook(with_nameless_row(""))),
    "I104": Pair(
        text("Tomten er kjøpt.", "Tomten\ner kjøpt."), text("Tomten er kjøpt.", "Tomten  er kjøpt.")
    ),
    "I105": Pair(word_with_intro("Området har fått nye oppgaver."), word_with_intro()),
    "I106": Pair(
        text("Venter på anbud.", "Entreprise-anbud og anleggs-tilbudet"),
        text("Venter på anbud.", "El-anlegg"),
    ),
    "I107": Pair(text(head=""), text()),
    "I108": Pair(workbook(with_column("Merknad", "a")), workbook(with_column("Merkand", "a"))),
    "I109": Pair(word(WORD[:3], WORD[3:]), word(WORD)),
    "I110": Pair(workbook(edit=hide_row(3)), workbook(edit=hide_row(None))),
    "I111": Pair(
        text(head=HEAD + 'areas = [{ name = "Helse" }]\n'),
        text(head=HEAD + 'areas = [{ name = "Oppvekst" }]\n'),
    ),
    "I112": Pair(workbook(edit=mark("G2", strike=True)), workbook(edit=mark("G2"))),
    "I113": Pair(workbook(edit=draw_chart), workbook()),
    "I114": Pair(
        workbook(edit=mark("G2", link="https://example.org/12")),
        workbook(edit=mark("G2", link="#Sheet!A1")),
    ),
    "I115": Pair(
        workbook(edit=mark("F2", fill="00B050")), workbook(edit=mark("G3", fill="00B050"))
    ),
    "I116": Pair(workbook(with_leaders("Ola", "Kari")), workbook(with_leaders("Ola", "ola "))),
    "I117": Pair(
        workbook([row[1:] for row in SHEET]),
        workbook([row[1:] for row in SHEET], name_sheet("Havn")),
    ),
    "I118": Pair(
        workbook([*SHEET, ("Helse",), ("", *SHEET[1][1:])]),
        workbook([*SHEET, ("", "Helse"), ("", *SHEET[1][1:])]),
    ),
    "I119": Pair(workbook(with_last_label("Oppdaterte merkander")), workbook()),
    "I120": Pair(coloured_answers("E9BC82", "0C3464"), coloured_answers("FF0000", "0C3464")),
    "I121": Pair(
        workbook([*SHEET, ("Teknikk", "9", "", "3", "", "", "Se over")]),
        workbook([*SHEET, ("Teknikk", "9", "Se over", "3", "", "", "")]),
    ),
    "I122": Pair(
        workbook([*SHEET, SHEET[-1]]), workbook([*SHEET, (SHEET[-1][0], "99", *SHEET[-1][2:])])
    ),
    "P101": Pair(
        published_remark("Spør kari@example.com"), published_remark("Spør kari på e-post")
    ),
    "P102": Pair(
        published_remark("Møte \u6f22", "a.pdf"), published_remark("Møte på øya", "a.pdf")
    ),
    "P103": Pair(published_intro("Møte \ufdd0"), published_intro("Møte på øya")),
    "T101": Pair(
        template_change("[scales]", '[scales]\nleft = [{ value = 1, label = "En" }]'),
        template_change("[scales]", "[scales]\n"),
    ),
    "T104": Pair(
        template_change('label = "Ja"', 'label = "nei"'),
        template_change('label = "Ja"', 'label = "Kanskje"'),
    ),
    "T105": Pair(
        template_change("width = 5", "width = 150"), template_change("width = 5", "width = 15")
    ),
    "T106": Pair(
        template_change("Området {name}", "Området {{x}} {name}"),
        template_change("Området {name}", "Området (x) {name}"),
    ),
    "T107": Pair(
        template_change('id = "min"', 'id = "din"'), template_change('id = "min"', 'id = "min" ')
    ),
    "T108": Pair(
        template_with_choices(
            f'{{ value = "a", label = "{"🔴 rødt " * 20}" }}, '
            f'{{ value = "b", label = "{"🟢 grønt " * 20}" }}'
        ),
        template_with_choices('{ value = "a", label = "🔴 rødt" }'),
    ),
}
