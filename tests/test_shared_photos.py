"""Held-out photos, classified as the app does it: 99 % of them are the right animal.

The photos may not be passed on. CATDOG_PHOTOS names their tar or folder; without them this test is skipped.
"""

import hashlib
import os
import tarfile
import time
from pathlib import Path

import pytest

from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.pipeline import Pipeline
from catdog_desktop.verdict import Result

ROOT = Path(__file__).resolve().parent.parent
SOURCE = Path(os.environ.get("CATDOG_PHOTOS") or ROOT.parent / "shared" / "data" / "train.tar")
FAULTS = ROOT / "catdog_desktop" / "training" / "label_faults.txt"
OF_EACH = 100


def held_out(name: str) -> bool:
    """Whether training keeps its hands off the photo: a tenth, by a hash of the name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % 10 == 0


def wrong_labels() -> set[str]:
    lines = FAULTS.read_text(encoding="utf-8").splitlines()
    return {line.partition(" ")[0] for line in lines if line and not line.startswith("#")}


def choose(names: list[str]) -> list[str]:
    """From names like `cat/cat.12.jpg`, choose the photos to classify."""
    faults = wrong_labels()
    chosen = []
    for label in ("cat", "dog"):
        fit = [n for n in names if n.startswith(f"{label}/") and held_out(Path(n).name) and Path(n).name not in faults]
        chosen += sorted(fit, key=lambda name: hashlib.sha256(name.encode()).digest())[:OF_EACH]
    return chosen


def unpacked(names: list[str], folder: Path) -> list[Path]:
    """Return paths of the photos `names`, extracted to `folder` from `SOURCE` and from `train2.tar` beside it."""
    if SOURCE.is_dir():
        return [SOURCE / name for name in names]
    wanted = set(names)
    for tar in (SOURCE, SOURCE.with_name("train2.tar")):
        if not wanted or not tar.exists():
            continue
        with tarfile.open(tar) as archive:
            members = {member.name.removeprefix("./"): member for member in archive if member.isfile()}
            # Set as an attribute: the parameter is missing in Python 3.11.2, which Debian 12 ships.
            archive.extraction_filter = getattr(tarfile, "data_filter", None)
            archive.extractall(folder, [members[name] for name in wanted & members.keys()])
            wanted -= members.keys()
    return [folder / name for name in names]


def all_names() -> list[str]:
    if SOURCE.is_dir():
        return [path.relative_to(SOURCE).as_posix() for path in SOURCE.glob("*/*")]
    with tarfile.open(SOURCE) as archive:
        return [member.name.removeprefix("./") for member in archive if member.isfile()]


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    if not SOURCE.exists():
        pytest.skip("the shared photos are not here (set CATDOG_PHOTOS to their tar or folder)")
    return unpacked(choose(all_names()), tmp_path)


def test_shared_photos_99_percent_have_right_animal(photos: list[Path], model: ModelFile) -> None:
    assert len(photos) == 2 * OF_EACH
    results: list[Result] = []
    end = time.monotonic() + 60
    with Pipeline(model) as pipeline:
        pipeline.add(photos)
        while not pipeline.idle:
            assert time.monotonic() < end
            results += pipeline.take_results(0.1)
    wrong = [
        f"{result.path.name}: {result.scores or result.error}"
        for result in results
        if result.scores is None or (result.scores.cat > result.scores.dog) != (result.path.parent.name == "cat")
    ]
    assert len(results) == len(photos)
    assert len(wrong) <= len(photos) // 100, wrong
