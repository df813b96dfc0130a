"""The viewer's information panel: facts about the photo, its duplicates, and why it has its verdict."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from catdog_desktop.decoding.camera_info import CameraInfo
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.action_table import plain_label
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.viewer.photo_facts import explain_verdict, photo_facts
from catdog_desktop.gui.viewer.preview_labels import DuplicateLinks
from catdog_desktop.messages import _


class InfoPanel(QScrollArea):
    """Shown beside the photo. Text can be selected and copied."""

    def __init__(self, similar: QAction, parent: QWidget | None = None) -> None:
        """`similar` shows the photos most like this one, and with them what the model takes it for."""
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Information"))
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        self.facts = _text()
        self.duplicates = DuplicateLinks()
        self._why_heading = _heading(_("Why this verdict?"))
        self.why = _text()
        self.similar = QToolButton()
        self.similar.setDefaultAction(similar)
        self.similar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.similar.setText(plain_label(similar.text()))
        self.similar.setAccessibleName(plain_label(similar.text()))
        layout.addWidget(_heading(_("About this photo")))
        layout.addWidget(self.facts)
        layout.addWidget(self.duplicates)
        layout.addWidget(self._why_heading)
        layout.addWidget(self.why)
        layout.addWidget(self.similar)
        layout.addStretch(1)
        self.setWidget(content)
        self.setFixedWidth(self.fontMetrics().averageCharWidth() * 44)

    def show_row(self, row: Row | None, camera: CameraInfo | None, duplicates: Sequence[Path]) -> None:
        """Show the facts about a photo. `camera` is None until it is read."""
        facts = [] if row is None else photo_facts(row, camera)
        self.facts.setText("\n".join(f"{name}: {value}" for name, value in facts))
        self.duplicates.show_photos(None if row is None else row.path, duplicates)
        self.why.setText("" if row is None else "\n".join(explain_verdict(row)))

    def show_why(self) -> None:
        """Scroll to the explanation of the verdict."""
        self.ensureWidgetVisible(self.why)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def _text() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
