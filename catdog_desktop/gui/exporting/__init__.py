"""Exporting results: dialog, job and the undo of keywords."""
