"""Whole rounds, and the laws that hold over them."""
