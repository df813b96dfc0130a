"""What is remembered is told in the settings, and forgotten from there; the photos in the window stay."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QMessageBox

from catdog_desktop.gui.settings import store_client as memory
from catdog_desktop.gui.settings.forget_dialog import ForgetDialog
from catdog_desktop.gui.settings.settings_dialog import SettingsDialog
from catdog_desktop.paths import data_folder, settings_file
from catdog_desktop.settings import Settings, load_settings
from catdog_desktop.store import store_file
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_erasure import Kind
from catdog_desktop.store.thumbnail_store import ThumbnailStore
from catdog_desktop.verdict import Verdict


def left() -> tuple[int, int, int]:
    """What a process that comes after would know: results, thumbnails, own verdicts."""
    with Store.open() as store:
        known = store.remembered()
        return known.photos, known.thumbnails, known.verdicts


def open_settings(app: App) -> SettingsDialog:
    app.wait_for(lambda: app.window.session.model is not None)
    app.key(Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = app.dialog(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    app.wait_for(lambda: dialog.remembered.numbers.text() != "Looking…")
    return dialog


def ask_to_forget(app: App, settings: SettingsDialog) -> ForgetDialog:
    app.click(settings.remembered.forget)
    app.wait_for(lambda: settings.findChildren(ForgetDialog))
    (dialog,) = settings.findChildren(ForgetDialog)
    return dialog


@pytest.fixture
def settings(app: App, make_photos: Callable[..., list[Path]], folder: Path) -> SettingsDialog:
    """The settings of a window that shows three photos, one of them corrected."""
    paths = make_photos(3)
    app.add(folder)
    app.wait_done(3)
    with app.qtbot.waitSignal(app.window.session.corrected):
        app.window.session.correct([paths[0]], Verdict.BOTH)
    return open_settings(app)


def test_what_is_remembered_is_told(settings: SettingsDialog) -> None:
    words = settings.remembered.numbers.text()
    assert words.startswith("Results of 3 photos, 3 thumbnails (")
    assert words.endswith("), 1 verdict of your own.")
    assert settings.remembered.note.text() == f"Only on this computer, in {data_folder()}"


def test_nothing_is_remembered_at_first(app: App) -> None:
    box = open_settings(app).remembered
    assert box.numbers.text() == "Nothing is remembered of photos."
    assert not box.forget.isEnabled()


def test_of_a_store_that_cannot_be_opened_nothing_is_promised(open_app: Callable[..., App]) -> None:
    kept = data_folder() / "store.sqlite"
    kept.mkdir(parents=True)
    box = open_settings(open_app()).remembered
    assert box.numbers.text() == "Nobody can say."
    assert box.note.text() == f"What {kept} holds cannot be looked up, and so it cannot be forgotten."


def test_the_numbers_follow_what_is_classified_behind(app: App, cat: Path) -> None:
    box = open_settings(app).remembered
    app.add(cat)
    app.wait_for(lambda: box.numbers.text().startswith("Results of 1 photo, 1 thumbnail ("))
    assert box.forget.isEnabled()


def test_results_and_thumbnails_go_and_the_photos_stay(app: App, settings: SettingsDialog, folder: Path) -> None:
    verdicts = [row.verdict for row in app.shown]
    dialog = ask_to_forget(app, settings)
    assert {kind for kind, box in dialog.boxes.items() if box.isChecked()} == {Kind.RESULTS, Kind.THUMBNAILS}
    app.click(dialog.forget)
    app.wait_for(lambda: settings.remembered.note.text().startswith("Forgotten: results, thumbnails."))
    app.wait_for(lambda: settings.remembered.numbers.text() == "1 verdict of your own.")
    assert left() == (0, 0, 1)
    assert [row.verdict for row in app.shown] == verdicts
    assert app.row(folder / "IMG_1.jpg").corrected
    raw = b"".join(path.read_bytes() for path in data_folder().iterdir())
    assert b"IMG_" not in raw


def test_own_verdicts_are_not_lost_without_a_question(app: App, settings: SettingsDialog, folder: Path) -> None:
    dialog = ask_to_forget(app, settings)
    dialog.boxes[Kind.VERDICTS].setChecked(True)
    for answer, expected in (("Keep it", 1), ("Forget it", 0)):
        app.click(dialog.forget)
        (question,) = [box for box in dialog.findChildren(QMessageBox) if box.isVisible()]
        assert question.text() == "Forget 1 verdict of your own? Nothing can bring it back."
        assert question.defaultButton().text() == "&Keep it"
        (button,) = [b for b in question.buttons() if b.text().replace("&", "") == answer]
        app.click(button)
        if expected:
            assert dialog.isVisible()
            assert left() == (3, 3, 1)
    app.wait_for(lambda: settings.remembered.numbers.text() == "Nothing is remembered of photos.")
    assert left() == (0, 0, 0)
    row = app.row(folder / "IMG_1.jpg")
    assert not row.corrected, "else it would be sorted and exported by it"
    assert row.result is not None
    assert row.result.correction is None
    assert not app.window.session.correction_can_be_undone
    assert len(app.shown) == 3


def test_a_verdict_given_while_it_forgets_stays(app: App, settings: SettingsDialog, folder: Path) -> None:
    """Both are told to the worker before it has a moment; what the user said last counts."""
    session = app.window.session
    with app.qtbot.waitSignals([session.memory.forgotten, session.corrected], timeout=20_000):
        session.memory.forget({Kind.VERDICTS})
        session.correct([folder / "IMG_2.jpg"], Verdict.DOG)
    assert app.row(folder / "IMG_2.jpg").verdict is Verdict.DOG
    assert not app.row(folder / "IMG_1.jpg").corrected
    assert left() == (3, 3, 1)
    with app.qtbot.waitSignal(session.corrected, timeout=20_000):
        assert session.undo_correction() == [folder / "IMG_2.jpg"]
    assert left() == (3, 3, 0)


def test_by_keyboard_alone(app: App, settings: SettingsDialog) -> None:
    settings.remembered.forget.setFocus()
    app.key(Qt.Key.Key_Space, on=settings.remembered.forget)
    app.wait_for(lambda: settings.findChildren(ForgetDialog))
    (dialog,) = settings.findChildren(ForgetDialog)
    app.wait_for(lambda: dialog.focusWidget() is dialog.boxes[Kind.RESULTS])
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Tab, Qt.Key.Key_Space):
        app.key(key, on=dialog.focusWidget())
    assert not dialog.forget.isEnabled(), "there is nothing to forget"
    app.key(Qt.Key.Key_Space, on=dialog.focusWidget())
    app.key(Qt.Key.Key_Return, on=dialog.focusWidget())
    app.wait_for(lambda: settings.remembered.note.text().startswith("Forgotten: thumbnails."))
    assert left() == (3, 0, 1)


def test_cancel_forgets_nothing(app: App, settings: SettingsDialog) -> None:
    dialog = ask_to_forget(app, settings)
    app.key(Qt.Key.Key_Escape, on=dialog)
    app.wait_for(lambda: not settings.findChildren(ForgetDialog))
    assert left() == (3, 3, 1)


def test_a_store_in_use_is_said(open_app: Callable[..., App], cat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_file, "BUSY_SECONDS", 0.05)
    app = open_app()
    app.add(cat)
    settings = open_settings(app)
    other = sqlite3.connect(data_folder() / "store.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    app.click(ask_to_forget(app, settings).forget)
    app.wait_for(lambda: "another program has been using it for too long" in settings.remembered.note.text())
    other.execute("ROLLBACK")
    other.close()
    app.wait_for(settings.remembered.forget.isEnabled)
    app.click(ask_to_forget(app, settings).forget)
    app.wait_for(lambda: settings.remembered.numbers.text() == "Nothing is remembered of photos.")


def test_damaged_files_that_were_set_aside_go_with_all(app: App) -> None:
    (data_folder() / "store.damaged-2026-01-01.sqlite").write_bytes(b"trip/a.jpg")
    settings = open_settings(app)
    assert settings.remembered.numbers.text() == "1 damaged file."
    dialog = ask_to_forget(app, settings)
    dialog.boxes[Kind.VERDICTS].setChecked(True)
    app.click(dialog.forget)
    (question,) = dialog.findChildren(QMessageBox)
    assert question.text().startswith("Forget damaged files that may hold verdicts of yours?")
    app.click(next(b for b in question.buttons() if b.text().startswith("&Forget")))
    app.wait_for(lambda: settings.remembered.numbers.text() == "Nothing is remembered of photos.")
    assert not (data_folder() / "store.damaged-2026-01-01.sqlite").exists()


# The room for thumbnails.


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte that is none: nobody is to wait until a hundred of them are written."""
    monkeypatch.setattr(memory, "MEGABYTE", 10**4)


def fill_thumbnails(megabytes: int) -> None:
    thumbnails = ThumbnailStore(data_folder() / "thumbnails.sqlite")
    thumbnails.keep({f"{number:032x}": bytes(memory.MEGABYTE) for number in range(megabytes)})
    thumbnails.close()


@pytest.mark.usefixtures("small")
def test_less_room_takes_effect_at_once_and_is_kept(app: App) -> None:
    fill_thumbnails(120)
    settings = open_settings(app)
    limit = settings.remembered.limit
    assert [limit.itemText(number) for number in range(limit.count())] == [
        "100 MB", "250 MB", "500 MB", "1 GB", "2 GB", "5 GB",
    ]  # fmt: skip
    assert limit.currentText() == "500 MB"
    assert "120 thumbnails" in settings.remembered.numbers.text()
    limit.setFocus()
    app.key(Qt.Key.Key_Home, on=limit)
    app.wait_for(lambda: "90 thumbnails" in settings.remembered.numbers.text())
    assert app.window.settings.thumbnail_megabytes == 100
    assert (data_folder() / "thumbnails.sqlite").stat().st_size < 100 * 12_288 + 50_000, "the disk has the rest back"
    app.wait_for(lambda: load_settings(settings_file())[0].thumbnail_megabytes == 100)


@pytest.mark.usefixtures("small")
def test_the_limit_holds_from_the_start(open_app: Callable[..., App]) -> None:
    fill_thumbnails(120)
    app = open_app(settings=Settings(thumbnail_megabytes=110))
    settings = open_settings(app)
    assert "99 thumbnails" in settings.remembered.numbers.text()
    assert settings.remembered.limit.currentText() == "110 MB", "as the file of settings has it"


def test_a_wheel_that_passes_over_changes_nothing(app: App) -> None:
    limit = open_settings(app).remembered.limit
    limit.setFocus()
    where = limit.rect().center()
    wheel = QWheelEvent(
        QPointF(where), QPointF(limit.mapToGlobal(where)), QPoint(0, 120), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(limit, wheel)
    assert limit.currentText() == "500 MB"


def test_the_dialog_fits_on_its_screen(app: App) -> None:
    """At twice the size a small screen has room for less than all of it; then it scrolls."""
    dialog = open_settings(app)
    assert dialog.height() <= dialog.screen().availableGeometry().height()
    dialog.resize(dialog.width(), 240)
    dialog.remembered.forget.setEnabled(True)
    dialog.cat.setFocus()
    for _ in range(20):
        if dialog.focusWidget() is dialog.remembered.forget:
            break
        app.key(Qt.Key.Key_Tab, on=dialog.focusWidget())
    assert dialog.focusWidget() is dialog.remembered.forget
    place = dialog.remembered.forget.mapTo(dialog, QPoint(0, 0))
    assert dialog.rect().contains(place), "it is scrolled to"
