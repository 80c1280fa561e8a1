"""Tests of `xltiltak.coordinator`."""
