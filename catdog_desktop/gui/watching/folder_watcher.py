"""Watches folders for the window, as a job in a thread of its own, and reports photos that arrive."""

import queue
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.discovery.skip_rules import SkipRules
from catdog_desktop.formatting import displayable
from catdog_desktop.gui.jobs import Job, OnProgress
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext

if TYPE_CHECKING:
    from catdog_desktop.watching.folder_watch import FolderWatch

_TAKE_SECONDS: Final = 0.25
"""How long a new source waits until it is watched."""
_RETRY_SECONDS: Final = 10.0
"""Pause after an unexpected error, before all folders are watched anew."""


class FolderWatcher(QObject):
    """Watches until `stop`. Its modules are imported when it runs: a window without a watch starts sooner.

    An unexpected error is reported by `failed`, the same one once, and after a pause the watch goes on.
    """

    arrived = Signal(list)  # list[Path], each new or changed, and complete
    message = Signal(str)  # a sentence about a folder that is watched
    not_watched = Signal(str)  # a sentence: which source cannot be watched, and why
    folders_changed = Signal(list)  # list[Path]: the folders that are watched now
    failed = Signal(object)  # an unexpected exception

    def __init__(self, rules: SkipRules, parent: QObject | None = None) -> None:
        """`rules` are those of opening a folder."""
        super().__init__(parent)
        self._rules = rules
        self._added: queue.SimpleQueue[tuple[Path, float]] = queue.SimpleQueue()
        self._read: queue.SimpleQueue[tuple[Path, bool]] = queue.SimpleQueue()
        """Photos that were handed over, and whether they could be read."""
        self._sources: list[tuple[Path, float]] = []
        """Every source and since when; only for the thread of the job."""
        self._job = Job(self._run, name="watch", parent=self)
        self._job.failed.connect(self.failed)

    def start(self) -> None:
        """Begin to watch, in the background."""
        self._job.start()

    def add(self, source: Path, since: float) -> None:
        """Watch `source`, if it is a folder, for photos that arrive at or after `since` (seconds since 1970)."""
        self._added.put((source, since))

    def note_read(self, photo: Path, *, could_be_read: bool) -> None:
        """Hand over `photo` again after a while if it could not be read for a reason that may pass."""
        self._read.put((photo, could_be_read))

    def stop(self) -> None:
        """Ask the watch to end; it does so within a moment, unless a drive does not answer. Returns at once."""
        self._job.cancel()

    def wait(self, milliseconds: int) -> bool:
        """Wait for the end of the thread; return False if it has not ended in time."""
        return self._job.wait(milliseconds)

    def _run(self, _on_progress: OnProgress, cancel_token: CancelToken) -> None:
        last_error = ""
        while not cancel_token.cancelled:
            try:
                self._watch(cancel_token)
            except Exception as error:  # noqa: BLE001  The edge of the watch: reported, and the watch goes on.
                if repr(error) != last_error:
                    self.failed.emit(error)
                last_error = repr(error)
                cancel_token.wait(_RETRY_SECONDS)

    def _watch(self, cancel_token: CancelToken) -> None:
        from catdog_desktop.watching.folder_watch import FolderWatch

        folders: list[Path] = []
        with FolderWatch([], rules=self._rules) as watch:
            self._add_sources(watch, self._sources)
            while not cancel_token.cancelled:
                self._add_sources(watch, self._take_added())
                self._pass_on_read(watch)
                news = watch.take(_TAKE_SECONDS, cancel_token)
                if news.photos:
                    self.arrived.emit(news.photos)
                for sentence in news.sentences:
                    self.message.emit(sentence)
                if watch.folders != folders:
                    folders = watch.folders
                    self.folders_changed.emit(folders)

    def _pass_on_read(self, watch: "FolderWatch") -> None:
        while not self._read.empty():
            photo, could_be_read = self._read.get()
            if could_be_read:
                watch.confirm(photo)
            else:
                watch.retry(photo)

    def _take_added(self) -> list[tuple[Path, float]]:
        added = []
        while not self._added.empty():
            added.append(self._added.get())
        self._sources += added
        return added

    def _add_sources(self, watch: "FolderWatch", sources: list[tuple[Path, float]]) -> None:
        """Watch those of `sources` that are folders, and report the others."""
        files: list[Path] = []
        for path, since in sources:
            try:
                if stat.S_ISDIR(path.stat().st_mode):
                    watch.add(path, since)
                else:
                    files.append(path)
            except FileNotFoundError:
                self.not_watched.emit(
                    _("{name} is not watched: it is no longer there.").format(name=displayable(path.name))
                )
            except (OSError, ValueError) as error:
                self.not_watched.emit(
                    _("{name} is not watched: it cannot be read ({reason}).").format(
                        name=displayable(path.name), reason=getattr(error, "strerror", None) or error
                    )
                )
        if files:
            self.not_watched.emit(
                ngettext(
                    "{name} is not watched because it is a single file. Open its folder to watch it.",
                    "{count} single files are not watched. Open their folders to watch them.",
                    len(files),
                ).format(name=displayable(files[0].name), count=format_number(len(files)))
            )
