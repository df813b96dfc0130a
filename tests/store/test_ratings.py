"""Ratings in the store: kept with the content, carried over, erased with the corrections."""

from pathlib import Path

import pytest
from PIL import Image

from catdog_desktop.store.fingerprint import file_signature
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_erasure import Kind
from catdog_desktop.verdict import Result, Scores, Verdict

MODEL = "a" * 64


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.new("RGB", (40, 30), "red").save(path)
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "store" / "store.sqlite")


def test_rating_is_returned_with_the_stored_result(store: Store, photo: Path) -> None:
    store.keep([Result(photo, scores=Scores(0.9, 0.1))], MODEL)
    assert store.known([photo], MODEL)[photo].rating is None
    assert store.rate({photo: 4}) == {photo: None}
    assert store.known([photo], MODEL)[photo].rating == 4
    assert store.rate({photo: None}) == {photo: 4}
    assert store.known([photo], MODEL)[photo].rating is None


def test_rating_holds_for_a_duplicate(store: Store, photo: Path) -> None:
    store.rate({photo: 5})
    copy = photo.with_name("copy.png")
    copy.write_bytes(photo.read_bytes())
    store.keep([Result(copy, scores=Scores(0.9, 0.1))], MODEL)
    assert store.known([copy], MODEL)[copy].rating == 5


def test_own_data_of_classified_photo_has_correction_and_rating(store: Store, photo: Path) -> None:
    store.keep([Result(photo, scores=Scores(0.9, 0.1))], MODEL)
    result = store.known([photo], MODEL)[photo]
    store.rate({photo: 2})
    assert store.own_data_of(result, file_signature(photo), MODEL) == (None, 2)
    store.correct({photo: Verdict.DOG})
    assert store.own_data_of(result, file_signature(photo), MODEL) == (Verdict.DOG, 2)


@pytest.mark.parametrize("stars", [0, 6, -1])
def test_rating_out_of_range_is_rejected(store: Store, photo: Path, stars: int) -> None:
    with pytest.raises(Exception, match="CHECK"):
        store.rate({photo: stars})
    assert store.rate({photo: None}) == {photo: None}


def test_rating_is_counted_and_erased_with_the_verdicts(store: Store, photo: Path) -> None:
    store.keep([Result(photo, scores=Scores(0.9, 0.1))], MODEL)
    store.rate({photo: 3})
    store.correct({photo: Verdict.CAT})
    assert store.remembered().verdicts == 1, "a photo counts once"
    store.forget({Kind.VERDICTS})
    assert store.remembered().verdicts == 0
    assert store.known([photo], MODEL)[photo].rating is None


def test_rating_of_unreadable_file_follows_it(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.jpg"
    path.write_bytes(b"?" * 500)

    def refuse(_path: Path) -> str:
        raise PermissionError

    with monkeypatch.context() as locked:
        locked.setattr("catdog_desktop.store.store.file_fingerprint", refuse)
        store.rate({path: 1})
        moved = path.rename(tmp_path / "moved.jpg")
        store.moved({path: moved})
        assert store.rate({moved: None}) == {moved: 1}
