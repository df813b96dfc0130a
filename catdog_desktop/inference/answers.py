"""How to read a model's scores: one sigmoid, probabilities of cat, dog and other classes, or ImageNet's 1,000."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import N_, MessageError, _
from catdog_desktop.verdict import Scores

KINDS: Final = ("independent", "sigmoid", "softmax", "imagenet")
LABELS: Final = ("cat", "dog", "neither")
MOST_CLASSES: Final = 30_000
"""ImageNet-21k has 21,843."""
IMAGENET_KINDS: Final = 1000
_IMAGENET_CATS: Final = slice(281, 286)
"""Tabby, tiger cat, Persian, Siamese, Egyptian cat. The wild cats that follow (cougar, lynx) do not count."""
_IMAGENET_DOGS: Final = slice(151, 269)
"""Chihuahua to Mexican hairless. Wolves and foxes follow."""
_SLACK: Final = 0.02
"""Quantised probabilities do not sum to exactly 1."""
_LEAST_SUM: Final = {"softmax": 0.98, "imagenet": 0.2}
"""Least sum of all probabilities. Of 1,000 in one byte each, most are rounded to 0."""
_FEW_CLASSES: Final = 10


class AnswerError(MessageError):
    """A model's output is not made of probabilities. The text follows the model's name."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How to read the numbers of a model's scores output."""

    kind: str = "independent"
    logits: bool = False
    """The numbers are logits: the activation is applied here."""
    labels: tuple[str, ...] = ("cat", "dog")
    """independent and softmax: the meaning of each number: cat, dog or neither, each as often as need be. sigmoid: the
    meaning of 0 and of 1."""

    def __post_init__(self) -> None:
        """Reject invalid values with a `ValueError`."""
        if self.kind not in KINDS:
            raise ValueError(f"answers of kind {self.kind!r} are unknown (known: {', '.join(KINDS)})")
        if self.kind in ("independent", "softmax"):
            if not 2 <= len(self.labels) <= MOST_CLASSES or not set(self.labels) <= set(LABELS):
                raise ValueError(f"labels are {self.labels[:5]}, expected 'cat', 'dog' and 'neither'")
            if set(self.labels) == {"neither"} or (len(self.labels) == 2 and self.labels[0] == self.labels[1]):
                raise ValueError(f"labels are {self.labels[:5]}, which do not tell cats from dogs")
        elif sorted(self.labels) != ["cat", "dog"]:
            raise ValueError(f"labels are {self.labels[:5]}, expected 'cat' and 'dog'")

    @property
    def exclusive(self) -> bool:
        """Whether the two scores sum to 1, so that the model cannot say both or neither."""
        return self.kind == "sigmoid" or (self.kind == "softmax" and set(self.labels) == {"cat", "dog"})

    @property
    def limits(self) -> str:
        """A sentence for the user: which verdicts such a model cannot give. Empty if it can give all."""
        if self.exclusive:
            return _(
                "This model divides 100% between cat and dog. It can say unsure, but never neither or both: "
                "it calls a photo of a tree a cat or a dog."
            )
        if self.kind == "softmax":
            return _(
                "This model divides 100% among {count} classes. It can say neither. Where a cat and a dog share a "
                "photo they also share the 100%, so it hardly ever says both."
            ).format(count=format_number(len(self.labels)))
        if self.kind == "imagenet":
            return _(
                "This model divides 100% among 1,000 kinds of things. It can say neither. Where a cat and a dog share "
                "a photo they also share the 100%, so it hardly ever says both."
            )
        return ""

    def fits(self, count: int) -> bool:
        """Whether an output of `count` numbers can be read this way."""
        if self.kind == "imagenet":
            return count in (IMAGENET_KINDS, IMAGENET_KINDS + 1)
        return count == (1 if self.kind == "sigmoid" else len(self.labels))

    def read(self, answer: NDArray[Any]) -> Scores:
        """Return the scores in `answer`, the whole output for one photo. Raises `AnswerError`."""
        values = np.asarray(answer, dtype=np.float64).ravel()
        if not self.fits(values.size):
            raise AnswerError(
                N_("answers {size} numbers, which cannot be read as {kind}"), size=values.size, kind=self.kind
            )
        if self.logits:
            values = _softmax(values) if self.kind in ("softmax", "imagenet") else _sigmoid(values)
        self._check(values)
        if self.kind == "imagenet":
            things = values[-IMAGENET_KINDS:]  # some models have one more class in front, for the background
            return Scores(_whole(things[_IMAGENET_CATS].sum()), _whole(things[_IMAGENET_DOGS].sum()))
        if self.kind == "sigmoid":
            values = np.array([1.0 - values[0], values[0]])
        return Scores(self._score("cat", values), self._score("dog", values))

    def _score(self, label: str, values: NDArray[np.float64]) -> float:
        """Return the score of all classes with this label: the sum of a division of 100%, else the largest."""
        own = values[[index for index, other in enumerate(self.labels) if other == label]]
        if own.size == 0:
            return 0.0
        return _whole(float(own.max() if self.kind == "independent" else own.sum()))

    def _check(self, values: NDArray[np.float64]) -> None:
        # Probabilities that sum to 1 may miss it by rounding. Independent ones must lie in 0..1.
        slack = _SLACK if self.kind in ("softmax", "imagenet") else 0.0
        are_probabilities = bool(((values >= -slack) & (values <= 1 + slack)).all())
        if slack:
            least = _LEAST_SUM["imagenet" if values.size > _FEW_CLASSES else self.kind]
            are_probabilities = are_probabilities and least <= values.sum() <= 1 + 5 * slack
        if not are_probabilities:
            some = " and ".join(f"{value:g}" for value in values[:2]) + (" and so on" if values.size > 2 else "")
            raise AnswerError(N_("answers {some}, which are no probabilities"), some=some)


def _whole(score: float) -> float:
    return float(min(1.0, max(0.0, score)))


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(values, -700, 700)))
    return result


def _softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(values - values.max())
    result: NDArray[np.float64] = powers / powers.sum()
    return result
