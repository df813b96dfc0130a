"""The main window: its layout, and the connections between its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.appearance import Appearance
from catdog_desktop.gui.continue_commands import ContinueCommands
from catdog_desktop.gui.desktop.desktop_status import DesktopStatus
from catdog_desktop.gui.desktop.reduced_motion import prefers_reduced_motion
from catdog_desktop.gui.dialog_commands import DialogCommands
from catdog_desktop.gui.duplicate_commands import DuplicateCommands
from catdog_desktop.gui.exporting.export_commands import ExportCommands
from catdog_desktop.gui.filters.filter_controller import FilterController
from catdog_desktop.gui.first_tour import FirstTour
from catdog_desktop.gui.gallery.card_menu import CardMenu
from catdog_desktop.gui.gallery.gallery_view import GalleryView
from catdog_desktop.gui.header import Header
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.keyboard_access import set_tab_order
from catdog_desktop.gui.learning.learn_commands import LEARN_LINK, UNDO_LEARNING_LINK, LearnCommands
from catdog_desktop.gui.learning.similar_commands import SELECT_ALIKE_LINK, USUAL_ORDER_LINK, SimilarCommands
from catdog_desktop.gui.learning.stack_commands import StackCommands
from catdog_desktop.gui.library.backup_commands import BackupCommands
from catdog_desktop.gui.library.library_commands import LibraryCommands
from catdog_desktop.gui.list_columns import ListColumns
from catdog_desktop.gui.mime_parsing import MimeContent
from catdog_desktop.gui.missing_photos import MissingPhotos
from catdog_desktop.gui.model_import.model_commands import ModelCommands
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.photo_commands import PhotoCommands
from catdog_desktop.gui.photo_intake import PhotoIntake
from catdog_desktop.gui.rating_commands import RatingCommands
from catdog_desktop.gui.reveal_opened import RevealOpened
from catdog_desktop.gui.selection_bar import SelectionBar
from catdog_desktop.gui.session import Session
from catdog_desktop.gui.settings.settings_store import SettingsStore
from catdog_desktop.gui.sorting.sort_again_commands import SortAgainCommands
from catdog_desktop.gui.sorting.sort_commands import SortCommands
from catdog_desktop.gui.start_page import StartPage
from catdog_desktop.gui.status_line import StatusLine
from catdog_desktop.gui.status_text import describe_job_end
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.theme import GRID, set_reduced_motion
from catdog_desktop.gui.trash_commands import TrashCommands
from catdog_desktop.gui.undo_commands import UNDO_LINK, UndoCommands
from catdog_desktop.gui.undo_stack import UndoStack
from catdog_desktop.gui.unexpected_errors import UnexpectedErrors
from catdog_desktop.gui.viewer.preview import Preview
from catdog_desktop.gui.viewer_commands import ViewerCommands
from catdog_desktop.gui.watching.watch_commands import WatchCommands
from catdog_desktop.gui.widgets.drop_overlay import DropOverlay
from catdog_desktop.gui.window_actions import WindowActions
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.gui.window_geometry import fit_to_screen, restore_geometry, saved_geometry, size_within_screen
from catdog_desktop.languages.formats import join_sentences
from catdog_desktop.messages import _
from catdog_desktop.settings import Settings, without_folders
from catdog_desktop.store.store_erasure import Kind

_PREVIEW_FROM: Final = 104 * GRID
"""In a window narrower than this, the preview is not shown beside the gallery."""


@safe_overrides
class MainWindow(QMainWindow):
    """The window of the app."""

    def __init__(self, model_folder: Path, settings: Settings, settings_path: Path) -> None:
        super().__init__()
        self.setWindowTitle("CatDog")
        self._can_resume = False
        self._job_message = ""
        """What the status line showed at the end of the last job."""
        self._errors = UnexpectedErrors(self)
        self._tasks = TaskQueue(self.show_problem, self)
        self._decoding = TaskQueue(self.show_problem, self)
        self._settings = SettingsStore(settings, settings_path, self._tasks, self)
        self.session = Session(model_folder, settings, self._tasks, self)
        self.action_table = WindowActions(self)
        self.gallery = GalleryView(self.session.gallery)
        self.preview = Preview(self._decoding)
        self.status = StatusLine()
        self.context = WindowContext(
            window=self,
            session=self.session,
            gallery=self.gallery,
            preview=self.preview,
            status=self.status,
            settings=self._settings,
            actions=self.action_table,
            tasks=self._tasks,
            undo=UndoStack(self),
            report_error=self.show_problem,
        )
        self.header = Header(self.action_table)
        self.filtering = FilterController(self.context, self.header)
        self.appearance = Appearance(self.context, self.filtering, self.header)
        self.list_columns = ListColumns(self.context)
        self.duplicates = DuplicateCommands(self.context)
        self.intake = PhotoIntake(self.context)
        self.reveal_opened = RevealOpened(self.context, self.filtering)
        self.undo = UndoCommands(self.context)
        self.photos = PhotoCommands(self.context)
        self.ratings = RatingCommands(self.context)
        self.viewing = ViewerCommands(self.context)
        self.sort = SortCommands(self.context)
        self.exports = ExportCommands(self.context)
        self.library = LibraryCommands(self.context)
        self.backups = BackupCommands(self.context)
        self.trash = TrashCommands(self.context)
        self.watch = WatchCommands(self.context)
        self.models = ModelCommands(self.context)
        self.learning = LearnCommands(self.context)
        self.similar = SimilarCommands(self.context, self.filtering)
        self.stacks = StackCommands(self.context, self.filtering)
        self.dialogs = DialogCommands(self.context)
        self.sort_again = SortAgainCommands(self.context, self.sort.start, lambda: self.sort.is_running)
        self.missing = MissingPhotos(self.context, lambda: self.sort.is_running or self.trash.is_running)
        self.desktop = DesktopStatus(self.context, [self.sort, self.exports, self.trash])
        actions = self.action_table
        self.empty = StartPage(
            actions["file.open_photos"], actions["file.open_folder"], actions["edit.paste"], actions["file.continue"]
        )
        self.continuing = ContinueCommands(self.context, self.filtering, self.empty)
        self._bind_actions()
        self._lay_out()
        self._connect()
        self._restore()

    @property
    def settings(self) -> Settings:
        """The user's choices as they are now."""
        return self._settings.current

    def sizeHint(self) -> QSize:
        """Return a size that shows a few rows of cards on a small laptop."""
        return QSize(1180, 760)

    def add(self, paths: list[Path]) -> None:
        """Add photos and folders."""
        if paths:
            self.status.say("")
            # Absolute, so that a photo named on the command line and then dropped is the same photo.
            self.session.add([path.absolute() for path in paths])

    def back(self) -> None:
        """Leave the viewer; else stop the job; else clear the search."""
        if self.tour.isVisible():
            self.tour.skip.click()
            return
        if self.viewing.is_open:
            self.viewing.close()
        elif self.session.busy:
            self.session.cancel()
        else:
            self.header.search.clear()
            self.gallery.setFocus()

    def find_by_name(self) -> None:
        """Put the cursor into the search field."""
        self.header.search.setFocus()
        self.header.search.selectAll()

    def open_statistics(self) -> None:
        """Open the statistics of the photos."""
        from catdog_desktop.gui.statistics.statistics_dialog import open_statistics

        open_statistics(self.context)

    def show_problem(self, error: BaseException) -> None:
        """Log an unexpected error and show it, one dialog at a time; the app goes on. Any thread may call it."""
        self._errors.report(error)

    # Event handlers.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Show what a drop would do."""
        self.intake.drag_enter(event, self.drop_overlay)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Hide the drop frame."""
        self.drop_overlay.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        self.intake.drop(event, self.drop_overlay)

    def showEvent(self, event: QShowEvent) -> None:
        """Keep the whole window on the screen: the size of its frame is known only now."""
        super().showEvent(event)
        QTimer.singleShot(0, self, lambda: fit_to_screen(self))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the preview beside the gallery only in a wide window."""
        super().resizeEvent(event)
        self._fit_preview()
        if self.drop_overlay.isVisible():
            self.drop_overlay.cover_parent()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide the window at once, then wait for the threads."""
        self.continuing.save()
        self.session.begin_close()
        self._settings.change(window=saved_geometry(self, self.splitter))
        self._settings.save()
        self.hide()
        self._decoding.clear()
        self.sort.close()
        self.exports.close()
        self.library.close()
        self.backups.close()
        self.trash.close()
        self.sort_again.close()
        self.missing.close()
        self.desktop.close()
        self.watch.close()
        self.models.close()
        self.learning.close()
        self.stacks.close()
        self.session.close()
        self._decoding.close()
        self.viewing.shut_down()
        self._tasks.close()
        event.accept()

    # Construction.

    def _bind_actions(self) -> None:
        bind = self.action_table.bind
        bind("file.stop", self.session.cancel, enabled=lambda: self.session.busy)
        bind("file.pause", self.session.pause, enabled=lambda: self.session.busy and not self.session.paused)
        bind("file.resume", self.session.resume, enabled=lambda: self._can_resume or self.session.paused)
        bind("file.quit", self.close)
        bind("help.tour", lambda: self.tour.begin())
        bind("edit.find", self.find_by_name)
        bind("view.statistics", self.open_statistics, enabled=lambda: self.session.gallery.total > 0)
        bind("edit.select_group", self.gallery.select_group, enabled=lambda: bool(self.session.gallery.groups))
        bind("view.back", self.back)
        self.action_table.add_to(self.gallery, self.preview)
        self.card_menu = CardMenu(self.gallery, self.action_table)
        self.viewing.made.connect(lambda viewer: self.action_table.add_to(viewer))
        self.viewing.made.connect(self.card_menu.add_to)
        assert self.action_table.unbound == []

    def _lay_out(self) -> None:
        actions = self.action_table
        self.filters = self.filtering.bar
        self.status.add(self.watch.label)
        self.selection_bar = SelectionBar(self.gallery, actions)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.gallery)
        self.splitter.addWidget(self.preview)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([780, 380])
        self.gallery.setMinimumWidth(20 * GRID)
        self.preview.setMinimumWidth(34 * GRID)
        self.preview.add_actions([actions["edit.copy"], actions["file.show_in_file_manager"], actions["view.photo"]])
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
        column.addWidget(self.selection_bar)
        column.addWidget(self.sort.bar)
        column.addWidget(self.exports.bar)
        column.addWidget(self.library.bar)
        column.addWidget(self.backups.bar)
        column.addWidget(self.trash.bar)
        column.addWidget(self.status)
        self.setCentralWidget(self.viewing.surround(centre))
        self.drop_overlay = DropOverlay(self.viewing.screens)
        self.tour = FirstTour(centre, lambda: self.status.height())
        self.tour.ended.connect(lambda: self._settings.change(tour_seen=True))
        set_tab_order(self.header, self.filtering.rows, self.gallery, self.preview, self.status)

    def _connect(self) -> None:
        session = self.session
        session.gallery.rowsInserted.connect(self._on_rows_inserted)
        session.gallery.modelReset.connect(self._update_page)
        session.rows_changed.connect(self._on_rows_changed)
        # Photos that the filter or the search hides insert no row, but they count.
        session.counts_changed.connect(self._update_page)
        session.progress_changed.connect(self._on_progress)
        session.job_ended.connect(self._on_job_ended)
        session.skipped_changed.connect(self.action_table.refresh)
        session.model_failed.connect(self._on_model_failed)
        session.failed.connect(self.show_problem)
        session.paste_failed.connect(self.status.say)
        session.store_warning.connect(self.status.say)
        self.gallery.current_changed.connect(self._on_current)
        self.gallery.waiting_visible.connect(session.prioritize)
        self.preview.step_requested.connect(self.gallery.step)
        self.status.link_chosen.connect(self._follow_link)
        self.status.stop_clicked.connect(session.cancel)
        self.status.pause_clicked.connect(lambda: session.resume() if session.paused else session.pause())
        self.intake.dropped.connect(self._take)
        self.intake.opened.connect(self.add)
        self.photos.removed.connect(self._update_page)
        self.trash.removed.connect(self._update_page)
        session.stored_data.forgotten.connect(self._on_forgotten)
        self._settings.changed.connect(self._use_settings)
        self._settings.failed.connect(self.status.say)

    def _restore(self) -> None:
        self._use_settings(self._settings.current)
        if not restore_geometry(self._settings.current.window, self, self.splitter):
            self.resize(size_within_screen(self, self.sizeHint()))
        self._update_page()
        self.empty.setFocus()
        self._tasks.run(prefers_reduced_motion, set_reduced_motion)

    # Reactions to signals.

    def _take(self, content: MimeContent) -> None:
        if content.refusal:
            self.status.say(content.refusal)
        elif content.pixels is not None:
            self.status.say("")
            self.session.add_pixels(content.pixels)
        elif content.image is not None:
            self.status.say("")
            self.session.add_image(content.image)
        else:
            self.models.import_models(content.models)
            self.add(list(content.paths))
            self.models.import_saved_models(content.paths)

    def _on_model_failed(self, reason: str) -> None:
        self.status.say(_("No photo can be classified. {reason}").format(reason=reason))

    def _on_rows_inserted(self) -> None:
        # More rows change nothing here that the next counts do not; a walk inserts some every 50 ms.
        if self.pages.currentIndex() == 0 or not self.gallery.currentIndex().isValid():
            self._update_page()

    def _on_rows_changed(self, rows: list[Row]) -> None:
        current = self.preview.row
        if current is not None and any(row is current for row in rows):
            self.preview.refresh()

    def _on_current(self, row: Row | None) -> None:
        self.preview.show_row(row)
        self.action_table.refresh()

    def _on_progress(self, progress: JobProgress) -> None:
        self.status.show_progress(progress)
        is_paused = not self.action_table["file.pause"].isEnabled()
        if self.action_table["file.stop"].isEnabled() is not progress.busy or is_paused is not progress.paused:
            self._update_actions()
            if progress.busy and self.status.message == self._job_message:
                self.status.say("")  # The result of the last job does not belong to this one.

    def _on_job_ended(self, progress: JobProgress) -> None:
        session = self.session
        sentence, links = describe_job_end(
            progress, session.take_new_skipped(), session.stopped_count, session.take_judged()
        )
        note = self.reveal_opened.take_note()
        if note:
            sentence = join_sentences([note, sentence])
        self._update_actions()
        self.status.say(sentence, links)
        self._job_message = self.status.message
        self.desktop.end_classifying(sentence)

    def _follow_link(self, target: str) -> None:
        if target == "problems":
            self.filtering.set_filter(Filter.PROBLEM)
        elif target == "to_check":
            self.filtering.set_filter(Filter.TO_CHECK)
        elif target == "skipped":
            self.dialogs.open_skipped_files()
        elif target == "resume":
            self.session.resume()
        elif target == USUAL_ORDER_LINK:
            self.similar.end()
        elif target == SELECT_ALIKE_LINK:
            self.similar.select_alike(self.photos.last_marked)
        elif target == LEARN_LINK:
            self.learning.open_lesson()
        elif target == UNDO_LEARNING_LINK:
            self.learning.undo()
        elif target == UNDO_LINK:
            self.undo.undo()

    def _on_forgotten(self, kinds: frozenset[Kind]) -> None:
        if Kind.SESSION in kinds:
            self._settings.put(without_folders(self._settings.current))

    def _update_page(self) -> None:
        """Show the empty page or the gallery."""
        filled = self.session.gallery.total > 0
        if filled and self.pages.currentIndex() == 0:
            self.pages.setCurrentIndex(1)
            self.gallery.setFocus()
        self.pages.setCurrentIndex(1 if filled else 0)
        if filled and not self.gallery.currentIndex().isValid() and self.session.gallery.rowCount():
            self.gallery.setCurrentIndex(self.session.gallery.index(0, 0))
        if not filled:
            self.viewing.close()
        self._update_actions()

    def _update_actions(self) -> None:
        # Counted here and not by the action: with 100,000 photos it takes milliseconds.
        self._can_resume = not self.session.busy and self.session.stopped_count > 0
        self.action_table.refresh()

    def _fit_preview(self) -> None:
        self.preview.setVisible(self.width() >= _PREVIEW_FROM)

    def _use_settings(self, settings: Settings) -> None:
        self.session.use_settings(settings)
        self.preview.refresh()
