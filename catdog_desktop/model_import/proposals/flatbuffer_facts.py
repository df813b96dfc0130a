"""What a flatbuffer tells of itself: its photo's size and colours, its numbers, and how its integers are meant."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from catdog_desktop.model_import.conversion.facts import OUTPUTS, Facts
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.inspection.findings import Findings
from catdog_desktop.model_import.inspection.flatbuffer_model import End, read_ends
from catdog_desktop.model_import.refused import shown

DEFAULT_EDGE: Final = 180
"""For models that take any size: that of Keras's example."""
_RANGES: Final = {"0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0), "in graph": (0.0, 255.0)}
SURE_MISFIT: Final = 9.0


def facts_of_flatbuffer(path: Path, findings: Findings, **more: Any) -> Facts:
    """Return the facts about an inspected flatbuffer; `more` are facts that it does not tell itself.

    Raises `ModelImportError` if it is not a model for photos, or one whose answers cannot be read.
    """
    inputs, outputs = read_ends(path)
    if len(inputs) != 1:
        raise ModelImportError(f"The model takes {len(inputs)} inputs at once. CatDog gives it one photo.")
    photo, scores = inputs[0], _scores(outputs)
    height, width, channels = _photo_shape(photo.shape, photo.dtype)
    known: dict[str, Any] = {
        "kind": "tflite",
        "free_size": None in (height, width),
        "activation": findings.last_activation if findings.last_activation in ("sigmoid", "softmax") else "unknown",
        "scaled": "yes" if findings.has_rescaling else "unknown",
        "misfits": _misfits_of_integers(photo),
    }
    return Facts(
        width=width or DEFAULT_EDGE,
        height=height or DEFAULT_EDGE,
        channels=channels,
        outputs=math.prod(size or 1 for size in scores.shape),
        scores_output=scores.name,
        **(known | more),
    )


def _scores(outputs: Sequence[End]) -> End:
    """Return the output with the scores. Beside it only heat maps, with more dimensions, are let pass."""
    flat = [end for end in outputs if len(end.shape) <= 2] or list(outputs)
    if len(flat) != 1:
        raise ModelImportError(
            f"The model gives {len(outputs)} answers at once, and nothing tells which is about cats and dogs. "
            "Save a model with that one answer, and import it."
        )
    check_outputs(math.prod(size or 1 for size in flat[0].shape))
    return flat[0]


def check_outputs(count: int) -> None:
    """Raise `ModelImportError` for a number of outputs that cannot be read."""
    if count not in OUTPUTS:
        raise ModelImportError(
            f"The model answers with {count:,} numbers. CatDog can read one (cat or dog), two (cat and dog) and "
            "the 1,000 of ImageNet."
        )


def _photo_shape(shape: Sequence[int | None], dtype: str) -> tuple[int | None, int | None, int]:
    """Return height, width (None: free) and channels of a shape with the batch first."""
    check_photo_shape(shape)
    if dtype not in ("float32", "float16", "uint8", "int8"):
        raise ModelImportError(f"The model takes {dtype or 'a type of number'} that no photo has; float32 is usual.")
    return shape[1], shape[2], int(shape[3] or 0)


def check_photo_shape(shape: Sequence[int | None]) -> None:
    """Raise `ModelImportError` unless a shape, with the batch first, is that of photos."""
    said = shown(" x ".join("any" if size is None else str(size) for size in shape[1:]))
    if len(shape) == 4 and shape[1] in (1, 3) and shape[3] not in (1, 3):
        raise ModelImportError(
            f"The model takes photos with their colours first ({said}). CatDog gives them last, as Keras does. Build "
            "the model with data_format='channels_last', and import that."
        )
    if len(shape) != 4 or shape[0] not in (None, 1):
        raise ModelImportError(f"The model takes an input of {said or 'no size'}, which is not a single photo.")
    if shape[3] not in (1, 3):
        channels = shape[3] or "any number of"
        raise ModelImportError(
            f"The model takes {channels} channels. Photos have three (red, green, blue) or one (grey)."
        )
    if any(size is not None and not 0 < size <= 2048 for size in shape[1:3]):
        raise ModelImportError(f"The model takes photos of {said}; up to 2,048 by 2,048 pixels are possible.")


def _misfits_of_integers(photo: End) -> dict[str, float]:
    """Return which scaling the integers of a quantized input stand for: their step and zero say it."""
    if photo.dtype not in ("uint8", "int8") or not photo.step:
        return {}
    least = 0 if photo.dtype == "uint8" else -128
    ends = (least - photo.zero) * photo.step, (least + 255 - photo.zero) * photo.step
    slack = 0.02 * (ends[1] - ends[0])
    for scaling, known in _RANGES.items():
        if all(abs(found - wanted) <= slack for found, wanted in zip(ends, known, strict=True)):
            return {name: 0.0 if name == scaling else SURE_MISFIT for name in _RANGES}
    return {}
