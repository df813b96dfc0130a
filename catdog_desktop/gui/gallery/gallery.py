"""The gallery's view: a grid of cards or a list, which scrolls smoothly over thousands of photos."""

import time
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QWidget

from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.gallery.card import CardDelegate
from catdog_desktop.gui.gallery.gallery_model import ROW_ROLE, GalleryModel, runs
from catdog_desktop.gui.status_text import describe_nothing
from catdog_desktop.gui.theme import GRID, GROWTH_MS, colours, moves
from catdog_desktop.gui.widgets.uniform_grid_view import CellView, parts_of

_FRAME_MS: Final = 16
_SETTLE_MS: Final = 120
"""How long the view must stand still before what it shows is asked for first."""


class Gallery(CellView):
    """Shows a `GalleryModel`."""

    current_changed = Signal(object)  # Row or None
    waiting_in_sight = Signal(list)  # list[Path] that are on the screen and wait

    def __init__(self, model: GalleryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate = CardDelegate(self)
        self._card_width = 200
        self._photos = model
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: were it to come and go, the width of the cards would change with it.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setAccessibleName("Photos")
        self.viewport().setAutoFillBackground(False)
        # In line with the header, whose margin is two steps; half a step is the card's own.
        self.setViewportMargins(GRID + GRID // 2, 0, GRID // 2, 0)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._growing = QTimer(self, interval=_FRAME_MS)
        self._growing.timeout.connect(self._grow_on)
        self._frames_left = 0
        self._settled = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settled.timeout.connect(self._tell_waiting)
        # Without the value: start() would take it for milliseconds.
        self.verticalScrollBar().valueChanged.connect(lambda _: self._settled.start())
        self._kept = np.zeros(0, np.int32)
        self._kept_current: Row | None = None
        model.modelAboutToBeReset.connect(self._keep_selection)
        model.modelReset.connect(self._restore_selection)
        model.rowsInserted.connect(self._settled.start)
        model.modelReset.connect(self._settled.start)
        model.layoutChanged.connect(self._settled.start)
        model.dataChanged.connect(self._on_data_changed)
        self.show_as("grid")

    @property
    def rows_selected(self) -> list[Row]:
        """The selected photos, in the order shown."""
        parts = parts_of(self.selectionModel().selection())
        return [self._photos.row_at(position) for first, last in parts for position in range(first, last + 1)]

    @property
    def rows_chosen(self) -> list[Row]:
        """The selected photos; where none is, the one with the cursor."""
        current = self.current_row
        return self.rows_selected or ([current] if current is not None else [])

    @property
    def current_row(self) -> Row | None:
        """The photo with the cursor."""
        index = self.currentIndex()
        return index.data(ROW_ROLE) if index.isValid() else None

    def show_as(self, view: str) -> None:
        """Show a "grid" of cards or a "list" of lines."""
        self._delegate.as_list = view == "list"
        self._fit()

    def set_card_width(self, width: int) -> None:
        """Make the cards about `width` points wide."""
        self._card_width = width
        self._fit()

    def select_path(self, path: Path) -> None:
        """Put the cursor on a photo, if it is shown."""
        index = self._photos.index_of(path)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def step(self, by: int) -> None:
        """Move the cursor to the next or the previous photo."""
        self.put_cursor(self.currentIndex().row() + by)

    def put_cursor(self, position: int) -> None:
        """Move the cursor to the photo at `position`, or to the one that is nearest to it."""
        index = self.model().index(min(max(0, position), self.model().rowCount() - 1), 0)
        if index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def currentChanged(  # noqa: N802
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Tell which photo has the cursor (called by Qt)."""
        super().currentChanged(current, previous)
        self.current_changed.emit(current.data(ROW_ROLE) if current.isValid() else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the new width evenly among the cards."""
        super().resizeEvent(event)
        self._fit()
        self._settled.start()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font and the style of the system."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the photos; where none passes the filters, say so."""
        super().paintEvent(event)
        order = self._photos.order
        if self._photos.rowCount() or not self._photos.total:
            return
        painter = QPainter(self.viewport())
        painter.setPen(colours(self.palette()).hint)
        words = describe_nothing(order)
        painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave single letters to the shortcuts of the window; Qt would search names by them."""
        if event.text().isprintable() and event.text().strip() and not event.modifiers():
            event.ignore()
            return
        super().keyPressEvent(event)

    def _fit(self) -> None:
        width = max(1, self.viewport().width())
        self._delegate.grows = moves(self.style())
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
        # By the size of the screen, not by how many photos there are yet.
        lines = self.viewport().height() // cell.height() + 2
        self._photos.keep_thumbnails(2 * columns * lines)

    def _keep_selection(self) -> None:
        parts = parts_of(self.selectionModel().selection())
        self._kept = np.concatenate([np.zeros(0, np.int32), *(self._photos.numbers_between(*part) for part in parts)])
        self._kept_current = self.current_row

    def _restore_selection(self) -> None:
        """Select again what was selected before the model was reset and is still shown; so with the cursor."""
        selection = QItemSelection()
        for first, last in runs(self._photos.positions(self._kept)):
            selection.append(QItemSelectionRange(self._photos.index(first), self._photos.index(last)))
        current = self._kept_current
        index = self._photos.index_of(current.path) if current is not None else QModelIndex()
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if current is not None and not index.isValid():
            self.current_changed.emit(None)
        self._kept, self._kept_current = np.zeros(0, np.int32), None

    def _on_data_changed(self, first: QModelIndex, last: QModelIndex, roles: list[int]) -> None:
        # A list without roles is a result; growing bars need frames, but only if they are in sight.
        sight = self.rows_in_sight()
        if not roles and self._delegate.grows and first.row() < sight.stop and last.row() >= sight.start:
            self._frames_left = GROWTH_MS // _FRAME_MS + 2
            if not self._growing.isActive():
                self._growing.start()

    def _grow_on(self) -> None:
        self._frames_left -= 1
        if self._frames_left <= 0:
            self._growing.stop()
        model = self.model()
        area = QRect()
        for number in self.rows_in_sight():
            row = self._photos.row_at(number)
            if row.arrived and self._is_fresh(row):
                area = area.united(self.visualRect(model.index(number, 0)))
        if not area.isEmpty():
            self.viewport().update(area)

    def _is_fresh(self, row: Row) -> bool:
        return (time.monotonic() - row.arrived) * 1000 < GROWTH_MS + 4 * _FRAME_MS

    def _tell_waiting(self) -> None:
        rows = [self._photos.row_at(position) for position in self.rows_in_sight()]
        waiting = [row.path for row in rows if row.state is State.WAITING]
        if waiting:
            self.waiting_in_sight.emit(waiting)
