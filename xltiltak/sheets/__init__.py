"""What our workbooks look like: forms, the appendix, correction forms, the published appendix.

Each kind of workbook has a function that returns its bytes: `forms.write_forms`,
`forms.correction_form`, `appendix.write_appendix`, `appendix.write_published`. Read
`forms.write_forms` first, then `area_sheet.AreaSheetWriter`, which all of them use.

- An area sheet: `row_formats`, `area_formulas`, `summary_formulas`, `page_setup`.
- Other sheets: `overview` with its `charts`, `lists`.
- Common to all: `workbook`, `style`, `file_names`.

It may import `model`, `layout`, `snapshot`, `xlsx`, `intake` and `plan`.
"""
