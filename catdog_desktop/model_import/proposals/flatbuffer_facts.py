"""Facts that a flatbuffer states itself: size and colours of its photo, its outputs, the meaning of its integers."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from catdog_desktop.inference.answers import MOST_CLASSES
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _
from catdog_desktop.model_import.errors import ModelImportError, printable_name
from catdog_desktop.model_import.inspection.findings import Findings
from catdog_desktop.model_import.inspection.flatbuffer_model import SCORE_COUNTS, Endpoint, read_endpoints
from catdog_desktop.model_import.proposals.facts import MAX_EDGE, ModelFacts

DEFAULT_EDGE: Final = 180
"""Pixels, for models that take any size: as in Keras's example of cats and dogs."""
INPUT_TYPES: Final = ("float32", "float16", "uint8", "int8")
CERTAIN_MISFIT: Final = 9.0
_RANGES: Final = {"0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0), "in graph": (0.0, 255.0)}


def facts_of_flatbuffer(path: Path, findings: Findings, **more: Any) -> ModelFacts:
    """Return the facts about an inspected flatbuffer; `more` are facts that it does not state itself.

    Raises `ModelImportError` if it is not a model for photos, or if its outputs cannot be read.
    """
    inputs, outputs = read_endpoints(path)
    if len(inputs) != 1:
        raise ModelImportError(_("The model takes {count} inputs at once, not one photo.").format(count=len(inputs)))
    photo, scores = inputs[0], _scores(outputs)
    height, width, channels = _photo_shape(photo.shape, photo.dtype)
    known: dict[str, Any] = {
        "kind": "tflite",
        "free_size": None in (height, width),
        "activation": findings.last_activation if findings.last_activation in ("sigmoid", "softmax") else "unknown",
        "scaled": "yes" if findings.has_rescaling else "unknown",
        "misfits": _misfits_of_integers(photo),
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
        sentence = _(
            "The model gives {count} answers at once, and nothing says which one is about cats and dogs. "
            "Save a model with that one answer, and import it."
        )
        raise ModelImportError(sentence.format(count=len(outputs)))
    if sum((size or 1) > 1 for size in flat[0].shape) > 1:
        shape = " x ".join(str(size or 1) for size in flat[0].shape)
        raise ModelImportError(_("The model answers with a picture ({shape}), not with classes.").format(shape=shape))
    check_outputs(math.prod(size or 1 for size in flat[0].shape))
    return flat[0]


def check_outputs(count: int) -> None:
    """Raise `ModelImportError` for a number of outputs that cannot be read."""
    if not 0 < count <= MOST_CLASSES:
        sentence = _("The model answers with {count} numbers. CatDog can read up to {most}, one for each class.")
        raise ModelImportError(sentence.format(count=format_number(count), most=format_number(MOST_CLASSES)))


def _photo_shape(shape: Sequence[int | None], dtype: str) -> tuple[int | None, int | None, int]:
    """Return height, width (None: free) and channels of a shape with the batch first."""
    check_photo_shape(shape)
    if dtype not in INPUT_TYPES:
        if not dtype:
            raise ModelImportError(_("The model takes a type of number that photos do not have; float32 is usual."))
        raise ModelImportError(_("The model takes {dtype}; float32 is usual.").format(dtype=dtype))
    return shape[1], shape[2], int(shape[3] or 0)


def check_photo_shape(shape: Sequence[int | None]) -> None:
    """Raise `ModelImportError` unless a shape, with the batch first, is that of photos."""
    text = printable_name(" x ".join("any" if size is None else str(size) for size in shape[1:]))
    if len(shape) == 4 and shape[1] in (1, 3) and shape[3] not in (1, 3):
        sentence = _(
            "The model takes photos with their colours first ({shape}). CatDog gives them last, as Keras does. Build "
            "the model with data_format='channels_last', and import that."
        )
        raise ModelImportError(sentence.format(shape=text))
    if len(shape) != 4 or shape[0] not in (None, 1):
        if not text:
            raise ModelImportError(_("The model takes an input without a size, not a single photo."))
        raise ModelImportError(_("The model takes an input of {shape}, not a single photo.").format(shape=text))
    if shape[3] not in (1, 3):
        if not shape[3]:
            raise ModelImportError(_("The model takes any number of channels. Photos have three or one."))
        sentence = _("The model takes {count} channels. Photos have three (red, green, blue) or one (grey).")
        raise ModelImportError(sentence.format(count=shape[3]))
    if any(size is not None and not 0 < size <= MAX_EDGE for size in shape[1:3]):
        sentence = _("The model takes photos of {shape}; up to {edge} by {edge} pixels are possible.")
        raise ModelImportError(sentence.format(shape=text, edge=format_number(MAX_EDGE)))


def _misfits_of_integers(photo: Endpoint) -> dict[str, float]:
    """Return which scaling the integers of a quantized input stand for, by their step and zero point."""
    if photo.dtype not in ("uint8", "int8") or not photo.step:
        return {}
    least = 0 if photo.dtype == "uint8" else -128
    ends = (least - photo.zero) * photo.step, (least + 255 - photo.zero) * photo.step
    tolerance = 0.02 * (ends[1] - ends[0])
    for scaling, known in _RANGES.items():
        if all(abs(found - wanted) <= tolerance for found, wanted in zip(ends, known, strict=True)):
            return {name: 0.0 if name == scaling else CERTAIN_MISFIT for name in _RANGES}
    return {}
