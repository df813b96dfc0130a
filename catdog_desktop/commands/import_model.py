"""`catdog import-model`: import the user's own Keras model."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from catdog_desktop.languages.formats import format_clauses, format_list
from catdog_desktop.messages import N_, _
from catdog_desktop.terminal import OK, WRONG_USAGE, say, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.model_import.conversion.conversion import ImportProgress
    from catdog_desktop.model_import.proposals.draft import ModelDraft
    from catdog_desktop.model_import.proposals.facts import ModelFacts
    from catdog_desktop.model_import.proposals.questions import Question

NAME = "import-model"
SUMMARY = N_("use your own Keras model")
EXAMPLES = N_("""\
FILE is a Keras model (.h5, .hdf5, .keras, of any year), the folder of a SavedModel (or its zip), a .tflite file, or a
.catdog file written by --export. The file is inspected first. Then it is opened and run in a separate process, which on
Linux can access neither your files nor the network.

Settings that the file does not contain are tried on a photo of a cat: those that give sensible results are used and
listed. Options override them. The name of the model is written to standard output.

examples:
  catdog import-model cats.h5
  catdog classify --model cats holiday/
  catdog import-model --scaling -1..1 --positive cat --name mobile mobilenet.keras
  catdog import-model --export cats.catdog cats.h5   for computers without TensorFlow
  catdog import-model cats.catdog
  catdog models                                      list all models

exit status: 0 success, 2 wrong usage, or the model cannot be used
""")
_SCALINGS: Final = ("none", "0..1", "-1..1", "imagenet-caffe", "imagenet-torch")
_KINDS: Final = ("sigmoid", "softmax", "independent", "imagenet")
_DEFAULTS: Final = ("colour", "fit", "resampling", "decoding")
"""Questions whose usual answers are reported together."""
_UNLIKE_KERAS: Final = ("crop", "lanczos")
"""Proposed for models of other programs only."""
_OPTIONS: Final = {
    "scaling": "--scaling",
    "labels": "--labels",
    "answers": "--answers",
    "colour": "--colour",
    "cat_classes": "--cat-class",
    "dog_classes": "--dog-class",
    "fit": "--fit",
    "resampling": "--resample",
    "decoding": "--upright",
}
"""Command-line option by the key of the question that it answers."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `import-model`."""
    parser.add_argument("file", metavar="FILE", type=Path, help=_("the model"))
    parser.add_argument("--name", help=_("name for the model (default: the name of the file)"))
    parser.add_argument(
        "--export", metavar="FILE.catdog", type=Path, help=_("also write it to one file that can be shared")
    )
    parser.add_argument(
        "--scaling", choices=_SCALINGS, help=_("scaling of the pixel values that the model was trained with")
    )
    labels = parser.add_mutually_exclusive_group()
    labels.add_argument(
        "--labels", choices=("cat,dog", "dog,cat"), help=_("order of the two outputs, or meaning of 0 and 1")
    )
    labels.add_argument("--positive", choices=("cat", "dog"), help=_("meaning of 1, for a model with one output"))
    for animal, words in (("cat", _("a class that is a cat")), ("dog", _("a class that is a dog"))):
        parser.add_argument(
            f"--{animal}-class",
            action="append",
            metavar="CLASS",
            help=_("for a model with several classes: {what}, by its number from 0 or its name; repeatable").format(
                what=words
            ),
        )
    kinds = (*_KINDS, *(f"{kind}-logits" for kind in _KINDS))
    parser.add_argument(
        "--answers",
        choices=kinds,
        metavar="KIND",
        help=_("kind of the outputs: {kinds}").format(kinds=format_list(kinds)),
    )
    parser.add_argument("--colour", choices=("rgb", "bgr", "grey"), help=_("order of the colour channels"))
    resamplings = ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming")
    parser.add_argument("--resample", choices=resamplings, help=_("resampling filter (default: nearest)"))
    parser.add_argument(
        "--fit",
        "--resize",
        choices=("squash", "crop"),
        help=_("whether the whole photo is squashed to the model's shape, or its middle is cut out (default: squash)"),
    )
    parser.add_argument("--upright", action="store_true", help=_("turn photos upright first, which Keras does not do"))
    parser.add_argument(
        "--size", type=_size, metavar="N", help=_("input size in pixels, or WxH, for a model that accepts any size")
    )
    parser.add_argument(
        "--timeout", type=_seconds, default=900.0, metavar="S", help=_("stop after S seconds (default: 900)")
    )


def run(arguments: argparse.Namespace) -> int:
    """Convert the model, determine its settings, install it; return the exit status."""
    from catdog_desktop.inference.model_file import ModelError
    from catdog_desktop.model_import.errors import ModelImportError
    from catdog_desktop.model_import.protection import import_warning

    if arguments.file.name in ("", ".."):  # the current folder is a SavedModel
        arguments.file = arguments.file.resolve()
    try:
        if arguments.export is not None:
            from catdog_desktop.model_import.model_archive import check_target

            check_target(arguments.export)  # before minutes of converting
        if warning := import_warning():
            say(warning)
        model = _open_archive(arguments) if arguments.file.suffix.lower() == ".catdog" else _import(arguments)
        if model.answers.limits:
            say(model.answers.limits)
        if arguments.export is not None:
            from catdog_desktop.model_import.model_archive import export_model

            export_model(model.folder, arguments.export)
            say(_("Also written to {file}, for computers without TensorFlow.").format(file=arguments.export))
    except (ModelImportError, ModelError) as error:
        say(f"catdog: {error}")
        return WRONG_USAGE
    write(f"{model.folder.name}\n")
    return OK


def _open_archive(arguments: argparse.Namespace) -> ModelFile:
    from catdog_desktop.model_import.errors import ModelImportError
    from catdog_desktop.model_import.model_archive import open_archive

    if _answers_from_options(arguments) or arguments.name or arguments.size:
        raise ModelImportError(N_("A .catdog file contains all settings of its model, so these options do not apply."))
    model = open_archive(arguments.file, _show)
    say(_("{file} is now the model {name}.").format(file=arguments.file.name, name=model.folder.name))
    return model


def _import(arguments: argparse.Namespace) -> ModelFile:
    from catdog_desktop.model_import.conversion.conversion import Conversion, ImportLimits

    conversion = Conversion(arguments.file, size=arguments.size, limits=ImportLimits(seconds=arguments.timeout))
    draft = conversion.run(_show)
    given = _answers_from_options(arguments) | _classes_from_options(arguments, draft.facts)
    questions = draft.questions()
    answers = {question.key: question.proposed for question in questions} | given
    _check_classes(draft.facts, answers, given)
    model = draft.install(answers, arguments.name)
    _report(draft, model, questions, given)
    return model


def _answers_from_options(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the answers given by options, by the key of their question."""
    given = {
        "scaling": "in graph" if arguments.scaling == "none" else arguments.scaling,
        "labels": arguments.labels or {"dog": "cat,dog", "cat": "dog,cat"}.get(arguments.positive),
        "answers": arguments.answers and arguments.answers.replace("-", " "),
        "colour": arguments.colour,
        "fit": arguments.fit,
        "resampling": arguments.resample,
        "decoding": "upright" if arguments.upright else None,
    }
    return {key: value for key, value in given.items() if value is not None}


def _classes_from_options(arguments: argparse.Namespace, facts: ModelFacts) -> dict[str, str]:
    """Return the numbers of the classes given by options. Raises `ModelImportError` for an unknown name."""
    from catdog_desktop.model_import.errors import ModelImportError
    from catdog_desktop.model_import.proposals.questions import no_class_chosen

    numbers = {name.casefold(): str(number) for number, name in enumerate(facts.class_names)}
    given = {}
    for key, classes in (("cat_classes", arguments.cat_class), ("dog_classes", arguments.dog_class)):
        if classes is None:
            continue
        found = [one if one.isdecimal() else numbers.get(one.strip().casefold(), "") for one in classes]
        if "" in found:
            unknown = classes[found.index("")]
            sentence = _("The model has no class named {name}.").format(name=repr(unknown))
            raise ModelImportError(f"{sentence} {no_class_chosen(facts)}")
        given[key] = ",".join(dict.fromkeys(found))
    return given


def _check_classes(facts: ModelFacts, answers: Mapping[str, str], given: Mapping[str, str]) -> None:
    """Raise `ModelImportError` if nothing says which classes are cats, or which are dogs."""
    from catdog_desktop.model_import.errors import ModelImportError
    from catdog_desktop.model_import.proposals.questions import no_class_chosen

    keys = {"cat_classes", "dog_classes"}
    if keys <= set(answers) and not keys & set(given) and not all(answers[key] for key in keys):
        advice = _("Use {options}.").format(options="--cat-class, --dog-class")
        raise ModelImportError(f"{no_class_chosen(facts)}. {advice}")


def _show(progress: ImportProgress) -> None:
    """Show the current step, on a terminal only."""
    if sys.stderr is not None and sys.stderr.isatty():
        say(f"{progress.text} …")


def _report(draft: ModelDraft, model: ModelFile, questions: Sequence[Question], given: Mapping[str, str]) -> None:
    """Report what the model is, and which settings were determined for it."""
    facts = draft.facts
    name, size = model.folder.name, f"{facts.width} x {facts.height}"
    say(
        _("{file} is now the model {name}, for photos of {size} pixels.").format(
            file=draft.source_name, name=name, size=size
        )
    )
    if facts.loaded_by and facts.difference is not None:
        say(
            _("Opened by {program}. After conversion the outputs differ by at most {difference}.").format(
                program=facts.loaded_by, difference=f"{facts.difference:.1g}"
            )
        )
    for note in facts.notes:
        say(note)
    defaults = []
    for question in questions:
        chosen = given.get(question.key, question.proposed)
        values = chosen.split(",") if question.many else [chosen]
        words = format_list([option.text for option in question.options if option.value in values]) or _("none")
        option = f" [{_OPTIONS[question.key]}]" if len(question.options) > 1 else ""
        if question.key in given:
            say(f"{question.text} " + _("As given: {choice}.").format(choice=words))
        elif question.minor and question.key in _DEFAULTS and chosen not in _UNLIKE_KERAS:
            defaults.append(f"{words}{option}")
        else:
            say(f"{question.text} {words[0].upper()}{words[1:]}. {question.reason}{option}")
    if defaults:
        say(_("As in Keras: {settings}.").format(settings=format_clauses(defaults)))


def _size(text: str) -> tuple[int, int]:
    width, by, height = text.lower().partition("x")
    try:
        size = int(width), int(height if by else width)
    except ValueError:
        size = 0, 0
    if not all(0 < edge <= 2048 for edge in size):
        raise argparse.ArgumentTypeError(_("{text} is not a size such as 224 or 320x240").format(text=repr(text)))
    return size


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(_("{text} is not a number of seconds").format(text=repr(text)))
    return seconds
