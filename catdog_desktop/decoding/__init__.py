"""Decodes photo files to upright RGB pixels, thumbnails and metadata."""
