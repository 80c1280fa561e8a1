"""An e-mail that came back: who sent it and when, its words, and the files attached to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

Attachments = tuple["Attachment", ...]


class Attachment(NamedTuple):
    """A file in an e-mail. `is_inline` is true for a picture that is shown within the text."""

    name: str
    content: bytes | ReceivedMail
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """An e-mail. `sent_at` is a moment in ISO format, or as it stands if it is not a date.

    `is_draft` is true for one that was never sent, as those that `split` writes.
    """

    sender: str = ""
    sent_at: str = ""
    subject: str = ""
    text: str = ""
    attachments: Attachments = ()
    is_draft: bool = False
