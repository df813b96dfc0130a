"""From the facts about a model to its `model.json`: what is known, what must be asked, and what is proposed.

A Keras file does not say how photos were scaled before they reached it, nor which animal its 1 stands for. These are
questions, each with its options and a proposed answer; `trial` tests the proposals on a photo of a cat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from catdog_desktop.inference.answers import Answers as Reading
from catdog_desktop.model_import.conversion.facts import Facts
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.verdict import Thresholds

Answers = Mapping[str, str]
"""By the key of a question: the value of the option that was chosen. What is missing is as proposed."""

SCALINGS: Final = ("0..1", "-1..1", "in graph", "imagenet-torch", "imagenet-caffe")
"""The likeliest first. "in graph": the app leaves the photo as it is, 0 to 255."""
BY_ALPHABET: Final = "Keras counts folders in the order of the alphabet, so cat is 0 and dog is 1."
AS_LOAD_IMG: Final = "Keras's load_img does so unless told otherwise."


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Question:
    """Something that the file does not tell. With a single option it is known, and only told."""

    key: str
    """"scaling", "labels", "answers", "colour", "resampling" or "decoding"."""
    words: str
    options: tuple[Option, ...]
    proposed: str
    """The value of one of the options."""
    because: str
    """Why it is proposed, as a sentence."""
    minor: bool = False
    """Nearly always right as proposed: to be shown among the details."""


def questions_for(facts: Facts) -> tuple[Question, ...]:
    """Return what must be asked, or is only assumed, of a model with these facts."""
    found = [_scaling(facts), _labels(facts), _answers(facts), _colour(facts), _RESAMPLING, _DECODING]
    return tuple(question for question in found if question is not None)


def proposed_answers(questions: Sequence[Question]) -> dict[str, str]:
    """Return the proposed answer to each question."""
    return {question.key: question.proposed for question in questions}


def _scaling(facts: Facts) -> Question:
    options: tuple[Option, ...] = (
        Option("0..1", "divided by 255: 0 to 1"),
        Option("-1..1", "divided by 127.5, less 1: -1 to 1 (MobileNet, Inception, Xception)"),
        Option("in graph", "not at all: 0 to 255 (the model scales by itself, or needs none)"),
        Option("imagenet-torch", "by ImageNet's mean and spread (PyTorch's way, DenseNet)"),
        Option("imagenet-caffe", "less ImageNet's mean, colours in reverse (VGG, ResNet)"),
    )
    if facts.channels == 1:
        options = options[:3]  # ImageNet's means are those of three colours
    words = "How were photos scaled before they went into the model?"
    if facts.scaled == "yes":
        how = f" ({facts.scaling_words})" if facts.scaling_words else ""
        return Question("scaling", words, options, "in graph", f"The model scales photos by itself{how}.", minor=True)
    because = "The model does not scale photos by itself; most divide by 255."
    if facts.scaled == "unknown":
        because = "The file does not tell whether the model scales photos by itself; most divide by 255."
    return Question("scaling", words, options, "0..1", because)


def _labels(facts: Facts) -> Question | None:
    if facts.outputs > 2:
        return None
    if facts.outputs == 1:
        options = (Option("cat,dog", "dog (and 0 is cat)"), Option("dog,cat", "cat (and 0 is dog)"))
        return Question(
            "labels", "The model answers with one number. What does 1 mean?", options, "cat,dog", BY_ALPHABET
        )
    options = (Option("cat,dog", "cat, then dog"), Option("dog,cat", "dog, then cat"))
    words = "The model answers with two numbers. Which come first?"
    return Question("labels", words, options, "cat,dog", BY_ALPHABET)


_KINDS: Final = {
    "sigmoid": "a probability",
    "sigmoid logits": "before the sigmoid (trained with from_logits=True)",
    "softmax": "two probabilities that add up to 1",
    "softmax logits": "before the softmax (trained with from_logits=True)",
    "independent": "two probabilities, independent of each other",
    "independent logits": "two numbers, each before its own sigmoid",
    "imagenet": "the probabilities of ImageNet's 1,000 classes",
    "imagenet logits": "ImageNet's 1,000 classes, before the softmax",
}


def _answers(facts: Facts) -> Question:
    """Ask what the numbers are; known where the last layer has a sigmoid or a softmax."""
    kinds: tuple[str, ...]
    if facts.outputs > 2:
        kinds, because = ("imagenet", "imagenet logits"), "It has 1,000 outputs, as ImageNet has classes."
    elif facts.outputs == 1:
        kinds, because = ("sigmoid", "sigmoid logits"), "It has one output."
    else:
        kinds = ("softmax", "independent", "softmax logits", "independent logits")
        because = "It has two outputs."
    proposed = {
        "linear": {1: "sigmoid logits", 2: "softmax logits"}.get(facts.outputs, "imagenet logits"),
        "sigmoid": {1: "sigmoid", 2: "independent"}.get(facts.outputs, "imagenet"),
    }.get(facts.activation, kinds[0])
    if facts.activation == "linear":
        because = "Its last layer has no activation."
    elif facts.activation in ("sigmoid", "softmax"):
        because = f"Its last layer is a {facts.activation}."
        kinds = (proposed,)
    options = tuple(Option(kind, _KINDS[kind]) for kind in kinds)
    return Question("answers", "What are the model's numbers?", options, proposed, because, minor=True)


def _colour(facts: Facts) -> Question:
    words = "Which colours does the model take?"
    if facts.channels == 1:
        return Question(
            "colour", words, (Option("grey", "shades of grey"),), "grey", "Its input has one channel.", minor=True
        )
    options = (
        Option("rgb", "red, green, blue"),
        Option("bgr", "blue, green, red (photos were read by OpenCV)"),
    )
    return Question("colour", words, options, "rgb", "Keras reads photos as red, green, blue.", minor=True)


_RESAMPLING: Final = Question(
    "resampling",
    "How are photos brought to the model's size?",
    tuple(
        Option(name, f"resized by {name}") for name in ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming")
    ),
    "nearest",
    AS_LOAD_IMG,
    minor=True,
)
_DECODING: Final = Question(
    "decoding",
    "What becomes of photos that a phone has marked as rotated?",
    (Option("as stored", "photos as they are stored, not turned"), Option("upright", "photos turned upright")),
    "as stored",
    AS_LOAD_IMG,
    minor=True,
)


def describe(
    facts: Facts,
    answers: Answers,
    *,
    name: str,
    title: str,
    sha256: str,
    source: Mapping[str, Any],
    licence: str = "unknown",
) -> dict[str, Any]:
    """Return the content of `model.json`. `sha256` is the flatbuffer's; `source` has the file's name and sha256.

    Raises `ModelImportError` for an answer that is none of its question's options.
    """
    chosen = _checked(questions_for(facts), answers)
    reading = reading_of(chosen)
    limits = Thresholds()
    return {
        "format": 1,
        "name": name,
        "version": "1",
        "title": title,
        "description": f"Imported from {source['file']}.",
        "licence": licence,
        "labels": list(reading.labels),
        "input": {
            "width": facts.width,
            "height": facts.height,
            "colour": chosen["colour"],
            "range": [0, 255],
            "scaling": chosen["scaling"],
            "resampling": chosen["resampling"],
            "fit": "squash",
            "decoding": chosen["decoding"],
        },
        "outputs": {"scores": facts.scores_output},
        "answers": {"kind": reading.kind, "logits": reading.logits},
        "sha256": sha256,
        "thresholds": {"cat": limits.cat, "dog": limits.dog, "unsure": limits.unsure},
        "figures": {},
        "training": {},
        "source": {**source, "kind": facts.kind, "keras_version": facts.keras_version or "unknown"},
    }


def reading_of(chosen: Answers) -> Reading:
    """Return how the model's numbers are read under these answers, which are to every question."""
    kind, _, logits = chosen["answers"].partition(" ")
    return Reading(kind, bool(logits), tuple(chosen.get("labels", "cat,dog").split(",")))


def _checked(questions: Sequence[Question], answers: Answers) -> dict[str, str]:
    by_key = {question.key: question for question in questions}
    for key, value in answers.items():
        if key not in by_key:
            raise ModelImportError(f"This model leaves no choice about its {key}.")
        known = [option.value for option in by_key[key].options]
        if value not in known:
            raise ModelImportError(f"The {key} of this model cannot be {value!r}; it can be {', '.join(known)}.")
    return proposed_answers(questions) | dict(answers)
