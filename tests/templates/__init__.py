"""Tests of `xltiltak.templates`."""
