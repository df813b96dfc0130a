"""Sorting into folders, in the window."""
