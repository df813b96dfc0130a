"""Bar in the window for one kind of job: its progress, its result, and buttons.

*Stop* is on the left, the buttons of a result are on the right: who aims at *Stop* when a job ends hits nothing.
"""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, paint_bar
from catdog_desktop.messages import _

RESULT_MS: Final = 30_000
"""How long a result is shown."""

Choice = tuple[str, Callable[[], object]]
"""The text of a button, and its callback."""


@safe_overrides
class JobBar(QWidget):
    """One sentence, a progress bar while the job runs, and buttons. Hidden while idle."""

    def __init__(self, job: str, parent: QWidget | None = None) -> None:
        """Create a hidden bar for the job called `job`: "Sorting"."""
        super().__init__(parent)
        self.setAccessibleName(job)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        layout.setSpacing(GRID)
        self._stop_place = QHBoxLayout()
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(GRID)
        self._progress.setFixedWidth(20 * GRID)
        self._progress.setAccessibleName(_("{job}: progress").format(job=job))
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._close = QToolButton()
        self._close.setText("✕")
        self._close.setAutoRaise(True)
        self._close.setToolTip(_("Hide"))
        self._close.setAccessibleName(_("Hide"))
        self._close.clicked.connect(self.hide)
        layout.addLayout(self._stop_place)
        layout.addWidget(self._progress)
        layout.addWidget(self._text, 1)
        self._buttons: list[QPushButton] = []
        self._row = layout
        layout.addWidget(self._close)
        self._leave = QTimer(self, interval=RESULT_MS, singleShot=True)
        self._leave.timeout.connect(self._on_leave)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._text.text()

    @property
    def button_texts(self) -> list[str]:
        """The texts of the buttons."""
        return [button.text() for button in self._buttons]

    def button(self, text: str) -> QPushButton:
        """Return the button with `text`. Raises `KeyError`."""
        for button in self._buttons:
            if button.text() == text:
                return button
        raise KeyError(text)

    def say(self, sentence: str, choices: Sequence[Choice] = (), *, stays: bool = False) -> None:
        """Show a sentence with buttons, and announce it to screen readers.

        It goes away by itself after a while, unless it `stays`, as a question does.
        """
        self._progress.hide()
        self._close.show()
        self._set_buttons(choices, self._row, self._row.indexOf(self._close))
        if stays:
            self._leave.stop()
        else:
            self._leave.start()
        self._set_text(sentence)
        self.show()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._text, self._text.text()))

    def begin(self, sentence: str, stop: Choice) -> None:
        """Show that the job runs, with a button that stops it."""
        self._progress.setRange(0, 0)
        self._leave.stop()
        self._progress.show()
        self._close.hide()
        self._set_buttons([stop], self._stop_place, 0)
        self._set_text(sentence)
        self.show()

    def advance(self, done: int, total: int, sentence: str) -> None:
        """Show progress: `done` of `total`."""
        self._progress.setRange(0, max(1, total))
        self._progress.setValue(done)
        self._set_text(sentence)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the background and a line above."""
        paint_bar(self)

    def minimumSizeHint(self) -> QSize:
        """Return a small width, so that the window can be narrow."""
        return QSize(30 * GRID, super().minimumSizeHint().height())

    def _set_text(self, sentence: str) -> None:
        sentence = displayable(sentence)
        self._text.setText(sentence)

    def _set_buttons(self, choices: Sequence[Choice], place: QHBoxLayout, position: int) -> None:
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []
        for text, run in choices:
            button = QPushButton(text)
            button.clicked.connect(lambda _checked=False, run=run: run())
            # The first choice is on the right, as far from *Stop* as possible in a narrow window.
            place.insertWidget(position, button)
            self._buttons.append(button)

    def _on_leave(self) -> None:
        """Hide the result, unless the user is about to use it or does not look at the window."""
        in_use = self.underMouse() or self.isAncestorOf(QApplication.focusWidget() or self.window())
        if in_use or not self.isActiveWindow():
            self._leave.start()
        else:
            self.hide()
