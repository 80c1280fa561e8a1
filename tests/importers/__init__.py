"""Tests of `xltiltak.importers`."""
