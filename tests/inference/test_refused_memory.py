"""Detecting ENOMEM behind a LiteRT failure."""

import ctypes
import os
import subprocess
import sys

import pytest

from catdog_desktop.inference.refused_memory import forget_refusals, memory_was_refused

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="as on Linux")


def ask_for(size: int) -> None:
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.free(ctypes.c_void_p(library.malloc(ctypes.c_size_t(size))))


def test_memory_was_refused_until_cleared() -> None:
    forget_refusals()
    ask_for(2**62)
    assert memory_was_refused()
    forget_refusals()
    assert not memory_was_refused()


def test_memory_was_refused_ignores_other_errors() -> None:
    forget_refusals()
    ask_for(2**10)
    assert not memory_was_refused()
    with pytest.raises(OSError, match="descriptor"):
        os.close(-1)
    assert not memory_was_refused()


PROGRAM = """
import hashlib, resource, sys
from pathlib import Path
from hostile_flatbuffers import EDGE, HARMFUL
from tiny_models import tiny_description
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.inference.runtime import Classifier, ModelTooLargeError
import json, numpy as np

folder, name = Path(sys.argv[1]), sys.argv[2]
flatbuffer = HARMFUL[name]()
(folder / "model.tflite").write_bytes(flatbuffer)
description = tiny_description(hashlib.sha256(flatbuffer).hexdigest(), width=EDGE, height=EDGE)
(folder / "model.json").write_text(json.dumps(description))
resource.setrlimit(resource.RLIMIT_DATA, (2**30, 2**30))
try:
    Classifier(load_model_file(folder)).classify(np.zeros((EDGE, EDGE, 3), np.uint8))
except ModelTooLargeError as error:
    print(error)
"""


@pytest.mark.parametrize("name", ["huge", "huge later"])
def test_classifier_without_memory_raises_model_too_large(name: str, tmp_path: object) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), name]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "model.tflite cannot be run: it wants more memory than there is." in ended.stdout
