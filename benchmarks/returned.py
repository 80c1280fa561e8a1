"""Write a plan and returned forms to measure with: areas of fifty measures, plausible answers.

A quarter of the forms each are as our writer, openpyxl, LibreOffice and Excel save them.

    python -m benchmarks.returned FOLDER AREAS
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from random import Random

from benchmarks.saved_forms import in_excels_shape, saved_by_libreoffice, saved_by_openpyxl
from xltiltak.model.field_types import Value
from xltiltak.model.files import write
from xltiltak.model.register import Register
from xltiltak.model.report import Area, Head, Node, Report, Slot
from xltiltak.sheets.appendix import write_appendix
from xltiltak.sheets.forms import write_area_sheets
from xltiltak.sheets.workbook import new_workbook
from xltiltak.snapshot.hidden_sheet import form_rows
from xltiltak.templates.catalogue import find

DATES = (date(2020, 4, 30), date(2020, 8, 31), date(2020, 12, 31))
MEASURES = 50
HIGHEST = 5
# No word contradicts a status (C102): a fifth of all measures would have that finding.
KEY = "benchmark"  # proves that the forms are ours, as after a split
_WORDS: list[str] = (  # noqa: SIM905 - a sentence is easy to read
    "arbeidet er i gang og følger planen for året med nye rutiner i alle enheter mens opplæring "
    "av ansatte fortsetter til våren før ordningen evalueres sammen med brukerne"
).split(" ")


def plan(areas: int) -> Report:
    """Return a plan with this number of areas, its last date open and without answers."""
    chance, nodes, area_data = Random(1), [], {}  # noqa: S311 - random texts, no secret
    values: dict[Slot, Value] = {}
    for n in range(areas):
        area = f"A{n:04}"
        nodes.append(Node(area, "area"))
        values[Slot(area, "name")] = f"Område {n:04}"
        area_data[area] = Area(highest=MEASURES, sent=1)
        for k in range(1, MEASURES + 1):
            ref = f"{area}-{k:03}"
            nodes.append(Node(ref, "measure", area))
            values |= {
                Slot(ref, "no"): k,
                Slot(ref, "name"): f"Tiltak {n}.{k}: {_sentence(chance, 12)}",
            }
            first = chance.randint(1, 4)
            values |= {
                Slot(ref, "status", DATES[0]): first,
                Slot(ref, "status", DATES[1]): first + chance.randint(0, 1),
            }
            values[Slot(ref, "remark")] = _sentence(chance, 18)
    head = Head("TES", "Testvik", "Gjennomføring av tiltak 2020", 2020, "nb", DATES, DATES[-1])
    return Report(find("tiltaksstatus"), head, tuple(nodes), values, area_data)


def answered(part: Report, chance: Random) -> Report:
    """Answer every measure of a part: its status stays, or rises by one with a new remark."""
    values = dict(part.values)
    for node in (n for n in part.nodes if n.level == "measure"):
        first, second = (part.values[Slot(node.ref, "status", day)] for day in DATES[:2])
        assert isinstance(second, int)
        rises = second < HIGHEST and chance.random() < (0.95 if first == second else 0.4)
        values[Slot(node.ref, "status", DATES[-1])] = second + rises
        if rises:
            values[Slot(node.ref, "remark")] = _sentence(chance, 25)
    return replace(part, values=values)


def returned_form(part: Report, area: str, names: dict[str, str], chance: Random) -> bytes:
    """Return an answered form: the answers in the cells, the sent values in the hidden record."""
    target = BytesIO()
    with new_workbook(target, part.head) as book:
        write_area_sheets(book, {area: answered(part, chance)})
        book.add_hidden_sheet(form_rows(part, names, KEY))
    return target.getvalue()


def write_round(folder: Path, areas: int) -> Path:
    """Write the plan and the returned forms, and return the path of the plan."""
    report, chance = plan(areas), Random(2)  # noqa: S311 - as above
    names = {ref: report.area_name(ref) for ref in report.area_refs}
    forms = {
        f"{ref}.xlsx": returned_form(part, ref, names, chance)
        for ref, part in report.parts().items()
    }
    returned = {folder / "in" / name: form for name, form in as_saved(forms).items()}
    write({**returned, folder / "plan.xlsx": write_appendix(Register(report, key=KEY))}, force=True)
    return folder / "plan.xlsx"


def as_saved(forms: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the forms as four programs save them, in turn."""
    names = list(forms)
    return {
        **forms,
        **{name: saved_by_openpyxl(forms[name]) for name in names[1::4]},
        **saved_by_libreoffice({name: forms[name] for name in names[2::4]}),
        **{name: in_excels_shape(forms[name]) for name in names[3::4]},
    }


def _sentence(chance: Random, words: int) -> str:
    return (
        " ".join(chance.choices(_WORDS, k=chance.randint(words // 2, words * 2))).capitalize() + "."
    )


if __name__ == "__main__":
    write_round(Path(sys.argv[1]), int(sys.argv[2]))
