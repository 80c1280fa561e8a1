"""Let a coordinator work in Excel: a workbook with buttons, and the actions behind them.

A click runs VBA, which starts Python and calls `xltiltak.excel`. From there on:

- `buttons.run_action` finds the open workbook, runs the action and shows its result: read it first;
- `actions` decides what each button does, from the settings alone and without Excel;
- `live_workbook` reads the settings from the open workbook and fills its tables;
- `model` and `dashboard` have the settings and the rows of the tables as data;
- `workbook_writer` writes a new workbook (`control_sheet` its first sheet), `workbook_reader` reads
  one from its file, and `doctor` checks how it is set up.

The package may import `flows` and the packages below it; only `excel`, `demo` and the command line
import it.
"""
