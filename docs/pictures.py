"""Make the pictures of the documents: a filled-in form, the appendix and the web page.

`python docs/pictures.py` plays the demonstration in Norwegian and in English, and writes the
pictures of both to `docs/bilder/`. It needs LibreOffice, Poppler and Chromium.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from xltiltak.demo.scenario import run_demo
from xltiltak.publishing.publication import prepare, publish

PICTURES = Path(__file__).parent / "bilder"
DOTS_PER_INCH = 96
MARGINS = (0.4, 0.5)  # left and top of a page that are cut off, in inches
FORM_SIZE = (10.8, 7.3)  # width and height of the part that is shown, in inches
APPENDIX_SIZE = (8.1, 7.3)
WINDOW = "1280,940"  # width and height of the web page in pixels


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


def print_first_page(workbook: Path, name: str, size: tuple[float, float], folder: Path) -> None:
    """Write a part of the first page of a workbook, as LibreOffice prints it."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*convert, str(workbook)], check=True, capture_output=True)  # noqa: S603 - found on the path, as users do
    printed = folder / f"{workbook.stem}.pdf"
    draw = ["pdftoppm", "-png", "-r", str(DOTS_PER_INCH), "-f", "1", "-l", "1", "-singlefile"]
    for option, inches in zip(("-x", "-y", "-W", "-H"), (*MARGINS, *size), strict=True):
        draw += [option, str(int(inches * DOTS_PER_INCH))]
    subprocess.run([*draw, str(printed), str(PICTURES / name)], check=True, capture_output=True)  # noqa: S603 - as above


def show_web_page(appendix: Path, name: str, folder: Path) -> None:
    """Write the top of an appendix's web page, as Chromium shows it."""
    page = folder / f"{name}.html"
    publish(prepare(appendix), [page])
    browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    target = [f"--window-size={WINDOW}", f"--screenshot={PICTURES / name}.png"]
    profile = f"--user-data-dir={folder / 'chromium'}"
    subprocess.run([*browser, profile, *target, page.as_uri()], check=True, capture_output=True)  # noqa: S603 - as above


def main() -> None:
    """Play the demonstration in each language and write its pictures."""
    PICTURES.mkdir(exist_ok=True)
    for language, names in NAMES.items():
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            appendix = run_demo(folder / "demo", language).first
            print_first_page(appendix, names.appendix_picture, APPENDIX_SIZE, folder)
            show_web_page(appendix, names.web_picture, folder)
            (form,) = (folder / "demo").rglob(f"{names.form}*.xlsx")
            print_first_page(form, names.form_picture, FORM_SIZE, folder)


if __name__ == "__main__":
    main()
