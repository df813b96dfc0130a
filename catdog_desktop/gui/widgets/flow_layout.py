"""Layout that wraps widgets into lines, as text."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.mirroring import placed_whole


class FlowLayout(QLayout):
    """Places widgets side by side in their preferred width, in as many lines as needed."""

    def __init__(self, parent: QWidget, gap: int = 2 * GRID) -> None:
        """`gap` is the space between the widgets of a line, in points."""
        super().__init__(parent)
        self._gap = gap
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Append an item (called by Qt)."""
        self._items.append(item)

    def count(self) -> int:
        """Return the number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item; None if `index` is out of range."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove and return an item; None if `index` is out of range."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Return no direction: additional space is not used."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Return True: a narrower layout is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height for `width`."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        """Return the size with all items in one line."""
        sizes = [item.sizeHint() for item in self._items]
        gaps = self._gap * max(0, len(sizes) - 1)
        width, height = sum(size.width() for size in sizes) + gaps, max((size.height() for size in sizes), default=0)
        return QSize(width, height).grownBy(self.contentsMargins())

    def minimumSize(self) -> QSize:  # noqa: N802
        """Return the size of the largest item, one per line."""
        sizes = [item.minimumSize() for item in self._items]
        largest = QSize(max((s.width() for s in sizes), default=0), max((s.height() for s in sizes), default=0))
        return largest.grownBy(self.contentsMargins())

    def setGeometry(self, rect: QRect) -> None:
        """Place the items within `rect`."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def _direction(self) -> Qt.LayoutDirection:
        parent = self.parentWidget()
        return Qt.LayoutDirection.LeftToRight if parent is None else parent.layoutDirection()

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """Return the height of the items wrapped to the width of `rect`, with margins; place them if `move`."""
        margins = self.contentsMargins()
        around, rect = rect, rect.marginsRemoved(margins)
        x, y, line = rect.x(), rect.y(), 0
        for item in self._items:
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.right() + 1:
                x, y, line = rect.x(), y + line + GRID, 0
            if move:
                place = QRect(QPoint(x, y), size.boundedTo(QSize(rect.width(), size.height())))
                item.setGeometry(placed_whole(place, rect, self._direction()))
            x += size.width() + self._gap
            line = max(line, size.height())
        return y + line + margins.bottom() - around.y()
