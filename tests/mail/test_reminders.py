"""Reminders: what is missing, and a draft for each leader in their language with the right form."""

from __future__ import annotations

from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from tests import small
from tests.mail.test_letters import parsed_draft
from tests.running import OPP, SENT, TEK, Run, answer, round_in

HEAD = (
    small.HEAD
    + """deadline = 2021-01-15
contact = "plan@proveby.example"

[[areas]]
name = "Oppvekst"
leader = "Kommunalsjef oppvekst"
deputy = "Rektor"
email = "oppvekst@proveby.example"
deputy_email = "rektor@proveby.example"
language = "nn"

[[areas]]
name = "Teknikk"
leader = "Teknisk sjef"
email = "ukjent"
"""
)


pytestmark = pytest.mark.usefixtures("bokmaal")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return round_in(tmp_path, HEAD)


def letter(path: Path) -> tuple[EmailMessage, str]:
    """Return a draft and its body."""
    read = parsed_draft(path.read_bytes())
    body = read.get_body()
    assert body is not None
    return read, body.get_content().replace("\r\n", "\n")


def test_every_area_is_listed_before_anybody_has_answered(run: Run, folder: Path) -> None:
    empty = folder / "retur"
    empty.mkdir()
    for paths in ((), (empty,)):
        done = run("remind", folder / SENT, *paths, "--json")
        assert done.code == 0
        assert [r["state"] for r in done.object["reminders"]] == ["waiting", "waiting"]
        assert done.object["written"] == []


def test_each_leader_who_has_not_answered_gets_a_draft(run: Run, folder: Path) -> None:
    done = run("remind", folder / SENT, "--to", folder / "purring", "--json")
    drafts = [
        folder / "purring" / name
        for name in ("Oppvekst – 2020-12-31.eml", "Teknikk – 2020-12-31.eml")
    ]
    assert (
        done.object["written"]
        == [r["draft"] for r in done.object["reminders"]]
        == [str(path) for path in drafts]
    )
    mail, body = letter(drafts[0])
    assert (mail["To"], mail["Cc"]) == ("oppvekst@proveby.example", "rektor@proveby.example")
    assert body.startswith("Hei, Kommunalsjef oppvekst!")
    assert "Vi har ikkje fått skjemaet for Oppvekst" in body
    assert "15.01.2021" in body
    (form,) = mail.iter_attachments()
    assert (form.get_filename(), form.get_content()) == (
        Path(OPP).name,
        (folder / OPP).read_bytes(),
    )


def test_a_wrong_address_is_reported_and_the_draft_has_no_receiver(run: Run, folder: Path) -> None:
    done = run("remind", folder / SENT, "--to", folder / "purring", "--json")
    assert done.codes == ["M108"]
    (finding,) = done.object["findings"]
    assert (finding["area"], finding["values"]) == (
        "TEK",
        {"value": "ukjent", "leader": "Teknisk sjef"},
    )
    mail, body = letter(folder / "purring" / "Teknikk – 2020-12-31.eml")
    assert "To" not in mail
    assert "Vi har ikke mottatt" in body  # the language of the report


def test_what_is_missing_in_an_answer_is_named(run: Run, folder: Path) -> None:
    answer(folder, "OPP-001", 4)
    answer(folder, "OPP-003", 7)
    answer(folder, "OPP-003", None, small.REMARK)
    done = run("remind", folder / SENT, folder / OPP, "--to", folder / "purring", "--json")
    reminder = done.object["reminders"][0]
    assert reminder["state"] == "partly"
    lacking = [
        (lack["ref"], lack["field"], lack["date"], lack["required"]) for lack in reminder["lacking"]
    ]
    assert lacking == [
        ("OPP-002", "status", "2020-12-31", True),
        ("OPP-002", "remark", None, False),
        ("OPP-003", "status", "2020-12-31", True),
        ("OPP-003", "remark", None, False),
    ]
    _, body = letter(folder / "purring" / "Oppvekst – 2020-12-31.eml")
    assert "- Tiltak 2 Leseløft i småskolen · Status 31.12.2020\n" in body
    assert "- Tiltak 3 Kurs i førstehjelp · Status 31.12.2020: «7» er ikkje på skalaen.\n" in body
    assert "- Oppdaterte merknader: Tiltak 2 Leseløft i småskolen; Tiltak 3 Kurs i" in body


def test_the_attached_form_has_the_answers_and_lists_what_is_missing(
    run: Run, folder: Path
) -> None:
    answer(folder, "OPP-001", 4)
    answer(folder, "OPP-003", 7)
    run("remind", folder / SENT, folder / OPP, "--to", folder / "purring")
    mail, _ = letter(folder / "purring" / "Oppvekst – 2020-12-31.eml")
    (form,) = mail.iter_attachments()
    book = openpyxl.load_workbook(BytesIO(form.get_content()))
    assert book.sheetnames[0] == "Å rette"
    assert [row[2].value for row in book["Å rette"].iter_rows(min_row=5)] == [
        "Tiltak 3 Kurs i førstehjelp · Status 31.12.2020",
        "Tiltak 2 Leseløft i småskolen · Status 31.12.2020",
    ]
    assert small.cell_of(book["Oppvekst"], "OPP-001", small.STATUS).value == 4
    (folder / "svar.xlsx").write_bytes(form.get_content())
    reminder = run("remind", folder / SENT, folder / "svar.xlsx", "--json").object["reminders"][0]
    assert [lack["ref"] for lack in reminder["lacking"] if lack["required"]] == [
        "OPP-002",
        "OPP-003",
    ]


def test_a_complete_answer_gets_no_reminder(run: Run, folder: Path) -> None:
    for ref in ("OPP-001", "OPP-002", "OPP-003"):
        answer(folder, ref, 4)
    done = run("remind", folder / SENT, folder / OPP, "--to", folder / "purring")
    assert [path.name for path in (folder / "purring").iterdir()] == ["Teknikk – 2020-12-31.eml"]
    assert "1 ikke svart · 0 mangler noe · 1 ferdig" in done.out


def test_an_unreadable_file_that_may_hold_an_answer_is_reported(run: Run, folder: Path) -> None:
    (folder / "svar.xlsx").write_bytes(b"%PDF-1.7")
    done = run("remind", folder / SENT, folder / "svar.xlsx", "--json")
    assert (done.code, done.codes) == (1, ["F001", "M108"])


def test_leaders_of_several_areas_get_one_draft(run: Run, tmp_path: Path) -> None:
    folder = round_in(
        tmp_path, HEAD.replace('"ukjent"', '"Oppvekst@proveby.example"\nlanguage = "nn"')
    )
    run("remind", folder / SENT, "--to", folder / "purring")
    (draft,) = (folder / "purring").iterdir()
    assert draft.name == "Oppvekst + Teknikk – 2020-12-31.eml"
    mail, body = letter(draft)
    assert "Oppvekst, Teknikk" in mail["Subject"]
    assert body.count("Vi har ikkje fått") == 2
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        "Oppvekst – 2020-12-31.xlsx",
        "Teknikk – 2020-12-31.xlsx",
    ]


def test_a_municipality_writes_its_own_text(run: Run, folder: Path) -> None:
    (folder / "remind.txt").write_text("Vår tekst {{ date }}\n\nHei {{ leader }}", "utf-8")
    run("remind", folder / SENT, "--to", folder / "a")
    mail, body = letter(folder / "a" / "Oppvekst – 2020-12-31.eml")
    assert (mail["Subject"], body.strip()) == ("Vår tekst 31.12.2020", "Hei Kommunalsjef oppvekst")
    (folder / "annen.txt").write_text("Annen\n\n{{ lader }}", "utf-8")
    done = run("remind", folder / SENT, "--to", folder / "b", "--text", folder / "annen.txt")
    assert done.code == 3
    assert "annen.txt" in done.err
    assert not (folder / "b").exists()


def test_drafts_are_the_same_each_time_and_never_overwritten(run: Run, folder: Path) -> None:
    run("remind", folder / SENT, "--to", folder / "a")
    assert run("remind", folder / SENT, "--to", folder / "a").code == 3
    run("remind", folder / SENT, "--to", folder / "b")
    assert {p.name: p.read_bytes() for p in (folder / "a").iterdir()} == {
        p.name: p.read_bytes() for p in (folder / "b").iterdir()
    }


def test_a_plan_that_was_not_sent_gives_no_reminders(run: Run, folder: Path) -> None:
    done = run("remind", folder / "plan.xlsx", "--to", folder / "a")
    assert done.code == 3
    assert "plan.xlsx" in done.err
    assert "split" in done.err


def test_an_appendix_knows_who_has_answered(run: Run, folder: Path) -> None:
    for ref in ("OPP-001", "OPP-002", "OPP-003"):
        answer(folder, ref, 4)
    assert (
        run("merge", folder / OPP, "--plan", folder / SENT, "-o", folder / "vedlegg.xlsx").code == 0
    )
    done = run("remind", folder / "vedlegg.xlsx", "--json")
    assert [r["state"] for r in done.object["reminders"]] == ["complete", "waiting"]


def test_split_writes_the_first_letters(run: Run, folder: Path) -> None:
    done = run(
        "split", folder / "plan.xlsx", "--to", folder / "x", "--date", "2020-08-31", "--mail"
    )
    assert done.code == 0
    assert "[M108]" in done.out or "M108" in done.out
    mail, body = letter(folder / "x" / "Oppvekst – 2020-08-31.eml")
    assert mail["Subject"] == "Status per 31.08.2020: Oppvekst"
    assert "Vedlagt er skjemaet" in body
    (form,) = mail.iter_attachments()
    assert form.get_content() == (folder / "x" / "Oppvekst – 2020-08-31.xlsx").read_bytes()


def test_a_deputys_address_survives_the_plan_and_old_plans_are_read(run: Run, folder: Path) -> None:
    book = openpyxl.load_workbook(folder / SENT)
    sheet = book["Rapporten"]
    rows = {row[0].value: row for row in sheet.iter_rows()}
    columns = next(row for mark, row in rows.items() if str(mark).startswith("columns|"))
    assert [cell.value for cell in columns][4:7] == [
        "Stedfortreder",
        "E-post",
        "E-post til stedfortreder",
    ]
    columns[0].value = None  # as the table was before deputies had an address
    sheet.delete_cols(7)
    book.save(folder / "gammel.xlsx")
    reminder = run("remind", folder / "gammel.xlsx", "--json").object["reminders"][0]
    assert (reminder["email"], reminder["deputy_email"]) == (
        "oppvekst@proveby.example",
        "rektor@proveby.example",
    )
    book = openpyxl.load_workbook(folder / SENT)
    rows = {row[0].value: row for row in book["Rapporten"].iter_rows()}
    rows["area|OPP"][6].value = "ny@proveby.example"
    book.save(folder / "ny.xlsx")
    reminder = run("remind", folder / "ny.xlsx", "--json").object["reminders"][0]
    assert (reminder["email"], reminder["deputy_email"]) == (
        "oppvekst@proveby.example",
        "ny@proveby.example",
    )


def test_a_leader_who_sent_the_form_of_another_date_is_told_so(run: Run, folder: Path) -> None:
    earlier = folder / "aug"
    said = "Vi har fått skjemaet for Oppvekst per 31.08.2020, men treng òg det per 31.12.2020"
    run("split", folder / "plan.xlsx", "--to", earlier, "--date", "2020-08-31")
    (earlier / Path(OPP).name.replace("12-31", "08-31")).rename(folder / "svar.xlsx")
    done = run("remind", folder / SENT, folder / "svar.xlsx", "--to", folder / "p", "--json")
    assert "M104" in done.codes
    reminders = done.object["reminders"]
    assert [r["state"] for r in reminders] == ["waiting", "waiting"]
    assert [r["other_date"] for r in reminders] == ["2020-08-31", None]
    assert [r["unread"] for r in reminders] == [[], []]
    mail, body = letter(folder / "p" / "Oppvekst – 2020-12-31.eml")
    assert said in body
    assert "Vi har ikkje fått" not in body
    (form,) = mail.iter_attachments()
    assert form.get_content() == (folder / OPP).read_bytes()
    _, other = letter(folder / "p" / "Teknikk – 2020-12-31.eml")
    assert "Vi har ikke mottatt skjemaet for Teknikk" in other
    shown = run("remind", folder / SENT, folder / "svar.xlsx").out
    assert "har sendt skjemaet for 31.08.2020" in shown


def test_a_leader_whose_file_could_not_be_read_is_told_so(run: Run, folder: Path) -> None:
    book, other = openpyxl.load_workbook(folder / OPP), openpyxl.load_workbook(folder / TEK)
    (code,) = [row[1].value for row in other["Teknikk"].iter_rows() if row[0].value == "@code"]
    (cell,) = [row[1] for row in book["Oppvekst"].iter_rows() if row[0].value == "@code"]
    cell.value = code
    book.save(folder / "svar.xlsx")
    done = run("remind", folder / SENT, folder / "svar.xlsx", "--to", folder / "p", "--json")
    assert "S101" in done.codes
    reminder = done.object["reminders"][0]
    assert (reminder["state"], reminder["unread"]) == ("waiting", ["svar.xlsx"])
    _, body = letter(folder / "p" / "Oppvekst – 2020-12-31.eml")
    assert "Vi har fått svar.xlsx for Oppvekst" in body
    assert "Vi har ikkje fått" not in body
    assert "svar.xlsx kunne ikke leses" in run("remind", folder / SENT, folder / "svar.xlsx").out


def test_a_leader_of_two_languages_or_none_gets_one_letter_with_each_form_once(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    two = HEAD.replace('"ukjent"', '"oppvekst@proveby.example"\nlanguage = "sv"')
    none = HEAD.replace('"oppvekst@proveby.example"', '""').replace('"ukjent"', '""')
    none = none.replace("Teknisk sjef", "kommunalsjef  OPPVEKST")
    for folder, head in ((tmp_path / "a", two), (tmp_path / "b", none)):
        round_in(folder, head)
        words = ("--date", "2020-08-31", "--mail", "--per", "leader")
        run("split", folder / "plan.xlsx", "--to", folder / "x", *words)
        (draft,) = (folder / "x").glob("*.eml")
        (form,) = (folder / "x").glob("*.xlsx")
        mail, body = letter(draft)
        assert [part.get_filename() for part in mail.iter_attachments()] == [form.name]
        assert body.startswith("Hei, Kommunalsjef oppvekst!")
        assert body.count(form.name) == 2  # one line for each area
