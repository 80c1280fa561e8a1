"""Letters: which text is used, what it may contain, and drafts that mail programs open."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.mail.mail_drafts import (
    AREA_PLACEHOLDERS,
    PLACEHOLDERS,
    Letter,
    LetterSource,
    MailMessage,
    draft_file,
    fill_letter,
    parse_addresses,
)
from xltiltak.model.errors import PlanError
from xltiltak.model.language import LANGUAGES

AREA = {
    "name": "Vann & vei",
    "file": "VAN.xlsx",
    "answered": True,
    "other_date": "",
    "unread": "",
    "lacking": ["Tiltak 3 · Status"],
    "blank": [],
}
VALUES: dict[str, Any] = {
    "leader": "Kari <b>", "deputy": "", "organisation": "Prøveby", "title": "Tiltak 2020",
    "date": "31.12.2020", "deadline": "15.01.2021", "contact": "plan@example.com", "areas": [AREA],
}  # fmt: skip


def parsed_draft(content: bytes) -> EmailMessage:
    """Return a draft as a mail program reads it."""
    read = message_from_bytes(content, policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


@pytest.mark.parametrize(("name", "language"), list(product(("split", "remind"), LANGUAGES)))
def test_the_shipped_letters_have_all_values(name: str, language: str) -> None:
    text, file = LetterSource(name).read(language)
    for answered in (True, False):
        letter = fill_letter(text, file, {**VALUES, "areas": [{**AREA, "answered": answered}]})
        body = letter.body
        assert str(AREA["name"]) in letter.subject
        assert all(
            VALUES[key] in body
            for key in ("title", "date", "deadline", "contact", "organisation", "leader")
        )
        assert ("Tiltak 3 · Status" in body) == (name == "remind" and answered)
        assert "{" not in body
        assert "\n\n\n" not in body


@pytest.mark.parametrize("name", ["split", "remind"])
def test_the_shipped_letters_leave_out_what_is_empty(name: str) -> None:
    bare = {**VALUES, "leader": "", "deadline": "", "contact": ""}
    text, file = LetterSource(name).read("nb")
    assert "Svarfrist" not in fill_letter(text, file, bare).body


def test_the_coordinators_own_text_comes_first_and_the_readers_language_before_others(
    tmp_path: Path,
) -> None:
    beside, template = tmp_path / "plan", tmp_path / "mal"
    beside.mkdir()
    template.mkdir()
    remind, split = (LetterSource(name, [beside, template]) for name in ("remind", "split"))
    (template / "remind.txt").write_text("Fra malen\n\nHei", "utf-8")
    assert remind.read("nn")[0].startswith("Fra malen")
    (beside / "remind.txt").write_bytes("Frå planen æøå\n\nHei".encode("cp1252"))
    assert remind.read("nn")[0].startswith("Frå planen æøå")
    (beside / "remind.nn.txt").write_text("På nynorsk\n\nHei", "utf-16")
    assert remind.read("nn")[0].startswith("På nynorsk")
    assert remind.read("nb")[0].startswith("Frå planen")
    assert split.read("nb")[0].startswith("Status per")


def test_every_placeholder_can_be_used() -> None:
    lines = [f"{{{{ {name} }}}}" for name in PLACEHOLDERS if name != "areas"]
    inner = "".join(f"{{{{ area.{name} }}}} " for name in AREA_PLACEHOLDERS)
    letter = fill_letter(
        "\n".join(["Emne", *lines, f"{{% for area in areas %}}{inner}{{% endfor %}}"]),
        "x.txt",
        VALUES,
    )
    assert "Vann & vei VAN.xlsx True" in letter.body
    assert "Kari <b>" in letter.body


@pytest.mark.parametrize(
    "text",
    [
        "Emne\n\nHei {{ leder }}",
        "Emne\n\n{{ area.naam }}",
        "Emne\n\n{% if %}",
        "Emne\n\n{{ leader.__class__.__mro__ }}",
        "Emne\n\n{{ areas.append(1) }}",
        "Emne\n\n{% for x in range(9) %}x{% endfor %}",
        "Emne\n\n{% include '/etc/passwd' %}",
    ],
)
def test_nothing_else_can_be_used(text: str) -> None:
    with pytest.raises(PlanError) as raised:
        fill_letter(text, "purring.txt", VALUES)
    assert "purring.txt" in raised.value.message("nb")
    assert "leader, deputy" in raised.value.message("nb")


def test_a_value_is_never_parsed_as_a_template() -> None:
    letter = fill_letter(
        "{{ leader }}\n\n{{ leader }}", "x.txt", {**VALUES, "leader": "{{ 7 * 7 }}\nBcc: x@y.no"}
    )
    assert letter == Letter("{{ 7 * 7 }} Bcc: x@y.no", "{{ 7 * 7 }}\nBcc: x@y.no\n")


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("a@b.no", ["a@b.no"]),
        ("Kari Nordmann <kari.n@prøve.no>", []),
        ("Kari Nordmann <kari.n@prove.no>", ["kari.n@prove.no"]),
        ("a@b.no; c@d.no", ["a@b.no", "c@d.no"]),
        ("a@b.no, c@", []),
        ("ukjent", []),
        ("", []),
        ("a@b.no\r\nBcc: c@d.no", ["a@b.no", "c@d.no"]),
    ],
)
def test_addresses_are_read_as_people_write_them(text: str, addresses: list[str]) -> None:
    assert parse_addresses(text) == addresses


def test_a_draft_opens_with_everything_in_it() -> None:
    attachments = {"VAN-2020-12-31.xlsx": b"PK\3\4" + bytes(range(256)) * 40}
    message = MailMessage(
        ["a@b.no"],
        ["c@d.no"],
        Letter("Påminnelse – vann", "Hei æøå\n" + "lang " * 400 + "\n"),
        attachments,
    )
    content = draft_file(message)
    read = parsed_draft(content)
    assert (read["Subject"], read["To"], read["Cc"]) == ("Påminnelse – vann", "a@b.no", "c@d.no")
    assert read["X-Unsent"] == "1"
    assert not any(header in read for header in ("Date", "Message-ID", "From"))
    body = read.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == message.letter.body
    (part,) = read.iter_attachments()
    assert (part.get_filename(), part.get_content()) == (
        "VAN-2020-12-31.xlsx",
        attachments["VAN-2020-12-31.xlsx"],
    )
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert draft_file(message) == content


def test_a_draft_without_addresses_has_no_receiver() -> None:
    read = parsed_draft(draft_file(MailMessage([], [], Letter("Emne", "Hei\n"), {})))
    assert "To" not in read
    assert "Cc" not in read


@given(
    st.text(), st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]))
)
def test_any_letter_is_read_back_as_it_was_written(title: str, text: str) -> None:
    letter = fill_letter(
        "{{ title }}\n\n{{ contact }}", "x.txt", {"title": title.strip() or "x", "contact": text}
    )
    read = parsed_draft(draft_file(MailMessage([], [], letter, {"a.xlsx": b"PK"})))
    assert read["X-Unsent"] == "1"
    body = read.get_body()
    assert body is not None
    assert body.get_content().split() == letter.body.split()
