"""The switch *Watch folders*: photos that arrive in the folders that the user opened are classified as they come."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel

from catdog_desktop.discovery.skip_rules import SkipRules, parse_patterns
from catdog_desktop.formatting import displayable
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.watching.folder_watcher import FolderWatcher
from catdog_desktop.gui.widgets.labels import plain_tooltip
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext
from catdog_desktop.settings import Settings

_GRACE_SECONDS: Final = 5.0
"""Photos that arrived this long before their folder was opened count as new: file systems store times with up to 2 s of
error (FAT). Checking a photo twice does no harm."""
_SWITCH_MS: Final = 3000
"""How long the window waits for the watch when it is switched off: a drive may not answer."""
_END_MS: Final = 30_000
"""How long the app waits for the watch when its window is closed: a call to a drive gets 20 seconds, and the process is
aborted if it ends before its threads."""


class WatchCommands(QObject):
    """The action, the watch while it is on, and its label in the status line."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context.window)
        self._context = context
        self._watcher: FolderWatcher | None = None
        self._folders: list[Path] = []
        """The folders that are watched now."""
        self._unread: set[Path] = set()
        """Photos that could not be read for a reason that may pass."""
        self._not_watched = ""
        """The last sentence about a source that is not watched. The status line soon shows another one."""
        self.label = QLabel()
        self.label.setAccessibleName(_("Watched folders"))
        self.label.hide()
        context.actions.bind("file.watch", self._switch, checked=lambda: context.settings.current.watch)
        context.session.sources_added.connect(self._watch)
        context.session.rows_changed.connect(self._on_rows_changed)
        context.session.photos_removed.connect(self._on_removed)
        context.settings.changed.connect(self._apply)
        self._apply(context.settings.current)

    @property
    def is_on(self) -> bool:
        """Whether folders are watched."""
        return self._watcher is not None

    def close(self) -> None:
        """Stop watching, for good."""
        self._stop(_END_MS)
        while _STUCK and _STUCK[-1].wait(_END_MS):
            _STUCK.pop()

    def _stop(self, milliseconds: int) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is None:
            return
        watcher.stop()
        if not watcher.wait(milliseconds):
            # A drive does not answer. To destroy an object whose thread runs would end the process, so it is kept.
            watcher.setParent(None)
            _STUCK.append(watcher)
        self._folders, self._not_watched = [], ""
        self.label.hide()

    def _switch(self) -> None:
        on = not self._context.settings.current.watch
        self._context.settings.change(watch=on)
        if on and not self._context.session.sources:
            self._context.say(_("Folders that you open from now on will be watched for new photos."))

    def _apply(self, settings: Settings) -> None:
        if settings.watch and not self.is_on:
            self._start()
        elif not settings.watch:
            self._stop(_SWITCH_MS)

    def _start(self) -> None:
        settings = self._context.settings.current
        rules = SkipRules(exclude=parse_patterns(settings.exclude), join_raw=settings.join_raw)
        watcher = self._watcher = FolderWatcher(rules, self)
        watcher.arrived.connect(self._context.session.recheck)
        watcher.message.connect(self._context.say)
        watcher.not_watched.connect(self._on_not_watched)
        watcher.folders_changed.connect(self._on_folders_changed)
        watcher.failed.connect(self._context.report_error)
        self._watch(self._context.session.sources)
        watcher.start()

    def _watch(self, sources: Iterable[Path]) -> None:
        """Watch those of `sources` that are folders, if the switch is on."""
        if self._watcher is not None:
            opened = self._context.session.sources
            for path in sources:
                self._watcher.add(path, opened[path] - _GRACE_SECONDS)

    def _on_rows_changed(self, rows: list[Row]) -> None:
        """Let photos be tried again that could not be read, for example since a drive is away."""
        if self._watcher is None:
            return
        for row in rows:
            if row.result is not None and row.result.error_is_temporary:
                self._unread.add(row.path)
                self._watcher.note_read(row.path, could_be_read=False)
            elif row.path in self._unread:
                self._unread.discard(row.path)
                self._watcher.note_read(row.path, could_be_read=True)

    def _on_removed(self, paths: list[Path]) -> None:
        """Let photos not be tried again that are no longer listed."""
        for path in self._unread.intersection(paths):
            self._unread.discard(path)
            if self._watcher is not None:
                self._watcher.note_read(path, could_be_read=True)

    def _on_folders_changed(self, folders: list[Path]) -> None:
        self._folders = folders
        self._update_label()

    def _on_not_watched(self, sentence: str) -> None:
        self._context.say(sentence)
        self._not_watched = sentence
        self._update_label()

    def _update_label(self) -> None:
        """Show how many folders are watched, and in the tooltip which, and what is not watched."""
        count = len(self._folders)
        text = ngettext("Watching {count} folder", "Watching {count} folders", count)
        self.label.setText(text.format(count=format_number(count)) if count else _("Watching nothing"))
        lines = [displayable(folder) for folder in self._folders]
        self.label.setToolTip(plain_tooltip("\n".join(filter(None, [*lines, self._not_watched]))))
        self.label.setVisible(self.is_on and bool(count or self._not_watched))


_STUCK: Final[list[FolderWatcher]] = []
"""Watchers whose thread has not ended in time."""
