"""What the tests of the cluster need: the extra `cluster`. Where it is not installed they are left out."""

import importlib.util

if not (importlib.util.find_spec("distributed") and importlib.util.find_spec("pyarrow")):
    collect_ignore_glob = ["test_*.py"]
