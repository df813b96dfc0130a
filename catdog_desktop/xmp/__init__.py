"""XMP, the metadata that travels beside photos: packets of keywords, and whose a sidecar is."""
