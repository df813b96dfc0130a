"""Sorting photos into folders: dialog, plan, job and what earlier sorts have left."""
