"""From returned files to submissions: what each leader changed, and what is wrong with it.

`returned_file` reads one file, and many. `form_reader` finds the area sheets of a workbook and
reads their cells; the rules in `return_rules` judge what was read. `unwrap` takes files out of
e-mails and zips, and `arrival_rules` tells what is no form. Nothing is compared with the
register here: that is the job of `merging`. The package may import `model`, `layout`, `snapshot`,
`merging` (for the registry of rules) and `xlsx`. Read `returned_file.parse_return` first, then
`form_reader.read_form`.
"""
