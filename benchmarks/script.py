"""Do what people write a script for: stack all sheets and write the means of each area.

python benchmarks/script.py FOLDER TARGET.xlsx [calamine]

pandas uses openpyxl if no other engine is named.
"""

import sys
import warnings
from pathlib import Path

import pandas as pd

warnings.simplefilter("ignore")
fast = "calamine" in sys.argv[3:]
frames = []
for path in sorted(Path(sys.argv[1]).glob("*.xlsx")):
    raw = pd.read_excel(path, header=None, engine="calamine" if fast else "openpyxl")
    top = raw.index[raw[1] == "Nr"][0]
    frame = raw.iloc[top + 1 :, 1:].set_axis(raw.iloc[top, 1:], axis=1)
    frames.append(frame.assign(area=path.stem))
table = pd.concat(frames)
statuses = [c for c in table.columns if str(c).startswith("Status")]
table[statuses] = table[statuses].apply(pd.to_numeric, errors="coerce")
with pd.ExcelWriter(sys.argv[2]) as book:
    table.groupby("area")[statuses].mean().round(1).to_excel(book, sheet_name="Snitt")
    table.to_excel(book, sheet_name="Tiltak", index=False)
