"""Tests of `xltiltak.model`."""
