"""What a flatbuffer answers to a photo of a cat: run by the child, in which it may do what it wants (see `child`)."""

from collections.abc import Sequence
from pathlib import Path

from catdog_desktop.inference.model_file import FLATBUFFER, ModelError, load_model_file
from catdog_desktop.inference.runtime import Classifier, ModelTooLargeError
from catdog_desktop.model_import.proposals.trial_photos import photo_pixels


def cat_answers(folder: Path, scalings: Sequence[str], cat: Path) -> dict[str, list[list[float]]]:
    """Return by scaling the numbers that the model in `folder` answers to the cat, as it is and mirrored.

    Raises `ModelError` if it cannot be run, and `MemoryError` if that is for want of memory.
    """
    try:
        model = load_model_file(folder)
        size, channels = model.input_size, model.channels
        views = [photo_pixels(cat, size, channels, mirrored=mirrored) for mirrored in (False, True)]
        classifier = Classifier(model)
        return {scaling: [classifier.numbers(view, scaling).tolist() for view in views] for scaling in scalings}
    except ModelTooLargeError as error:
        raise MemoryError(str(error)) from error
    except ModelError as error:
        # The folder is nothing that the user knows.
        sentence = str(error).replace(str(folder / FLATBUFFER), "The model").replace(str(folder), "The model")
        raise ModelError(sentence) from error
