"""What the full bundle takes beyond the small one: TensorFlow, as far as it makes a flatbuffer of a Keras model."""

import importlib.metadata
import importlib.util
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import frozen_contents

CHOICE = "CATDOG_BUNDLE"

# What the small bundle leaves out and TensorFlow imports, wanted or not.
IMPORTED_BY_TENSORFLOW = (
    "tensorflow", "keras", "tf_keras", "h5py",
    "numpy.random", "numpy.fft", "numpy.polynomial", "numpy.testing", "numpy.ctypeslib",
    "pydoc", "doctest",
    # Modules that could go online. The one process that imports them has no network (see `importing.confinement`), and
    # `requests` is an empty one (see `STAND_INS`).
    "ssl", "_ssl", "http", "urllib.request", "requests",
)  # fmt: skip

# What TensorFlow and Keras would take in, and the import of a model never calls.
EXCLUDED_MODULES = (
    # Keras on other engines, and what it works with if it is there.
    "keras.src.backend.jax", "keras.src.backend.torch", "keras.src.backend.numpy", "keras.src.backend.openvino",
    "jax", "torch", "openvino", "orbax", "tensorboard", "pandas", "psutil", "tensorflow_io_gcs_filesystem",
    # Many machines, debuggers of graphs, tests.
    "grpc", "dill", "tblib", "cloudpickle",
)  # fmt: skip

# Their licences go in with the metadata; Keras and TensorFlow ask some for their versions.
DISTRIBUTIONS = (
    "keras", "tf_keras", "h5py", "absl-py", "astunparse", "flatbuffers", "gast", "markdown-it-py",
    "mdurl", "ml_dtypes", "namex", "opt_einsum", "optree", "packaging", "protobuf", "pygments", "rich", "six",
    "termcolor", "typing_extensions", "wrapt",
)  # fmt: skip

# Modules that are taken from here, and not from where they are installed.
STAND_INS = Path(__file__).parent / "stand_ins"

# For debuggers alone, and 240 MB. Unlike those of numpy, these libraries bear it: nothing has moved their parts.
STRIPPED_ON_LINUX = ("libtensorflow_cc.so.*", "libtensorflow_framework.so.*")

_TESTS = re.compile(r"_test$|\.(tests?|testing|testing_infra|test_utils)(\.|$)")


def is_full(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the full bundle is to be built. Raises `SystemExit` for a choice that there is not."""
    choice = environment.get(CHOICE, "small")
    if choice not in ("small", "full"):
        raise SystemExit(f"{CHOICE} is {choice!r}; it may be small (or not set) or full.")
    return choice == "full"


def excluded_modules() -> list[str]:
    """Return what stays out of the full bundle."""
    small = [name for name in frozen_contents.EXCLUDED_MODULES if name not in IMPORTED_BY_TENSORFLOW]
    return [*small, *EXCLUDED_MODULES]


def package_folders(names: Sequence[str] = ("tensorflow", "keras", "tf_keras")) -> dict[str, Path]:
    """Return by name where packages lie, without importing them. Raises `SystemExit` if one is not installed."""
    folders = {}
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise SystemExit(f"The full bundle needs {name}, which is not installed: pip install '.[train]'")
        folders[name] = Path(spec.origin).parent
    return folders


def tensorflow_distribution() -> str:
    """Return the name under which TensorFlow is installed: the package is called after what it runs on."""
    return importlib.metadata.packages_distributions()["tensorflow"][0]


def notices_of(tensorflow: Path) -> list[Path]:
    """Return the licence files of TensorFlow and of what its libraries contain, which its metadata does not have."""
    found = [
        path for path in (tensorflow / "THIRD_PARTY_NOTICES.txt", tensorflow / "include" / "LICENSE") if path.exists()
    ]
    assert found, "TensorFlow's licence was not found"
    return found


def modules_below(package: Path) -> Iterator[str]:
    """Give the names of all modules of a package by its folder, without its tests and without importing it.

    Keras finds layers by names that stand in model files, which no analysis of its imports can see.
    """
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if not _TESTS.search(name) and not name.startswith(EXCLUDED_MODULES):
            yield name
