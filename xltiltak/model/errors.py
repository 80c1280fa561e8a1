"""The errors that stop a command. What is wrong in people's files is a finding and stops nothing.

XltiltakError
├── TemplateError         a template that cannot be used; lists all problems
│   └── StyleError        a style.toml that cannot be used
├── PlanError             a plan or source table that does not fit its template
│   ├── NothingReturned   no returned file is a form; has a finding for each file
│   └── UnknownDate       a reporting date that the plan does not have; a wrong use of the command
├── UnknownCode           a code that no finding has
├── OutputError           a file that exists, or cannot be written
├── ExcelError            the coordinator's workbook or Excel is not ready
├── InternalError         an error of this program itself
└── WorkbookError         a file that cannot be read as one of our workbooks
    ├── NotAWorkbook      F001: not a spreadsheet
    ├── EncryptedWorkbook F002: protected by a password or a sensitivity label
    ├── ForeignWorkbook   F003: a spreadsheet that we did not write
    ├── OtherTemplate     F004: another template, or another version of it
    ├── SkippedFile       F005: empty, or left behind by a program
    ├── DamagedWorkbook   F006: a workbook with broken content
    └── OverLimit         F007: larger than any real form
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from xltiltak.model.language import preferred_language, translate
from xltiltak.model.visible_text import visible

if TYPE_CHECKING:  # not loaded at run time, so that `--help` is quick
    from xltiltak.model.finding import Finding


class XltiltakError(Exception):
    """The base of all errors of this package. `str(error)` is a sentence in the user's language.

    `key` is the key of the text below `section` in the catalogue, `values` fill its places.
    `traces` are those of errors of this program that came before, for a log: they are never shown.
    """

    section: ClassVar[str] = "error"
    traces: tuple[str, ...] = ()

    def __init__(self, key: str = "", **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values

    def message(self, language: str) -> str:
        """Return the sentence in this language: what is wrong, and what to do."""
        text = translate(f"{self.section}.{self.key}", language, **self.values)
        return visible(text, kept="\n")

    def __str__(self) -> str:
        return self.message(preferred_language())


class TemplateError(XltiltakError):
    """A template that cannot be used. `problems` are file, key in it, and what is wrong there."""

    section = "template"

    def __init__(self, problems: list[tuple[str, str, XltiltakError]]) -> None:
        super().__init__("problems")
        self.problems = problems

    def message(self, language: str) -> str:
        """Return the title, and a line for each problem."""
        lines = (f"{file}: {key}: {error.message(language)}" for file, key, error in self.problems)
        return "\n".join([self.title(language), *lines])

    def title(self, language: str) -> str:
        """Return the line above the problems."""
        return translate("template.problems", language, count=len(self.problems))


class StyleError(TemplateError):
    """A style.toml that cannot be used."""

    def title(self, language: str) -> str:
        return translate("template.look_problems", language, count=len(self.problems))


class TemplateProblem(XltiltakError):
    """One problem of a template; a TemplateError has all of them."""

    section = "template"


class PlanError(XltiltakError):
    """A plan or source table that does not fit its template."""


class UnknownDate(PlanError):
    """A reporting date that the plan does not have, given without saying that it is a new one."""


class NothingReturned(PlanError):
    """No returned file is a form. `findings` say what each of them is instead."""

    def __init__(self, findings: Sequence[Finding] = ()) -> None:
        super().__init__("nothing_returned")
        self.findings = findings

    def message(self, language: str) -> str:
        """Return a line for each file, then what to do."""
        lines = [finding.sentence(language) for finding in self.findings]
        return "\n".join([*lines, super().message(language)])


class UnknownCode(XltiltakError):
    """A code that no finding has. The text lists the `known_codes`."""

    def __init__(self, code: str, known_codes: Iterable[str]) -> None:
        super().__init__("unknown_code", code=code, there=", ".join(known_codes))


class OutputError(XltiltakError):
    """A file that exists, or cannot be written."""


class ExcelError(XltiltakError):
    """Something is missing or wrong in the coordinator's workbook or settings, or in Excel."""

    section = "excel"


class InternalError(XltiltakError):
    """An error of this program itself; `traces` has its trace."""


class WorkbookError(XltiltakError):
    """A file that cannot be read as one of our workbooks.

    `code` is the code of its finding. `cell_texts` are sheet, cell and text of its filled cells.
    """

    section = "finding"
    code: ClassVar[str] = "F006"
    cell_texts: Sequence[tuple[str, str, str]] = ()

    def message(self, language: str) -> str:
        """Return message, fix and code of its finding, after the file's name if it is known."""
        parts = ("message", "fix")
        message, fix = (translate(f"finding.{self.code}.{part}", language) for part in parts)
        values = {**self.values, "why": self.why(language)}
        file = f"{values['file']}: " if "file" in values else ""
        return f"{file}{message.format_map(values)} {fix} [{self.code}]"

    def why(self, language: str) -> str:
        """Return the reason, if the code has several; else an empty text."""
        return translate(f"why.{self.key}", language, **self.values) if self.key else ""


class NotAWorkbook(WorkbookError):
    """The content is not a spreadsheet, whatever the name of the file."""

    code = "F001"


class EncryptedWorkbook(WorkbookError):
    """The file is protected by a password or a sensitivity label."""

    code = "F002"


class ForeignWorkbook(WorkbookError):
    """The file is a spreadsheet that we did not write."""

    code = "F003"


class OtherTemplate(WorkbookError):
    """The workbook is of another template, version or report."""

    code = "F004"


class SkippedFile(WorkbookError):
    """The file is empty, or was left behind by a program."""

    code = "F005"


class DamagedWorkbook(WorkbookError):
    """The content of the workbook is broken."""

    code = "F006"


class OverLimit(WorkbookError):
    """The file is larger than any real form."""

    code = "F007"
