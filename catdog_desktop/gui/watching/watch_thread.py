"""The thread that watches folders for the window. It drives the core and tells of what is new."""

import queue
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QThread, Signal

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.gui.status_text import shown_text

if TYPE_CHECKING:
    from catdog_desktop.watching.folder_watch import FolderWatch

_TAKE_SECONDS: Final = 0.25


class WatchThread(QThread):
    """Watches until `stop`. What is needed for it is imported when it runs: nobody else pays for it."""

    arrived = Signal(list)  # list[Path], each new or changed, and whole
    told = Signal(str)  # a sentence
    not_watched = Signal(str)  # a sentence: what was given and cannot be watched
    watching = Signal(list)  # list[Path]: the folders that are watched now
    failed = Signal(object)  # an exception that nobody expected

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("watch")
        self._given: queue.SimpleQueue[tuple[Path, float]] = queue.SimpleQueue()
        self._cancel_token = CancelToken()

    def watch(self, paths: Iterable[Path], since: float) -> None:
        """Watch those of `paths` that are folders, for photos that came at or after `since`, in seconds since 1970."""
        for path in paths:
            self._given.put((path, since))

    def stop(self) -> None:
        """Ask the thread to end; it does so within a moment."""
        self._cancel_token.cancel()

    def run(self) -> None:
        """Watch (called by Qt in the new thread)."""
        try:
            self._run()
        except Exception as error:  # noqa: BLE001  The edge of a thread: the window shows it, and lives on.
            self.failed.emit(error)

    def _run(self) -> None:
        from catdog_desktop.watching.folder_watch import FolderWatch

        folders: list[Path] = []
        with FolderWatch([]) as watch:
            while not self._cancel_token.cancelled:
                self._take_given(watch)
                news = watch.take(_TAKE_SECONDS, self._cancel_token)
                if news.photos:
                    self.arrived.emit(news.photos)
                for sentence in news.sentences:
                    self.told.emit(sentence)
                if watch.folders != folders:
                    folders = watch.folders
                    self.watching.emit(folders)

    def _take_given(self, watch: "FolderWatch") -> None:
        """Watch the folders that were given, and say what is not watched and why."""
        files: list[Path] = []
        while not self._given.empty():
            path, since = self._given.get()
            try:
                if stat.S_ISDIR(path.stat().st_mode):
                    watch.add(path, since)
                else:
                    files.append(path)
            except FileNotFoundError:
                self.not_watched.emit(f"{shown_text(path.name)} is not watched: it is no longer there.")
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or error
                self.not_watched.emit(f"{shown_text(path.name)} is not watched: it cannot be looked at ({reason}).")
        if len(files) == 1:
            self.not_watched.emit(
                f"{shown_text(files[0].name)} is not watched, since it is no folder. Open its folder for that."
            )
        elif files:
            self.not_watched.emit(f"{len(files):,} single files are not watched. Open their folders for that.")
