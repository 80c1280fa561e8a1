"""The report details beside a source (.toml): what the source itself cannot say.

They become the `Head` and the areas of the report. A source without such a file gets its details
from its own texts and from what the user says; `details_skeleton` is the file that keeps them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, MINYEAR, date
from pathlib import Path
from typing import Literal

from xltiltak.model import files
from xltiltak.model.errors import PlanError, TemplateProblem
from xltiltak.model.language import preferred_language, translate
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Area, Head, Report
from xltiltak.model.row_keys import area_code, is_area_code
from xltiltak.model.template import TemplatePart
from xltiltak.model.visible_text import visible
from xltiltak.templates.catalogue import shape_problem


@dataclass(frozen=True, slots=True)
class SourceArea(TemplatePart):
    """One area, by its name in the source.

    An empty `code` is made from the name. An empty `intro` is taken from the source.
    """

    name: str
    code: str = ""
    intro: str = ""
    leader: str = ""
    deputy: str = ""
    email: str = ""
    deputy_email: str = ""
    language: Literal["", "nb", "nn", "sv", "en"] = ""

    def to_area(self) -> Area:
        """Return the area of the report."""
        return Area(
            self.leader,
            self.deputy,
            self.email,
            self.language,
            self.intro,
            deputy_email=self.deputy_email,
        )


@dataclass(frozen=True, slots=True)
class SourcePeriod(TemplatePart):
    """A reporting date, and the name of the period that it closes."""

    date: dt.date
    label: str


@dataclass(frozen=True, slots=True)
class PublishedFigures(TemplatePart):
    """The figures of an area as they were printed; `averages` has one for each date."""

    area: str
    count: str = ""
    averages: tuple[str, ...] = ()


_LONGEST = {  # characters of a text: it stands in one cell, and most in a heading
    **dict.fromkeys(("organisation", "title", "contact", "case_number"), 1_000),
    "intro": 20_000,
}


@dataclass(frozen=True, slots=True)
class SourceDetails(TemplatePart):
    """The keys of a file with report details.

    `periods` are the reporting dates, some with the name of their period. `scale` and
    `notes` are for people and are not used.
    """

    organisation: str
    title: str
    year: int
    language: Literal["nb", "nn", "sv", "en"]
    periods: tuple[date | SourcePeriod, ...] = ()
    code: str = ""
    intro: str = ""
    deadline: date | None = None
    contact: str = ""
    case_number: str = ""
    areas: tuple[SourceArea, ...] = ()
    published: tuple[PublishedFigures, ...] = ()
    scale: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def dates(self) -> tuple[date, ...]:
        """Return the reporting dates."""
        return tuple(p.date if isinstance(p, SourcePeriod) else p for p in self.periods)

    def to_head(self) -> Head:
        """Return the details of a report in which all dates are closed."""
        return Head(
            code=self.code or area_code(self.organisation),
            organisation=self.organisation,
            title=self.title,
            year=self.year,
            language=self.language,
            dates=tuple(sorted({*self.dates})),
            periods={p.date: p.label for p in self.periods if isinstance(p, SourcePeriod)},
            deadline=self.deadline,
            contact=self.contact,
            case_number=self.case_number,
            intro=self.intro.strip(),
        )


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the user says about a source; empty where they say nothing.

    `area` is the area of records that name none. `columns` has a heading of the template for each
    heading of the source that stands for it. `complete` asks the user for details that no file
    gives: it gets those that were worked out, with year 0 if it is unknown, and returns them all.
    """

    title: str = ""
    organisation: str = ""
    year: int = 0
    dates: tuple[date, ...] = ()
    area: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    complete: Callable[[SourceDetails], SourceDetails] | None = None

    def applied_to(self, details: SourceDetails) -> SourceDetails:
        """Return report details in which everything that the user says has its place."""
        return replace(
            details,
            title=self.title or details.title,
            organisation=self.organisation or details.organisation,
            year=self.year or details.year,
            periods=self.dates or details.periods,
        )


def find_details(source: Path, head: Path | None) -> Path | None:
    """Return the file with the report details of a source; None if there is none.

    It is `head`, or else the .toml beside the source.
    """
    beside = source.with_suffix(".toml")
    return head or (beside if files.exists(beside) else None)


def details_skeleton(report: Report, *, with_areas: bool) -> str:
    """Return a file of report details, with those of a report and room for the others.

    Areas that nobody has named are left out.
    """
    head, language = report.head, report.head.language
    periods = ", ".join(_period_text(day, head.periods.get(day, "")) for day in head.dates)
    lines = [
        *_comment("about", language),
        f"organisation = {_toml_text(head.organisation)}",
        f"title = {_toml_text(head.title)}",
        f"year = {head.year}",
        f"language = {_toml_text(language)}",
        f"periods = [{periods}]",
        *_comment("optional", language),
        f"code = {_toml_text(head.code)}",
        *(f'# {key} = ""' for key in ("contact", "case_number", "intro")),
    ]
    for ref in report.area_refs if report.template.area_level and with_areas else ():
        area = report.areas[ref]
        keys = ("leader", "email", "deputy", "deputy_email")
        lines += ["", "[[areas]]", f"name = {_toml_text(report.area_name(ref))}"]
        lines += [f"code = {_toml_text(ref)}"]
        lines += [f"{key} = {_toml_text(getattr(area, key))}" for key in keys]
    return "\n".join(lines) + "\n"


def _period_text(day: date, name: str) -> str:
    """Return a reporting date as TOML writes it, with the name of its period if it has one."""
    written = day.isoformat()
    return f"{{ date = {written}, label = {_toml_text(name)} }}" if name else written


def _comment(key: str, language: str) -> Iterator[str]:
    """Yield a text of the catalogue as lines of comment."""
    yield from (f"# {line}" for line in translate(f"import.details.{key}", language).split("\n"))


def _toml_text(text: str) -> str:
    """Return a text as TOML writes it: as JSON does, but for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def load_details(file: Path) -> SourceDetails:
    """Return the report details in a file.

    Raises PlanError if the file is missing or no TOML, or with all its problems, each with its key.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        data = files.read_toml(file)
    except PlanError as error:
        if error.key == "not_there":
            raise PlanError("no_head", file=visible(file.name)) from error
        raise
    except ValueError as error:
        raise PlanError("head_not_toml", file=visible(file.name), error=error) from error
    try:
        details = TypeAdapter(SourceDetails).validate_python(data)
    except ValidationError as failure:
        problems = [
            (".".join(map(str, error["loc"])), shape_problem(dict(error), _part(error["loc"])))
            for error in failure.errors()
        ]
    else:
        problems = list(_content_problems(details))
        if not problems:
            return details
    lines = [
        f"{file.name}: {key}: {problem.message(preferred_language())}" for key, problem in problems
    ]
    raise PlanError("head_problems", problems="\n".join(lines))


def _content_problems(details: SourceDetails) -> Iterator[tuple[str, TemplateProblem]]:
    """Yield long texts, an impossible year, invalid codes, and names and codes of two areas.

    A code becomes part of refs and of file names.
    """
    for key, limit in _LONGEST.items():
        if (length := len(getattr(details, key))) > limit:
            yield key, TemplateProblem("too_long", length=length, limit=limit)
    if not MINYEAR <= details.year <= MAXYEAR:
        yield "year", TemplateProblem("not_allowed", value=details.year, allowed="1–9999")
    if details.code and not is_area_code(details.code):
        yield "code", TemplateProblem("not_allowed", value=details.code, allowed="A–Z, 0–9")
    for n, area in enumerate(details.areas):
        if area.code and not is_area_code(area.code):
            problem = TemplateProblem("not_allowed", value=area.code, allowed="A–Z, 0–9")
            yield f"areas.{n}.code", problem
    names = [normalize(area.name) for area in details.areas]
    codes = [area.code for area in details.areas if area.code]
    for key, values in (("name", names), ("code", codes)):
        for value in sorted(set(values)):
            if values.count(value) > 1:
                yield f"areas.{key}", TemplateProblem("twice", name=value)


def _part(path: tuple[int | str, ...]) -> type[TemplatePart]:
    """Return the class that the key at a path belongs to."""
    parts: dict[str, type[TemplatePart]] = {"areas": SourceArea, "published": PublishedFigures}
    return parts.get(str(path[0]), SourceDetails)
