"""What xltiltak costs, as ratios against the plain way in the same run; never part of the tests."""
