"""The photos to learn from: folders, or tars of folders, with `cat/`, `dog/`, `neither/` and perhaps `both/`.

The folder is the label.
"""

import hashlib
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catdog_desktop.training.sources import Origin, origin_of, squashed_twin

LABELS: Final = {"cat": (1.0, 0.0), "dog": (0.0, 1.0), "neither": (0.0, 0.0), "both": (1.0, 1.0)}
"""Labels by folder name: has a cat, has a dog."""
SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})

PARTS: Final = ("train", "set apart", "held out")
"""For training, for calibration and for figures."""


class PhotoFolderError(Exception):
    """The folder holds no photos, or too few, or a photo in it cannot be read."""


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo and its label."""

    path: Path
    label: str

    @property
    def name(self) -> str:
        """The file's name, which gives its source and decides its part."""
        return self.path.name

    @property
    def origin(self) -> Origin:
        """Source and kind, read from the name."""
        return origin_of(self.name)

    @property
    def target(self) -> tuple[float, float]:
        """Has a cat, has a dog: 0 or 1 each."""
        return LABELS[self.label]

    @property
    def part(self) -> str:
        """`held out` (a tenth, for figures), `set apart` (a tenth, for calibration) or `train`.

        By a hash of the name, so a photo keeps its part whatever else is added to the folder. An original has the part
        of its squashed copy.
        """
        name = squashed_twin(self.name) or self.name
        digit = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % 10
        return {0: "held out", 1: "set apart"}.get(digit, "train")


@contextmanager
def open_photos(*sources: Path) -> Iterator[list[Photo]]:
    """Yield the photos of folders and tars together, without those whose labels are known to be wrong.

    Tars are unpacked to a temporary folder that is removed afterwards. Of a photo that is there as an original and
    squashed, only the original is given. Raises :class:`PhotoFolderError`.
    """
    with TemporaryDirectory(prefix="catdog-photos-") as unpacked:
        folders = []
        for number, source in enumerate(sources):
            if source.is_dir():
                folders.append(source)
                continue
            if not source.is_file() or not tarfile.is_tarfile(source):
                raise PhotoFolderError(f"{source} is neither a folder nor a tar of one")
            folder = Path(unpacked) / str(number)
            with tarfile.open(source) as archive:
                # Set as an attribute: the parameter is missing in Python 3.11.2, which Debian 12 ships.
                archive.extraction_filter = getattr(tarfile, "data_filter", None)
                archive.extractall(folder)  # noqa: S202  The filter above rejects hostile members.
            folders.append(folder)
        yield read_folders(folders)


def read_folder(folder: Path, faults: Iterable[str] | None = None) -> list[Photo]:
    """List the photos below `folder/LABEL/` in a stable order, `faults` (file names) left out."""
    return read_folders([folder], faults)


def read_folders(folders: Sequence[Path], faults: Iterable[str] | None = None) -> list[Photo]:
    """List the photos below `LABEL/` of all folders in a stable order, without `faults` and squashed copies."""
    left_out = set(label_faults() if faults is None else faults)
    photos = [
        Photo(path, label)
        for folder in folders
        for label in LABELS
        for path in sorted((folder / label).rglob("*"))
        if path.suffix.lower() in SUFFIXES and path.name not in left_out
    ]
    if not {"cat", "dog", "neither"} <= {photo.label for photo in photos}:
        names = ", ".join(map(str, folders))
        raise PhotoFolderError(f"{names} needs photos in each of cat/, dog/ and neither/")
    twins = {squashed_twin(photo.name) for photo in photos}
    return [photo for photo in photos if photo.name not in twins]


def check_parts(photos: Iterable[Photo], parts: Iterable[str] = PARTS) -> None:
    """Raise :class:`PhotoFolderError` unless each of `parts` has a cat, a dog and neither.

    Called first: the parts are needed only after hours of training.
    """
    there = {(photo.part, photo.label) for photo in photos}
    for part in parts:
        for label in ("cat", "dog", "neither"):
            if (part, label) not in there:
                raise PhotoFolderError(
                    f"too few photos: their names decide their part, and none in {label}/ is for the part "
                    f"{part!r}; put 50 or more into each of cat/, dog/ and neither/"
                )


def label_faults() -> dict[str, str]:
    """Read the photos of the shared data whose labels are wrong: file name and reason."""
    lines = files("catdog_desktop.training").joinpath("label_faults.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.partition(" ") for line in lines if line and not line.startswith("#"))
    return {name: reason for name, _, reason in rows}


def load_rgb(path: Path) -> Image.Image:
    """Decode a photo to RGB. The training photos are small and upright; the app's own limits are not needed here.

    Raises :class:`PhotoFolderError`, which names the file.
    """
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PhotoFolderError(f"{path} cannot be read as a photo ({error}); remove it and start again") from error


def fit_input(image: Image.Image, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Squash a photo to the input's width and height, with the same Pillow call as the app: uint8 [H, W, 3]."""
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR), dtype=np.uint8)


def targets_of(photos: Iterable[Photo]) -> NDArray[np.float32]:
    """Stack the labels: [N, 2], has a cat and has a dog."""
    return np.array([photo.target for photo in photos], dtype=np.float32).reshape(-1, 2)


def count_labels(photos: Iterable[Photo]) -> dict[str, int]:
    """Count the photos of each label, for the model's description."""
    return dict(Counter(photo.label for photo in photos))
