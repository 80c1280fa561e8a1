"""Make the pictures of `koordinator.md`: the coordinator's workbook after a round.

`python docs/coordinator_pictures.py` needs LibreOffice and Poppler. It writes to `docs/bilder/`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.button_workbook import (  # noqa: E402 - found beside the package, not installed
    DAY,
    PLAN,
    copy_returned_files,
    open_workbook,
)
from tests.engine import OfficeGrid  # noqa: E402
from tests.office import Office  # noqa: E402
from xltiltak.demo.scenario import run_demo  # noqa: E402

PICTURES = Path(__file__).parent / "bilder"
DOTS_PER_INCH = 100
LEFT, TOP, WIDTH = 0.6, 0.7, 10.5  # the part of a page that is shown, in inches
SHEETS = {  # first line of a sheet: the name of its picture, and its height in inches
    "Koordinator": ("koordinator", 4.6),
    "Funn": ("koordinator-funn", 6.8),
    "Oversikt": ("koordinator-oversikt", 5.9),
}


def main() -> None:
    """Play a round in LibreOffice, print the workbook, and write its first pages."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_demo(folder / "demo", "nb")
        office = Office()
        try:
            printed = _print_after_round(office, folder)
        finally:
            office.close()
        draw_sheets(printed)


def draw_sheets(printed: Path) -> None:
    """Write the pictures of a printed workbook. Each sheet is found by its first line."""
    first_lines = [page.split("\n")[0].strip() for page in _pages(printed)]
    for sheet, (picture, height) in SHEETS.items():
        page = first_lines.index(sheet) + 1
        command = ["pdftoppm", "-png", "-r", str(DOTS_PER_INCH), "-singlefile"]
        command += ["-f", str(page), "-l", str(page)]
        for option, inches in (("-x", LEFT), ("-y", TOP), ("-W", WIDTH), ("-H", height)):
            command += [option, str(int(inches * DOTS_PER_INCH))]
        command += [str(printed), str(PICTURES / picture)]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - found on the path, as users do


def _pages(printed: Path) -> list[str]:
    """Return the text of each page."""
    command = ["pdftotext", "-layout", str(printed), "-"]
    text = subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8")  # noqa: S603 - as above
    return [page.lstrip() for page in text.split("\f")]


def _print_after_round(office: Office, folder: Path) -> Path:
    """Send out, return and merge in the coordinator's workbook; return it as a PDF."""
    opened = []

    def open_in_office(path: Path) -> OfficeGrid:
        opened.append(office.open(path))
        return OfficeGrid(opened[0], str(path))

    with open_workbook(folder, folder / "demo", open_in_office) as workbook:
        workbook.choose(plan=PLAN, sent="Sendt ut", returned="Svar", day=DAY)
        workbook.click("split")
        copy_returned_files(folder / "demo", folder / "Svar")
        workbook.click("merge")
    return opened[0].pdf(folder / "koordinator.pdf")


if __name__ == "__main__":
    main()
