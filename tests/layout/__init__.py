"""Tests of `xltiltak.layout`."""
