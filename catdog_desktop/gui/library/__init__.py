"""Folders that moved, keywords of other programs, and backups, in the window."""
