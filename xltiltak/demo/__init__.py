"""Play a whole round of reporting in a made-up council or municipality, for `xltiltak demo`.

There is one folder of data for each language, with everything that a user reads in it:

- `plan.csv` and `plan.toml`: the table of measures and the report details, all dates answered;
- `mistakes.toml`: who returns which file, with which mistakes, and every text that they type;
- `templates/`: the template of the report. Bokmål uses one that is shipped with the program.

Read `scenario.run_demo` first: it plays the round. `mistakes` has one function for each kind of
mistake that a leader makes in a form.
"""
