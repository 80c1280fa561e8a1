"""Tests of `xltiltak.xlsx`."""
