"""What the tests of importing share."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def seed_model() -> Path:
    """The notebook's model, written by TensorFlow 2.4; it may not be passed on. CATDOG_SEED_MODEL names it."""
    given = os.environ.get("CATDOG_SEED_MODEL")
    path = Path(given) if given else ROOT.parent / "shared" / "fixtures" / "seed_notebook_tf24.h5"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return path
