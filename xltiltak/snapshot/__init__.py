"""The hidden sheet of a workbook: what was sent in it, and in an appendix what came back.

A leader's form carries the template, the report's details and the values it was sent with, so that
it can be read without the plan. The coordinator's workbook also carries the register. The package
turns these into rows of text and back; it knows no cell of a visible sheet. It may import `model`
and `layout`. Read `hidden_sheet.form_rows` and `hidden_sheet.parse_snapshot` first.
"""
