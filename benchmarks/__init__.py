"""Measure time and memory as ratios to a plain way in the same run. No part of the tests."""
