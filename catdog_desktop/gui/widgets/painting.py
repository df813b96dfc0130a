"""Painting that stays safe when it fails."""

import contextlib
from collections.abc import Iterator

from PySide6.QtGui import QPainter


@contextlib.contextmanager
def kept_state(painter: QPainter) -> Iterator[None]:
    """Restore the state of `painter` at the end, also after an exception.

    With PySide 6.9, `QPainterStateGuard` does the same.
    """
    painter.save()
    try:
        yield
    finally:
        painter.restore()
