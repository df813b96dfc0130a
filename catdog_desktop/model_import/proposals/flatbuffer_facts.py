"""Facts that a flatbuffer states itself: size and colours of its photo, its outputs, the meaning of its integers."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from catdog_desktop.inference.answers import MOST_CLASSES
from catdog_desktop.inference.input_values import normalized
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import N_
from catdog_desktop.model_import.errors import ModelImportError, printable_name
from catdog_desktop.model_import.inspection.findings import Findings
from catdog_desktop.model_import.inspection.flatbuffer_metadata import FlatbufferMetadata, read_metadata
from catdog_desktop.model_import.inspection.flatbuffer_model import SCORE_COUNTS, Endpoint, read_endpoints
from catdog_desktop.model_import.proposals.facts import MAX_EDGE, ModelFacts

DEFAULT_EDGE: Final = 180
"""Pixels, for models that take any size: as in Keras's example of cats and dogs."""
INPUT_TYPES: Final = ("float32", "float16", "uint8", "int8")
CERTAIN_MISFIT: Final = 9.0
STATED: Final = {
    "0..1": ((0.0,), (255.0,)),
    "-1..1": ((127.5,), (127.5,)),
    "in graph": ((0.0,), (1.0,)),
    "imagenet-torch": ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
}
"""Scalings of the app as metadata states them, with mean and deviation of pixels 0..255."""
SAME: Final = 0.002
"""Largest difference of a scaled pixel between two scalings that are taken for the same: means are often rounded."""
_INTEGERS: Final = {"uint8": (0, 255), "int8": (-128, 127)}
_RANGES: Final = {
    "0..1": (0.0, 1.0),
    "-1..1": (-1.0, 1.0),
    "in graph": (0.0, 255.0),
    "imagenet-torch": (-2.1179, 2.64),
    "imagenet-caffe": (-123.68, 151.061),
}
"""The least and the largest value of any channel under a scaling."""
_RANGE_TOLERANCE: Final = 0.02
"""Part of a range by which the ends of a quantized input may differ from it: training photos rarely reach them."""


def facts_of_flatbuffer(path: Path, findings: Findings, **more: Any) -> ModelFacts:
    """Return the facts about an inspected flatbuffer; `more` are facts that it does not state itself.

    Raises `ModelImportError` if it is not a model for photos, or if its outputs cannot be read.
    """
    inputs, outputs = read_endpoints(path)
    if len(inputs) != 1:
        raise ModelImportError(N_("The model takes {count} inputs at once, not one photo."), count=len(inputs))
    photo, scores = inputs[0], _scores(outputs)
    height, width, channels = _photo_shape(photo.shape, photo.dtype)
    known: dict[str, Any] = {
        "kind": "tflite",
        "free_size": None in (height, width),
        "activation": findings.last_activation if findings.last_activation in ("sigmoid", "softmax") else "unknown",
        "scaled": "yes" if findings.has_rescaling else "unknown",
        "misfits": _misfits_of_integers(photo),
        "stated_scaling": _stated_scaling(read_metadata(path), photo, channels),
    }
    return ModelFacts(
        width=width or DEFAULT_EDGE,
        height=height or DEFAULT_EDGE,
        channels=channels,
        outputs=math.prod(size or 1 for size in scores.shape),
        scores_output=scores.name,
        **(known | more),
    )


def _scores(outputs: Sequence[Endpoint]) -> Endpoint:
    """Return the output with the scores. Further outputs may be heat maps, with more dimensions, or feature vectors."""
    flat = [end for end in outputs if len(end.shape) <= 2] or list(outputs)
    if len(flat) > 1:
        flat = [end for end in flat if math.prod(size or 1 for size in end.shape) in SCORE_COUNTS]
    if len(flat) != 1:
        sentence = N_(
            "The model gives {count} answers at once, and nothing says which one is about cats and dogs. "
            "Save a model with that one answer, and import it."
        )
        raise ModelImportError(sentence, count=len(outputs))
    if sum((size or 1) > 1 for size in flat[0].shape) > 1:
        shape = " x ".join(str(size or 1) for size in flat[0].shape)
        raise ModelImportError(N_("The model answers with a picture ({shape}), not with classes."), shape=shape)
    check_outputs(math.prod(size or 1 for size in flat[0].shape))
    return flat[0]


def check_outputs(count: int) -> None:
    """Raise `ModelImportError` for a number of outputs that cannot be read."""
    if not 0 < count <= MOST_CLASSES:
        sentence = N_("The model answers with {count} numbers. CatDog can read up to {most}, one for each class.")
        raise ModelImportError(sentence, count=format_number(count), most=format_number(MOST_CLASSES))


def _photo_shape(shape: Sequence[int | None], dtype: str) -> tuple[int | None, int | None, int]:
    """Return height, width (None: free) and channels of a shape with the batch first."""
    check_photo_shape(shape)
    if dtype not in INPUT_TYPES:
        if not dtype:
            raise ModelImportError(N_("The model takes a type of number that photos do not have; float32 is usual."))
        raise ModelImportError(N_("The model takes {dtype}; float32 is usual."), dtype=dtype)
    return shape[1], shape[2], int(shape[3] or 0)


def check_photo_shape(shape: Sequence[int | None]) -> None:
    """Raise `ModelImportError` unless a shape, with the batch first, is that of photos."""
    text = printable_name(" x ".join("any" if size is None else str(size) for size in shape[1:]))
    if len(shape) == 4 and shape[1] in (1, 3) and shape[3] not in (1, 3):
        sentence = N_(
            "The model takes photos with their colours first ({shape}). CatDog gives them last, as Keras does. Build "
            "the model with data_format='channels_last', and import that."
        )
        raise ModelImportError(sentence, shape=text)
    if len(shape) != 4 or shape[0] not in (None, 1):
        if not text:
            raise ModelImportError(N_("The model takes an input without a size, not a single photo."))
        raise ModelImportError(N_("The model takes an input of {shape}, not a single photo."), shape=text)
    if shape[3] not in (1, 3):
        if not shape[3]:
            raise ModelImportError(N_("The model takes any number of channels. Photos have three or one."))
        sentence = N_("The model takes {count} channels. Photos have three (red, green, blue) or one (grey).")
        raise ModelImportError(sentence, count=shape[3])
    if any(size is not None and not 0 < size <= MAX_EDGE for size in shape[1:3]):
        sentence = N_("The model takes photos of {shape}; up to {edge} by {edge} pixels are possible.")
        raise ModelImportError(sentence, shape=text, edge=format_number(MAX_EDGE))


def _stated_scaling(metadata: FlatbufferMetadata, photo: Endpoint, channels: int) -> str:
    """Return the scaling that the metadata states: one of the app's, or a `normalized` one; "" without one.

    If the input takes integers, their step and zero point count. Writers state the scaling of the model before it was
    quantized, or that integers need none, so the metadata is only used where it says the same, more exactly.
    """
    mean, deviation = metadata.mean, metadata.deviation
    if not mean or (len(mean) == 3 and channels == 1):
        return ""
    ends = _scaled_ends(mean, deviation)
    if photo.dtype in _INTEGERS:
        wanted = _integer_ends(photo)
        if wanted is None or not _are_near(_outer(ends), wanted):
            return ""
    for name, known in STATED.items():
        known_ends = _scaled_ends(*known)
        if len(known_ends) in (1, channels) and _differ_by(ends, known_ends) <= SAME:
            return name
    return normalized(mean, deviation)


def _scaled_ends(mean: Sequence[float], deviation: Sequence[float]) -> list[tuple[float, float]]:
    """Return for each channel what black (0) and white (255) become."""
    return [(-one / other, (255 - one) / other) for one, other in zip(mean, deviation, strict=True)]


def _differ_by(ends: Sequence[tuple[float, float]], known: Sequence[tuple[float, float]]) -> float:
    count = max(len(ends), len(known))
    ends, known = (list(pairs) * (count if len(pairs) == 1 else 1) for pairs in (ends, known))
    return max(abs(a - b) for one, other in zip(ends, known, strict=True) for a, b in zip(one, other, strict=True))


def _outer(ends: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return min(low for low, _high in ends), max(high for _low, high in ends)


def _are_near(ends: tuple[float, float], wanted: tuple[float, float]) -> bool:
    tolerance = _RANGE_TOLERANCE * (wanted[1] - wanted[0])
    return all(abs(found - end) <= tolerance for found, end in zip(ends, wanted, strict=True))


def _integer_ends(photo: Endpoint) -> tuple[float, float] | None:
    """Return what the least and the largest integer of an input stand for; None if it does not say."""
    if photo.dtype not in _INTEGERS or not photo.step:
        return None
    low, high = _INTEGERS[photo.dtype]
    return (low - photo.zero) * photo.step, (high - photo.zero) * photo.step


def _misfits_of_integers(photo: Endpoint) -> dict[str, float]:
    """Return which scaling the integers of an input stand for, by their step and zero point.

    Bytes without a step take pixels as they are, 0 to 255: any other scaling would leave only a few of their values.
    """
    ends = _integer_ends(photo)
    if ends is None:
        ends = _RANGES["in graph"] if photo.dtype == "uint8" else (0.0, 0.0)
    for scaling, known in _RANGES.items():
        if ends[1] > ends[0] and _are_near(ends, known):
            return {name: 0.0 if name == scaling else CERTAIN_MISFIT for name in _RANGES}
    return {}
