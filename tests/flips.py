"""Flip every single bit of a small form: the file must be read as before, or refused.

    python -m tests.flips
    python -m tests.flips --first 7000

Print a line for each bit after which the file is read differently, and continue.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests import small
from xltiltak.intake.returned_file import parse_return
from xltiltak.model.register import ReturnedFile

REPORT_EVERY = 500  # bytes
_RENAMED_PART = "object_unreached_named"


def form() -> bytes:
    """Return a form of three measures, the same bytes every time."""
    with tempfile.TemporaryDirectory() as folder:
        return small.forms(small.report(Path(folder)))["OPP"]


def is_harmless(result: ReturnedFile, whole: ReturnedFile) -> bool:
    """Return True if the file is refused with a finding, or read exactly as before.

    A part whose name has changed may be told as well: then it is one that nothing leads to.
    """
    if result.outcome in ("refused", "skipped"):
        return bool(result.findings)
    changes = [[(claim.slot, claim.value) for claim in s.changes] for s in result.submissions]
    original = [[(claim.slot, claim.value) for claim in s.changes] for s in whole.submissions]
    told = [f for f in result.all_findings() if f.values.get("reason") != _RENAMED_PART]
    return (result.sent_report, changes, told) == (
        whole.sent_report,
        original,
        list(whole.all_findings()),
    )


def main() -> int:
    """Run the command line; return 1 if a bit failed, else 0."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.flips", description="Every bit of a small form."
    )
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the first byte")
    content, out = bytearray(form()), sys.stdout
    whole, failed = parse_return("svar.xlsx", bytes(content)), 0
    first = parser.parse_args().first
    for at in range(first, len(content)):
        for bit in range(8):
            content[at] ^= 1 << bit
            result = parse_return("svar.xlsx", bytes(content))
            content[at] ^= 1 << bit
            if not is_harmless(result, whole):
                failed += 1
                print(
                    at,
                    bit,
                    result.outcome,
                    [f.code for f in result.all_findings()],
                    file=out,
                    flush=True,
                )
        if at % REPORT_EVERY == 0 or at == len(content) - 1:
            print(
                f"byte {at} of {len(content)}, {(at + 1 - first) * 8} bits, {failed} failed",
                file=out,
                flush=True,
            )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
