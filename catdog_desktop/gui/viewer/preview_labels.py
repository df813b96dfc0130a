"""Labels below the large photo: file name, verdict, links to duplicates."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from catdog_desktop.formatting import displayable, escape_html
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.photo_text import corrected_word, row_phrase
from catdog_desktop.gui.theme import GRID, colours
from catdog_desktop.gui.widgets.icons import Icon, icon_colour, icon_text_colour, paint_icon, verdict_icon
from catdog_desktop.gui.widgets.labels import LinkLabel, plain_tooltip
from catdog_desktop.gui.widgets.mirroring import placed
from catdog_desktop.languages.formats import format_list, format_number
from catdog_desktop.messages import _, ngettext

_MOST_NAMES: Final = 5
"""Duplicates beyond this number are counted, not named."""


@safe_overrides
class FileNameLabel(QLabel):
    """The file name, elided in the middle; the tooltip shows an elided name in full."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_name(self, name: str) -> None:
        """Show `name`."""
        self._name = displayable(name)
        self.setAccessibleName(self._name)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide the name for the new width."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        text = self.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideMiddle, self.width())
        self.setText(text)
        self.setToolTip(plain_tooltip(self._name) if text != self._name else "")


@safe_overrides
class VerdictLabel(QLabel):
    """The verdict in words, after its icon. A new verdict of the photo shown is announced to screen readers."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._row: Row | None = None
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_row(self, row: Row | None) -> None:
        """Show the verdict of `row`; None hides the label."""
        before = self.text()
        is_same_photo = row is self._row
        self._row = row
        self.setText("" if row is None else _verdict_text(row))
        self.setVisible(row is not None)
        self.setIndent(self._icon_edge() + GRID if self._icon() is not None else 0)
        self._update_colour()
        # The status line announces what the user has marked.
        is_new = is_same_photo and self.text() != before and self.isVisible()
        if row is not None and is_new and not row.corrected:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, f"{row.name}: {self.text()}"))

    def sizeHint(self) -> QSize:
        """Return the height of one line."""
        return QSize(100, round(self.fontMetrics().height() * 1.5))

    def changeEvent(self, event: object) -> None:
        """Follow the theme."""
        super().changeEvent(event)  # type: ignore[arg-type]
        self._update_colour()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the icon, the text, and the icon of a correction."""
        super().paintEvent(event)
        with QPainter(self) as painter:
            ours, edge, icon = colours(self.palette()), self._icon_edge(), self._icon()
            top = (self.height() - edge) / 2
            if icon is not None:
                colour = ours.hint if icon is Icon.PHOTOS else icon_colour(icon, ours)
                paint_icon(painter, placed(QRectF(0, top, edge, edge), self), icon, colour)
            if self._row is not None and self._row.corrected:
                left = self.indent() + self.fontMetrics().horizontalAdvance(self.text()) + GRID
                paint_icon(painter, placed(QRectF(left, top, edge, edge), self), Icon.CORRECTED, ours.neutral)

    def _icon_edge(self) -> int:
        return round(self.fontMetrics().height() * 1.15)

    def _icon(self) -> Icon | None:
        row = self._row
        if row is None or (row.state is State.STOPPED and row.verdict is None):
            return None
        if row.verdict is not None or row.state is State.FAILED:
            return verdict_icon(row.verdict)
        return Icon.PHOTOS

    def _update_colour(self) -> None:
        ours, icon = colours(self.palette()), self._icon()
        wanted = ours.hint if icon in (None, Icon.PHOTOS) else icon_text_colour(icon, ours)
        palette = self.palette()
        if palette.color(QPalette.ColorRole.WindowText) != wanted:
            palette.setColor(QPalette.ColorRole.WindowText, wanted)
            self.setPalette(palette)


class DuplicateLinks(LinkLabel):
    """Names the duplicates of the photo, each as a link. Hidden without duplicates."""

    chosen = Signal(object)  # Path

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paths: list[Path] = []
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.linkActivated.connect(lambda number: self.chosen.emit(self._paths[int(number)]))
        self.show_photos(None, [])

    def show_photos(self, path: Path | None, duplicates: Sequence[Path]) -> None:
        """Show the `duplicates` of the photo at `path`."""
        if path is not None and self._paths == list(duplicates):
            return
        self._paths = list(duplicates)
        self.setVisible(bool(duplicates))
        names = [_name(other, path) for other in duplicates[:_MOST_NAMES]]
        links = [f"<a href='{number}'>{escape_html(name)}</a>" for number, name in enumerate(names)]
        self.show_html(_sentence(links, len(duplicates)))
        self.setToolTip("<br>".join(escape_html(displayable(str(other))) for other in duplicates[: 4 * _MOST_NAMES]))
        self.setAccessibleName(_sentence(names, len(duplicates)))


def _verdict_text(row: Row) -> str:
    phrase = row_phrase(row)
    phrase = phrase[:1].upper() + phrase[1:]
    return _("{verdict} · {yours}").format(verdict=phrase, yours=corrected_word()) if row.corrected else phrase


def _sentence(names: Sequence[str], count: int) -> str:
    """Return "Duplicate of b.jpg, c.jpg and 3 others."; empty without names. `count` includes those not named."""
    if not names:
        return ""
    joined, more = format_list(names), count - len(names)
    if not more:
        return _("Duplicate of {names}.").format(names=joined)
    return ngettext("Duplicate of {names} and {count} other.", "Duplicate of {names} and {count} others.", more).format(
        names=joined, count=format_number(more)
    )


def _name(path: Path, beside: Path | None) -> str:
    """Return the file name, with its folder if that is not the folder of `beside`."""
    if beside is None or path.parent == beside.parent:
        return displayable(path.name)
    return displayable(str(Path(path.parent.name, path.name)))
