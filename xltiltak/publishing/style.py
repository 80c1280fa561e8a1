"""How a municipality's reports look: `style.toml`, beside the appendix or in the folder of its template."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from xltiltak.model.errors import StyleError, TemplateProblem
from xltiltak.model.language import decimal_text
from xltiltak.model.template import TemplatePart
from xltiltak.publishing import pdf
from xltiltak.publishing.document import Style
from xltiltak.templates import catalogue

STYLE_FILE = "style.toml"
LEAST_CONTRAST = 4.5  # of text against what is behind it (WCAG 2.2, 1.4.3)
PAPER = "#FFFFFF"
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_FONT = re.compile(r"[\w '.&+-]{0,60}")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"<", b"\xef\xbb\xbf<")
_MOST = 1 << 20  # bytes of a logo, which every page carries


@dataclass(frozen=True, slots=True)
class Colours(TemplatePart):
    """`accent` is for headings and rules, `ink` for text, `head` fills the heads of tables."""

    accent: str = Style().accent
    ink: str = Style().ink
    head: str = Style().head


@dataclass(frozen=True, slots=True)
class Fonts(TemplatePart):
    """Fonts by name; one that a reader's machine lacks is replaced there."""

    text: str = ""
    headings: str = ""


@dataclass(frozen=True, slots=True)
class StyleFile(TemplatePart):
    """What can stand in a style.toml."""

    colours: Colours = field(default_factory=Colours)
    fonts: Fonts = field(default_factory=Fonts)
    logo: str = ""
    logo_text: str = ""
    orientation: Literal["", "portrait", "landscape"] = ""


def find_style(appendix: Path, template_id: str) -> Style:
    """The style beside an appendix, else that of the template's folder, else our own. Raises StyleError."""
    folder = catalogue.folders(appendix.parent).get(template_id)
    places = [appendix.parent, *([folder] if folder else [])]
    return next(
        (load_style(place / STYLE_FILE) for place in places if (place / STYLE_FILE).is_file()),
        Style(),
    )


def load_style(path: Path) -> Style:
    """The style of a file. Raises StyleError, which names every problem with its key."""
    from pydantic import TypeAdapter, ValidationError

    try:
        said = TypeAdapter(StyleFile).validate_python(tomllib.loads(path.read_text("utf-8-sig")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StyleError([(path.name, "-", TemplateProblem("not_toml", error=error))]) from error
    except ValidationError as error:
        raise StyleError([(path.name, *_problem(dict(e))) for e in error.errors()]) from error
    logo = path.parent / said.logo if said.logo else None
    if problems := [
        *_colour_problems(said.colours),
        *_font_problems(said.fonts),
        *_logo_problems(logo),
    ]:
        raise StyleError([(path.name, key, problem) for key, problem in problems])
    return Style(
        said.colours.accent, said.colours.ink, said.colours.head, said.fonts.text, said.fonts.headings,
        logo.read_bytes() if logo else b"", said.logo_text,
        said.orientation == "landscape" if said.orientation else None,
    )  # fmt: skip


def contrast(first: str, second: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _problem(error: Mapping[str, Any]) -> tuple[str, TemplateProblem]:
    """Where it is, and what; in the words that templates' problems are told in."""
    parts = {"colours": Colours, "fonts": Fonts}
    part = next((parts[step] for step in error["loc"][:-1] if step in parts), StyleFile)
    return ".".join(map(str, error["loc"])), catalogue.shape_problem(error, part)


def _colour_problems(colours: Colours) -> Iterator[tuple[str, TemplateProblem]]:
    """Colours that are none, and pairs of text and ground that are too alike."""
    named = {"accent": colours.accent, "ink": colours.ink, "head": colours.head}
    wrong = [name for name, colour in named.items() if not _COLOUR.fullmatch(colour)]
    for name in wrong:
        yield (
            f"colours.{name}",
            TemplateProblem("not_allowed", value=named[name], allowed="#RRGGBB"),
        )
    pairs = [("accent", PAPER), ("ink", PAPER), ("ink", "head")]
    for first, second in pairs if not wrong else ():
        ratio = contrast(named[first], named.get(second, second))
        if ratio < LEAST_CONTRAST:
            values = {
                "first": f"{first} {named[first]}",
                "second": f"{second} {named.get(second, '')}".strip(),
            }
            yield (
                f"colours.{first}",
                TemplateProblem("contrast", ratio=decimal_text(f"{ratio:.2f}", "nb"), **values),
            )


def _font_problems(fonts: Fonts) -> Iterator[tuple[str, TemplateProblem]]:
    """What can be the name of no font, and would break the file it is named in."""
    for name, font in (("text", fonts.text), ("headings", fonts.headings)):
        if not _FONT.fullmatch(font):
            yield f"fonts.{name}", TemplateProblem("no_font", value=font)


def _logo_problems(logo: Path | None) -> Iterator[tuple[str, TemplateProblem]]:
    """A logo that is not there, is too large for every page to carry, or is no picture."""
    if logo is None:
        return
    if not logo.is_file():
        yield "logo", TemplateProblem("no_logo", path=logo)
        return
    content = logo.read_bytes()
    if len(content) > _MOST:
        yield (
            "logo",
            TemplateProblem(
                "large_logo", path=logo.name, size=len(content) >> 10, limit=_MOST >> 10
            ),
        )
    elif not (content.lstrip().startswith(_PICTURES) and pdf.shows(content)):
        yield "logo", TemplateProblem("bad_logo", path=logo.name)
