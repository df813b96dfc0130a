"""Thumbnails that are damaged end nothing: there is none, and the next one is decoded."""

import io
from pathlib import Path

import pytest
from driving import WAIT_MS
from PIL import Image
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.gallery.thumbnails import Thumbnails


def _jpeg() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize("damaged", [b"no photo", _jpeg()[:40], _jpeg()[:-200], _jpeg()[:2]])
def test_after_a_damaged_thumbnail_the_next_is_decoded(qtbot: QtBot, damaged: bytes) -> None:
    thumbnails = Thumbnails()
    try:
        for path, jpeg in ((Path("/damaged.jpg"), damaged), (Path("/whole.jpg"), _jpeg())):
            with qtbot.waitSignal(thumbnails.ready, timeout=WAIT_MS) as told:
                assert thumbnails.get(path, jpeg, "c") is None
            assert told.args == [[path]]
        assert thumbnails.get(Path("/damaged.jpg"), damaged, "c") is None
        image = thumbnails.get(Path("/whole.jpg"), _jpeg(), "c")
        assert image is not None
        assert (image.width(), image.height()) == (8, 6)
    finally:
        thumbnails.close()
