"""The commands. Each module has a table `COMMANDS`: name, arguments, and what the command does.

`xltiltak.cli.main.COMMANDS` joins the tables. The texts are in the catalogue, below `cli`.
"""
