"""Labels below the large photo: file name, verdict, links to duplicates."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from catdog_desktop.formatting import displayable, escape_html, plural
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.status_text import VERDICT_MEANING, YOURS, state_word
from catdog_desktop.gui.theme import GRID, colours
from catdog_desktop.gui.widgets.icons import Icon, icon_colour, paint_icon, verdict_icon
from catdog_desktop.gui.widgets.labels import LinkLabel

_MOST: Final = 5
"""More are counted, not named."""


class FileNameLabel(QLabel):
    """The file's name, shortened in the middle where it is too long; the tooltip has all of it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_name(self, name: str) -> None:
        """Show `name`."""
        self._whole = name.replace("\n", " ")
        self.setAccessibleName(self._whole)
        self._shorten()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten again."""
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        text = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, self.width())
        self.setText(text)
        self.setToolTip(escape_html(self._whole) if text != self._whole else "")


class VerdictLabel(QWidget):
    """The verdict in words, with its sign."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._row: Row | None = None
        self.text = ""

    def show_row(self, row: Row | None) -> None:
        """Show the verdict of `row`."""
        self._row = row
        if row is None:
            self.text = ""
        else:
            self.text = VERDICT_MEANING[row.verdict] if row.verdict is not None else state_word(row)
            if row.corrected:
                self.text += f" · {YOURS}"
        self.setAccessibleName(f"Verdict: {self.text}")
        self.setVisible(row is not None)
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for one line."""
        return QSize(100, round(self.fontMetrics().height() * 1.5))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint sign and words."""
        if self._row is None:
            return
        painter = QPainter(self)
        ours = colours(self.palette())
        edge = self.fontMetrics().height() * 1.15
        colour: QColor = ours.hint
        left = 0.0
        if self._row.verdict is not None or self._row.state is State.FAILED:
            sign = verdict_icon(self._row.verdict)
            colour = icon_colour(sign, ours)
            paint_icon(painter, QRectF(0, (self.height() - edge) / 2, edge, edge), sign, colour)
            left = edge + GRID
        elif self._row.state is State.WAITING:
            paint_icon(painter, QRectF(0, (self.height() - edge) / 2, edge, edge), Icon.PHOTOS, colour)
            left = edge + GRID
        painter.setPen(colour)
        words = QRectF(left, 0, self.width() - left, self.height())
        text = self.text[:1].upper() + self.text[1:]
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)
        if self._row.corrected:
            end = left + self.fontMetrics().horizontalAdvance(text) + GRID
            paint_icon(painter, QRectF(end, (self.height() - edge) / 2, edge, edge), Icon.CORRECTED, ours.neutral)


class DuplicateLinks(LinkLabel):
    """Says which photos are the same photo; hidden where there is none."""

    chosen = Signal(object)  # Path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paths: list[Path] = []
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.linkActivated.connect(lambda number: self.chosen.emit(self._paths[int(number)]))
        self.show_photos(None, [])

    def show_photos(self, path: Path | None, equal: Sequence[Path]) -> None:
        """Name the photos `equal` that have the content of the one at `path`."""
        if path is not None and self._paths == list(equal):
            return
        self._paths = list(equal)
        self.setVisible(bool(equal))
        names = [_name(other, path) for other in equal[:_MOST]]
        links = [f"<a href='{number}'>{escape_html(name)}</a>" for number, name in enumerate(names)]
        more = f" and {plural(len(equal) - _MOST, 'other', 'others')}" if len(equal) > _MOST else ""
        self.show_words(f"Same photo as {', '.join(links)}{more}." if equal else "")
        self.setToolTip("<br>".join(escape_html(displayable(str(other))) for other in equal[: 4 * _MOST]))
        self.setAccessibleName(f"Same photo as {', '.join(names)}{more}." if equal else "")


def _name(path: Path, beside: Path | None) -> str:
    """Return the file's name, and its folder where it lies elsewhere."""
    if beside is None or path.parent == beside.parent:
        return displayable(path.name)
    return displayable(str(Path(path.parent.name, path.name)))
