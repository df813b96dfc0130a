"""What should be forgotten? Each kind by itself, and the user's own verdicts not without a question of their own."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QMessageBox, QVBoxLayout, QWidget

from catdog_desktop.formatting import format_bytes, format_photos, plural
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.store.store_erasure import Kind, Remembered


class ForgetDialog(QDialog):
    """Offers what there is; results and thumbnails can be made again, and are chosen at first."""

    chosen = Signal(object)  # frozenset[Kind]

    def __init__(self, known: Remembered, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Forget")
        self._known = known
        small = plural(known.thumbnails, "small image", "small images")
        own = f"&Own verdicts: {known.verdicts:,} that you gave"
        if known.set_aside:
            own += ", and damaged files that may hold some"
        self.boxes = {
            Kind.RESULTS: QCheckBox(f"&Results of {format_photos(known.photos)}: names, places, scores"),
            Kind.THUMBNAILS: QCheckBox(f"&Thumbnails: {small}, {format_bytes(known.thumbnail_bytes)}"),
            Kind.VERDICTS: QCheckBox(own),
        }
        counts = {Kind.RESULTS: known.photos, Kind.THUMBNAILS: known.thumbnails, Kind.VERDICTS: known.verdicts}
        for kind, box in self.boxes.items():
            box.setEnabled(counts[kind] > 0 or bool(known.set_aside))
            box.setChecked(box.isEnabled() and kind is not Kind.VERDICTS)
        self._buttons = QDialogButtonBox()
        self._buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        self.forget = self._buttons.addButton("&Forget", QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.rejected.connect(self.reject)
        self._buttons.accepted.connect(self._on_forget)
        for box in self.boxes.values():
            box.toggled.connect(lambda _: self._enable())
        self._build()
        self._enable()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        what = QLabel("What should be forgotten?")
        layout.addWidget(what)
        for box in self.boxes.values():
            layout.addWidget(box)
        hint = SecondaryLabel(
            "No photo is touched, and those in the window stay there. What a sort or an export of keywords needs to be "
            "undone is kept, though it names photos."
        )
        hint.setMinimumWidth(48 * GRID)
        layout.addWidget(hint)
        layout.addSpacing(GRID)
        layout.addWidget(self._buttons)

    def _enable(self) -> None:
        self.forget.setEnabled(bool(self._kinds()))

    def _kinds(self) -> frozenset[Kind]:
        return frozenset(kind for kind, box in self.boxes.items() if box.isChecked())

    def _on_forget(self) -> None:
        if Kind.VERDICTS not in self._kinds():
            self._forget()
            return
        count = self._known.verdicts
        them = "it" if count == 1 else "them"
        what = f"{plural(count, 'verdict', 'verdicts')} of your own"
        if self._known.set_aside:
            damaged = "damaged files that may hold verdicts of yours"
            what = f"{what}, and {damaged}" if count else damaged
        question = QMessageBox(
            QMessageBox.Icon.Warning,
            "Your own verdicts",
            f"Forget {what}? Nothing can bring {them} back.",
            parent=self,
        )
        keep = question.addButton(f"&Keep {them}", QMessageBox.ButtonRole.RejectRole)
        forget = question.addButton(f"&Forget {them}", QMessageBox.ButtonRole.DestructiveRole)
        question.setDefaultButton(keep)
        question.setEscapeButton(keep)
        forget.clicked.connect(self._forget)
        question.open()

    def _forget(self) -> None:
        self.chosen.emit(self._kinds())
        self.accept()
