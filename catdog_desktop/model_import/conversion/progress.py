"""How far an import is, for those who wait."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

STEPS: Final = {
    "copying": (0.0, "Reading the file"),
    "inspecting": (0.1, "Looking for anything that could do harm"),
    "starting": (0.2, "Starting TensorFlow"),
    "opening": (0.45, "Opening the model"),
    "converting": (0.6, "Converting it"),
    "comparing": (0.85, "Comparing its answers"),
    "trying": (0.95, "Trying it on a photo of a cat"),
}
"""By the step's name: which part of an import is done when it begins, and what is said. Not every import has all."""

Report = Callable[[str], None]
"""Is told the name of the step that has begun."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: one of `STEPS`, what to say of it, and the part that is done (0..1)."""

    step: str
    words: str
    part: float

    @classmethod
    def at(cls, step: str) -> "Progress":
        """Return the beginning of a step. Raises `KeyError` for what is none."""
        part, words = STEPS[step]
        return cls(step, words, part)
