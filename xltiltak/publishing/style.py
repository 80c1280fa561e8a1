"""Read `style.toml`, the look of a municipality's reports, from beside an appendix or template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from xltiltak.model import files
from xltiltak.model.colours import LEAST_CONTRAST, WHITE, contrast, is_colour
from xltiltak.model.errors import PlanError, StyleError, TemplateProblem
from xltiltak.model.language import decimal_text
from xltiltak.model.template import TemplatePart
from xltiltak.publishing import pdf
from xltiltak.publishing.document import Style
from xltiltak.templates import catalogue

STYLE_FILE = "style.toml"
_FONT = re.compile(r"[\w '.&+-]{0,60}")
_JPEG = b"\xff\xd8\xff"
_LOGO_STARTS = (b"\x89PNG", _JPEG, b"<", b"\xef\xbb\xbf<")
_MOST_LOGO_BYTES = 1 << 20  # the web page contains the logo
_MOST_LOGO_PIXELS = 5_000  # in a row or column
_MARK, _START_OF_SCAN = 0xFF, 0xDA  # of a JPEG
_NO_FRAMES = (0xC4, 0xC8, 0xCC)  # markers of a JPEG among those of frames

Problems = Iterator[tuple[str, TemplateProblem]]
"""Problems with their keys in the file."""


@dataclass(frozen=True, slots=True)
class Colours(TemplatePart):
    """`accent` is for headings and rules, `ink` for text, `head` fills the heads of tables."""

    accent: str = Style().accent
    ink: str = Style().ink
    head: str = Style().head


@dataclass(frozen=True, slots=True)
class Fonts(TemplatePart):
    """Fonts by name. If a reader's machine lacks one, another font is shown instead."""

    text: str = ""
    headings: str = ""


@dataclass(frozen=True, slots=True)
class StyleFile(TemplatePart):
    """The content of a style.toml."""

    colours: Colours = field(default_factory=Colours)
    fonts: Fonts = field(default_factory=Fonts)
    logo: str = ""
    logo_text: str = ""
    orientation: Literal["", "portrait", "landscape"] = ""


def find_style(appendix: Path, template_id: str) -> Style:
    """Return the style beside an appendix, else that of its template, else the default.

    Raises StyleError.
    """
    template_folder = catalogue.folders(appendix.parent).get(template_id)
    folders = [appendix.parent, *([template_folder] if template_folder else [])]
    files = (folder / STYLE_FILE for folder in folders)
    return next((load_style(file) for file in files if file.is_file()), Style())


def load_style(path: Path) -> Style:
    """Return the style of a file. Raises StyleError, which names every problem with its key."""
    from pydantic import TypeAdapter, ValidationError

    try:
        style = TypeAdapter(StyleFile).validate_python(files.read_toml(path))
    except ValidationError as error:
        problems = [_shape_problem(dict(e)) for e in error.errors()]
        raise StyleError([(path.name, key, problem) for key, problem in problems]) from error
    except (PlanError, ValueError) as error:  # a ValidationError is a ValueError too
        raise StyleError([(path.name, "-", TemplateProblem("not_toml", error=error))]) from error
    logo = path.parent / style.logo if style.logo else None
    if problems := [
        *_colour_problems(style.colours),
        *_font_problems(style.fonts),
        *_logo_problems(logo),
    ]:
        raise StyleError([(path.name, key, problem) for key, problem in problems])
    return Style(
        accent=style.colours.accent,
        ink=style.colours.ink,
        head=style.colours.head,
        font=style.fonts.text,
        heading_font=style.fonts.headings,
        logo=files.read(logo, _MOST_LOGO_BYTES) if logo else b"",
        logo_text=style.logo_text,
        landscape=style.orientation == "landscape" if style.orientation else None,
    )


def _shape_problem(error: Mapping[str, Any]) -> tuple[str, TemplateProblem]:
    """Return an error of pydantic as a key and a problem, worded as for a template."""
    tables = {"colours": Colours, "fonts": Fonts}
    table = next((tables[step] for step in error["loc"][:-1] if step in tables), StyleFile)
    return ".".join(map(str, error["loc"])), catalogue.shape_problem(error, table)


def _colour_problems(colours: Colours) -> Problems:
    """Yield values that are no colours, and pairs of text and background that are too similar."""
    values = {"accent": colours.accent, "ink": colours.ink, "head": colours.head}
    wrong = [name for name, colour in values.items() if not is_colour(colour)]
    for name in wrong:
        problem = TemplateProblem("not_allowed", value=values[name], allowed="#RRGGBB")
        yield f"colours.{name}", problem
    if wrong:
        return
    for text, background in (("accent", WHITE), ("ink", WHITE), ("ink", "head")):
        ratio = contrast(values[text], values.get(background, background))
        if ratio < LEAST_CONTRAST:
            problem = TemplateProblem(
                "contrast",
                ratio=decimal_text(f"{ratio:.2f}", "nb"),
                first=f"{text} {values[text]}",
                second=f"{background} {values.get(background, '')}".strip(),
            )
            yield f"colours.{text}", problem


def _font_problems(fonts: Fonts) -> Problems:
    """Yield names that no font can have; they could break the file that contains them."""
    for name, font in (("text", fonts.text), ("headings", fonts.headings)):
        if not _FONT.fullmatch(font):
            yield f"fonts.{name}", TemplateProblem("no_font", value=font)


def _logo_problems(logo: Path | None) -> Problems:
    """Yield what is wrong with a logo: no file, too large, or not a picture that a PDF can show."""
    if logo is None:
        return
    try:
        content = files.read(logo, _MOST_LOGO_BYTES)
    except PlanError as error:
        yield "logo", _unread_logo(logo, error)
        return
    states_no_size = content.startswith(_JPEG) and picture_size(content) == (0, 0)
    if states_no_size or not content.lstrip().startswith(_LOGO_STARTS):
        yield "logo", TemplateProblem("bad_logo", path=Path(logo.name))
    elif (size := max(picture_size(content))) > _MOST_LOGO_PIXELS:
        yield (
            "logo",
            TemplateProblem("wide_logo", path=Path(logo.name), size=size, limit=_MOST_LOGO_PIXELS),
        )
    elif not pdf.can_show_logo(content):
        yield "logo", TemplateProblem("bad_logo", path=Path(logo.name))


def _unread_logo(logo: Path, error: PlanError) -> TemplateProblem:
    """Return why a logo cannot be read."""
    if error.key == "not_there":
        return TemplateProblem("no_logo", path=logo)
    if error.key == "too_large":
        size, limit = error.values["size"], _MOST_LOGO_BYTES >> 10
        kibibytes = int(str(size)) >> 10
        return TemplateProblem("large_logo", path=Path(logo.name), size=kibibytes, limit=limit)
    return TemplateProblem("not_toml", error=error)


def picture_size(content: bytes) -> tuple[int, int]:
    """Return width and height that a PNG or JPEG states, in pixels; zeros for any other picture.

    They are read before the picture is unpacked: a small file can state an enormous picture.
    """
    if content.startswith(b"\x89PNG"):
        return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    sizes = _jpeg_sizes(content) if content.startswith(_JPEG) else ()
    return max(sizes, key=max, default=(0, 0))


def _jpeg_sizes(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the sizes in a JPEG's segments, up to the picture itself."""
    at = 2
    while len(content) >= at + 9 and content[at] == _MARK and content[at + 1] != _START_OF_SCAN:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAMES:
            height, width = content[at + 5 : at + 7], content[at + 7 : at + 9]
            yield int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += 2 + length if marker != _MARK else 1  # a segment may begin with fill bytes
