"""Test with real programs: LibreOffice, Chromium, Gnumeric, Node, pip."""
