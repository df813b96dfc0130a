"""Finds the photos among files and folders."""
