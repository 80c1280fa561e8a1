"""Test `xltiltak.demo`."""
