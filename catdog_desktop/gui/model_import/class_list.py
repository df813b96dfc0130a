"""The question which of a model's classes are an animal: a list with check boxes, and a field that filters it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGroupBox, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.messages import _
from catdog_desktop.model_import.proposals.questions import Question

_FILTERED_FROM = 12
"""How many classes get a field that filters them."""


class ClassList(QGroupBox):
    """The classes of a model, those that are proposed first."""

    changed = Signal()

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(question.text, parent)
        layout = QVBoxLayout(self)
        layout.setSpacing(GRID // 2)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_("Filter classes"))
        self.filter.setAccessibleName(_("Filter classes"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._show_matching)
        self.list = QListWidget()
        self.list.setAccessibleName(question.text)
        self.list.setAccessibleDescription(question.reason)
        self.list.setUniformItemSizes(True)
        proposed = question.proposed.split(",") if question.proposed else []
        for option in sorted(question.options, key=lambda option: option.value not in proposed):
            item = QListWidgetItem(option.text)
            item.setData(Qt.ItemDataRole.UserRole, option.value)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            checked = option.value in proposed
            item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        rows = min(max(3, self.list.count()), 7)
        self.list.setFixedHeight(rows * self.list.sizeHintForRow(0) + 2 * self.list.frameWidth())
        self.list.itemChanged.connect(lambda _item: self.changed.emit())
        if self.list.count() >= _FILTERED_FROM:
            layout.addWidget(self.filter)
        layout.addWidget(self.list)
        layout.addWidget(SecondaryLabel(question.reason))

    @property
    def answer(self) -> str:
        """The numbers of the chosen classes in order, with commas."""
        numbers = [
            int(item.data(Qt.ItemDataRole.UserRole))
            for item in self._items()
            if item.checkState() is Qt.CheckState.Checked
        ]
        return ",".join(str(number) for number in sorted(numbers))

    def uncheck(self, answer: str) -> None:
        """Uncheck the classes of another list's answer, without a signal."""
        others = answer.split(",")
        self.list.blockSignals(True)
        for item in self._items():
            if item.data(Qt.ItemDataRole.UserRole) in others:
                item.setCheckState(Qt.CheckState.Unchecked)
        self.list.blockSignals(False)

    def check(self, value: str, *, checked: bool) -> None:
        """Check or uncheck the class with this number, as a click does."""
        for item in self._items():
            if item.data(Qt.ItemDataRole.UserRole) == value:
                item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _show_matching(self, text: str) -> None:
        for item in self._items():
            item.setHidden(text.casefold() not in item.text().casefold())
