"""The questions about a model that is being imported, each with its options and a proposed answer."""

import textwrap
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

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

from catdog_desktop.gui.model_import.class_list import ClassList
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.languages.formats import join_sentences
from catdog_desktop.messages import _
from catdog_desktop.model_import.proposals.questions import Question

_LINE: Final = 76
"""Characters. Every English option fits into a line; longer ones would make the dialog wider than a screen at 200 %."""


class Questions(QWidget):
    """All questions: the important ones one below the other, the others in a section that is closed at first."""

    changed = Signal()

    def __init__(self, questions: Sequence[Question], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen: dict[str, str] = {}
        self._boxes: dict[str, QComboBox] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        important = [question for question in questions if not question.minor and len(question.options) > 1]
        self._class_lists = {question.key: ClassList(question) for question in important if question.many}
        for question in important:
            if question.many:
                layout.addWidget(self._class_lists[question.key])
            else:
                layout.addWidget(self._make_radio_buttons(question))
        for key, class_list in self._class_lists.items():
            class_list.changed.connect(partial(self._on_classes_changed, key))
        layout.addWidget(self._make_advanced_section([one for one in questions if one not in important]))
        layout.addStretch(1)

    @property
    def answers(self) -> dict[str, str]:
        """The chosen value by the key of its question."""
        boxes = {key: str(box.currentData()) for key, box in self._boxes.items()}
        return dict(self._chosen) | boxes | {key: one.answer for key, one in self._class_lists.items()}

    @property
    def is_complete(self) -> bool:
        """Whether a class of cats or dogs is chosen, if the model has classes."""
        return not self._class_lists or any(one.answer for one in self._class_lists.values())

    def _on_classes_changed(self, key: str) -> None:
        for other, class_list in self._class_lists.items():
            if other != key:  # A class is a cat or a dog, not both.
                class_list.uncheck(self._class_lists[key].answer)
        self.changed.emit()

    def _make_radio_buttons(self, question: Question) -> QWidget:
        box = QGroupBox(question.text)
        layout = QVBoxLayout(box)
        layout.setSpacing(GRID // 2)
        group = QButtonGroup(box)
        self._chosen[question.key] = question.proposed
        for option in question.options:
            is_proposed = option.value == question.proposed
            text = option.text[:1].upper() + option.text[1:]
            # Qt wraps no radio button by itself.
            button = QRadioButton(
                textwrap.fill(_("{option} · proposed").format(option=text) if is_proposed else text, _LINE)
            )
            button.setChecked(is_proposed)
            # In the dark theme the circle of an option that is not chosen would be black on black.
            palette = button.palette()
            palette.setColor(QPalette.ColorRole.Base, palette.color(QPalette.ColorRole.Light))
            button.setPalette(palette)
            button.toggled.connect(partial(self._on_toggled, question.key, option.value))
            if is_proposed:
                button.setAccessibleDescription(_("Proposed. {reason}").format(reason=question.reason))
            group.addButton(button)
            layout.addWidget(button)
        layout.addWidget(SecondaryLabel(question.reason))
        return box

    def _on_toggled(self, key: str, value: str, checked: bool) -> None:
        if checked:
            self._chosen[key] = value
            self.changed.emit()

    def _make_advanced_section(self, questions: Sequence[Question]) -> QWidget:
        section = QWidget()
        layout = QVBoxLayout(section)
        layout.setContentsMargins(0, 0, 0, 0)
        header = QToolButton()
        header.setText(_("&Advanced (defaults are usually right)"))
        header.setCheckable(True)
        header.setAutoRaise(True)
        header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        header.setArrowType(Qt.ArrowType.RightArrow)
        content = QWidget()
        form = QFormLayout(content)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        # Beside their labels, the boxes would be narrower than the options of some languages.
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        labels = _short_labels()
        for question in questions:
            form.addRow(labels.get(question.key, question.text), self._make_box(question))
        content.hide()

        def open_or_close(is_open: bool) -> None:
            content.setVisible(is_open)
            header.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)

        header.toggled.connect(open_or_close)
        layout.addWidget(header)
        layout.addWidget(content)
        return section

    def _make_box(self, question: Question) -> QComboBox:
        box = self._boxes[question.key] = QComboBox()
        for option in question.options:
            box.addItem(option.text, option.value)
        box.setCurrentIndex(box.findData(question.proposed))
        box.setEnabled(len(question.options) > 1)
        box.setToolTip(join_sentences([question.text, question.reason]))
        box.setAccessibleName(question.text)
        box.setAccessibleDescription(question.reason)
        # The dialog need not be as wide as the longest option.
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(24)
        box.currentIndexChanged.connect(lambda _index: self.changed.emit())
        return box


def _short_labels() -> Mapping[str, str]:
    """Return the label of each question in the advanced section, by its key."""
    return {
        "scaling": _("Scaling of photos"),
        "labels": _("Labels"),
        "answers": _("Meaning of its numbers"),
        "colour": _("Colours"),
        "fit": _("Shape of photos"),
        "resampling": _("Resizing method"),
        "decoding": _("Rotated photos"),
    }
