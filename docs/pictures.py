"""Make the pictures of the documents: a filled-in form, the appendix and the web page.

`python docs/pictures.py` plays the demonstration in Norwegian and in English, and writes the
pictures of both to `docs/bilder/`. It needs LibreOffice, Poppler and Chromium.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from openpyxl import load_workbook

from xltiltak.demo.scenario import run_demo
from xltiltak.publishing.publication import prepare, publish

PICTURES = Path(__file__).parent / "bilder"
MARGINS = (0.4, 0.5)  # left and top of a page that are cut off, in inches
FORM_SIZE = (10.8, 7.3)  # width and height of the part that is shown, in inches
APPENDIX_SIZE = (8.1, 7.3)
AREA_SIZE, TABLE_SIZE = (8.1, 3.9), (6.7, 1.4)
NEW_AREA = ("Kultur og næring", "Kari Fjell", "kari.fjell@fjordvik.example")
NEW_MEASURES = ("Åpne biblioteket på søndager", "Lage en plan for næringsarealer")
WINDOW = "1280,1500"  # width and height of the web page in pixels
AREA_PAGE, PAGE_DOTS = 6, 80  # the page of the PDF where an area ends, and how finely it is drawn


@dataclass(frozen=True, slots=True)
class Part:
    """Which page is shown, from so many inches below its margin, and how finely."""

    page: int = 1
    top: float = 0.0
    dots_per_inch: int = 96


FIRST_PAGE = Part()


@dataclass(frozen=True, slots=True)
class Names:
    """The returned form to show, by the beginning of its name, and the names of the pictures."""

    form: str
    form_picture: str
    appendix_picture: str
    web_picture: str


NAMES = {
    "nb": Names("Organisasjon", "skjema", "vedlegg", "nettside"),
    "en": Names("Corporate", "form", "appendix", "web-page"),
}


def print_page(
    workbook: Path, name: str, size: tuple[float, float], folder: Path, part: Part = FIRST_PAGE
) -> None:
    """Write a part of a page of a workbook, as LibreOffice prints it."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*convert, str(workbook)], check=True, capture_output=True)  # noqa: S603 - found on the path, as users do
    printed = folder / f"{workbook.stem}.pdf"
    page, dots = str(part.page), part.dots_per_inch
    draw = ["pdftoppm", "-png", "-r", str(dots), "-f", page, "-l", page, "-singlefile"]
    left, above = MARGINS
    cut = (left, above + part.top, *size)
    for option, inches in zip(("-x", "-y", "-W", "-H"), cut, strict=True):
        draw += [option, str(int(inches * dots))]
    subprocess.run([*draw, str(printed), str(PICTURES / name)], check=True, capture_output=True)  # noqa: S603 - as above


def show_new_area(plan: Path, folder: Path) -> None:
    """Write pictures of the sheet and of the row of an area that was added to a plan."""
    book = load_workbook(plan)
    area, table = book.worksheets[1], book["Rapporten"]
    area["B1"] = NEW_AREA[0].join(("Kommunalområdet ", ""))
    keys = {row[0].value: row[0].row for row in area.iter_rows() if row[0].value}
    area.delete_rows(keys["@head"] + 1 + len(NEW_MEASURES), area.max_row)
    first = keys["@head"] + 1
    for row, title in enumerate(NEW_MEASURES, first):
        area.cell(row, 2, row - first + 1)
        area.cell(row, 3, title)
        for cell in area[row][3:]:
            cell.value = None
    spare = next(row[0].row for row in table.iter_rows() if row[0].value == "area|")
    for col, text in zip((3, 4, 6), NEW_AREA, strict=True):
        table.cell(spare, col, text)
    for sheet in book.worksheets:
        if sheet not in (area, table):
            del book[sheet.title]
    book.save(folder / "ny.xlsx")
    print_page(folder / "ny.xlsx", "nytt-omrade-ark", AREA_SIZE, folder)
    print_page(folder / "ny.xlsx", "nytt-omrade-rad", TABLE_SIZE, folder, Part(2, 1.95, 150))


def show_web_page(appendix: Path, name: str, folder: Path) -> None:
    """Write the top of an appendix's web page, as Chromium shows it."""
    page = folder / f"{name}.html"
    publish(prepare(appendix), [page])
    browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    target = [f"--window-size={WINDOW}", f"--screenshot={PICTURES / name}.png"]
    profile = f"--user-data-dir={folder / 'chromium'}"
    subprocess.run([*browser, profile, *target, page.as_uri()], check=True, capture_output=True)  # noqa: S603 - as above


def show_pages(appendix: Path, folder: Path) -> None:
    """Write the first page of an appendix's PDF, a page of an area, and the first one in Word."""
    files = [folder / "rapport.pdf", folder / "rapport.docx"]
    publish(prepare(appendix), files)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir"]
    subprocess.run([*convert, str(folder / "word"), str(files[1])], check=True, capture_output=True)  # noqa: S603 - as above
    word = folder / "word" / "rapport.pdf"
    for printed, page, name in (
        (files[0], 1, "pdf-forside"),
        (files[0], AREA_PAGE, "pdf-omrade"),
        (word, 1, "word-forside"),
    ):
        draw = ["pdftoppm", "-png", "-singlefile", "-r", str(PAGE_DOTS)]
        draw += ["-f", str(page), "-l", str(page), str(printed), str(PICTURES / name)]
        subprocess.run(draw, check=True, capture_output=True)  # noqa: S603 - as above


def main() -> None:
    """Play the demonstration in each language and write its pictures."""
    PICTURES.mkdir(exist_ok=True)
    for language, names in NAMES.items():
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            appendix = run_demo(folder / "demo", language).first
            if language == "nb":
                show_new_area(folder / "demo" / "Plan for året 2020.xlsx", folder)
            print_page(appendix, names.appendix_picture, APPENDIX_SIZE, folder)
            show_web_page(appendix, names.web_picture, folder)
            if language == "nb":
                show_pages(appendix, folder)
            form = min((folder / "demo").rglob(f"{names.form}*.xlsx"))
            print_page(form, names.form_picture, FORM_SIZE, folder)


if __name__ == "__main__":
    main()
