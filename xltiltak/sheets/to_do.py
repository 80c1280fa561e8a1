"""What the coordinator has to decide, on the first sheet of the appendix.

Above the table of areas stands how much there is, in the table how much of it each area has, and
below it the list, errors first. The numbers count the lists of findings and proposals while the
workbook is open: what is written there in a yellow cell is decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from xltiltak.model.finding import Finding
from xltiltak.model.language import translate
from xltiltak.model.register import Proposal, Register
from xltiltak.model.report import Slot
from xltiltak.model.visible_text import shortened
from xltiltak.sheets.formula_parts import quoted
from xltiltak.sheets.lists import LinkTo, ListPlace, proposed_values
from xltiltak.sheets.workbook import WorkbookWriter
from xltiltak.xlsx.row_workbook import CellFormat, CellSheet

GRADES = ("error", "warning", "proposal")
_NO_AREA = ""  # beside the codes of areas
ALARM_HEIGHT = 26.0  # points
_MOST_LISTED = 25  # of the list; the sheets of findings and proposals have them all
_LONGEST_NAME = 255  # characters of an area's name in the table of areas
_GRADE_COL, _TEXT_COL = 1, 2  # of the list, counted from 0


@dataclass(frozen=True, slots=True)
class _Item:
    """One thing to decide: what it is about, what is wrong, what to do, and where it is decided.

    `target` is the link to the cell it is about, or else to its row in the list of its grade.
    `decided` is the address of the yellow cell in that row.
    """

    grade: str
    area: str
    about: str
    text: str
    fix: str
    target: str
    decided: str


class ToDo:
    """What is open in a register: errors, warnings, and proposals without a decision."""

    def __init__(self, register: Register) -> None:
        self.report = register.report
        decided = {*register.accepted, *register.refused}
        findings, proposals = enumerate(register.findings), enumerate(register.proposals)
        self.findings = [(n, finding) for n, finding in findings if finding.severity != "note"]
        self.proposals = [(n, found) for n, found in proposals if found.key not in decided]
        self.is_shown = bool(register.returned_files or self.findings or self.proposals)
        self._refs = set(self.report.area_refs)
        areas = [(str(finding.severity), self._area(finding)) for _, finding in self.findings]
        areas += [("proposal", proposal.area) for _, proposal in self.proposals]
        # How much is open, by grade, then by the code of the area.
        self.counts = {g: Counter(area for grade, area in areas if grade == g) for g in GRADES}

    @property
    def open_count(self) -> int:
        """Return how much is open of all grades."""
        return len(self.findings) + len(self.proposals)

    def numbers(self, grade: str, area: str | None = None) -> list[int]:
        """Return the rows of the open items of a grade in its list, from 0; of one area if given.

        The area "" stands for no area of the report.
        """
        if grade == "proposal":
            rows = [(number, proposal.area) for number, proposal in self.proposals]
        else:
            of_grade = (item for item in self.findings if item[1].severity == grade)
            rows = [(number, self._area(finding)) for number, finding in of_grade]
        return [number for number, found in rows if area in (None, found)]

    def _area(self, finding: Finding) -> str:
        return finding.area if finding.area in self._refs else _NO_AREA

    @property
    def has_items_without_area(self) -> bool:
        """Return True if something open is about no area of the report, such as a damaged file."""
        return any(counts[_NO_AREA] for counts in self.counts.values())


class ToDoWriter:
    """Writes what is open on the sheet of the overview; rows and columns count from 0.

    `places` are where the lists stand in the workbook, by grade.
    """

    def __init__(
        self,
        book: WorkbookWriter,
        sheet: CellSheet,
        to_do: ToDo,
        places: Mapping[str, ListPlace],
        link_to: LinkTo,
    ) -> None:
        self.book, self.sheet, self.to_do, self.link_to = book, sheet, to_do, link_to
        self.places = places
        self.report, self.language = to_do.report, to_do.report.head.language
        lists = ("findings", "proposals")  # their sheets, which the phrases name
        self.names = {key: translate(f"book.{key}", self.language) for key in lists}

    def write_alarm(self, row: int) -> None:
        """Write how much is open of each grade, as links to the lists, and what to do."""
        counts = {grade: self.to_do.counts[grade].total() for grade in GRADES}
        for col, grade in enumerate(GRADES):
            count, words = counts[grade], (self._text(f"one_{grade}"), self._text(f"{grade}s"))
            number_format = '[=1]0" {}";0" {}"'.format(*words)
            look = self.book.format(f"alarm_{grade}" if count else "alarm_none", number_format)
            self._write_count(row, col, self._open(grade), count, look)
            if count:
                target = self._row_link(grade, self.to_do.numbers(grade)[0])
                self.sheet.add_link(row + 1, col + 1, target)
        key = "alarm" if counts["error"] else "no_errors" if any(counts.values()) else "no_alarm"
        text = self._text(key)
        self.sheet.write_string(row, len(GRADES), text, self.book.format("alarm_text"))
        self.sheet.set_row(row, ALARM_HEIGHT)

    def write_area(self, row: int, first_col: int, area: str) -> None:
        """Write how much of each grade is open in an area, whose name is in column 0."""
        name = xl_rowcol_to_cell(row, 0)
        for col, grade in enumerate(GRADES, first_col):
            count = self.to_do.counts[grade][area]
            self._write_count(row, col, self._open(grade, name), count, self._look(grade, count))
            if numbers := self.to_do.numbers(grade, area):
                self.sheet.add_link(row + 1, col + 1, self._row_link(grade, numbers[0]))

    def write_without_area(self, row: int, first_col: int, first_row: int) -> None:
        """Write what is open but of no area: all less the areas, which begin with `first_row`."""
        text = self._text("without_area")
        self.sheet.write_string(row, 0, text, self.book.format("given"))
        for col, grade in enumerate(GRADES, first_col):
            formula = f"{self._open(grade)}-SUM({xl_range(first_row, col, row - 1, col)})"
            count = self.to_do.counts[grade][_NO_AREA]
            self._write_count(row, col, formula, count, self._look(grade, count))

    def write_total(self, row: int, first_col: int, first_row: int) -> None:
        """Write the sums of the rows above, which begin with `first_row`."""
        for col, grade in enumerate(GRADES, first_col):
            formula = f"SUM({xl_range(first_row, col, row - 1, col)})"
            count = self.to_do.counts[grade].total()
            self._write_count(row, col, formula, count, self.book.format("count"))

    def write_list(self, row: int, last_col: int, widths: tuple[float, float]) -> int:
        """Write what has to be decided, two rows each; return the row after an empty one.

        `widths` are those of column 0 and of the columns of the text, in characters. The last
        column leads to the yellow cell of the list, and shows what is written there.
        """
        items, count = self._items(), self.to_do.open_count
        if not count:
            return row
        self.sheet.write_string(row, 0, self._text("title"), self.book.format("heading"))
        self.sheet.write_string(
            row, _TEXT_COL, self._text("help", **self.names), self.book.format("note")
        )
        labels = {0: "what", _GRADE_COL: "severity", _TEXT_COL: "says", last_col: "handled"}
        for col in range(last_col + 1):
            label = translate(f"book.{labels[col]}", self.language) if col in labels else ""
            self.sheet.write_string(row + 1, col, label, self.book.format("to_do_head"))
        row += 2
        for item in islice(items, _MOST_LISTED):
            self._write_item(row, last_col, item, widths)
            row += 2
        if count > _MOST_LISTED:
            text = self._text("more", count=count - _MOST_LISTED, **self.names)
            self.sheet.write_string(row, 0, text, self.book.format("note"))
            row += 1
        return row + 1

    def _write_item(
        self, row: int, last_col: int, item: _Item, widths: tuple[float, float]
    ) -> None:
        """Write one thing to decide in two rows: what is wrong, and below it what to do."""
        first, rest = (int(width) for width in widths)
        link, note = self.book.format("to_do_link"), self.book.format("to_do_note")
        about, area = shortened(item.about, first), shortened(item.area, first)
        self.sheet.write_url(row, 0, item.target, link, about)
        self.sheet.write_string(row + 1, 0, area, note)
        grade = self._text(f"one_{item.grade}")
        self.sheet.write_string(row, _GRADE_COL, grade, self.book.format(f"to_do_{item.grade}"))
        plain = self.book.format("to_do_text")
        self.sheet.write_string(row, _TEXT_COL, shortened(item.text, rest), plain)
        self.sheet.write_string(row + 1, _TEXT_COL, shortened(item.fix, rest), note)
        # What leads to the yellow cell is a formula: LibreOffice shows no other value in a link.
        place = f"→ {self.names['proposals' if item.grade == 'proposal' else 'findings']}"
        shown = f'IF({item.decided}="",{quoted(place)},{item.decided})'
        formula = f"=HYPERLINK({quoted('#' + item.decided)},{shown})"
        self.sheet.write_formula(row, last_col, formula, link, place)

    def _items(self) -> Iterator[_Item]:
        """Yield everything that is open, errors first."""
        for number, finding in self.to_do.findings:
            yield self._item_of_finding(number, finding)
        for number, proposal in self.to_do.proposals:
            yield self._item_of_proposal(number, proposal)

    def _item_of_finding(self, number: int, finding: Finding) -> _Item:
        place, grade = finding.place, finding.severity
        area = self.report.area_name(finding.area) if finding.area else ""
        where = ", ".join(part for part in (place.file, place.sheet, place.cell) if part)
        fix = " ".join(
            part for part in (finding.fix(self.language), where and f"({where})") if part
        )
        about = finding.what.removeprefix(f"{area} · ") or place.file or area
        link = self.link_to(Slot(finding.ref, finding.field, finding.date))
        return _Item(
            grade,
            area or self._text("without_area"),
            about,
            " ".join(finding.message(self.language).split()),
            " ".join(fix.split()),
            link or self._row_link(grade, number),
            self.places[grade].cell(number),
        )

    def _item_of_proposal(self, number: int, proposal: Proposal) -> _Item:
        values = " · ".join(proposed_values(self.report, proposal).split("\n"))
        return _Item(
            "proposal",
            self.report.area_name(proposal.area),
            self._text("one_proposal").capitalize(),
            values,
            f"{self._text('decide_proposal', **self.names)} ({proposal.file}, {proposal.cell})",
            self._row_link("proposal", number),
            self.places["proposal"].cell(number),
        )

    def _open(self, grade: str, area: str = "") -> str:
        """Return the formula of how much is open of a grade: its rows without a decision.

        `area` is the address of a cell with the name of an area; without it, all areas count.
        """
        place = self.places[grade]
        if not place.count:
            return "0"
        factors = [f'(TRIM({place.column(place.decided)})="")']
        if "severity" in place.columns:
            word = translate(f"book.{grade}", self.language)
            factors.append(f'({place.column("severity")}="{word}")')
        if area:
            factors.append(f"(LEFT({place.column('area')},{_LONGEST_NAME})={area})")
        return f"SUMPRODUCT(1*{'*'.join(factors)})"

    def _write_count(self, row: int, col: int, formula: str, count: int, look: CellFormat) -> None:
        """Write a number that follows its list."""
        self.sheet.write_formula(row, col, f"={formula}", look, count)

    def _look(self, grade: str, count: int) -> CellFormat:
        return self.book.format(f"open_{grade}" if count else "share")

    def _row_link(self, grade: str, number: int) -> str:
        """Return the link to a row of the list of a grade."""
        return f"internal:{self.places[grade].cell(number)}"

    def _text(self, key: str, **values: object) -> str:
        return translate(f"to_do.{key}", self.language, **values)
