"""Tests of `xltiltak.sheets`."""
