"""Which photos the gallery shows."""
