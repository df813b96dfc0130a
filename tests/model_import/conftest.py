"""Fixtures of the tests of importing."""

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[1] / "data"


@pytest.fixture
def seed_model() -> Path:
    """The notebook's model, written by TensorFlow 2.4."""
    return DATA / "seed_notebook_tf24.h5"
