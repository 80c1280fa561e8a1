"""The three-way merge of returned forms into the register, and the rules about a whole report.

It imports `model` and `layout` only. Read the docstring of `merge` first: it has the table of all
outcomes. Then read its function `merge`.
"""
