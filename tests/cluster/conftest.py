"""The tests of the cluster need the extra `cluster`. They are skipped without it."""

import importlib.util

if not (importlib.util.find_spec("distributed") and importlib.util.find_spec("pyarrow")):
    collect_ignore_glob = ["test_*.py"]
