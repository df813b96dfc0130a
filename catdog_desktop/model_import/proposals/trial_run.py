"""First run of an untrusted flatbuffer, in a sandboxed child: only what has passed it is run by the app itself.

A flatbuffer is data, but it can ask for an endless loop, for more memory than there is, or for what crashes LiteRT. So
it first runs on a photo of a cat in a child; the raw outputs that it gives come back.
"""

import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.inference.answers import Answers
from catdog_desktop.inference.model_file import DESCRIPTION, FLATBUFFER, ModelError, ModelFile, parse_description
from catdog_desktop.languages.choice import use_language
from catdog_desktop.messages import N_, _, language
from catdog_desktop.model_import.child_results import FailureTexts, model_problem, report_errors, run_child
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.paths import shipped
from catdog_desktop.sandbox.child import Channel
from catdog_desktop.sandbox.process import ChildLimits, ChildTask

SECONDS: Final = 60
"""For ten photos at most. A model that takes six seconds for one is of no use for a gallery, and a loop never ends."""
MEMORY_BYTES: Final = 2 * 2**30
"""A flatbuffer has 500 MB at most; LiteRT holds its weights twice, as stored and as it multiplies them. The rest is for
Python and for what the layers pass on. A laptop of 4 GB has as much."""

RawOutputs = Mapping[str, tuple[tuple[float, ...], ...]]
"""By scaling: the numbers that the model gives for the cat, as it is and mirrored, not yet read as scores."""


def trial_photos() -> tuple[Path, ...]:
    """Return the photos that the app ships for trials: a cat (Chelsea), and three with neither cat nor dog.

    Together they have the brightness and the colours of usual photos.
    """
    return tuple(shipped("resources", "photos", f"{name}.jpg") for name in ("cat", "cup", "person", "rocket"))


def photo_pixels(path: Path, size: tuple[int, int], channels: int, *, mirrored: bool = False) -> NDArray[np.uint8]:
    """Return a photo as an input of `size` (width, height): (height, width, channels), 0..255; grey for one channel."""
    from PIL import Image, ImageOps

    with Image.open(path) as photo:
        upright = photo.convert("L" if channels == 1 else "RGB")
    if mirrored:
        upright = ImageOps.mirror(upright)
    resized = upright.resize(size, Image.Resampling.BILINEAR)
    return np.asarray(resized, dtype=np.uint8).reshape(size[1], size[0], channels)


def trial_run(
    description: Mapping[str, Any],
    flatbuffer: bytes,
    scalings: Sequence[str],
    cancel: CancelToken | None = None,
    command: Sequence[str] | None = None,
) -> RawOutputs:
    """Run an inspected flatbuffer in a child, with each of `scalings`. `command` starts another child.

    Raises `ModelImportError` if it takes too long or too much memory, crashes, or does not fit its description, and
    `Cancelled` soon after `cancel` is set.
    """
    texts = _failure_texts()
    try:
        model = parse_description(dict(description), Path())
        with tempfile.TemporaryDirectory(prefix="catdog-trial-run-", ignore_cleanup_errors=True) as name:
            folder, cat = Path(name), trial_photos()[0].resolve()
            (folder / DESCRIPTION).write_text(json.dumps(description), encoding="ascii")
            (folder / FLATBUFFER).write_bytes(flatbuffer)
            limits = ChildLimits(SECONDS, MEMORY_BYTES)
            arguments = {"scalings": list(scalings), "photo": str(cat), "language": language()}
            task = ChildTask("try", folder, arguments, limits, readable=[cat], command=command)
            result = run_child(task, texts, cancel=cancel)
    except ModelError as error:
        sentence = N_("The model cannot be used with this description: {problem}")
        raise ModelImportError(sentence, problem=f"{DESCRIPTION} {error.problem}") from error
    except OSError as error:
        reason = error.strerror or error
        raise ModelImportError(N_("The model could not be tried ({reason})."), reason=reason) from error
    try:
        outputs = outputs_from_json(result.get("outputs"), scalings, model.answers)
    except (ValueError, TypeError) as error:
        raise texts.nonsense() from error
    if not any(math.isfinite(sum(view)) for views in outputs.values() for view in views):
        raise ModelImportError(
            N_(
                "The model was tried on a photo of a cat, and its answers are not numbers (NaN). Its training went "
                "wrong, or the file is damaged. Use another model."
            )
        )
    return outputs


def try_in_child(request: Mapping[str, Any], channel: Channel) -> dict[str, Any]:
    """Run the model in the work folder on `photo` with each of `scalings`. The result has `outputs`, or an error."""
    use_language(str(request.get("language", "")))
    folder, photo = Path(request["folder"]), Path(request["photo"])
    return report_errors(lambda: {"outputs": raw_outputs(folder, request["scalings"], photo)})


def raw_outputs(folder: Path, scalings: Sequence[str], photo: Path) -> dict[str, list[list[float]]]:
    """Return by scaling the numbers that the model in `folder` gives for a photo, as it is and mirrored.

    Raises `ModelError` if it cannot be run, `MemoryError` if memory is the reason, and `OSError`.
    """
    from catdog_desktop.inference.model_file import load_model_file
    from catdog_desktop.inference.runtime import Classifier, ModelTooLargeError

    try:
        model = load_model_file(folder)
        size, channels = model.input_size, model.channels
        views = [photo_pixels(photo, size, channels, mirrored=mirrored) for mirrored in (False, True)]
        classifier = Classifier(model)
        return {scaling: [classifier.numbers(view, scaling).tolist() for view in views] for scaling in scalings}
    except ModelTooLargeError as error:
        raise MemoryError(str(error)) from error


def outputs_from_json(content: object, scalings: Sequence[str], reading: Answers) -> RawOutputs:
    """Check what a child has sent. Raises `ValueError` or `TypeError` if it cannot be the outputs.

    The numbers need not be finite: a model may give NaN with one scaling and probabilities with another.
    """
    if not isinstance(content, dict) or set(content) != set(scalings):
        raise ValueError("these are not the scalings that were asked for")
    outputs = {scaling: tuple(tuple(view) for view in content[scaling]) for scaling in scalings}
    views = [view for both in outputs.values() for view in both]
    if any(len(both) != 2 for both in outputs.values()) or not all(reading.fits(len(view)) for view in views):
        raise ValueError("these are not the outputs for two views")
    if not all(type(number) is float for view in views for number in view):
        raise ValueError("not a number")
    return outputs


def check_runs_here(model: ModelFile) -> None:
    """Run a model that has passed `trial_run` on two plain photos, in this process.

    Raises `ModelImportError` if it does not answer as its description says.
    """
    from catdog_desktop.inference.runtime import Classifier

    shape = (model.input_height, model.input_width, model.channels)
    try:
        classifier = Classifier(model)
        for value in (0, 128):
            classifier.classify(np.full(shape, value, np.uint8))
    except ModelError as error:
        raise ModelImportError(model_problem(error)) from error


def _failure_texts() -> FailureTexts:
    again = _("Nothing was changed. Make the file again where the model comes from, or use another one.")
    return FailureTexts(
        timed_out=_(
            "The model was tried on a photo of a cat, gave no answer within {seconds} seconds, and was stopped. {again}"
        ).format(seconds=SECONDS, again=again),
        out_of_memory=_(
            "The model was tried on a photo of a cat, needed more than the {gigabytes} GB of memory that it may use, "
            "and was stopped. Nothing was changed. Use a smaller model."
        ).format(gigabytes=MEMORY_BYTES // 2**30),
        # The how is filled in later.
        crashed=_(
            "The model was tried on a photo of a cat, and broke down ({how}). The file may be damaged. {again}"
        ).format(how="{how}", again=again),
    )
