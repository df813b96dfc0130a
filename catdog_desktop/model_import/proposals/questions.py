"""Questions about an imported model, and the `model.json` that their answers give.

A Keras file does not say how photos were scaled before they reached the model, nor which animal its 1 stands for. Each
question has options and a proposed answer; `proposed_answers` tests the proposals on a photo of a cat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from catdog_desktop.inference.answers import Answers
from catdog_desktop.inference.input_values import normalization
from catdog_desktop.languages.formats import format_clauses, format_list, format_number
from catdog_desktop.messages import N_, _, ngettext
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.proposals.class_names import animal_of, are_imagenet, classes_by_animal
from catdog_desktop.model_import.proposals.facts import TEACHABLE_MACHINE, ModelFacts
from catdog_desktop.verdict import Thresholds

ChosenAnswers = Mapping[str, str]
"""By the key of a question: the value of the chosen option. A missing answer is as proposed."""

SCALINGS: Final = ("0..1", "-1..1", "in graph", "imagenet-torch", "imagenet-caffe")
"""The most likely first. "in graph": the app leaves the photo as it is, 0 to 255."""


_SOME_CLASSES: Final = 20
"""How many classes a sentence lists."""


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """Something that the file does not say. With a single option the answer is known, and only shown."""

    key: str
    """"scaling", "labels", "cat_classes", "dog_classes", "answers", "colour", "fit", "resampling" or "decoding"."""
    text: str
    options: tuple[Option, ...]
    proposed: str
    """The value of one of the options; of any number of them with `many`."""
    reason: str
    """Why it is proposed, as a sentence."""
    minor: bool = False
    """The proposal is nearly always right, so the question is shown among the details."""
    many: bool = False
    """Any number of options may be chosen: an answer is their values with commas, or empty."""


def questions_for(facts: ModelFacts) -> tuple[Question, ...]:
    """Return the questions about a model with these facts."""
    found = [_scaling(facts), _labels(facts), *_classes(facts), _answers(facts)]
    found += [_colour(facts), _fit(facts), _resampling(facts), _decoding()]
    return tuple(question for question in found if question is not None)


def has_classes(facts: ModelFacts) -> bool:
    """Whether the user must say which of many classes are cats and dogs. The order of ImageNet's is known."""
    if facts.outputs in (1000, 1001) and (not facts.class_names or are_imagenet(facts.class_names)):
        return False
    return facts.outputs > 2 or (facts.outputs == 2 and _order_by_names(facts) == "")


def class_title(facts: ModelFacts, number: int) -> str:
    """Return the number and the name of a class, for the user; numbers start at 0, as in Keras."""
    name = facts.class_names[number] if facts.class_names else ""
    return f"{number}: {name}" if name else str(number)


def proposed_answers(questions: Sequence[Question]) -> dict[str, str]:
    """Return the proposed answer to each question."""
    return {question.key: question.proposed for question in questions}


def _scaling(facts: ModelFacts) -> Question:
    options: tuple[Option, ...] = (
        Option("0..1", _("divided by 255: 0 to 1")),
        Option("-1..1", _("divided by 127.5, minus 1: -1 to 1 (MobileNet, Inception, Xception)")),
        Option("in graph", _("not at all: 0 to 255 (the model scales photos itself, or needs no scaling)")),
        Option("imagenet-torch", _("by ImageNet's mean and standard deviation (as in PyTorch; DenseNet)")),
        Option("imagenet-caffe", _("minus ImageNet's mean, colours reversed (VGG, ResNet)")),
    )
    if facts.channels == 1:
        options = options[:3]  # ImageNet's means are those of three colours
    text = _("How were photos scaled before they went into the model?")
    if facts.stated_scaling:
        reason = _does_its_program()
        if stated := normalization(facts.stated_scaling):
            mean, deviation = (format_clauses(_short_number(number) for number in numbers) for numbers in stated)
            words = _("minus {mean}, then divided by {deviation}").format(mean=mean, deviation=deviation)
            options = (Option(facts.stated_scaling, words), *options)
        return Question("scaling", text, options, facts.stated_scaling, reason, minor=True)
    if facts.scaled == "yes":
        reason = _("The model scales photos itself.")
        if facts.scaling_words:
            reason = _("The model scales photos itself ({how}).").format(how=facts.scaling_words)
        return Question("scaling", text, options, "in graph", reason, minor=True)
    reason = _("The model does not scale photos itself; most models need them divided by 255.")
    if facts.scaled == "unknown":
        reason = _("The file does not say whether the model scales photos itself; most need them divided by 255.")
    return Question("scaling", text, options, "0..1", reason)


def _short_number(number: float) -> str:
    decimals = len(f"{number:.3f}".rstrip("0").partition(".")[2])
    return format_number(number, decimals)


def _labels(facts: ModelFacts) -> Question | None:
    if facts.outputs > 2 or has_classes(facts):
        return None
    reason = _("Keras numbers folders in alphabetical order, so cat is 0 and dog is 1.")
    if facts.outputs == 1:
        options = (Option("cat,dog", _("dog (and 0 is cat)")), Option("dog,cat", _("cat (and 0 is dog)")))
        text = _("The model answers with one number. What does 1 mean?")
    else:
        options = (Option("cat,dog", _("cat, then dog")), Option("dog,cat", _("dog, then cat")))
        text = _("The model answers with two numbers. Which one comes first?")
    if by_names := _order_by_names(facts):
        reason = _("The list of its classes says: {names}.").format(names=format_list(facts.class_names))
        return Question("labels", text, options, by_names, reason, minor=True)
    return Question("labels", text, options, "cat,dog", reason)


def _order_by_names(facts: ModelFacts) -> str | None:
    """Return the order of cat and dog by the names of two classes; "" if they are not both, None without names."""
    if not facts.class_names:
        return None
    order = [animal_of(name) for name in facts.class_names]
    return ",".join(order) if sorted(order) == ["cat", "dog"] else ""


def _classes(facts: ModelFacts) -> list[Question]:
    """Ask which classes are cats, and which are dogs; the others are neither."""
    if not has_classes(facts):
        return []
    options = tuple(Option(str(number), class_title(facts, number)) for number in range(facts.outputs))
    named = classes_by_animal(facts.class_names)
    texts = {"cat": _("Which of its classes are cats?"), "dog": _("Which of its classes are dogs?")}
    found = []
    for animal, text in texts.items():
        reason = _("The other classes are neither.")
        if named[animal]:
            reason = _("By the names of its classes. The other classes are neither.")
        proposed = ",".join(str(number) for number in named[animal])
        found.append(Question(f"{animal}_classes", text, options, proposed, reason, many=True))
    return found


def _kind_text(kind: str) -> str:
    return {
        "sigmoid": _("a probability"),
        "sigmoid logits": _("before the sigmoid (trained with from_logits=True)"),
        "softmax": _("probabilities that add up to 1"),
        "softmax logits": _("before the softmax (trained with from_logits=True)"),
        "independent": _("independent probabilities"),
        "independent logits": _("numbers, each before its own sigmoid"),
        "imagenet": _("the probabilities of ImageNet's 1,000 classes"),
        "imagenet logits": _("ImageNet's 1,000 classes, before the softmax"),
    }[kind]


def _answers(facts: ModelFacts) -> Question:
    """Ask what the numbers are; with one option if the last layer has a sigmoid or a softmax."""
    kinds: tuple[str, ...]
    if facts.outputs > 2 and not has_classes(facts):
        kinds, reason = ("imagenet", "imagenet logits"), _("It has 1,000 outputs, as many as ImageNet has classes.")
    elif facts.outputs == 1:
        kinds, reason = ("sigmoid", "sigmoid logits"), _("It has one output.")
    else:
        kinds = ("softmax", "independent", "softmax logits", "independent logits")
        reason = ngettext("It has {count} output.", "It has {count} outputs.", facts.outputs)
        reason = reason.format(count=format_number(facts.outputs))
    linear = f"{kinds[0]} logits"
    proposed = {"linear": linear, "sigmoid": "independent" if "independent" in kinds else kinds[0]}.get(
        facts.activation, kinds[0]
    )
    if facts.activation == "linear":
        reason = _("Its last layer has no activation.")
    elif facts.activation in ("sigmoid", "softmax"):
        reason = _("Its last layer is a {activation}.").format(activation=facts.activation)
        kinds = (proposed,)
    options = tuple(Option(kind, _kind_text(kind)) for kind in kinds)
    return Question("answers", _("What are the model's numbers?"), options, proposed, reason, minor=True)


def _colour(facts: ModelFacts) -> Question:
    text = _("Which colours does the model take?")
    if facts.channels == 1:
        grey = (Option("grey", _("shades of grey")),)
        return Question("colour", text, grey, "grey", _("Its input has one channel."), minor=True)
    options = (
        Option("rgb", _("red, green, blue")),
        Option("bgr", _("blue, green, red (photos were read by OpenCV)")),
    )
    return Question("colour", text, options, "rgb", _("Keras reads photos as red, green, blue."), minor=True)


def _fit(facts: ModelFacts) -> Question:
    options = (
        Option("squash", _("the whole photo, squashed to the model's shape")),
        Option("crop", _("the middle of the photo, cut to the model's shape")),
    )
    text = _("What becomes of photos with another shape than the model's?")
    if facts.maker:
        reason = _("Teachable Machine and Lobe train on the middle of photos, and it looks like theirs.")
        return Question("fit", text, options, "crop", reason, minor=True)
    return Question("fit", text, options, "squash", _default_of_keras(), minor=True)


def _resampling(facts: ModelFacts) -> Question:
    names = ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming")
    options = tuple(Option(name, _("resized by {method}").format(method=name)) for name in names)
    text = _("How are photos resized to the model's size?")
    if facts.maker == TEACHABLE_MACHINE:  # in the code that it gives for use with Keras
        return Question("resampling", text, options, "lanczos", _does_its_program(), minor=True)
    return Question("resampling", text, options, "nearest", _default_of_keras(), minor=True)


def _decoding() -> Question:
    options = (
        Option("as stored", _("photos as they are stored, not rotated")),
        Option("upright", _("photos rotated upright")),
    )
    text = _("How are photos read that a phone has marked as rotated?")
    return Question("decoding", text, options, "as stored", _default_of_keras(), minor=True)


def _does_its_program() -> str:
    return _("The program that made the model does so.")


def _default_of_keras() -> str:
    return _("It is the default of Keras's load_img.")


def describe(
    facts: ModelFacts,
    answers: ChosenAnswers,
    *,
    name: str,
    title: str,
    sha256: str,
    source: Mapping[str, Any],
    licence: str = "unknown",
) -> dict[str, Any]:
    """Return the content of `model.json`. `sha256` is the flatbuffer's; `source` has the file's name and sha256.

    Raises `ModelImportError` for an answer that is not among its question's options.
    """
    chosen = _checked(questions_for(facts), answers)
    if has_classes(facts) and not chosen["cat_classes"] and not chosen["dog_classes"]:
        raise ModelImportError(no_class_chosen(facts))
    reading = reading_of(chosen, facts.outputs)
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
            "fit": chosen["fit"],
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


def no_class_chosen(facts: ModelFacts) -> str:
    """Return the sentence for a model without a chosen class."""
    some = format_list(class_title(facts, number) for number in range(min(facts.outputs, _SOME_CLASSES)))
    if facts.outputs > _SOME_CLASSES:
        some += ", …"
    return _("The model has {count} classes. Say which of them are cats and which are dogs: {classes}").format(
        count=format_number(facts.outputs), classes=some
    )


def reading_of(chosen: ChosenAnswers, outputs: int) -> Answers:
    """Return how the model's `outputs` numbers are read; `chosen` has an answer to every question.

    Raises `ModelImportError` if no class or a class for both animals is chosen.
    """
    kind, _space, logits = chosen["answers"].partition(" ")
    if "cat_classes" not in chosen:
        return Answers(kind, bool(logits), tuple(chosen.get("labels", "cat,dog").split(",")))
    labels = ["neither"] * outputs
    for animal in ("cat", "dog"):
        for number in _numbers(chosen[f"{animal}_classes"]):
            if labels[number] != "neither":
                raise ModelImportError(N_("Class {number} cannot be both cat and dog."), number=number)
            labels[number] = animal
    return Answers(kind, bool(logits), tuple(labels))


def _numbers(values: str) -> list[int]:
    return [int(value) for value in values.split(",") if value]


def _checked(questions: Sequence[Question], answers: ChosenAnswers) -> dict[str, str]:
    by_key = {question.key: question for question in questions}
    for key, value in answers.items():
        if key not in by_key:
            raise ModelImportError(N_("This model leaves no choice about its {key}."), key=key)
        known = [option.value for option in by_key[key].options]
        if by_key[key].many:
            unknown = [one for one in value.split(",") if value and one not in known]
            if unknown:
                raise ModelImportError(N_("The model has no class {number}."), number=unknown[0])
        elif value not in known:
            sentence = N_("The {key} of this model cannot be {value}; it can be {known}.")
            raise ModelImportError(sentence, key=key, value=repr(value), known=format_list(known))
    return proposed_answers(questions) | dict(answers)
