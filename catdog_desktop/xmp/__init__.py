"""XMP metadata: keywords in packets, and which sidecar belongs to which photo."""
