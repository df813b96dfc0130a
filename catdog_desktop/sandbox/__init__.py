"""Runs untrusted work in a confined child process."""
