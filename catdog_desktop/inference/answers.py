"""What a model's answer means: one sigmoid, a softmax of two, a thousand kinds of things, or two probabilities."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.verdict import Scores

KINDS: Final = ("independent", "sigmoid", "softmax", "imagenet")
IMAGENET_KINDS: Final = 1000
_IMAGENET_CATS: Final = slice(281, 286)
"""tabby, tiger cat, Persian, Siamese, Egyptian cat. Lynx and cougar come after them and are none of ours."""
_IMAGENET_DOGS: Final = slice(151, 269)
"""Chihuahua to Mexican hairless; wolves and foxes come after them."""
_SLACK: Final = 0.02
"""Probabilities in integers do not sum to one exactly."""
_LEAST_SUM: Final = {"softmax": 0.98, "imagenet": 0.2}
"""Of a thousand probabilities in bytes, most are rounded to nothing."""


class AnswerError(Exception):
    """A model answers with something else than probabilities; the message says what, to be read after its name."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How to read the numbers that a model answers with."""

    kind: str = "independent"
    logits: bool = False
    """The numbers come before the activation: it is applied here."""
    labels: tuple[str, ...] = ("cat", "dog")
    """independent and softmax: what each number stands for. sigmoid: what 0 and what 1 stands for."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense, with a `ValueError` that says what."""
        if self.kind not in KINDS:
            raise ValueError(f"answers of kind {self.kind!r} are unknown (known: {', '.join(KINDS)})")
        if sorted(self.labels) != ["cat", "dog"]:
            raise ValueError(f"labels are {self.labels}, expected 'cat' and 'dog'")

    @property
    def exclusive(self) -> bool:
        """Whether what is given to the cat is taken from the dog."""
        return self.kind in ("sigmoid", "softmax")

    @property
    def limits(self) -> str:
        """What such a model cannot say, in plain words; empty if it can say everything."""
        if self.exclusive:
            return (
                "This model divides 100 % between cat and dog. It can say unsure, but never neither or both: "
                "a photo of a tree is a cat or a dog for it, too."
            )
        if self.kind == "imagenet":
            return (
                "This model divides 100 % among 1,000 kinds of things. It can say neither, but where a cat and a dog "
                "share a photo they share the 100 % too, so it hardly ever says both."
            )
        return ""

    def fits(self, count: int) -> bool:
        """Whether a model that answers `count` numbers can be read so."""
        if self.kind == "imagenet":
            return count in (IMAGENET_KINDS, IMAGENET_KINDS + 1)
        return count == (1 if self.kind == "sigmoid" else 2)

    def read(self, answer: NDArray[Any]) -> Scores:
        """Return the scores in `answer`, all the numbers for one photo. Raises `AnswerError`."""
        values = np.asarray(answer, dtype=np.float64).ravel()
        if not self.fits(values.size):
            raise AnswerError(f"answers {values.size} numbers, which cannot be read as {self.kind}")
        if self.logits:
            values = _softmax(values) if self.kind in ("softmax", "imagenet") else _sigmoid(values)
        self._check(values)
        if self.kind == "imagenet":
            things = values[-IMAGENET_KINDS:]  # some have one more in front, for the background
            return Scores(_whole(things[_IMAGENET_CATS].sum()), _whole(things[_IMAGENET_DOGS].sum()))
        if self.kind == "sigmoid":
            values = np.array([1.0 - values[0], values[0]])
        named = dict(zip(self.labels, values, strict=True))
        return Scores(_whole(named["cat"]), _whole(named["dog"]))

    def _check(self, values: NDArray[np.float64]) -> None:
        # Two that share one hundred per cent may miss it by rounding; those that stand alone may not.
        slack = _SLACK if self.kind in ("softmax", "imagenet") else 0.0
        are_probabilities = bool(((values >= -slack) & (values <= 1 + slack)).all())
        if slack:
            are_probabilities = are_probabilities and _LEAST_SUM[self.kind] <= values.sum() <= 1 + 5 * slack
        if not are_probabilities:
            some = " and ".join(f"{value:g}" for value in values[:2]) + (" and so on" if values.size > 2 else "")
            raise AnswerError(f"answers {some}, which are no probabilities")


def _whole(score: float) -> float:
    return float(min(1.0, max(0.0, score)))


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(values, -700, 700)))
    return result


def _softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(values - values.max())
    result: NDArray[np.float64] = powers / powers.sum()
    return result
