"""Benchmarks of speed and size, each compared with the Keras way in the same run: `make bench`."""
