"""Corrections follow files that were moved, and are undone at their new paths."""

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


def test_swapped_files_keep_their_corrections(gallery: GalleryModel) -> None:
    corrections = Corrections()
    one, other = Path("/one.jpg"), Path("/other.jpg")
    corrections.note({one: Verdict.CAT, other: Verdict.DOG}, gallery, undo=False)
    corrections.move({one: other, other: one})
    results = corrections.put_on([Result(path, error="is damaged and cannot be decoded") for path in (one, other)])
    assert [result.correction for result in results] == [Verdict.DOG, Verdict.CAT]
    assert corrections.take_undo() == {one: None, other: None}


def test_move_of_thousands_of_files_after_hundreds_of_corrections_is_quick(gallery: GalleryModel) -> None:
    corrections = Corrections()
    for number in range(500):
        corrections.note({Path(f"/{number}.jpg"): Verdict.CAT}, gallery, undo=False)
    new_paths = {Path(f"/{number}.jpg"): Path(f"/cats/{number}.jpg") for number in range(10_000)}
    start = time.process_time()
    corrections.move(new_paths)
    assert time.process_time() - start < 0.1
    assert corrections.take_undo() == {Path("/cats/499.jpg"): None}
