"""Read a model: a folder with `model.tflite` (a flatbuffer) and `model.json` (its description)."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from catdog_desktop.inference.answers import Answers
from catdog_desktop.inference.input_values import normalization
from catdog_desktop.inference.mapped_file import MappedFile
from catdog_desktop.inference.second_look import SecondLook
from catdog_desktop.messages import N_, MessageError
from catdog_desktop.paths import default_model
from catdog_desktop.verdict import Thresholds

DESCRIPTION: Final = "model.json"
FLATBUFFER: Final = "model.tflite"
"""The two files of a model's folder."""
FORMAT: Final = 1
RESAMPLINGS: Final = ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming")
COLOURS: Final = ("rgb", "bgr", "grey")
SCALINGS: Final = ("in graph", "0..1", "-1..1", "imagenet-caffe", "imagenet-torch")
"""How pixels 0..255 are scaled for the model: not at all, or as Keras's `preprocess_input` does. Beside these, a model
may state a mean and a deviation: see `normalized`."""
DECODINGS: Final = ("quick", "upright", "as stored")
"""quick: upright, decoded no larger than the model needs. upright: the whole photo is decoded and resized in one step.
as stored: the same without EXIF orientation, bit for bit what `keras.utils.load_img` gives."""
FITS: Final = ("squash", "crop")
"""A photo of another shape than the input: squashed, or its middle cut to the shape as `keras.utils.load_img` does with
`keep_aspect_ratio=True`."""
MAX_INPUT_EDGE: Final = 2048
_MOST_LETTERS: Final = 100
MAX_FLATBUFFER_BYTES: Final = 500 * 2**20
FLATBUFFER_IDENTIFIER: Final = b"TFL3"
"""Bytes 4..8 of every TensorFlow Lite flatbuffer (schema.fbs, `file_identifier`)."""


class ModelError(MessageError):
    """A model cannot be used. The text says which, what is wrong and, where it is known, what to do."""

    def __init__(self, problem: str, path: Path | None = None, /, **fields: object) -> None:
        """Without `path`, `problem` is the whole sentence; with it, what follows the path in the sentence."""
        super().__init__(problem, **fields)
        self.path = path
        """The folder or file of the model."""

    @property
    def problem(self) -> str:
        """The text without the path."""
        return super().__str__()

    def __str__(self) -> str:
        return self.problem if self.path is None else f"{self.path} {self.problem}"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A checked description of a model and its flatbuffer."""

    folder: Path
    name: str
    version: str
    title: str
    labels: tuple[str, ...]
    input_width: int
    input_height: int
    resampling: str
    scores_output: str
    maps_output: str | None
    sha256: str
    thresholds: Thresholds
    figures: Mapping[str, Any]
    training: Mapping[str, Any]
    licence: str
    content: bytes | MappedFile = field(repr=False, compare=False)
    """The flatbuffer, or the file that has it; empty if only the description was read. Its hash is `sha256`."""
    colour: str = "rgb"
    """Order of the colours before `scaling`, which reverses them again for caffe."""
    scaling: str = "in graph"
    decoding: str = "quick"
    fit: str = "squash"
    answers: Answers = field(default_factory=Answers)
    second_look: SecondLook | None = None
    """When and where parts of a photo are classified too; None: never."""
    thorough: bool = False
    """Chosen by the user: look closer at every photo without a sure pet. Without `second_look` it changes nothing."""
    replaces: tuple[str, ...] = ()
    """Identities of earlier versions, whose verdicts stand until this one has judged the photos again."""
    features_output: str | None = None
    """Name of the output with a feature vector (see `features`); None if the model has none."""
    source: Mapping[str, Any] = field(default_factory=dict)
    """What the model was imported from (`file`, `kind`, `keras_version` ...); empty for the app's own."""

    @property
    def flatbuffer(self) -> bytes:
        """The bytes of the flatbuffer. Those of the app's own model are read again by each access."""
        return self.content if isinstance(self.content, bytes) else self.content.read()

    @property
    def exclusive(self) -> bool:
        """Whether the two scores sum to 1, so that the model cannot say both or neither."""
        return self.answers.exclusive

    @property
    def channels(self) -> int:
        """Channels of the input: 1 for grey, else 3."""
        return 1 if self.colour == "grey" else 3

    @property
    def identity(self) -> str:
        """The key under which results are stored: the flatbuffer's sha256 with how photos and output are read.

        The same flatbuffer gives other scores with another description.
        """
        reading = (self.input_size, self.resampling, self.colour, self.scaling, self.decoding, self.scores_output)
        default = (self.input_size, "bilinear", "rgb", "in graph", "quick", "scores")
        if reading == default and self.answers == Answers() and self.fit == "squash" and self.second_look is None:
            return self.sha256
        parts: tuple[Any, ...] = (self.sha256, reading, self.answers)
        if self.fit != "squash":
            parts += (self.fit,)
        if self.second_look is not None:
            parts += (self.second_look, self.thorough)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    @property
    def earlier_identities(self) -> tuple[str, ...]:
        """Identities whose verdicts stand until this model has judged the photos again, the latest first.

        These are the versions that it replaces, and itself in the other mode (thorough or not).
        """
        other_mode = replace(self, thorough=not self.thorough).identity
        return (*([other_mode] if other_mode != self.identity else []), *self.replaces)

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height of the model's input in pixels."""
        return self.input_width, self.input_height


def load_model_file(folder: Path) -> ModelFile:
    """Read and check the model in `folder`.

    Raises `ModelError` if a file is missing, the description is invalid, or the flatbuffer is not the one that the
    description belongs to (sha256). The flatbuffer is not parsed here: `runtime` compares its shapes with the
    description.
    """
    described = check_description(folder)
    content = _read_flatbuffer(folder / FLATBUFFER, is_shipped=folder == default_model())
    model = replace(described, content=content)
    digest = hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else content.sha256
    if digest != model.sha256:
        raise ModelError(
            N_(
                "is damaged or is not the file that model.json describes (sha256 {digest}…, expected {sha}…). "
                "Install the model again."
            ),
            folder / FLATBUFFER,
            digest=digest[:12],
            sha=model.sha256[:12],
        )
    return model


def check_description(folder: Path) -> ModelFile:
    """Read and check only the description of the model in `folder`: its `flatbuffer` is empty, and may be missing.

    Raises `ModelError` if the description is missing or invalid.
    """
    return parse_description(_read_description(folder / DESCRIPTION), folder)


def parse_description(description: object, folder: Path) -> ModelFile:
    """Check the content of a `model.json` that belongs in `folder`; nothing is read, and `flatbuffer` is empty.

    Raises `ModelError` if it is not as it should be.
    """
    path = folder / DESCRIPTION
    if not isinstance(description, dict):
        raise ModelError(N_("is not a model description."), path)
    if description.get("format") != FORMAT:
        found = description.get("format")
        raise ModelError(
            N_("has format {found}; this version of the app reads format {format}."),
            path,
            found=repr(found),
            format=FORMAT,
        )
    try:
        return _from_description(folder, description)
    except KeyError as error:
        raise ModelError(N_("has no {args}."), path, args=repr(error.args[0])) from error
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ModelError(N_("is not a valid model description: {error}."), path, error=error) from error


def _read_description(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(N_("There is no model in {parent}: model.json is missing."), parent=path.parent) from error
    except OSError as error:
        raise ModelError(N_("cannot be read ({reason})."), path, reason=error.strerror) from error
    except (ValueError, RecursionError) as error:
        raise ModelError(N_("is not valid JSON ({error})."), path, error=error) from error


def _read_flatbuffer(path: Path, *, is_shipped: bool) -> bytes | MappedFile:
    try:
        if path.stat().st_size > MAX_FLATBUFFER_BYTES:
            raise ModelError(N_("is larger than {megabytes} MB."), path, megabytes=MAX_FLATBUFFER_BYTES // 2**20)
        # Models of the user may be on a drive that goes away, or be overwritten: they are copied into memory.
        content = MappedFile(path) if is_shipped and MappedFile.is_supported() else path.read_bytes()
        head = content[:8] if isinstance(content, bytes) else content.read(8)
    except FileNotFoundError as error:
        raise ModelError(N_("There is no model in {parent}: model.tflite is missing."), parent=path.parent) from error
    except OSError as error:
        raise ModelError(N_("cannot be read ({reason})."), path, reason=error.strerror) from error
    if head[4:8] != FLATBUFFER_IDENTIFIER:
        raise ModelError(N_("is not a TensorFlow Lite model."), path)
    return content


def _from_description(folder: Path, description: Mapping[str, Any]) -> ModelFile:
    photo, outputs = description["input"], description["outputs"]
    width, height = _input_size(photo)
    decoding = photo.get("decoding", "quick")
    for key, value, known in (
        ("colour", photo["colour"], COLOURS),
        ("fit", photo["fit"], FITS),
        ("resampling", photo["resampling"], RESAMPLINGS),
        ("decoding", decoding, DECODINGS),
    ):
        if value not in known:
            raise ValueError(f"input {key} {value!r} is unknown (known: {', '.join(known)})")
    _check_scaling(str(photo["scaling"]), photo["colour"])
    if photo["fit"] == "crop" and decoding == "quick":
        raise ValueError("cropped photos need the decoding 'upright' or 'as stored'")
    answers = _answers(description)
    maps, features = outputs.get("maps"), outputs.get("features")
    if maps is not None and sorted(answers.labels) != ["cat", "dog"]:
        raise ValueError("heat maps need the labels 'cat' and 'dog'")
    return ModelFile(
        folder=folder,
        name=_short(description["name"]),
        version=_short(description["version"]),
        title=_short(description.get("title") or description["name"]),
        labels=answers.labels,
        input_width=width,
        input_height=height,
        resampling=photo["resampling"],
        scores_output=str(outputs["scores"]),
        maps_output=None if maps is None else str(maps),
        sha256=str(description["sha256"]).lower(),
        thresholds=_thresholds(description["thresholds"], exclusive=answers.exclusive),
        figures=dict(description.get("figures", {})),
        training=dict(description.get("training", {})),
        licence=str(description["licence"]),
        content=b"",
        colour=photo["colour"],
        scaling=photo["scaling"],
        decoding=decoding,
        fit=photo["fit"],
        answers=answers,
        features_output=None if features is None else str(features),
        second_look=_second_look(description, decoding=decoding),
        replaces=tuple(str(identity) for identity in description.get("replaces", ())),
        source=dict(description.get("source", {})),
    )


def _check_scaling(scaling: str, colour: str) -> None:
    """Raise `ValueError` unless photos of this colour can be scaled so."""
    stated = normalization(scaling)
    if stated is None and scaling not in SCALINGS:
        raise ValueError(f"input scaling {scaling!r} is unknown (known: {', '.join(SCALINGS)})")
    if colour == "grey" and (scaling.startswith("imagenet") or (stated is not None and len(stated[0]) > 1)):
        raise ValueError(f"grey photos cannot be scaled as {scaling}, which has three colours")


def _short(words: Any) -> str:
    """Return text for display: one line, no longer than a title. The description may come from anybody."""
    return "".join(letter if letter.isprintable() else " " for letter in str(words))[:_MOST_LETTERS]


def _input_size(photo: Mapping[str, Any]) -> tuple[int, int]:
    width, height = int(photo["width"]), int(photo["height"])
    if not (0 < width <= MAX_INPUT_EDGE and 0 < height <= MAX_INPUT_EDGE):
        raise ValueError(f"an input of {width} x {height} pixels is not possible")
    return width, height


def _answers(description: Mapping[str, Any]) -> Answers:
    labels = tuple(str(label) for label in description["labels"])
    given = description.get("answers", {})
    logits = given.get("logits", False)
    if type(logits) is not bool:
        raise ValueError(f"answers logits is {logits!r}, not true or false")
    return Answers(str(given.get("kind", "independent")), logits, labels)


def _second_look(description: Mapping[str, Any], *, decoding: str) -> SecondLook | None:
    rule = description.get("second_look")
    if rule is None:
        return None
    if decoding != "quick" or description["input"]["colour"] == "grey":
        raise ValueError("a second look needs colours and the decoding 'quick'")
    return SecondLook.from_description(rule)


def _thresholds(limits: Mapping[str, Any], *, exclusive: bool) -> Thresholds:
    thresholds = Thresholds(float(limits["cat"]), float(limits["dog"]), float(limits["unsure"]), exclusive=exclusive)
    if any(math.isnan(value) for value in (thresholds.cat, thresholds.dog, thresholds.unsure)):
        raise ValueError("a threshold is not a number")
    return thresholds
