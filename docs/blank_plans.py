"""Write the empty plan beside each shipped template, for a coordinator who begins in Excel.

`python docs/blank_plans.py` writes them all. A test compares each with what would be written now.
"""

from __future__ import annotations

import sys

from xltiltak.templates import catalogue, template_tools

YEAR = 2026  # a plan needs a year; coordinators type their own


def main() -> int:
    """Write the empty plan of each shipped template."""
    for folder in catalogue.folders().values():
        target = folder / template_tools.BLANK_PLAN
        template = catalogue.load(folder)
        template_tools.write_blank_plan(template, YEAR, target, force=True, is_shipped=True)
        sys.stdout.write(f"{target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
