"""Where a training photo comes from and what it shows, read from its file name.

A model is judged by source: a random tenth of a source's own photos flatters, because photos of one source share
cameras, sizes and places. Names of the shared data begin with the source: `hlb-rabbit-1a2b3c4d.jpg`,
`c101-emu-image_0001.jpg`, `inet-n01443537_goldfish.jpg`, `original-cat.301.jpg`. Kaggle's `cat.12.jpg` has none; its
ids up to 300 are original files, the others were squashed to 200 x 200 pixels.
"""

import re
from dataclasses import dataclass
from typing import Final

KAGGLE: Final = "kaggle"
"""Kaggle "Dogs vs. Cats", squashed to 200 x 200 pixels."""
ORIGINAL: Final = "original"
"""Kaggle "Dogs vs. Cats", the original files."""
CALTECH: Final = "c101"
IMAGENET: Final = "inet"
FIRST_SET: Final = frozenset({KAGGLE, ORIGINAL, CALTECH, IMAGENET})
"""The sources that every fold of the by-source evaluation trains on."""
OTHER: Final = "other"
"""The source of a photo whose name gives none."""

_LAST_ORIGINAL: Final = 300
_KAGGLE_NAME: Final = re.compile(r"(original-)?(cat|dog)\.(\d+)\.\w+")
_SOURCE_NAME: Final = re.compile(r"([a-z0-9]+)-(.+?)(?:-image_\d+|-[0-9a-f]{6,})?\.\w+")
_IMAGENET_NAME: Final = re.compile(r"inet-n\d+_(.+)\.\w+")

SPECIES: Final = {
    "black_bear": "bear",
    "grizzly_bear": "bear",
    "American_black_bear": "bear",
    "sloth_bear": "bear",
    "sorrel": "horse",
    "tusker": "elephant",
    "African_elephant": "elephant",
    "hare": "rabbit",
    "giant_panda": "panda",
    "bighorn": "sheep",
    "llama": "llama_alpaca",
    "patas": "monkey",
    "macaque": "monkey",
    "colobus": "monkey",
    "marmoset": "monkey",
    "spider_monkey": "monkey",
    "squirrel_monkey": "monkey",
    "orangutan": "monkey",
    "chimpanzee": "monkey",
    "siamang": "monkey",
    "Madagascar_cat": "monkey",
    "ant": "insect",
    "bee": "insect",
    "monarch": "butterfly",
    "admiral": "butterfly",
    "loggerhead": "turtle",
    "mud_turtle": "turtle",
    "box_turtle": "turtle",
    "goldfish": "fish",
    "coho": "fish",
    "gar": "fish",
}
"""Kinds that show the same animal under another name, for folds that leave a species out."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The source of a photo and the kind of thing that it shows."""

    source: str
    kind: str

    @property
    def species(self) -> str:
        """The kind without regard to how the source names it: `bear` for a grizzly."""
        return SPECIES.get(self.kind, self.kind)


def origin_of(name: str) -> Origin:
    """Read source and kind from a file name; an unknown form gives the source `other` and an empty kind."""
    if match := _KAGGLE_NAME.fullmatch(name):
        prefix, animal, number = match.groups()
        return Origin(ORIGINAL if prefix or int(number) <= _LAST_ORIGINAL else KAGGLE, animal)
    if match := _IMAGENET_NAME.fullmatch(name):
        return Origin(IMAGENET, match[1])
    if match := _SOURCE_NAME.fullmatch(name):
        return Origin(match[1], match[2])
    return Origin(OTHER, "")


def squashed_twin(name: str) -> str | None:
    """Return the name of the squashed copy of an original (`cat.301.jpg` for `original-cat.301.jpg`), or None."""
    match = _KAGGLE_NAME.fullmatch(name)
    return name.removeprefix("original-") if match and match[1] else None
