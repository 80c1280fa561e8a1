"""Tests of what a hidden record may say, and of the proof that it is ours."""
