"""Build the ribbon add-in, `xltiltak.xlam`: the tab *xltiltak* with a button for each action.

The add-in is a workbook with one hidden sheet, a VBA project that is the same for everybody
(`macros/addinProject.bin`), and the description of the tab. Its texts are fixed in the language of
the installation: a tab that asks a macro for its labels is lost when VBA is reset.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from xltiltak import __version__
from xltiltak.coordinator.model import shipped_folder
from xltiltak.model.language import translate

FILE_NAME = "xltiltak.xlam"
SHEET = "xltiltak"  # the hidden sheet; the macro reads B1 to B5 of it
VERSION_CELL = (6, 2)  # row and column of the version of this program that built the add-in
# The buttons in order, each with its icon, which is one of Office's own (imageMso).
ROUND_BUTTONS = {
    "desk": "ChartInsert",
    "split": "FileSendAsAttachment",
    "check": "ErrorChecking",
    "merge": "Consolidate",
    "report": "FileSaveAsPdfOrXps",
    "remind": "ReviewNewComment",
}
HELP_BUTTONS = {"new": "FileNew", "doctor": "AccessibilityChecker", "help": "Help"}
VERBS = (*ROUND_BUTTONS, *HELP_BUTTONS)
_SENTENCES = ("python_missing", "blocked", "ended")  # what the macro may say, in B3 to B5
_CREATED = datetime(1980, 1, 1)  # noqa: DTZ001 - no clock: two builds are equal
_MACRO = "XltiltakAddin.XltiltakClick"
_RIBBON_PART = "customUI/customUI14.xml"
_RIBBON_RELATIONSHIP = (
    '<Relationship Id="rIdRibbon" '
    'Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility" '
    f'Target="{_RIBBON_PART}"/></Relationships>'
)
_WORKBOOK_TYPE = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_ADDIN_TYPE = b"application/vnd.ms-excel.addin.macroEnabled.main+xml"


def addin_project() -> bytes:
    """Return the VBA project that ships with the program; it is the same in every add-in."""
    return (shipped_folder("macros") / "addinProject.bin").read_bytes()


def build_addin(language: str, windows_python: str, mac_python: str) -> bytes:
    """Return the add-in with its texts in a language.

    The two texts name the Python that a button starts; empty on the other system. The first may
    have variables of Windows (%LOCALAPPDATA%).
    """
    import xlsxwriter

    content, target = BytesIO(), BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        about = translate("addin.about", language)
        book.set_properties({"title": "xltiltak", "comments": about, "created": _CREATED})
        sheet = book.add_worksheet(SHEET)
        sentences = [translate(f"addin.{key}", language) for key in _SENTENCES]
        texts = (windows_python, mac_python, *sentences, __version__)
        for row, text in enumerate(texts):
            sheet.write_string(row, 1, text)
        book.add_vba_project(BytesIO(addin_project()), is_stream=True)
        book.set_vba_name("ThisWorkbook")
        sheet.set_vba_name("Sheet1")
    with ZipFile(content) as source, ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for entry in source.infolist():
            archive.writestr(entry, _with_ribbon(entry.filename, source.read(entry)))
        with archive.open(_RIBBON_PART, "w") as part:  # by name, it has a fixed date
            part.write(ribbon_xml(language).encode())
    return target.getvalue()


def ribbon_xml(language: str) -> str:
    """Return the description of the tab in the custom UI of Office 2010 and later."""
    tab, work = _attribute("tab", language), _attribute("round", language)
    assistance = _attribute("assistance", language)
    desk, *others = (_button(verb, icon, "large", language) for verb, icon in ROUND_BUTTONS.items())
    helps = "".join(_button(verb, icon, "normal", language) for verb, icon in HELP_BUTTONS.items())
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"><ribbon><tabs>'
        f'<tab id="xltiltakTab" label={tab} keytip="TI" insertAfterMso="TabReview">'
        f'<group id="xltiltakRound" label={work}>{desk}<separator id="xltiltakLine"/>'
        f"{''.join(others)}</group>"
        f'<group id="xltiltakAssistance" label={assistance}>{helps}</group>'
        "</tab></tabs></ribbon></customUI>"
    )


def _button(verb: str, icon: str, size: str, language: str) -> str:
    label = _attribute(f"button_{verb}", language)
    tip = _attribute(f"does_{verb}", language)
    return (
        f'<button id="xltiltak{verb.capitalize()}" label={label} screentip={label} supertip={tip} '
        f'imageMso="{icon}" size="{size}" onAction="{_MACRO}"/>'
    )


def _attribute(key: str, language: str) -> str:
    """Return a text of the add-in as the value of an attribute, with its quotes."""
    return quoteattr(translate(f"addin.{key}", language))


def _with_ribbon(name: str, part: bytes) -> bytes:
    """Return a part of the workbook as it is in an add-in with a tab."""
    if name == "[Content_Types].xml":
        return part.replace(_WORKBOOK_TYPE, _ADDIN_TYPE)
    if name == "_rels/.rels":
        return part.replace(b"</Relationships>", _RIBBON_RELATIONSHIP.encode())
    return part
