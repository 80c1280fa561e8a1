"""Tests of `xltiltak.mail`."""
