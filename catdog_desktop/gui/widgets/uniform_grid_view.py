"""List view with cells of one size, which finds rows by arithmetic.

QListView lays out all rows again whenever one of them changes, which takes 130 ms with 100,000 rows.
"""

from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QCursor, QMouseEvent, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyleOptionViewItem, QWidget

_Index = QModelIndex | QPersistentModelIndex
_Move = QAbstractItemView.CursorAction
_Hint = QAbstractItemView.ScrollHint


def parts_of(selection: QItemSelection) -> list[tuple[int, int]]:
    """Return first and last row of each range of `selection`, in order."""
    # By ranges: with 100,000 rows selected, as many indexes would take half a second.
    return sorted((part.top(), part.bottom()) for part in selection.toList())


class UniformGridView(QListView):
    """Places rows from left to right, `columns` per line, in cells of size `cell` (in points).

    Dragging the mouse selects the cells that the rubber band touches; Shift selects a range in reading order.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cell = QSize(200, 200)
        self.columns = 1
        self._press: QPoint | None = None
        """Where the left button was pressed, in points of the content."""
        self._band = QRect()
        """The rubber band in points of the content; invalid while none is shown."""

    def visible_rows(self) -> range:
        """Return the positions of the rows in the viewport, including partly visible ones."""
        return self._rows_within(self.viewport().rect())

    # Geometry

    def visualRect(self, index: _Index) -> QRect:  # noqa: N802
        """Return the cell of `index`, in viewport coordinates."""
        if not index.isValid():
            return QRect()
        line, column = divmod(index.row(), self.columns)
        width, height = self.cell.width(), self.cell.height()
        return QRect(column * width, line * height - self.verticalOffset(), width, height)

    def indexAt(self, point: QPoint) -> QModelIndex:  # noqa: N802
        """Return the index at `point`; invalid beside the cells."""
        column = point.x() // self.cell.width()
        row = (point.y() + self.verticalOffset()) // self.cell.height() * self.columns + column
        if not 0 <= column < self.columns or not 0 <= row < self._count():
            return QModelIndex()
        return self.model().index(row, 0)

    def verticalOffset(self) -> int:  # noqa: N802
        """Return the height of the content above the viewport."""
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:  # noqa: N802
        """Return 0: the content is never wider than the viewport."""
        return 0

    def isIndexHidden(self, index: _Index) -> bool:  # noqa: N802
        """Return False: no row is hidden."""
        return False

    def doItemsLayout(self) -> None:  # noqa: N802
        """Update the scroll bar after the number of rows or the size of cells has changed."""
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:  # noqa: N802
        """Set the range of the scroll bar."""
        bar, height = self.verticalScrollBar(), self.viewport().height()
        lines = -(-self._count() // self.columns)
        bar.setRange(0, max(0, lines * self.cell.height() - height))
        bar.setPageStep(height)

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        """Scroll the pixels that are painted already; paint the rest."""
        self.viewport().scroll(0, dy)

    def scrollTo(self, index: _Index, hint: _Hint = _Hint.EnsureVisible) -> None:  # noqa: N802
        """Scroll as little as needed to show the whole cell of `index`, or as `hint` says."""
        if not index.isValid():
            return
        self.executeDelayedItemsLayout()
        rect, height, bar = self.visualRect(index), self.viewport().height(), self.verticalScrollBar()
        above, below = rect.top(), rect.bottom() + 1 - height
        if hint is _Hint.PositionAtCenter:
            by = rect.center().y() - height // 2
        elif hint is _Hint.PositionAtTop or (hint is _Hint.EnsureVisible and (above < 0 or rect.height() > height)):
            by = above
        elif hint is _Hint.PositionAtBottom or below > 0:
            by = below
        else:
            by = 0
        bar.setValue(bar.value() + by)

    # Changes of rows

    def dataChanged(self, first: _Index, last: _Index, roles: Sequence[int] = ()) -> None:  # noqa: N802
        """Repaint changed rows that are visible. The layout does not change."""
        QAbstractItemView.dataChanged(self, first, last, roles)

    # Current index and selection

    def moveCursor(self, action: _Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:  # noqa: N802
        """Return the index that a key moves to."""
        count = self._count()
        if not count:
            return QModelIndex()
        current = self.currentIndex()
        if not current.isValid():
            return self.model().index(0, 0)
        lines = max(1, self.viewport().height() // self.cell.height())
        row = current.row()
        target = {
            _Move.MoveLeft: row - 1,
            _Move.MovePrevious: row - 1,
            _Move.MoveRight: row + 1,
            _Move.MoveNext: row + 1,
            _Move.MoveUp: row - self.columns if row >= self.columns else row,
            _Move.MoveDown: row + self.columns if row + self.columns < count else self._below(row, count),
            _Move.MovePageUp: row - lines * self.columns if row >= lines * self.columns else row % self.columns,
            _Move.MovePageDown: row + lines * self.columns,
            _Move.MoveHome: 0,
            _Move.MoveEnd: count - 1,
        }[action]
        return self.model().index(min(max(0, target), count - 1), 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:  # noqa: N802
        """Select the cells that the rubber band touches; without one, from corner to corner in reading order."""
        if self.state() is QAbstractItemView.State.DragSelectingState:
            ranges = self._ranges_touching(rect.normalized())
        else:
            # With Shift: the corners are the two cells, in any order.
            ranges = [tuple(sorted((self._nearest(rect.topLeft()), self._nearest(rect.bottomRight()))))]
        selection, count = QItemSelection(), self._count()
        for first, last in ranges:
            if 0 <= first < count:
                selection.select(self.model().index(first, 0), self.model().index(min(last, count - 1), 0))
        self.selectionModel().select(selection, command)

    def selectAll(self) -> None:  # noqa: N802
        """Select all rows as one range; Qt would check each row."""
        if self._count():
            whole = QItemSelection(self.model().index(0, 0), self.model().index(self._count() - 1, 0))
            self.selectionModel().select(whole, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:  # noqa: N802
        """Return the region to repaint when `selection` changes."""
        region, visible = QRegion(), self.visible_rows()
        for first, last in parts_of(selection):
            for row in range(max(first, visible.start), min(last + 1, visible.stop)):
                region += self.visualRect(self.model().index(row, 0))
        return region

    # Rubber band

    @property
    def rubber_band(self) -> QRect:
        """The rubber band in viewport coordinates; invalid while none is shown."""
        return self._band.translated(0, -self.verticalOffset()) if self._band.isValid() else QRect()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a rubber band would start."""
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position().toPoint() + QPoint(0, self.verticalOffset())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Stretch the rubber band."""
        super().mouseMoveEvent(event)
        if self._press is not None and self.state() is QAbstractItemView.State.DragSelectingState:
            self._set_band(QRect(self._press, event.position().toPoint() + QPoint(0, self.verticalOffset())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Hide the rubber band."""
        super().mouseReleaseEvent(event)
        self._press = None
        self._set_band(QRect())

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows in the region of `event`, and the rubber band."""
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        # QAbstractItemView repaints the hovered cell, but keeps its index to itself.
        pointer = self.viewport().mapFromGlobal(QCursor.pos()) if self.viewport().underMouse() else None
        hovered = self.indexAt(pointer).row() if pointer is not None else -1
        current = self.currentIndex().row() if self.hasFocus() else -1
        painter = QPainter(self.viewport())
        usual = option.state & ~(QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_MouseOver)
        for row in self._rows_within(event.rect()):
            index = self.model().index(row, 0)
            option.rect = self.visualRect(index)
            if not event.region().intersects(option.rect):
                continue
            option.state = usual
            if self.selectionModel().isSelected(index):
                option.state |= QStyle.StateFlag.State_Selected
            if row == hovered:
                option.state |= QStyle.StateFlag.State_MouseOver
            if row == current:
                option.state |= QStyle.StateFlag.State_HasFocus
            self.itemDelegate().paint(painter, option, index)
        if self._band.isValid():
            colour = QColor(self.palette().highlight().color())
            painter.setPen(QPen(colour, 1))
            colour.setAlpha(48)
            painter.setBrush(colour)
            painter.drawRect(self.rubber_band.adjusted(0, 0, -1, -1))
        painter.end()

    # Helpers

    def _set_band(self, band: QRect) -> None:
        if band != self._band:
            self._band = band.normalized() if not band.isNull() else QRect()
            self.viewport().update()

    def _ranges_touching(self, rect: QRect) -> list[tuple[int, ...]]:
        """Return the first and last row of each run of cells that meet `rect`, in viewport coordinates."""
        width, height, offset = self.cell.width(), self.cell.height(), self.verticalOffset()
        first_column, last_column = max(0, rect.left() // width), min(self.columns - 1, rect.right() // width)
        first_line, last_line = max(0, (rect.top() + offset) // height), (rect.bottom() + offset) // height
        last_line = min(last_line, (self._count() - 1) // self.columns)
        if first_column > last_column or first_line > last_line:
            return []
        if (first_column, last_column) == (0, self.columns - 1):
            return [(first_line * self.columns, last_line * self.columns + last_column)]
        lines = range(first_line, last_line + 1)
        return [(line * self.columns + first_column, line * self.columns + last_column) for line in lines]

    def _count(self) -> int:
        model = self.model()
        return model.rowCount() if model is not None else 0

    def _rows_within(self, area: QRect) -> range:
        """Return the positions of the rows in the lines that meet `area`."""
        top, height, count = area.top() + self.verticalOffset(), self.cell.height(), self._count()
        first, end = top // height * self.columns, (-(-(top + area.height()) // height)) * self.columns
        return range(min(max(0, first), count), min(max(0, end), count))

    def _nearest(self, point: QPoint) -> int:
        """Return the position of the cell at `point`, clamped to the columns."""
        column = min(max(0, point.x() // self.cell.width()), self.columns - 1)
        return (point.y() + self.verticalOffset()) // self.cell.height() * self.columns + column

    def _below(self, row: int, count: int) -> int:
        """Return the position for Down near the end: the last row if the next line is too short, else `row`."""
        return count - 1 if row // self.columns < (count - 1) // self.columns else row
