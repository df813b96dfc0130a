"""Pause and resume: in the pipeline, by button and by keyboard."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App, files
from PySide6.QtCore import Qt

from catdog_desktop.gallery.photo_row import State
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.pipeline import Pipeline
from catdog_desktop.settings import Settings


def test_paused_pipeline_begins_no_photo(model: ModelFile, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(6)
    set_up: list[None] = []
    with Pipeline(model, jobs=2, set_up_thread=lambda: set_up.append(None)) as pipeline:
        pipeline.pause(paused=True)
        pipeline.add(paths)
        assert pipeline.take_results(0.2) == []
        assert not pipeline.idle
        pipeline.limit_jobs(1)
        pipeline.pause(paused=False)
        results = []
        while not pipeline.idle:
            results += pipeline.take_results(1.0)
            assert len(pipeline._in_flight) <= 1
    assert {result.path for result in results} == set(paths)
    assert len(set_up) == 2


def test_paused_pipeline_closes_and_cancels(model: ModelFile, make_photos: Callable[..., list[Path]]) -> None:
    with Pipeline(model, jobs=1) as pipeline:
        pipeline.pause(paused=True)
        paths = make_photos(2)
        pipeline.add(paths)
        assert pipeline.cancel() == paths
        pipeline.add(paths)


@pytest.fixture
def paused(open_app: Callable[..., App], make_photos: Callable[..., list[Path]], folder: Path) -> App:
    """Return a window that was paused while photos wait."""
    make_photos(40)
    app = open_app(settings=Settings(jobs=1))
    app.wait_for(lambda: app.window.session.model is not None)
    app.drop(files([folder]))
    app.wait_for(lambda: app.window.session.busy and app.window.session.gallery.total)
    app.key(Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    app.wait_for(lambda: app.window.session.paused)
    return app


def waiting(app: App) -> int:
    return len(app.window.session.gallery.rows_in(State.WAITING))


def test_pause_keeps_photos_waiting_until_resumed(paused: App) -> None:
    app = paused
    assert app.window.status.job_text.startswith("Paused · ")
    assert app.window.status._pause.text() == "Resume"
    assert not app.action("file.pause").isEnabled()
    app.wait_for(lambda: app.window.session._worker._paused)
    assert waiting(app)
    app.key(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    app.wait_done(40, at_most=90_000)
    assert not app.window.session.paused


def test_button_pauses_and_resumes(paused: App) -> None:
    app = paused
    app.click(app.window.status._pause)
    app.wait_for(lambda: not app.window.session.paused)
    app.wait_done(40, at_most=90_000)
    assert not app.window.status._pause.isVisible()


def test_stop_ends_a_pause(paused: App) -> None:
    app = paused
    app.click(app.window.status._stop)
    app.wait_for(lambda: not app.window.session.busy)
    assert app.window.session.stopped_count
    app.run("file.resume")
    app.wait_done(40, at_most=90_000)


def test_photos_that_wait_for_nothing_are_told_from_others(
    model: ModelFile, make_photos: Callable[..., list[Path]]
) -> None:
    first, second, other = make_photos(3)
    with Pipeline(model, jobs=1) as pipeline:
        pipeline.pause(paused=True)
        pipeline.add([first, second])
        assert pipeline.not_waiting([first, second, other]) == [other]
        pipeline.discard([second])
        pipeline.pause(paused=False)
        assert pipeline.not_waiting([first, second]) == [second], "the first is in flight, or its result can be taken"
        while not pipeline.idle:
            pipeline.take_results(1.0)
        assert pipeline.not_waiting([first, second]) == [first, second]
