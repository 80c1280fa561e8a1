"""Explain the code of a finding; for the command `rule` and for the documents."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from xltiltak.model.errors import UnknownCode
from xltiltak.model.finding import CODES, About, Code, Finding, Place
from xltiltak.model.language import translate

_PLACE = Place("Oppvekst.xlsx", "Oppvekst", "F15")
_VALUES: dict[str, object] = {  # values of the examples
    "after": "4",
    "allowed": "1, 2, 3, 4, 5",
    "area": "OPP",
    "before": "5",
    "both": "3",
    "by": "26",
    "code": "OPP-2020-12-31-K7QF",
    "computed": "3,2",
    "count": "3",
    "current": date(2020, 12, 31),
    "date": date(2020, 12, 31),
    "held": "3",
    "label": "Nå",
    "leader": "Rektor",
    "merged": "F15:F17",
    "length": "3 112",
    "limit": "2 800",
    "other": "TEK",
    "others": "«4» (b.xlsx, F15)",
    "printed": "3,3",
    "round": date(2020, 8, 31),
    "typed": "1-2",
    "value": "7",
    "width": "230",
    "word": "gjenstår",
    "folder": "parkplan",
}
_REASONS = {
    "F001": "pdf",
    "C103": "status_rose",
    "L105": "measure_ended",
    "F003": "hidden",
    "F004": "version",
    "F005": "left",
    "F006": "zip",
    "F010": "internal_read",
    "F013": "carried",
    "F007": "sheets",
    "F011": "words_of_mail",
    "M110": "plan_differs",
    "M111": "drop_value",
    "I101": "beside_comment",
    "I102": "heading_unknown",
    "I103": "no_key",
    "I110": "hidden_rows",
    "I112": "source_struck_words",
    "I113": "object_picture_named",
    "I115": "coloured_cell",
    "M121": "earlier_changed",
    "M124": "deadline_before",
    "I116": "several_leaders",
    "P101": "phone_number",
    "S103": "rows_alike",
    "S111": "object_picture_named",
    "S113": "merged_shown",
    "S117": "other_date",
    "S119": "plan_note",
    "V102": "coloured_green",
    "V112": "struck_words",
}
_ROW = "12 · Ny gangvei til skolen"
_OWN_VALUES: dict[str, dict[str, object]] = {  # values of the example of one code
    "C102": {"value": "5"},
    "C103": {"before": "3", "after": "4"},
    "C104": {"value": "3"},
    "C105": {"value": _ROW},
    "C109": {"value": date(2020, 6, 30)},
    "C110": {"value": "0,058", "after": "5,8", "like": "93"},
    "F004": {"met": "2", "version": "3", "template": "parkplan", "value": "F15 4"},
    "F007": {"met": "80", "bound": "64"},
    "F009": {"error": "Permission denied"},
    "F010": {"error": "KeyError"},
    "F008": {"value": "xl/vbaProject.bin"},
    "F011": {
        "sender": "rektor@fjordby.example",
        "sent": "2020-12-10",
        "subject": "SV: Skjema",
        "value": "Se notatet fra mai",
    },
    "F012": {"file": "Oppvekst.xlsx", "agree": "3", "count": "3"},
    "I101": {"value": _ROW},
    "I102": {"value": "Ansvar", "near": "", "texts": "Ola · Kari", "like": "…"},
    "I103": {"value": _ROW},
    "I104": {"value": _ROW},
    "I105": {"value": "Se notatet fra mai"},
    "I106": {"value": "gang-vei"},
    "I107": {
        "title": "Plan 2020",
        "year": "2020",
        "dates": date(2020, 12, 31),
        "file": "plan.toml",
    },
    "I108": {"value": "Frist"},
    "I110": {"value": "12, 13"},
    "I111": {"value": "Oppvekst", "there": "Teknikk"},
    "I112": {"value": "Stoppet."},
    "I113": {"value": "Kart over veien"},
    "I114": {"value": "Se saken", "address": "https://www.example.com/sak/12"},
    "I115": {"value": "grønn (00B050)"},
    "I116": {"area": "Oppvekst", "label": "Leder", "value": "«Ola Nes», «Kari Fjell»"},
    "I117": {"value": "Plan 2020"},
    "I118": {"value": "Skog"},
    "I119": {"value": "Fristt", "label": "Frist"},
    "I120": {"label": "Vurdering", "value": "rød (FF0000) = Dårlig: D4, D7"},
    "I121": {"label": "Navn", "value": "12 · 3"},
    "I122": {"value": "12 · Ny gangvei", "others": "Teknikk B14"},
    "L101": {"value": "Ny gangvei", "held": "Ny gangvei til skolen"},
    "L102": {"value": "4"},
    "L103": {"value": "4"},
    "L105": {"value": "4", "until": date(2020, 4, 30)},
    "L106": {"value": "6", "held": "16"},
    "L104": {"value": "4", "name": "Ny gangvei", "held": "Svømmehall"},
    "M102": {"value": "5"},
    "M103": {"value": "a.xlsx, b.xlsx"},
    "M104": {"value": "F15 4"},
    "M105": {"value": "4"},
    "M106": {"value": _ROW},
    "M107": {"value": "Se notatet fra mai"},
    "M108": {"value": "–"},
    "M109": {"value": "5"},
    "M110": {"value": "Bygge ny skole", "held": "Bygge ny barneskole"},
    "M111": {"value": "4"},
    "M120": {"reason": "earlier_removed", "value": "HEL-2020-12-31.xlsx"},
    "M123": {"value": "Økonomi"},
    "M124": {"value": date(2020, 5, 20)},
    "M125": {"value": "Havn", "codes": "HAV, HAV2"},
    "M126": {"value": "kanskje"},
    "P101": {"value": "22 ** ** **"},
    "P102": {"value": "漢", "number": "U+6F22", "count": "2"},
    "P103": {"value": "\ufffd", "number": "U+FFFF", "count": "1"},
    "S101": {"value": "F15 4"},
    "S103": {"value": f"{_ROW} · 4"},
    "S104": {"value": _ROW},
    "S107": {"value": "4, 5, 6"},
    "S108": {"value": "Se notatet fra mai"},
    "S105": {"value": "Per i dag"},
    "S111": {"value": "Skjermbilde fra mai"},
    "S112": {"value": "https://example.org/sak/12"},
    "S113": {"value": "4", "others": "13, 14"},
    "S114": {"value": "Oppvekst (2)", "held": "Oppvekst"},
    "S115": {"value": "Ikke godkjent"},
    "S116": {"value": f"{_ROW} · 4", "count": "2"},
    "S117": {"value": "F15 4; F16 3", "label": date(2020, 12, 31), "count": "2"},
    "S118": {"count": "24"},
    "S119": {"value": "Husk: ring Siv"},
    "S120": {"value": "Oppvekst"},
    "T101": {"value": "progress"},
    "T104": {"value": "A", "other": "B"},
    "T105": {"width": "230", "limit": "200"},
    "T106": {"value": "{name}"},
    "T107": {"value": "parkplan", "folder": "park"},
    "T108": {"length": "312", "limit": "255"},
    "V103": {"value": "ca. 3"},
    "V104": {"value": "31.2."},
    "V105": {"value": date(2021, 2, 1)},
    "V106": {"value": "#REF!"},
    "V107": {"before": "3,0", "after": "3"},
    "V109": {"value": "… …"},
    "V110": {"value": "U+200B"},
    "V111": {"value": "Se notatet fra mai"},
    "V112": {"value": "Se notatet fra mai"},
    "V113": {"value": "1.250", "first": "1,25", "second": "1250"},
    "V114": {"value": "Se notatet fra mai"},
}


class RuleHelp(NamedTuple):
    """The explanation of one code.

    `says` is the message with … for its values; `example` is a whole finding as a user reads it.
    """

    code: str
    kind: Code
    says: str
    example: str
    why: str
    fix: str


def explain(name: str, language: str) -> RuleHelp:
    """Return the explanation of a code, given in any case or by its name.

    Raises UnknownCode, which lists all codes.
    """
    requested = name.casefold()
    for code, kind in CODES.items():
        if requested in (code.casefold(), kind.name):
            says = _without_values(translate(f"finding.{code}.message", language))
            fix = _without_values(translate(f"finding.{code}.fix", language))
            why = translate(f"family.{code[0]}", language)
            return RuleHelp(code, kind, says, _example(code, language), why, fix)
    raise UnknownCode(name, CODES)


def _example(code: str, language: str) -> str:
    """Return the sentence of a finding with made-up values."""
    values = {**_VALUES, **_OWN_VALUES.get(code, {})}
    if code in _REASONS:
        values["reason"] = _REASONS[code]
    place = Place()
    if code[0] in "SLV":
        place = _PLACE
    elif code[0] == "F" and code != "F012":  # that one is about all forms
        place = Place(_PLACE.file)
    what = translate("rule.what", language) if code[0] in "LVCP" else ""
    return Finding.create(code, place, About(what=what), **values).sentence(language)


def _without_values(text: str) -> str:
    return " ".join(re.sub(r"(\{\w+\})+", "…", text).split())
