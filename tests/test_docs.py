"""Test the documents: parts that the program generates, commands, examples and links."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from xltiltak.cli import main as cli
from xltiltak.cli.arguments import CommandParser
from xltiltak.cli.main import COMMANDS
from xltiltak.demo.scenario import run_demo
from xltiltak.demo.template_trial import check_and_try
from xltiltak.mail.mail_drafts import AREA_PLACEHOLDERS, PLACEHOLDERS, fill_letter
from xltiltak.model import template
from xltiltak.model.field_types import KINDS
from xltiltak.model.finding import CODES
from xltiltak.templates import catalogue
from xltiltak.templates.template_rules import check_template_rules
from xltiltak.templates.template_tools import blank_report

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
TEMPLATES = (ROOT / "docs" / "templates.md").read_text("utf-8")
KEYS = dict(re.findall(r"<!-- keys (\w+) -->\n(.*?)<!-- /keys -->", TEMPLATES, re.DOTALL))
DOCUMENTS = {
    str(path.relative_to(ROOT).as_posix()): path.read_text("utf-8")
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
}
FIRST_SCREEN = 10  # lines
SET_UP = (
    "python -m pip install . && xltiltak demo",
    'python -m pip install -e ".[test]" && pytest',
)


@dataclass(frozen=True, slots=True)
class Introduction:
    """Hold the first document in one language, and the appendix that its round writes."""

    name: str
    language: str
    translation: str
    appendix: str

    @property
    def text(self) -> str:
        """Return the text of the document."""
        return DOCUMENTS[self.name]

    @property
    def round(self) -> list[list[str]]:
        """Return the commands of the round, each as a list of words."""
        (block,) = [b for b in fenced(self.text, "text") if b.startswith("xltiltak import")]
        return [shlex.split(line)[1:] for line in block.splitlines()]


INTRODUCTIONS = (
    Introduction("README.md", "en", "LESMEG.md", "appendix.xlsx"),
    Introduction("LESMEG.md", "nb", "README.md", "vedlegg.xlsx"),
)
introductions = pytest.mark.parametrize("document", INTRODUCTIONS, ids=lambda d: d.name)


def fenced(text: str, kind: str) -> list[str]:
    """Return the blocks of one kind in a document."""
    return re.findall(rf"^ *```{kind}\n(.*?)^ *```$", text, re.DOTALL | re.MULTILINE)


def commands_in(text: str) -> set[str]:
    """Return the commands in a document: lines of blocks, and code in sentences."""
    lines = (line.strip() for block in fenced(text, r"\w+") for line in block.splitlines())
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return {code for code in (*lines, *spans) if code.startswith("xltiltak ")}


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings of a document."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.slow
def test_the_generated_parts_are_what_the_program_prints() -> None:
    command = [sys.executable, str(ROOT / "docs" / "weave.py"), "--check"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr} (python docs/weave.py writes them)"


def test_every_code_is_documented() -> None:
    text = (ROOT / "docs" / "findings.md").read_text("utf-8")
    assert {code for code in CODES if f"| {code} |" not in text} == set()


# README.md and LESMEG.md


@introductions
def test_the_set_up_is_two_commands(document: Introduction) -> None:
    lines = [line for block in fenced(document.text, "bash") for line in block.splitlines()]
    assert tuple(lines) == SET_UP


@introductions
def test_all_commands_but_the_set_up_work_in_every_terminal(document: Introduction) -> None:
    """Windows PowerShell does not know `&&`, and reads other quotation marks differently."""
    chained = [line for line in document.text.splitlines() if "&&" in line]
    assert tuple(chained) == SET_UP
    blocks = [block.splitlines() for block in fenced(document.text, "text")]
    assert [line.split(" && ") for line in SET_UP] == [b for b in blocks if "pip" in b[0]]
    commands = [line for line in commands_in(document.text) if "KOMMANDO" not in line]
    assert [line for line in commands if not re.fullmatch(r'[\w ./"\-]+', line)] == []


@introductions
def test_the_first_screen_leads_to_the_other_language(document: Introduction) -> None:
    first_screen = "\n".join(document.text.splitlines()[:FIRST_SCREEN])
    assert f"[{document.translation}]({document.translation})" in first_screen


@introductions
def test_the_demo_is_in_the_language_of_the_document(document: Introduction) -> None:
    assert re.findall(r"<!-- (?:demo|families) (\w+) -->", document.text) == (
        [document.language] * 2
    )


@pytest.mark.slow
@introductions
def test_the_round_can_be_pasted_after_the_demo(
    document: Introduction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The six commands write the same appendix as the demonstration, byte for byte."""
    monkeypatch.chdir(tmp_path)
    assert cli.run(["demo", "--lang", document.language]) == 0
    (change_folder,) = [b for b in fenced(document.text, "text") if b.startswith("cd ")]
    monkeypatch.chdir(change_folder.split()[1])
    (expected,) = [
        path.read_bytes() for path in Path().glob(f"{document.appendix[0].upper()}*.xlsx")
    ]
    names = [words[0] for words in document.round]
    assert names == ["import", "split", "check", "merge", "report", "split"]
    assert [cli.run(words) for words in document.round] == [0, 0, 1, 1, 1, 0]
    assert Path(document.appendix).read_bytes() == expected


@pytest.mark.slow
@introductions
def test_the_other_commands_can_be_pasted_after_the_demo(
    document: Introduction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_demo(tmp_path, document.language)
    monkeypatch.chdir(tmp_path)
    own_template, coordinator = fenced(document.text, "text")[-2:]
    lines = [*own_template.splitlines(), *coordinator.splitlines()]
    assert [cli.run(shlex.split(line)[1:]) for line in lines] == [0, 0, 0, 0]


@pytest.mark.slow
@introductions
def test_the_example_in_python_runs_after_the_demo(
    document: Introduction,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = run_demo(tmp_path, document.language)
    monkeypatch.chdir(tmp_path)
    (code,) = fenced(document.text, "python")
    exec(code, {})  # noqa: S102 - the document's own example, which readers copy
    printed = capsys.readouterr().out.splitlines()
    errors = [finding for finding in done.result.findings if finding.severity == "error"]
    assert [line.split()[0] for line in printed[: len(errors)]] == [each.code for each in errors]
    assert len(printed) == len(errors) + 2 + len(done.result.register.report.area_refs)


# All documents


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_somewhere(name: str) -> None:
    broken = []
    for link in re.findall(r"\]\(((?!http)[^)]+)\)", DOCUMENTS[name]):
        target, _, anchor = link.partition("#")
        path = (ROOT / name).parent / target if target else ROOT / name
        if not path.exists() or (anchor and anchor not in anchors(path.read_text("utf-8"))):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("name", sorted({*DOCUMENTS} - {"CHANGELOG.md"}))
def test_every_command_can_be_read(name: str) -> None:
    """A command in a document has a name, arguments and options that the program knows."""
    for line in commands_in(DOCUMENTS[name]):
        words = shlex.split(line)[1:]
        command = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in COMMANDS), "")
        rest = words[len(command.split()) :]
        if command and rest and rest != ["--help"]:
            CommandParser(command, COMMANDS[command], "en").parse(rest)
        elif not command and not words[0].isupper():  # COMMAND stands for any
            assert words[0] in ("--help", "--version", *(each.split()[0] for each in COMMANDS))


# The guide to templates


def rows(table: str) -> list[list[str]]:
    """Return the cells of a table in a document, row by row, without its headings."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]
    ]


def test_every_part_of_a_template_is_documented() -> None:
    parts = {
        name
        for name, part in vars(template).items()
        if isinstance(part, type) and part in template.TemplatePart.__subclasses__()
    }
    assert set(KEYS) == parts


@pytest.mark.parametrize("part", KEYS)
def test_every_key_of_a_template_is_documented_and_no_other(part: str) -> None:
    keys = fields(getattr(template, part))
    needed = {f"`{f.name}`" for f in keys if f.default is MISSING and f.default_factory is MISSING}
    documented = rows(KEYS[part])
    assert {key for key, *_ in documented} == {f"`{f.name}`" for f in keys}
    assert {key for key, text, _ in documented if text.startswith("må: ")} == needed


@pytest.mark.parametrize(
    ("part", "key", "example"), [(p, r[0], r[2]) for p in KEYS for r in rows(KEYS[p])]
)
def test_every_example_of_a_key_can_be_copied(part: str, key: str, example: str) -> None:
    data = tomllib.loads(example.strip("`"))
    assert list(data) == [key.strip("`")]
    _, problems = catalogue.validate(_with(part, data))
    shape = ("unknown_key", "not_allowed", "invalid")
    assert not [
        (where, problem.message("en"))
        for where, problem in problems
        if problem.key in shape or problem.key.startswith("type_")
    ]


def _with(part: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a small template with this key in one of its parts."""
    level, field, step = (
        {"id": "measure", "label": "T"},
        {"id": "name", "label": "N"},
        {"value": 1, "label": "En"},
    )
    group, compare = {"id": "g", "label": "G"}, {"value": "name", "target": 1}
    when = {"field": "name", "values": [1]}
    parts: dict[str, dict[str, Any]] = {
        "Level": level,
        "Field": field,
        "Step": step,
        "Group": group,
        "Compare": compare,
        "RequiredWhen": when,
        "Summary": {"level": "measure", "stat": "count"},
        "Where": {"field": "name", "values": [1]},
    }
    changed = {name: {**keys, **(data if name == part else {})} for name, keys in parts.items()}
    frame = {
        "id": "x",
        "version": 1,
        "language": "nb",
        "title": "T",
        "scales": {"s": [changed["Step"]]},
    }
    frame |= {"levels": [{"id": "a", "label": "A", "groups": [changed["Group"]]}, changed["Level"]]}
    return {
        **frame,
        "fields": [
            changed["Field"],
            {"id": "c", "label": "C", "compare": changed["Compare"]},
            {"id": "r", "label": "R", "required_when": changed["RequiredWhen"]},
        ],
        "summaries": [
            changed["Summary"],
            {"level": "measure", "stat": "count", "where": changed["Where"]},
        ],
        **(data if part == "Template" else {}),
    }


def test_every_kind_of_field_is_documented() -> None:
    (table,) = re.findall(r"<!-- kinds -->\n(.*?)<!-- /kinds -->", TEMPLATES, re.DOTALL)
    assert sorted(kind for kind, _ in rows(table)) == sorted(f"`{kind}`" for kind in KINDS)


def test_the_example_of_a_whole_template_can_be_used_unchanged(tmp_path: Path) -> None:
    _, text, *_ = fenced(TEMPLATES, "toml")
    name = str(tomllib.loads(text)["id"])
    (tmp_path / name).mkdir()
    (tmp_path / name / catalogue.FILE).write_text(text, "utf-8")
    template_ = catalogue.load(tmp_path / name)
    assert not list(check_template_rules(template_, catalogue.FILE, name))
    assert blank_report(template_, 2026).area_name("P1") == "Park 1"


def test_the_guide_begins_with_a_whole_template_of_ten_lines(tmp_path: Path) -> None:
    text, *_ = fenced(TEMPLATES, "toml")
    assert len(text.splitlines()) == 10
    (tmp_path / "vedtak").mkdir()
    (tmp_path / "vedtak" / catalogue.FILE).write_text(text, "utf-8")
    checked = check_and_try(str(tmp_path / "vedtak"))
    assert checked.template is not None, checked.problems
    assert not checked.findings
    kinds = [(field.id, field.kind) for field in checked.template.fields_of("vedtak")]
    assert kinds[:4] == [
        ("no", "integer"),
        ("name", "text"),
        ("saksbehandler", "text"),
        ("status", "choice"),
    ]


def test_the_commands_of_the_guide_write_the_first_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run the commands of the guide in their order, in an empty folder, with the files it shows."""
    monkeypatch.chdir(tmp_path)
    (_, whole, head, *_), (table,) = fenced(TEMPLATES, "toml"), fenced(TEMPLATES, "csv")
    steps = r"xltiltak ((?:template new|template check|import|template plan|split) [^`\n]*)"
    commands = re.findall(steps, TEMPLATES)
    new, check, import_, blank, split = (shlex.split(command) for command in commands[:5])
    assert cli.run(new) == 0
    Path("templates/parkplan/template.toml").write_text(whole, "utf-8")
    Path("tiltak.toml").write_text(head, "utf-8")
    Path("tiltak.csv").write_text(table, "utf-8")
    assert [cli.run(words) for words in (check, import_, split)] == [0, 0, 0]
    assert sorted(path.name for path in Path("ut").iterdir()) == [
        "Byparken – 2026-12-31.xlsx",
        "Strandparken – 2026-12-31.xlsx",
    ]
    assert cli.run([*blank, "--force"]) == 0
    assert capsys.readouterr().err == ""


def test_every_placeholder_of_a_letter_is_documented_and_no_other() -> None:
    letters = (ROOT / "docs" / "purring.md").read_text("utf-8")
    (table,) = re.findall(r"<!-- placeholders -->\n(.*?)<!-- /placeholders -->", letters, re.DOTALL)
    names = [*PLACEHOLDERS, *(f"area.{name}" for name in AREA_PLACEHOLDERS)]
    assert [cell for cell, _ in rows(table)] == [f"`{{{{ {name} }}}}`" for name in names]


def test_the_example_of_a_letter_can_be_used_unchanged() -> None:
    letters = (ROOT / "docs" / "purring.md").read_text("utf-8")
    (text,) = (t for t in re.findall(r"```text\n(.*?)```", letters, re.DOTALL) if "{{" in t)
    areas = [
        {"name": "Vann", "answered": True, "lacking": ["Tiltak 3"]},
        {"name": "Vei", "answered": False},
    ]
    letter = fill_letter(
        text,
        "remind.txt",
        {**dict.fromkeys(PLACEHOLDERS, "x"), "date": "31.12.2026", "areas": areas},
    )
    assert letter.subject == "Purring: status per 31.12.2026"
    assert "For Vann mangler fortsatt:\n- Tiltak 3\n" in letter.body


def test_the_example_for_analysts_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / "rapporter.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    done = run_demo(tmp_path / "demo", "nb")
    monkeypatch.chdir(done.first.parent)
    before_chart = code.partition("chart = ")[0]
    variables: dict[str, Any] = {}
    exec(before_chart, variables)  # noqa: S102 - the document's own example, which readers copy
    means = variables["means"]
    report = done.result.register.report
    assert list(means.columns) == sorted(map(report.area_name, report.area_refs))
    assert [day.date() for day in means.index] == list(report.head.dates)
    assert means.min(axis=None) >= 1
    assert len([line for line in code.splitlines() if line]) <= 10


def test_the_example_of_a_style_can_be_used(tmp_path: Path) -> None:
    from xltiltak.publishing.pdf import logo_to_png
    from xltiltak.publishing.style import STYLE_FILE, load_style

    text = (ROOT / "docs" / "rapporter.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / STYLE_FILE).write_text(example, "utf-8")
    (tmp_path / "logo.png").write_bytes(
        logo_to_png(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    )
    assert load_style(tmp_path / STYLE_FILE).logo_text == "Fjordvik kommune"
