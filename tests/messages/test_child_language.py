"""A sandboxed child reports in the language of the app: what it says is shown as it is."""

import hashlib
from collections.abc import Callable

import pytest
from tiny_models import tiny_description, tiny_flatbuffer

from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.proposals.trial_run import trial_run


def reported() -> str:
    flatbuffer = tiny_flatbuffer()
    description = tiny_description(sha256=hashlib.sha256(flatbuffer).hexdigest(), width=9)
    with pytest.raises(ModelImportError) as failed:
        trial_run(description, flatbuffer, ["0..1"])
    return str(failed.value)


def test_error_of_child_is_translated(speak: Callable[[str], None]) -> None:
    english = reported()
    assert "model.json says a photo of shape" in english
    speak("de")
    german = reported()
    assert "model.json" in german
    assert "says a photo of shape" not in german
