"""`catdog import-model`: use a Keras model of one's own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from catdog_desktop.terminal import OK, WRONG_USAGE, say, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.model_import.conversion.conversion import ImportProgress
    from catdog_desktop.model_import.proposals.draft import ModelDraft
    from catdog_desktop.model_import.proposals.questions import Question

NAME = "import-model"
SUMMARY = "use a Keras model of your own"
EXAMPLES = """\
FILE is a Keras model (.h5, .hdf5, .keras, of any year), the folder of a SavedModel (or its zip), a .tflite file, or a
.catdog file that --export has written. It is looked through, and then opened and run for the first time in a process of
its own; on Linux, that reaches neither your files nor the network.

What the file does not tell is asked of a photo of a cat: the answers that make sense are taken, and named. Options
overrule them. The model's name goes to standard output.

examples:
  catdog import-model cats.h5
  catdog classify --model cats holiday/
  catdog import-model --scaling -1..1 --positive cat --name mobile mobilenet.keras
  catdog import-model --export cats.catdog cats.h5   to be opened where there is no TensorFlow
  catdog import-model cats.catdog
  catdog models                                      what there is

exit status: 0 all well, 2 wrong usage, or the model cannot be used
"""
_SCALINGS: Final = ("none", "0..1", "-1..1", "imagenet-caffe", "imagenet-torch")
_KINDS: Final = ("sigmoid", "softmax", "independent", "imagenet")
_OPTIONS: Final = {
    "scaling": "--scaling",
    "labels": "--labels",
    "answers": "--answers",
    "colour": "--colour",
    "resampling": "--resample",
    "decoding": "--upright",
}
"""By the question's key."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `import-model` takes."""
    parser.add_argument("file", metavar="FILE", type=Path, help="the model")
    parser.add_argument("--name", help="what it shall be called (default: as the file)")
    parser.add_argument("--export", metavar="FILE.catdog", type=Path, help="write it to one file, to be passed on")
    parser.add_argument("--scaling", choices=_SCALINGS, help="how photos were scaled before the model")
    labels = parser.add_mutually_exclusive_group()
    labels.add_argument("--labels", choices=("cat,dog", "dog,cat"), help="which number comes first, or is 0")
    labels.add_argument("--positive", choices=("cat", "dog"), help="what 1 means, of a model with one number")
    kinds = (*_KINDS, *(f"{kind}-logits" for kind in _KINDS))
    parser.add_argument("--answers", choices=kinds, metavar="KIND", help=f"what the numbers are: {', '.join(kinds)}")
    parser.add_argument("--colour", choices=("rgb", "bgr", "grey"), help="the order of colours")
    resamplings = ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming")
    parser.add_argument("--resample", choices=resamplings, help="how photos are made smaller (default: nearest)")
    parser.add_argument("--upright", action="store_true", help="turn photos upright first, which Keras does not do")
    parser.add_argument("--size", type=_size, metavar="N", help="edge in pixels, or WxH, if the model takes any size")
    parser.add_argument(
        "--timeout", type=_seconds, default=900.0, metavar="S", help="give up after S seconds (default: 900)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Convert, ask the cat, keep the model; return the exit status."""
    from catdog_desktop.inference.model_file import ModelError
    from catdog_desktop.model_import.errors import ModelImportError

    if arguments.file.name in ("", ".."):  # who stands in the folder of a SavedModel: it has a name all the same
        arguments.file = arguments.file.resolve()
    try:
        if arguments.export is not None:
            from catdog_desktop.model_import.model_archive import check_target

            check_target(arguments.export)  # now, not after minutes of converting
        model = _open_archive(arguments) if arguments.file.suffix.lower() == ".catdog" else _import(arguments)
        if model.answers.limits:
            say(model.answers.limits)
        if arguments.export is not None:
            from catdog_desktop.model_import.model_archive import export_model

            export_model(model.folder, arguments.export)
            say(f"It was written to {arguments.export} too, which opens on a computer without TensorFlow.")
    except (ModelImportError, ModelError) as error:
        say(f"catdog: {error}")
        return WRONG_USAGE
    write(f"{model.folder.name}\n")
    return OK


def _open_archive(arguments: argparse.Namespace) -> ModelFile:
    from catdog_desktop.model_import.errors import ModelImportError
    from catdog_desktop.model_import.model_archive import open_archive

    if _given(arguments) or arguments.name or arguments.size:
        raise ModelImportError("A .catdog file holds all that is to be known of its model: it takes no such options.")
    model = open_archive(arguments.file, _show)
    say(f"{arguments.file.name} is now the model {model.folder.name}.")
    return model


def _import(arguments: argparse.Namespace) -> ModelFile:
    from catdog_desktop.model_import.conversion.conversion import Conversion, ImportLimits

    conversion = Conversion(arguments.file, size=arguments.size, limits=ImportLimits(seconds=arguments.timeout))
    draft = conversion.run(_show)
    given = _given(arguments)
    draft.description(given)  # refuses what is not possible before anything is tried
    questions = draft.questions()
    answers = {question.key: question.proposed for question in questions} | given
    model = draft.install(answers, arguments.name)
    _tell(draft, model, questions, given)
    return model


def _given(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the answers that the options give."""
    given = {
        "scaling": "in graph" if arguments.scaling == "none" else arguments.scaling,
        "labels": arguments.labels or {"dog": "cat,dog", "cat": "dog,cat"}.get(arguments.positive),
        "answers": arguments.answers and arguments.answers.replace("-", " "),
        "colour": arguments.colour,
        "resampling": arguments.resample,
        "decoding": "upright" if arguments.upright else None,
    }
    return {key: value for key, value in given.items() if value is not None}


def _show(progress: ImportProgress) -> None:
    """Show the steps to somebody who waits; a log has no use for them."""
    if sys.stderr is not None and sys.stderr.isatty():
        say(f"{progress.text} …")


def _tell(draft: ModelDraft, model: ModelFile, questions: Sequence[Question], given: Mapping[str, str]) -> None:
    """Say what the model is, and what was assumed of it."""
    facts = draft.facts
    name, size = model.folder.name, f"{facts.width} x {facts.height}"
    say(f"{draft.source_name} is now the model {name}, for photos of {size} pixels.")
    if facts.loaded_by and facts.difference is not None:
        say(f"It was opened by {facts.loaded_by}; converted, its answers differ by {facts.difference:.1g} at most.")
    for note in facts.notes:
        say(note)
    usual = []
    for question in questions:
        chosen = given.get(question.key, question.proposed)
        words = next(option.text for option in question.options if option.value == chosen)
        option = f" [{_OPTIONS[question.key]}]" if len(question.options) > 1 else ""
        if question.key in given:
            say(f"{question.text} As you said: {words}.")
        elif question.minor and question.key in ("colour", "resampling", "decoding"):
            usual.append(f"{words}{option}")
        else:
            say(f"{question.text} {words[0].upper()}{words[1:]}. {question.reason}{option}")
    if usual:
        say(f"As Keras does: {'; '.join(usual)}.")


def _size(text: str) -> tuple[int, int]:
    width, by, height = text.lower().partition("x")
    try:
        size = int(width), int(height if by else width)
    except ValueError:
        size = 0, 0
    if not all(0 < edge <= 2048 for edge in size):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 224 or 320x240")
    return size


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds
