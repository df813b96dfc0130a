"""Layout that wraps widgets into lines, as text."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.mirroring import placed_whole


@safe_overrides
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
        y = rect.y()
        for number, line in enumerate(self._lines(rect.width())):
            y += GRID if number else 0
            height = max(item.sizeHint().height() for item in line)
            x = rect.x()
            for item in line:
                size = item.sizeHint()
                if move:
                    # In the middle of its line: words stand beside higher buttons.
                    top = y + (height - size.height()) // 2
                    place = QRect(QPoint(x, top), size.boundedTo(QSize(rect.width(), size.height())))
                    item.setGeometry(placed_whole(place, rect, self._direction()))
                x += size.width() + self._gap
            y += height
        return y + margins.bottom() - around.y()

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        """Divide the items into lines of at most `width`."""
        lines: list[list[QLayoutItem]] = []
        right = 0
        for item in self._items:
            wide = item.sizeHint().width()
            if not lines or right + self._gap + wide > width:
                lines.append([])
                right = wide
            else:
                right += self._gap + wide
            lines[-1].append(item)
        return lines
