"""Write the web page of a report, as `xltiltak report` does."""

from __future__ import annotations

from pathlib import Path

from xltiltak.model.register import Register
from xltiltak.model.report import Report
from xltiltak.publishing.compose import compose
from xltiltak.publishing.filters import measure_filters
from xltiltak.publishing.html import render
from xltiltak.publishing.public_view import public_view


def page_of(report: Report, language: str = "") -> bytes:
    """Return the web page of a report without returned forms."""
    view = public_view(Register(report), language)
    return render(compose(view), measure_filters(view))


def write_page(report: Report, folder: Path, language: str = "") -> Path:
    """Write the web page of a report into a folder, under a name with æ, ø and å."""
    path = folder / "Rapport æøå.html"
    path.write_bytes(page_of(report, language))
    return path
