"""The switch *Watch folders*: photos that arrive in the folders that were given are classified as they come."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel

from catdog_desktop.formatting import displayable, plural
from catdog_desktop.gui.watching.folder_watcher import FolderWatcher
from catdog_desktop.gui.widgets.labels import plain_tooltip
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.settings import Settings

_GRACE_SECONDS: Final = 5.0
"""Photos that arrived this long before their folder was opened count as new: file systems store times with up to 2 s of
error (FAT). Checking a photo twice does no harm."""
_CLOSE_MS: Final = 3000
"""A drive that does not answer must not keep the window from closing."""


class WatchCommands(QObject):
    """The action, the thread while it is on, and the words in the status line."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context.window)
        self._context = context
        self._session, self._settings, self._say = context.session, context.settings, context.say
        self._watcher: FolderWatcher | None = None
        self._folders: list[Path] = []
        self._not_watched = ""
        """What was said last of what is not watched: the line in which it is said belongs to the next sentence."""
        self.sign = QLabel()
        self.sign.setAccessibleName("Watched folders")
        self.sign.hide()
        context.actions.bind("file.watch", self._switch, checked=lambda: self._settings.current.watch)
        self._session.sources_added.connect(self._watch)
        self._settings.changed.connect(self._show)
        self._show(self._settings.current)

    @property
    def is_on(self) -> bool:
        """Whether folders are watched."""
        return self._watcher is not None

    def close(self) -> None:
        """Stop watching."""
        watcher, self._watcher = self._watcher, None
        if watcher is None:
            return
        watcher.stop()
        if not watcher.wait(_CLOSE_MS):
            # A drive does not answer. To destroy an object whose thread runs would end the process, so it is kept.
            watcher.setParent(None)
            _STUCK.append(watcher)
        self._folders, self._not_watched = [], ""
        self.sign.hide()

    def _switch(self) -> None:
        on = not self._settings.current.watch
        self._settings.change(watch=on)
        if on and not self._session.sources:
            self._say("Folders that you open from now on will be watched for new photos.")

    def _show(self, settings: Settings) -> None:
        if settings.watch and not self.is_on:
            self._start()
        elif not settings.watch:
            self.close()

    def _start(self) -> None:
        watcher = self._watcher = FolderWatcher(self)
        watcher.arrived.connect(self._session.recheck)
        watcher.message.connect(self._say)
        watcher.not_watched.connect(self._on_not_watched)
        watcher.folders_changed.connect(self._show_folders)
        watcher.failed.connect(self._context.report_error)
        self._watch(self._session.sources)
        watcher.start()

    def _watch(self, sources: Iterable[Path]) -> None:
        """Watch those of `sources` that are folders; nothing while the switch is off."""
        if self._watcher is not None:
            for path in sources:
                self._watcher.add(path, self._session.sources[path] - _GRACE_SECONDS)

    def _show_folders(self, folders: list[Path]) -> None:
        self._folders = folders
        self._show_sign()

    def _on_not_watched(self, sentence: str) -> None:
        self._say(sentence)
        self._not_watched = sentence
        self._show_sign()

    def _show_sign(self) -> None:
        """Say what is watched, and what of all that was opened is not."""
        count = plural(len(self._folders), "folder", "folders") if self._folders else "nothing"
        self.sign.setText(f"Watching {count}")
        lines = [displayable(str(folder)) for folder in self._folders]
        self.sign.setToolTip(plain_tooltip("\n".join(filter(None, [*lines, self._not_watched]))))
        self.sign.setVisible(self.is_on and bool(self._folders or self._not_watched))


_STUCK: Final[list[FolderWatcher]] = []
"""Watchers whose thread has not ended in time."""
