"""Watching folders for new photos."""
