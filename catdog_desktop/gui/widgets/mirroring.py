"""Positions in a layout from right to left. Qt mirrors its own widgets and text alignment; what we paint, we mirror."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtWidgets import QWidget


def is_mirrored(widget: QWidget) -> bool:
    """Whether the layout of `widget` runs from right to left."""
    return widget.layoutDirection() is Qt.LayoutDirection.RightToLeft


def mirrored(rect: QRectF, within: QRectF) -> QRectF:
    """Return `rect` at the same distance from the right edge of `within` that it has from the left one."""
    return QRectF(within.left() + within.right() - rect.right(), rect.top(), rect.width(), rect.height())


def placed(rect: QRectF, widget: QWidget) -> QRectF:
    """Return `rect`, planned from left to right, as it lies in `widget`."""
    return mirrored(rect, QRectF(widget.rect())) if is_mirrored(widget) else rect


def placed_whole(rect: QRect, within: QRect, direction: Qt.LayoutDirection) -> QRect:
    """Return `rect`, planned from left to right in `within`, for a layout in `direction`, in whole points."""
    if direction is not Qt.LayoutDirection.RightToLeft:
        return rect
    return QRect(within.left() + within.right() + 1 - rect.right() - 1, rect.top(), rect.width(), rect.height())
