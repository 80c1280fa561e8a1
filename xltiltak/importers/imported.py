"""What an import gives: the report, and everything there is to tell about how it was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from xltiltak.importers.printed import SummaryLine, together
from xltiltak.importers.report_builder import ReportBuilder
from xltiltak.importers.table_header import TableReading
from xltiltak.merging.printed_figures import PrintedFigures, printed_figure_differs
from xltiltak.model.finding import Finding, Place
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Report, Slot
from xltiltak.model.summary import TOTAL


class ImportResult(NamedTuple):
    """A report read from a source, and what there is to tell about it.

    `tables` say how its tables were understood, `places` where each value stands.
    """

    report: Report
    findings: tuple[Finding, ...]
    tables: tuple[TableReading, ...] = ()
    places: Mapping[Slot, Place] = {}


def concluded(
    grower: ReportBuilder,
    dates: tuple[date, ...],
    findings: Sequence[Finding] = (),
    tables: tuple[TableReading, ...] = (),
    figures: Mapping[str, Sequence[SummaryLine]] | None = None,
) -> ImportResult:
    """The report of all that has been taken, its printed figures held against its rows. Raises PlanError."""
    report = grower.report(dates)
    lines_of = {
        area: lines
        for area, lines in (figures or {}).items()
        if not area or normalize(area) in grower.refs
    }
    in_source = [
        together(grower.ref_of(area) if area else TOTAL, area, lines, dates)
        for area, lines in lines_of.items()
    ]
    in_head = [
        PrintedFigures(grower.ref_of(p.area), p.area, p.count, p.averages)
        for p in grower.said.published
    ]
    told = printed_figure_differs(report, _once([*in_source, *in_head]))
    return ImportResult(report, (*findings, *grower.findings, *told), tables, grower.places)


def _once(printed: Iterable[PrintedFigures]) -> list[PrintedFigures]:
    """Figures that both the source and its head give are held against the rows once."""
    return list({(p.ref, p.count, p.means): p for p in reversed(list(printed))}.values())[::-1]
