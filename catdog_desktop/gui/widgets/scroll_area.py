"""A scroll area that scrolls up and down only, for forms that do not fit every screen."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStyle, QWidget

from catdog_desktop.gui.theme import GRID


def vertical_scroll_area(widget: QWidget) -> QScrollArea:
    """Return a scroll area around `widget`, wide enough for it beside the scroll bar."""
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    bar = area.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
    area.setMinimumWidth(widget.minimumSizeHint().width() + bar + GRID)
    return area
