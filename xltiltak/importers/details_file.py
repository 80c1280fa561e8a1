"""The head of a source: the .toml beside the table, which says what the table cannot."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from xltiltak.model.errors import PlanError, TemplateProblem
from xltiltak.model.language import preferred_language
from xltiltak.model.normalize import normalize
from xltiltak.model.report import Area, Head
from xltiltak.model.row_keys import area_code, is_area_code
from xltiltak.model.template import TemplatePart
from xltiltak.templates.catalogue import shape_problem


@dataclass(frozen=True, slots=True)
class SourceArea(TemplatePart):
    """One area, by the name that the table calls it; what is left out is worked out or stays empty."""

    name: str
    code: str = ""
    intro: str = ""
    leader: str = ""
    deputy: str = ""
    email: str = ""
    deputy_email: str = ""
    language: Literal["", "nb", "nn", "sv", "en"] = ""

    def answering(self) -> Area:
        """Who answers for it."""
        return Area(
            self.leader,
            self.deputy,
            self.email,
            self.language,
            self.intro,
            deputy_email=self.deputy_email,
        )


@dataclass(frozen=True, slots=True)
class Published(TemplatePart):
    """The figures that were printed for an area, as they were printed; `averages` has one for each date."""

    area: str
    count: str = ""
    averages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceHead(TemplatePart):
    """What a head file may say. `periods` are the reporting dates; `notes` are for people and are not read."""

    organisation: str
    title: str
    year: int
    language: Literal["nb", "nn", "sv", "en"]
    periods: tuple[date, ...] = ()
    code: str = ""
    intro: str = ""
    deadline: date | None = None
    contact: str = ""
    case_number: str = ""
    areas: tuple[SourceArea, ...] = ()
    published: tuple[Published, ...] = ()
    scale: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def head(self) -> Head:
        """The head of a report whose dates are all closed."""
        return Head(
            code=self.code or area_code(self.organisation),
            organisation=self.organisation,
            title=self.title,
            year=self.year,
            language=self.language,
            dates=tuple(sorted({*self.periods})),
            deadline=self.deadline,
            contact=self.contact,
            case_number=self.case_number,
            intro=self.intro.strip(),
        )


def load_head(file: Path) -> SourceHead:
    """The head of a file. Raises PlanError, which names every problem with its key."""
    from pydantic import TypeAdapter, ValidationError

    try:
        written = tomllib.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        raise PlanError("no_head", file=file.name) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanError("head_not_toml", file=file.name, error=error) from error
    try:
        said = TypeAdapter(SourceHead).validate_python(written)
        problems = list(_area_problems(said))
    except ValidationError as error:
        problems = [
            (".".join(map(str, e["loc"])), shape_problem(dict(e), _part(e["loc"])))
            for e in error.errors()
        ]
    if problems:
        told = "\n".join(
            f"{file.name}: {key}: {problem.message(preferred_language())}"
            for key, problem in problems
        )
        raise PlanError("head_problems", problems=told)
    return said


def _area_problems(said: SourceHead) -> Iterator[tuple[str, TemplateProblem]]:
    """A code becomes part of refs and file names; two areas of one name or code could not be told apart."""
    for n, area in enumerate(said.areas):
        if area.code and not is_area_code(area.code):
            yield (
                f"areas.{n}.code",
                TemplateProblem("not_allowed", value=area.code, allowed="A–Z, 0–9"),
            )
    for key, named in (
        ("name", [normalize(a.name) for a in said.areas]),
        ("code", [a.code for a in said.areas if a.code]),
    ):
        yield from (
            (f"areas.{key}", TemplateProblem("twice", name=n))
            for n in sorted(set(named))
            if named.count(n) > 1
        )


def _part(path: tuple[int | str, ...]) -> type[TemplatePart]:
    return {"areas": SourceArea, "published": Published}.get(str(path[0]), SourceHead)
