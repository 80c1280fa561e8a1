"""Test the command line as users see it: output, files and exit code of each command."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from tests import small
from tests.raw import ENCRYPTED, PDF
from tests.running import CommandResult, Run, round_in
from xltiltak import __version__
from xltiltak.cli import main as cli
from xltiltak.cli.arguments import CommandParser, to_date, to_dates
from xltiltak.model.finding import CODES, SEVERITIES
from xltiltak.model.language import LANGUAGES, preferred_language, translate
from xltiltak.templates import catalogue

pytestmark = pytest.mark.usefixtures("bokmaal")

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def round_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the files of a round by name: the plan, the plan as sent and the forms."""
    folder = tmp_path_factory.mktemp("Runde æøå")
    round_in(folder)
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.xlsx"))
    }


@pytest.fixture
def folder(round_files: dict[str, bytes], tmp_path: Path) -> Path:
    """Return a folder with the plan, the plan as sent and the forms in `ut`."""
    target_folder = tmp_path / "Prøve her"
    (target_folder / "ut").mkdir(parents=True)
    for name, content in round_files.items():
        (target_folder / name).write_bytes(content)
    return target_folder


SENT = "plan sendt 2020-12-31.xlsx"
OPP, TEK = "ut/Oppvekst – 2020-12-31.xlsx", "ut/Teknikk – 2020-12-31.xlsx"


def answer(folder: Path, ref: str, typed: Any, heading: str = small.STATUS) -> None:
    """Type an answer into a form."""
    path = folder / (OPP if ref.startswith("OPP") else TEK)
    path.write_bytes(small.filled(path.read_bytes(), {ref: typed}, heading))


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def word(key: str, **values: object) -> str:
    """Return a text of the catalogue in bokmål."""
    return translate(key, "nb", **values)


# The round


def test_the_commands_of_a_round_print_the_files_they_write(run: Run, tmp_path: Path) -> None:
    target_folder = tmp_path / "Mappe med æøå"
    target_folder.mkdir()
    source, plan = small.source(target_folder), target_folder / "plan.xlsx"
    result = run("import", source, "-o", plan, "--template", "tiltaksstatus")
    assert result.code == 0
    assert word("cli.written", path=plan) in result.out
    result = run("split", plan, "--to", target_folder / "ut", "--date", "2020-12-31")
    assert result.code == 0
    assert [
        str(path.relative_to(target_folder)) in result.out
        for path in sorted(target_folder.rglob("*2020-12-31.xlsx"))
    ] == [True] * 3
    answer(target_folder, "OPP-001", 4)
    assert run("check", target_folder / "ut").code == 0
    result = run(
        "merge",
        target_folder / "ut",
        "--plan",
        target_folder / SENT,
        "-o",
        target_folder / "vedlegg.xlsx",
    )
    assert (result.code, result.err) == (0, "")
    book = openpyxl.load_workbook(target_folder / "vedlegg.xlsx")
    assert small.cell_of(book["Oppvekst"], "OPP-001", small.STATUS).value == 4


def test_the_demonstration_runs(run: Run, tmp_path: Path) -> None:
    result = run("demo", tmp_path / "Prøve æ")
    assert result.code in (0, 1)
    assert list((tmp_path / "Prøve æ").rglob("*.xlsx"))
    before = files_in(tmp_path)
    assert run("demo", tmp_path / "Prøve æ").code == 3
    assert files_in(tmp_path) == before
    assert run("demo", tmp_path / "Prøve æ", "--force", "--json").object["schema"] == 1


def test_templates_are_listed(run: Run) -> None:
    result = run("templates")
    assert result.code == 0
    assert [line.split()[0] for line in result.out.splitlines()] == list(catalogue.folders())


def test_templates_are_listed_as_json(run: Run) -> None:
    result = run("templates", "--json").object
    assert result["schema"] == 1
    assert [template["id"] for template in result["templates"]] == list(catalogue.folders())
    assert all(
        set(template) == {"id", "version", "language", "description"}
        for template in result["templates"]
    )


def test_a_template_beside_the_source_is_found(run: Run, tmp_path: Path) -> None:
    source = small.source(tmp_path)
    own_folder = tmp_path / "templates" / "egen"
    own_folder.mkdir(parents=True)
    text = (catalogue.folders()["tiltaksstatus"] / "template.toml").read_text("utf-8")
    (own_folder / "template.toml").write_text(
        text.replace('id = "tiltaksstatus"', 'id = "egen"'), "utf-8"
    )
    result = run("import", source, "-o", tmp_path / "p.xlsx", "--template", "egen", "--json")
    assert result.object["report"]["template"] == "egen"


def test_only_the_chosen_areas_are_sent(run: Run, folder: Path) -> None:
    result = run(
        "split",
        folder / "plan.xlsx",
        "--to",
        folder / "igjen",
        "--date",
        "2020-12-31",
        "--area",
        "TEK",
        "--force",
    )
    assert result.code == 0
    assert sorted(files_in(folder / "igjen")) == ["Teknikk – 2020-12-31.xlsx"]


def test_several_areas_may_be_named_at_once(run: Run, folder: Path) -> None:
    run(
        "split",
        folder / "plan.xlsx",
        "--to",
        folder / "igjen",
        "--date",
        "2020-08-31",
        "--area",
        "TEK",
        "OPP",
    )
    assert sorted(files_in(folder / "igjen")) == [
        "Oppvekst – 2020-08-31.xlsx",
        "Teknikk – 2020-08-31.xlsx",
    ]


# Wrong input: a message that says what to do, the exit code, and no file


def fails(run: Run, folder: Path, *words: object, code: int = 3) -> str:
    """Return the message of a command that fails; it must write no file and no result."""
    before = files_in(folder)
    result = run(*words)
    assert (result.code, result.out) == (code, "")
    assert files_in(folder) == before
    as_json = run(*words, "--json")
    assert as_json.code == code
    if code == 3:
        assert as_json.object == {"schema": 1, "error": result.err.strip()}
    assert files_in(folder) == before
    return result.err.strip()


def test_a_missing_file_is_named(run: Run, folder: Path) -> None:
    missing = folder / "borte.xlsx"
    assert fails(run, folder, "check", missing) == word("error.not_there", path=missing)
    assert fails(run, folder, "merge", missing, "-o", folder / "v.xlsx") == word(
        "error.not_there", path=missing
    )
    assert str(missing) in fails(run, folder, "split", missing, "--to", folder / "x")
    assert str(missing) in fails(
        run, folder, "merge", folder / "ut", "--plan", missing, "-o", folder / "v.xlsx"
    )


def test_a_missing_table_is_named(run: Run, folder: Path) -> None:
    words = ("import", folder / "borte.csv", "-o", folder / "p.xlsx", "--template", "tiltaksstatus")
    assert "borte.csv" in fails(run, folder, *words)


def test_a_folder_without_workbooks_is_named(run: Run, folder: Path) -> None:
    empty = folder / "tom mappe"
    empty.mkdir()
    assert fails(run, folder, "check", empty) == word("error.nothing_found", paths=empty)
    assert fails(run, folder, "merge", empty, "-o", folder / "v.xlsx") == word(
        "error.nothing_found", paths=empty
    )
    (empty / "notat.txt").write_text("x", "utf-8")
    assert "notat.txt" in fails(run, folder, "merge", empty, "-o", folder / "v.xlsx")


@pytest.mark.parametrize(
    ("content", "code"), [(PDF, "F001"), (ENCRYPTED, "F002"), (b"", "F005"), (b"PK\3\4", "F006")]
)
def test_a_file_that_cannot_be_read_is_reported_alone_and_among_others(
    run: Run, folder: Path, content: bytes, code: str
) -> None:
    (folder / "rart.xlsx").write_bytes(content)
    for command in (("check",), ("merge", "-o", folder / "v.xlsx")):
        message = fails(run, folder, *command, folder / "rart.xlsx")
        assert message.startswith("rart.xlsx: ")
        assert f"[{code}]" in message
        assert message.endswith(word("error.nothing_returned"))
    alone = word("error.empty_plan", file="rart.xlsx") if code == "F005" else f"[{code}]"
    assert alone in fails(run, folder, "split", folder / "rart.xlsx", "--to", folder / "x")
    (folder / "ut" / "rart.xlsx").write_bytes(content)
    result = run("merge", folder / "ut", "--plan", folder / SENT, "-o", folder / "v.xlsx", "--json")
    assert (result.code, code in result.codes) == (1, True)
    assert (folder / "v.xlsx").exists()


def test_a_workbook_that_is_not_ours_is_refused(run: Run, folder: Path) -> None:
    openpyxl.Workbook().save(folder / "annet.xlsx")
    assert "[F003]" in fails(run, folder, "check", folder / "annet.xlsx")


def test_a_table_given_as_the_plan_leads_to_the_import(run: Run, folder: Path) -> None:
    openpyxl.Workbook().save(folder / "annet.xlsx")
    (folder / "tabell.csv").write_text("Kommunalområde;Tiltak\nHavn;Bygge kai\n", "utf-8")
    docx.Document().save(str(folder / "tiltak.docx"))
    for name in ("annet.xlsx", "tabell.csv", "tiltak.docx"):
        expected = word("error.plan_is_a_source", file=name)
        assert f'xltiltak import "{name}"' in expected
        assert expected in fails(run, folder, "split", folder / name, "--to", folder / "x")
        merged = ("merge", folder / "ut", "--plan", folder / name, "-o", folder / "v.xlsx")
        assert expected in fails(run, folder, *merged)


def test_a_form_is_refused_as_a_plan(run: Run, folder: Path) -> None:
    message = word("error.a_form", file=Path(OPP).name)
    assert fails(run, folder, "split", folder / OPP, "--to", folder / "x") == message
    words = ("merge", folder / "ut", "--plan", folder / OPP, "-o", folder / "v.xlsx")
    assert fails(run, folder, *words) == message


def test_all_mistakes_in_a_template_are_reported_at_once(run: Run, folder: Path) -> None:
    source, own_folder = small.source(folder), folder / "mal"
    own_folder.mkdir()
    text = (catalogue.folders()["tiltaksstatus"] / "template.toml").read_text("utf-8")
    text = re.sub(r"^version = \d+", 'version = "en"\nlayout = "brev"', text, flags=re.MULTILINE)
    text = text.replace("required = true, width = 14", "requird = true, width = 14")
    (own_folder / "template.toml").write_text(text, "utf-8")
    result = fails(run, folder, "import", source, "-o", folder / "p.xlsx", "--template", own_folder)
    lines = result.splitlines()
    assert lines[0] == word("template.problems", count=3)
    assert [line.split(": ")[1] for line in lines[1:]] == [
        "version",
        "fields.status.requird",
        "layout",
    ]


def test_an_unknown_template_is_refused_with_a_list_of_all_templates(
    run: Run, folder: Path
) -> None:
    source = small.source(folder)
    result = fails(
        run, folder, "import", source, "-o", folder / "p.xlsx", "--template", "statustiltak"
    )
    assert all(name in result for name in ("statustiltak", *catalogue.folders()))


def test_an_invalid_value_in_a_table_is_told_with_its_cell(run: Run, folder: Path) -> None:
    rows = [(*small.ROWS[0][:5], "7", ""), *small.ROWS[1:]]
    source = small.source(folder, small.table(rows))
    words = ("import", source, "-o", folder / "p.xlsx", "--template", "tiltaksstatus")
    result = run(*words)
    assert result.code == 1
    assert "«7» er ikke på skalaen" in result.out
    assert "(F2)" in result.out
    assert (folder / "p.xlsx").exists()


def test_a_workbook_given_as_a_table_is_refused(run: Run, folder: Path) -> None:
    small.source(folder)
    words = ("import", folder / "plan.xlsx", "-o", folder / "p.xlsx", "--template", "tiltaksstatus")
    assert "plan.xlsx" in fails(run, folder, *words, "--head", folder / "tiltak.toml")


def test_an_output_that_exists_is_not_overwritten(run: Run, folder: Path) -> None:
    source = small.source(folder)
    exists = word("error.exists", files="plan.xlsx")
    is_plan = word("error.plan_in_the_way", file="plan.xlsx")
    assert fails(run, folder, "merge", folder / "ut", "-o", folder / "plan.xlsx") == is_plan
    words = ("import", source, "-o", folder / "plan.xlsx", "--template", "tiltaksstatus")
    assert fails(run, folder, *words) == exists
    result = fails(
        run, folder, "split", folder / "plan.xlsx", "--to", folder / "ut", "--date", "2020-12-31"
    )
    assert result == word(
        "error.exists", files=", ".join(Path(name).name for name in (OPP, TEK, SENT))
    )


def test_force_overwrites(run: Run, folder: Path) -> None:
    source = small.source(folder)
    plan = folder / "plan.xlsx"
    assert run("import", source, "-o", plan, "--template", "tiltaksstatus", "--force").code == 0
    assert run("split", plan, "--to", folder / "ut", "--date", "2020-12-31", "--force").code == 0
    assert run("merge", folder / "ut", "-o", plan, "--force").code == 0


def test_an_output_must_have_the_suffix_of_a_workbook(run: Run, folder: Path) -> None:
    result = run("merge", folder / "ut", "-o", folder / "vedlegg.pdf")
    assert result.code == 2
    assert "vedlegg.pdf" in result.err
    assert not (folder / "vedlegg.pdf").exists()


def test_an_output_that_cannot_be_written_is_reported(run: Run, folder: Path) -> None:
    (folder / "mappe.xlsx").mkdir()
    for target, key in (
        (folder / "mappe.xlsx", "folder_in_the_way"),
        (folder / "plan.xlsx" / "v.xlsx", "file_in_the_way"),
    ):
        result = fails(run, folder, "merge", folder / "ut", "-o", target, "--force")
        assert str(target) in result
        assert result.endswith(word(f"error.{key}", file=""))
    result = fails(
        run,
        folder,
        "split",
        folder / "plan.xlsx",
        "--to",
        folder / SENT,
        "--date",
        "2020-12-31",
        "--force",
    )
    assert SENT in result
    assert sorted(path.name for path in folder.iterdir()) == ["mappe.xlsx", SENT, "plan.xlsx", "ut"]


def test_an_unknown_area_and_a_missing_date_are_refused(run: Run, folder: Path) -> None:
    words = ("split", folder / "plan.xlsx", "--to", folder / "x")
    result = fails(run, folder, *words, "--date", "2020-12-31", "--area", "XXX", "OPP")
    assert result == word("error.no_area", name="XXX", there="OPP, TEK")
    assert fails(run, folder, *words) == word(
        "error.no_date", dates="2020-04-30, 2020-08-31, 2020-12-31"
    )


def test_forms_can_be_merged_without_a_plan_and_a_message_says_so(run: Run, folder: Path) -> None:
    result = run("merge", folder / "ut", "-o", folder / "v.xlsx")
    assert result.code == 0
    first = result.out.splitlines()[0]
    values = {"file": "Oppvekst – 2020-12-31.xlsx", "agree": 2, "count": 2}
    assert first == word("finding.F012.message", **values)
    assert not result.err


# Answers


@pytest.mark.parametrize(
    ("typed", "code", "read"),
    [
        (7, "V101", None),
        ("3,5", "V101", None),
        (3.5, "V113", None),  # the cell shows 4
        ("snart", "V101", None),
        (date(2020, 4, 3), "V105", None),
        ("#DIV/0!", "V106", None),
        ("=1+1", "V106", None),
        ("Godt i gang", "V107", "3.0"),
        ("3 - Godt i gang", "V107", "3.0"),
        ("Fullført", "V107", "5.0"),
        ("Fulført", "V107", "5.0"),
        ("2 - Godt i gang", "V101", None),
        ("3,0", "V107", "3.0"),
        (" 3 ", "V107", "3.0"),
        ("３", "V107", "3.0"),
    ],
)
def test_a_status_is_refused_or_repaired_with_its_cell(
    run: Run, folder: Path, typed: Any, code: str, read: str | None
) -> None:
    answer(folder, "OPP-002", typed)
    for command in (("check",), ("merge", "-o", folder / "v.xlsx", "--plan", folder / SENT)):
        result = run(*command, folder / "ut", "--json")
        assert result.code == (0 if read else 1)
        (finding,) = [f for f in result.object["findings"] if f["code"] == code]
        assert (finding["file"], finding["ref"], finding["date"]) == (
            "Oppvekst – 2020-12-31.xlsx",
            "OPP-002",
            "2020-12-31",
        )
        assert re.fullmatch(r"F\d+", finding["cell"])
        assert finding["severity"] == ("note" if read else "error")
        steps = [float(read), 5] if read else [5]  # the 5 of OPP-003 was proposed, and was left
        means = result.object["areas"][0]["checkpoints"][2]
        assert means == {
            "date": "2020-12-31",
            "field": "status",
            "measures": 3,
            "answered": len(steps),
            "mean": f"{sum(steps) / len(steps):.1f}",
        }
    table = run("check", folder / "ut")
    assert (table.code, code in table.out) == (0 if read else 1, True)


def test_strict_writes_nothing_where_there_are_errors(run: Run, folder: Path) -> None:
    answer(folder, "OPP-002", 7)
    words = ("merge", folder / "ut", "--plan", folder / SENT, "-o", folder / "v.xlsx", "--strict")
    result = run(*words)
    assert result.code == 1
    assert result.err.strip() == word("cli.merge.strict_stopped")
    assert not (folder / "v.xlsx").exists()
    assert run(*words, "--json").object["written"] == []
    answer(folder, "OPP-002", 3)
    assert run(*words).code == 0
    assert (folder / "v.xlsx").exists()


def test_errors_are_reported_and_the_appendix_is_still_written(run: Run, folder: Path) -> None:
    answer(folder, "OPP-002", 7)
    result = run("merge", folder / "ut", "--plan", folder / SENT, "-o", folder / "v.xlsx")
    assert (result.code, result.err) == (1, "")
    assert "«7»" in result.out
    assert (folder / "v.xlsx").exists()


def test_many_similar_findings_are_collapsed_without_the_option_all(
    run: Run, tmp_path: Path
) -> None:
    rows = [("Oppvekst", str(n), f"Tiltak nummer {n}", "1", "1", "", "") for n in range(1, 13)]
    source = small.source(tmp_path, small.table(rows))
    run("import", source, "-o", tmp_path / "plan.xlsx", "--template", "tiltaksstatus")
    run("split", tmp_path / "plan.xlsx", "--to", tmp_path / "ut", "--date", "2020-12-31")
    form = tmp_path / OPP
    form.write_bytes(small.filled(form.read_bytes(), {f"OPP-{n:03}": 7 for n in range(1, 13)}))
    few, every = run("check", form), run("check", form, "--all")
    assert (few.out.count("V101"), every.out.count("V101")) == (3, 12)
    assert word("cli.more", count=9) in few.out
    assert run("check", form, "--json").codes.count("V101") == 12


def test_several_processes_give_the_same_output_as_one(run: Run, folder: Path) -> None:
    answer(folder, "OPP-002", 7)
    assert run("check", folder / "ut", "--jobs", "2", "--json") == run(
        "check", folder / "ut", "--json"
    )


def test_checking_writes_nothing(run: Run, folder: Path) -> None:
    before = files_in(folder)
    assert run("check", folder / "ut", "--plan", folder / SENT).code == 0
    assert run("check", folder / "plan.xlsx").code == 0
    assert files_in(folder) == before


# JSON


COUNTED = ("measures", "asked", "answered", "finished", "change", "nodes", "checkpoints")
PLACE = {"file", "sheet", "cell", "area", "ref", "field", "date"}


def checked_json(result: CommandResult) -> dict[str, Any]:
    """Check each part of the JSON object against the documented format, and return the object."""
    found: dict[str, Any] = result.object
    assert list(found) == [
        "schema", "without_plan", "report", "areas", "total", "files", "plan_changes", "findings",
        "written", "unchanged",
    ]  # fmt: skip
    assert found["schema"] == 1
    for area in found["areas"]:
        assert set(area) == {"code", "name", "submitted", *COUNTED}
        assert isinstance(area["submitted"], bool)
    for counted in (*found["areas"], found["total"]):
        assert all(type(n) is int for n in (counted["measures"], *counted["nodes"].values()))
        for point in counted["checkpoints"]:
            assert set(point) == {"date", "field", "measures", "answered", "mean"}
            assert point["mean"] is None or re.fullmatch(r"\d+\.\d", point["mean"])
            assert (point["mean"] is None) == (point["answered"] == 0)
    assert sum(area["measures"] for area in found["areas"]) == found["total"]["measures"]
    for file in found["files"]:
        assert set(file) == {"path", "name", "outcome", "areas", "filled_by"}
        assert file["outcome"] in ("read", "partly", "refused", "skipped")
    for finding in found["findings"]:
        keys = {"code", "name", "severity", "handled", "values", "message", "fix"}
        assert set(finding) == keys | PLACE
        assert finding["name"] == CODES[finding["code"]].name
        assert finding["severity"] in SEVERITIES
        assert all(isinstance(value, str) for value in finding["values"].values())
        assert "{" not in finding["message"] + finding["fix"]
    errors = any(finding["severity"] == "error" for finding in found["findings"])
    assert result.code == int(errors)
    return found


def test_json_of_an_import_has_the_figures_and_the_file_written(run: Run, tmp_path: Path) -> None:
    head = (
        small.HEAD + 'published = [{ area = "Oppvekst", count = "4", averages = ["2,7", "3,3"] }]\n'
    )
    source = small.source(tmp_path, head=head)
    found = checked_json(
        run("import", source, "-o", tmp_path / "p.xlsx", "--template", "tiltaksstatus", "--json")
    )
    assert [finding["code"] for finding in found["findings"]] == ["A101"]
    assert found["written"] == [str(tmp_path / "p.xlsx")]
    assert [point["mean"] for point in found["areas"][0]["checkpoints"]] == ["2.7", "3.3", None]
    assert [point["mean"] for point in found["total"]["checkpoints"]] == ["2.3", "2.6", None]
    assert found["report"]["dates"] == ["2020-04-30", "2020-08-31", "2020-12-31"]
    assert found["report"]["current"] is None


def test_json_of_a_split_names_every_file(run: Run, folder: Path) -> None:
    words = (
        "split",
        folder / "plan.xlsx",
        "--to",
        folder / "ut",
        "--date",
        "2020-12-31",
        "--force",
        "--json",
    )
    found = checked_json(run(*words))
    assert found["written"] == [str(folder / name) for name in (OPP, TEK, SENT)]
    assert found["report"]["current"] == "2020-12-31"


def test_a_date_that_the_plan_does_not_have_is_a_wrong_use(run: Run, folder: Path) -> None:
    words = ("split", folder / "plan.xlsx", "--to", folder / "x", "--date", "2021-10-31")
    refused = run(*words)
    assert refused.code == 2
    assert "--new-date" in refused.err
    assert not (folder / "x").exists()
    assert run(*words, "--new-date").code == 0


def test_a_dry_run_of_a_split_lists_the_changes_and_writes_nothing(run: Run, folder: Path) -> None:
    path, before = folder / "plan.xlsx", {*folder.rglob("*")}
    book = openpyxl.load_workbook(path)
    sheet = book["Oppvekst"]
    sheet.delete_rows(next(cell.row for cell in sheet["A"] if cell.value == "OPP-002"))
    book.save(path)
    words = ("split", path, "--to", folder / "x", "--date", "2020-12-31", "--dry-run")
    shown = run(*words)
    assert shown.code == 0
    assert "FJERNET  Tiltak 2 Leseløft i småskolen" in shown.out
    assert "2 skjema ville bli skrevet" in shown.out
    (change,) = checked_json(run(*words, "--json"))["plan_changes"]
    assert (change["kind"], change["area"], change["ref"]) == ("removed", "OPP", "OPP-002")
    assert {*folder.rglob("*")} == before


def test_json_of_a_check_names_every_file_as_given(run: Run, folder: Path) -> None:
    (folder / "ut" / "pdf.xlsx").write_bytes(PDF)
    (folder / "ut" / "~$OPP.xlsx").write_bytes(b"x")
    answer(folder, "TEK-001", 7)
    found = checked_json(run("check", folder / "ut", "--json"))
    assert [
        (Path(file["path"]).name, file["outcome"], file["areas"]) for file in found["files"]
    ] == [
        ("Oppvekst – 2020-12-31.xlsx", "read", ["OPP"]),
        ("Teknikk – 2020-12-31.xlsx", "partly", ["TEK"]),
        ("pdf.xlsx", "refused", []),
        ("~$OPP.xlsx", "skipped", []),
    ]
    assert found["files"][0]["path"] == str(folder / OPP)
    assert found["written"] == []


def test_json_of_a_merge_has_the_areas_that_have_answered(run: Run, folder: Path) -> None:
    answer(folder, "OPP-001", 4)
    answer(folder, "OPP-001", "<p>Satt i gang.</p>", small.REMARK)
    found = checked_json(
        run("merge", folder / OPP, "--plan", folder / SENT, "-o", folder / "v.xlsx", "--json")
    )
    assert [(area["code"], area["submitted"]) for area in found["areas"]] == [
        ("OPP", True),
        ("TEK", False),
    ]
    assert {"V108", "M101"} <= {finding["code"] for finding in found["findings"]}
    assert found["areas"][0]["checkpoints"][2] == {
        "date": "2020-12-31",
        "field": "status",
        "measures": 3,
        "answered": 2,
        "mean": "4.5",  # of the answer 4, and of the 5 of OPP-003, which was proposed and left
    }
    assert found["written"] == [str(folder / "v.xlsx")]


def test_json_of_a_template_without_a_scale_has_no_checkpoints(run: Run, tmp_path: Path) -> None:
    headings, rows = (
        ("Tjenesteområde", "Mål for planperioden", "Tiltak"),
        [("Skole", "Trygghet", "Miljølag")],
    )
    source = small.source(tmp_path, small.table(rows, headings))
    found = checked_json(
        run("import", source, "-o", tmp_path / "p.xlsx", "--template", "maaloppnaaelse", "--json")
    )
    assert found["areas"][0]["checkpoints"] == found["total"]["checkpoints"] == []
    assert found["areas"][0]["nodes"] == {"service": 1, "goal": 1, "measure": 1}


def test_only_json_is_on_standard_output(run: Run, folder: Path) -> None:
    result = run("merge", folder / "ut", "-o", folder / "v.xlsx", "--json")
    assert result.out.startswith("{")
    assert result.out.endswith("}\n")


# A report without dates


def test_a_report_without_dates_is_imported_and_sent(run: Run, tmp_path: Path) -> None:
    head = re.sub(r"periods = .*\n", "", small.HEAD)
    source = small.source(
        tmp_path, small.table([row[:3] for row in small.ROWS], small.HEADINGS[:3]), head
    )
    assert (
        run("import", source, "-o", tmp_path / "plan.xlsx", "--template", "tiltaksstatus").code == 0
    )
    assert run("split", tmp_path / "plan.xlsx", "--to", tmp_path / "ut").code == 3
    assert (
        run("split", tmp_path / "plan.xlsx", "--to", tmp_path / "ut", "--date", "2021-04-30").code
        == 0
    )
    assert run("check", tmp_path / "ut").code == 0


# Usage, help, version


EVERY = [(name, lang) for name in cli.COMMANDS for lang in LANGUAGES]


@pytest.mark.parametrize(
    ("words", "key", "values"),
    [
        (["check"], "missing", {"names": "STI"}),
        (["merge", "ut"], "missing", {"names": "--output VEDLEGG.xlsx"}),
        (["split"], "missing", {"names": "PLAN.xlsx, --to MAPPE"}),
        (["remind"], "missing", {"names": "PLAN.xlsx"}),
        (["import", "a.csv", "-o", "p.xlsx"], "missing", {"names": "--template NAVN"}),
        (
            ["split", "p.xlsx", "--to", "ut", "--area"],
            "no_value",
            {"name": "--area", "value": "KODE"},
        ),
        (["split", "p.xlsx", "--to"], "no_value", {"name": "--to", "value": "MAPPE"}),
        (["check", "ut", "--force=ja"], "takes_no_value", {"name": "--force"}),
        (["check", "ut", "--finnes-ikke"], "unknown", {"names": "--finnes-ikke"}),
        (["templates", "for", "mye"], "unknown", {"names": "for mye"}),
    ],
)
def test_wrong_usage_is_explained(
    run: Run, words: list[str], key: str, values: dict[str, str]
) -> None:
    result = run(*words)
    assert (result.code, result.out) == (2, "")
    usage, message, more = result.err.splitlines()
    assert usage.startswith(f"Bruk: xltiltak {words[0]} ")
    assert message == f"xltiltak {words[0]}: {word(f'cli.usage.{key}', **values)}"
    assert more == word("cli.usage.more_help", command=f"xltiltak {words[0]} --help")


@pytest.mark.parametrize(
    ("words", "name", "key", "value"),
    [
        (
            ["split", "p.xlsx", "--to", "ut", "--date", "2020-13-01"],
            "--date",
            "bad_day",
            "2020-13-01",
        ),
        (["split", "p.xlsx", "--to", "ut", "--date", "31.12.20"], "--date", "bad_day", "31.12.20"),
        (
            ["split", "p.xlsx", "--to", "ut", "--deadline", "snart"],
            "--deadline",
            "bad_day",
            "snart",
        ),
        (["check", "ut", "--jobs", "0"], "--jobs", "bad_number", "0"),
        (["check", "ut", "--jobs", "mange"], "--jobs", "bad_number", "mange"),
        (["merge", "ut", "-o", "v.pdf"], "-o/--output", "bad_ending", "v.pdf"),
        (["check", "ut", "--select", "Q"], "--select", "bad_code_prefix", "Q"),
    ],
)
def test_a_value_that_cannot_be_read_is_explained(
    run: Run, words: list[str], name: str, key: str, value: str
) -> None:
    result = run(*words)
    assert (result.code, result.out) == (2, "")
    message = word(f"cli.{key}", value=value)
    assert result.err.splitlines()[1] == f"xltiltak {words[0]}: {name}: {message}"


def test_a_value_that_is_not_a_choice_is_explained(run: Run) -> None:
    result = run("split", "p.xlsx", "--to", "ut", "--per", "by")
    assert result.code == 2
    assert word("cli.bad_choice", value="by", choices="area, leader") in result.err


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "words",
    [
        ["chek"],
        ["check"],
        ["check", "--finnes-ikke", "x"],
        ["check", "ut", "--jobs"],
        ["check", "ut", "--force=1"],
        ["check", "ut", "--jobs", "x"],
        ["split", "p.xlsx", "--to", "ut", "--per", "x"],
        ["check", "ut", "--te", "x"],
    ],
)
def test_usage_errors_are_in_the_language_of_the_user(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: list[str], lang: str
) -> None:
    """No sentence of argparse itself is shown, whatever the version of Python."""
    monkeypatch.setenv("XLTILTAK_LANG", lang)
    result = run(*words)
    assert result.code == 2
    own = (
        "usage:",
        "error:",
        "the following",
        "expected",
        "invalid",
        "unrecognized",
        "ambiguous",
        "ignored",
    )
    assert not [text for text in own if text in result.err]


def test_without_a_command_all_are_listed_in_the_order_of_a_round(run: Run) -> None:
    result = run()
    assert (result.code, result.out) == (2, "")
    listed = re.findall(r"^  ([a-z]+)  ", result.err, re.MULTILINE)
    assert listed == [
        *("demo", "templates", "template", "import", "split", "remind", "check", "merge"),
        *("report", "compare", "roll", "rule", "coordinator", "excel", "addin", "ribbon"),
    ]
    assert run("--help").out == result.err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_list_has_one_line_for_each_command(monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for group in ("", "template", "excel"):
        listed = cli.overview(group, lang).split("\n\n")[2].splitlines()[1:]
        assert not [line for line in listed if line.startswith("   ") or len(line) > 80]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["merg"], "merge"),
        (["rapport"], "report"),
        (["template", "chek"], "template check"),
        (["merge", "ut", "-o", "v.xlsx", "--stric"], "--strict"),
        (["check", "ut", "--templat=x"], "--template"),
    ],
)
def test_a_misspelt_word_gets_a_suggestion(run: Run, words: list[str], meant: str) -> None:
    result = run(*words)
    assert result.code == 2
    assert word("cli.usage.did_you_mean", name=meant) in result.err


def test_an_unknown_command_lists_all(run: Run) -> None:
    result = run("finnes-ikke")
    assert (result.code, result.out) == (2, "")
    assert word("cli.usage.unknown_command", name="finnes-ikke") in result.err
    assert cli.overview("", "nb") in result.err
    assert cli.overview("template", "nb") in run("template", "finnes-ikke").err
    assert run("template").err == run("template", "--help").out == cli.overview("template", "nb")


@pytest.mark.parametrize("text", ["2020-12-31", "31.12.2020", " 31.12.2020 "])
def test_a_date_may_be_written_in_two_ways(text: str) -> None:
    assert to_date(text) == date(2020, 12, 31)


def test_dates_of_both_kinds_may_be_listed(folder: Path, run: Run) -> None:
    assert to_dates("31.12.2021, 2021-04-30") == (date(2021, 4, 30), date(2021, 12, 31))
    target = folder / "ny"
    result = run(
        "split",
        folder / "plan.xlsx",
        "--to",
        target,
        "--date",
        "31.08.2020",
        "--deadline",
        "1.9.2020",
        "--json",
    )
    assert result.object["report"]["current"] == "2020-08-31"
    assert result.object["report"]["deadline"] == "2020-09-01"


@pytest.mark.parametrize(("command", "lang"), EVERY)
def test_every_command_has_help_in_every_language(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, lang: str
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", lang)
    result = run(*command.split(), "--help")
    assert (result.code, result.err) == (0, "")
    purpose = translate(f"cli.{command}.help", lang)
    assert purpose[1:] in " ".join(result.out.split())
    assert translate("cli.json", lang) in result.out
    assert "%" not in result.out


@pytest.mark.parametrize(("command", "lang"), EVERY)
def test_the_example_of_a_command_can_be_parsed(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, lang: str
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", lang)
    *_, example = run(*command.split(), "--help").out.splitlines()
    program, *words = shlex.split(example)
    name = command.split()
    assert (program, words[: len(name)]) == ("xltiltak", name)
    parser = CommandParser(command, cli.COMMANDS[command], lang)
    parser.parse(words[len(name) :])


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_is_in_the_language_of_the_user(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    monkeypatch.setenv("XLTILTAK_LANG", language)
    result = run("check", tmp_path / "borte.xlsx")
    assert result.err.strip() == translate(
        "error.not_there", language, path=tmp_path / "borte.xlsx"
    )


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("nb_NO.UTF-8", "nb"),
        ("nn_NO", "nn"),
        ("no", "nb"),
        ("sv_SE.UTF-8", "sv"),
        ("en_GB", "en"),
        ("de_DE", "en"),
    ],
)
def test_the_language_follows_the_locale(
    monkeypatch: pytest.MonkeyPatch, locale: str, language: str
) -> None:
    monkeypatch.delenv("XLTILTAK_LANG")
    monkeypatch.setenv("LC_ALL", locale)
    assert preferred_language() == language


def test_an_interruption_is_reported(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("xltiltak.flows.check", interrupted)
    result = run("check", folder / "ut")
    assert (result.code, result.err.strip()) == (3, word("cli.interrupted"))


# The program in a process of its own


def run_program(
    *words: object, cwd: Path, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a process of its own, and return the finished process."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "XLTILTAK_LANG": "nb", **environment}
    command = [sys.executable, "-m", "xltiltak", *map(str, words)]
    process = subprocess.run(command, capture_output=True, cwd=cwd, env=variables, check=False)
    assert b"Traceback" not in process.stderr
    return process


def test_the_version_is_printed_without_loading_anything(tmp_path: Path) -> None:
    libraries = (
        "argparse",
        "tomllib",
        "re",
        "rich",
        "pydantic",
        "openpyxl",
        "xlsxwriter",
        "pandas",
    )
    program = f"""
import sys
sys.argv = ["xltiltak", "--version"]
from xltiltak.__main__ import main
main()
loaded = sorted(name for name in sys.modules if name.split(".")[0] in {libraries})
print(loaded + [name for name in sys.modules if name.startswith("xltiltak.")])
"""
    bare = [sys.executable, "-S", "-c", program]
    process = subprocess.run(
        bare, capture_output=True, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, check=True
    )
    version, loaded = process.stdout.decode().splitlines()
    assert version == f"xltiltak {__version__}"
    assert loaded == "['xltiltak.__main__']"


def test_version_may_also_stand_among_other_words(run: Run) -> None:
    assert run("--version", "check").out == f"xltiltak {__version__}\n"


def test_output_is_utf_8_whatever_the_encoding_of_the_terminal(folder: Path) -> None:
    answer(folder, "OPP-002", 7)
    process = run_program("check", "ut", cwd=folder, PYTHONIOENCODING="cp437", LC_ALL="C")
    assert process.returncode == 1
    assert "Leseløft" in process.stdout.decode("utf-8") or "«7»" in process.stdout.decode("utf-8")


def test_relative_paths_are_printed_as_given(folder: Path) -> None:
    process = run_program("merge", "ut", "-o", "vedlegg æ.xlsx", "--json", cwd=folder)
    assert process.returncode == 0
    found = json.loads(process.stdout)
    assert [file["path"] for file in found["files"]] == [OPP, TEK]
    assert found["written"] == ["vedlegg æ.xlsx"]
    assert not process.stderr


def test_a_closed_pipe_is_no_error(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = f"{sys.executable} -m xltiltak check ut --all --json | true"
    process = subprocess.run(
        ["sh", "-c", command], capture_output=True, cwd=folder, env=environment, check=False
    )
    assert (process.returncode, process.stderr) == (0, b"")


def test_the_exit_code_of_the_program_is_that_of_the_command(folder: Path) -> None:
    assert run_program("check", "borte.xlsx", cwd=folder).returncode == 3
    assert run_program("check", cwd=folder).returncode == 2


def test_arguments_are_shown_without_what_would_repaint_a_terminal(run: Run) -> None:
    for words in (
        ("ch\x1b[2Jeck",),
        ("check", "a", "--p\x1blan"),
        ("check", "a", "--select", "\x1b"),
    ):
        result = run(*words)
        assert result.code == 2
        assert "\x1b" not in result.err


@pytest.mark.parametrize("year", ["99999", "0000", "-1", "20²0", "9" * 5_000, "i år"])
def test_a_year_has_four_digits(year: str, run: Run, folder: Path) -> None:
    words = ("--year", year, "--dates", "31.12.2021")
    result = run("roll", folder / SENT, "-o", folder / "ny.xlsx", *words)
    assert result.code == 2
    assert not (folder / "ny.xlsx").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
@pytest.mark.parametrize("words", [("rule", "F010"), ("rule", "F010", "--json"), ("rule", "?")])
def test_output_that_cannot_be_written_is_a_sentence(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "xltiltak", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such locale")
def test_a_locale_without_letters_stops_nothing(folder: Path) -> None:
    name = folder / "ut" / "Oppvekst på nytt æ.xlsx"
    (folder / OPP).rename(name)
    words = ["check", str(folder / "ut"), "--plan", str(folder / SENT)]
    done = subprocess.run(
        [sys.executable, "-m", "xltiltak", *words],
        capture_output=True,
        check=False,
        env={**os.environ, "LC_ALL": "POSIX", "PYTHONUTF8": "0", "XLTILTAK_LANG": "nb"},
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.name == "nt", reason="only a POSIX shell closes a stream like this")
@pytest.mark.parametrize("words", ["--version", "templates", "nothing", "rule F001 --json"])
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_error_of_this_program(words: str, closed: str) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{shlex.quote(sys.executable)} -m xltiltak {words} {closed}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2)


class Terminal(StringIO):
    """Standard error of somebody who looks at it."""

    def isatty(self) -> bool:
        """Return True."""
        return True


@pytest.mark.parametrize("words", [("--json",), ()])
def test_long_work_shows_its_files_on_a_terminal_only(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    folder = round_in(tmp_path)
    commands = {
        ("import", folder / "tiltak.csv", "-o", folder / "p.xlsx", "--template", "tiltaksstatus"): (
            "tiltak.csv"
        ),
        ("split", folder / "plan.xlsx", "--to", folder / "x", "--date", "2020-08-31"): "Teknikk – ",
        ("remind", folder / SENT, folder / "ut", "--to", folder / "y"): "Teknikk",
        ("report", folder / SENT, "-o", folder / "r.html"): "r.html",
    }
    for command, name in commands.items():
        terminal = Terminal()
        monkeypatch.setattr("sys.stderr", terminal)
        assert cli.run([*map(str, command), "--force", *words]) in (0, 1)
        assert (name in terminal.getvalue()) == (not words), command
        assert run(*command, "--force").err == ""
