"""Proposes how to read an imported model's input and output."""
