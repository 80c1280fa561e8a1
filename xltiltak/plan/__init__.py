"""The coordinator's workbook (plan or appendix) read back to a `Register`.

The coordinator edits it in Excel, so the visible cells count, not the hidden snapshot. May import
`model`, `layout` (which row and column a slot has), `snapshot`, `xlsx`, and from `intake` how the
columns and form codes of a sheet are found.

Read first: `plan_reader.read_appendix`. `edited_plan` reads the cells of a workbook that somebody
has edited. `edits` reads the lists on the sheet of the report's details, and turns what was read
into the register.
"""
