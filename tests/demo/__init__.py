"""Tests of `xltiltak.demo`."""
