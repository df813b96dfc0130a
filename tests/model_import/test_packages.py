"""Importing is core: it knows neither window nor training, and one file of it, for the child, knows TensorFlow."""

import subprocess
import sys
from pathlib import Path

import pytest
from test_architecture import HEAVY, reaches

import catdog_desktop

PACKAGE = Path(catdog_desktop.__file__).parent
FILES = sorted(path for package in ("model_import", "sandbox") for path in (PACKAGE / package).rglob("*.py"))
OF_TENSORFLOW = "keras_conversion.py"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_knows_neither_window_nor_training(path: Path) -> None:
    assert not reaches(path, "catdog_desktop.gui", "catdog_desktop.training", "PySide6")
    assert not reaches(path, "socket", "ssl", "http", "urllib.request", "requests")
    knows_tensorflow = reaches(path, "tensorflow", "keras", "tf_keras")
    assert bool(knows_tensorflow) == (path.name == OF_TENSORFLOW)
    if path.name != "child.py":
        assert not reaches(path, "catdog_desktop.model_import.conversion.keras_conversion")


def test_a_fresh_interpreter_loads_nothing_heavy_for_it() -> None:
    modules = [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in FILES if path.name != OF_TENSORFLOW
    ]
    program = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        f"print(sorted(set(sys.modules) & set({HEAVY!r})))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
