"""Folders under watch, in the window."""
