"""What the tests of importing share."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[1] / "data"
QUIET = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


@pytest.fixture
def seed_model() -> Path:
    """The notebook's model, written by TensorFlow 2.4."""
    return DATA / "seed_notebook_tf24.h5"


@pytest.fixture(scope="session")
def run_beside() -> Callable[..., str]:
    """Run a Python program in a process of its own, since TensorFlow is slow and large; return what it prints."""

    def run(program: str | Path, *arguments: object, folder: Path, request: Any = None) -> str:
        start = [str(program)] if isinstance(program, Path) else ["-c", program]
        done = subprocess.run(
            [sys.executable, *start, *map(str, arguments)],
            cwd=folder,
            env=QUIET,
            input=None if request is None else json.dumps(request),
            capture_output=True,
            text=True,
            timeout=1500,
        )
        assert done.returncode == 0, done.stderr[-5000:]
        return done.stdout

    return run
