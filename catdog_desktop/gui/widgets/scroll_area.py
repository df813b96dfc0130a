"""A scroll area for forms that do not fit every screen, and a scroll bar that is invisible where nothing scrolls."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QScrollBar, QStyle, QWidget

from catdog_desktop.gui.overrides import safe_overrides


@safe_overrides
class VerticalScrollArea(QScrollArea):
    """Shows `widget` at its full width. Its size hint is that of the widget: where there is space, nothing scrolls.

    It scrolls to what gets the focus, however that happens.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._widget = widget
        self.setWidget(widget)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._bar_width = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        self.setMinimumWidth(widget.minimumSizeHint().width() + self._bar_width)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    def sizeHint(self) -> QSize:
        """Return the size that shows all of the widget, and a scroll bar beside it."""
        hint = self._widget.sizeHint()
        width = max(hint.width(), self.minimumWidth() - self._bar_width)
        height = self._widget.heightForWidth(width) if self._widget.hasHeightForWidth() else hint.height()
        return QSize(width + self._bar_width, height)

    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        # Qt does it for Tab only, and not for a field with an error or one that Alt and a letter choose.
        if now is not None and self._widget.isAncestorOf(now):
            self.ensureWidgetVisible(now)


@safe_overrides
class QuietScrollBar(QScrollBar):
    """Keeps its space, but paints nothing while there is nothing to scroll: what is beside it never moves."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar, if it has a range."""
        if self.maximum() > self.minimum():
            super().paintEvent(event)
