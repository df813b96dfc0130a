"""The dialogs: what a photo counts as (settings), the keys, about, what was left out, and an unexpected error."""

import platform
import sys
import traceback
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop import __version__
from catdog_desktop.discovery.skip_rules import Skipped
from catdog_desktop.gui.action_table import ActionTable
from catdog_desktop.gui.actions import plain_label
from catdog_desktop.gui.status_text import describe_skip_reason
from catdog_desktop.gui.theme import GRID
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.messages import _
from catdog_desktop.paths import log_file

_FIGURE_WORDS = {
    "forced_accuracy": "the larger score names the right animal",
    "pets_called_neither": "pets called neither",
    "neither_called_pet": "photos of neither called a pet",
    "both_found": "a cat and a dog together, called both",
    "unsure": "pets called unsure",
    "log_loss": "log-loss per score",
    "calibration_error": "expected calibration error",
}


def describe_figures(figures: Mapping[str, object]) -> list[str]:
    """Return the measured figures of a model, a line each, shares in percent."""
    lines = []
    for key, words in _FIGURE_WORDS.items():
        value = figures.get(key)
        if isinstance(value, int | float):
            lines.append(f"{value:.4f}  {words}" if key == "log_loss" else f"{value:.2%}  {words}")
    return lines


class AboutDialog(QDialog):
    """Versions, the model and its figures, licences."""

    def __init__(self, model: ModelFile | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About CatDog")
        layout = _roomy(self)
        title = QLabel(f"CatDog {__version__}")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setBold(True)
        title.setFont(font)
        layout.addWidget(title)
        layout.addWidget(_text("Two honest numbers for each photo, cat and dog. Nothing leaves this computer."))
        if model is None:
            layout.addWidget(_text("No model is loaded."))
        else:
            layout.addWidget(_heading(f"The model: {model.title} {model.version}"))
            if model.source:
                layout.addWidget(_text(f"Imported from {model.source.get('file', 'an unknown file')}."))
            if model.answers.limits:
                layout.addWidget(_text(model.answers.limits))
            figures = describe_figures(model.figures)
            layout.addWidget(
                _text("\n".join(figures) or "It brings no figures: nobody has measured here how good it is.")
            )
            if figures:
                layout.addWidget(
                    _text(
                        "Measured on photos kept apart from training; your photos may be harder. An unsure verdict "
                        "counts as neither right nor wrong."
                    )
                )
            layout.addWidget(_text(f"sha256 {model.sha256[:16]}… · licence {model.licence}"))
        layout.addWidget(_heading("Made with"))
        layout.addWidget(_text(" · ".join(_versions())))
        layout.addWidget(_text("Apache-2.0. The licences of all that is shipped are in NOTICE."))
        layout.addWidget(_buttons(self, QDialogButtonBox.StandardButton.Close))


class ShortcutsDialog(QDialog):
    """All keyboard shortcuts, read from the table of actions."""

    def __init__(self, actions: ActionTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keyboard shortcuts"))
        layout = _roomy(self)
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * GRID)
        rows = [
            (", ".join(key.toString() for key in action.shortcuts()), plain_label(action.text()))
            for _entry, action in actions
            if action.shortcuts()
        ]
        rows.append((_("Arrow keys"), _("Go from photo to photo")))
        half = (len(rows) + 1) // 2
        for number, (keys, words) in enumerate(rows):
            column = 0 if number < half else 2
            label = QLabel(keys)
            font = label.font()
            font.setBold(True)
            label.setFont(font)
            grid.addWidget(label, number % half, column)
            grid.addWidget(QLabel(words), number % half, column + 1)
        layout.addLayout(grid)
        layout.addWidget(_buttons(self, QDialogButtonBox.StandardButton.Close))


class ListDialog(QDialog):
    """Files, each with what there is to say of it, to be read and copied."""

    def __init__(
        self, title: str, sentence: str, items: Iterable[tuple[Path, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(640, 400)
        layout = _roomy(self)
        layout.addWidget(_text(sentence))
        lines = [f"{path}  —  {words}" for path, words in items]
        layout.addWidget(_report("\n".join(lines).encode("utf-8", "replace").decode("utf-8")), 1)
        layout.addWidget(_buttons(self, QDialogButtonBox.StandardButton.Close))


class SkippedFilesDialog(ListDialog):
    """The files that were not added, with the reasons."""

    def __init__(self, skipped: Iterable[Skipped], parent: QWidget | None = None) -> None:
        items = [(item.path, describe_skip_reason(item)) for item in skipped]
        super().__init__(
            _("Skipped files"), _("These files were not added to the list. They were not changed."), items, parent
        )


class CrashDialog(QDialog):
    """An error that nobody expected: what it means for the user, and a report to pass on."""

    def __init__(self, error: BaseException, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.resize(640, 420)
        self.report = crash_report(error)
        layout = _roomy(self)
        layout.addWidget(
            _text(
                "CatDog met an error that it did not expect. Your photos are untouched and you can go on. "
                "If it happens again, the report below helps to mend it; it holds no photo."
            )
        )
        layout.addWidget(_report(self.report), 1)
        layout.addWidget(_text(f"It is also in {log_file()}."))
        buttons = _buttons(self, QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy report", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report))
        layout.addWidget(buttons)


def crash_report(error: BaseException) -> str:
    """Return versions and traceback."""
    trace = "".join(traceback.format_exception(error))
    return f"{' · '.join(_versions())}\n{platform.platform()}\n\n{trace}"


def _versions() -> list[str]:
    found = [f"CatDog {__version__}", f"Python {sys.version.split()[0]}", f"Qt {qVersion()}"]
    for name in ("Pillow", "numpy", "ai-edge-litert", "pi-heif"):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:  # the frozen app may not carry it
            found.append(name)
    return found


def _roomy(dialog: QDialog) -> QVBoxLayout:
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
    layout.setSpacing(1 * GRID)
    return layout


def _text(words: str) -> QLabel:
    label = QLabel(words)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setMinimumWidth(46 * GRID)
    return label


def _heading(words: str) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)  # it may be a title that a stranger gave
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    label.setContentsMargins(0, GRID, 0, 0)
    return label


def _report(text: str) -> QPlainTextEdit:
    edit = QPlainTextEdit(text)
    edit.setReadOnly(True)
    edit.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    edit.setTabChangesFocus(True)
    return edit


def _buttons(dialog: QDialog, *standard: QDialogButtonBox.StandardButton) -> QDialogButtonBox:
    box = QDialogButtonBox()
    for button in standard:
        box.addButton(button)
    box.rejected.connect(dialog.reject)
    box.accepted.connect(dialog.accept)
    return box
