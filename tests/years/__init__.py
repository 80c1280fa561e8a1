"""Tests of `xltiltak.years`."""
