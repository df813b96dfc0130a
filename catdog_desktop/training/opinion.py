"""ImageNet's opinion on a photo, in groups of classes: cats, dogs, big cats, cattle, birds, kinds of things.

The backbone knows 1,000 classes, among them kinds that our photos lack (ox, water buffalo, stove, shower curtain). Its
classifier stays in the head, untrained, as rows that are merged where classes are alike. The head gets the
log-probability of each group as evidence for or against a pet.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

# ImageNet's classes, in its usual order.
CATS: Final = tuple(range(281, 286))
BIG_CATS: Final = tuple(range(286, 294))
"""Cougar, lynx, leopard, snow leopard, jaguar, lion, tiger, cheetah."""
WILD_DOGS: Final = tuple(range(269, 281))
"""Wolves, coyote, dingo, dhole, African hunting dog, hyena, foxes."""
DOGS: Final = tuple(range(151, 269))

ANIMALS: Final[dict[str, tuple[int, ...]]] = {
    "cats": CATS,
    "dogs": DOGS,
    "big cats": BIG_CATS,
    "wild dogs": WILD_DOGS,
    "fish": (*range(7), *range(389, 398)),
    "birds": (*range(7, 25), *range(80, 101), *range(127, 147)),
    "amphibians": tuple(range(25, 33)),
    "turtles": tuple(range(33, 38)),
    "lizards": tuple(range(38, 52)),
    "snakes": tuple(range(52, 69)),
    "arachnids": tuple(range(69, 80)),
    "marsupials": tuple(range(102, 107)),
    "invertebrates": (*range(107, 127), *range(327, 330)),
    "sea mammals": tuple(range(147, 151)),
    "bears": tuple(range(294, 298)),
    "mongooses": (298, 299),
    "insects": tuple(range(300, 327)),
    "rabbits": (330, 331, 332),
    "rodents": tuple(range(333, 339)),
    "horses": (339, 340),
    "pigs and hippopotamus": tuple(range(341, 345)),
    "cattle": (345, 346, 347),
    "sheep and goats": (348, 349, 350),
    "antelopes": (351, 352, 353),
    "camels": (354, 355),
    "weasels": tuple(range(356, 363)),
    "armadillo and sloth": (363, 364),
    "apes and monkeys": tuple(range(365, 385)),
    "elephants": (101, 385, 386),
    "pandas": (387, 388),
}
THINGS: Final = tuple(range(398, 1000))
"""Things, food, plants and landscapes: grouped by the likeness of their rows."""
_THING_GROUPS: Final = 26


@dataclass(frozen=True)
class Opinion:
    """ImageNet's classifier with its classes in groups."""

    kernel: NDArray[np.float32]
    """[1280, 1000]."""
    bias: NDArray[np.float32]
    """[1000]."""
    groups: dict[str, tuple[int, ...]]
    """Classes of each group; every class is in one."""

    @property
    def membership(self) -> NDArray[np.float32]:
        """1 where a class is in a group: [1000, G]."""
        table = np.zeros((len(self.bias), len(self.groups)), np.float32)
        for group, classes in enumerate(self.groups.values()):
            table[list(classes), group] = 1.0
        return table


def group_classes(kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> Opinion:
    """Group the classes of ImageNet's classifier, kernel [1280, 1000] and bias [1000]."""
    return Opinion(kernel, bias, ANIMALS | _group_things(kernel))


def _group_things(kernel: NDArray[np.float32]) -> dict[str, tuple[int, ...]]:
    labels = _clusters(kernel[:, THINGS], _THING_GROUPS)
    return {f"things {number}": tuple(np.array(THINGS)[labels == number].tolist()) for number in range(_THING_GROUPS)}


def _clusters(kernel: NDArray[np.float32], number: int) -> NDArray[np.int32]:
    """Group columns [1280, K] by direction; every group has members."""
    directions = (kernel / np.maximum(np.linalg.norm(kernel, axis=0), 1e-6)).T
    fit = KMeans(number, n_init=3, random_state=0).fit(directions.astype(np.float64))
    return np.asarray(fit.labels_, np.int32)
