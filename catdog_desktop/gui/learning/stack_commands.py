"""The actions *Stack photos that are alike* and *Open or close stack*."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from catdog_desktop.formatting import format_photos
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.filters.filter_controller import FilterController
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext
from catdog_desktop.settings import Settings

if TYPE_CHECKING:
    from catdog_desktop.gui.jobs import Job
    from catdog_desktop.gui.learning.stack_finder import Found


class StackCommands(QObject):
    """Looks for photos that are alike whenever the app is idle, while the setting is on. Off, nothing is computed."""

    def __init__(self, context: WindowContext, filtering: FilterController) -> None:
        super().__init__(context.window)
        self._context = context
        self._filtering = filtering
        self._session = context.session
        self._photos = context.session.gallery
        self._found: Found | None = None
        self._job: Job | None = None
        self._awaits_features = False
        """Whether the search begins once the features of known photos are loaded."""
        self._is_stale = False
        """Whether what the job finds is of no use, because something has changed since it began."""
        self._says_end = False
        """Whether the user waits for the end of the search."""
        # Once for all events of a moment: photos are found, removed and judged in many steps.
        self._search_soon = QTimer(self, interval=0, singleShot=True)
        self._search_soon.timeout.connect(self._search)
        bind = context.actions.bind
        bind("view.stacks", self.toggle, checked=lambda: context.settings.current.stacks)
        bind("photos.open_stack", lambda: self.open_or_close(), enabled=lambda: self._current_stack() is not None)
        bind("edit.select_stacked", self.select_but_best, enabled=lambda: context.settings.current.stacks)
        context.gallery.stack_clicked.connect(self.open_or_close)
        context.settings.changed.connect(self._apply)
        context.session.job_ended.connect(lambda _progress: self._search_later())
        context.session.photos_removed.connect(lambda _paths: self._search_later())
        context.session.model_ready.connect(lambda _model: self._forget())
        context.session.gallery.renumbered.connect(self._on_renumbered)
        self._apply(context.settings.current)

    @property
    def is_searching(self) -> bool:
        """Whether photos that are alike are looked for."""
        return self._job is not None or self._search_soon.isActive() or self._awaits_features

    def toggle(self) -> None:
        """Show photos that are alike as one card, or each on its own."""
        self._says_end = not self._context.settings.current.stacks
        self._context.settings.change(stacks=self._says_end)

    def open_or_close(self, row: Row | None = None) -> None:
        """Open or close the stack of a photo (default: the current one)."""
        row = row or self._current_stack()
        if row is None:
            return
        stack = self._photos.stack_of(row)
        numbers = frozenset(other.number for other in stack)
        query = self._filtering.query
        opens = not numbers & query.open_stacks
        opened = query.open_stacks | {row.number} if opens else query.open_stacks - numbers
        self._filtering.set_query(replace(query, open_stacks=opened))
        self._context.gallery.set_current_position(self._photos.index_of(row.path).row())
        self._context.gallery.setFocus()
        if opens:
            text = _("Opened: {photos} alike. The best comes first.").format(photos=format_photos(len(stack)))
        else:
            text = _("Closed. The card stands for {photos}.").format(photos=format_photos(len(stack)))
        self._context.say(text)

    def select_but_best(self) -> None:
        """Select the photos of all stacks that are shown, but the best of each. The stacks are opened."""
        others = self._photos.rows_but_best()
        if not others:
            self._context.say(_("No photos are alike."))
            return
        text = ngettext(
            "Selected {count} photo. The best of each stack stays.",
            "Selected {count} photos. The best of each stack stays.",
            len(others),
        )
        self._context.select_and_say(others, text)

    def close(self) -> None:
        """Stop the search, and wait for it."""
        self._search_soon.stop()
        if self._job is not None:
            self._job.begin_close()
            self._job.wait()

    def _current_stack(self) -> Row | None:
        row = self._context.gallery.current_row
        return row if row is not None and self._photos.stack_mark(row) is not None else None

    def _apply(self, settings: Settings) -> None:
        if settings.stacks == self._filtering.query.stacks:
            return
        self._filtering.set_query(replace(self._filtering.query, stacks=settings.stacks, open_stacks=frozenset()))
        if settings.stacks:
            self._search_later()
        else:
            self._forget()
        self._context.actions.refresh()

    def _forget(self) -> None:
        """Drop what was found: it is not needed, or was found with the features of another model."""
        self._cancel()
        self._awaits_features = False
        self._found = None
        if self._photos.total:
            self._photos.set_stacks([])
        self._search_later()

    def _on_renumbered(self) -> None:
        """Drop what was found, by row number. The gallery has kept the stacks until they are found again."""
        self._cancel()
        self._found = None
        self._search_later()

    def _search_later(self) -> None:
        if self._context.settings.current.stacks:
            self._search_soon.start()

    def _search(self) -> None:
        if not self._context.settings.current.stacks or self._session.busy:
            self._awaits_features = False
            return
        if self._job is not None:
            self._cancel()  # Its end begins the next one.
            return
        self._awaits_features = not self._session.features.is_complete
        if self._awaits_features:
            self._session.features.want(self._search_later)
            return
        from catdog_desktop.gui.jobs import Job
        from catdog_desktop.gui.learning.stack_finder import Found, Snapshot, search

        snapshot = Snapshot(*self._photos.to_stack())
        before, looks = self._found or Found(), self._session.looks
        self._job = Job(
            lambda on_progress, cancel: search(snapshot, before, looks, on_progress, cancel), name="stacks", parent=self
        )
        self._job.ended.connect(self._on_found)
        self._job.failed.connect(self._context.report_error)
        self._job.finished.connect(self._on_finished)
        if self._says_end:
            self._context.say(_("Looking for photos that are alike…"))
        self._job.start()

    def _on_found(self, found: Found) -> None:
        if self._is_stale:
            return
        self._found = found
        self._photos.set_stacks(found.stacks)
        self._context.actions.refresh()
        if self._says_end:
            self._says_end = False
            self._context.say(self._describe())

    def _describe(self) -> str:
        stacks, photos = self._photos.stack_counts
        if not stacks:
            return _("No photos are alike.")
        text = ngettext("{photos} alike are on {count} card.", "{photos} alike are on {count} cards.", stacks)
        return text.format(photos=format_photos(photos), count=format_number(stacks))

    def _on_finished(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.deleteLater()
        if self._is_stale:
            self._is_stale = False
            self._search_later()

    def _cancel(self) -> None:
        if self._job is not None:
            self._is_stale = True
            self._job.cancel()
