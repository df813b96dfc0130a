"""The settings while the app runs: changed in one place, and written in the background."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.settings import Settings, save_settings

_SAVE_MS: Final = 500
"""A slider that is being pulled changes a setting sixty times a second; the disk hears of it once."""


class KeptSettings(QObject):
    """The user's choices; whoever shows them listens to `changed`."""

    changed = Signal(object)  # Settings
    failed = Signal(str)  # a sentence

    def __init__(self, settings: Settings, path: Path, errands: TaskQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._current = settings
        self._path = path
        self._errands = errands
        self._save_soon = QTimer(self, interval=_SAVE_MS, singleShot=True)
        self._save_soon.timeout.connect(self.save)

    @property
    def current(self) -> Settings:
        """The settings as they stand."""
        return self._current

    def change(self, **fields: Any) -> None:
        """Change some fields."""
        self.put(replace(self._current, **fields))

    def put(self, settings: Settings) -> None:
        """Use other settings from now on."""
        if settings != self._current:
            self._current = settings
            self.changed.emit(settings)
            self._save_soon.start()

    def save(self) -> None:
        """Write the settings now, in the background."""
        self._save_soon.stop()
        settings, path = self._current, self._path
        self._errands.run(lambda: _save_or_say(path, settings), self._on_saved)

    def _on_saved(self, sentence: str | None) -> None:
        if sentence is not None:
            self.failed.emit(sentence)


def _save_or_say(path: Path, settings: Settings) -> str | None:
    try:
        save_settings(path, settings)
    except OSError as error:
        return f"The settings could not be kept ({error.strerror}); they hold until the app is closed."
    return None
