"""Test `xltiltak.cli`."""
