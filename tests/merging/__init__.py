"""Tests of `xltiltak.merging`."""
