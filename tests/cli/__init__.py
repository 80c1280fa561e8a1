"""Tests of `xltiltak.cli`."""
