"""The tests, one file a module; those that need a real program are marked with its name."""
