"""The command line: parse the arguments, call one pipeline, print the result.

May import every other package. Nothing imports this one, except `xltiltak.__main__`.

Read first: `main.run` runs one command and returns its exit code; `arguments.parser`
builds the parser; `commands/` has one module for each family of commands.
"""
