"""Held-out photos of cats and dogs, dropped on the window, get the right verdicts."""

import os
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest
from driving import WAIT_MS, App, files

from catdog_desktop.training.photo_folder import Photo, label_faults, read_folder

ROOT = Path(__file__).resolve().parents[2]
EACH = 25
"""A sample: `test_shared_photos.py` measures the accuracy, on 200 photos without a window."""


@pytest.fixture
def held_out(tmp_path: Path) -> Iterator[list[Photo]]:
    """Return held-out photos, the same number of cats and dogs, from a folder or unpacked from a tar."""
    source = Path(os.environ.get("CATDOG_PHOTOS") or ROOT.parent / "shared" / "data" / "train.tar")
    if not source.exists():
        pytest.skip(f"the shared photos are not at {source}; CATDOG_PHOTOS names their folder or tar")
    if source.is_dir():
        found = [photo for photo in read_folder(source) if photo.part == "held out"]
    else:
        found = _unpack(source, tmp_path / "held out")
    return iter([photo for label in ("cat", "dog") for photo in [p for p in found if p.label == label][:EACH]])


def _unpack(source: Path, place: Path) -> list[Photo]:
    """Take the photos needed out of a tar of thousands, and no more."""
    faults = label_faults()
    counts = dict.fromkeys(("cat", "dog"), 0)
    photos = []
    with tarfile.open(source) as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            photo = Photo(place / name.parent.name / name.name, name.parent.name)
            wanted = member.isfile() and counts.get(photo.label, EACH) < EACH
            if wanted and photo.part == "held out" and photo.name not in faults:
                counts[photo.label] += 1
                content = archive.extractfile(member)
                assert content is not None
                photo.path.parent.mkdir(parents=True, exist_ok=True)
                photo.path.write_bytes(content.read())
                photos.append(photo)
            if min(counts.values()) == EACH:
                break
    return photos


def test_held_out_photos_dropped_on_the_window(open_app: Callable[..., App], held_out: Iterator[Photo]) -> None:
    photos = list(held_out)
    assert [sum(photo.label == label for photo in photos) for label in ("cat", "dog")] == [EACH, EACH]
    app = open_app()
    app.drop(files(photo.path for photo in photos))
    app.wait_done(2 * EACH, at_most=10 * WAIT_MS)
    wrong = []
    for photo in photos:
        scores = app.row(photo.path).result.scores
        assert scores is not None
        if ("cat" if scores.cat >= scores.dog else "dog") != photo.label:
            wrong.append(f"{photo.name}: cat {scores.cat:.2f}, dog {scores.dog:.2f}")
    assert len(wrong) <= 1, wrong
