"""Prove that a hidden record was written by the coordinator: a keyed hash of its rows.

The key is random and made once for a plan. It is in the hidden sheet of the coordinator's workbooks
only: a form has the hash, from which nobody can find the key. Who has the plan can forge.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from xltiltak.model.register import Register

PROOF_ROW = "proof"
KEY_VARIABLE = "XLTILTAK_TEST_KEY"  # tests set it, so that the same input gives the same bytes
_KEY_BYTES = 32


def with_key(register: Register) -> Register:
    """Return the register with a key; a new one if its plan has none yet."""
    return register if register.key else replace(register, key=_new_key())


def _new_key() -> str:
    if key := os.environ.get(KEY_VARIABLE):
        return key
    import secrets

    return secrets.token_hex(_KEY_BYTES)


def with_proof(rows: Iterable[Sequence[str]], key: str) -> Iterator[Sequence[str]]:
    """Yield the rows of a record, and the row that proves them; without a key the rows only."""
    hashes: dict[str, Any] = {}  # `hashlib` has no public name for the type
    for row in rows:
        name, *pieces = row
        of_name = hashes.setdefault(name, hashlib.sha256())
        of_name.update("".join(pieces).encode())
        yield row
    if key:
        digests = {name: found.hexdigest() for name, found in hashes.items()}
        yield (PROOF_ROW, _keyed_hash(digests, key))


def is_proven(texts: Mapping[str, str], key: str) -> bool:
    """Return True if the record with these texts was written by the holder of the key."""
    proof = texts.get(PROOF_ROW, "")
    if not key or not proof.isascii():
        return False
    digests = {name: _digest(text) for name, text in texts.items() if name != PROOF_ROW}
    return hmac.compare_digest(proof, _keyed_hash(digests, key))


@lru_cache(maxsize=16)
def _digest(text: str) -> str:
    """Return the hash of a text. Most texts are the same in all forms of a round."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _keyed_hash(digests: Mapping[str, str], key: str) -> str:
    lines = "\n".join(f"{name} {digest}" for name, digest in sorted(digests.items()))
    return hmac.digest(key.encode(), lines.encode(errors="surrogatepass"), "sha256").hex()
