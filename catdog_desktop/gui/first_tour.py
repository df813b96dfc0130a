"""Three short steps for the first start, at the bottom of the window. They can be skipped."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, RADIUS, colours
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.messages import _


def tour_steps() -> list[tuple[str, str]]:
    """Return title and text of each step."""
    return [
        (
            _("Open photos"),
            _(
                "Drop photos or folders on the window, or choose Open. No photo is changed, and nothing leaves this "
                "computer."
            ),
        ),
        (
            _("Check the verdicts"),
            _(
                "Each photo gets a score for cats and one for dogs. To check shows the least certain photos first. "
                "There, C, D, B and N mark a photo, and Ctrl+Z undoes it."
            ),
        ),
        (
            _("Sort or export"),
            _(
                "Sort copies, moves or links photos into folders. You see the plan before anything happens, and Undo "
                "restores everything. F1 opens the help."
            ),
        ),
    ]


@safe_overrides
class FirstTour(QFrame):
    """A panel above the status line of its parent."""

    ended = Signal()  # skipped or seen to the end

    def __init__(self, parent: QWidget, bottom_margin: Callable[[], int]) -> None:
        """`bottom_margin` is the space to leave below, in points."""
        super().__init__(parent)
        self._bottom_margin = bottom_margin
        self._steps = tour_steps()
        self._number = 0
        self.setAccessibleName(_("First steps"))
        self.title = QLabel()
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.text = SecondaryLabel("", self)
        self.skip = QPushButton(_("Skip"))
        self.next = QPushButton()
        self.skip.clicked.connect(self._end)
        self.next.clicked.connect(self._go_on)
        row = QHBoxLayout()
        row.addWidget(self.title, 1)
        row.addWidget(self.skip)
        row.addWidget(self.next)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        layout.addLayout(row)
        layout.addWidget(self.text)
        parent.installEventFilter(self)
        self.hide()

    def begin(self) -> None:
        """Show the first step."""
        self._number = 0
        self._show_step()
        self.show()
        self.raise_()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the parent."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Skip with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self._end()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the panel."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(self.palette().base())
            painter.setPen(QPen(self.palette().highlight().color(), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), RADIUS, RADIUS)
            painter.setPen(QPen(colours(self.palette()).border, 1))

    def _go_on(self) -> None:
        if self._number + 1 == len(self._steps):
            self._end()
        else:
            self._number += 1
            self._show_step()
            self._place()

    def _show_step(self) -> None:
        title, text = self._steps[self._number]
        count = len(self._steps)
        self.title.setText(_("{number} of {count}: {title}").format(number=self._number + 1, count=count, title=title))
        self.text.setText(text)
        is_last = self._number + 1 == count
        self.next.setText(_("Done") if is_last else _("Next"))
        self.skip.setVisible(not is_last)
        self.next.setFocus()

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        width = min(72 * GRID, parent.width() - 4 * GRID)
        layout = self.layout()
        assert layout is not None
        height = max(layout.totalHeightForWidth(width), layout.totalMinimumSize().height())
        self.setGeometry(
            (parent.width() - width) // 2, parent.height() - height - self._bottom_margin() - GRID, width, height
        )

    def _end(self) -> None:
        self.hide()
        self.ended.emit()
