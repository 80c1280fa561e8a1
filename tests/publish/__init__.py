"""Tests of `xltiltak.publish`."""
