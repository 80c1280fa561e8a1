"""The documents say what the program does: their marked parts come from it, and nothing it offers is left out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from xltiltak.finding import CODES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_marked_parts_are_what_the_program_prints() -> None:
    command = [sys.executable, str(ROOT / "docs" / "weave.py"), "--check"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr} (python docs/weave.py writes them)"


def test_every_code_is_documented() -> None:
    text = (ROOT / "docs" / "funn.md").read_text("utf-8")
    assert {code for code in CODES if f"| {code} |" not in text} == set()


def test_the_set_up_is_two_commands() -> None:
    blocks = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines() if "pip install" in line]
    assert commands == ["python -m pip install . && xltiltak demo", 'python -m pip install -e ".[test]" && pytest']


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(((?!http)[^)#]+)\)", README))))
def test_every_link_of_the_readme_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()
