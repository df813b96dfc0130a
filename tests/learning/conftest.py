"""Photos in the store, judged by the app's own model, some of them with a verdict of the user."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from photo_kinds import Kind

from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Result, Verdict


@pytest.fixture
def keep_photos(tmp_path: Path, model: ModelFile) -> Callable[..., Sequence[Path]]:
    """Return a function that stores results of photos of one kind, and a verdict of the user for some of them."""

    def keep(kind: Kind, name: str, count: int, verdict: Verdict | None = None, checked: int = 0) -> Sequence[Path]:
        paths = [tmp_path / f"{name}-{number}.jpg" for number in range(count)]
        for path in paths:
            path.write_bytes(path.name.encode())
        with Store.open() as store:
            store.keep([Result(path, scores=kind.scores, features=kind.features()) for path in paths], model.identity)
            store.correct(dict.fromkeys(paths[:checked], verdict))
        return paths

    return keep


@pytest.fixture
def sheep(keep_photos: Callable[..., Sequence[Path]]) -> Sequence[Path]:
    """Return forty sheep that the model calls dogs. The user has corrected the first fourteen."""
    return keep_photos(Kind(1, 0.01, 0.8), "sheep", 40, Verdict.NEITHER, checked=14)
