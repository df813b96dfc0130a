"""Paints a photo as a line of the list: one cell for each column."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage

from catdog_desktop.formatting import displayable, format_bytes
from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gui.gallery.row_painter import RowPainter
from catdog_desktop.gui.gallery.stack_text import StackMark, stack_word
from catdog_desktop.gui.gallery.table_header import TableColumn
from catdog_desktop.gui.theme import GRID
from catdog_desktop.languages.formats import format_day

LIST_PHOTO: Final = QSize(48, 36)
"""Size of the photo in a line of the list, in points."""
_SCORES: Final = ("cat", "dog")


def paint_table_line(
    parts: RowPainter,
    line: QRectF,
    columns: Sequence[TableColumn],
    thumbnail: QImage | None,
    stack: StackMark | None = None,
) -> None:
    """Paint all cells. The reason of an unreadable photo takes the cells of the scores that stand together."""
    reason = QRectF()
    for column in columns:
        cell = QRectF(line.left() + column.left, line.top(), column.width, line.height())
        if column.name in _SCORES and parts.row.state is State.FAILED:
            reason = reason.united(cell) if cell.left() <= reason.right() else cell
        else:
            _paint_cell(parts, cell.adjusted(GRID, 0, -GRID, 0), column.name, thumbnail, stack)
    if not reason.isEmpty():
        parts.short_reason(reason.adjusted(GRID, 0, -GRID, 0))


def _paint_cell(parts: RowPainter, cell: QRectF, name: str, thumbnail: QImage | None, stack: StackMark | None) -> None:
    result = parts.row.result
    match name:
        case "name":
            photo = QRectF(cell.left(), cell.center().y() - LIST_PHOTO.height() / 2, *LIST_PHOTO.toTuple())
            parts.photo(photo, thumbnail)
            left = photo.right() + GRID
            if stack is not None:
                width = parts.text_width(stack_word(stack))
                parts.text(QRectF(left, cell.top(), width, cell.height()), stack_word(stack))
                left += width + GRID
            parts.name(QRectF(left, cell.top(), max(0.0, cell.right() - left), cell.height()))
        case "verdict":
            parts.verdict(cell)
        case "cat" | "dog":
            parts.score_cell(cell, _SCORES.index(name))
        case "date":
            date = result.info.date if result is not None else None
            parts.text(cell, "" if date is None else format_day(date))
        case "folder":
            parts.text(cell, displayable(parts.row.path.parent), Qt.TextElideMode.ElideLeft)
        case "rating":
            parts.text(cell, "★" * parts.row.rating)
        case "size":
            size = result.info.file_bytes if result is not None else 0
            parts.text(cell, format_bytes(size) if size else "")
