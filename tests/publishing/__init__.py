"""Tests of `xltiltak.publishing`."""
