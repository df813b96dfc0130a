"""Classification in the window: progress, stop, resume, close; every verdict; unreadable photos; no model."""

import json
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import WAIT_MS, App, app_threads, files
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip

from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Verdict


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every photo take as long as a large one."""
    from catdog_desktop import pipeline

    quick = pipeline.classify_photo

    def slowly(*args: object, **kwargs: object) -> object:
        time.sleep(0.03)
        return quick(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "classify_photo", slowly)


def test_progress_is_reported_in_numbers_and_text(app: App, make_photos: Callable[..., list[Path]], slow: None) -> None:
    reports: list[JobProgress] = []
    texts: list[str] = []
    app.window.session.progress_changed.connect(reports.append)
    app.window.session.progress_changed.connect(lambda _: texts.append(app.window.status.job_text))
    app.add(*make_photos(30))
    busy = [progress for progress in reports if progress.busy]
    assert [progress.done for progress in busy] == sorted(progress.done for progress in busy)
    assert any(0 < progress.done < 30 and progress.total == 30 for progress in busy)
    assert reports[-1].done == reports[-1].total == 30
    assert not reports[-1].busy
    assert any(" of 30 · " in text and "photos/s" in text for text in texts), texts
    assert app.message == "10 cats, 20 neither."


def test_results_are_shown_while_others_wait(app: App, make_photos: Callable[..., list[Path]], slow: None) -> None:
    seen: list[tuple[int, int]] = []
    gallery = app.window.session.gallery
    app.window.session.rows_changed.connect(
        lambda _: seen.append((len(gallery.rows_in(State.DONE)), len(gallery.rows_in(State.WAITING))))
    )
    app.add(*make_photos(20))
    assert any(done and waiting for done, waiting in seen), "all photos are listed before the last one is classified"
    assert all(done + waiting == 20 for done, waiting in seen)


def _cancel_button(app: App) -> QPushButton:
    (button,) = [one for one in app.window.status.findChildren(QPushButton) if one.text() == "Stop"]
    return button


def test_stop_button_is_hidden_while_idle(app: App, cat: Path) -> None:
    assert not _cancel_button(app).isVisible()
    app.add(cat)
    assert not _cancel_button(app).isVisible()


@pytest.mark.parametrize("by", ["key", "button"])
def test_stopped_job_is_resumed(app: App, make_photos: Callable[..., list[Path]], slow: None, by: str) -> None:
    gallery = app.window.session.gallery
    paths = make_photos(50)
    assert not app.action("file.resume").isEnabled()
    app.drop(files(paths))
    app.wait_for(lambda: len(gallery.rows_in(State.DONE)) >= 3)
    with app.qtbot.waitSignal(app.window.session.job_ended, timeout=WAIT_MS):
        if by == "key":
            app.key(Qt.Key.Key_Escape)
        else:
            app.click(_cancel_button(app))
    stopped, done = gallery.rows_in(State.STOPPED), gallery.rows_in(State.DONE)
    assert len(stopped) + len(done) == 50
    assert len(stopped) > 20
    assert f"Stopped. {len(stopped)} photos left." in app.message
    assert app.heard(stopped[0].path).endswith(": stopped")
    kept = {row.path: row.result for row in done}
    with app.qtbot.waitSignal(app.window.session.job_ended, timeout=WAIT_MS):
        app.follow("resume")
    assert len(gallery.rows_in(State.DONE)) == 50
    assert all(app.row(path).result is result for path, result in kept.items()), "no photo is classified twice"
    assert sum(map(int, re.findall(r"(\d+) (?:cats?|neither)", app.message))) == len(stopped)
    assert not app.action("file.resume").isEnabled()


def test_removed_stopped_photos_cannot_be_resumed(
    app: App, make_photos: Callable[..., list[Path]], slow: None, cat: Path
) -> None:
    gallery = app.window.session.gallery
    app.drop(files(make_photos(40)))
    app.wait_for(lambda: gallery.rows_in(State.DONE))
    with app.qtbot.waitSignal(app.window.session.job_ended, timeout=WAIT_MS):
        app.key(Qt.Key.Key_Escape)
    assert gallery.rows_in(State.STOPPED)
    app.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier, on=app.window.gallery)
    app.key(Qt.Key.Key_Delete, on=app.window.gallery)
    assert gallery.total == 0
    assert not app.action("file.resume").isEnabled()
    app.add(cat)
    assert app.message == "A cat (&gt;99%)."


def test_photo_dropped_after_a_stop_is_classified(
    app: App, make_photos: Callable[..., list[Path]], slow: None, cat: Path
) -> None:
    app.drop(files(make_photos(40)))
    app.wait_for(lambda: app.window.session.gallery.rows_in(State.DONE))
    app.key(Qt.Key.Key_Escape)
    app.drop(files([cat]))
    app.wait_for(lambda: app.row(cat).state is State.DONE if app.window.session.gallery.row_of(cat) else False)
    assert app.window.session.gallery.rows_in(State.STOPPED)


def test_window_closes_quickly_while_busy(
    open_app: Callable[..., App],
    make_photos: Callable[..., list[Path]],
    slow: None,
    capfd: pytest.CaptureFixture[str],
) -> None:
    app = open_app()
    app.wait_for(lambda: app.window.session.model is not None)
    app.drop(files(make_photos(200)))
    app.wait_for(lambda: app.window.session.gallery.rows_in(State.DONE))
    results = len(app.window.session.gallery.rows_in(State.DONE))
    began = time.monotonic()
    app.window.close()
    assert time.monotonic() - began < 5, "200 slow photos would take longer"
    assert not app.window.isVisible()
    app.wait_for(lambda: app_threads() == [])
    assert len(app.window.session.gallery.rows_in(State.DONE)) < results + 60
    assert "Traceback" not in capfd.readouterr().err


def test_window_closes_before_the_model_is_loaded(
    open_app: Callable[..., App], make_photos: Callable[..., list[Path]]
) -> None:
    app = open_app()
    app.drop(files(make_photos(5)))
    app.window.close()
    app.wait_for(lambda: app_threads() == [])


def test_photos_on_the_screen_are_classified_first(
    app: App, make_photos: Callable[..., list[Path]], slow: None
) -> None:
    paths = make_photos(300)
    app.drop(files(paths))
    app.wait_for(lambda: app.window.session.gallery.total == 300)
    app.window.gallery.scrollToBottom()
    with app.qtbot.waitSignal(app.window.gallery.waiting_visible, timeout=WAIT_MS) as in_sight:
        pass
    assert paths[-1] in in_sight.args[0]
    app.wait_for(lambda: app.row(paths[-1]).state is State.DONE)
    waiting = app.window.session.gallery.rows_in(State.WAITING)
    assert len(waiting) > 100, "the photos between wait longer"


# Texts of a photo.


@pytest.mark.parametrize("verdict", list(Verdict))
def test_photo_is_described_with_each_verdict(app: App, cat: Path, verdict: Verdict) -> None:
    """The thresholds are set around the scores of one photo, so that it gets each verdict."""
    app.add(cat)
    scores = app.row(cat).result.scores

    def limit(score: float, *, has: bool) -> float:
        # A third of the way to 1, at most 0.34: within the unsure band, whatever the score is.
        return score * 0.9 if has else score + (1 - score) / 3

    has_cat, has_dog = verdict in (Verdict.CAT, Verdict.BOTH), verdict in (Verdict.DOG, Verdict.BOTH)
    settings = Settings(
        cat_threshold=limit(scores.cat, has=has_cat),
        dog_threshold=limit(scores.dog, has=has_dog),
        unsure_band=0.49 if verdict is Verdict.UNSURE else 0.0,
    )
    app.window.session.use_settings(settings)
    words = {
        Verdict.CAT: "a cat",
        Verdict.DOG: "a dog",
        Verdict.BOTH: "a cat and a dog",
        Verdict.NEITHER: "neither a cat nor a dog",
        Verdict.UNSURE: "maybe a cat, maybe a dog",
    }[verdict]
    assert app.row(cat).verdict is verdict
    assert app.heard(cat).startswith(f"cat.jpg: {words} (cat ")
    assert f": {words}\n" in app.tooltip(cat)
    assert f"{scores.cat:.2%}" in app.tooltip(cat)
    assert "320 × 213" in app.tooltip(cat)
    button = app.window.filters.chip(Filter(verdict.value))
    assert button.accessibleName().endswith(": 1")


def test_unreadable_photos_show_the_reason(app: App, folder: Path, cat: Path) -> None:
    text = folder / "letter.jpg"
    text.write_text("Dear diary", encoding="utf-8")
    empty = folder / "empty.png"
    empty.touch()
    gone = folder / "gone.jpg"
    app.add(cat, text, empty, gone)
    assert app.row(cat).state is State.DONE
    assert app.heard(text) == "letter.jpg: This file is not a photo (it holds text)."
    assert app.tooltip(text) == f"{text}\nThis file is not a photo (it holds text)."
    assert app.heard(empty) == "empty.png: This is not a photo. The file is empty."
    assert app.heard(gone) == "gone.jpg: This file is no longer there."
    assert "3 photos could not be read." in app.message
    app.follow("problems")
    assert app.names == ["letter.jpg", "empty.png", "gone.jpg"]
    assert app.window.filters.chip(Filter.PROBLEM).isChecked()
    assert app.window.filters.chip(Filter.PROBLEM).accessibleName() == "Problems: 3"


def test_preview_of_unreadable_photo_shows_the_reason(app: App, folder: Path) -> None:
    text = folder / "letter.jpg"
    text.write_text("Dear diary", encoding="utf-8")
    app.add(text)
    app.wait_for(lambda: app.window.preview.view.message == "This file is not a photo (it holds text).")
    assert app.window.preview.cat_bar.score is None


def test_damaged_photo_is_classified_and_marked(app: App, folder: Path, cat: Path) -> None:
    torn = folder / "torn.jpg"
    torn.write_bytes(cat.read_bytes()[:-6000])
    app.add(torn)
    row = app.row(torn)
    assert row.state is State.DONE
    assert row.verdict is not None
    assert "the file is damaged" in app.heard(torn)
    assert "The file is damaged: it ends too early." in app.tooltip(torn)
    app.key(Qt.Key.Key_7)
    assert app.names == ["torn.jpg"]


def test_file_names_are_not_read_as_markup(app: App, folder: Path, cat: Path) -> None:
    odd = folder / "<b>&amp;.jpg"
    odd.write_bytes(cat.read_bytes())
    app.add(odd)
    assert app.names == ["<b>&amp;.jpg"]
    assert app.heard(odd).startswith("<b>&amp;.jpg: ")
    gallery = app.window.gallery
    place = gallery.visualRect(app.window.session.gallery.index_of(odd)).center()
    QApplication.sendEvent(gallery.viewport(), QHelpEvent(QEvent.Type.ToolTip, place, gallery.mapToGlobal(place)))
    assert "&lt;b&gt;&amp;amp;.jpg" in QToolTip.text(), "a tooltip would read it as markup"
    QToolTip.hideText()


# Without a model.


def _broken(tmp_path: Path, model_folder: Path, how: str) -> Path:
    place = tmp_path / "model"
    if how == "missing":
        return place
    shutil.copytree(model_folder, place)
    flatbuffer, description = place / "model.tflite", place / "model.json"
    if how == "cut":
        flatbuffer.write_bytes(flatbuffer.read_bytes()[:5000])
    elif how == "foreign":
        flatbuffer.write_bytes(b"GIF89a" * 100)
    elif how == "no json":
        description.write_text("{", encoding="utf-8")
    elif how == "future":
        description.write_text(
            json.dumps(json.loads(description.read_text(encoding="utf-8")) | {"format": 99}), encoding="utf-8"
        )
    return place


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("missing", "There is no model in"),
        ("cut", "is damaged or is not the file that model.json describes"),
        ("foreign", "is not a TensorFlow Lite model"),
        ("no json", "is not valid JSON"),
        ("future", "has format 99"),
    ],
)
def test_window_without_a_model_says_why(
    open_app: Callable[..., App], tmp_path: Path, model_folder: Path, cat: Path, how: str, words: str
) -> None:
    app = open_app(_broken(tmp_path, model_folder, how))
    app.wait_for(lambda: app.message)
    assert app.message.startswith("No photo can be classified. ")
    assert words in app.message
    app.drop(files([cat.parent]))
    app.wait_for(lambda: app.window.session.gallery.rows_in(State.FAILED))
    assert app.heard(cat).startswith("cat.jpg: This photo was not classified: ")
    assert words in app.tooltip(cat)
    assert not app.window.session.busy
