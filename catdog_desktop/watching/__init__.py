"""Folders that are watched for new photos."""
