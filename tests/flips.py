"""Every single bit of a small form turned over: the file is read as it was, or refused, never read otherwise.

    python -m tests.flips
    python -m tests.flips --first 7000

Byte by byte; one line for each bit that gives something else, and on.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests import small
from xltiltak.intake.returned_file import parse_return
from xltiltak.model.register import ReturnedFile

TOLD_EVERY = 500  # bytes


def form() -> bytes:
    """A form of three measures, the same bytes every time."""
    with tempfile.TemporaryDirectory() as folder:
        return small.forms(small.report(Path(folder)))["OPP"]


def is_harmless(got: ReturnedFile, whole: ReturnedFile) -> bool:
    """Is it refused with a finding, or just what it was?"""
    if got.outcome in ("refused", "skipped"):
        return bool(got.findings)
    held = [[(claim.slot, claim.value) for claim in s.changes] for s in got.submissions]
    was = [[(claim.slot, claim.value) for claim in s.changes] for s in whole.submissions]
    return (got.sent_report, held) == (
        whole.sent_report,
        was,
    ) and got.all_findings() == whole.all_findings()


def main() -> int:
    """The command line."""
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
            got = parse_return("svar.xlsx", bytes(content))
            content[at] ^= 1 << bit
            if not is_harmless(got, whole):
                failed += 1
                print(
                    at, bit, got.outcome, [f.code for f in got.all_findings()], file=out, flush=True
                )
        if at % TOLD_EVERY == 0 or at == len(content) - 1:
            print(
                f"byte {at} of {len(content)}, {(at + 1 - first) * 8} bits, {failed} failed",
                file=out,
                flush=True,
            )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
