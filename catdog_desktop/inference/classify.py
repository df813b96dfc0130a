"""Classify one photo: decode it, run the model on it, and look closer at parts of it where the model's rule says so."""

from pathlib import Path
from typing import Final

from catdog_desktop.decoding.decode import DecodedPhoto, cut_parts, decode_parts
from catdog_desktop.decoding.errors import PhotoError, Unreadable
from catdog_desktop.decoding.pixels import upright_maps
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.inference.model_input import read_for_model
from catdog_desktop.inference.runtime import Classifier, Inference
from catdog_desktop.verdict import Result, Scores

_PASSING: Final = (Unreadable.NOT_ALLOWED, Unreadable.VANISHED)
"""Reasons that may be gone the next time: they do not lie in the file."""


def classify_photo(path: Path, classifier: Classifier, model: ModelFile, *, thumbnail: bool = True) -> Result:
    """Decode and classify one photo. An unreadable photo gives a result with the error. Raises `ModelError`."""
    try:
        photo = read_for_model(path, model, thumbnail=thumbnail)
    except PhotoError as error:
        error_is_temporary = error.reason in _PASSING or isinstance(error.__cause__, MemoryError)
        return Result(path, error=str(error), error_is_temporary=error_is_temporary)
    inference = classifier.classify(photo.pixels)
    closer = _look_closer(path, photo, inference, classifier, model)
    return Result(
        path,
        scores=closer or inference.scores,
        looked_closer=closer is not None,
        info=photo.info,
        thumbnail=photo.thumbnail,
        heat_maps=upright_maps(inference.heat_maps, photo.orientation),
        features=inference.features,
    )


def _look_closer(
    path: Path, photo: DecodedPhoto, inference: Inference, classifier: Classifier, model: ModelFile
) -> Scores | None:
    """Classify parts of the photo where the model's rule asks for it; return the joined scores, None without parts."""
    rule = model.second_look
    if rule is None:
        return None
    size = photo.info.width, photo.info.height
    parts, fusion = rule.choose(inference.scores, inference.heat_maps, size, thorough=model.thorough)
    if not parts:
        return None
    try:
        if photo.whole is not None:
            pixels = cut_parts(photo.whole, parts, model.input_size, model.resampling)
        else:
            pixels = decode_parts(path, parts, model.input_size, model.resampling)
    except PhotoError:  # deleted or changed after it was read: the scores of the whole photo count
        return None
    seen = [classifier.classify(part).scores for part in pixels]
    return rule.fuse(inference.scores, seen, fusion)
