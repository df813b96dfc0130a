"""The window in a language: Qt's own texts, direction, the setting, and the restart."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.language import RESTART, apply_language
from catdog_desktop.gui.settings.settings_dialog import SettingsDialog
from catdog_desktop.languages.choice import LANGUAGES
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Thresholds


class NoStoredData(QObject):
    """Stands for the stored data, which these tests do not look at."""

    summary_ready = Signal(object)
    forgotten = Signal(object)
    failed = Signal(str)
    outdated = Signal()

    def request_summary(self) -> None:
        """Answer nothing."""


@pytest.fixture
def application(qapp: QApplication) -> Iterator[QApplication]:
    before = QLocale()
    yield qapp
    from catdog_desktop.languages.choice import use_language

    use_language("en")
    apply_language(qapp)
    QLocale.setDefault(before)


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_qt_speaks_every_language(code: str, application: QApplication, speak: Callable[[str], None]) -> None:
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
    speak(code)
    apply_language(application)
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") != "Cancel"
    assert QLocale().name().partition("_")[0] == code.partition("_")[0]
    right_to_left = application.layoutDirection() is Qt.LayoutDirection.RightToLeft
    assert right_to_left == (code == "ar")


def test_qt_is_english_again_after_another_language(application: QApplication, speak: Callable[[str], None]) -> None:
    speak("ar")
    apply_language(application)
    speak("en")
    apply_language(application)
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
    assert application.layoutDirection() is Qt.LayoutDirection.LeftToRight


def test_main_opens_mirrored_window_in_arabic_and_starts_again_in_another_language(tmp_path: Path) -> None:
    """The real program: its window says its direction, asks for a restart, and a second process takes its place."""
    program = """
import json, os, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from catdog_desktop.gui import app, language, main_window
said = Path(sys.argv[1])
shown = main_window.MainWindow.showEvent
def on_show(window, event):
    shown(window, event)
    title = window.menuBar().actions()[0].text()
    said.write_text(json.dumps([QApplication.instance().layoutDirection().name, title]))
    QTimer.singleShot(0, lambda: (window.close(), QApplication.exit(language.RESTART)))
main_window.MainWindow.showEvent = on_show
language.start_again = lambda arguments: said.with_suffix(".again").write_text(json.dumps(list(arguments)))
sys.exit(app.main([]))
"""
    said = tmp_path / "said"
    environment = {**os.environ, "CATDOG_LANGUAGE": "ar", "CATDOG_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", program, str(said)], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    direction, title = json.loads(said.read_text())
    assert direction == "RightToLeft"
    assert not title.isascii()
    assert json.loads(said.with_suffix(".again").read_text()) == []


def test_setting_offers_restart_only_for_another_language(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings(), Thresholds(), NoStoredData())  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    assert [dialog.language.itemData(number) for number in range(dialog.language.count())] == ["", *LANGUAGES]
    dialog.show()
    changes: list[Settings] = []
    dialog.changed.connect(changes.append)
    assert not dialog.restart.isVisible()
    dialog.language.setCurrentIndex(dialog.language.findData("fr"))
    assert changes[-1].language == "fr"
    assert dialog.restart.isVisible()
    dialog.language.setCurrentIndex(dialog.language.findData("en"))
    assert not dialog.restart.isVisible()
    with qtbot.waitSignal(dialog.restart_requested):
        dialog.language.setCurrentIndex(dialog.language.findData("ja"))
        dialog.restart.click()
    assert RESTART > 255  # no exit status of a system
