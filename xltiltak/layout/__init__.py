"""Which row, column, width and height each thing on an area sheet has.

The layout is computed from a report; no file is read or written here. The writer (`sheets`) and
the readers (`intake`, `plan`) both use it, so a cell is read where it was written.

- `geometry`: the columns. `sheet_layout.layout_sheet`: the rows from top to bottom; read it first.
- `sheet_rows`: rows and cells as data, the look of cards, texts across a table.
- `row_templates`: the own rows of nodes. `guidance`: the opening rows.
- `metrics`: width and height of text.

It may import `model` only.
"""
