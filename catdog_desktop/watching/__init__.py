"""Watch folders for new photos."""
