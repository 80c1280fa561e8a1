"""The cell styles of our workbooks, by name.

Colour is never the only sign: a step also shows its word, and an input has a frame.
"""

from __future__ import annotations

from typing import Any

from xltiltak.layout.geometry import FILLS

BLUE, INK, GREY, LINE = "#0B4A8F", "#1F2A37", "#5B6675", "#C9D1DA"
PALE, BAND, INPUT, NONE, OWN, NAVY, AMBER = FILLS
INPUT_LINE = "#E3D6A0"
CARRIED = "#E9EDF1"  # of a step that was carried on from the last date
UNEXPLAINED = "#F4B08A"  # of a remark that does not say why the status has fallen
DONE, TO_DO = "#2E7D32", "#B45309"
WRONG, WRONG_LINE = "#FFD9C2", "#A33B00"
ERROR, WARNING, NOTE = "#F9DEDC", "#FFF1D6", "#EAF1F8"
ALARM = "#A3260F"  # for errors alone
_ALARM = {"font_size": 13, "bold": True, "align": "center", "valign": "vcenter"}
_BASE: dict[str, Any] = {"font_name": "Arial", "font_size": 10, "font_color": INK, "valign": "top"}
_FRAME = {"border": 1, "border_color": LINE, "text_wrap": True}
_INDENT = {"align": "left", "indent": 1}
_BAND = {
    "font_size": 11,
    "bold": True,
    "valign": "vcenter",
    "bg_color": PALE,
    "top": 1,
    "top_color": BLUE,
}
_OVER = {"bg_color": BAND, "top": 1, "top_color": BLUE}
_CARD_INPUT = {"bg_color": INPUT, "locked": False, **_FRAME, "border_color": INPUT_LINE, **_INDENT}
_FORM_HEAD = {
    "bold": True,
    "text_wrap": True,
    "valign": "vcenter",
    "border": 1,
    "border_color": LINE,
}
_DOTTED_TOP, _DOTTED_BOTTOM = {"top": 4}, {"bottom": 4}  # between the rows of one slot
_RULE = {"top": 1, "top_color": LINE}
_CENTRED = {"align": "center", "valign": "top"}
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"font_size": 16, "bold": True, "font_color": BLUE, "valign": "vcenter"},
    "sheet_title": {"font_size": 14, "bold": True, "font_color": BLUE, "valign": "vcenter"},
    "heading": {"font_size": 12, "bold": True, "font_color": BLUE, "valign": "vcenter"},
    "head": {"bold": True, "bg_color": PALE, **_FRAME},
    "label": {"bold": True, "font_color": GREY, "text_wrap": True},
    "asking": {"bold": True, "font_color": GREY, "align": "right"},
    "head_centred": {"bold": True, "bg_color": PALE, **_FRAME, **_CENTRED},
    "form_head": {**_FORM_HEAD, "font_color": "#FFFFFF", "bg_color": NAVY},
    "open_head": {**_FORM_HEAD, "bg_color": AMBER},
    "note": {"font_size": 9, "font_color": GREY},
    "intro": {"font_size": 9, "font_color": GREY},
    "due": {"valign": "vcenter"},
    "plain": {},
    "sheets": {"bold": True},
    "sheet_link": {"font_color": BLUE, "underline": 1},
    "jump": {"font_color": BLUE, "underline": 1},
    "kept": {},  # a cell of the coordinator's own column or sheet
    "filled": {"bold": True, "valign": "vcenter"},
    "sum_label": {"bold": True, "align": "right"},
    "sum": {"font_size": 9, "bold": True, "font_color": GREY, "valign": "vcenter"},
    "given": _FRAME,
    "own": {"bg_color": OWN, **_FRAME},
    "input": {"bg_color": INPUT, "locked": False, **_FRAME, "border_color": INPUT_LINE},
    "entry": {
        "bg_color": INPUT,
        "locked": False,
        **_FRAME,
        "border_color": INPUT_LINE,
        "align": "left",
    },
    "none": {"bg_color": NONE, **_FRAME},
    "total": {"bold": True, **_FRAME},
    "step": {"bold": True, **_FRAME, **_CENTRED},
    "count": {"bold": True, **_FRAME, **_CENTRED, "num_format": "0"},
    "share": {**_FRAME, **_CENTRED, "num_format": "0"},
    "mean": {"bold": True, **_FRAME, **_CENTRED, "num_format": "0.0"},
    "link": {**_FRAME, "font_color": BLUE, "underline": 1},
    "error": {**_FRAME, "bg_color": ERROR, "bold": True},
    "warning": {**_FRAME, "bg_color": WARNING},
    "comment": {**_FRAME, "bg_color": NOTE},
    # on the list of what has to be decided
    "alarm_error": {**_ALARM, "bg_color": ALARM, "font_color": "#FFFFFF"},
    "alarm_warning": {**_ALARM, "bg_color": "#FFE08A"},
    "alarm_proposal": {**_ALARM, "bg_color": "#DCE8F5"},
    "alarm_none": {**_ALARM, "bold": False, "bg_color": NONE},
    "alarm_text": {"valign": "vcenter", **_INDENT},
    "open_error": {**_FRAME, **_CENTRED, "bold": True, "underline": 1, "font_color": ALARM},
    "open_warning": {**_FRAME, **_CENTRED, "bold": True, "underline": 1, "font_color": "#7A4E00"},
    "open_proposal": {**_FRAME, **_CENTRED, "bold": True, "underline": 1, "font_color": BLUE},
    "to_do_head": {"bold": True, "bg_color": PALE},
    "to_do_link": {"font_color": BLUE, "underline": 1, **_RULE},
    "to_do_error": {"bold": True, "font_color": ALARM, **_RULE},
    "to_do_warning": {"bold": True, "font_color": "#7A4E00", **_RULE},
    "to_do_proposal": {"bold": True, "font_color": BLUE, **_RULE},
    "to_do_text": _RULE,
    "to_do_note": {"font_color": GREY},
    "mark": {"font_size": 8, "font_color": GREY},
    # on bands across a table
    "over": {"font_size": 12, "bold": True, "font_color": BLUE, "valign": "vcenter", **_OVER},
    "under": _OVER,
    "ground": {"bg_color": BAND},
    "aside": {"bold": True, "font_color": GREY, "bg_color": BAND},
    "across": {"bg_color": BAND, **_INDENT},
    "across_on": {"bg_color": BAND, **_INDENT},
    "along": _INDENT,
    "along_on": _INDENT,
    "sum_on_band": {"font_size": 9, "bold": True, "font_color": GREY, "bg_color": BAND, **_INDENT},
    # on cards
    "outermost": {"font_size": 14, "bold": True, "font_color": BLUE, "valign": "vcenter"},
    "outer": {"font_size": 12, "bold": True, "font_color": BLUE, "valign": "vcenter"},
    "inner": {"font_size": 11, "bold": True, "font_color": INK, "valign": "vcenter"},
    "small_heading": {"font_size": 9, "bold": True, "font_color": INK, "valign": "vcenter"},
    "band": {**_BAND, "font_color": BLUE},
    "name": {**_BAND, **_INDENT, "text_wrap": True},
    "value": {**_INDENT, "text_wrap": True},
    "bullet": {"font_color": BLUE, "align": "right"},
    "pale_bullet": {"font_color": LINE, "align": "right"},
    "only": _CARD_INPUT,
    "first": {**_CARD_INPUT, **_DOTTED_BOTTOM},
    "middle": {**_CARD_INPUT, **_DOTTED_TOP, **_DOTTED_BOTTOM},
    "last": {**_CARD_INPUT, **_DOTTED_TOP},
    "toc_head": {
        "font_size": 11,
        "bold": True,
        "valign": "bottom",
        "bottom": 1,
        "bottom_color": LINE,
    },
    "toc_group": {"bold": True, "font_color": BLUE, "valign": "bottom"},
    "toc": {"font_size": 9, "font_color": GREY},
    "toc_name": {"font_color": BLUE, **_INDENT, "text_wrap": True},
    "continued": {"font_size": 8, "italic": True, "font_color": GREY, "text_wrap": True},
    "tick": {"font_color": TO_DO, "bold": True, "align": "center"},
}
DEFAULT_POINTS = 10  # size of letters
POINTS = {name: look["font_size"] for name, look in _STYLES.items() if "font_size" in look}
# Points added to the height of a row, above and below its letters.
PADDING = {
    "over": 4.0,
    "across_on": -4.0,  # the lines of one text stand close
    "along_on": -4.0,
    "outermost": 8.0,
    "outer": 8.0,
    "inner": 6.0,
    "small_heading": 6.0,
    "band": 6.0,
    "name": 6.0,
    "toc_head": 14.0,
    "toc_group": 4.0,
    "note": -3.0,
    "intro": -3.0,
    "toc_name": -2.5,
}
INDENT = 2.0  # characters
INDENTED = {"name", "toc_name", "value", "only", "first", "middle", "last"}
BOLD = {
    "title",
    "sheet_title",
    "form_head",
    "open_head",
    "sum_label",
    "heading",
    "over",
    "aside",
    "head",
    "label",
    "total",
    "outermost",
    "outer",
    "inner",
    "small_heading",
    "band",
    "name",
    "toc_head",
}
SLOT_STYLES = {"given", "input", "new", "own", "none"}  # with the number format of their field
LIVE_STYLES = {
    "tick",
    "toc",
    "toc_name",
    "toc_group",
    "continued",
}  # of the cells on cards that are formulas
# Styles whose text runs on over the empty cells to its right.
NO_WRAP = {
    "over",
    "aside",
    "across",
    "across_on",
    "along",
    "along_on",
    "sum_on_band",
    "title",
    "sheet_title",
    "sum_label",
    "heading",
    "note",
    "kept",
    "intro",
    "due",
    "filled",
    "jump",
    "sheets",
    "sheet_link",
    "sum",
    "asking",
    "mark",
    "band",
    "bullet",
    "pale_bullet",
    "tick",
    "toc_head",
    "toc_group",
    "toc",
}


def format_properties(
    style: str, number_format: str = "", *, centred: bool = False, wrap: bool = False
) -> dict[str, Any]:
    """Return the format of a cell as XlsxWriter takes it.

    With `wrap` a heading is broken into lines within its column, as on a card.
    """
    properties = _BASE | _STYLES[style]
    if number_format:
        properties["num_format"] = number_format
    if centred:
        properties |= _CENTRED
    if wrap:
        properties["text_wrap"] = True
    return properties
