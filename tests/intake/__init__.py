"""Tests of `xltiltak.intake`."""
