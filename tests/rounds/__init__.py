"""Test whole rounds, and the laws that hold for them."""
