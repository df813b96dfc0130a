"""Exporting, in the window."""
