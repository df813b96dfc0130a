"""A model is a folder: `model.tflite` (a flatbuffer, which is data) and `model.json` (what it means)."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from catdog_desktop.verdict import Thresholds

FORMAT: Final = 1
RESAMPLINGS: Final = ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming")
MAX_INPUT_EDGE: Final = 2048
MAX_FLATBUFFER_BYTES: Final = 500 * 2**20
FLATBUFFER_IDENTIFIER: Final = b"TFL3"
"""Bytes 4..8 of every TensorFlow Lite flatbuffer (schema.fbs, `file_identifier`)."""


class ModelError(Exception):
    """A model cannot be used; the message says which, what is wrong and, where it is known, what to do."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A checked description of a model and its flatbuffer."""

    folder: Path
    name: str
    version: str
    title: str
    labels: tuple[str, ...]
    input_width: int
    input_height: int
    resampling: str
    scores_output: str
    maps_output: str | None
    sha256: str
    thresholds: Thresholds
    figures: Mapping[str, Any]
    training: Mapping[str, Any]
    licence: str
    flatbuffer: bytes = field(repr=False)

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height of the model's input in pixels."""
        return self.input_width, self.input_height


def load_model_file(folder: Path) -> ModelFile:
    """Read and check the model in `folder`.

    Raises `ModelError` if a file is missing, the description is not as it should be, or the flatbuffer is not
    the one that the description was written for (sha256). The flatbuffer is not interpreted here: `runtime`
    compares its shapes with the description.
    """
    description = _read_description(folder / "model.json")
    flatbuffer = _read_flatbuffer(folder / "model.tflite")
    try:
        model = _from_description(folder, description, flatbuffer)
    except KeyError as error:
        raise ModelError(f"{folder / 'model.json'} has no {error.args[0]!r}.") from error
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ModelError(f"{folder / 'model.json'} is not a valid model description: {error}.") from error
    digest = hashlib.sha256(flatbuffer).hexdigest()
    if digest != model.sha256:
        raise ModelError(
            f"{folder / 'model.tflite'} is damaged or is not the file that model.json describes "
            f"(sha256 {digest[:12]}…, expected {model.sha256[:12]}…). Install the model again."
        )
    return model


def _read_description(path: Path) -> dict[str, Any]:
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"There is no model in {path.parent}: model.json is missing.") from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is not valid JSON ({error}).") from error
    if not isinstance(description, dict):
        raise ModelError(f"{path} is not a model description.")
    if description.get("format") != FORMAT:
        raise ModelError(
            f"{path} has format {description.get('format')!r}; this version of the app reads format {FORMAT}."
        )
    return description


def _read_flatbuffer(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FLATBUFFER_BYTES:
            raise ModelError(f"{path} is larger than {MAX_FLATBUFFER_BYTES // 2**20} MB.")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(f"There is no model in {path.parent}: model.tflite is missing.") from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}).") from error
    if data[4:8] != FLATBUFFER_IDENTIFIER:
        raise ModelError(f"{path} is not a TensorFlow Lite model.")
    return data


def _from_description(folder: Path, description: Mapping[str, Any], flatbuffer: bytes) -> ModelFile:
    photo, outputs = description["input"], description["outputs"]
    width, height = int(photo["width"]), int(photo["height"])
    if not (0 < width <= MAX_INPUT_EDGE and 0 < height <= MAX_INPUT_EDGE):
        raise ValueError(f"an input of {width} x {height} pixels is not possible")
    for key, known in (
        ("colour", ("rgb",)),
        ("scaling", ("in graph",)),
        ("fit", ("squash",)),
        ("resampling", RESAMPLINGS),
    ):
        if photo[key] not in known:
            raise ValueError(f"input {key} {photo[key]!r} is unknown (known: {', '.join(known)})")
    labels = tuple(str(label) for label in description["labels"])
    if labels != ("cat", "dog"):
        raise ValueError(f"labels are {labels}, expected ('cat', 'dog')")
    limits = description["thresholds"]
    thresholds = Thresholds(float(limits["cat"]), float(limits["dog"]), float(limits["unsure"]))
    if any(math.isnan(value) for value in (thresholds.cat, thresholds.dog, thresholds.unsure)):
        raise ValueError("a threshold is not a number")
    maps = outputs.get("maps")
    return ModelFile(
        folder=folder,
        name=str(description["name"]),
        version=str(description["version"]),
        title=str(description.get("title") or description["name"]),
        labels=labels,
        input_width=width,
        input_height=height,
        resampling=photo["resampling"],
        scores_output=str(outputs["scores"]),
        maps_output=None if maps is None else str(maps),
        sha256=str(description["sha256"]).lower(),
        thresholds=thresholds,
        figures=dict(description.get("figures", {})),
        training=dict(description.get("training", {})),
        licence=str(description["licence"]),
        flatbuffer=flatbuffer,
    )
