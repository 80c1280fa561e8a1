"""SpreadsheetML in and out: workbooks read as people saw them, and written with the same bytes.

Knows no word of the domain (no report, area or form). Of `model` it imports four things:
- `model.errors`: the errors about files that cannot be read (F001 to F007), so that the caller
  can turn each into a finding;
- `model.cell_values`: `CellValue`, the values of cells, which the rules of the domain test too;
- `model.file_kinds`: what a file is that is not a workbook;
- `model.raised_text`: small letters above or below the line as signs of their own.

Read first: `sheet_reader.read_sheets` reads all sheets of a `package.Package`. `cell_content` makes
the value of a cell, `number_rendering` says what a number format shows. For writing,
`deterministic_workbook.DeterministicWorkbook` is XlsxWriter's workbook with a fingerprint, and
`row_writer.RowSheet` a worksheet that is written row by row.
"""
