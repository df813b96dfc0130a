"""ImageNet's opinion on a photo: its own classifier of 1,000 classes, in groups.

The backbone knows kinds that our photos lack: ox, water buffalo, stove, shower curtain. Its classifier stays in the
head, untrained. Whether it takes what was found for a pet or for anything else is evidence that does not depend on our
photos.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# ImageNet's classes, in its usual order.
CATS: Final = tuple(range(281, 286))
BIG_CATS: Final = tuple(range(286, 294))
"""Cougar, lynx, leopard, snow leopard, jaguar, lion, tiger, cheetah."""
DINGO: Final = 273
WILD_DOGS: Final = tuple(number for number in range(269, 281) if number != DINGO)
"""Wolves, coyote, dhole, African hunting dog, hyena, foxes."""
DOGS: Final = (*range(151, 269), DINGO)
"""Dingos are descended from dogs, and the yellow dogs of streets and villages look like them: of ten pets of unknown
sources that were missed four were such dogs, which ImageNet takes for dingos."""
OTHERS: Final = tuple(sorted(set(range(1000)) - {*CATS, *DOGS, *BIG_CATS, *WILD_DOGS}))
"""All other animals, things, food, plants and places."""
GROUPS: Final = (CATS, DOGS, BIG_CATS, WILD_DOGS, OTHERS)
"""The order in which the head reads them."""


@dataclass(frozen=True)
class Opinion:
    """ImageNet's classifier on the pooled last map."""

    kernel: NDArray[np.float32]
    """[1280, 1000]."""
    bias: NDArray[np.float32]
    """[1000]."""

    @property
    def membership(self) -> NDArray[np.float32]:
        """1 where a class is in a group, else 0: [1000, 5]."""
        table = np.zeros((len(self.bias), len(GROUPS)), np.float32)
        for group, classes in enumerate(GROUPS):
            table[list(classes), group] = 1.0
        return table
