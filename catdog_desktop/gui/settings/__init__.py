"""The settings dialog and what it needs."""
