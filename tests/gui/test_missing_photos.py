"""Photos that another program deleted: noticed when the user comes back, and removed in one step."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui import missing_photos


@pytest.fixture
def paths(app: App, make_photos: Callable[..., list[Path]], monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setattr(missing_photos, "CHECK_SECONDS", 0.0)
    made = make_photos(4)
    app.add(*made)
    app.wait_done(4)
    return made


def come_back(app: App) -> None:
    """Send the event of a window that becomes active."""
    QApplication.sendEvent(app.window, QEvent(QEvent.Type.WindowActivate))


def test_deleted_photos_are_marked_and_removed_in_one_step(app: App, paths: list[Path]) -> None:
    paths[0].unlink()
    paths[2].unlink()
    come_back(app)
    app.wait_for(lambda: app.window.session.gallery.counts()[Filter.PROBLEM] == 2)
    assert app.row(paths[0]).is_missing
    assert "is no longer there" in app.heard(paths[0])
    app.run("edit.remove_missing")
    assert app.names == ["IMG_2.jpg", "IMG_4.jpg"]
    assert app.action("edit.undo").text() == "&Undo: remove 2 photos from the list"
    app.run("edit.remove_missing")
    assert app.message == "No photo is missing."


def test_files_that_a_job_moves_are_not_missing(app: App, paths: list[Path]) -> None:
    app.window.trash._job = object()  # type: ignore[assignment]
    app.window.missing._on_changed(paths)
    come_back(app)
    app.window.trash._job = None
    app.window.missing._on_changed([paths[0].with_name("not listed.jpg")])
    assert not app.window.session.busy
    assert app.window.session.gallery.rows_in(State.WAITING) == []


def test_photo_that_is_back_is_judged_again(app: App, paths: list[Path]) -> None:
    elsewhere = paths[0].with_name("elsewhere")
    paths[0].rename(elsewhere)
    come_back(app)
    app.wait_for(lambda: app.row(paths[0]).is_missing and not app.window.session.busy)
    elsewhere.rename(paths[0])
    come_back(app)
    app.wait_for(lambda: app.row(paths[0]).state is State.DONE)
