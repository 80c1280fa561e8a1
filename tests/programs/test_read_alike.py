"""Forms of all programs, whole and damaged, are read as the plain general reader reads them.

There are two short ways: rows and texts that expat does not parse (`xlsx.plain_elements`), and
forms in which only answers differ (`intake.unmoved`). No result is another one because of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from benchmarks.saved_forms import in_excels_shape, saved_by_libreoffice
from tests.intake.test_relocated import Round
from tests.programs.test_clients import CLIENTS, answered_by
from tests.sources import TEMPLATES
from tests.unusual import packed, parts_in
from xltiltak.intake import form_reader
from xltiltak.intake.form_reader import RegisterForms
from xltiltak.intake.returned_file import parse_return
from xltiltak.model.register import Register, ReturnedFile
from xltiltak.xlsx import plain_elements

Program = Callable[[Round], dict[str, bytes]]
DAMAGES = 12  # of each form
_READ = ("xl/worksheets/", "xl/sharedstrings.xml", "xl/styles.xml", "xl/workbook.xml")
_SIGNS = b"<>&\"'/ 019AZastrc=\xc3"


def by_libreoffice(round_: Round) -> dict[str, bytes]:
    """Return the answered forms as LibreOffice saves them."""
    return saved_by_libreoffice(round_.forms)


def in_excels(round_: Round) -> dict[str, bytes]:
    """Return the forms as they are sent, in Excel's shape."""
    return {name: in_excels_shape(form) for name, form in round_.empty.items()}


def client(name: str) -> Program:
    """Return what lets another program fill in the forms."""
    return lambda round_: answered_by(CLIENTS[name], round_)


PROGRAMS = [
    pytest.param(lambda round_: round_.empty, id="ours"),
    pytest.param(lambda round_: round_.forms, id="openpyxl"),
    pytest.param(in_excels, id="excel"),
    pytest.param(by_libreoffice, id="libreoffice", marks=pytest.mark.office),
    *(pytest.param(client(name), id=name, marks=pytest.mark.clients) for name in CLIENTS),
]


def plainly(content: bytes, forms: RegisterForms) -> ReturnedFile:
    """Return what a file says if every row goes through expat and the reader of rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(form_reader, "read_unmoved", lambda *_: False)
        patch.setattr(plain_elements, "without_plain", lambda part, *_: part)
        return parse_return("svar.xlsx", content, forms)


def damaged(form: bytes, chance: Random) -> Iterator[bytes]:
    """Yield the form with one bit flipped or one sign replaced in a part; the zip is whole."""
    parts = parts_in(form)
    names = [name for name, part in parts.items() if part and name.lower().startswith(_READ)]
    for number in range(DAMAGES):
        name = chance.choice(names)
        part = bytearray(parts[name])
        at = chance.randrange(len(part))
        part[at] = part[at] ^ 1 << chance.randrange(8) if number % 2 else chance.choice(_SIGNS)
        yield packed({**parts, name: bytes(part)})


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_no_form_is_read_otherwise_in_a_short_way(
    tmp_path: Path, template: str, program: Program
) -> None:
    round_ = Round(template, tmp_path)
    forms = RegisterForms(Register(round_.report))
    for name, form in program(round_).items():
        for content in (form, *damaged(form, Random(f"{template} {name}"))):
            assert parse_return("svar.xlsx", content, forms) == plainly(content, forms)
