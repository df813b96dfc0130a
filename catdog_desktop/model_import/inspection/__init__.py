"""Inspects model files before anything in them runs."""
