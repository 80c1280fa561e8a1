"""Publish reports: web page, Word, PDF and workbook for readers, .csv and .json for analysts.

The steps: `public_view` takes what readers may see from a register; `compose` makes one `Document`
of it; `html`, `docx` and `pdf` render that document. May import from model, layout, merging,
sheets, templates and flows. Read `publication.publish` first.
"""
