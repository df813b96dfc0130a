"""The actions of the viewer: open and close it, move, zoom, compare, full screen, information."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStackedWidget, QWidget

from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.action_table import RATING_IDS, Menu
from catdog_desktop.gui.gallery.gallery_model import THUMBNAIL_ROLE
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.viewer.photo_view import Heat
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _

if TYPE_CHECKING:
    from catdog_desktop.decoding.camera_info import CameraInfo
    from catdog_desktop.gui.viewer.viewer import Viewer

_OF_THE_GALLERY: Final = (
    "view.grid",
    "view.list",
    "view.more_filters",
    "view.clear_filters",
    "edit.find",
    "edit.select_all",
    "edit.select_group",
    "edit.select_duplicates",
    "view.larger",
    "view.smaller",
)
"""Actions, beside the filters, that change the gallery: they are disabled while the viewer hides it."""
_BUTTONS: Final = ("view.next_heat_map", "view.zoom", "view.why", "view.information", "view.full_screen")


class ViewerCommands(QObject):
    """Shows the viewer instead of the window's content, and keeps it in step with the gallery."""

    changed = Signal(object)  # bool: whether the viewer is open
    made = Signal(object)  # Viewer: it is about to be shown for the first time

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context.window)
        self._context = context
        self._gallery = context.gallery
        self._model = context.session.gallery
        # Two threads: the photo that the user waits for never waits for a neighbour.
        self._shown = TaskQueue(context.report_error, self)
        self._neighbours = TaskQueue(context.report_error, self)
        self._facts = TaskQueue(context.report_error, self)
        self._cameras: tuple[Path, CameraInfo] | None = None
        """The camera data read last, and the photo that it belongs to."""
        self._direction = 1
        self._was_full_screen = False
        self._viewer: Viewer | None = None
        self.screens = QStackedWidget()
        self._bind()
        self._connect()

    @property
    def is_open(self) -> bool:
        """Whether the viewer is shown."""
        return self._viewer is not None and self.screens.currentWidget() is self._viewer

    @property
    def viewer(self) -> Viewer:
        """The viewer, which is made when it is first needed: most starts of the app do not show it."""
        if self._viewer is None:
            self._viewer = self._make()
            self.screens.addWidget(self._viewer)
            self.made.emit(self._viewer)
        return self._viewer

    def surround(self, content: QWidget) -> QStackedWidget:
        """Return a widget that shows `content`, or the viewer instead."""
        self.screens.addWidget(content)
        return self.screens

    def open(self) -> None:
        """Show the current photo; the two selected ones side by side."""
        selected = self._gallery.selected_cards
        current = self._gallery.current_row
        if current is None or self.is_open:
            return
        if len(selected) == 2:
            self._open(selected)
        else:
            self._open([current])

    def open_current(self) -> None:
        """Show the current photo alone, whatever is selected."""
        current = self._gallery.current_row
        if current is not None and not self.is_open:
            self._open([current])

    def toggle(self) -> None:
        """Open or close the viewer."""
        if self.is_open:
            self.close()
        else:
            self.open()

    def close(self) -> None:
        """Return to the gallery, which has kept its place."""
        if not self.is_open:
            return
        self._gallery.viewed = None
        self.screens.setCurrentIndex(0)
        self.viewer.show_rows([])
        window = self._context.window
        window.menuBar().show()
        if window.isFullScreen() and not self._was_full_screen:
            self._leave_full_screen()
        self._context.actions.suspend(())
        current = self._gallery.current_row
        self._gallery.setFocus()
        self._context.preview.show_row(current)
        if current is not None:
            self._gallery.scrollTo(self._gallery.currentIndex())
        self.changed.emit(False)

    def compare(self) -> None:
        """Show the two selected photos side by side."""
        selected = self._gallery.selected_cards
        if len(selected) == 2 and not self.is_open:
            self._open(selected)

    def step(self, by: int) -> None:
        """Show the next photo (1) or the previous one (-1) of the gallery."""
        self._direction = 1 if by > 0 else -1
        self._gallery.step(by)

    def toggle_full_screen(self) -> None:
        """Fill the screen with the window, or not."""
        if self._context.window.isFullScreen():
            self._leave_full_screen()
        else:
            self._context.window.showFullScreen()
        self._context.actions.refresh()

    def toggle_information(self) -> None:
        """Show or hide the information panel."""
        self.viewer.info.setVisible(not self.viewer.info.isVisible())
        self._show_facts()

    def explain(self) -> None:
        """Show why the photo has its verdict: the panel, and the heat map of the likelier animal."""
        if self.is_open and self.viewer.info.isVisible() and self._context.preview.heat is not Heat.OFF:
            self.viewer.info.hide()
            self._context.preview.set_heat(Heat.OFF)
            return
        if not self.is_open:
            self.open()
        row = self.viewer.row
        self.viewer.info.show()
        self._show_facts()
        self.viewer.info.show_why()
        scores = row.result.scores if row is not None and row.result is not None else None
        if scores is not None:
            self._context.preview.set_heat(Heat.CAT if scores.cat >= scores.dog else Heat.DOG)

    def shut_down(self) -> None:
        """Wait for the threads."""
        for tasks in (self._shown, self._neighbours, self._facts):
            tasks.clear()
        for tasks in (self._shown, self._neighbours, self._facts):
            tasks.close()

    def _bind(self) -> None:
        bind = self._context.actions.bind
        preview = self._context.preview
        is_open: Callable[[], bool] = lambda: self.is_open  # noqa: E731
        bind("view.photo", self.toggle, enabled=lambda: self.is_open or preview.row is not None)
        bind("view.compare", self.compare, enabled=lambda: not self.is_open and self._gallery.selected_count == 2)
        bind("view.next_heat_map", preview.next_heat, enabled=lambda: preview.row is not None)
        bind("view.zoom", lambda: self.viewer.next_zoom(), enabled=is_open)
        bind("view.zoom_in", lambda: self.viewer.zoom_by(1), enabled=is_open)
        bind("view.zoom_out", lambda: self.viewer.zoom_by(-1), enabled=is_open)
        bind("view.information", self.toggle_information, enabled=is_open, checked=self._shows_information)
        bind("view.why", self.explain, enabled=lambda: self.is_open or preview.row is not None)
        bind("view.full_screen", self.toggle_full_screen, checked=self._context.window.isFullScreen)

    def _make(self) -> Viewer:
        from catdog_desktop.gui.viewer.view_images import ViewImages
        from catdog_desktop.gui.viewer.viewer import Viewer

        actions = self._context.actions
        images = ViewImages(self._shown, self._neighbours, self)
        viewer = Viewer(images, self._thumbnail, [actions[id_] for id_ in _BUTTONS], actions["photos.similar"])
        viewer.step_requested.connect(self.step)
        viewer.end_requested.connect(self._go_to_end)
        viewer.back_requested.connect(self.close)
        viewer.active_changed.connect(self._on_active)
        run = actions.run
        viewer.verdicts.marked.connect(lambda verdict: run(f"photos.mark.{verdict.value}"))
        viewer.verdicts.confirmed.connect(lambda: run("photos.confirm"))
        viewer.stars.chosen.connect(lambda stars: run(f"photos.rate.{RATING_IDS[stars or 0]}"))
        viewer.info.duplicates.chosen.connect(self._gallery.select_path)
        return viewer

    def _connect(self) -> None:
        session = self._context.session
        self._context.preview.overlay_changed.connect(self._on_overlay)
        self._context.status.said.connect(self._on_said)
        self._gallery.current_changed.connect(self._on_current)
        self._gallery.open_requested.connect(self.open)
        self._gallery.doubleClicked.connect(self.open_current)
        session.rows_changed.connect(self._on_rows_changed)
        session.counts_changed.connect(self._on_counts_changed)

    def _open(self, rows: list[Row]) -> None:
        window = self._context.window
        self._was_full_screen = window.isFullScreen()
        suspended = [entry.id for entry, _action in self._context.actions if entry.menu is Menu.SHOW]
        self._context.actions.suspend((*suspended, *_OF_THE_GALLERY))
        window.menuBar().hide()
        self.screens.setCurrentWidget(self.viewer)
        self.viewer.setFocus()
        self._show(rows)
        self.changed.emit(True)
        self._context.actions.refresh()

    def _show(self, rows: list[Row]) -> None:
        from catdog_desktop.gui.viewer.viewer import Surroundings

        position = self._gallery.currentIndex().row()
        if len(rows) == 2:
            surroundings = Surroundings()
        else:
            count = self._model.rowCount()
            around = (position + self._direction, position - self._direction, position + 2 * self._direction)
            neighbours = tuple(self._model.row_at(at) for at in around if 0 <= at < count)
            words = _("{number} of {count}").format(number=format_number(position + 1), count=format_number(count))
            surroundings = Surroundings(neighbours, words if position >= 0 else "")
        self._gallery.viewed = rows[0]
        self.viewer.show_rows(rows, surroundings)
        if self._context.preview.row is not self.viewer.row:
            self._context.preview.show_row(self.viewer.row)
        self._show_facts()

    def _on_current(self, row: Row | None) -> None:
        if not self.is_open:
            return
        if row is None:
            self.close()
        else:
            self._show([row])

    def _on_active(self, row: Row) -> None:
        self._gallery.viewed = row
        self._context.preview.show_row(row)
        self._show_facts()
        self._context.actions.refresh()

    def _on_overlay(self, overlay: QImage | None) -> None:
        if self.is_open:
            self.viewer.show_overlay(overlay)

    def _on_rows_changed(self, rows: list[Row]) -> None:
        if self.is_open and any(row in rows for row in self.viewer.rows):
            self.viewer.refresh()
            self._show_facts()

    def _on_counts_changed(self) -> None:
        """Update the position: photos were added or removed."""
        if self.is_open and not self.viewer.is_comparing and self.viewer.row is not None:
            self._show([self.viewer.row])

    def _on_said(self, text: str) -> None:
        if self.is_open:
            self.viewer.show_message(text)

    def _go_to_end(self, last: bool) -> None:
        self._direction = -1 if last else 1
        self._gallery.set_current_position(self._model.rowCount() - 1 if last else 0)

    def _show_facts(self) -> None:
        """Fill the information panel; the camera's data are read in the background."""
        row = self.viewer.row
        if row is None or not self._shows_information():
            return
        camera = self._cameras[1] if self._cameras is not None and self._cameras[0] == row.path else None
        duplicates = [other.path for other in self._model.duplicates_of(row)]
        self.viewer.info.show_row(row, camera, duplicates)
        if camera is None:
            from catdog_desktop.decoding.camera_info import read_camera_info

            path = row.path
            self._facts.clear()
            self._facts.run(partial(read_camera_info, path), partial(self._on_camera, path))

    def _on_camera(self, path: Path, camera: CameraInfo) -> None:
        self._cameras = path, camera
        if self.is_open and self.viewer.row is not None and self.viewer.row.path == path:
            self._show_facts()

    def _shows_information(self) -> bool:
        return self.is_open and self.viewer.info.isVisibleTo(self.viewer)

    def _thumbnail(self, row: Row) -> QImage | None:
        index = self._model.index_of(row.path)
        image: QImage | None = index.data(THUMBNAIL_ROLE) if index.isValid() else None
        return image

    def _leave_full_screen(self) -> None:
        window = self._context.window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowFullScreen)
