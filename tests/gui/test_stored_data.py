"""Stored data in the settings: shown, limited and forgotten, while the photos in the window stay."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QMessageBox

from catdog_desktop.gui.settings import stored_data
from catdog_desktop.gui.settings.settings_dialog import SettingsDialog
from catdog_desktop.gui.settings.stored_data import ForgetDialog
from catdog_desktop.paths import data_folder, settings_file
from catdog_desktop.settings import Settings, load_settings
from catdog_desktop.store import store_file
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_erasure import Kind
from catdog_desktop.store.thumbnail_store import ThumbnailStore
from catdog_desktop.verdict import Verdict


def counts_on_disk() -> tuple[int, int, int]:
    """Return what another process would find: results, thumbnails, corrections."""
    with Store.open() as store:
        stored = store.remembered()
        return stored.photos, stored.thumbnails, stored.verdicts


def open_settings(app: App) -> SettingsDialog:
    app.wait_for(lambda: app.window.session.model is not None)
    app.key(Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    dialog = app.dialog(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    app.wait_for(lambda: dialog.stored_data.summary.text() != "Loading…")
    return dialog


def ask_to_forget(app: App, settings: SettingsDialog) -> ForgetDialog:
    app.click(settings.stored_data.forget)
    app.wait_for(lambda: settings.findChildren(ForgetDialog))
    (dialog,) = settings.findChildren(ForgetDialog)
    return dialog


@pytest.fixture
def settings(app: App, make_photos: Callable[..., list[Path]], folder: Path) -> SettingsDialog:
    """Return the settings of a window with three photos, the first corrected."""
    paths = make_photos(3)
    app.add(folder)
    app.wait_done(3)
    with app.qtbot.waitSignal(app.window.session.corrected):
        app.window.session.correct([paths[0]], Verdict.BOTH)
    return open_settings(app)


def test_settings_show_counts_of_stored_data(settings: SettingsDialog) -> None:
    text = settings.stored_data.summary.text()
    assert text.startswith("Results of 3 photos, 3 thumbnails (")
    assert text.endswith("), your verdicts (1).")
    assert settings.stored_data.note.text() == f"Only on this computer, in {data_folder()}"


def test_settings_empty_store_shows_no_data(app: App) -> None:
    box = open_settings(app).stored_data
    assert box.summary.text() == "No data about photos is stored."
    assert not box.forget.isEnabled()


def test_settings_unopenable_store_not_reported_empty(open_app: Callable[..., App]) -> None:
    kept = data_folder() / "store.sqlite"
    kept.mkdir(parents=True)
    box = open_settings(open_app()).stored_data
    assert box.summary.text() == "The stored data cannot be read."
    assert box.note.text() == f"What {kept} holds cannot be looked up, and so it cannot be forgotten."


def test_settings_counts_follow_classification(app: App, cat: Path) -> None:
    box = open_settings(app).stored_data
    app.add(cat)
    app.wait_for(lambda: box.summary.text().startswith("Results of 1 photo, 1 thumbnail ("))
    assert box.forget.isEnabled()


def test_forget_results_and_thumbnails_keeps_photos_in_window(app: App, settings: SettingsDialog, folder: Path) -> None:
    verdicts = [row.verdict for row in app.shown]
    dialog = ask_to_forget(app, settings)
    assert {kind for kind, box in dialog.boxes.items() if box.isChecked()} == {Kind.RESULTS, Kind.THUMBNAILS}
    app.click(dialog.forget)
    app.wait_for(lambda: settings.stored_data.note.text().startswith("Forgotten: results, thumbnails."))
    app.wait_for(lambda: settings.stored_data.summary.text() == "Your verdicts (1).")
    assert counts_on_disk() == (0, 0, 1)
    assert [row.verdict for row in app.shown] == verdicts
    assert app.row(folder / "IMG_1.jpg").corrected
    raw = b"".join(path.read_bytes() for path in data_folder().iterdir())
    assert b"IMG_" not in raw


def test_forget_verdicts_asks_first(app: App, settings: SettingsDialog, folder: Path) -> None:
    dialog = ask_to_forget(app, settings)
    dialog.boxes[Kind.VERDICTS].setChecked(True)
    for answer, expected in (("Keep", 1), ("Forget", 0)):
        app.click(dialog.forget)
        (question,) = [box for box in dialog.findChildren(QMessageBox) if box.isVisible()]
        assert question.text() == "Forget your verdict? This cannot be undone."
        assert question.defaultButton().text() == "&Keep"
        (button,) = [b for b in question.buttons() if b.text().replace("&", "") == answer]
        app.click(button)
        if expected:
            assert dialog.isVisible()
            assert counts_on_disk() == (3, 3, 1)
    app.wait_for(lambda: settings.stored_data.summary.text() == "No data about photos is stored.")
    assert counts_on_disk() == (0, 0, 0)
    row = app.row(folder / "IMG_1.jpg")
    assert not row.corrected, "otherwise it would be sorted and exported by it"
    assert row.result is not None
    assert row.result.correction is None
    assert not app.window.session.correction_can_be_undone
    assert len(app.shown) == 3


def test_forget_verdicts_keeps_later_correction(app: App, settings: SettingsDialog, folder: Path) -> None:
    """Both commands are posted before the worker runs one. The last one counts."""
    session = app.window.session
    with app.qtbot.waitSignals([session.stored_data.forgotten, session.corrected], timeout=120_000):
        session.stored_data.forget({Kind.VERDICTS})
        session.correct([folder / "IMG_2.jpg"], Verdict.DOG)
    assert app.row(folder / "IMG_2.jpg").verdict is Verdict.DOG
    assert not app.row(folder / "IMG_1.jpg").corrected
    assert counts_on_disk() == (3, 3, 1)
    with app.qtbot.waitSignal(session.corrected, timeout=120_000):
        assert session.undo_correction() == [folder / "IMG_2.jpg"]
    assert counts_on_disk() == (3, 3, 0)


def test_forget_by_keyboard_alone(app: App, settings: SettingsDialog) -> None:
    settings.stored_data.forget.setFocus()
    app.key(Qt.Key.Key_Space, on=settings.stored_data.forget)
    app.wait_for(lambda: settings.findChildren(ForgetDialog))
    (dialog,) = settings.findChildren(ForgetDialog)
    app.wait_for(lambda: dialog.focusWidget() is dialog.boxes[Kind.RESULTS])
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Tab, Qt.Key.Key_Space):
        app.key(key, on=dialog.focusWidget())
    assert not dialog.forget.isEnabled(), "there is nothing to forget"
    app.key(Qt.Key.Key_Space, on=dialog.focusWidget())
    app.key(Qt.Key.Key_Return, on=dialog.focusWidget())
    app.wait_for(lambda: settings.stored_data.note.text().startswith("Forgotten: thumbnails."))
    assert counts_on_disk() == (3, 0, 1)


def test_forget_cancel_keeps_data(app: App, settings: SettingsDialog) -> None:
    dialog = ask_to_forget(app, settings)
    app.key(Qt.Key.Key_Escape, on=dialog)
    app.wait_for(lambda: not settings.findChildren(ForgetDialog))
    assert counts_on_disk() == (3, 3, 1)


def test_forget_store_in_use_reports_reason(
    open_app: Callable[..., App], cat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_file, "BUSY_SECONDS", 0.05)
    app = open_app()
    app.add(cat)
    settings = open_settings(app)
    other = sqlite3.connect(data_folder() / "store.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    app.click(ask_to_forget(app, settings).forget)
    app.wait_for(lambda: "another program has been using it for too long" in settings.stored_data.note.text())
    other.execute("ROLLBACK")
    other.close()
    app.wait_for(settings.stored_data.forget.isEnabled)
    app.click(ask_to_forget(app, settings).forget)
    app.wait_for(lambda: settings.stored_data.summary.text() == "No data about photos is stored.")


def test_forget_all_deletes_damaged_files(app: App) -> None:
    (data_folder() / "store.damaged-2026-01-01.sqlite").write_bytes(b"trip/a.jpg")
    settings = open_settings(app)
    assert settings.stored_data.summary.text() == "1 damaged file."
    dialog = ask_to_forget(app, settings)
    dialog.boxes[Kind.VERDICTS].setChecked(True)
    app.click(dialog.forget)
    (question,) = dialog.findChildren(QMessageBox)
    assert question.text().startswith("Forget the damaged files, which may contain verdicts of yours?")
    app.click(next(b for b in question.buttons() if b.text().startswith("&Forget")))
    app.wait_for(lambda: settings.stored_data.summary.text() == "No data about photos is stored.")
    assert not (data_folder() / "store.damaged-2026-01-01.sqlite").exists()


# The thumbnail cache.


@pytest.fixture
def small_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a megabyte be 10 kB: writing a hundred real ones takes too long."""
    monkeypatch.setattr(stored_data, "MEGABYTE", 10**4)


def fill_thumbnails(megabytes: int) -> None:
    thumbnails = ThumbnailStore(data_folder() / "thumbnails.sqlite")
    thumbnails.keep({f"{number:032x}": bytes(stored_data.MEGABYTE) for number in range(megabytes)})
    thumbnails.close()


@pytest.mark.usefixtures("small_megabytes")
def test_thumbnail_limit_lowered_deletes_at_once(app: App) -> None:
    fill_thumbnails(120)
    settings = open_settings(app)
    limit = settings.stored_data.limit
    assert [limit.itemData(number) for number in range(limit.count())] == [100, 250, 500, 1000, 2000, 5000]
    assert limit.currentData() == 500
    assert "120 thumbnails" in settings.stored_data.summary.text()
    limit.setFocus()
    app.key(Qt.Key.Key_Home, on=limit)
    app.wait_for(lambda: "90 thumbnails" in settings.stored_data.summary.text())
    assert app.window.settings.thumbnail_megabytes == 100
    assert (data_folder() / "thumbnails.sqlite").stat().st_size < 100 * 12_288 + 50_000, "the file has shrunk"
    app.wait_for(lambda: load_settings(settings_file())[0].thumbnail_megabytes == 100)


@pytest.mark.usefixtures("small_megabytes")
def test_thumbnail_limit_applies_at_start(open_app: Callable[..., App]) -> None:
    fill_thumbnails(120)
    app = open_app(settings=Settings(thumbnail_megabytes=110))
    settings = open_settings(app)
    assert "99 thumbnails" in settings.stored_data.summary.text()
    assert settings.stored_data.limit.currentData() == 110, "as in the settings file"


def test_thumbnail_limits_are_named_in_units(app: App) -> None:
    limit = open_settings(app).stored_data.limit
    names = [limit.itemText(number) for number in range(limit.count())]
    assert names == ["100 MB", "250 MB", "500 MB", "1 GB", "2 GB", "5 GB"]


def test_thumbnail_limit_ignores_wheel(app: App) -> None:
    limit = open_settings(app).stored_data.limit
    limit.setFocus()
    where = limit.rect().center()
    wheel = QWheelEvent(
        QPointF(where), QPointF(limit.mapToGlobal(where)), QPoint(0, 120), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(limit, wheel)
    assert limit.currentText() == "500 MB"


def test_settings_low_dialog_scrolls_to_focus(app: App) -> None:
    """At 200 % a small screen is lower than the dialog."""
    dialog = open_settings(app)
    assert dialog.height() <= dialog.screen().availableGeometry().height()
    dialog.resize(dialog.width(), 240)
    dialog.stored_data.forget.setEnabled(True)
    dialog.cat.setFocus()
    for _ in range(20):
        if dialog.focusWidget() is dialog.stored_data.forget:
            break
        app.key(Qt.Key.Key_Tab, on=dialog.focusWidget())
    assert dialog.focusWidget() is dialog.stored_data.forget
    place = dialog.stored_data.forget.mapTo(dialog, QPoint(0, 0))
    assert dialog.rect().contains(place), "it is scrolled to"
