"""The settings dialog, and the settings while the app runs."""
