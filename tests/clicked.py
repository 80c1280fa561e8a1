"""What a click starts, where LibreOffice plays Excel: a new Python that runs the button's command on the live document.

xlwings finds Excel by its window; this finds the running office by its address, and says in a file how it went.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import Any

from tests.engine import OfficeGrid, running
from tests.office import ADDRESS, Document, resolved, uno


def main() -> None:
    """Run the command that was clicked."""
    done = Path(os.environ["XLTILTAK_DONE"])
    try:
        document = _document()
        with running(OfficeGrid(Document(None, document), uno().fileUrlToSystemPath(document.URL))):  # type: ignore[arg-type]
            exec(sys.argv[1])  # noqa: S102 - as the command line of xlwings does
        said = "done"
    except Exception:  # noqa: BLE001 - the test reads it
        said = traceback.format_exc()
    done.with_suffix(".part").write_text(said, "utf-8")
    done.with_suffix(".part").rename(done)


def _document() -> Any:
    context = resolved(os.environ[ADDRESS])
    desktop = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.frame.Desktop", context
    )
    return desktop.Components.createEnumeration().nextElement()


if __name__ == "__main__":
    main()
