"""Make the pictures of `koordinator.md`: the coordinator's workbook after a round, as a running LibreOffice shows it.

`python docs/coordinator_pictures.py` needs LibreOffice and Poppler. The pictures are kept in `docs/bilder/`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.desks import DAY, PLAN, at_desk, returned  # noqa: E402 - found beside the package, not installed
from tests.engine import OfficeGrid  # noqa: E402
from tests.office import Office  # noqa: E402
from xltiltak.demo.scenario import run_demo  # noqa: E402

PICTURES = Path(__file__).parent / "bilder"
DOTS = 100  # to the inch
LEFT, TOP, WIDTH = 0.6, 0.7, 10.5  # inches of a page that are kept
PAGES = {
    1: ("koordinator", 4.6),
    2: ("koordinator-funn", 6.8),
    4: ("koordinator-oversikt", 5.9),
}  # and how high


def main() -> None:
    """Play a round at the desk, print the workbook, and keep its first pages."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_demo(folder / "demo", "nb")
        office = Office()
        try:
            paper = _played(office, folder)
        finally:
            office.close()
        for page, (picture, height) in PAGES.items():
            only = ["-f", str(page), "-l", str(page), "-singlefile"]
            for side, inches in (("x", LEFT), ("y", TOP), ("W", WIDTH), ("H", height)):
                only += [f"-{side}", str(int(inches * DOTS))]
            command = [
                "pdftoppm",
                "-png",
                "-r",
                str(DOTS),
                *only,
                str(paper),
                str(PICTURES / picture),
            ]
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - found on the path, as users do


def _played(office: Office, folder: Path) -> Path:
    opened = []

    def opening(path: Path) -> OfficeGrid:
        opened.append(office.open(path))
        return OfficeGrid(opened[0], str(path))

    with at_desk(folder, folder / "demo", opening) as desk:
        desk.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
        desk.click("split")
        returned(folder / "demo", folder / "Svar")
        desk.click("merge")
    return opened[0].pdf(folder / "koordinator.pdf")


if __name__ == "__main__":
    main()
