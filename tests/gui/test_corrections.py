"""Corrections by key and menu: shown, counted, copied, undone, and on to the next photo."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import WAIT_MS, App, files, grab, scored
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gallery.query import Filter
from catdog_desktop.settings import Settings
from catdog_desktop.store.errors import StoreError, StoreProblem
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Result, Verdict

CTRL = Qt.KeyboardModifier.ControlModifier
PHOTOS = Path("/photos")
SCORES = {
    "sure.jpg": (0.99, 0.01),
    "torn.jpg": (0.52, 0.03),
    "nearly.jpg": (0.30, 0.01),
    "close.jpg": (0.02, 0.60),
}


@pytest.fixture
def filled(open_app: Callable[..., App]) -> App:
    """Return a window with given results and one unreadable file."""
    app = open_app(settings=Settings(cat_threshold=0.5, dog_threshold=0.5, unsure_band=0.1))
    app.wait_for(lambda: app.window.session.model is not None)
    gallery = app.window.session.gallery
    gallery.add([PHOTOS / name for name in (*SCORES, "broken.jpg")])
    gallery.apply_results([scored(PHOTOS / name, *scores) for name, scores in SCORES.items()])
    gallery.apply_results([Result(PHOTOS / "broken.jpg", error="is damaged and cannot be decoded")])
    app.window.session.counts_changed.emit()
    return app


def verdict_of(app: App, name: str) -> Verdict | None:
    return app.row(PHOTOS / name).verdict


@pytest.mark.parametrize(
    ("key", "verdict", "sentence", "meaning"),
    [
        (Qt.Key.Key_C, Verdict.CAT, "Marked torn.jpg as a cat.", "a cat"),
        (Qt.Key.Key_D, Verdict.DOG, "Marked torn.jpg as a dog.", "a dog"),
        (Qt.Key.Key_B, Verdict.BOTH, "Marked torn.jpg as a cat and a dog.", "a cat and a dog"),
        (Qt.Key.Key_N, Verdict.NEITHER, "Marked torn.jpg as neither.", "neither a cat nor a dog"),
    ],
)
def test_mark_key_marks_selected_photo(filled: App, key: Qt.Key, verdict: Verdict, sentence: str, meaning: str) -> None:
    filled.select([PHOTOS / "torn.jpg"])
    with filled.qtbot.waitSignal(filled.window.session.corrected, timeout=WAIT_MS):
        filled.key(key)
        assert verdict_of(filled, "torn.jpg") is verdict, "at once, before it is stored"
    assert filled.message.startswith(sentence)
    assert filled.heard(PHOTOS / "torn.jpg") == f"torn.jpg: {meaning}, yours (cat 52%, dog 3%)"
    assert "The verdict is yours." in filled.tooltip(PHOTOS / "torn.jpg")
    assert filled.window.filters.chip(Filter.CORRECTED).accessibleName() == "Checked by you: 1"


def test_selected_photos_are_marked_together_and_undone_step_by_step(filled: App) -> None:
    filled.select([PHOTOS / "sure.jpg", PHOTOS / "close.jpg"])
    filled.key(Qt.Key.Key_B)
    assert filled.message.startswith("Marked 2 photos as a cat and a dog.")
    filled.select([PHOTOS / "close.jpg"])
    filled.key(Qt.Key.Key_N)
    assert verdict_of(filled, "close.jpg") is Verdict.NEITHER
    filled.key(Qt.Key.Key_Z, CTRL)
    assert verdict_of(filled, "close.jpg") is Verdict.BOTH
    filled.key(Qt.Key.Key_Z, CTRL)
    assert (verdict_of(filled, "sure.jpg"), verdict_of(filled, "close.jpg")) == (Verdict.CAT, Verdict.UNSURE)
    assert filled.message == "Undone for 2 photos."
    assert not filled.action("edit.undo").isEnabled()
    filled.key(Qt.Key.Key_Z, CTRL)


def test_backspace_clears_the_correction_and_can_be_undone(filled: App) -> None:
    filled.select([PHOTOS / "sure.jpg"])
    assert not filled.action("photos.mark.clear").isEnabled()
    filled.key(Qt.Key.Key_D)
    assert filled.action("photos.mark.clear").isEnabled()
    filled.key(Qt.Key.Key_Backspace)
    assert verdict_of(filled, "sure.jpg") is Verdict.CAT
    assert filled.message.startswith("Cleared your verdict for sure.jpg.")
    filled.follow("undo")
    assert verdict_of(filled, "sure.jpg") is Verdict.DOG


def test_unreadable_photo_can_be_marked(filled: App) -> None:
    filled.select([PHOTOS / "broken.jpg"])
    filled.key(Qt.Key.Key_C)
    assert verdict_of(filled, "broken.jpg") is Verdict.CAT
    assert filled.row(PHOTOS / "broken.jpg").state is State.FAILED
    filled.key(Qt.Key.Key_2)
    assert filled.names == ["sure.jpg", "broken.jpg"]
    filled.key(Qt.Key.Key_7)
    assert filled.names == ["broken.jpg"]


def test_mark_keys_type_letters_in_the_search_field(filled: App) -> None:
    filled.select([PHOTOS / "sure.jpg"])
    filled.key(Qt.Key.Key_F, CTRL)
    search = filled.window.header.search
    QTest.keyClicks(search, "cdbn")
    filled.key(Qt.Key.Key_Backspace)
    assert search.text() == "cdb"
    filled.key(Qt.Key.Key_Z, CTRL)
    assert all(filled.row(PHOTOS / name).corrected is False for name in SCORES)


def test_mark_keys_work_in_the_photo_view(filled: App) -> None:
    filled.select([PHOTOS / "torn.jpg"])
    filled.key(Qt.Key.Key_Space)
    assert not filled.window.gallery.isVisible()
    filled.key(Qt.Key.Key_D)
    assert verdict_of(filled, "torn.jpg") is Verdict.DOG
    filled.key(Qt.Key.Key_Right)
    filled.key(Qt.Key.Key_C)
    assert verdict_of(filled, "nearly.jpg") is Verdict.CAT


def test_to_check_shows_least_certain_photo_first_and_advances(filled: App) -> None:
    filled.key(Qt.Key.Key_8)
    assert filled.names == ["torn.jpg", "close.jpg", "nearly.jpg"]
    assert filled.window.gallery.current_row.name == "torn.jpg"
    filled.key(Qt.Key.Key_C)
    assert filled.names == ["close.jpg", "nearly.jpg"]
    assert filled.window.gallery.current_row.name == "close.jpg"
    assert [row.name for row in filled.window.gallery.selected_rows] == ["close.jpg"]
    assert filled.window.preview.row.name == "close.jpg"
    filled.key(Qt.Key.Key_D)
    filled.key(Qt.Key.Key_N)
    assert filled.names == []
    assert filled.window.preview.row is None
    filled.key(Qt.Key.Key_Z, CTRL)
    assert filled.names == ["nearly.jpg"]
    assert filled.window.gallery.current_row.name == "nearly.jpg"
    filled.key(Qt.Key.Key_9)
    assert filled.names == ["torn.jpg", "close.jpg"]


def test_copied_result_names_the_correction(filled: App) -> None:
    filled.select([PHOTOS / "sure.jpg"])
    filled.key(Qt.Key.Key_N)
    filled.key(Qt.Key.Key_C, CTRL | Qt.KeyboardModifier.AltModifier)
    assert QGuiApplication.clipboard().text() == "sure.jpg: neither a cat nor a dog, yours (cat 99%, dog 1%)"


def test_preview_shows_a_confirmed_verdict(filled: App) -> None:
    filled.select([PHOTOS / "sure.jpg"])
    before = grab(filled.window.preview)
    filled.key(Qt.Key.Key_C)
    assert filled.window.preview.row.corrected
    assert grab(filled.window.preview) != before, "the verdict is the same, but it is the user's own"


def test_correction_that_cannot_be_stored_is_reported(filled: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreError(StoreProblem.UNUSABLE, "store.sqlite", "the disk is full")

    monkeypatch.setattr(Store, "correct", fail)
    filled.select([PHOTOS / "sure.jpg"])
    filled.key(Qt.Key.Key_D)
    filled.wait_for(lambda: "was not saved" in filled.message)
    assert verdict_of(filled, "sure.jpg") is Verdict.DOG


def test_duplicates_are_marked_together_and_named(app: App, cat: Path) -> None:
    twin = cat.with_name("twin & <b>.jpg")
    twin.write_bytes(cat.read_bytes())
    app.add(cat, twin)
    app.select([cat])
    equal = app.window.preview.duplicates
    app.wait_for(equal.isVisible)
    assert equal.accessibleName() == "Duplicate of twin & <b>.jpg."
    assert app.heard(cat).endswith("; has duplicates")
    assert "Duplicate of twin & <b>.jpg." in app.tooltip(cat)
    equal.linkActivated.emit("0")
    assert app.window.gallery.current_row.path == twin
    assert equal.accessibleName() == "Duplicate of cat.jpg."
    app.key(Qt.Key.Key_N)
    assert app.row(cat).verdict is app.row(twin).verdict is Verdict.NEITHER
    app.key(Qt.Key.Key_0)
    assert app.names == ["cat.jpg", "twin & <b>.jpg"]
    app.select([twin])
    app.key(Qt.Key.Key_Delete)
    assert app.row(cat).duplicate_group is None
    assert app.names == []


def test_rescan_by_shortcut(app: App, make_photos: Callable[..., list[Path]], folder: Path) -> None:
    assert not app.action("photos.look_for_new").isEnabled()
    make_photos(3)
    app.add(folder)
    make_photos(2, stem="new")
    for key in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        with app.qtbot.waitSignal(app.window.session.job_ended, timeout=WAIT_MS):
            app.key(Qt.Key.Key_F5, key)
        app.wait_done(5)


def test_problems_are_saved_as_csv(app: App, cat: Path, folder: Path) -> None:
    assert not app.action("photos.save_problems").isEnabled()
    text = folder / "=letter.jpg"
    text.write_text("Dear diary")
    app.add(cat)
    app.run("photos.save_problems")
    assert app.message == "There are no problems to save."
    app.add(text)
    app.run("photos.save_problems")
    dialog = app.dialog(QFileDialog)
    target = folder / "problems.csv"
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    app.wait_for(lambda: app.message == "Saved 1 problem in problems.csv.")
    lines = target.read_text("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "=letter.jpg" in lines[1]
    assert "is not a photo" in lines[1]


def test_csv_of_problems_that_cannot_be_written_is_reported(app: App, folder: Path) -> None:
    text = folder / "letter.jpg"
    text.write_text("Dear diary")
    app.add(text)
    app.run("photos.save_problems")
    dialog = app.dialog(QFileDialog)
    dialog.fileSelected.emit(str(folder / "nowhere" / "problems.csv"))
    dialog.reject()
    app.wait_for(lambda: app.message.startswith("There is no folder"))


def test_undo_of_corrections_of_waiting_photos_restores_stored_ones(
    open_app: Callable[..., App], make_photos: Callable[..., list[Path]]
) -> None:
    paths = make_photos(12)
    first = open_app()
    first.add(*paths)
    with first.qtbot.waitSignal(first.window.session.corrected, timeout=WAIT_MS):
        first.window.session.correct(paths, Verdict.BOTH)
    first.window.close()
    again = open_app()
    again.drop(files(paths))
    again.wait_for(lambda: again.window.session.gallery.total == 12)
    with again.qtbot.waitSignal(again.window.session.corrected, timeout=WAIT_MS):
        again.window.session.correct(paths, Verdict.NEITHER)
    again.wait_done(12)
    assert {row.verdict for row in again.window.session.gallery.rows()} == {Verdict.NEITHER}
    again.key(Qt.Key.Key_Z, CTRL)
    assert {row.verdict for row in again.window.session.gallery.rows()} == {Verdict.BOTH}
