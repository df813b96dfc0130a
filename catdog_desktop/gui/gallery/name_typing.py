"""A photo is found by typing the start of its name."""

from PySide6.QtCore import QElapsedTimer, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication


class NameTyping:
    """The text typed so far. A pause begins a new one."""

    def __init__(self) -> None:
        self._text = ""
        self._since = QElapsedTimer()
        """Runs since the last typed character."""

    @property
    def goes_on(self) -> bool:
        """Whether the next character is added to the text."""
        return self._since.isValid() and self._since.elapsed() < QApplication.keyboardInputInterval()

    def takes(self, event: QKeyEvent) -> bool:
        """Whether a key is part of a name: a character, or a space within the text."""
        return is_character(event) or (self.goes_on and event.key() == Qt.Key.Key_Space and not event.modifiers())

    def add(self, text: str) -> tuple[str, bool]:
        """Add typed text; return what names have to start with, and whether the current photo is left out.

        The same character again goes to the next photo.
        """
        goes_on = self.goes_on
        self._since.start()
        self._text = self._text + text if goes_on else text
        repeats = len(self._text) > 1 and len(set(self._text)) == 1
        return self._text[0] if repeats else self._text, len(self._text) == 1 or repeats


def is_character(event: QKeyEvent) -> bool:
    """Return whether a key types a visible character."""
    without_shift = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    return event.text().isprintable() and bool(event.text().strip()) and not without_shift
