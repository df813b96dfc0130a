"""A calm bar in the window: how far some work is, what became of it, and what else there is to decide about it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QToolButton, QWidget

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.theme import GRID, colours

Choice = tuple[str, Callable[[], object]]
"""The words of a button, and what it does."""


class JobBar(QWidget):
    """One sentence, a progress bar where there is progress, and buttons. Hidden while there is nothing to say."""

    def __init__(self, work: str, parent: QWidget | None = None) -> None:
        """Take what the work is called: "Sorting"."""
        super().__init__(parent)
        self.setAccessibleName(work)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        layout.setSpacing(GRID)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(GRID)
        self._progress.setFixedWidth(20 * GRID)
        self._progress.setAccessibleName(f"Progress of {work.lower()}")
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._close = QToolButton()
        self._close.setText("✕")
        self._close.setAutoRaise(True)
        self._close.setToolTip("Hide this")
        self._close.setAccessibleName("Hide this")
        self._close.clicked.connect(self.hide)
        layout.addWidget(self._progress)
        layout.addWidget(self._text, 1)
        self._buttons: list[QPushButton] = []
        self._row = layout
        layout.addWidget(self._close)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence as it stands."""
        return self._text.text()

    @property
    def words(self) -> list[str]:
        """What the buttons say."""
        return [button.text() for button in self._buttons]

    def button(self, words: str) -> QPushButton:
        """Return the button that says `words`; raises `KeyError`."""
        for button in self._buttons:
            if button.text() == words:
                return button
        raise KeyError(words)

    def say(self, sentence: str, choices: Sequence[Choice] = ()) -> None:
        """Show a sentence with buttons, until something is chosen or the bar is hidden."""
        self._progress.hide()
        self._close.show()
        self._set_buttons(choices)
        self._set_text(sentence)
        self.show()
        # Screen readers say it, wherever the cursor is.
        QAccessible.updateAccessibility(QAccessibleEvent(self._text, QAccessible.Event.Alert))

    def begin(self, sentence: str, stop: Choice) -> None:
        """Show that work goes on, which can be stopped."""
        self._progress.setRange(0, 0)
        self._progress.show()
        self._close.hide()
        self._set_buttons([stop])
        self._set_text(sentence)
        self.show()

    def advance(self, done: int, total: int, sentence: str) -> None:
        """Show how far it is."""
        self._progress.setRange(0, max(1, total))
        self._progress.setValue(done)
        self._set_text(sentence)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Set the bar off from the gallery, in light and in dark."""
        ours = colours(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), ours.backdrop)
        painter.fillRect(0, 0, self.width(), 1, ours.border)
        painter.end()

    def minimumSizeHint(self) -> QSize:
        """Let the window be narrow."""
        return QSize(30 * GRID, super().minimumSizeHint().height())

    def _set_text(self, sentence: str) -> None:
        sentence = displayable(sentence)
        self._text.setText(sentence)
        self._text.setAccessibleName(sentence)

    def _set_buttons(self, choices: Sequence[Choice]) -> None:
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []
        for words, do in choices:
            button = QPushButton(words)
            button.clicked.connect(lambda _=False, do=do: do())
            self._row.insertWidget(self._row.indexOf(self._close), button)
            self._buttons.append(button)
