"""The first run of a stranger's flatbuffer, in the child: only what has passed it may be run by the app itself.

A flatbuffer is data, and yet it can ask for an endless loop, for more memory than there is, or for what breaks LiteRT.
So it is first tried on a photo of a cat where it can do no harm; the numbers that it answers come back.
"""

import json
import math
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from catdog_desktop.inference.answers import Answers
from catdog_desktop.inference.model_file import DESCRIPTION, FLATBUFFER, ModelError, check_description
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.sandbox.process import ChildLimits, ChildTask, Sentences

SECONDS: Final = 60
"""For ten photos at most. A model that takes six seconds for one is of no use for a gallery, and a loop never ends."""
MEMORY_BYTES: Final = 2 * 2**30
"""A flatbuffer has 500 MB at most; LiteRT holds its weights twice, as they are and as it multiplies them. The rest is
for Python and for what lies between the layers. A laptop of 4 GB can give as much."""
TRIED: Final = "The model was tried on a photo of a cat"
AGAIN: Final = "Nothing was changed. Make the file again where the model comes from, or use another one."
SENTENCES: Final = Sentences(
    too_long=f"{TRIED}, gave no answer within {SECONDS} seconds, and was stopped. {AGAIN}",
    too_large=(
        f"{TRIED}, wanted more than the {MEMORY_BYTES // 2**30} GB of memory that it may use, and was stopped. "
        "Nothing was changed. Use a smaller model."
    ),
    broken=f"{TRIED}, and broke down ({{how}}). The file may be damaged. {AGAIN}",
)
NO_NUMBERS: Final = (
    f"{TRIED}, and its answers are no numbers (NaN). Its training went wrong, or the file is damaged. "
    "Use another model."
)

Numbers = Mapping[str, tuple[tuple[float, ...], ...]]
"""By scaling: what the model answers to the cat, as it is and mirrored, before it is read as scores."""


def first_run(
    description: Mapping[str, Any],
    flatbuffer: bytes,
    scalings: Sequence[str],
    cancelled: threading.Event | None = None,
    command: Sequence[str] | None = None,
) -> Numbers:
    """Run an inspected flatbuffer in the child, under each of these scalings. `command` starts another child.

    Raises `ModelImportError`: it does not end, takes too much memory, breaks down, or is not what its description
    says; and `ImportCancelledError`, at once, when `cancelled` is set.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="catdog-first-run-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            (folder / DESCRIPTION).write_text(json.dumps(description), encoding="ascii")
            (folder / FLATBUFFER).write_bytes(flatbuffer)
            model = check_description(folder)
            request = {"do": "try", "folder": name, "scalings": list(scalings)}
            task = ChildTask(request, ChildLimits(SECONDS, MEMORY_BYTES), SENTENCES, command)
            answer = task.run(lambda step: None, cancelled or threading.Event())
    except ModelError as error:
        # The folder is nothing that the user knows.
        sentence = str(error).replace(str(folder / DESCRIPTION), DESCRIPTION)
        raise ModelImportError(f"The model cannot be used so: {sentence}") from error
    except OSError as error:
        raise ModelImportError(f"The model could not be tried ({error.strerror or error}).") from error
    try:
        numbers = numbers_from_json(answer.get("numbers"), scalings, model.answers)
    except (ValueError, TypeError) as error:
        raise task.nonsense() from error
    if not any(math.isfinite(sum(view)) for views in numbers.values() for view in views):
        raise ModelImportError(NO_NUMBERS)
    return numbers


def numbers_from_json(content: object, scalings: Sequence[str], reading: Answers) -> Numbers:
    """Check what the child has sent. Raises `ValueError` or `TypeError` for what no numbers can be.

    They need not be finite: what is nonsense under one scaling may be sense under another.
    """
    if not isinstance(content, dict) or set(content) != set(scalings):
        raise ValueError("these are not the scalings that were asked for")
    numbers = {scaling: tuple(tuple(view) for view in content[scaling]) for scaling in scalings}
    views = [view for both in numbers.values() for view in both]
    if any(len(both) != 2 for both in numbers.values()) or not all(reading.fits(len(view)) for view in views):
        raise ValueError("these are not the numbers of two views")
    if not all(type(number) is float for view in views for number in view):
        raise ValueError("a number is not one")
    return numbers
