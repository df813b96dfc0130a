"""Reveals photos that were just dropped, pasted or opened: selects them and clears filters that hide them."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from catdog_desktop.gui.filters.filter_controller import FilterController
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.messages import _


class RevealOpened(QObject):
    """Waits for the photos of the files and folders opened last, and reveals them as they are found.

    Photos that are listed already are revealed, too, when the search for new ones ends. It stops once the user selects
    something else.
    """

    def __init__(self, context: WindowContext, filtering: FilterController) -> None:
        super().__init__(context.window)
        self._context = context
        self._session = context.session
        self._filtering = filtering
        self._expected: frozenset[Path] = frozenset()
        self._files: list[Path] = []
        """The photos that were opened as single files and found so far."""
        self._revealed: frozenset[Path] = frozenset()
        """What was selected for the paths opened last."""
        self._was_empty = True
        self._note = ""
        self._session.opened.connect(self._expect)
        self._session.photos_found.connect(self._on_found)
        self._session.job_ended.connect(self._on_job_ended)

    def take_note(self) -> str:
        """Return a sentence that the end of the job must not hide, once; else an empty string."""
        note, self._note = self._note, ""
        return note

    def _expect(self, paths: Sequence[Path]) -> None:
        self._expected = frozenset(paths)
        self._files, self._revealed = [], frozenset()
        self._was_empty = not self._session.gallery.total
        listed = [path for path in paths if self._session.gallery.row_of(path) is not None]
        if len(listed) == len(self._expected):
            self._reveal(listed)

    def _on_found(self, paths: Sequence[Path]) -> None:
        if self._expected:
            self._reveal(self._expected_among(paths))

    def _on_job_ended(self) -> None:
        if self._expected:
            self._reveal(self._expected_among(row.path for row in self._session.gallery.rows()))
            self._expected = frozenset()

    def _expected_among(self, paths: Iterable[Path]) -> list[Path]:
        """Return those of `paths` that were opened, or are below a folder that was."""
        # Once for each folder: for each of 100,000 photos this takes two seconds.
        below: dict[str, bool] = {}
        found = []
        for path in paths:
            folder = os.path.dirname(path)  # noqa: PTH120  A tenth of the time of `Path.parent`.
            if folder not in below:
                below[folder] = not self._expected.isdisjoint(path.parents)
            if below[folder] or path in self._expected:
                found.append(path)
        return found

    def _reveal(self, found: Sequence[Path]) -> None:
        """Show `found`. Single files are all selected; of a folder, only the first photo.

        In a gallery that was empty, nothing is selected: the first photo is current already.
        """
        if not found:
            return
        files = [path for path in found if path in self._expected]
        # Under load, the files of one drop are found in several steps.
        self._expected -= frozenset(files)
        self._files += files
        if self._revealed and (not files or not self._is_selected(self._revealed)):
            return
        model = self._session.gallery
        wanted = self._files or found[:1]
        self._revealed = frozenset(wanted)
        if not all(model.index_of(path).isValid() for path in wanted):
            self._filtering.clear()
            self._note = _("Filters cleared to show the new photos.")
            self._context.say(self._note)
        if self._was_empty:
            self._expected = frozenset()
        else:
            self._context.gallery.select_paths(wanted)

    def _is_selected(self, paths: frozenset[Path]) -> bool:
        return {row.path for row in self._context.gallery.selected_rows} == paths
