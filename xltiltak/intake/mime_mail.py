"""Read an e-mail saved as .eml: who sent it and when, its words, and the files attached to it.

Only the MIME parts are read. Nothing is fetched, and a header is only a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.generator import BytesGenerator
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime
from io import BytesIO

from xltiltak.intake.plain_text import text_of_html
from xltiltak.intake.received_mail import Attachment, ReceivedMail
from xltiltak.model.errors import NotAWorkbook, OverLimit
from xltiltak.model.files import decode_text

_LENGTH = re.compile(rb"(\d{1,9})[ \t]*\r?\n")
_OF_MAC = "application/applefile"  # what macOS knows of an attached file
_MAX_PARTS = 1_000  # MIME parts of one message
_MAX_TEXTS = 20  # parts that are words of the message; more are attached files
_MAX_LINES = 2_000_000
_LONGEST_HEADER = 2_000  # characters that are read
_MULTIPART = re.compile(rb"^content-type:\s*multipart/", re.IGNORECASE | re.MULTILINE)
_MAX_MULTIPARTS = 50  # within each other, at most: the parser calls itself for each
_PICTURE_ID = re.compile(r"""["']cid:([^"'<>]+)["']""")
_WHAT_BREAKS_IT = (
    *(ArithmeticError, AttributeError, AssertionError, LookupError, MemoryError, MessageError),
    *(RecursionError, TypeError, ValueError),
)
_NAMES = {"message/rfc822": "mail.eml", "text/html": "page.html", "text/calendar": "invitation.ics"}


def read_mail(content: bytes) -> ReceivedMail:
    """Return the e-mail in an .eml or .mht file. Raises WorkbookError."""
    lines, multiparts = content.count(b"\n"), len(_MULTIPART.findall(content))
    for name, met, bound in (
        ("lines", lines, _MAX_LINES),
        ("attachments", multiparts, _MAX_MULTIPARTS),
    ):
        if met > bound:
            raise OverLimit(name, met=met, bound=bound)
    try:
        message = message_from_bytes(_without_length(content))
        return _mail(message)
    except _WHAT_BREAKS_IT as error:
        raise NotAWorkbook("broken_mail") from error


def _without_length(content: bytes) -> bytes:
    """Return the message in a file; Apple Mail (.emlx) writes its length before it."""
    length = _LENGTH.match(content)
    if length:
        return content[length.end() :][: int(length[1])]
    return content.lstrip(b"\xef\xbb\xbf\r\n")


def _mail(message: Message) -> ReceivedMail:
    leaves = list(_leaves(message))
    if len(leaves) > _MAX_PARTS:
        raise OverLimit("attachments", met=len(leaves), bound=_MAX_PARTS)
    shown_in_text = _shown_in_text(message)
    text: list[str] = []
    attachments: list[Attachment] = []
    for part in leaves:
        if _is_words(part) and len(text) < _MAX_TEXTS:
            text.append(_words(part))
        else:
            attachments.append(_attachment(part, len(attachments) + 1, shown_in_text))
    sender, sent_at = _header(message, "From"), _header(message, "Date")
    return ReceivedMail(
        sender,
        _moment(sent_at),
        _header(message, "Subject"),
        "\n\n".join(filter(None, text)),
        tuple(attachments),
        is_draft=bool(_header(message, "X-Unsent")) and not (sender or sent_at),
    )


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts that hold something. Of alternatives, the plain text or else the last."""
    parts = message.get_payload()
    if not isinstance(parts, list) or message.get_content_type() == "message/rfc822":
        yield message
        return
    inside = [part for part in parts if isinstance(part, Message)]
    if message.get_content_type() == "multipart/alternative":
        texts = [part for part in inside if not part.is_multipart() and _is_words(part)]
        plain = [p for p in texts if p.get_content_type() == "text/plain" and _words(p)]
        unread = [part for part in texts if plain and part is not plain[0]]
        inside = [part for part in inside if all(part is not other for other in unread)]
    for part in inside:
        if part.get_content_type() != _OF_MAC:
            yield from _leaves(part)


def _is_words(part: Message) -> bool:
    """Return True for a text of the message itself, False for an attached file."""
    is_text = part.get_content_type() in ("text/plain", "text/html")
    return is_text and not _filename(part) and part.get_content_disposition() != "attachment"


def _words(part: Message) -> str:
    text = _decoded_text(part)
    return text_of_html(text) if part.get_content_type() == "text/html" else text.strip()


def _decoded_text(part: Message) -> str:
    content = _payload(part)
    try:
        return content.decode(part.get_content_charset("utf-8"))
    except (LookupError, ValueError):  # a charset that does not exist, or is not true
        return decode_text(content, "", errors="replace")


def _payload(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _shown_in_text(message: Message) -> set[str]:
    """Return the ids of the pictures that the text of a message shows, such as a logo."""
    pages = (p for p in message.walk() if p.get_content_type() == "text/html")
    return {found for page in pages for found in _PICTURE_ID.findall(_decoded_text(page))}


def _attachment(part: Message, number: int, shown_in_text: set[str]) -> Attachment:
    """Return an attached file; an attached e-mail as the content of an .eml file."""
    kind, name = part.get_content_type(), _filename(part)
    if kind == "message/rfc822":
        inner = part.get_payload()
        message = inner[0] if isinstance(inner, list) and inner else part
        if isinstance(message, Message):
            subject = _header(message, "Subject") or name
            return Attachment(f"{subject.removesuffix('.eml') or number}.eml", _as_file(message))
    if not name:
        name = _NAMES.get(kind) or f"{number}.{part.get_content_subtype()}"
    is_inline = _header(part, "Content-ID").strip("<>") in shown_in_text
    return Attachment(name, _payload(part), is_inline=is_inline)


def _as_file(message: Message) -> bytes:
    target = BytesIO()
    BytesGenerator(target, mangle_from_=False).flatten(message)
    return target.getvalue()


def _filename(part: Message) -> str:
    """Return the name of an attached file, without folders; "" if it has none."""
    name = _decoded_header(part.get_filename() or "")
    return re.split(r"[/\\]", name)[-1].strip()


def _header(message: Message, name: str) -> str:
    """Return the first header of a name, on one line; "" if there is none."""
    found = (value for key, value in message.raw_items() if key.lower() == name.lower())
    return _decoded_header(str(next(found, "")))


def _decoded_header(raw: str) -> str:
    """Return a header with its encoded words decoded, and with bytes that are not ASCII."""
    raw = raw[:_LONGEST_HEADER]
    if not raw.isascii():
        raw = decode_text(raw.encode("utf-8", "surrogateescape"), "", errors="replace")
    try:
        pieces = decode_header(raw)
    except (MessageError, ValueError):
        pieces = [(raw, None)]
    return " ".join("".join(map(_piece, pieces)).split())


def _piece(piece: tuple[str | bytes, str | None]) -> str:
    text, charset = piece
    if isinstance(text, str):
        return text
    try:
        return text.decode(charset or "utf-8")
    except (LookupError, ValueError):
        return decode_text(text, "", errors="replace")


def _moment(text: str) -> str:
    """Return a date of an e-mail as 2020-08-31T10:00:00+02:00; the text itself if it is none."""
    try:
        return parsedate_to_datetime(text).isoformat()
    except (TypeError, ValueError, IndexError, OverflowError):
        return text
