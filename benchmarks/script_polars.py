"""Do the same as `script.py` with the fastest libraries: fastexcel reads, XlsxWriter writes.

python benchmarks/script_polars.py FOLDER TARGET.xlsx
"""

import sys
from pathlib import Path

import fastexcel
import polars as pl
from xlsxwriter import Workbook

frames = []
for path in sorted(Path(sys.argv[1]).glob("*.xlsx")):
    sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string")
    raw = sheet.to_polars()
    top = raw.get_column(raw.columns[1]).to_list().index("Nr")
    named = dict(zip(raw.columns[1:], raw.row(top)[1:], strict=True))
    rows = raw.slice(top + 1).select(raw.columns[1:]).rename(named)
    frames.append(rows.with_columns(area=pl.lit(path.stem)))
table = pl.concat(frames)
statuses = [c for c in table.columns if c.startswith("Status")]
table = table.with_columns(pl.col(statuses).cast(pl.Float64, strict=False))
means = table.group_by("area", maintain_order=True).agg(pl.col(statuses).mean().round(1))
with Workbook(sys.argv[2]) as book:
    for name, frame in (("Snitt", means), ("Tiltak", table)):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, frame.columns)
        for n, column in enumerate(frame.columns):
            sheet.write_column(1, n, frame[column].to_list())
