"""Let a coordinator work in Excel: a workbook with buttons, and the actions behind them.

A click runs VBA, which starts Python and calls `xltiltak.excel`. From there on:

- `buttons.run_action` finds the open workbook, runs the action and shows its result: read it first;
- `actions` decides what each button does, from the settings alone and without Excel;
- `live_workbook` reads the settings from the open workbook and fills its tables;
- `model` and `dashboard` have the settings and the rows of the tables as data;
- `ribbon` does what a button of the ribbon does, from the workbook in front; `addin` builds the
  add-in, `addin_setup` installs it, `help_page` has the buttons that need no plan;
- `shortcuts` puts the buttons into the Start menu, `dropped_files` runs them on files;
- `workbook_writer` writes a new workbook (`control_sheet` its first sheet), `workbook_reader` reads
  one from its file, and `doctor` checks how it is set up
  (`excel_policies`: what Windows and Office allow).

The package may import `flows` and the packages below it; only `excel`, `demo` and the command line
import it.
"""
