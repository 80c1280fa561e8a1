"""Make the pictures of the documents from the demo: a filled-in form, the first page of the appendix, the web page.

`python docs/pictures.py` needs LibreOffice, Poppler and Chromium. The pictures are kept in `docs/bilder/`.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from xltiltak.demo.scenario import run_demo
from xltiltak.publishing.publication import prepare, publish

PICTURES = Path(__file__).parent / "bilder"
DOTS = 75  # to the inch


def page(workbook: Path, name: str, folder: Path) -> None:
    """The first page of a workbook as a picture."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = [
        "soffice",
        "--headless",
        profile,
        "--convert-to",
        "pdf",
        "--outdir",
        str(folder),
        str(workbook),
    ]
    subprocess.run(convert, check=True, capture_output=True)  # noqa: S603 - found on the path, as users do
    paper = folder / f"{workbook.stem}.pdf"
    picture = [
        "pdftoppm",
        "-png",
        "-r",
        str(DOTS),
        "-f",
        "1",
        "-l",
        "1",
        "-singlefile",
        str(paper),
        str(PICTURES / name),
    ]
    subprocess.run(picture, check=True, capture_output=True)  # noqa: S603 - as above


def screen(appendix: Path, name: str, folder: Path) -> None:
    """The top of the web page of an appendix as a picture."""
    web = folder / f"{name}.html"
    publish(prepare(appendix), [web])
    seen = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={folder / 'chromium'}",
    ]
    size = ["--window-size=1280,1180", f"--screenshot={PICTURES / name}.png"]
    subprocess.run(["chromium", *seen, *size, web.as_uri()], check=True, capture_output=True)  # noqa: S603, S607 - as above


def main() -> None:
    """Tell the demo in a folder of its own and take the pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        told = run_demo(folder / "demo", "nb")
        page(told.first, "vedlegg", folder)
        screen(told.first, "nettside", folder)
        returned = sorted((folder / "demo").rglob("Organisasjon*.xlsx"))
        page(returned[0], "skjema", folder)


if __name__ == "__main__":
    main()
