"""A list view all of whose cells have one size, so that where a row lies is a matter of arithmetic.

QListView knows no such thing: it lays out all rows anew whenever one of them changes, which takes 130 ms with 100,000.
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
from PySide6.QtGui import QCursor, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyleOptionViewItem, QWidget

_Index = QModelIndex | QPersistentModelIndex
_Move = QAbstractItemView.CursorAction
_Hint = QAbstractItemView.ScrollHint


def parts_of(selection: QItemSelection) -> list[tuple[int, int]]:
    """Return first and last row of each range of `selection`, in order."""
    # By ranges: with 100,000 rows selected, as many indexes would take half a second.
    return sorted((part.top(), part.bottom()) for part in selection.toList())


class UniformGridView(QListView):
    """Lays rows out from left to right, `columns` in a line, each in a cell of `cell` points."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cell = QSize(200, 200)
        self.columns = 1

    def visible_rows(self) -> range:
        """Return the positions of the rows on the screen, those cut off by its edges included."""
        return self._rows_within(self.viewport().rect())

    # Where things are.

    def visualRect(self, index: _Index) -> QRect:  # noqa: N802
        """Return the cell of `index`, in points of the viewport."""
        if not index.isValid():
            return QRect()
        line, column = divmod(index.row(), self.columns)
        width, height = self.cell.width(), self.cell.height()
        return QRect(column * width, line * height - self.verticalOffset(), width, height)

    def indexAt(self, point: QPoint) -> QModelIndex:  # noqa: N802
        """Return what lies at `point`."""
        column = point.x() // self.cell.width()
        row = (point.y() + self.verticalOffset()) // self.cell.height() * self.columns + column
        if not 0 <= column < self.columns or not 0 <= row < self._count():
            return QModelIndex()
        return self.model().index(row, 0)

    def verticalOffset(self) -> int:  # noqa: N802
        """Return how many points are above the viewport."""
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:  # noqa: N802
        """Return 0: nothing is wider than the viewport."""
        return 0

    def isIndexHidden(self, index: _Index) -> bool:  # noqa: N802
        """Return that nothing is hidden."""
        return False

    def doItemsLayout(self) -> None:  # noqa: N802
        """Note that there are more rows or fewer, or that cells have another size."""
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:  # noqa: N802
        """Let the scroll bar know how much there is."""
        bar, height = self.verticalScrollBar(), self.viewport().height()
        lines = -(-self._count() // self.columns)
        bar.setRange(0, max(0, lines * self.cell.height() - height))
        bar.setPageStep(height)

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        """Move what is painted already; the rest is painted anew."""
        self.viewport().scroll(0, dy)

    def scrollTo(self, index: _Index, hint: _Hint = _Hint.EnsureVisible) -> None:  # noqa: N802
        """Scroll as little as is needed to show the cell of `index` whole, or so that it is where `hint` says."""
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

    # What happens to rows.

    def dataChanged(self, first: _Index, last: _Index, roles: Sequence[int] = ()) -> None:  # noqa: N802
        """Paint changed rows again, if they are in sight; where they lie does not change."""
        QAbstractItemView.dataChanged(self, first, last, roles)

    # Cursor and selection.

    def moveCursor(self, action: _Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:  # noqa: N802
        """Return where the cursor goes by a key."""
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
        """Select from the one corner of `rect` to the other, as one reads."""
        # The corners are the two points between which the mouse was dragged, in whichever order.
        first, last = sorted((self._nearest(rect.topLeft()), self._nearest(rect.bottomRight())))
        selection = QItemSelection()
        if 0 <= first < self._count():
            last = min(last, self._count() - 1)
            selection.select(self.model().index(first, 0), self.model().index(last, 0))
        self.selectionModel().select(selection, command)

    def selectAll(self) -> None:  # noqa: N802
        """Select every row, as one range; Qt would ask for each."""
        if self._count():
            whole = QItemSelection(self.model().index(0, 0), self.model().index(self._count() - 1, 0))
            self.selectionModel().select(whole, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:  # noqa: N802
        """Return what to paint again when `selection` changes."""
        region, sight = QRegion(), self.visible_rows()
        for first, last in parts_of(selection):
            for row in range(max(first, sight.start), min(last + 1, sight.stop)):
                region += self.visualRect(self.model().index(row, 0))
        return region

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows that lie in the region of `event`."""
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        # Not to be had from Qt, which lets the same cells be painted again when the pointer moves.
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
        painter.end()

    # How.

    def _count(self) -> int:
        model = self.model()
        return model.rowCount() if model is not None else 0

    def _rows_within(self, area: QRect) -> range:
        """Return the positions of the rows whose lines meet `area`."""
        top, height, count = area.top() + self.verticalOffset(), self.cell.height(), self._count()
        first, end = top // height * self.columns, (-(-(top + area.height()) // height)) * self.columns
        return range(min(max(0, first), count), min(max(0, end), count))

    def _nearest(self, point: QPoint) -> int:
        """Return the position in whose cell `point` lies, or would lie if its line went on."""
        column = min(max(0, point.x() // self.cell.width()), self.columns - 1)
        return (point.y() + self.verticalOffset()) // self.cell.height() * self.columns + column

    def _below(self, row: int, count: int) -> int:
        """Return the last row if it is in the line below, which is too short; else stay."""
        return count - 1 if row // self.columns < (count - 1) // self.columns else row
