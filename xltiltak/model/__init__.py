"""The nouns of the domain: template, report, slots and values, findings, register.

This package knows no file format and no layout; only `files` touches the disk, and `values` can
build a pandas table. It imports no other package of xltiltak. Read `Report` in `report` first, then
`Template` in `template`.
"""
