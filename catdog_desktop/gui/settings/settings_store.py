"""The settings while the app runs: changed in one place and written to the disk in the background."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal

from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.messages import _
from catdog_desktop.settings import Settings, save_settings

_SAVE_MS: Final = 500
"""A slider that is dragged changes a setting sixty times a second; the file is written once."""


class SettingsStore(QObject):
    """The user's choices. Whatever shows them connects to `changed`."""

    changed = Signal(object)  # Settings
    failed = Signal(str)  # a sentence: why the settings could not be saved

    def __init__(self, settings: Settings, path: Path, tasks: TaskQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._current = settings
        self._path = path
        self._tasks = tasks
        self._save_soon = QTimer(self, interval=_SAVE_MS, singleShot=True)
        self._save_soon.timeout.connect(self.save)

    @property
    def current(self) -> Settings:
        """The settings as they are now."""
        return self._current

    def change(self, **fields: Any) -> None:
        """Change some fields of the settings."""
        self.put(replace(self._current, **fields))

    def put(self, settings: Settings) -> None:
        """Replace the settings and save them soon."""
        if settings != self._current:
            self._current = settings
            self.changed.emit(settings)
            self._save_soon.start()

    def save(self) -> None:
        """Write the settings now, in the background."""
        self._save_soon.stop()
        settings, path = self._current, self._path
        self._tasks.run(lambda: _save(path, settings), self._on_saved)

    def _on_saved(self, problem: str | None) -> None:
        if problem is not None:
            self.failed.emit(problem)


def _save(path: Path, settings: Settings) -> str | None:
    """Write the settings; return a sentence that says why they could not be written, or None."""
    try:
        save_settings(path, settings)
    except OSError as error:
        return _("The settings could not be saved ({reason}). They are lost when the app is closed.").format(
            reason=error.strerror
        )
    return None
