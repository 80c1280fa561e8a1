"""What stops the program. What is wrong in people's content is a finding instead, and stops nothing.

XltiltakError
├── TemplateError         a template that cannot be used; names every problem at once
│   └── StyleError        a style.toml that cannot be used
├── PlanError             a plan, head or source table that does not fit its template
│   └── NothingReturned   returned files of which none is a form; says what each is instead
├── UnknownCode           a code of no finding
├── OutputError           a file that exists, or cannot be written
├── ExcelError            the coordinator's workbook, or Excel itself: what is missing or in the way
└── WorkbookError         a file that cannot be read as one of our workbooks; has the code of its finding
    ├── NotAWorkbook      F001: no spreadsheet at all
    ├── EncryptedWorkbook F002: a password or a sensitivity label
    ├── ForeignWorkbook   F003: a spreadsheet, but none that we made
    ├── OtherTemplate     F004: made by another template or version than this program reads
    ├── SkippedFile       F005: a file that programs leave behind, or one without content
    ├── DamagedWorkbook   F006: a workbook with something broken inside
    └── OverLimit         F007: larger than anything a person fills in
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from xltiltak.model.language import preferred_language, translate

if TYPE_CHECKING:  # who only asks for help need not load it
    from xltiltak.model.finding import Finding


class XltiltakError(Exception):
    """Base of all; said in the user's language it is a sentence a coordinator can act on."""

    section: ClassVar[str] = "error"

    def __init__(self, key: str = "", **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values

    def message(self, language: str) -> str:
        """The sentence in one language."""
        return translate(f"{self.section}.{self.key}", language, **self.values)

    def __str__(self) -> str:
        return self.message(preferred_language())


class TemplateError(XltiltakError):
    """A template that cannot be used. `problems` are file, key and the error that says what is wrong there."""

    section = "template"

    def __init__(self, problems: list[tuple[str, str, XltiltakError]]) -> None:
        super().__init__("problems")
        self.problems = problems

    def message(self, language: str) -> str:
        """A line for each problem."""
        lines = (f"{file}: {key}: {error.message(language)}" for file, key, error in self.problems)
        return "\n".join([self.title(language), *lines])

    def title(self, language: str) -> str:
        """What stands above them."""
        return translate("template.problems", language, count=len(self.problems))


class StyleError(TemplateError):
    """A style.toml that cannot be used."""

    def title(self, language: str) -> str:
        return translate("template.look_problems", language, count=len(self.problems))


class TemplateProblem(XltiltakError):
    """One thing wrong in a template; collected into a TemplateError."""

    section = "template"


class PlanError(XltiltakError):
    """A plan, head or source table that does not fit its template."""


class NothingReturned(PlanError):
    """Returned files of which none is a form; `findings` say what each of them is instead."""

    def __init__(self, findings: Sequence[Finding] = ()) -> None:
        super().__init__("nothing_returned")
        self.findings = findings

    def message(self, language: str) -> str:
        """A line for each file, then what to do."""
        return "\n".join(
            [*(finding.sentence(language) for finding in self.findings), super().message(language)]
        )


class UnknownCode(XltiltakError):
    """A code of no finding."""

    def __init__(self, code: str, there: Iterable[str]) -> None:
        super().__init__("unknown_code", code=code, there=", ".join(there))


class OutputError(XltiltakError):
    """A file that exists, or cannot be written."""


class ExcelError(XltiltakError):
    """What is missing or in the way in the coordinator's workbook, in her settings, or of Excel itself."""

    section = "excel"


class WorkbookError(XltiltakError):
    """A file that cannot be read as one of our workbooks. `held` is what stands in it: sheet, cell and text."""

    section = "finding"
    code: ClassVar[str] = "F006"
    cell_texts: Sequence[tuple[str, str, str]] = ()

    def message(self, language: str) -> str:
        """What is wrong and what to do, as its finding says it; `file` comes before it where it is known."""
        message, fix = (
            translate(f"finding.{self.code}.{part}", language) for part in ("message", "fix")
        )
        values = {**self.values, "why": self.why(language)}
        file = f"{values['file']}: " if "file" in values else ""
        return f"{file}{message.format_map(values)} {fix} [{self.code}]"

    def why(self, language: str) -> str:
        """The particular reason, where the code has several."""
        return translate(f"why.{self.key}", language, **self.values) if self.key else ""


class NotAWorkbook(WorkbookError):
    """No spreadsheet at all, whatever the file is called."""

    code = "F001"


class EncryptedWorkbook(WorkbookError):
    """A password or a sensitivity label keeps it closed."""

    code = "F002"


class ForeignWorkbook(WorkbookError):
    """A spreadsheet, but none that we made."""

    code = "F003"


class OtherTemplate(WorkbookError):
    """A workbook of another template, version or report."""

    code = "F004"


class SkippedFile(WorkbookError):
    """A file that programs leave behind, or one without content."""

    code = "F005"


class DamagedWorkbook(WorkbookError):
    """A workbook with something broken inside."""

    code = "F006"


class OverLimit(WorkbookError):
    """Larger than anything a person fills in."""

    code = "F007"
