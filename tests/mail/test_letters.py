"""Letters: whose text is taken, what may stand in it, and drafts that mail programs open."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltiltak.mail.letters import (
    AREA_PLACEHOLDERS,
    PLACEHOLDERS,
    Letter,
    MailMessage,
    addresses,
    eml,
    fill_letter,
    text_of,
)
from xltiltak.model.errors import PlanError
from xltiltak.model.language import LANGUAGES

AREA = {
    "name": "Vann & vei",
    "file": "VAN.xlsx",
    "answered": True,
    "lacking": ["Tiltak 3 · Status"],
    "blank": [],
}
KNOWN: dict[str, Any] = {
    "leader": "Kari <b>", "deputy": "", "organisation": "Prøveby", "title": "Tiltak 2020",
    "date": "31.12.2020", "deadline": "15.01.2021", "contact": "plan@example.com", "areas": [AREA],
}  # fmt: skip


def opened(content: bytes) -> EmailMessage:
    """A draft as a mail program reads it."""
    read = message_from_bytes(content, policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


@pytest.mark.parametrize(("name", "spoken"), list(product(("split", "remind"), LANGUAGES)))
def test_the_shipped_letters_say_all_that_is_known(name: str, spoken: str) -> None:
    for answered in (True, False):
        subject, body = fill_letter(
            *text_of(name, spoken), {**KNOWN, "areas": [{**AREA, "answered": answered}]}
        )
        assert str(AREA["name"]) in subject
        assert all(
            KNOWN[key] in body
            for key in ("title", "date", "deadline", "contact", "organisation", "leader")
        )
        assert ("Tiltak 3 · Status" in body) == (name == "remind" and answered)
        assert "{" not in body
        assert "\n\n\n" not in body


@pytest.mark.parametrize("name", ["split", "remind"])
def test_the_shipped_letters_need_nothing_that_may_be_empty(name: str) -> None:
    bare = {**KNOWN, "leader": "", "deadline": "", "contact": ""}
    assert "Svarfrist" not in fill_letter(*text_of(name, "nb"), bare).body


def test_a_text_of_ones_own_comes_before_the_shipped_one_and_the_readers_language_before_others(
    tmp_path: Path,
) -> None:
    beside, template = tmp_path / "plan", tmp_path / "mal"
    beside.mkdir()
    template.mkdir()
    (template / "remind.txt").write_text("Fra malen\n\nHei", "utf-8")
    assert text_of("remind", "nn", [beside, template])[0].startswith("Fra malen")
    (beside / "remind.txt").write_bytes("Frå planen æøå\n\nHei".encode("cp1252"))
    assert text_of("remind", "nn", [beside, template])[0].startswith("Frå planen æøå")
    (beside / "remind.nn.txt").write_text("På nynorsk\n\nHei", "utf-16")
    assert text_of("remind", "nn", [beside, template])[0].startswith("På nynorsk")
    assert text_of("remind", "nb", [beside, template])[0].startswith("Frå planen")
    assert text_of("split", "nb", [beside, template])[0].startswith("Status per")


def test_every_placeholder_can_be_used() -> None:
    lines = [f"{{{{ {name} }}}}" for name in PLACEHOLDERS if name != "areas"]
    inner = "".join(f"{{{{ area.{name} }}}} " for name in AREA_PLACEHOLDERS)
    letter = fill_letter(
        "\n".join(["Emne", *lines, f"{{% for area in areas %}}{inner}{{% endfor %}}"]),
        "x.txt",
        KNOWN,
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
def test_nothing_else_can(text: str) -> None:
    with pytest.raises(PlanError) as told:
        fill_letter(text, "purring.txt", KNOWN)
    assert "purring.txt" in told.value.message("nb")
    assert "leader, deputy" in told.value.message("nb")


def test_a_name_is_never_a_template() -> None:
    letter = fill_letter(
        "{{ leader }}\n\n{{ leader }}", "x.txt", {**KNOWN, "leader": "{{ 7 * 7 }}\nBcc: x@y.no"}
    )
    assert letter == Letter("{{ 7 * 7 }} Bcc: x@y.no", "{{ 7 * 7 }}\nBcc: x@y.no\n")


@pytest.mark.parametrize(
    ("written", "read"),
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
def test_addresses_are_read_as_people_write_them(written: str, read: list[str]) -> None:
    assert addresses(written) == read


def test_a_draft_opens_with_everything_in_it() -> None:
    attached = {"VAN-2020-12-31.xlsx": b"PK\3\4" + bytes(range(256)) * 40}
    draft = MailMessage(
        ["a@b.no"],
        ["c@d.no"],
        Letter("Påminnelse – vann", "Hei æøå\n" + "lang " * 400 + "\n"),
        attached,
    )
    content = eml(draft)
    read = opened(content)
    assert (read["Subject"], read["To"], read["Cc"]) == ("Påminnelse – vann", "a@b.no", "c@d.no")
    assert read["X-Unsent"] == "1"
    assert not any(header in read for header in ("Date", "Message-ID", "From"))
    body = read.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == draft.letter.body
    (part,) = read.iter_attachments()
    assert (part.get_filename(), part.get_content()) == (
        "VAN-2020-12-31.xlsx",
        attached["VAN-2020-12-31.xlsx"],
    )
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert eml(draft) == content


def test_a_draft_to_nobody_has_no_receiver() -> None:
    read = opened(eml(MailMessage([], [], Letter("Emne", "Hei\n"), {})))
    assert "To" not in read
    assert "Cc" not in read


@given(
    st.text(), st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]))
)
def test_any_letter_comes_back_as_it_was(title: str, said: str) -> None:
    letter = fill_letter(
        "{{ title }}\n\n{{ contact }}", "x.txt", {"title": title.strip() or "x", "contact": said}
    )
    read = opened(eml(MailMessage([], [], letter, {"a.xlsx": b"PK"})))
    assert read["X-Unsent"] == "1"
    body = read.get_body()
    assert body is not None
    assert body.get_content().split() == letter.body.split()
