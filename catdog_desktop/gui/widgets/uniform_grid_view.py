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

from catdog_desktop.gallery.section_layout import SectionLayout
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.widgets.mirroring import is_mirrored, placed_whole

_Index = QModelIndex | QPersistentModelIndex
_Move = QAbstractItemView.CursorAction
_Hint = QAbstractItemView.ScrollHint


def parts_of(selection: QItemSelection) -> list[tuple[int, int]]:
    """Return first and last row of each range of `selection`, in order."""
    # By ranges: with 100,000 rows selected, as many indexes would take half a second.
    return sorted((part.top(), part.bottom()) for part in selection.toList())


@safe_overrides
class UniformGridView(QListView):
    """Places rows from left to right, `columns` per line, in cells of size `cell` (in points), below section headings.

    Dragging the mouse selects the cells that the rubber band touches; Shift selects a range in reading order.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cell = QSize(200, 200)
        self.columns = 1
        self.heading_height = 0
        """Height of the heading of a section, in points."""
        self._laid_out: tuple[object, ...] = ()
        """What `_layout` was made for."""
        self._layout = SectionLayout(0, 1, 1)
        self._press: QPoint | None = None
        """Where the left button was pressed, in points of the content."""
        self._band = QRect()
        """The rubber band in points of the content; invalid while none is shown."""

    def visible_rows(self) -> range:
        """Return the positions of the rows in the viewport, including partly visible ones."""
        return self._rows_within(self.viewport().rect())

    @property
    def section_starts(self) -> Sequence[int]:
        """The first row of each section; empty without sections. Another object after each change."""
        return ()

    @property
    def sections(self) -> SectionLayout:
        """The layout of the present rows."""
        starts = self.section_starts
        key = (self._count(), self.columns, self.cell.height(), self.heading_height, starts)
        # By identity: to compare thousands of starts for each cell would take longer than to find the cell.
        if key[:4] != self._laid_out[:4] or starts is not self._laid_out[4]:
            self._layout, self._laid_out = SectionLayout(*key[:4], starts), key
        return self._layout

    def paint_heading(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Paint the heading of a section."""

    # Geometry

    def visualRect(self, index: _Index) -> QRect:  # noqa: N802
        """Return the cell of `index`, in viewport coordinates."""
        if not index.isValid():
            return QRect()
        top, column = self.sections.place(index.row())
        width, height = self.cell.width(), self.cell.height()
        place = QRect(column * width - self.horizontalOffset(), top - self.verticalOffset(), width, height)
        return placed_whole(place, self.viewport().rect(), self.layoutDirection())

    def indexAt(self, point: QPoint) -> QModelIndex:  # noqa: N802
        """Return the index at `point`; invalid beside the cells."""
        column = (self._from_start(point.x()) + self.horizontalOffset()) // self.cell.width()
        row = self.sections.at(point.y() + self.verticalOffset(), column)
        return QModelIndex() if row is None else self.model().index(row, 0)

    def verticalOffset(self) -> int:  # noqa: N802
        """Return the height of the content above the viewport."""
        return self.verticalScrollBar().value()

    def horizontalOffset(self) -> int:  # noqa: N802
        """Return the width of the content left of the viewport."""
        return self.horizontalScrollBar().value()

    def isIndexHidden(self, index: _Index) -> bool:  # noqa: N802
        """Return False: no row is hidden."""
        return False

    def doItemsLayout(self) -> None:  # noqa: N802
        """Update the scroll bar after the number of rows or the size of cells has changed."""
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:  # noqa: N802
        """Set the ranges of the scroll bars."""
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self.sections.height - height))
        bar.setPageStep(height)
        bar, width = self.horizontalScrollBar(), self.viewport().width()
        bar.setRange(0, max(0, self.columns * self.cell.width() - width))
        bar.setPageStep(width)

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802
        """Scroll the pixels that are painted already; paint the rest."""
        self.viewport().scroll(dx, dy)

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
        row, sections = current.row(), self.sections
        forwards = -1 if is_mirrored(self) else 1
        target = {
            _Move.MoveLeft: row - forwards,
            _Move.MovePrevious: row - 1,
            _Move.MoveRight: row + forwards,
            _Move.MoveNext: row + 1,
            _Move.MoveUp: sections.above(row),
            _Move.MoveDown: sections.below(row),
            _Move.MovePageUp: self._page_from(row, -1),
            _Move.MovePageDown: self._page_from(row, 1),
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
            one, other = self._nearest(rect.topLeft()), self._nearest(rect.bottomRight())
            ranges = [(min(one, other), max(one, other))]
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
        with QPainter(self.viewport()) as painter:
            usual = option.state & ~(QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_MouseOver)
            offset, area = self.verticalOffset(), event.rect()
            for section, top in self.sections.headings_within(area.top() + offset, area.bottom() + 1 + offset):
                width = max(self.viewport().width(), self.columns * self.cell.width())
                heading = QRect(-self.horizontalOffset(), top - offset, width, self.heading_height)
                heading = placed_whole(heading, self.viewport().rect(), self.layoutDirection())
                self.paint_heading(painter, heading, section)
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

    # Helpers

    def _set_band(self, band: QRect) -> None:
        if band != self._band:
            self._band = band.normalized() if not band.isNull() else QRect()
            self.viewport().update()

    def _from_start(self, x: int) -> int:
        """Return the distance of `x` from the side of the viewport where lines begin."""
        return self.viewport().width() - 1 - x if is_mirrored(self) else x

    def _ranges_touching(self, rect: QRect) -> list[tuple[int, int]]:
        """Return the first and last row of each run of cells that meet `rect`, in viewport coordinates."""
        width, across, offset = self.cell.width(), self.horizontalOffset(), self.verticalOffset()
        ends = sorted((self._from_start(rect.left()), self._from_start(rect.right())))
        first, last = ((end + across) // width for end in ends)
        columns = range(max(0, first), min(self.columns - 1, last) + 1)
        return self.sections.ranges_touching(columns, rect.top() + offset, rect.bottom() + offset) if columns else []

    def _count(self) -> int:
        model = self.model()
        return model.rowCount() if model is not None else 0

    def _rows_within(self, area: QRect) -> range:
        """Return the positions of the rows in the lines that meet `area`."""
        top = area.top() + self.verticalOffset()
        return self.sections.within(top, top + area.height())

    def _nearest(self, point: QPoint) -> int:
        """Return the position of the cell at `point`, clamped to the columns."""
        column = (self._from_start(point.x()) + self.horizontalOffset()) // self.cell.width()
        return self.sections.nearest(point.y() + self.verticalOffset(), column)

    def _page_from(self, row: int, direction: int) -> int:
        """Return the row about a page above (-1) or below (1), in the same column."""
        sections = self.sections
        lines = max(1, self.viewport().height() // self.cell.height())
        top, column = sections.place(row)
        wanted = top + direction * lines * self.cell.height()
        if wanted < 0:
            return column
        return sections.nearest(wanted, column) if wanted < sections.height else self._count() - 1
