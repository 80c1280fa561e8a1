"""Test that a round is played of any template with an example: nothing is refused, nothing lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from xltiltak import flows
from xltiltak.cli import main as cli
from xltiltak.cli.commands.answer import CLEAN
from xltiltak.demo.answers import answers
from xltiltak.demo.example_round import run_example
from xltiltak.intake.returned_file import parse_return
from xltiltak.model.language import translate
from xltiltak.templates import catalogue
from xltiltak.templates.template_tools import EXAMPLE

SHIPPED = catalogue.folders()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_made_up_answer_is_in_the_appendix(name: str, tmp_path: Path) -> None:
    done = run_example(tmp_path, name)
    findings = done.result.findings
    assert [f.message("en") for f in findings if f.severity == "error"] == []
    assert [f.code for f in findings if f.severity == "warning"] == ["V102"]  # one is forgotten
    assert not {f.code[0] for f in findings} & set("FSL")
    _, _, sent, _, _, appendix, _ = done.paths
    merged = flows.read_plan(appendix).report.values
    missing = {f.ref for f in findings if f.code == "V102"}
    for form in sent.iterdir():
        report = parse_return(form.name, form.read_bytes()).sent_report
        assert report is not None
        expected = answers(report, forgetful=not missing.isdisjoint(report.by_ref))
        assert {slot: merged.get(slot) for slot in expected} == expected
    assert all(path.exists() for path in done.paths)
    assert done.first.suffix == ".html"


def test_two_rounds_write_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, language in (("en", "en"), ("to", "sv")):
        monkeypatch.setenv("XLTILTAK_LANG", language)
        run_example(tmp_path / folder, "indikatorer")
    first, second = (
        {f.relative_to(tmp_path / each): f.read_bytes() for f in (tmp_path / each).rglob("*.*")}
        for each in ("en", "to")
    )
    assert first == second
    assert len(first) == 12


def test_the_command_names_the_page_to_open_and_does_not_write_over_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", "nb")
    words = ["demo", str(tmp_path), "--template", "vedtaksoppfolging"]
    assert cli.run(words) == CLEAN
    page = tmp_path / "Vedlegg 2026.html"
    assert capsys.readouterr().out.splitlines()[-1] == translate("cli.demo.open", "nb", path=page)
    page.write_text("mitt", "utf-8")
    assert cli.run(words) != CLEAN
    assert page.read_text("utf-8") == "mitt"
    assert cli.run([*words, "--force", "--json"]) == CLEAN
    assert json.loads(capsys.readouterr().out)["total"]["measures"] == 10


def test_a_template_without_an_example_says_where_one_belongs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(SHIPPED["internkontroll"], tmp_path / "min")
    (tmp_path / "min" / EXAMPLE).unlink()
    assert cli.run(["demo", str(tmp_path / "ut"), "--template", str(tmp_path / "min")]) != CLEAN
    assert str(tmp_path / "min" / EXAMPLE) in capsys.readouterr().err
    assert not (tmp_path / "ut").exists()
