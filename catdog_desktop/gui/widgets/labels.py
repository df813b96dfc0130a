"""Label widgets: secondary text, errors, links, pictures; and plain text for tooltips."""

import html

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPalette, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import Colours, colours


def show_whole_text(label: QLabel, text: str) -> None:
    """Set a wrapped text for which lines were reserved.

    The label becomes higher if it needs to: some scripts are shown in another font, with higher lines than the label's.
    """
    label.setText(text)
    label.setMinimumHeight(max(label.minimumHeight(), label.heightForWidth(label.width())))


@safe_overrides
class SecondaryLabel(QLabel):
    """Secondary text, wrapped."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self._update_colour()

    def text_colour(self, ours: Colours) -> QColor:
        """Return the colour of the text."""
        return ours.hint

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._update_colour()

    def _update_colour(self) -> None:
        parent = self.parentWidget()
        wanted = self.text_colour(colours(parent.palette() if parent is not None else QPalette()))
        palette = self.palette()
        if palette.color(QPalette.ColorRole.WindowText) != wanted:
            palette.setColor(QPalette.ColorRole.WindowText, wanted)
            self.setPalette(palette)


class ErrorLabel(SecondaryLabel):
    """An error in a form. Hidden while it is empty."""

    def __init__(self) -> None:
        super().__init__()
        self.hide()

    def text_colour(self, ours: Colours) -> QColor:
        """Return the colour of the text."""
        return ours.warning

    def say(self, sentence: str) -> None:
        """Show `sentence`; an empty one hides the label."""
        sentence = displayable(sentence)
        self.setText(sentence)
        self.setVisible(bool(sentence))


@safe_overrides
class LinkLabel(QLabel):
    """Rich text with links that mouse and keyboard can follow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByKeyboard | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        self.show_html("")

    def show_html(self, text: str) -> None:
        """Show `text`. The label takes the focus only if it holds a link."""
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if "<a " in text else Qt.FocusPolicy.NoFocus)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme. Qt sets the colour of links when it parses the text, so it is parsed again."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.text():
            text = self.text()
            self.clear()
            self.show_html(text)


class Picture(QLabel):
    """Base class of widgets that paint a photo. Screen readers call it an image, and not a filler."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Qt gives the role of an image to labels with a pixmap only. What is shown is painted by the subclass.
        pixmap = QPixmap(1, 1)
        pixmap.fill(Qt.GlobalColor.transparent)
        self.setPixmap(pixmap)


def plain_tooltip(text: str) -> str:
    """Return `text` escaped for `setToolTip`, which guesses whether a text is HTML; file names may look like it."""
    if "<" not in text and "&" not in text:
        return text
    return f"<p>{html.escape(text).replace(chr(10), '<br>')}</p>"
