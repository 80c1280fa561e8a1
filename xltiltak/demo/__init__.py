"""A whole round of reporting in a made-up municipality, for `xltiltak demo`.

`plan.csv` and `plan.toml` are its table and head, all three dates answered. `story` plays the round and `slips` are
what the leaders do to their forms on the way; `slips.toml` says who does what, and holds every word they type.
"""
