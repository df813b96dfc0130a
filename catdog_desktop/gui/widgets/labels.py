"""Words of second rank, what must be chosen otherwise, words with links, and words that are not ours, to the letter."""

import html

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel, QWidget

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.theme import Colours, colours


class SecondaryLabel(QLabel):
    """Words in the colour of hints, on as many lines as they need."""

    def __init__(self, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(words, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self._colour()

    def colour_among(self, ours: Colours) -> QColor:
        """Return the colour of the words."""
        return ours.hint

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._colour()

    def _colour(self) -> None:
        parent = self.parentWidget()
        wanted = self.colour_among(colours(parent.palette() if parent is not None else QPalette()))
        palette = self.palette()
        if palette.color(QPalette.ColorRole.WindowText) != wanted:
            palette.setColor(QPalette.ColorRole.WindowText, wanted)
            self.setPalette(palette)


class ErrorLabel(SecondaryLabel):
    """What of a form must be chosen otherwise; hidden while there is nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.hide()

    def colour_among(self, ours: Colours) -> QColor:
        """Return the colour of the words."""
        return ours.warning

    def say(self, sentence: str) -> None:
        """Show `sentence`, also to screen readers; an empty one takes the last away."""
        sentence = displayable(sentence)
        self.setText(sentence)
        self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))


class LinkLabel(QLabel):
    """Words that may hold links, to be chosen by mouse or keyboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByKeyboard | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        self.show_words("")

    def show_words(self, words: str) -> None:
        """Show these words; the Tab key stops at them only if they hold a link."""
        self.setText(words)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if "<a " in words else Qt.FocusPolicy.NoFocus)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme: Qt gives links their colour when it reads the words, and the one they have then stays."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.text():
            words = self.text()
            self.clear()
            self.show_words(words)


def plain_tooltip(text: str) -> str:
    """Return `text` for `setToolTip`, which takes what looks like HTML for HTML: names of files and models may."""
    if "<" not in text and "&" not in text:
        return text
    return f"<p>{html.escape(text).replace(chr(10), '<br>')}</p>"
