"""The main window: layout, and which action reaches which part."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.actions import make_actions
from catdog_desktop.gui.appearance import Look
from catdog_desktop.gui.dialogs import AboutDialog, CrashDialog, KeysDialog, LeftOutDialog
from catdog_desktop.gui.exporting.export_commands import ExportCommands
from catdog_desktop.gui.file_manager import reveal
from catdog_desktop.gui.filters.filter_controller import FilterController
from catdog_desktop.gui.gallery.empty_gallery import StartPage
from catdog_desktop.gui.gallery.gallery_view import GalleryView
from catdog_desktop.gui.header import Header
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.mime_parsing import Dropped
from catdog_desktop.gui.model_import.model_commands import ModelCommands
from catdog_desktop.gui.photo_commands import UNDO_LINK, PhotoCommands
from catdog_desktop.gui.photo_intake import Doors
from catdog_desktop.gui.session import Session
from catdog_desktop.gui.settings.kept_settings import KeptSettings
from catdog_desktop.gui.settings.settings_dialog import SettingsDialog
from catdog_desktop.gui.sorting.sort_commands import SortCommands
from catdog_desktop.gui.status_line import StatusLine
from catdog_desktop.gui.status_text import describe_job_end, describe_row, plural
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.viewer.preview import Preview
from catdog_desktop.gui.watching.watch_commands import WatchCommands
from catdog_desktop.gui.widgets.drop_overlay import DropOverlay
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.gui.window_geometry import place_of, put_back
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Thresholds

_PREVIEW_FROM: Final = 104 * GRID
"""A window narrower than this has no room for the preview beside the gallery."""


class MainWindow(QMainWindow):
    """The window of the app."""

    def __init__(self, model_folder: Path, settings: Settings, settings_path: Path) -> None:
        super().__init__()
        self.setWindowTitle("CatDog")
        self._large = False
        self._crash: CrashDialog | None = None
        self._errands = TaskQueue(self.show_problem, self)
        self._kept = KeptSettings(settings, settings_path, self._errands, self)
        self._reading = TaskQueue(self.show_problem, self)
        self.session = Session(model_folder, settings, self._errands, self)
        self.doors = Doors(self, self._kept)
        self.look = Look(self, self._kept)
        self.menu_actions = make_actions(self, self, self.doors, self.look)
        self._build()
        self.models = ModelCommands(self._context)
        self.photos = PhotoCommands(
            self, self.menu_actions.make, self.session, self.gallery, self.preview, self._errands, self.status.say
        )
        self._connect()
        self._restore()

    # Parts that tests and the self-test look at.

    @property
    def settings(self) -> Settings:
        """The user's choices as they stand."""
        return self._kept.current

    def sizeHint(self) -> QSize:
        """Return a size that shows a few rows of cards on a small laptop."""
        return QSize(1180, 760)

    # What the actions do.

    def add(self, paths: list[Path]) -> None:
        """Add photos and folders."""
        if paths:
            self.status.say("")
            # Absolute, so that a photo named on the command line and then dropped is the same photo.
            self.session.add([path.absolute() for path in paths])

    def cancel_or_back(self) -> None:
        """Leave the large photo; else stop the job; else leave the search."""
        if self._large:
            self.toggle_large()
        elif self.session.busy:
            self.session.cancel()
        else:
            self.header.search.clear()
            self.gallery.setFocus()

    def resume(self) -> None:
        """Classify what was stopped."""
        self.session.resume()

    def copy_results(self) -> None:
        """Copy the selected results as text, a line each."""
        rows = self.gallery.target_rows
        if rows:
            QGuiApplication.clipboard().setText("\n".join(describe_row(row) for row in rows))
            self.status.say(f"Copied the {'result' if len(rows) == 1 else f'{len(rows):,} results'}.")

    def select_all(self) -> None:
        """Select every photo shown."""
        self.gallery.selectAll()

    def remove_selected(self) -> None:
        """Take the selected photos off the list."""
        rows = self.gallery.selected_rows
        if rows:
            at = self.session.gallery.positions_of(rows)[0]
            self.session.remove(rows)
            self.gallery.set_current_position(at)
            self.status.say(f"Took {plural(len(rows), 'photo', 'photos')} off the list; nothing was deleted.")
            self.menu_actions.resume.setEnabled(self.session.stopped_count > 0)
            self._update_page()

    def find_by_name(self) -> None:
        """Put the cursor into the search field."""
        self.header.search.setFocus()
        self.header.search.selectAll()

    def toggle_large(self) -> None:
        """Show the photo instead of the gallery, or the gallery again."""
        if not self._large and self.preview.row is None:
            return
        self._large = not self._large
        self._fit_preview()
        (self.preview if self._large else self.gallery).setFocus()

    def next_heat(self) -> None:
        """Show the next heat map."""
        self.preview.next_heat()

    def reveal(self) -> None:
        """Show the photo in the system's file manager."""
        row = self.gallery.current_row
        if row is not None:
            reveal(row.path)

    def set_filter(self, chosen: Filter) -> None:
        """Show the photos of one verdict only."""
        self.filtering.set_filter(chosen)

    def show_left_out(self) -> None:
        """List everything that was left out."""
        _open(LeftOutDialog(list(self.session.skipped), self))

    def show_settings(self) -> None:
        """Open the settings."""
        model = self.session.model
        of_model = model.thresholds if model is not None else Thresholds()
        dialog = SettingsDialog(self._kept.current, of_model, self.session.memory, self)
        dialog.changed.connect(self._kept.put)
        _open(dialog)

    def show_keys(self) -> None:
        """List the keys."""
        _open(KeysDialog(self.menu_actions.every, self))

    def show_about(self) -> None:
        """Show versions, model, figures."""
        _open(AboutDialog(self.session.model, self))

    def show_problem(self, error: BaseException) -> None:
        """Show an unexpected error, one dialog at a time; the app goes on."""
        if self._crash is None or not self._crash.isVisible():
            self._crash = CrashDialog(error, self)
            self._crash.open()

    def quit(self) -> None:
        """Close the window, and with it the app."""
        self.close()

    # What Qt calls.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say what a drop would do."""
        self.doors.drag_enter(event, self.drop_frame)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Take the frame away."""
        self.drop_frame.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        self.doors.drop(event, self.drop_frame)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the preview beside the gallery only where there is room."""
        super().resizeEvent(event)
        self._fit_preview()
        if self.drop_frame.isVisible():
            self.drop_frame.cover_parent()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Be gone at once; what is under way ends behind the scenes."""
        self.session.begin_close()
        self._kept.change(window=place_of(self, self.splitter))
        self._kept.save()
        self.hide()
        self._reading.clear()
        self.sort.close()
        self.exports.close()
        self.watch.close()
        self.models.close()
        self.session.close()
        self._reading.close()
        self._errands.close()
        event.accept()

    # How it is put together.

    def _build(self) -> None:
        self.header = Header(self.menu_actions)
        self.gallery = GalleryView(self.session.gallery)
        self.filtering = FilterController(self, self.session, self.gallery, self.header, self.menu_actions.make)
        self.filters = self.filtering.bar
        self.preview = Preview(self._reading)
        self.status = StatusLine(self.menu_actions.cancel)
        self._context = WindowContext(
            window=self,
            session=self.session,
            gallery=self.gallery,
            preview=self.preview,
            status=self.status,
            kept=self._kept,
            make=self.menu_actions.make,
            tasks=self._errands,
            on_problem=self.show_problem,
        )
        self.sort = SortCommands(self._context)
        self.exports = ExportCommands(self._context)
        self.watch = WatchCommands(self._context)
        self.status.add(self.watch.sign)
        self.empty = StartPage(self.menu_actions.open_photos, self.menu_actions.open_folder, self.menu_actions.paste)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.gallery)
        self.splitter.addWidget(self.preview)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([780, 380])
        self.gallery.setMinimumWidth(20 * GRID)
        self.preview.setMinimumWidth(34 * GRID)
        full = QWidget()
        layout = QVBoxLayout(full)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.header)
        layout.addWidget(self.filtering.rows)
        layout.addWidget(self.splitter, 1)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(full)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addWidget(self.sort.bar)
        column.addWidget(self.exports.bar)
        column.addWidget(self.status)
        self.setCentralWidget(centre)
        self.drop_frame = DropOverlay(centre)
        act = self.menu_actions
        self.preview.add_actions([act.copy, act.reveal, act.large])
        for action in (act.large, act.copy, act.reveal, act.remove):
            self.gallery.addAction(action)
        # Only where a photo is: on a button, Space must press the button.
        act.large.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.preview.addAction(act.large)

    def _connect(self) -> None:
        session = self.session
        session.gallery.rowsInserted.connect(self._update_page)
        session.gallery.modelReset.connect(self._update_page)
        session.rows_changed.connect(self._on_rows_changed)
        # Photos that filter or search hide insert no row, but they are there.
        session.counts_changed.connect(self._update_page)
        session.progress_changed.connect(self._on_progress)
        session.job_ended.connect(self._on_job_ended)
        session.skipped_changed.connect(lambda: self.menu_actions.left_out.setEnabled(True))
        session.model_failed.connect(lambda sentence: self.status.say(f"No photo can be classified. {sentence}"))
        session.failed.connect(self.show_problem)
        session.paste_failed.connect(self.status.say)
        session.store_warning.connect(self.status.say)
        self.gallery.current_changed.connect(self._on_current)
        self.gallery.waiting_visible.connect(session.prioritize)
        self.gallery.doubleClicked.connect(lambda _: self.toggle_large())
        self.gallery.selectionModel().selectionChanged.connect(lambda *_: self._enable_actions())
        self.preview.step.connect(self.gallery.step)
        self.preview.closed.connect(self.cancel_or_back)
        self.status.link_chosen.connect(self._follow_link)
        self.doors.given.connect(self._take)
        self.doors.chosen.connect(self.add)
        self._kept.changed.connect(self._use_settings)
        self._kept.failed.connect(self.status.say)

    def _restore(self) -> None:
        self._use_settings(self._kept.current)
        self.look.show_on(self.gallery, self.filtering, self.header, self.menu_actions)
        self.resize(self.sizeHint())
        put_back(self._kept.current.window, self, self.splitter)
        self.menu_actions.left_out.setEnabled(False)
        self.menu_actions.resume.setEnabled(False)
        self._enable_actions()
        self._update_page()
        self.empty.setFocus()

    # What follows from what.

    def _take(self, dropped: Dropped) -> None:
        if dropped.refusal:
            self.status.say(dropped.refusal)
        elif dropped.model is not None:
            self.models.bring_from(dropped.model)
        elif dropped.pixels is not None:
            self.status.say("")
            self.session.add_pixels(dropped.pixels)
        else:
            self.add(list(dropped.paths))
            self.models.bring_if_saved_models(dropped.paths)

    def _on_rows_changed(self, rows: list[Row]) -> None:
        current = self.preview.row
        if current is not None and any(row is current for row in rows):
            self.preview.refresh()

    def _on_current(self, row: Row | None) -> None:
        self.preview.show_row(row)
        self._enable_actions()

    def _on_progress(self, progress: JobProgress) -> None:
        self.status.show_progress(progress)
        self.menu_actions.cancel.setEnabled(True)

    def _on_job_ended(self, progress: JobProgress) -> None:
        stopped = self.session.stopped_count
        sentence, links = describe_job_end(progress, self.session.skipped, stopped)
        self.menu_actions.resume.setEnabled(stopped > 0)
        self.status.say(sentence, links)

    def _follow_link(self, target: str) -> None:
        if target == "problems":
            self.set_filter(Filter.PROBLEM)
        elif target == "left-out":
            self.show_left_out()
        elif target == "resume":
            self.resume()
        elif target == UNDO_LINK:
            self.photos.undo()

    def _update_page(self) -> None:
        """Show the empty page or the gallery."""
        filled = self.session.gallery.total > 0
        if filled and self.pages.currentIndex() == 0:
            self.pages.setCurrentIndex(1)
            self.gallery.setFocus()
        self.pages.setCurrentIndex(1 if filled else 0)
        if filled and not self.gallery.currentIndex().isValid() and self.session.gallery.rowCount():
            self.gallery.setCurrentIndex(self.session.gallery.index(0, 0))
        if not filled and self._large:
            self.toggle_large()
        self._enable_actions()

    def _enable_actions(self) -> None:
        chosen = self.gallery.selectionModel().hasSelection() or self.gallery.currentIndex().isValid()
        for action in (self.menu_actions.copy, self.menu_actions.remove, self.menu_actions.reveal):
            action.setEnabled(chosen)
        for action in (self.menu_actions.large, self.menu_actions.heat):
            action.setEnabled(self.preview.row is not None)

    def _fit_preview(self) -> None:
        self.gallery.setVisible(not self._large)
        self.preview.setVisible(self._large or self.width() >= _PREVIEW_FROM)

    def _use_settings(self, settings: Settings) -> None:
        self.session.use_settings(settings)
        self.preview.refresh()


def _open(dialog: QDialog) -> None:
    """Open `dialog`, which is gone when it is closed: opened often, it must not pile up."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
