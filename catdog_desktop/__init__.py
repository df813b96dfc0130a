"""CatDog Desktop: for each photo two honest numbers, cat and dog, offline."""

__version__ = "1.0.0"
