"""Continue where the user was: keeps the last session and the recent folders, and restores them."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QItemSelectionModel, QObject, QTimer
from PySide6.QtWidgets import QAbstractItemView

from catdog_desktop.files.drive_calls import is_deleted_below
from catdog_desktop.formatting import displayable
from catdog_desktop.gui.action_table import Menu
from catdog_desktop.gui.filters.filter_controller import FilterController
from catdog_desktop.gui.start_page import StartPage
from catdog_desktop.gui.window_actions import Choice
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.last_session import LastSession, LastUse, read_last_use, write_last_use
from catdog_desktop.messages import _
from catdog_desktop.paths import last_session_file
from catdog_desktop.settings import Settings
from catdog_desktop.store.store_erasure import Kind

_SAVE_MS: Final = 3000
"""After a change. A kill loses what came later."""
_MOST_SELECTED: Final = 10_000
"""A larger selection is not kept: to list it would take too long."""
_RECENT: Final = "file.recent"


class ContinueCommands(QObject):
    """*Continue*, *Open recent* and what the start page shows of them. The disk is used beside the GUI thread."""

    def __init__(self, context: WindowContext, filtering: FilterController, page: StartPage) -> None:
        super().__init__(context.window)
        self._context = context
        self._session = context.session
        self._filtering = filtering
        self._page = page
        self._path = last_session_file()
        self._last_use = LastUse()
        self._is_read = False
        self._restored: LastSession | None = None
        """A session that is being restored."""
        self._removed: dict[Path, None] = {}
        """Photos that the user removed from the list."""
        self._is_forgotten = False
        """The user has forgotten the session; it is kept again once photos are opened."""
        self._save_soon = QTimer(self, interval=_SAVE_MS, singleShot=True)
        self._save_soon.timeout.connect(self.save)
        context.actions.bind("file.continue", self.continue_last, enabled=self._can_continue)
        context.actions.bind("file.clear_recent", self.clear_recent, enabled=lambda: bool(self.recent_folders))
        page.recent_chosen.connect(self._open)
        session = context.session
        session.opened.connect(self._on_opened)
        session.photos_found.connect(self._on_found)
        session.photos_removed.connect(self._on_removed)
        session.job_ended.connect(self._on_job_ended)
        session.stored_data.forgotten.connect(self._on_forgotten)
        context.settings.changed.connect(self._on_settings)
        self._show()
        context.tasks.run(partial(read_last_use, self._path), self._on_read)

    @property
    def recent_folders(self) -> tuple[Path, ...]:
        """The folders opened recently, the newest first."""
        return self._last_use.recent_folders

    def continue_last(self) -> None:
        """Open the photos of the last session, and show them as they were shown."""
        last = self._last_use.session
        if last is None:
            return
        self._restored = last
        self._removed = dict.fromkeys(last.removed)
        self._session.restore(last.sources, last.others, last.removed)
        self._filtering.restore_query(last.query)
        self._context.actions.refresh()

    def clear_recent(self) -> None:
        """Forget the recent folders. The last session stays."""
        self._change(replace(self._last_use, recent_folders=()))
        self._write()

    def save(self) -> None:
        """Save the session as it is now, in the background. An empty gallery leaves the last session as it was."""
        self._save_soon.stop()
        if not self._is_read or self._is_forgotten:
            return
        gallery = self._context.gallery
        paths = [row.path for row in self._session.gallery.rows()]
        if not self._context.settings.current.continue_session:
            self._last_use = replace(self._last_use, session=None)
        elif paths and self._restored is None:
            visible = gallery.visible_rows()
            current = gallery.current_row
            is_small = gallery.selected_count <= _MOST_SELECTED
            session = LastSession(
                sources=tuple(self._session.sources),
                photos=len(paths),
                removed=tuple(self._removed),
                query=self._filtering.query,
                selected=tuple(row.path for row in gallery.selected_rows) if is_small else (),
                current=current.path if current is not None else None,
                top=self._session.gallery.row_at(visible.start).path if visible else None,
            )
            self._last_use = replace(self._last_use, session=session)
            self._context.tasks.run(
                partial(_write_session, self._path, self._last_use, paths), self._on_session_written
            )
            return
        self._write()

    def _write(self) -> None:
        self._context.tasks.run(partial(_write, self._path, self._last_use), self._on_written)

    def _on_session_written(self, written: tuple[LastUse, frozenset[Path], str | None]) -> None:
        last_use, deleted, problem = written
        for path in deleted:
            self._removed.pop(path, None)
        if not self._is_forgotten:
            self._last_use = replace(self._last_use, session=last_use.session)
        self._on_written(problem)

    def _on_written(self, problem: str | None) -> None:
        if problem is not None:
            self._context.say(problem)

    def _on_read(self, last_use: LastUse) -> None:
        self._is_read = True
        # Folders may have been opened meanwhile.
        self._change(last_use.with_opened(reversed(self._last_use.recent_folders)))

    def _change(self, last_use: LastUse) -> None:
        self._last_use = last_use
        self._show()

    def _show(self) -> None:
        offered = self._last_use if self._can_continue() else replace(self._last_use, session=None)
        self._page.show_last_use(offered)
        folders = self._last_use.recent_folders
        actions = self._context.actions
        actions.set_choices(
            _RECENT,
            [
                Choice(
                    str(number),
                    f"&{number} " + displayable(folder).replace("&", "&&"),
                    displayable(folder),
                    partial(self._open, folder),
                )
                for number, folder in enumerate(folders, 1)
            ],
        )
        actions.menu(Menu.RECENT).setEnabled(bool(folders))
        actions.refresh()

    def _can_continue(self) -> bool:
        """Whether there is a last session, and it is not open already."""
        has_session = self._last_use.session is not None and self._context.settings.current.continue_session
        return has_session and not self._session.gallery.total and self._restored is None

    def _open(self, folder: Path) -> None:
        self._session.add([folder])

    def _on_opened(self, paths: list[Path]) -> None:
        self._is_forgotten = False
        self._context.tasks.run(partial(_only_folders, paths), self._on_folders_opened)

    def _on_folders_opened(self, folders: list[Path]) -> None:
        if folders:
            self._change(self._last_use.with_opened(folders))
        self._save_soon.start()

    def _on_found(self, paths: list[Path]) -> None:
        for path in paths if self._removed else ():
            self._removed.pop(path, None)

    def _on_removed(self, paths: list[Path]) -> None:
        self._removed.update(dict.fromkeys(paths))
        self._save_soon.start()

    def _on_job_ended(self) -> None:
        restored, self._restored = self._restored, None
        # One may be selected without the user: the first photo.
        if restored is not None and len(self._context.gallery.selected_rows) <= 1:
            self._show_place(restored)
        self._save_soon.start()

    def _show_place(self, restored: LastSession) -> None:
        gallery, model = self._context.gallery, self._session.gallery
        gallery.select_paths(restored.selected)
        if restored.current is not None and (index := model.index_of(restored.current)).isValid():
            gallery.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        if restored.top is not None and (index := model.index_of(restored.top)).isValid():
            gallery.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtTop)

    def _on_settings(self, settings: Settings) -> None:
        if not settings.continue_session and self._last_use.session is not None:
            self._change(replace(self._last_use, session=None))
            self._write()

    def _on_forgotten(self, kinds: frozenset[Kind]) -> None:
        if Kind.SESSION in kinds:
            # The file was deleted by the worker. Saving it when the window closes would bring the paths back.
            self._save_soon.stop()
            self._is_forgotten = True
            self._restored = None
            self._change(LastUse())


def _only_folders(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if os.path.isdir(path)]  # noqa: PTH112  Path.is_dir raises without permission.


def _write_session(path: Path, last_use: LastUse, photos: list[Path]) -> tuple[LastUse, frozenset[Path], str | None]:
    """Add what is in none of the sources, and write.

    Returns what was written, the removed photos whose files were deleted, and a sentence if writing failed.
    """
    session = last_use.session
    assert session is not None
    known: Mapping[Path, bool] = dict.fromkeys(session.sources, True)
    below = _Below(known)
    others = tuple(photo for photo in photos if photo not in known and not below.holds(photo.parent))
    deleted = frozenset(photo for photo in session.removed if is_deleted_below(photo, known))
    removed = tuple(photo for photo in session.removed if photo not in deleted and below.holds(photo.parent))
    complete = replace(last_use, session=replace(session, others=others, removed=removed))
    return complete, deleted, _write(path, complete)


def _write(path: Path, last_use: LastUse) -> str | None:
    try:
        write_last_use(path, last_use)
    except OSError as error:
        return _("The last session could not be saved ({reason}).").format(reason=error.strerror)
    return None


class _Below:
    """Whether folders are in one of the sources, at any depth. Looks at each folder once."""

    def __init__(self, sources: Mapping[Path, bool]) -> None:
        self._known = dict(sources)

    def holds(self, folder: Path) -> bool:
        if folder not in self._known:
            self._known[folder] = folder != folder.parent and self.holds(folder.parent)
        return self._known[folder]
