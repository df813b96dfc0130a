"""Dialogs: about, shortcuts, unexpected errors. Every part is reachable by keyboard and has an accessible name."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QSpinBox,
    QWidget,
)

from catdog_desktop import __version__
from catdog_desktop.build_info import BuildInfo
from catdog_desktop.gui import dialogs
from catdog_desktop.gui.action_table import plain_label
from catdog_desktop.gui.dialogs import AboutDialog, CrashDialog, ShortcutsDialog, crash_report
from catdog_desktop.gui.settings.settings_dialog import SettingsDialog

DIALOGS = (
    ("help.shortcuts", ShortcutsDialog),
    ("help.about", AboutDialog),
    ("edit.settings", SettingsDialog),
)
INTERACTIVE = (QAbstractButton, QAbstractSlider, QLineEdit, QComboBox, QSpinBox, QAbstractItemView, QProgressBar)


def _texts(dialog: QDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel)]


def test_about_shows_versions_model_and_figures(app: App) -> None:
    app.run("help.about")
    texts = _texts(app.dialog(AboutDialog))
    model = app.window.session.model
    assert f"CatDog {__version__}" in texts
    assert f"Model: {model.title} {model.version}" in texts
    assert any(model.sha256[:16] in text and model.licence in text for text in texts)
    assert any(f"{model.figures['forced_accuracy']:.2%}" in text for text in texts)
    made_with = next(text for text in texts if text.startswith("CatDog ") and "Qt" in text)
    for name in ("Python", "Qt", "Pillow", "numpy", "ai-edge-litert", "pi-heif"):
        assert re.search(rf"{name} \d", made_with), name


def test_about_of_build_shows_commit_and_date(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catdog_desktop.gui.dialogs.build_info", lambda: BuildInfo("0123456789", "2026-01-02"))
    app.run("help.about")
    assert "Build 0123456789 of 2026-01-02" in _texts(app.dialog(AboutDialog))


def test_save_diagnostic_report_writes_file(app: App, tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    app.run("help.save_report")
    dialog = app.dialog(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    app.wait_for(lambda: "written" in app.window.status.message)
    assert f"CatDog       {__version__}" in path.read_text(encoding="utf-8")


def test_about_cuts_no_text(app: App) -> None:
    app.run("help.about")
    labels = app.dialog(AboutDialog).findChildren(QLabel)
    cut = [label.text() for label in labels if label.height() < label.heightForWidth(label.width())]
    assert cut == []


def test_about_on_a_low_screen_scrolls_and_keeps_its_button(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """1080 pixels at 200% are 540 points."""
    monkeypatch.setattr(dialogs, "size_within_screen", lambda _dialog, size: size.boundedTo(QSize(900, 480)))
    app.run("help.about")
    dialog = app.dialog(AboutDialog)
    bar = dialog.findChild(QScrollArea).verticalScrollBar()
    app.wait_for(lambda: bar.maximum() > 0)
    close = dialog.findChild(QDialogButtonBox)
    assert dialog.height() <= 480
    assert dialog.rect().contains(close.geometry())


def test_about_without_model_reports_it(open_app: Callable[..., App], tmp_path: Path) -> None:
    app = open_app(tmp_path / "nothing")
    app.wait_for(lambda: app.message)
    app.run("help.about")
    assert "No model is loaded." in _texts(app.dialog(AboutDialog))


def test_shortcuts_dialog_lists_every_shortcut(app: App) -> None:
    app.key(Qt.Key.Key_F1, Qt.KeyboardModifier.ControlModifier)
    texts = _texts(app.dialog(ShortcutsDialog))
    for _entry, action in app.window.action_table:
        for key in action.shortcuts():
            assert any(key.toString() in text.split(", ") for text in texts), key.toString()
            assert any(text.endswith(plain_label(action.text())) for text in texts)
    for expected in ("Ctrl+O", "Ctrl+V", "Esc", "Space", "H", "Del", "F1", "1", "7", "Mark as: Cat", "Show: Cats"):
        assert any(expected in (text, *text.split(", ")) for text in texts), expected


def test_shortcuts_dialog_shows_all_without_scrolling_on_large_screen(app: App) -> None:
    app.run("help.shortcuts")
    dialog = app.dialog(ShortcutsDialog)
    scroll = dialog.findChild(QScrollArea)
    app.wait_for(lambda: scroll.viewport().height() >= scroll.widget().sizeHint().height())
    assert not scroll.horizontalScrollBar().isVisible()
    assert dialog.height() < 760, "fits a screen of 1366 x 768"


def _unnamed(top: QWidget) -> list[str]:
    """Return the widgets that a screen reader cannot name."""
    found = []
    for widget in top.findChildren(QWidget):
        inner = isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_")
        if not isinstance(widget, INTERACTIVE) or inner or not widget.isVisible():
            continue
        texts = [widget.accessibleName()]
        texts += [widget.text()] if isinstance(widget, QAbstractButton) else []
        texts += [label.text() for label in top.findChildren(QLabel) if label.buddy() is widget]
        if not any(text.strip() for text in texts):
            found.append(f"{type(widget).__name__} {widget.toolTip()!r}")
    return found


def test_widgets_all_have_accessible_names(app: App, cat: Path) -> None:
    assert _unnamed(app.window) == []
    app.add(cat)
    assert _unnamed(app.window) == []
    for action_id, kind in DIALOGS:
        app.run(action_id)
        dialog = app.dialog(kind)
        assert _unnamed(dialog) == []
        dialog.close()


def test_tab_key_reaches_every_widget(app: App, cat: Path) -> None:
    window = app.window
    app.add(cat)
    window.gallery.setFocus()
    reached: list[QWidget] = []
    while (focus := window.focusWidget()) not in reached:
        reached.append(focus)
        assert len(reached) < 100
        app.key(Qt.Key.Key_Tab)
    usable = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget, QScrollBar)
        and widget.focusProxy() is None
    ]
    missed = [w for w in usable if w not in reached and not _in_one_group(w, reached)]
    assert missed == [], [f"{type(w).__name__} {w.accessibleName() or w.toolTip()}" for w in missed]
    assert window.gallery in reached
    assert window.header.search in reached


def _in_one_group(widget: QWidget, reached: list[QWidget]) -> bool:
    """Whether `widget` is in an exclusive group: Tab reaches the checked button, arrows the others."""
    if not isinstance(widget, QAbstractButton):
        return False
    if widget.group() is not None:
        return any(isinstance(other, QAbstractButton) and other.group() is widget.group() for other in reached)
    return widget.autoExclusive() and any(
        isinstance(other, QAbstractButton) and other.autoExclusive() and other.parent() is widget.parent()
        for other in reached
    )


def test_dialog_escape_closes_it(app: App) -> None:
    for action_id, kind in DIALOGS:
        app.run(action_id)
        app.key(Qt.Key.Key_Escape, on=app.dialog(kind))
        app.wait_for(lambda kind=kind: not app.window.findChildren(kind))
        assert app.window.isVisible()


def _error() -> Exception:
    try:
        raise RuntimeError("made for the test")
    except RuntimeError as error:
        return error


def test_unexpected_error_shows_report_to_copy(app: App, home: Path) -> None:
    app.window.session.failed.emit(_error())
    app.wait_for(lambda: app.window.findChildren(CrashDialog))
    dialog = app.dialog(CrashDialog)
    shown = dialog.findChild(QPlainTextEdit).toPlainText()
    assert "RuntimeError: made for the test" in shown
    assert "test_dialogs.py" in shown, "the traceback"
    assert f"CatDog {__version__}" in shown
    assert any(str(home / "log") in text for text in _texts(dialog))
    (copy,) = [button for button in dialog.findChildren(QPushButton) if button.text() == "Copy report"]
    app.click(copy)
    assert QGuiApplication.clipboard().text() == shown
    assert dialog.isVisible()
    app.key(Qt.Key.Key_Escape, on=dialog)
    assert app.window.isVisible()


def test_unexpected_errors_open_one_dialog(app: App) -> None:
    for _ in range(20):
        app.window.session.failed.emit(_error())
    app.wait_for(lambda: app.window.findChildren(CrashDialog))
    app.dialog(CrashDialog)
    assert len(app.window.findChildren(CrashDialog)) == 1


def test_unexpected_error_in_worker_is_shown(
    open_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch, cat: Path
) -> None:
    from catdog_desktop.gui import photo_finder

    def fails(paths: object, rules: object) -> object:
        raise RuntimeError("the walk broke")

    monkeypatch.setattr(photo_finder, "find_photos", fails)
    app = open_app()
    app.window.add([cat])
    app.wait_for(lambda: app.window.findChildren(CrashDialog))
    assert "the walk broke" in app.dialog(CrashDialog).report


def test_crash_report_has_versions_and_traceback() -> None:
    report = crash_report(_error())
    assert report.startswith(f"CatDog {__version__} · Python ")
    assert "Qt" in report
    assert "made for the test" in report


@pytest.mark.parametrize(("action_id", "kind"), [("help.shortcuts", ShortcutsDialog), ("help.about", AboutDialog)])
def test_dialog_opened_often_is_deleted(app: App, action_id: str, kind: type[QDialog]) -> None:
    for _ in range(5):
        app.run(action_id)
        app.dialog(kind).close()
    app.wait_for(lambda: not app.window.findChildren(kind))
