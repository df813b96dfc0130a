"""Imports models from outside: inspects a file, converts it in a sandboxed child, and makes a model of the app."""
