"""How photos look: computed from the thumbnail, kept, forgotten with the thumbnails."""

from pathlib import Path

import numpy as np
import pytest
from conftest import open_package_photo

from catdog_desktop.learning.perceptual_hash import differing_bits
from catdog_desktop.store import look_rows
from catdog_desktop.store.store import Store, file_fingerprint
from catdog_desktop.store.store_erasure import Kind
from catdog_desktop.verdict import Result, Scores


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "coffee.jpg"
    open_package_photo("coffee").save(path)
    return path


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the photos whose look was computed."""
    paths: list[Path] = []
    compute = look_rows._compute

    def note(jpeg: bytes, path: Path) -> object:
        paths.append(path)
        return compute(jpeg, path)

    monkeypatch.setattr(look_rows, "_compute", note)
    return paths


def classified(path: Path) -> str:
    """Store a result of a photo; return its fingerprint."""
    with Store.open() as store:
        store.keep([Result(path, scores=Scores(0.1, 0.2))], "model")
    return file_fingerprint(path)


def test_look_is_kept_for_the_next_time(photo: Path, computed: list[Path]) -> None:
    content = classified(photo)
    with Store.open() as store:
        first = store.looks({content: photo})[content]
    with Store.open() as store:
        second = store.looks({content: photo})[content]
    assert computed == [photo]
    assert (first.hashes == second.hashes).all()
    assert second.sharpness == pytest.approx(first.sharpness)


def test_look_of_thumbnail_is_that_of_the_photo(photo: Path) -> None:
    content = classified(photo)
    with Store.open() as store:
        without = store.looks({content: photo})[content]
        assert store.thumbnail(photo, content)
        store.forget({Kind.THUMBNAILS})
        assert store.thumbnail(photo, content)
        assert differing_bits(store.looks({content: photo})[content].hashes[0], without.hashes[0]) == 0


@pytest.mark.parametrize("below", [True, False])
def test_look_is_forgotten_with_the_thumbnails(photo: Path, computed: list[Path], below: bool) -> None:
    content = classified(photo)
    with Store.open() as store:
        store.looks({content: photo})
        store.forget({Kind.THUMBNAILS}, photo.parent if below else None)
        store.looks({content: photo})
    assert len(computed) == 2


def test_look_of_forgotten_photo_is_not_kept(photo: Path, computed: list[Path]) -> None:
    content = file_fingerprint(photo)
    with Store.open() as store:
        assert content in store.looks({content: photo})
        assert content in store.looks({content: photo})
    assert len(computed) == 2


def test_unreadable_photo_has_no_look(tmp_path: Path, photo: Path) -> None:
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(b"no photo")
    with Store.open() as store:
        found = store.looks({file_fingerprint(torn): torn, file_fingerprint(photo): photo})
    assert list(found) == [file_fingerprint(photo)]


def test_look_of_other_length_is_computed_again(photo: Path, computed: list[Path]) -> None:
    content = classified(photo)
    with Store.open() as store:
        store.looks({content: photo})
        store._thumbnails.file.write(lambda db: db.execute("UPDATE look SET look = x'0102'"))
        assert np.isfinite(store.looks({content: photo})[content].sharpness)
    assert len(computed) == 2
