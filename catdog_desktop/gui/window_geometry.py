"""Size and position of windows: saved as text, restored, and kept on the screen."""

import base64
import binascii

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QMainWindow, QSplitter, QStyle, QWidget


def saved_geometry(window: QMainWindow, splitter: QSplitter) -> str:
    """Return size and position of `window` and the division of `splitter`, as text for the settings."""
    states = (window.saveGeometry(), splitter.saveState())
    return " ".join(base64.b64encode(state.data()).decode("ascii") for state in states)


def restore_geometry(saved: str, window: QMainWindow, splitter: QSplitter) -> bool:
    """Restore what `saved_geometry` returned. Return False, and change nothing, if `saved` is not valid."""
    try:
        geometry, division = (base64.b64decode(part, validate=True) for part in saved.split(" "))
    except (binascii.Error, ValueError):
        return False
    restored = window.restoreGeometry(geometry)
    splitter.restoreState(division)
    return restored


def size_within_screen(window: QWidget, size: QSize) -> QSize:
    """Return `size`, or as much of it as the screen has for `window` without its frame."""
    return size.boundedTo(window.screen().availableGeometry().size() - _frame_size(window))


def resize_within_screen(window: QWidget, size: QSize) -> None:
    """Give `window` this size, or as much of it as its screen has, around the same centre and all on the screen."""
    screen = window.screen().availableGeometry()
    before = window.size()
    window.resize(size_within_screen(window, size))
    growth = window.size() - before
    centred = window.pos() - QPoint(growth.width() // 2, growth.height() // 2)
    position = _position_within(screen, centred, window.size() + _frame_size(window))
    if position != window.pos():
        window.move(position)


def fit_to_screen(window: QWidget) -> None:
    """Shrink and move `window` if it is larger than its screen or not all on it."""
    if not window.isMaximized() and not window.isFullScreen():
        resize_within_screen(window, window.size())


def _frame_size(window: QWidget) -> QSize:
    """Return how much larger than `window` its frame is; an estimate before the window is shown."""
    frame = window.frameSize() - window.size()
    if not frame.isEmpty() or window.isVisible():
        return frame
    style = window.style()
    border = style.pixelMetric(QStyle.PixelMetric.PM_MdiSubWindowFrameWidth)
    return QSize(2 * border, style.pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight) + 2 * border)


def _position_within(screen: QRect, wanted: QPoint, size: QSize) -> QPoint:
    right = screen.left() + screen.width() - size.width()
    bottom = screen.top() + screen.height() - size.height()
    return QPoint(max(screen.left(), min(wanted.x(), right)), max(screen.top(), min(wanted.y(), bottom)))
