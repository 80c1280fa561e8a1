"""Run the command of a button in a new Python, as xlwings does, but on a document in LibreOffice.

xlwings finds Excel by its window; this module finds the running office by its address. It writes
"done" or the traceback to the file that the environment variable XLTILTAK_DONE names.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import Any

from tests.engine import OfficeGrid, running
from tests.office import ADDRESS, Document, connect, uno


def main() -> None:
    """Run the command that was clicked."""
    done = Path(os.environ["XLTILTAK_DONE"])
    try:
        document = _document()
        path = uno().fileUrlToSystemPath(document.URL)
        grid = OfficeGrid(Document(None, document), path)  # type: ignore[arg-type]
        with running(grid):
            exec(sys.argv[1])  # noqa: S102 - xlwings runs it in the same way
        outcome = "done"
    except Exception:  # noqa: BLE001 - the test reads the traceback
        outcome = traceback.format_exc()
    done.with_suffix(".part").write_text(outcome, "utf-8")
    done.with_suffix(".part").rename(done)


def _document() -> Any:
    context = connect(os.environ[ADDRESS])
    desktop = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.frame.Desktop", context
    )
    return desktop.Components.createEnumeration().nextElement()


if __name__ == "__main__":
    main()
