"""The rows of the lists that the coordinator edits: areas and findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

AREA_COLUMNS = ("leader", "deputy", "email", "deputy_email", "language", "intro", "predecessor")
HANDLED_COLUMN = 8
_CHECK_LENGTH = 16


def row_check(texts: Iterable[str]) -> str:
    """Return a check sum of the texts in a row, whatever stands in its empty cells."""
    joined = "\0".join(filter(None, (" ".join(text.split()) for text in texts)))
    return hashlib.sha256(joined.encode()).hexdigest()[:_CHECK_LENGTH]
