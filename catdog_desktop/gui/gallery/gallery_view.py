"""The view of the gallery: a grid of cards, or a list."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import (
    QElapsedTimer,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QWidget

from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.gallery.card import CardDelegate
from catdog_desktop.gui.gallery.empty_gallery import NoMatches
from catdog_desktop.gui.gallery.gallery_model import ROW_ROLE, GalleryModel
from catdog_desktop.gui.theme import BAR_ANIMATION_MS, GRID, animations_enabled
from catdog_desktop.gui.widgets.uniform_grid_view import UniformGridView, parts_of

_FRAME_MS: Final = 16
_SETTLE_MS: Final = 120
"""Pause in scrolling after which visible photos are classified first."""


class GalleryView(UniformGridView):
    """Shows a `GalleryModel`, with a `CardDelegate`."""

    current_changed = Signal(object)  # Row or None
    waiting_visible = Signal(list)  # list[Path]: visible photos that are not classified yet

    def __init__(self, model: GalleryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate = CardDelegate(self)
        self._card_width = 200
        self._photos = model
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always on: a scroll bar that comes and goes would change the width of the cards.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setAccessibleName("Photos")
        self.viewport().setAutoFillBackground(False)
        # Aligned with the header: its margin is 2 * GRID, and half a GRID belongs to the card.
        self.setViewportMargins(GRID + GRID // 2, 0, GRID // 2, 0)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._animation = QTimer(self, interval=_FRAME_MS)
        self._animation.timeout.connect(self._animate)
        self._frames_left = 0
        self._settled = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settled.timeout.connect(self._emit_waiting)
        # A lambda, because start() would take the value for milliseconds.
        self.verticalScrollBar().valueChanged.connect(lambda _: self._settled.start())
        self.single_keys = False
        """Whether single keys are shortcuts everywhere, not only in "To check"."""
        self._typed = ""
        self._typing = QElapsedTimer()
        """Runs since the last typed character."""
        self._saved_numbers = np.zeros(0, np.int32)
        self._saved_current: Row | None = None
        model.modelAboutToBeReset.connect(self._save_selection)
        model.modelReset.connect(self._restore_selection)
        model.rowsInserted.connect(self._settled.start)
        model.modelReset.connect(self._settled.start)
        model.layoutChanged.connect(self._settled.start)
        model.scores_arrived.connect(self._on_scores_arrived)
        self.no_matches = NoMatches(self)
        for signal in (model.query_changed, model.modelReset, model.rowsInserted, model.rowsRemoved):
            signal.connect(self._update_no_matches)
        self.set_view_mode("grid")

    @property
    def selected_rows(self) -> list[Row]:
        """The selected photos, in the order shown."""
        parts = parts_of(self.selectionModel().selection())
        return [self._photos.row_at(position) for first, last in parts for position in range(first, last + 1)]

    @property
    def target_rows(self) -> list[Row]:
        """The selected photos; the current photo if none is selected."""
        current = self.current_row
        return self.selected_rows or ([current] if current is not None else [])

    @property
    def current_row(self) -> Row | None:
        """The current photo, if any."""
        index = self.currentIndex()
        return index.data(ROW_ROLE) if index.isValid() else None

    def set_view_mode(self, mode: str) -> None:
        """Show a "grid" of cards or a "list"."""
        self._delegate.as_list = mode == "list"
        current = self.currentIndex()
        was_visible = current.isValid() and current.row() in self.visible_rows()
        self._fit()
        if was_visible:
            self.scrollTo(self.currentIndex())

    def set_card_width(self, width: int) -> None:
        """Set the preferred width of a card, in points."""
        self._card_width = width
        self._fit()

    def select_paths(self, paths: Iterable[Path]) -> None:
        """Select these photos, hidden ones aside; make the first one current and scroll to it."""
        positions = [index.row() for path in paths if (index := self._photos.index_of(path)).isValid()]
        if not positions:
            return
        current = self._photos.index(positions[0])
        self.selectionModel().setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.selectionModel().select(
            self._photos.selection_of(np.array(sorted(positions), np.int32)),
            QItemSelectionModel.SelectionFlag.ClearAndSelect,
        )
        self.scrollTo(current)

    def select_path(self, path: Path) -> None:
        """Make a photo current and select it, unless it is hidden."""
        index = self._photos.index_of(path)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def step(self, by: int) -> None:
        """Move by `by` photos, to the next (1) or the previous one (-1)."""
        self.set_current_position(self.currentIndex().row() + by)

    def set_current_position(self, position: int) -> None:
        """Make the photo at `position` current; clamped to the first and the last."""
        index = self.model().index(min(max(0, position), self.model().rowCount() - 1), 0)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def currentChanged(  # noqa: N802
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Emit `current_changed` (called by Qt)."""
        super().currentChanged(current, previous)
        self.current_changed.emit(current.data(ROW_ROLE) if current.isValid() else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the cards to the new width."""
        super().resizeEvent(event)
        self.no_matches.setGeometry(self.viewport().geometry())
        self._fit()
        self._settled.start()

    def changeEvent(self, event: QEvent) -> None:
        """Fit the cards to a new font or style."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def event(self, event: QEvent) -> bool:
        """Claim letters and digits for the search by name before shortcuts get them."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_typing(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Search by name for typed text, unless single keys are shortcuts."""
        if self._is_typing(event):
            self.keyboardSearch(event.text())
        elif _is_character(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:  # noqa: N802
        """Make the next photo current whose name starts with the text typed so far, in any case.

        Text typed after a pause starts a new search. The same character again goes to the next photo.
        """
        goes_on = self._typing.isValid() and self._typing.elapsed() < QApplication.keyboardInputInterval()
        self._typing.start()
        self._typed = self._typed + search if goes_on else search
        repeats = len(self._typed) > 1 and len(set(self._typed)) == 1
        text = self._typed[0] if repeats else self._typed
        start = self.currentIndex().row() + (1 if len(self._typed) == 1 or repeats else 0)
        position = self._photos.find_name(text, max(0, start))
        if position is not None:
            self.set_current_position(position)

    def _is_typing(self, event: QKeyEvent) -> bool:
        """Return whether a key belongs to the search by name."""
        if self.single_keys or self._photos.query.filter is Filter.TO_CHECK:
            return False
        goes_on = self._typing.isValid() and self._typing.elapsed() < QApplication.keyboardInputInterval()
        return _is_character(event) or (goes_on and event.key() == Qt.Key.Key_Space and not event.modifiers())

    def _update_no_matches(self) -> None:
        self.no_matches.setGeometry(self.viewport().geometry())
        self.no_matches.show_query(self._photos.query)
        self.no_matches.setVisible(not self._photos.rowCount())

    def _fit(self) -> None:
        width = max(1, self.viewport().width())
        self._delegate.animates = animations_enabled(self.style())
        if self._delegate.as_list:
            columns, cell = 1, QSize(width, self._delegate.line_height(self.font()))
        else:
            columns = max(1, width // self._card_width)
            cell_width = width // columns
            cell = QSize(cell_width, self._delegate.card_height(cell_width, self.font()))
        if (columns, cell) != (self.columns, self.cell):
            at_top = self.indexAt(self.viewport().rect().topLeft())
            self.columns = columns
            self.cell = self._delegate.cell = cell
            self.verticalScrollBar().setSingleStep(max(20, cell.height() // 4))
            self.doItemsLayout()
            self.scrollTo(at_top, QAbstractItemView.ScrollHint.PositionAtTop)
        # By the size of the view, not by the number of photos so far.
        lines = self.viewport().height() // cell.height() + 2
        self._photos.keep_thumbnails(2 * columns * lines)

    def _save_selection(self) -> None:
        parts = parts_of(self.selectionModel().selection())
        self._saved_numbers = np.concatenate(
            [np.zeros(0, np.int32), *(self._photos.numbers_between(*part) for part in parts)]
        )
        self._saved_current = self.current_row

    def _restore_selection(self) -> None:
        """Restore selection and current photo after a model reset, as far as they are still shown."""
        selection = self._photos.selection_of(self._photos.positions(self._saved_numbers))
        current = self._saved_current
        index = self._photos.index_of(current.path) if current is not None else QModelIndex()
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if current is not None and not index.isValid():
            self.current_changed.emit(None)
        self._saved_numbers, self._saved_current = np.zeros(0, np.int32), None

    def _on_scores_arrived(self, positions: list[int]) -> None:
        """Animate the bars of new scores, if any of them is visible."""
        visible = self.visible_rows()
        if self._delegate.animates and any(position in visible for position in positions):
            self._frames_left = BAR_ANIMATION_MS // _FRAME_MS + 2
            if not self._animation.isActive():
                self._animation.start()

    def _animate(self) -> None:
        self._frames_left -= 1
        if self._frames_left <= 0:
            self._animation.stop()
        model = self.model()
        area = QRect()
        for number in self.visible_rows():
            row = self._photos.row_at(number)
            if row.result_time and self._is_fresh(row):
                area = area.united(self.visualRect(model.index(number, 0)))
        if not area.isEmpty():
            self.viewport().update(area)

    def _is_fresh(self, row: Row) -> bool:
        return (time.monotonic() - row.result_time) * 1000 < BAR_ANIMATION_MS + 4 * _FRAME_MS

    def _emit_waiting(self) -> None:
        rows = [self._photos.row_at(position) for position in self.visible_rows()]
        waiting = [row.path for row in rows if row.state is State.WAITING]
        if waiting:
            self.waiting_visible.emit(waiting)


def _is_character(event: QKeyEvent) -> bool:
    """Return whether a key types a visible character."""
    without_shift = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    return event.text().isprintable() and bool(event.text().strip()) and not without_shift
