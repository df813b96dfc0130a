"""About, the keys, an unexpected error; and that everything can be reached without a mouse and without eyes."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QScrollBar,
    QSpinBox,
    QWidget,
)

from catdog_desktop import __version__
from catdog_desktop.gui.dialogs import AboutDialog, CrashDialog, ShortcutsDialog, crash_report
from catdog_desktop.gui.settings.settings_dialog import SettingsDialog

INTERACTIVE = (QAbstractButton, QAbstractSlider, QLineEdit, QComboBox, QSpinBox, QAbstractItemView, QProgressBar)


def _texts(dialog: QDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel)]


def test_about_shows_versions_model_and_figures(app: App) -> None:
    app.run("help.about")
    texts = _texts(app.dialog(AboutDialog))
    model = app.window.session.model
    assert f"CatDog {__version__}" in texts
    assert f"The model: {model.title} {model.version}" in texts
    assert any(model.sha256[:16] in text and model.licence in text for text in texts)
    assert any(f"{model.figures['forced_accuracy']:.2%}" in text for text in texts)
    made_with = next(text for text in texts if text.startswith("CatDog ") and "Qt" in text)
    for name in ("Python", "Qt", "Pillow", "numpy", "ai-edge-litert", "pi-heif"):
        assert re.search(rf"{name} \d", made_with), name


def test_about_without_a_model(open_app: Callable[..., App], tmp_path: Path) -> None:
    app = open_app(tmp_path / "nothing")
    app.wait_for(lambda: app.message)
    app.run("help.about")
    assert "No model is loaded." in _texts(app.dialog(AboutDialog))


def test_the_keys_are_all_listed(app: App) -> None:
    app.key(Qt.Key.Key_F1)
    texts = _texts(app.dialog(ShortcutsDialog))
    for _entry, action in app.window.action_table:
        for key in action.shortcuts():
            assert any(key.toString() in text.split(", ") for text in texts), key.toString()
            assert action.text().replace("&", "").rstrip("…") in texts
    for expected in ("Ctrl+O", "Ctrl+V", "Esc", "Space", "H", "Del", "F1", "1", "7"):
        assert expected in texts


def test_every_key_of_the_design_is_there(app: App) -> None:
    keys = {key.toString() for _entry, action in app.window.action_table for key in action.shortcuts()}
    wanted = "Ctrl+O Ctrl+Shift+O Ctrl+V Esc Space H Ctrl+F 1 2 3 4 5 6 Ctrl+C Ctrl+A Del F1 Ctrl+,"
    assert set(wanted.split()) <= keys


def test_no_two_actions_share_a_key(app: App) -> None:
    keys = Counter(key.toString() for _entry, action in app.window.action_table for key in action.shortcuts())
    assert [key for key, count in keys.items() if count > 1] == []


def test_no_two_entries_of_a_menu_share_a_letter(app: App) -> None:
    menus = [action.menu() for action in app.window.menuBar().actions()]
    menus += [action.menu() for menu in menus for action in menu.actions() if action.menu() is not None]
    for entries in (
        [a.text() for a in app.window.menuBar().actions()],
        *([a.text() for a in m.actions()] for m in menus),
    ):
        letters = Counter(match.group(1).lower() for text in entries if (match := re.search(r"&(\w)", text)))
        assert [letter for letter, count in letters.items() if count > 1] == [], entries


def test_every_action_is_in_a_menu_and_has_a_tip(app: App) -> None:
    in_menus = set()

    def collect(actions: list) -> None:
        for action in actions:
            in_menus.add(action.text())
            if action.menu() is not None:
                collect(action.menu().actions())

    collect(app.window.menuBar().actions())
    for _entry, action in app.window.action_table:
        assert action.text() in in_menus
        assert action.toolTip()


def _unnamed(top: QWidget) -> list[str]:
    """Return the parts that somebody can use or must hear of and that a screen reader could not name."""
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


def test_every_part_has_a_name(app: App, cat: Path) -> None:
    assert _unnamed(app.window) == []
    app.add(cat)
    assert _unnamed(app.window) == []
    app.run("edit.settings")
    assert _unnamed(app.dialog(SettingsDialog)) == []


def test_tab_reaches_every_part(app: App, cat: Path) -> None:
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
    """Of buttons of which one is chosen, Tab reaches that one and arrows the others."""
    if not isinstance(widget, QAbstractButton):
        return False
    if widget.group() is not None:
        return any(isinstance(other, QAbstractButton) and other.group() is widget.group() for other in reached)
    return widget.autoExclusive() and any(
        isinstance(other, QAbstractButton) and other.autoExclusive() and other.parent() is widget.parent()
        for other in reached
    )


def test_each_dialog_closes_by_escape(app: App) -> None:
    for action_id, kind in (
        ("help.shortcuts", ShortcutsDialog),
        ("help.about", AboutDialog),
        ("edit.settings", SettingsDialog),
    ):
        app.run(action_id)
        app.key(Qt.Key.Key_Escape, on=app.dialog(kind))
        app.wait_for(lambda kind=kind: not app.window.findChildren(kind))
        assert app.window.isVisible()


def _error() -> Exception:
    try:
        raise RuntimeError("made for the test")
    except RuntimeError as error:
        return error


def test_an_unexpected_error_is_shown_with_a_report_to_copy(app: App, home: Path) -> None:
    app.window.session.failed.emit(_error())
    dialog = app.dialog(CrashDialog)
    shown = dialog.findChild(QPlainTextEdit).toPlainText()
    assert "RuntimeError: made for the test" in shown
    assert "test_dialogs.py" in shown, "with its trace"
    assert f"CatDog {__version__}" in shown
    assert any(str(home / "log") in text for text in _texts(dialog))
    (copy,) = [button for button in dialog.findChildren(QPushButton) if button.text() == "Copy report"]
    app.click(copy)
    assert QGuiApplication.clipboard().text() == shown
    assert dialog.isVisible()
    app.key(Qt.Key.Key_Escape, on=dialog)
    assert app.window.isVisible()


def test_many_errors_make_one_dialog(app: App) -> None:
    for _ in range(20):
        app.window.session.failed.emit(_error())
    app.dialog(CrashDialog)
    assert len(app.window.findChildren(CrashDialog)) == 1


def test_the_worker_tells_of_errors_that_nobody_expected(
    open_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch, cat: Path
) -> None:
    from catdog_desktop.gui import worker

    def fails(given: object) -> object:
        raise RuntimeError("the walk broke")

    monkeypatch.setattr(worker, "find_photos", fails)
    app = open_app()
    app.window.add([cat])
    app.wait_for(lambda: app.window.findChildren(CrashDialog))
    assert "the walk broke" in app.dialog(CrashDialog).report


def test_a_report_names_versions_and_system() -> None:
    report = crash_report(_error())
    assert report.startswith(f"CatDog {__version__} · Python ")
    assert "Qt" in report
    assert "made for the test" in report


@pytest.mark.parametrize(("action_id", "kind"), [("help.shortcuts", ShortcutsDialog), ("help.about", AboutDialog)])
def test_dialogs_opened_often_leave_nothing_behind(app: App, action_id: str, kind: type[QDialog]) -> None:
    for _ in range(5):
        app.run(action_id)
        app.dialog(kind).close()
    app.wait_for(lambda: not app.window.findChildren(kind))
