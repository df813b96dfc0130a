"""Fixtures of the tests of commands."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _shipped_model(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands use the model under test by default."""
    monkeypatch.setattr("catdog_desktop.paths.default_model", lambda: model_folder)
