"""Read workbooks as people saw them, and write large ones fast, with the same bytes each time.

The package knows nothing of the domain (no report, area or form) and can be used by itself. Of
`model` it imports four things: `errors`, the errors about files that cannot be read (F001 to
F007); `cell_values`, the values of cells; `file_kinds`, what a file is that is not a workbook;
`colours`, the contrast of two colours.

Write
-----
`row_workbook.RowWorkbook` is a workbook of XlsxWriter whose sheets are written row by row, several
times as fast as cell by cell. A row needs a pattern: the columns of its cells and their formats.

>>> from datetime import date, datetime
>>> from io import BytesIO
>>> from xltiltak.xlsx.row_workbook import RowSheet, RowWorkbook
>>> from xltiltak.xlsx.row_writer import Formula
>>> book = RowWorkbook({}, {"title": "Prices", "created": datetime(2020, 1, 1)})
>>> bold, price = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
>>> sheet = book.add_worksheet("Fruit", RowSheet)
>>> sheet.set_column(0, 0, 20)
>>> sheet.put_row(1, sheet.row_pattern([(1, bold), (2, bold)]), ["Kind", "Price"])
>>> row = sheet.row_pattern([(1, bold), (2, price)])
>>> sheet.put_row(2, row, ["Apple", 2.5])
>>> sheet.put_row(3, row, ["Twice", Formula("2*B2", 5.0)])
>>> file = BytesIO()
>>> book.save(file)

- Rows and columns of `put_row` count from 1. All public methods of XlsxWriter's `Worksheet` can be
  called on a sheet too, with its own counting from 0: `set_column`, `data_validation`,
  `insert_chart` and so on. They are called when the workbook is saved.
- `CellSheet` takes cells in any order, `TextSheet` long texts that nobody looks at.
- Sheets whose calls differ in row numbers only are laid out by XlsxWriter once.
- There is no clock in the file: give the date of creation. A fingerprint tells a file that no
  program has saved since (`fingerprint.is_unmodified`).

Read
----
>>> from xltiltak.xlsx.package import Package
>>> from xltiltak.xlsx.sheet_reader import read_sheets
>>> (fruit,) = read_sheets(Package(file.getvalue()))
>>> fruit.name, fruit.rows[2]
('Fruit', {1: 'Apple', 2: 2.5})

`package.Package` opens a file within bounds. `sheet_reader.read_sheets` reads all its sheets,
`cell_content` makes the value of a cell, `number_rendering` says what a number format shows, and
`inventory` lists what a file holds besides cells.
"""
