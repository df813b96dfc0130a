"""What must be asked of a model that is being imported: a question each, with its options and a proposed answer."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.messages import _
from catdog_desktop.model_import.proposals.questions import Question

_SHORT_WORDS = {
    "scaling": "Photos are scaled",
    "labels": "Labels",
    "answers": "Its numbers are",
    "colour": "Colours",
    "resampling": "Made smaller",
    "decoding": "Rotated photos",
}


class Questions(QWidget):
    """All questions: those that matter one below the other, the others folded away."""

    changed = Signal()

    def __init__(self, questions: Sequence[Question], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen: dict[str, str] = {}
        self._boxes: dict[str, QComboBox] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        for question in questions:
            if not question.minor and len(question.options) > 1:
                layout.addWidget(self._asked(question))
        layout.addWidget(self._folded([q for q in questions if q.minor or len(q.options) == 1]))
        layout.addStretch(1)

    @property
    def answers(self) -> dict[str, str]:
        """What is chosen, by the key of the question."""
        return dict(self._chosen) | {key: str(box.currentData()) for key, box in self._boxes.items()}

    def _asked(self, question: Question) -> QWidget:
        box = QGroupBox(question.text)
        layout = QVBoxLayout(box)
        layout.setSpacing(GRID // 2)
        group = QButtonGroup(box)
        self._chosen[question.key] = question.proposed
        for option in question.options:
            is_proposed = option.value == question.proposed
            button = QRadioButton(f"{option.text[:1].upper()}{option.text[1:]}{' · proposed' if is_proposed else ''}")
            button.setChecked(is_proposed)
            # In the dark, the circle of one that is not chosen would be black on black.
            palette = button.palette()
            palette.setColor(QPalette.ColorRole.Base, palette.color(QPalette.ColorRole.Light))
            button.setPalette(palette)
            button.toggled.connect(partial(self._choose, question.key, option.value))
            if is_proposed:
                button.setAccessibleDescription(f"Proposed. {question.reason}")
            group.addButton(button)
            layout.addWidget(button)
        layout.addWidget(SecondaryLabel(question.reason))
        return box

    def _choose(self, key: str, value: str, on: bool) -> None:
        if on:
            self._chosen[key] = value
            self.changed.emit()

    def _folded(self, questions: Sequence[Question]) -> QWidget:
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        fold = QToolButton()
        fold.setText(_("&Advanced (defaults are usually right)"))
        fold.setCheckable(True)
        fold.setAutoRaise(True)
        fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        fold.setArrowType(Qt.ArrowType.RightArrow)
        inside = QWidget()
        form = QFormLayout(inside)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for question in questions:
            form.addRow(_SHORT_WORDS.get(question.key, question.text), self._box(question))
        inside.hide()

        def unfold(is_open: bool) -> None:
            inside.setVisible(is_open)
            fold.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)

        fold.toggled.connect(unfold)
        layout.addWidget(fold)
        layout.addWidget(inside)
        return whole

    def _box(self, question: Question) -> QComboBox:
        box = self._boxes[question.key] = QComboBox()
        for option in question.options:
            box.addItem(option.text, option.value)
        box.setCurrentIndex(box.findData(question.proposed))
        box.setEnabled(len(question.options) > 1)
        box.setToolTip(f"{question.text} {question.reason}")
        box.setAccessibleName(question.text)
        box.setAccessibleDescription(question.reason)
        # The longest words decide nothing about the width of the dialog.
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(24)
        box.currentIndexChanged.connect(lambda _: self.changed.emit())
        return box
