"""The language of Qt's own texts, the direction of the layout, and a restart in another language."""

import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from catdog_desktop.messages import RIGHT_TO_LEFT, language

RESTART: Final = 1000
"""Exit code of Qt's event loop: the user wants the window in another language."""

_LOCALES: Final = {"ar": "ar_AE"}
"""Locales of Qt whose digits are those of the app's own numbers. Qt's Arabic without a country has other digits."""


def system_languages() -> list[str]:
    """Return the languages that the user chose in the system, best first. macOS names them nowhere else."""
    return list(QLocale.system().uiLanguages()) if sys.platform == "darwin" else []


def apply_language(app: QApplication) -> None:
    """Let Qt's own texts (standard buttons, menus of text fields, keys), numbers and layout follow the language."""
    code = language()
    for old in app.findChildren(QTranslator, "catdog"):
        app.removeTranslator(old)
        old.deleteLater()
    translator = QTranslator(app)
    translator.setObjectName("catdog")
    # Qt's English texts need no file.
    if translator.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)
    QLocale.setDefault(QLocale(_LOCALES.get(code, code)))
    is_mirrored = code in RIGHT_TO_LEFT
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft if is_mirrored else Qt.LayoutDirection.LeftToRight)


def start_again(arguments: Sequence[str]) -> None:
    """Start the app once more, with these arguments, beside this process, which is about to end. Raises `OSError`."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "catdog_desktop"]
    subprocess.Popen([*program, *arguments], stdin=subprocess.DEVNULL, start_new_session=True)
