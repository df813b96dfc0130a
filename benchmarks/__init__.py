"""How fast and how large the app is, each figure beside the Keras way in the same run: `make bench`."""
