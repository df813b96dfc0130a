"""Models: what they are, what they want, what they answer."""
