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
from xltiltak.demo.story import tell  # noqa: E402

PICTURES = Path(__file__).parent / "bilder"
DOTS = 75  # to the inch
PAGES = {1: "koordinator", 2: "koordinator-funn", 4: "koordinator-oversikt"}


def main() -> None:
    """Play a round at the desk, print the workbook, and keep its first pages."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tell(folder / "demo")
        office = Office()
        try:
            paper = _played(office, folder)
        finally:
            office.close()
        for page, picture in PAGES.items():
            only = ["-f", str(page), "-l", str(page), "-singlefile"]
            command = ["pdftoppm", "-png", "-r", str(DOTS), *only, str(paper), str(PICTURES / picture)]
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
