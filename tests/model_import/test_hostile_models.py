"""Hostile model files are refused by name before TensorFlow is imported. Keras alone would run what they hold."""

import json
import os
import subprocess
import sys
from pathlib import Path

import hostile_models as make
import pytest
from hostile_configs import BARE, CONFIGS, GOOD, Hostile
from hostile_structures import STRUCTURES, zip_bomb

from catdog_desktop.model_import.inspection.inspect_model import RefusedModelError, inspect_model, unpack_safely


@pytest.mark.parametrize("hostile", [*CONFIGS, *STRUCTURES], ids=lambda hostile: hostile.name)
def test_inspect_hostile_file_is_refused_by_name(hostile: Hostile, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    path = hostile.make(tmp_path, marker)
    with pytest.raises(RefusedModelError) as refusal:
        inspect_model(path)
    message = str(refusal.value)
    assert hostile.said in refusal.value.what
    assert hostile.where in refusal.value.where
    assert message.startswith("The model was not opened: ")
    assert message.isprintable()
    assert message.endswith(".")
    assert len(message) < 600
    assert not marker.exists()


@pytest.mark.parametrize("name", ["link", "leads out", "bomb"])
def test_unpack_hostile_zip_writes_nothing(name: str, tmp_path: Path) -> None:
    path = make.archive(tmp_path / "model.zip", GOOD)
    if name == "link":
        make.add_member(path, "assets", b"/etc", mode=make.LINK_MODE)
    elif name == "leads out":
        make.add_member(path, "../escaped", b"x")
    else:
        path = zip_bomb(tmp_path, tmp_path / "marker")
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(RefusedModelError):
        unpack_safely(path, into)
    assert not list(into.iterdir())
    assert not (tmp_path / "escaped").exists()


# What bare Keras does -------------------------------------------------------------------------------------------------

BARE_PROGRAM = """
import json, sys, traceback
import keras, tf_keras
import tensorflow as tf

def write_saved_model(path, marker):
    def serve(photo):
        tf.io.write_file(marker, "ran")
        return photo

    module = tf.Module()
    module.serve = tf.function(serve, input_signature=[tf.TensorSpec((1, 4))])
    tf.saved_model.save(module, path, signatures=module.serve)

for path, marker, statement in json.load(sys.stdin):
    print("#", path, statement)
    try:
        exec(statement)
    except BaseException:
        traceback.print_exc(limit=2)
"""


@pytest.fixture(scope="module")
def bare_runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path, str]]:
    """Let bare Keras open some hostile files, each with a marker to write; one process, since TensorFlow is slow."""
    runs, requests = {}, []
    for name, (write, statement) in BARE.items():
        folder = tmp_path_factory.mktemp("bare")
        path = write(folder, folder / "marker")
        runs[name] = (path, folder / "marker")
        requests.append((str(path), str(folder / "marker"), statement))
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    program = subprocess.run(
        [sys.executable, "-c", BARE_PROGRAM],
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path_factory.mktemp("work"),
        timeout=300,
        check=True,
    )
    return {name: (*places, program.stdout + program.stderr) for name, places in runs.items()}


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", BARE)
def test_file_that_bare_keras_runs_is_refused(name: str, bare_runs: dict[str, tuple[Path, Path, str]]) -> None:
    path, marker, output = bare_runs[name]
    assert marker.exists(), output
    marker.unlink()
    with pytest.raises(RefusedModelError):
        inspect_model(path)
    assert not marker.exists()
