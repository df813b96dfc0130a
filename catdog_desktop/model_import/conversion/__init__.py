"""Converts Keras models to flatbuffers in the sandbox."""
