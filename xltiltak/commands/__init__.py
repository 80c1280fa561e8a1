"""The commands, a family a module: its arguments (`arguments`) and what each does (`COMMANDS`).

A family is listed in `cli.FAMILIES`; its texts stand under `[cli]` in the catalogue.
"""
