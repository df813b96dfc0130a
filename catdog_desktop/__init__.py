"""CatDog Desktop: an offline photo classifier with two separate scores per photo, cat and dog."""

__version__ = "2.0.0"
