"""Tests that start real programs: LibreOffice, Chromium, Gnumeric, Node, pip."""
