"""An unexpected error that costs results lets no photo wait for ever: photos are left, and can be resumed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import App

from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gui import session as session_module
from catdog_desktop.gui.gallery.gallery_model import GalleryModel
from catdog_desktop.gui.job_progress import JobMeter
from catdog_desktop.gui.session import Session
from catdog_desktop.pipeline import Pipeline

PHOTOS = 8


@pytest.fixture
def classified(app: App, make_photos: Callable[..., list[Path]]) -> App:
    """Return a window with classified photos."""
    app.add(*make_photos(PHOTOS))
    app.wait_done(PHOTOS)
    return app


def fail_once(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> list[None]:
    """Let a method raise in its next call; the list is filled then."""
    real = getattr(owner, name)
    failed: list[None] = []

    def call(*given: Any, **named: Any) -> Any:
        if not failed:
            failed.append(None)
            raise LookupError("raised by the test")
        return real(*given, **named)

    monkeypatch.setattr(owner, name, call)
    return failed


@pytest.mark.parametrize("owner", [GalleryModel, Session])
def test_photos_whose_results_could_not_be_shown_are_left(
    classified: App, monkeypatch: pytest.MonkeyPatch, owner: type
) -> None:
    app, session = classified, classified.window.session
    # The results come together, and are shown three at a time.
    monkeypatch.setattr(session_module, "_RESULTS_AT_ONCE", 3)
    failed = fail_once(monkeypatch, owner, "apply_results" if owner is GalleryModel else "_show")
    with app.qtbot.captureExceptions() as exceptions:
        app.run("photos.classify_again")
        app.wait_for(lambda: failed and not session.busy and not session.gallery.rows_in(State.WAITING))
    assert [str(error) for _kind, error, _trace in exceptions] == ["raised by the test"]
    # The results of before are still there, so they count as classified.
    app.wait_done(PHOTOS)


@pytest.mark.parametrize(("owner", "name"), [(Pipeline, "add"), (JobMeter, "begin")])
def test_photos_that_could_not_be_queued_are_left(
    classified: App, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    app, session = classified, classified.window.session
    failed = fail_once(monkeypatch, owner, name)
    with app.qtbot.waitSignal(session.failed):
        app.run("photos.classify_again")
    assert failed
    app.wait_for(lambda: not session.gallery.rows_in(State.WAITING))
    app.wait_done(PHOTOS)


def test_new_photos_whose_results_were_lost_are_resumed(
    app: App, make_photos: Callable[..., list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = app.window.session
    failed = fail_once(monkeypatch, Session, "_show")
    with app.qtbot.captureExceptions() as exceptions:
        app.add(*make_photos(PHOTOS))
        app.wait_for(lambda: failed and not session.gallery.rows_in(State.WAITING))
    assert len(exceptions) == 1
    assert session.stopped_count
    app.wait_for(lambda: app.action("file.resume").isEnabled())
    app.run("file.resume")
    app.wait_done(PHOTOS)
