"""The documents say what the program does: their marked parts come from it, and nothing it offers is left out."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from xltiltak.cli import main as cli
from xltiltak.cli.main import COMMANDS
from xltiltak.mail.letters import AREA_PLACEHOLDERS, PLACEHOLDERS, fill_letter
from xltiltak.model import template
from xltiltak.model.field_types import KINDS
from xltiltak.model.finding import CODES
from xltiltak.templates import catalogue
from xltiltak.templates.blank_plan import blank_report
from xltiltak.templates.template_rules import check_template_rules

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
TEMPLATES = (ROOT / "docs" / "templates.md").read_text("utf-8")
KEYS = dict(re.findall(r"<!-- keys (\w+) -->\n(.*?)<!-- /keys -->", TEMPLATES, re.DOTALL))


def test_the_marked_parts_are_what_the_program_prints() -> None:
    command = [sys.executable, str(ROOT / "docs" / "weave.py"), "--check"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr} (python docs/weave.py writes them)"


def test_every_code_is_documented() -> None:
    text = (ROOT / "docs" / "findings.md").read_text("utf-8")
    assert {code for code in CODES if f"| {code} |" not in text} == set()


def test_the_set_up_is_two_commands() -> None:
    blocks = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if "pip install" in line]
    assert commands == [
        "python -m pip install . && xltiltak demo",
        'python -m pip install -e ".[test]" && pytest',
    ]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(((?!http)[^)#]+)\)", README))))
def test_every_link_of_the_readme_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def rows(table: str) -> list[list[str]]:
    """The rows of a table in a document, without its head."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]
    ]


def test_every_part_of_a_template_is_documented() -> None:
    parts = {
        name
        for name, known in vars(template).items()
        if isinstance(known, type) and known in template.TemplatePart.__subclasses__()
    }
    assert set(KEYS) == parts


@pytest.mark.parametrize("part", KEYS)
def test_every_key_of_a_template_is_documented_and_no_other(part: str) -> None:
    known = fields(getattr(template, part))
    needed = {f"`{f.name}`" for f in known if f.default is MISSING and f.default_factory is MISSING}
    documented = rows(KEYS[part])
    assert {key for key, *_ in documented} == {f"`{f.name}`" for f in known}
    assert {key for key, said, _ in documented if said.startswith("må: ")} == needed


@pytest.mark.parametrize(
    ("part", "key", "example"), [(p, r[0], r[2]) for p in KEYS for r in rows(KEYS[p])]
)
def test_every_example_of_a_key_can_be_copied(part: str, key: str, example: str) -> None:
    data = tomllib.loads(example.strip("`"))
    assert list(data) == [key.strip("`")]
    _, problems = catalogue.validate(_with(part, data))
    shape = ("unknown_key", "wrong_type", "not_allowed", "invalid")
    assert not [
        (where, problem.message("en")) for where, problem in problems if problem.key in shape
    ]


def _with(part: str, data: dict[str, Any]) -> dict[str, Any]:
    """A small template with this key in one of its parts."""
    level, field, step = (
        {"id": "measure", "label": "T"},
        {"id": "name", "label": "N"},
        {"value": 1, "label": "En"},
    )
    group = {"id": "g", "label": "G"}
    parts: dict[str, dict[str, Any]] = {
        "Level": level,
        "Field": field,
        "Step": step,
        "Group": group,
        "Summary": {"level": "measure", "stat": "count"},
    }
    changed = {name: {**known, **(data if name == part else {})} for name, known in parts.items()}
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
        "fields": [changed["Field"]],
        "summaries": [changed["Summary"]],
        **(data if part == "Template" else {}),
    }


def test_every_kind_of_field_is_documented() -> None:
    (table,) = re.findall(r"<!-- kinds -->\n(.*?)<!-- /kinds -->", TEMPLATES, re.DOTALL)
    assert sorted(kind for kind, _ in rows(table)) == sorted(f"`{kind}`" for kind in KINDS)


def blocks(kind: str) -> list[str]:
    """The examples of one kind in the guide to templates."""
    return re.findall(rf"```{kind}\n(.*?)```", TEMPLATES, re.DOTALL)


def test_the_example_of_a_whole_template_can_be_used_as_it_stands(tmp_path: Path) -> None:
    text, _ = blocks("toml")
    name = str(tomllib.loads(text)["id"])
    (tmp_path / name).mkdir()
    (tmp_path / name / catalogue.FILE).write_text(text, "utf-8")
    known = catalogue.load(tmp_path / name)
    assert not list(check_template_rules(known, catalogue.FILE, name))
    assert blank_report(known, 2026).area_name("P1") == "Park 1"


def test_the_guide_leads_from_nothing_to_the_first_forms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command of the guide in its order, in an empty folder, with the files it shows."""
    monkeypatch.chdir(tmp_path)
    (whole, head), (table,) = blocks("toml"), blocks("csv")
    commands = re.findall(
        r"xltiltak (template new .*|template check .*|import [^`]*|template plan [^`]*|split [^`]*)",
        TEMPLATES,
    )
    new, check, import_, blank, split = (shlex.split(command) for command in commands[:5])
    assert cli.run(new) == 0
    Path("templates/parkplan/template.toml").write_text(whole, "utf-8")
    Path("tiltak.toml").write_text(head, "utf-8")
    Path("tiltak.csv").write_text(table, "utf-8")
    assert [cli.run(words) for words in (check, import_, split)] == [0, 0, 0]
    assert sorted(path.name for path in Path("ut").iterdir()) == [
        "BYP-2026-12-31.xlsx",
        "STR-2026-12-31.xlsx",
    ]
    assert cli.run([*blank, "--force"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"xltiltak (template [a-z]+|[a-z]+)", TEMPLATES)))
)
def test_the_commands_it_names_are_there(command: str) -> None:
    assert command in COMMANDS


def test_every_placeholder_of_a_letter_is_documented_and_no_other() -> None:
    letters = (ROOT / "docs" / "purring.md").read_text("utf-8")
    (table,) = re.findall(r"<!-- placeholders -->\n(.*?)<!-- /placeholders -->", letters, re.DOTALL)
    known = [*PLACEHOLDERS, *(f"area.{name}" for name in AREA_PLACEHOLDERS)]
    assert [cell for cell, _ in rows(table)] == [f"`{{{{ {name} }}}}`" for name in known]


def test_the_example_of_a_letter_can_be_used_as_it_stands() -> None:
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
    from xltiltak.demo.scenario import run_demo

    text = (ROOT / "docs" / "rapporter.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    told = run_demo(tmp_path / "demo", "nb")
    monkeypatch.chdir(told.first.parent)
    before_chart = code.partition("chart = ")[0]
    known: dict[str, Any] = {}
    exec(before_chart, known)  # noqa: S102 - the document's own example, which readers copy
    means = known["means"]
    report = told.result.register.report
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
