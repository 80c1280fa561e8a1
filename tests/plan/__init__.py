"""Tests of `xltiltak.plan`."""
