"""What the user said is found, and undone, where the files lie by then."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui.corrections import Corrections
from catdog_desktop.gui.gallery.gallery_model import GalleryModel
from catdog_desktop.verdict import Result, Verdict


@pytest.fixture
def gallery(qapp: QApplication) -> Iterator[GalleryModel]:
    model = GalleryModel()
    yield model
    model.close()


def test_files_that_changed_places_keep_their_own(gallery: GalleryModel) -> None:
    own = Corrections()
    one, other = Path("/one.jpg"), Path("/other.jpg")
    own.note({one: Verdict.CAT, other: Verdict.DOG}, gallery, undo=False)
    own.move({one: other, other: one})
    results = own.put_on([Result(path, error="is damaged and cannot be decoded") for path in (one, other)])
    assert [result.correction for result in results] == [Verdict.DOG, Verdict.CAT]
    assert own.take_undo() == {one: None, other: None}


def test_a_sort_of_thousands_costs_little_after_hundreds_of_verdicts(gallery: GalleryModel) -> None:
    own = Corrections()
    for number in range(500):
        own.note({Path(f"/{number}.jpg"): Verdict.CAT}, gallery, undo=False)
    places = {Path(f"/{number}.jpg"): Path(f"/cats/{number}.jpg") for number in range(10_000)}
    start = time.process_time()
    own.move(places)
    assert time.process_time() - start < 0.1
    assert own.take_undo() == {Path("/cats/499.jpg"): None}
