"""Templates as files: find, load and check them, copy one, and make an empty plan of one.

It imports `model`, `layout`, `merging` (for the registry of rules) and `sheets`. Read
`catalogue.load` first.
"""
