"""The thumbnail cache survives damaged JPEGs and unexpected errors."""

import io
from pathlib import Path

import pytest
from driving import WAIT_MS, App
from PIL import Image
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.dialogs import CrashDialog
from catdog_desktop.gui.gallery import thumbnails as thumbnails_module
from catdog_desktop.gui.gallery.thumbnails import Thumbnails


def _jpeg() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize("damaged", [b"no photo", _jpeg()[:40], _jpeg()[:-200], _jpeg()[:2]])
def test_damaged_thumbnail_does_not_stop_the_next_one(qtbot: QtBot, damaged: bytes) -> None:
    thumbnails = Thumbnails()
    try:
        for path, jpeg in ((Path("/damaged.jpg"), damaged), (Path("/whole.jpg"), _jpeg())):
            with qtbot.waitSignal(thumbnails.ready, timeout=WAIT_MS) as ready:
                assert thumbnails.get(path, jpeg, "c") is None
            assert ready.args == [[path]]
        assert thumbnails.get(Path("/damaged.jpg"), damaged, "c") is None
        image = thumbnails.get(Path("/whole.jpg"), _jpeg(), "c")
        assert image is not None
        assert (image.width(), image.height()) == (8, 6)
    finally:
        thumbnails.close()


def test_unexpected_error_is_reported_and_costs_one_thumbnail(qtbot: QtBot) -> None:
    def find(path: Path, fingerprint: str) -> bytes:
        if path.stem == "odd":
            raise ZeroDivisionError("oh")
        return _jpeg()

    thumbnails = Thumbnails(find)
    try:
        with (
            qtbot.waitSignal(thumbnails.failed, timeout=WAIT_MS) as failed,
            qtbot.waitSignal(thumbnails.ready, timeout=WAIT_MS) as ready,
        ):
            thumbnails.get(Path("/odd.jpg"), b"", "c")
        assert isinstance(failed.args[0], ZeroDivisionError)
        assert ready.args == [[Path("/odd.jpg")]], "it must not be requested again"
        with qtbot.waitSignal(thumbnails.ready, timeout=WAIT_MS):
            thumbnails.get(Path("/whole.jpg"), b"", "c")
        assert thumbnails.get(Path("/whole.jpg"), b"", "c") is not None
    finally:
        thumbnails.close()


def test_unexpected_error_opens_the_crash_dialog(app: App, cat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(thumbnails_module, "_decode", fail)
    app.add(cat)
    app.wait_for(lambda: [dialog for dialog in app.window.findChildren(CrashDialog) if dialog.isVisible()])
    dialog = app.dialog(CrashDialog)
    assert isinstance(dialog, CrashDialog)
    assert "ZeroDivisionError: oh" in dialog.report
    assert app.row(cat).verdict is not None, "the photo has its verdict nevertheless"
