"""The part of the settings that says what is remembered of photos, how much room it may take, and forgets it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QFormLayout, QGroupBox, QLabel, QPushButton, QVBoxLayout, QWidget

from catdog_desktop.formatting import displayable, format_bytes, format_photos, plural
from catdog_desktop.gui.settings.forget_dialog import ForgetDialog
from catdog_desktop.gui.settings.store_client import Memory
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.store.store_erasure import Kind, Remembered

_LOOKING = "Looking…"
_ROOMS = (100, 250, 500, 1000, 2000, 5000)
"""The limits of the thumbnails that are offered, in 1,000,000 bytes."""


class RememberedBox(QGroupBox):
    """Numbers come when the worker has a moment; there is nothing to apply."""

    limit_chosen = Signal(int)  # megabytes

    def __init__(self, memory: Memory, megabytes: int, parent: QWidget | None = None) -> None:
        super().__init__("What is remembered", parent)
        self._memory = memory
        self._asked = False
        self.numbers = QLabel(_LOOKING)
        self.numbers.setTextFormat(Qt.TextFormat.PlainText)
        self.numbers.setWordWrap(True)
        self.numbers.setAccessibleName("What is remembered")
        self.limit = _Choice()
        self.limit.setToolTip("Those that were not looked at for the longest go first; they are made again when needed")
        for room in sorted({*_ROOMS, megabytes}):
            self.limit.addItem(_room_words(room), room)
        self.limit.setCurrentIndex(self.limit.findData(megabytes))
        self.forget = QPushButton("&Forget…")
        self.forget.setAutoDefault(False)
        self.forget.setEnabled(False)
        self.note = SecondaryLabel()
        self._build()
        self.limit.currentIndexChanged.connect(self._on_limit)
        self.forget.clicked.connect(self._ask)
        memory.told.connect(self._show)
        memory.failed.connect(self._on_failed)
        memory.forgotten.connect(self._on_forgotten)
        memory.grown.connect(self._on_grown)  # not memory's own: that would go on when this is gone
        memory.ask()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setSpacing(GRID)
        layout.addWidget(self.numbers)
        row = QFormLayout()
        row.addRow("&Room for thumbnails", self.limit)
        layout.addLayout(row)
        layout.addWidget(self.forget, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.note)
        for label in (self.numbers, self.note):
            # The words come later, and nothing must jump.
            label.setMinimumHeight(2 * label.fontMetrics().lineSpacing())
            label.setAlignment(Qt.AlignmentFlag.AlignTop)

    def _show(self, known: Remembered) -> None:
        self.numbers.setText(describe_remembered(known))
        self.forget.setEnabled(not known.nothing)
        if self._asked:
            self._asked = False
            self._offer(known)
        if not self.note.text():
            self.note.setText(f"Only on this computer, in {displayable(str(known.where))}")

    def _on_grown(self) -> None:
        self._memory.ask()

    def _on_limit(self) -> None:
        self.limit_chosen.emit(self.limit.currentData())
        self._memory.ask()

    def _ask(self) -> None:
        """Ask for the numbers as they are by now, and then the user."""
        self._asked = True
        self._memory.ask()

    def _offer(self, known: Remembered) -> None:
        dialog = ForgetDialog(known, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._forget)
        dialog.open()

    def _forget(self, kinds: frozenset[Kind]) -> None:
        self.forget.setEnabled(False)
        self.note.setText("Forgetting…")
        self._memory.forget(kinds)

    def _on_failed(self, sentence: str) -> None:
        self._asked = False
        if self.numbers.text() == _LOOKING:
            self.numbers.setText("Nobody can say.")
        self.note.setText(sentence)
        self.forget.setEnabled(True)

    def _on_forgotten(self, kinds: frozenset[Kind]) -> None:
        what = [words for kind, words in _FORGOTTEN.items() if kind in kinds]
        self.note.setText(f"Forgotten: {', '.join(what)}. The photos in the window stay there.")


_FORGOTTEN = {Kind.RESULTS: "results", Kind.THUMBNAILS: "thumbnails", Kind.VERDICTS: "your own verdicts"}


def describe_remembered(known: Remembered) -> str:
    """Return a sentence of numbers."""
    if known.nothing:
        return "Nothing is remembered of photos."
    parts = []
    if known.photos:
        parts.append(f"results of {format_photos(known.photos)}")
    if known.thumbnails:
        size = format_bytes(known.thumbnail_bytes)
        parts.append(f"{plural(known.thumbnails, 'thumbnail', 'thumbnails')} ({size})")
    if known.verdicts:
        parts.append(f"{plural(known.verdicts, 'verdict', 'verdicts')} of your own")
    if known.set_aside:
        parts.append(plural(len(known.set_aside), "damaged file", "damaged files"))
    sentence = ", ".join(parts) + "."
    return sentence[0].upper() + sentence[1:]


def _room_words(megabytes: int) -> str:
    return f"{megabytes / 1000:g} GB" if megabytes >= 1000 else f"{megabytes} MB"


class _Choice(QComboBox):
    """Does not change when the wheel only passes over it: less room deletes thumbnails."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
