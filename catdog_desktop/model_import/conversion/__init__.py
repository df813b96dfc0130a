"""Converts Keras models to flatbuffers in a sandboxed child."""
