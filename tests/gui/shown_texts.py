"""Every text of a window that a user can read or hear: of widgets, actions, menus, items and tool tips."""

from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QDialogButtonBox,
    QFileDialog,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QSpinBox,
    QTabWidget,
    QTextEdit,
    QWidget,
)

_MOST_ROWS = 40


def shown_texts(root: QWidget) -> Iterator[tuple[str, str]]:
    """Yield where a text is and the text, of `root` and of all widgets in it; windows of its own are not entered.

    Qt's own texts are left out: what is in a file dialog, and standard buttons.
    """
    if isinstance(root, QFileDialog):
        yield "QFileDialog.title", root.windowTitle()
        for text in root.nameFilters():
            if text == QFileDialog.tr("All Files (*)"):
                continue
            yield "QFileDialog.filter", text.partition("(*")[0]
        return
    standard = {
        button
        for box in root.findChildren(QDialogButtonBox)
        for button in box.buttons()
        if box.standardButton(button) is not QDialogButtonBox.StandardButton.NoButton
    }
    for widget in [root, *root.findChildren(QWidget)]:
        if widget.window() is not root.window() or widget in standard:
            continue
        name = f"{type(widget).__name__} {widget.objectName()}".strip()
        for kind, text in _of_widget(widget):
            if text:
                yield f"{name}.{kind}", text
    for action in root.findChildren(QAction):
        for kind, text in (("text", action.text()), ("tip", action.toolTip())):
            if text and not action.isSeparator():
                yield f"QAction {action.objectName()}.{kind}", text


def _of_widget(widget: QWidget) -> Iterator[tuple[str, str]]:
    yield "tip", widget.toolTip()
    yield "name", widget.accessibleName()
    yield "description", widget.accessibleDescription()
    if widget.isWindow():
        yield "title", widget.windowTitle()
    if isinstance(widget, QLabel | QAbstractButton):
        yield "text", widget.text()
    if isinstance(widget, QGroupBox | QMenu):
        yield "title", widget.title()
    if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit):
        yield "placeholder", widget.placeholderText()
    if isinstance(widget, QSpinBox):
        yield from (("prefix", widget.prefix()), ("suffix", widget.suffix()), ("special", widget.specialValueText()))
    if isinstance(widget, QComboBox):
        for number in range(widget.count()):
            yield "item", widget.itemText(number)
    if isinstance(widget, QTabWidget):
        for number in range(widget.count()):
            yield "tab", widget.tabText(number)
    if (
        isinstance(widget, QAbstractItemView)
        and widget.model() is not None
        and not isinstance(widget.parent(), QComboBox)
    ):
        yield from _of_model(widget.model())


def _of_model(model: QAbstractItemModel) -> Iterator[tuple[str, str]]:
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(QModelIndex())
    for column in range(columns):
        yield "heading", str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        for row in range(min(_MOST_ROWS, model.rowCount(QModelIndex()))):
            index = model.index(row, column)
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
                value = index.data(role)
                if isinstance(value, str):
                    yield f"item {role.name}", value
