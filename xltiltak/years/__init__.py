"""From one appendix to the next: compare two appendices, and make the plan of the next year.

It imports `model`, `layout`, `intake`, `sheets` and `flows`. Read `year_flows` first: it has a
function for each command.
"""
