"""The view of the gallery: a grid of cards, or a list."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QWidget

from catdog_desktop.gallery.groups import Group
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gallery.query import FILTERS_WITH_OWN_ORDER, Filter
from catdog_desktop.gui.gallery.card import CardDelegate
from catdog_desktop.gui.gallery.empty_gallery import NoMatches
from catdog_desktop.gui.gallery.gallery_model import ROW_ROLE, STACK_ROLE, THUMBNAIL_ROLE, GalleryModel
from catdog_desktop.gui.gallery.group_heading import heading_height, paint_group_heading
from catdog_desktop.gui.gallery.name_typing import NameTyping, is_character
from catdog_desktop.gui.gallery.saved_selection import SavedSelection
from catdog_desktop.gui.gallery.score_animation import ScoreAnimation
from catdog_desktop.gui.gallery.scroll_marks import ScrollBubble, ScrollMarks
from catdog_desktop.gui.gallery.scroll_places import ScrollPlaces
from catdog_desktop.gui.gallery.stack_text import StackMark
from catdog_desktop.gui.gallery.table_header import TableHeader, table_columns
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.photo_files import drag_files
from catdog_desktop.gui.theme import GRID, animations_enabled
from catdog_desktop.gui.widgets.mirroring import is_mirrored, mirrored
from catdog_desktop.gui.widgets.scroll_area import QuietScrollBar
from catdog_desktop.gui.widgets.uniform_grid_view import UniformGridView, parts_of
from catdog_desktop.messages import _
from catdog_desktop.settings import DEFAULT_COLUMNS

_WHEEL_STEP: Final = 120
"""One notch of a wheel, in eighths of a degree."""
_SELECTING: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
_SETTLE_MS: Final = 120
"""Pause in scrolling after which visible photos are classified first."""


@safe_overrides
class GalleryView(UniformGridView):
    """Shows a `GalleryModel`, with a `CardDelegate`."""

    current_changed = Signal(object)  # Row or None
    waiting_visible = Signal(list)  # list[Path]: visible photos that are not classified yet
    resize_requested = Signal(int)  # steps by which the cards should grow; negative to shrink
    open_requested = Signal()  # Enter: show the current photo large
    stack_clicked = Signal(object)  # Row: its mark of a stack was clicked

    def __init__(self, model: GalleryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate = CardDelegate(self)
        self._card_width = 200
        self._is_list = False
        self._list_columns: Sequence[str] = DEFAULT_COLUMNS
        self._list_widths: Mapping[str, int] = {}
        self._wheel = 0
        """Turns of the wheel with Ctrl that are not a whole step yet, in eighths of a degree."""
        self._pressed_heading = False
        """Whether the left button was pressed where no rubber band and no drag begins, and is still down."""
        self._groups: list[Group] = []
        self._starts: tuple[int, ...] = ()
        self._photos = model
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBar(QuietScrollBar(Qt.Orientation.Vertical))
        # Always on: a scroll bar that comes and goes would change the width of the cards.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setAccessibleName(_("Photos"))
        self.viewport().setAutoFillBackground(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._animation = ScoreAnimation(model, self, self._delegate)
        self._settled = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settled.timeout.connect(self._emit_waiting)
        # A lambda, because start() would take the value for milliseconds.
        self.verticalScrollBar().valueChanged.connect(lambda _: self._settled.start())
        self.viewed: Row | None = None
        """The photo that the viewer shows: while it is open, actions on photos concern this photo alone."""
        self.single_keys = False
        """Whether single keys are shortcuts everywhere, not only in "To check"."""
        self._typing = NameTyping()
        model.selection_size = self._selection_size
        self._saved = SavedSelection(model, self)
        self._saved.current_lost.connect(self._on_current_lost)
        model.rowsInserted.connect(self._settled.start)
        model.modelReset.connect(self._settled.start)
        model.layoutChanged.connect(self._settled.start)
        self.table_header = TableHeader(self)
        self.table_header.hide()
        self.horizontalScrollBar().valueChanged.connect(self.table_header.setOffset)
        self.places = ScrollPlaces(model, self)
        bar = self.verticalScrollBar()
        self.scroll_marks = ScrollMarks(bar, self.places.marks, self)
        self.scroll_marks.hide()
        self.scroll_bubble = ScrollBubble(bar, self.places.words, self)
        model.query_changed.connect(self._on_query)
        model.groups_changed.connect(self._on_groups)
        self.no_matches = NoMatches(self)
        for signal in (model.query_changed, model.modelReset, model.rowsInserted, model.rowsRemoved):
            signal.connect(self._update_no_matches)
        self.set_view_mode("grid")

    @property
    def selected_rows(self) -> list[Row]:
        """The selected photos, in the order shown. The card of a closed stack stands for all of its photos."""
        if self.viewed is not None:
            return [self.viewed]
        return [behind for row in self.selected_cards for behind in self._photos.rows_behind(row)]

    @property
    def selected_cards(self) -> list[Row]:
        """The photos on the selected cards: one of each closed stack."""
        parts = parts_of(self.selectionModel().selection())
        return [self._photos.row_at(position) for first, last in parts for position in range(first, last + 1)]

    @property
    def photos(self) -> GalleryModel:
        """The model."""
        return self._photos

    def count_photos(self, parts: Sequence[tuple[int, int]]) -> int:
        """Return how many photos the cards at these positions stand for: first and last of each range."""
        cards = sum(last - first + 1 for first, last in parts)
        return cards + sum(self._photos.more_behind(first, last) for first, last in parts)

    @property
    def selected_count(self) -> int:
        """How many cards are selected."""
        return sum(last - first + 1 for first, last in parts_of(self.selectionModel().selection()))

    @property
    def target_rows(self) -> list[Row]:
        """The selected photos; if none is selected, those that the current card stands for."""
        current = self.current_row
        return self.selected_rows or (self._photos.rows_behind(current) if current is not None else [])

    @property
    def current_row(self) -> Row | None:
        """The current photo, if any."""
        index = self.currentIndex()
        return index.data(ROW_ROLE) if index.isValid() else None

    def set_view_mode(self, mode: str) -> None:
        """Show a "grid" of cards or a "list"."""
        self._is_list = mode == "list"
        current = self.currentIndex()
        was_visible = current.isValid() and current.row() in self.visible_rows()
        self.table_header.setVisible(self._is_list)
        policy = Qt.ScrollBarPolicy
        self.setHorizontalScrollBarPolicy(policy.ScrollBarAsNeeded if self._is_list else policy.ScrollBarAlwaysOff)
        self._place_around()
        self._fit()
        if was_visible:
            self.scrollTo(self.currentIndex())

    def set_card_width(self, width: int) -> None:
        """Set the preferred width of a card, in points."""
        self._card_width = width
        self._fit()

    def set_list_columns(self, columns: Sequence[str], widths: Mapping[str, int]) -> None:
        """Set the columns of the list from left to right, and the widths that the user chose, in points."""
        self._list_columns, self._list_widths = columns, widths
        self._fit()

    @property
    def section_starts(self) -> Sequence[int]:
        """The first photo of each group."""
        groups = self._photos.groups
        if groups is not self._groups:
            self._groups, self._starts = groups, tuple(group.first for group in groups)
        return self._starts

    def paint_heading(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Paint the heading of a group."""
        within = QRectF(rect).intersected(QRectF(self.viewport().rect().adjusted(0, -rect.height(), 0, rect.height())))
        paint_group_heading(painter, within, self._groups[section], self.font(), self.palette())

    def select_group(self, section: int | None = None, *, add: bool = False) -> None:
        """Select all photos of a group: that of the current photo, or the one with this number."""
        groups, current = self._photos.groups, self.currentIndex()
        if section is None and current.isValid():
            section = self.sections.section_of(current.row())
        if section is None or section >= len(groups):
            return
        positions = np.arange(groups[section].first, groups[section].first + groups[section].count, dtype=np.int32)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(self._photos.index(groups[section].first), flags.NoUpdate)
        self.selectionModel().select(
            self._photos.selection_of(positions), flags.Select if add else flags.ClearAndSelect
        )

    def select_paths(self, paths: Iterable[Path]) -> None:
        """Select these photos, hidden ones aside; make the first one current and scroll to it."""
        self.select_rows(row for path in paths if (row := self._photos.row_of(path)) is not None)

    def select_rows(self, rows: Iterable[Row]) -> None:
        """Select these photos, hidden ones aside; make the first one current and scroll to it.

        Stacks with some of them are opened, so that no other photo is selected with them.
        """
        shown = [row for row in rows if self._photos.is_shown(row)]
        if not shown:
            return
        self._photos.open_stacks(shown)
        current = self._photos.index_of(shown[0].path)
        positions = np.array(self._photos.positions_of(shown), np.int32)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(current, flags.NoUpdate)
        self.selectionModel().select(self._photos.selection_of(positions), flags.ClearAndSelect)
        self.scrollTo(current)

    def select_path(self, path: Path) -> None:
        """Make a photo current and select it, unless a filter hides it. A closed stack that hides it is opened."""
        index = self._photos.index_of(path)
        row = self._photos.row_of(path)
        if row is not None and index.isValid() and self._photos.row_at(index.row()) is not row:
            self._photos.open_stacks([row])
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

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:  # noqa: N802
        """Make the only selected photo current, too (called by Qt): screen readers select without moving."""
        super().selectionChanged(selected, deselected)
        if self.selected_count == 1:
            (position, _last) = parts_of(self.selectionModel().selection())[0]
            if not self.selectionModel().isSelected(self.currentIndex()):
                self.selectionModel().setCurrentIndex(
                    self._photos.index(position), QItemSelectionModel.SelectionFlag.NoUpdate
                )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the cards to the new width."""
        super().resizeEvent(event)
        self.no_matches.setGeometry(self.viewport().geometry())
        self._place_around()
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
        elif is_character(event):
            event.ignore()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not _has_modifiers(event):
            self.open_requested.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:  # noqa: N802
        """Make the next photo current whose name starts with the text typed so far, in any case."""
        text, leaves_out_current = self._typing.add(search)
        start = self.currentIndex().row() + leaves_out_current
        position = self._photos.find_name(text, max(0, start))
        if position is not None:
            self.set_current_position(position)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select a whole group by its heading; with Ctrl, add it. A click on the mark of a stack is announced."""
        y = event.position().toPoint().y() + self.verticalOffset()
        section = self.sections.heading_at(y) if event.button() is Qt.MouseButton.LeftButton else None
        marked = self._stack_mark_at(event)
        if marked is not None:
            self._pressed_heading = True
            self.stack_clicked.emit(marked)
        elif section is None:
            self.setDragEnabled(self._can_drag_from(event))
            super().mousePressEvent(event)
        else:
            self.select_group(section, add=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def _stack_mark_at(self, event: QMouseEvent) -> Row | None:
        """Return the photo whose mark of a stack is under the mouse."""
        index = self.indexAt(event.position().toPoint())
        mark: StackMark | None = index.data(STACK_ROLE) if index.isValid() else None
        if mark is None or self._is_list or event.button() is not Qt.MouseButton.LeftButton:
            return None
        cell = QRectF(self.visualRect(index))
        rect = self._delegate.stack_mark_rect(cell, mark, self.font())
        rect = mirrored(rect, cell) if is_mirrored(self) else rect
        row: Row | None = index.data(ROW_ROLE) if rect.contains(event.position()) else None
        return row

    def startDrag(self, actions: Qt.DropAction) -> None:  # noqa: N802
        """Drag the selected photos out to other programs, which get copies (called by Qt)."""
        rows = self.target_rows
        if rows:
            drag_files(self, [row.path for row in rows], self._photos.data(self.currentIndex(), THUMBNAIL_ROLE))

    def _can_drag_from(self, event: QMouseEvent) -> bool:
        """Return whether a press starts a drag: on the picture of a photo, or on one that is selected.

        Elsewhere, and with Ctrl or Shift, it starts a rubber band.
        """
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or event.modifiers() & _SELECTING or event.button() is not Qt.MouseButton.LeftButton:
            return False
        if self.selectionModel().isSelected(index):
            return True
        on_picture = self._delegate.photo_rect(QRectF(self.visualRect(index))).contains(event.position())
        return not self._is_list and on_picture

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Stretch the rubber band, but not from a heading."""
        if not self._pressed_heading:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End what the press began."""
        if not self._pressed_heading:
            super().mouseReleaseEvent(event)
        self._pressed_heading = False

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Resize the cards while Ctrl is held."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        self._wheel += event.angleDelta().y()
        steps = int(self._wheel / _WHEEL_STEP)
        self._wheel -= steps * _WHEEL_STEP
        if steps and not self._is_list:
            self.resize_requested.emit(steps)
        event.accept()

    def _is_typing(self, event: QKeyEvent) -> bool:
        """Return whether a key belongs to the search by name."""
        if self.single_keys or self._photos.query.filter is Filter.TO_CHECK:
            return False
        return self._typing.takes(event)

    def _update_no_matches(self) -> None:
        self.no_matches.setGeometry(self.viewport().geometry())
        self.no_matches.show_query(self._photos.query)
        self.no_matches.setVisible(not self._photos.rowCount())

    def _fit(self) -> None:
        width = max(1, self.viewport().width())
        self._delegate.animates = animations_enabled(self.style())
        self.heading_height = heading_height(self.font())
        before = self._delegate.table
        if self._is_list:
            table = table_columns(self._list_columns, self._list_widths, width)
            self._delegate.table = table
            self.table_header.show_columns(table)
            columns, cell = 1, QSize(table[-1].left + table[-1].width, self._delegate.line_height(self.font()))
        else:
            self._delegate.table = ()
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
        elif self._delegate.table != before:
            self.viewport().update()
        # By the size of the view, not by the number of photos so far.
        lines = self.viewport().height() // cell.height() + 2
        self._photos.keep_thumbnails(2 * columns * lines)

    def _place_around(self) -> None:
        """Place the headings above the viewport and the marks right of it."""
        heading = self.table_header.sizeHint().height() if self._is_list else 0
        marks = self.scroll_marks.sizeHint().width() if self.places.are_dates else 0
        # Aligned with the header: its margin is 2 * GRID, and half a GRID belongs to the card.
        self.setViewportMargins(GRID + GRID // 2, heading, GRID // 2 + marks, 0)
        area = self.viewport().geometry()
        self.table_header.setGeometry(area.left(), area.top() - heading, area.width(), heading)
        self.scroll_marks.setGeometry(area.right() + 1, area.top(), marks + GRID // 2, area.height())
        self.scroll_marks.setVisible(bool(marks))

    def _on_query(self) -> None:
        self._place_around()
        query = self._photos.query
        self.table_header.allow_sorting(query.filter not in FILTERS_WITH_OWN_ORDER and not query.similar_to)
        self.scroll_marks.update()

    def _on_groups(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.scroll_marks.update()

    def _selection_size(self) -> int:
        """Return 0 if everything is selected, which Qt reorders as one range; else it does so row by row."""
        count = self.selected_count
        return 0 if count == self._photos.rowCount() else count

    def _on_current_lost(self) -> None:
        self.current_changed.emit(None)

    def _emit_waiting(self) -> None:
        rows = [self._photos.row_at(position) for position in self.visible_rows()]
        waiting = [row.path for row in rows if row.state is State.WAITING]
        if waiting:
            self.waiting_visible.emit(waiting)


def _has_modifiers(event: QKeyEvent) -> bool:
    """Return whether Ctrl, Alt, Shift or Meta is held."""
    return bool(event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier)
