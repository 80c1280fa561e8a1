"""Test that a form is read alike in every wrapping, and that what is no form is told and quoted."""

from __future__ import annotations

import os
import plistlib
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.examples import examples, sampled
from tests.forms import book_of, forms_of, open_slots, saved, typed
from tests.outlook import Msg
from tests.raw import PDF, ole, zipped
from tests.reports import reports, values
from tests.running import OPP, SENT, TEK, answer, round_in
from tests.wrapped import (
    SENDER,
    WRAPS,
    Wrap,
    in_mail,
    in_outlook_mail,
    in_zip,
    mail,
    read_folder,
    read_one,
    repacked,
)
from xltiltak import flows
from xltiltak.intake.plain_text import text_of_html
from xltiltak.intake.returned_file import Options, parse_return, read_returns
from xltiltak.merging.merge import merge
from xltiltak.model import files
from xltiltak.model.finding import Finding
from xltiltak.model.register import Register, ReturnedFile, Submission
from xltiltak.model.report import Report
from xltiltak.plan.plan_reader import read_appendix
from xltiltak.sheets.appendix import write_appendix
from xltiltak.snapshot.hidden_sheet import SHEET_NAME
from xltiltak.templates import catalogue

pytestmark = pytest.mark.usefixtures("bokmaal")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def claims(file: ReturnedFile) -> list[Submission]:
    """Return what a file says, without the names that it and its e-mail have."""
    source = {"file": "", "sha256": "", "sender": "", "sent_at": ""}
    return [
        replace(
            submission,
            source=replace(submission.source, **source),  # type: ignore[arg-type]
            findings=tuple(finding.with_file("") for finding in submission.findings),
            proposals=tuple(p._replace(file="", key="") for p in submission.proposals),
        )
        for submission in file.submissions
    ]


def told(read: list[ReturnedFile]) -> list[tuple[str, str, str]]:
    """Return code, severity and file of the findings about files, sorted."""
    found: list[Finding] = [finding for file in read for finding in file.findings]
    return sorted((f.code, f.severity, f.place.file) for f in found)


def quoted(read: list[ReturnedFile]) -> str:
    """Return all that was quoted of files that are no forms."""
    found = [finding for file in read for finding in file.findings if finding.code == "F011"]
    return "\n".join(finding.values["value"] for finding in found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a round; its forms are in `ut`, the answered one of OPP in `inn`."""
    folder = round_in(tmp_path)
    (folder / "inn").mkdir()
    answer(folder, "OPP-001", 4)
    (folder / "ut" / "Oppvekst – 2020-12-31.xlsx").rename(folder / "inn" / "OPP.xlsx")
    return folder


@pytest.fixture
def form(folder: Path) -> bytes:
    """Return the answered form."""
    return (folder / "inn" / "OPP.xlsx").read_bytes()


# Laws


@pytest.mark.examples
@pytest.mark.parametrize("template", sampled(sorted(catalogue.folders())))
def test_a_form_says_the_same_in_every_wrapping(template: str, tmp_path: Path) -> None:
    @settings(
        max_examples=examples(4),
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(reports(catalogue.find(template), opened=True), st.data())
    def law(report: Report, data: st.DataObject) -> None:
        for ref, form in forms_of(report).items():
            fields = report.slots(lambda field: field.role == "input")
            opened = {slot: field for slot, field, _ in fields if slot in open_slots(report)}
            drawn = {
                slot: data.draw(values(field, report.template))
                for slot, field in opened.items()
                if report.area_of[slot.ref] == ref
            }
            content = typed(form, drawn)
            bare = parse_return("a.xlsx", content)
            for wrap in WRAPS:
                read = read_one(tmp_path, *wrap("a.xlsx", content))
                (inside,) = [file for file in read if file.submissions]
                assert claims(inside) == claims(bare), wrap.__name__
                assert inside.sent_report == bare.sent_report
                is_same = wrap is not repacked  # which writes other bytes
                assert (inside.sha256 == bare.sha256) is is_same

    law()


@pytest.mark.parametrize("wrap", WRAPS)
def test_the_name_says_where_a_form_was(wrap: Wrap, form: bytes, tmp_path: Path) -> None:
    name, content = wrap("OPP.xlsx", form)
    read = read_one(tmp_path, name, content)
    (inside,) = [file for file in read if file.submissions]
    first, *_, last = inside.file.split(" › ")
    assert (first, last) == (name, "mappe" if wrap is repacked else "OPP.xlsx")
    assert {file.outcome for file in read} == {"read"}
    assert inside.submissions[0].source.file == inside.file


def test_one_form_by_mail_and_as_a_file_is_one(folder: Path, form: bytes) -> None:
    once = flows.merge([folder / "inn"], folder / "a.xlsx", plan=folder / SENT)
    for wrap in WRAPS[:5]:
        name, content = wrap("OPP.xlsx", form)
        (folder / "inn" / name).write_bytes(content)
    twice = flows.merge([folder / "inn"], folder / "b.xlsx", plan=folder / SENT)
    assert twice.register.report == once.register.report
    codes = [f.code for f in twice.findings if f.code not in ("F005", "F011")]
    assert codes == [f.code for f in once.findings]
    same = [f for f in twice.findings if f.code == "F005"]
    assert {f.values["other"] for f in same} == {"OPP.xlsx"}
    assert len(same) == 5
    later = flows.merge([folder / "inn"], folder / "c.xlsx", plan=folder / "a.xlsx")
    assert later.register.returned_files == twice.register.returned_files


@pytest.mark.parametrize("wrap", [in_mail, in_outlook_mail, in_zip])
def test_a_sheet_that_left_its_workbook_is_known_in_a_wrapping_too(
    wrap: Wrap, folder: Path, form: bytes
) -> None:
    bare = flows.merge([folder / "inn"], folder / "a.xlsx", plan=folder / SENT)
    (folder / "inn" / "OPP.xlsx").unlink()
    book = book_of(form)
    del book[SHEET_NAME]
    name, content = wrap("OPP.xlsx", saved(book))
    (folder / "inn" / name).write_bytes(content)
    done = flows.merge([folder / "inn"], folder / "b.xlsx", plan=folder / SENT)
    assert done.register.report == bare.register.report
    assert not [finding for finding in done.findings if finding.severity == "error"]


@pytest.mark.parametrize("wrap", [in_mail, in_outlook_mail, in_zip])
def test_a_form_in_a_wrapping_gets_a_form_to_correct_it(wrap: Wrap, folder: Path) -> None:
    answer(folder, "TEK-001", 9)
    name, content = wrap("TEK.xlsx", (folder / TEK).read_bytes())
    (folder / "inn" / name).write_bytes(content)
    fix = Options(corrections_folder=folder / "rettes")
    done = flows.check([folder / "inn"], plan=folder / SENT, options=fix)
    (written,) = [path for path in done.written if path.name.startswith("Teknikk")]
    form = written.read_bytes()
    (corrected,) = parse_return("a.xlsx", form, key=done.register.key).corrected_files
    assert corrected.file.endswith(" › TEK.xlsx")


def test_many_processes_read_the_same(folder: Path, form: bytes) -> None:
    for wrap in WRAPS:
        name, content = wrap("OPP.xlsx", form)
        (folder / "inn" / name).write_bytes(content)
    found = files.list_files([folder / "inn"])
    assert read_returns(found, jobs=2) == read_returns(found)


def test_the_register_keeps_who_sent_a_form_and_when(folder: Path, form: bytes) -> None:
    (folder / "inn" / "OPP.xlsx").unlink()
    for name, content in (in_mail("A.xlsx", form), in_outlook_mail("B.xlsx", form)):
        read = read_one(folder, name, content)
        register = merge(Register(flows.read_plan(folder / SENT).report), read)
        again = read_appendix(write_appendix(register))
        (source,) = [s.source for file in again.returned_files for s in file.submissions]
        assert source.sender == SENDER
        assert source.sent_at.startswith("2020-12-10T08:30")


# E-mails


def test_the_words_of_a_mail_are_quoted_with_its_sender(form: bytes, tmp_path: Path) -> None:
    message = mail({"OPP.xlsx": form}, "PS: tiltak 3 er utsatt til neste år.\n\nHilsen Kari")
    read = read_one(tmp_path, "svar.eml", message.as_bytes())
    (finding,) = [finding for file in read for finding in file.findings]
    assert (finding.code, finding.severity, finding.place.file) == ("F011", "note", "svar.eml")
    assert finding.message("nb") == (
        f"I e-posten fra {SENDER} (2020-12-10 08:30, «SV: Skjema») står det: "
        "«PS: tiltak 3 er utsatt til neste år.\n\nHilsen Kari»."
    )


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "utf-16", "cp865"])
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_words_are_read_in_every_charset(charset: str, encoding: str, tmp_path: Path) -> None:
    if encoding == "8bit" and charset == "utf-16":
        pytest.skip("has line feeds within its characters")
    raw = "Må vente på anbud på Øra.".encode(charset)
    message = EmailMessage()
    message["From"] = SENDER
    message.set_content(raw, "text", "plain", cte="base64" if encoding == "8bit" else encoding)
    content = message.as_bytes().replace(b"text/plain", f'text/plain; charset="{charset}"'.encode())
    if encoding == "8bit":
        head = content.split(b"\n\n")[0].replace(b"base64", b"8bit")
        content = head + b"\n\n" + raw
    assert quoted(read_one(tmp_path, "a.eml", content)) == "Må vente på anbud på Øra."


@pytest.mark.parametrize("charset", ["finnes-ikke", "us-ascii", "unknown-8bit"])
def test_a_charset_that_is_not_true_loses_no_words(charset: str, tmp_path: Path) -> None:
    head = f"From: a@b.example\nTo: c@d.example\nContent-Type: text/plain; charset={charset}\n\n"
    content = head.encode() + "Må vente.".encode("cp1252")
    assert quoted(read_one(tmp_path, "a.eml", content)) == "Må vente."


def test_a_mail_in_html_only_is_quoted_a_line_for_each_row(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"] = SENDER
    page = "<style>p {color: red}</style><p>Hei &amp; hå<table><tr><td>1<td><p>4 &lt; 5</table>"
    message.set_content(f"<html><body>{page}</body></html>", "html")
    assert quoted(read_one(tmp_path, "a.eml", message.as_bytes())) == "Hei & hå\n1; 4 < 5"


def test_of_two_ways_to_say_the_same_one_is_quoted(form: bytes, tmp_path: Path) -> None:
    message = mail({}, "Ren tekst.")
    message.add_alternative("<p>Samme tekst.</p>", "html")
    message.add_attachment(form, "application", "octet-stream", filename="OPP.xlsx")
    assert quoted(read_one(tmp_path, "a.eml", message.as_bytes())) == "Ren tekst."


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Oppvekst år 1.xlsx", "Oppvekst år 1.xlsx"),
        ("../../ute.xlsx", "ute.xlsx"),
        ("C:\\Brukere\\Kari\\OPP.xlsx", "OPP.xlsx"),
        ("a\tb.xlsx", "a b.xlsx"),
        ("å" * 300 + ".xlsx", "å" * 60 + "…" + "å" * 55 + ".xlsx"),
    ],
)
def test_names_of_attachments_are_names_only(
    name: str, shown: str, form: bytes, tmp_path: Path
) -> None:
    message = mail({})
    message.add_attachment(form, "application", "octet-stream", filename="x.xlsx")
    message.get_payload(1).set_param("filename", name, "Content-Disposition", charset="utf-8")  # type: ignore[union-attr]
    read = read_one(tmp_path, "a.eml", message.as_bytes())
    assert [file.file for file in read if file.submissions] == [f"a.eml › {shown}"]


def test_what_macos_adds_to_an_attachment_is_no_file(form: bytes, tmp_path: Path) -> None:
    message = mail({"OPP.xlsx": form})
    message.add_attachment(b"\0\5\x16\7", "application", "applefile", filename="OPP.xlsx")
    read = read_one(tmp_path, "a.eml", message.as_bytes())
    assert told(read) == [("F011", "note", "a.eml")]


def test_a_mail_of_apple_mail_is_read_without_what_stands_around_it(
    form: bytes, tmp_path: Path
) -> None:
    content = mail({"OPP.xlsx": form}).as_bytes()
    whole = f"{len(content)}      \n".encode() + content + b"<?xml version='1.0'?><plist/>"
    read = read_one(tmp_path, "a.emlx", whole)
    assert [file.file for file in read if file.submissions] == ["a.emlx › OPP.xlsx"]


def test_encoded_words_in_headers_are_decoded(tmp_path: Path) -> None:
    head = "From: =?iso-8859-1?Q?K=E5re?= <k@b.example>\nSubject: =?utf-8?B?w4ZsdmU=?=\n\nHei"
    (file,) = read_one(tmp_path, "a.eml", head.encode())
    values = file.findings[-1].values
    assert (values["sender"], values["subject"]) == ("Kåre <k@b.example>", "Ælve")


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>Tiltak 1: 4 < 5 og 6 &gt; 5", "Tiltak 1: 4 < 5 og 6 > 5"),
        (
            "<TABLE><TR><TD>1<TD>4<TR><TD>2<TD><P>3<P>malt</TABLE>slutt",
            "1; 4\n2; 3 malt\nslutt",
        ),
        ("en<!-- skjult --> to<STYLE>p{}</STYLE> tre<br/>fire", "en to tre\nfire"),
        ("en<!-- skjult", "en"),
        ("en<script>skjult", "en"),
        ("<html><head><title>T</title></head><body>en", "en"),
        ("<table><tr><th>a</th><td></td><td>c</td></tr></table>", "a; ; c"),
    ],
)
def test_words_of_web_pages(page: str, text: str) -> None:
    assert text_of_html(page) == text


def test_a_mail_without_a_form_is_an_error_that_quotes_its_words(tmp_path: Path) -> None:
    for name, content in (
        ("a.eml", mail({}, "Tiltak 1: 4").as_bytes()),
        ("a.msg", Msg(body="Tiltak 1: 4").content()),
    ):
        read = read_one(tmp_path, name, content)
        assert told(read) == [("F001", "error", name), ("F011", "note", name)]
        assert quoted(read) == "Tiltak 1: 4"
        assert "en e-post uten skjema" in read[0].findings[0].message("nb")


def test_a_logo_in_the_text_of_a_mail_is_a_note_and_a_photo_an_error(
    form: bytes, tmp_path: Path
) -> None:
    message = mail({"OPP.xlsx": form, "bilde.png": PNG})
    message.add_attachment('<p>Hei<img src="cid:logo">', "html")
    message.add_attachment(PNG, "image", "png", filename="logo.png", cid="<logo>")
    del message.get_payload(-2)["Content-Disposition"]  # type: ignore[union-attr]
    msg = Msg(
        attachments={"OPP.xlsx": form, "bilde.png": PNG, "logo.png": PNG}, hidden=["logo.png"]
    )
    for name, content in (("a.eml", message.as_bytes()), ("a.msg", msg.content())):
        pictures = [one for one in told(read_one(tmp_path, name, content)) if one[0] == "F001"]
        assert pictures == [
            ("F001", "error", f"{name} › bilde.png"),
            ("F001", "note", f"{name} › logo.png"),
        ]


def test_what_is_attached_beside_the_form_is_told_as_any_file(form: bytes, tmp_path: Path) -> None:
    message = mail({"OPP.xlsx": form, "notat.pdf": PDF})
    message.add_attachment(b"\x78\x9f\x3e\x22", "application", "ms-tnef", filename="winmail.dat")
    message.add_attachment("Mer her.", filename="mer.txt")
    message.add_attachment(b"\x30\x80", "application", "pkcs7-signature", filename="smime.p7s")
    read = read_one(tmp_path, "a.eml", message.as_bytes())
    assert [one for one in told(read) if one[0] != "F011"] == [
        ("F001", "error", "a.eml › mer.txt"),
        ("F001", "error", "a.eml › notat.pdf"),
        ("F001", "error", "a.eml › winmail.dat"),
        ("F005", "note", "a.eml › smime.p7s"),
    ]
    assert "Mer her." in quoted(read)


def test_an_attachment_on_the_web_is_an_error_with_its_address(tmp_path: Path) -> None:
    tree = Msg(attachments={"OPP.xlsx": b""}).tree()
    tree["__attach_version1.0_#00000000"]["__substg1.0_370D001F"] = "https://x.example/a".encode(
        "utf-16-le"
    )
    from tests.outlook import ole_file

    read = read_one(tmp_path, "a.msg", ole_file(tree))
    assert told(read)[0] == ("F001", "error", "a.msg › OPP.xlsx.url")
    assert quoted(read) == "https://x.example/a"


def test_the_letters_that_split_writes_are_no_answers(folder: Path) -> None:
    flows.split(folder / SENT, folder / "brev", mail=True, force=True)
    flows.split(folder / SENT, folder / "brev" / "gammelt", mail=True, per_leader=True, force=True)
    done = flows.merge([folder / "brev"], folder / "v.xlsx", plan=folder / SENT)
    assert not [finding for finding in done.findings if finding.severity == "error"]
    assert {f.values["reason"] for f in done.findings if f.code[0] == "F"} == {"draft"}


def test_a_correction_form_that_was_not_sent_settles_nothing(folder: Path) -> None:
    (folder / "inn" / "OPP.xlsx").rename(folder / OPP)
    answer(folder, "OPP-001", 9)
    (folder / OPP).rename(folder / "inn" / "OPP.xlsx")
    fix = Options(corrections_folder=folder / "inn" / "rettes", force=True)
    codes = []
    for name in ("a.xlsx", "b.xlsx"):
        done = flows.merge(
            [folder / "inn"], folder / name, plan=folder / SENT, options=fix, force=True
        )
        codes.append([(f.code, f.severity) for f in done.findings if f.code != "F005"])
    assert codes[0] == codes[1]
    assert ("V101", "error") in codes[0]


def test_a_draft_with_an_answered_form_is_read(form: bytes, tmp_path: Path) -> None:
    draft = mail({"OPP.xlsx": form}, **{"X-Unsent": "1"})
    del draft["From"], draft["Date"]
    assert [file.file for file in read_one(tmp_path, "a.eml", draft.as_bytes()) if file.submissions]


# Zips and folders


def test_the_files_of_a_zip_are_read_each_by_itself(form: bytes, tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {"notat.txt": "Hei", "tom/": ""}
    content = zipped({"a/OPP.xlsx": form, "b\\kopi.xlsx": form, **parts})
    read = read_one(tmp_path, "a.zip", content)
    assert [file.file for file in read if file.submissions] == [
        "a.zip › a › OPP.xlsx",
        "a.zip › b › kopi.xlsx",
    ]
    assert told(read) == [
        ("F001", "error", "a.zip › notat.txt"),
        ("F011", "note", "a.zip › notat.txt"),
    ]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [("år.xlsx".encode("cp850"), "år.xlsx"), ("år.xlsx".encode(), "år.xlsx")],
)
def test_names_in_old_zips_are_read_as_they_were_typed(
    raw: bytes, shown: str, form: bytes, tmp_path: Path
) -> None:
    content = zipped({"X" * len(raw): form}).replace(b"X" * len(raw), raw)
    read = read_one(tmp_path, "a.zip", content)
    assert [file.file for file in read if file.submissions] == [f"a.zip › {shown}"]


def test_a_zip_without_a_form_is_an_error(tmp_path: Path) -> None:
    assert told(read_one(tmp_path, "a.zip", zipped({}))) == [("F001", "error", "a.zip")]


def test_two_unpacked_workbooks_and_a_form_in_one_zip_are_three(
    form: bytes, tmp_path: Path
) -> None:
    with ZipFile(BytesIO(form)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    unpacked = [(f"{top}/{name}", part) for top in ("en", "to") for name, part in parts.items()]
    content = zipped([*unpacked, ("tre.xlsx", form)])
    read = read_one(tmp_path, "a.zip", content)
    names = [file.file for file in read if file.submissions]
    assert names == ["a.zip › en", "a.zip › to", "a.zip › tre.xlsx"]


def test_a_workbook_that_lies_unpacked_in_a_folder_is_read(form: bytes, tmp_path: Path) -> None:
    with ZipFile(BytesIO(form)) as archive:
        archive.extractall(tmp_path / "svar" / "Havn" / "OPP")
    (file,) = read_folder(tmp_path / "svar")
    assert (file.file, claims(file)) == ("Havn › OPP", claims(parse_return("a.xlsx", form)))


def test_check_merge_and_remind_see_the_same_files(folder: Path, form: bytes) -> None:
    inside = folder / "inn" / "Havn" / "gammelt"
    inside.mkdir(parents=True)
    (folder / "inn" / "OPP.xlsx").rename(inside / "OPP.xlsx")
    (folder / "inn" / "svar.zip").write_bytes(in_zip("x.xlsx", form)[1])
    (folder / "inn" / "bilde.png").write_bytes(PNG)
    checked = flows.check([folder / "inn"], plan=folder / SENT)
    merged = flows.merge([folder / "inn"], folder / "v.xlsx", plan=folder / SENT)
    reminded = flows.remind(folder / SENT, [folder / "inn"]).result
    results = (checked, merged, reminded)
    names = ["Havn › gammelt › OPP.xlsx", "bilde.png", "svar.zip › Havn › x.xlsx", "svar.zip"]
    for result in results:
        assert [file.file for _, file in result.returned_files] == names
    assert merged.findings == checked.findings
    without_plan = flows.check([folder / "inn"])
    assert [file.file for _, file in without_plan.returned_files] == names


def test_the_plan_itself_is_no_answer_wherever_it_lies(folder: Path) -> None:
    for place in ("inn", "inn/under"):
        (folder / place).mkdir(exist_ok=True)
        plan = folder / place / SENT
        plan.write_bytes((folder / SENT).read_bytes())
        for done in (
            flows.check([folder / "inn"], plan=plan),
            flows.merge([folder / "inn"], folder / "v.xlsx", plan=plan, force=True),
        ):
            assert SENT not in [file.file for _, file in done.returned_files]
        plan.rename(folder / "inn" / "plan.xlsx") if place == "inn" else None


@pytest.mark.skipif(os.name != "posix", reason="makes links")
def test_links_and_hidden_folders_are_told_and_not_followed(tmp_path: Path, form: bytes) -> None:
    top = tmp_path / "svar"
    (top / "a").mkdir(parents=True)
    (top / "a" / "OPP.xlsx").write_bytes(form)
    (top / "a" / "opp").symlink_to(top)
    for name in (".git", "$RECYCLE.BIN"):
        (top / name).mkdir()
        (top / name / "x.xlsx").write_bytes(form)
    deep = top.joinpath(*"abcdefghijkl")
    deep.mkdir(parents=True)
    (deep / "x.xlsx").write_bytes(form)
    (top / "Ark.numbers").mkdir()
    read = read_folder(top)
    assert [file.file for file in read if file.submissions] == ["a › OPP.xlsx"]
    assert told(read) == [
        ("F001", "error", "Ark.numbers"),
        ("F005", "note", "$RECYCLE.BIN"),
        ("F005", "note", ".git"),
        ("F005", "warning", "a › b › c › d › e › f › g › h › i › j › k"),
        ("F005", "warning", "a › opp"),
    ]


# Bounds


def bomb(depth: int) -> bytes:
    """Return a zip of zips in each other, each with ten copies of the next."""
    content = zipped({"0.txt": bytes(2 << 20)})
    for _ in range(depth):
        content = zipped({f"{n}.zip": content for n in range(10)})
    return content


def nested(depth: int) -> bytes:
    """Return e-mails attached to each other."""
    message = mail({})
    for _ in range(depth):
        outer = mail({})
        outer.add_attachment(message)
        message = outer
    return message.as_bytes()


def multiparts(depth: int) -> bytes:
    """Return an e-mail whose parts are in each other."""
    heads = (
        f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n".encode() for n in range(depth)
    )
    return b"From: a@b.example\nTo: c@d.example\n" + b"".join(heads) + b"\nHei"


def many_parts(count: int) -> bytes:
    """Return an e-mail with many attachments."""
    part = b'--b\nContent-Disposition: attachment; filename="a.pdf"\n\n%PDF\n'
    return b"From: a@b.example\nTo: c@d.example\nContent-Type: multipart/mixed; boundary=b\n\n" + (
        part * count + b"--b--\n"
    )


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a zip of zips": ("a.zip", lambda: bomb(6)),
    "a zip bomb": ("a.zip", lambda: zipped({"a.txt": bytes(80 << 20)})),
    "ten thousand entries": ("a.zip", lambda: zipped({f"{n}.pdf": PDF for n in range(10_000)})),
    "many small bombs": (
        "a.zip",
        lambda: zipped({f"{n}.xlsx": bytes((1 << 20) - 1) for n in range(150)}),
    ),
    "e-mails in each other": ("a.eml", lambda: nested(30)),
    "parts in each other": ("a.eml", lambda: multiparts(3_000)),
    "ten thousand attachments": ("a.eml", lambda: many_parts(10_000)),
    "three million lines": ("a.eml", lambda: many_parts(1) + b"\n" * 3_000_000),
    "a thousand attachments of Outlook": (
        "a.msg",
        lambda: Msg(attachments={f"{n}.pdf": b"%PDF" for n in range(1_100)}).content(),
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_wrapping_is_bounded_and_told(name: str, tmp_path: Path) -> None:
    file, content = HOSTILE[name][0], HOSTILE[name][1]()
    read = read_one(tmp_path, file, content)
    over = [finding for one in read for finding in one.findings if finding.code == "F007"]
    assert over
    assert not any("{" in finding.sentence("nb") for finding in over)


def test_an_encrypted_zip_is_told(form: bytes, tmp_path: Path) -> None:
    content = bytearray(zipped({"OPP.xlsx": form}))
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    assert ("F002", "error", "a.zip › OPP.xlsx") in told(
        read_one(tmp_path, "a.zip", bytes(content))
    )


@pytest.mark.parametrize("seed", range(12))
def test_damaged_wrappings_stop_nothing(seed: int, form: bytes, tmp_path: Path) -> None:
    import random

    chance = random.Random(seed)
    for wrap in WRAPS:
        name, whole = wrap("OPP.xlsx", form)
        content = bytearray(whole)
        for _ in range(chance.choice((1, 3, 40))):
            content[chance.randrange(min(len(content), chance.choice((600, 10**9))))] = (
                chance.randrange(256)
            )
        cut = len(content) if chance.random() < 0.6 else chance.randrange(1, len(content))
        read = read_one(tmp_path, name, bytes(content[:cut]))
        assert any(file.submissions or file.findings for file in read)


# What is no form


PLIST = plistlib.dumps({"URL": "https://x.example/a"})
MHT = (
    b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n"
    b"--x\nContent-Type: text/html\n\n<p>Tiltak 1: 4</p>\n--x--\n"
)
TEXTS: dict[str, tuple[bytes, str, str]] = {
    "svar.txt": ("Tiltak 1: 4, på plass".encode(), "text", "Tiltak 1: 4, på plass"),
    "notat.md": ("Må vente".encode("cp1252"), "text", "Må vente"),
    "svar.csv": ("\ufeffNr;Status\r\n1;4".encode(), "csv", "Nr;Status\n1;4"),
    "svar.html": (b"<html><p>Tiltak 1: <b>4</b>", "html", "Tiltak 1: 4"),
    "svar.url": (b"[InternetShortcut]\r\nURL=https://x.example/a", "link", "https://x.example/a"),
    "svar.webloc": (PLIST, "link", "https://x.example/a"),
    "b.webloc": (
        plistlib.dumps({"URL": "https://x.example/a"}, fmt=plistlib.FMT_BINARY),
        "link",
        "https://x.example/a",
    ),
    "a.desktop": (b"[Desktop Entry]\nURL=https://x.example/a", "link", "https://x.example/a"),
    "svar.gsheet": (b'{"url":"https://x.example/a","doc_id":"1"}', "web_document", "https://x.e"),
    "svar.docx": (
        zipped(
            {
                "[Content_Types].xml": "<Types/>",
                "word/document.xml": (
                    '<w:document xmlns:w="w"><w:p><w:t>Hei</w:t></w:p><w:tbl><w:tr><w:tc><w:p>'
                    "<w:t>1</w:t></w:p></w:tc><w:tc><w:p><w:t>4</w:t></w:p></w:tc></w:tr></w:tbl>"
                    "</w:document>"
                ),
            }
        ),
        "docx",
        "Hei\n1; 4",
    ),
    "svar.lnk": (
        b"L\0\0\0\x01\x14\x02\0" + bytes(60) + b"\\\\server\\felles\\OPP svar.xlsx\0",
        "shortcut",
        "\\\\server\\felles\\OPP svar.xlsx",
    ),
    "svar.mht": (
        MHT,
        "mht",
        "Tiltak 1: 4",
    ),
}


def opendocument(kind: str) -> bytes:
    """Return an OpenDocument file without text; its kind stands in the file as it is."""
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", "<a/>")
    return target.getvalue()


KINDS: dict[str, tuple[bytes, str]] = {
    "svar.heic": (b"\0\0\0\x18ftypheic" + bytes(20), "picture"),
    "svar.avif": (b"\0\0\0\x18ftypavif" + bytes(20), "picture"),
    "svar.webp": (b"RIFF\1\1\1\1WEBPVP8 ", "picture"),
    "svar.tiff": (b"II*\0" + bytes(20), "picture"),
    "svar.bmp": (b"BM\x36\0\0\0" + bytes(20), "picture"),
    "HAV.xlsx": (b"\xff\xd8\xff\xe0\0\x10JFIF", "picture"),
    "taleopptak.m4a": (b"\0\0\0\x18ftypM4A " + bytes(20), "recording"),
    "winmail.dat": (b"\x78\x9f\x3e\x22\1\0", "winmail"),
    "HAV.xlsx.p7m": (b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "signed"),
    "a.p7m": (b"\x30\x82" + b"\1" * 20, "signed"),
    "melding.rpmsg": (b"\x76\xe8\x04\x60\xc4\x11\xe3\x86", "protected_mail"),
    "notat.one": (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d" + bytes(20), "onenote"),
    "svar.rar": (b"Rar!\x1a\x07\0", "packed"),
    "svar.7z": (b"7z\xbc\xaf\x27\x1c", "packed"),
    "post.mbox": (b"From a@b.example Thu Dec 10 2020\nFrom: a@b.example\n\nHei\n", "mailbox"),
    "post": (
        b"From a Thu Dec 10 2020\nTo: b\n\nHei\n\nFrom a Thu Dec 10 2020\nTo: b\n\nHei\n",
        "mailbox",
    ),
    "svar.numbers": (zipped({"Index/Document.iwa": b"x"}), "iwork"),
    "svar.pages": (zipped({"index.zip": b"x"}), "iwork"),
    "svar.odt": (opendocument("text"), "odt"),
    "svar.odp": (opendocument("presentation"), "odp"),
    "svar.xls": (ole("Root Entry", "Workbook"), "xls"),
    ".OPP.xlsx.icloud": (b"bplist00\xd3\1", "icloud"),
    "ukjent": (b"\0\1\2\3" * 20, "unknown"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_of_file_without_words_is_an_error_that_names_it(name: str, tmp_path: Path) -> None:
    content, kind = KINDS[name]
    (file,) = read_one(tmp_path, name, content)
    assert told([file]) == [("F001", "error", name)]
    (finding,) = file.findings
    assert finding.values["reason"] == kind
    assert finding.sentence("nb").endswith(". [F001]")


@pytest.mark.parametrize("name", TEXTS)
def test_answers_in_another_kind_of_file_are_an_error_with_their_text(
    name: str, tmp_path: Path
) -> None:
    content, kind, text = TEXTS[name]
    read = read_one(tmp_path, name, content)
    error, *quotes = read[0].findings
    assert (error.code, error.severity, error.values["reason"]) == ("F001", "error", kind)
    assert [quote.code for quote in quotes] == ["F011"]
    assert quoted(read).startswith(text)


def test_a_long_text_is_quoted_whole_and_in_order(tmp_path: Path) -> None:
    lines = [f"{n}: {'ord ' * 20}" for n in range(900)]
    read = read_one(tmp_path, "svar.txt", "\n".join(lines).encode())
    assert quoted(read).split() == "\n".join(lines).split()
    assert all(len(f.values["value"]) <= 3_000 for f in read[0].findings if f.code == "F011")


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("OPP.xlsx", "error"),
        ("OPP.docx", "error"),
        ("uten endelse", "error"),
        ("notat.txt", "note"),
        (".gitkeep", "note"),
    ],
)
def test_an_empty_file_is_an_answer_not_fetched_unless_people_write_such(
    name: str, severity: str, tmp_path: Path
) -> None:
    assert told(read_one(tmp_path, name, b"")) == [("F005", severity, name)]


@pytest.mark.parametrize("suffix", ["crdownload", "part", "partial", "download", "tmp"])
def test_half_a_download_says_so_and_a_whole_one_is_read(
    suffix: str, form: bytes, tmp_path: Path
) -> None:
    name = f"OPP.xlsx.{suffix}"
    (half,) = read_one(tmp_path, name, form[:3_000])
    assert half.findings[0].values["reason"] == "half_download"
    (whole,) = read_one(tmp_path, name, form)
    assert whole.submissions
