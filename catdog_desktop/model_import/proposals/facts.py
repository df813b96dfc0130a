"""Facts about a converted model. They come from a child process, so every value is checked."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from catdog_desktop.inference.answers import MOST_CLASSES
from catdog_desktop.inference.input_values import normalization
from catdog_desktop.inference.model_file import SCALINGS

ACTIVATIONS: Final = ("sigmoid", "softmax", "linear", "unknown")
SCALED: Final = ("yes", "no", "unknown")
LOBE: Final = "lobe"
TEACHABLE_MACHINE: Final = "teachable machine"
MAKERS: Final = ("", LOBE, TEACHABLE_MACHINE)
"""Both train on the middle of photos, cut to the model's shape."""
KINDS: Final = ("legacy_h5", "keras3", "saved_model", "tflite")
MAX_EDGE: Final = 2048
LONGEST_TEXT: Final = 300


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model whose flatbuffer takes float32 of (1, height, width, channels)."""

    kind: str
    """One of `KINDS`."""
    width: int
    height: int
    channels: int
    """1 (grey) or 3."""
    outputs: int
    """Numbers that the model answers with, 1 to `MOST_CLASSES`."""
    activation: str
    """Of the last layer, one of `ACTIVATIONS`; linear: none, so the numbers are most likely logits."""
    scaled: str
    """Whether the graph itself scales the photo, one of `SCALED`."""
    scores_output: str
    """Name of the output in the flatbuffer."""
    free_size: bool = False
    """The model takes photos of any size: width and height were chosen."""
    scaling_words: str = ""
    """How the graph scales, in words: "to 0..1"."""
    keras_version: str = ""
    """Version of the Keras that wrote the file, where the file says so."""
    loaded_by: str = ""
    """What opened it: "Keras 3.15.1", "tf_keras 2.21.0" ..."""
    difference: float | None = None
    """Largest difference between Keras's answers and the flatbuffer's on a few arrays."""
    misfits: Mapping[str, float] = field(default_factory=dict)
    """By scaling: how far the values inside the model are from those of its training (0: as in training)."""
    stated_scaling: str = ""
    """The scaling that the model itself demands: one of the app's, or a `normalized` one; "": it says nothing."""
    notes: tuple[str, ...] = ()
    """What is unusual, in sentences."""
    maker: str = ""
    """The program that most likely made it, one of `MAKERS`; "" for any other."""
    class_names: tuple[str, ...] = ()
    """Names of the classes by number, from a list that came with the model: of its outputs, or of 0 and 1."""

    def as_json(self) -> dict[str, Any]:
        """Return the facts as `facts_from_json` reads them."""
        return asdict(self) | {
            "misfits": dict(self.misfits),
            "notes": list(self.notes),
            "class_names": list(self.class_names),
        }


def facts_from_json(content: object) -> ModelFacts:
    """Check what another process has sent. Raises `ValueError` or `TypeError` if it cannot be facts."""
    if not isinstance(content, dict) or set(content) != {item.name for item in fields(ModelFacts)}:
        raise ValueError("these are not facts about a model")
    lists = {name: tuple(content[name]) for name in ("notes", "class_names")}
    facts = ModelFacts(**{**content, **lists, "misfits": dict(content["misfits"])})
    for name, known in (("kind", KINDS), ("activation", ACTIVATIONS), ("scaled", SCALED), ("maker", MAKERS)):
        if getattr(facts, name) not in known:
            raise ValueError(f"{name} is {getattr(facts, name)!r}"[:LONGEST_TEXT])
    for name in ("width", "height", "channels", "outputs"):
        if type(getattr(facts, name)) is not int:
            raise ValueError(f"{name} is not an integer")
    if not (0 < facts.width <= MAX_EDGE and 0 < facts.height <= MAX_EDGE and facts.channels in (1, 3)):
        raise ValueError(f"an input of {facts.width} x {facts.height} x {facts.channels} is not possible")
    texts = (
        facts.scores_output,
        facts.scaling_words,
        facts.keras_version,
        facts.loaded_by,
        facts.stated_scaling,
        *facts.notes,
    )
    if len(texts) > 100 or not all(isinstance(text, str) and len(text) <= LONGEST_TEXT for text in texts):
        raise ValueError("a text is of another type, or too long")
    numbers = (*facts.misfits.values(), *(() if facts.difference is None else (facts.difference,)))
    if len(numbers) > 20 or not all(isinstance(number, float) and math.isfinite(number) for number in numbers):
        raise ValueError("a number is of another type, or not finite")
    if type(facts.free_size) is not bool:
        raise ValueError("free_size is neither true nor false")
    if facts.stated_scaling and facts.stated_scaling not in SCALINGS and normalization(facts.stated_scaling) is None:
        raise ValueError(f"scaling is {facts.stated_scaling!r}"[:LONGEST_TEXT])
    _check_classes(facts)
    return facts


def _check_classes(facts: ModelFacts) -> None:
    if not 0 < facts.outputs <= MOST_CLASSES:
        raise ValueError(f"{facts.outputs} outputs are not possible")
    if not all(isinstance(name, str) and len(name) <= LONGEST_TEXT for name in facts.class_names):
        raise ValueError("the name of a class is of another type, or too long")
    if facts.class_names and len(facts.class_names) != max(2, facts.outputs):
        raise ValueError("there are not as many names as classes")
