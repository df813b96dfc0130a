"""The user's photo library as a whole: folders that moved, keywords of other programs, and backups."""
