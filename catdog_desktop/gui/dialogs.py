"""Dialogs of the window: about, keyboard shortcuts, lists of files, unexpected errors."""

import platform
import sys
import traceback
from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop import __version__
from catdog_desktop.build_info import build_info, version_text
from catdog_desktop.discovery.skip_rules import Skipped
from catdog_desktop.formatting import displayable
from catdog_desktop.gui.action_table import PARENT_MENU, plain_label
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.scroll_area import VerticalScrollArea
from catdog_desktop.gui.window_actions import WindowActions
from catdog_desktop.gui.window_geometry import size_within_screen
from catdog_desktop.inference.model_figures import describe_unseen_sources
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.languages.formats import format_list, format_number, format_share
from catdog_desktop.messages import _
from catdog_desktop.paths import log_file

_SHORTCUT_COLUMNS: Final = 3
_WIDE_SCREEN: Final = 150 * GRID
"""On a narrower screen, the shortcuts have one column less."""
_Section = tuple[str, list[tuple[str, str]]]
"""Title of a menu; keys and text of its actions."""


class AboutDialog(QDialog):
    """Versions, the model with its measured accuracy, licences."""

    def __init__(self, model: ModelFile | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("About CatDog"))
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        title = QLabel(f"CatDog {__version__}")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setBold(True)
        title.setFont(font)
        layout.addWidget(title)
        build = build_info()
        if build is not None:
            layout.addWidget(_text(_("Build {commit} of {date}").format(commit=build.commit, date=build.date)))
        layout.addWidget(_text(_("Two separate scores per photo: cat and dog. Nothing leaves this computer.")))
        if model is None:
            layout.addWidget(_text(_("No model is loaded.")))
        else:
            self._add_model(layout, model)
        layout.addWidget(_heading(_("Made with")))
        layout.addWidget(_text(" · ".join(_versions())))
        layout.addWidget(_text(_("Licence: Apache-2.0. NOTICE has the licences of the parts.")))
        outer, buttons = _spacious_layout(self), _close_button(self)
        outer.addWidget(VerticalScrollArea(content), 1)
        outer.addWidget(buttons)
        self.resize(size_within_screen(self, self.sizeHint()))

    def _add_model(self, layout: QVBoxLayout, model: ModelFile) -> None:
        layout.addWidget(_heading(_("Model: {title} {version}").format(title=model.title, version=model.version)))
        if model.source:
            file = displayable(str(model.source.get("file", "")))
            layout.addWidget(
                _text(_("Imported from {file}.").format(file=file) if file else _("Imported from an unknown file."))
            )
        if model.answers.limits:
            layout.addWidget(_text(model.answers.limits))
        unseen = describe_unseen_sources(model.figures)
        if unseen:
            heading = _("On photos of sources that it was not trained on (mean over the sources):")
            layout.addWidget(_text("\n".join([heading, *unseen])))
        figures = describe_figures(model.figures)
        if figures:
            layout.addWidget(_text("\n".join(figures)))
            layout.addWidget(
                _text(
                    _(
                        "Measured on photos that were not used for training. Your photos may be harder. An unsure "
                        "verdict counts as neither right nor wrong."
                    )
                )
            )
        else:
            layout.addWidget(_text(_("The accuracy of this model was not measured here.")))
        layout.addWidget(
            _text(_("sha256 {start}… · licence {licence}").format(start=model.sha256[:16], licence=model.licence))
        )


def describe_figures(figures: Mapping[str, object]) -> list[str]:
    """Return the measured figures of a model, a line each. `figures` is the part of that name of model.json."""
    texts = {
        "forced_accuracy": _("the larger score is the right animal"),
        "pets_called_neither": _("pets called neither"),
        "neither_called_pet": _("photos without a pet called a pet"),
        "both_found": _("photos of a cat and a dog called both"),
        "unsure": _("pets called unsure"),
        "log_loss": _("log loss per score"),
        "calibration_error": _("expected calibration error"),
    }
    lines = []
    for key, text in texts.items():
        value = figures.get(key)
        if isinstance(value, int | float):
            lines.append(f"{format_number(value, 4) if key == 'log_loss' else format_share(value, 2)}  {text}")
    return lines


class ShortcutsDialog(QDialog):
    """All keyboard shortcuts, read from the table of actions, by menu."""

    def __init__(self, actions: WindowActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keyboard shortcuts"))
        layout = _spacious_layout(self)
        content = QWidget()
        beside = QHBoxLayout(content)
        beside.setContentsMargins(0, 0, GRID, 0)
        beside.setSpacing(3 * GRID)
        is_wide = self.screen().availableGeometry().width() >= _WIDE_SCREEN
        columns = _SHORTCUT_COLUMNS if is_wide else _SHORTCUT_COLUMNS - 1
        for sections in _balanced(list(_shortcuts_by_menu(actions).items()), columns):
            # A grid for each column: the space above a heading must not part the lines beside it.
            grid = QGridLayout()
            grid.setHorizontalSpacing(2 * GRID)
            grid.setVerticalSpacing(GRID // 2)
            line = 0
            for title, rows in sections:
                grid.addWidget(_heading(title), line, 0, 1, 2)
                for number, (keys, text) in enumerate(rows, line + 1):
                    grid.addWidget(_bold(keys), number, 0)
                    grid.addWidget(QLabel(text), number, 1)
                line += len(rows) + 1
            grid.setRowStretch(line, 1)
            beside.addLayout(grid)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(content)
        layout.addWidget(scroll, 1)
        layout.addWidget(_close_button(self))
        frame = self.sizeHint() - scroll.sizeHint()
        wanted = content.sizeHint() + frame
        wanted.setWidth(wanted.width() + scroll.verticalScrollBar().sizeHint().width())
        self.resize(size_within_screen(self, wanted))


class ListDialog(QDialog):
    """A list of files with a text for each, which can be copied."""

    def __init__(
        self, title: str, sentence: str, items: Iterable[tuple[Path, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(640, 400)
        layout = _spacious_layout(self)
        layout.addWidget(_text(sentence))
        lines = [f"{displayable(path)}  —  {displayable(text)}" for path, text in items]
        report = _report(title, "\n".join(lines))
        # The reasons are behind long paths.
        report.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        layout.addWidget(report, 1)
        layout.addWidget(_close_button(self))


class SkippedFilesDialog(ListDialog):
    """The files that were not added, with the reasons."""

    def __init__(self, skipped: Iterable[Skipped], parent: QWidget | None = None) -> None:
        items = [(item.path, displayable(item.describe())) for item in skipped]
        super().__init__(
            _("Skipped files"), _("These files were not added to the list. They were not changed."), items, parent
        )


class CrashDialog(QDialog):
    """An unexpected error: what it means for the user, and a report to pass on."""

    def __init__(self, error: BaseException, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Unexpected error"))
        self.resize(640, 420)
        self.report = crash_report(error)
        layout = _spacious_layout(self)
        layout.addWidget(
            _text(
                _(
                    "An unexpected error occurred. Your photos are not changed, and you can continue. If it happens "
                    "again, please report it with the text below. The text contains no photo."
                )
            )
        )
        report = _report(_("Error report"), self.report)
        report.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # it is in English
        layout.addWidget(report, 1)
        layout.addWidget(_text(_("It is also in {file}.").format(file=displayable(log_file()))))
        buttons = _close_button(self)
        copy = buttons.addButton(_("Copy report"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report))
        layout.addWidget(buttons)


def crash_report(error: BaseException) -> str:
    """Return versions, system and traceback."""
    trace = "".join(traceback.format_exception(error))
    return f"{' · '.join(_versions())}\n{platform.platform()}\n\n{trace}"


def _shortcuts_by_menu(actions: WindowActions) -> dict[str, list[tuple[str, str]]]:
    """Return keys and text of the actions that have a shortcut, by title of the top menu."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for entry, action in actions:
        if action.shortcuts():
            keys = format_list(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts())
            text = plain_label(entry.text)  # not of the action: *Undo* names the last change
            if entry.menu in PARENT_MENU:
                text = f"{plain_label(actions.menu(entry.menu).title())}: {text}"
            top = PARENT_MENU.get(entry.menu, entry.menu)
            sections.setdefault(plain_label(actions.menu(top).title()), []).append((keys, text))
    sections[_("Gallery")] = [(_("Arrow keys"), _("Go from photo to photo"))]
    return sections


def _balanced(sections: list[_Section], columns: int) -> list[list[_Section]]:
    """Divide sections into columns, in order, so that the longest column is as short as possible."""
    divisions = []
    for ends in combinations(range(1, len(sections)), columns - 1):
        bounds = (0, *ends, len(sections))
        divisions.append([sections[start:end] for start, end in pairwise(bounds)])
    return min(divisions, key=lambda division: max(sum(len(rows) + 1 for _title, rows in part) for part in division))


def _versions() -> list[str]:
    from importlib import metadata  # which imports an e-mail parser

    found = [version_text(), f"Python {sys.version.split()[0]}", f"Qt {qVersion()}"]
    for name in ("Pillow", "numpy", "ai-edge-litert", "pi-heif"):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:  # The frozen app may not contain the metadata.
            found.append(name)
    return found


def _spacious_layout(dialog: QDialog) -> QVBoxLayout:
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
    layout.setSpacing(GRID)
    return layout


def _text(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setMinimumWidth(46 * GRID)
    return label


def _heading(text: str) -> QLabel:
    label = _bold(text)
    label.setContentsMargins(0, GRID, 0, 0)
    return label


def _bold(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)  # The title of an imported model may look like HTML.
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def _report(name: str, text: str) -> QPlainTextEdit:
    edit = QPlainTextEdit(text.encode("utf-8", "replace").decode("utf-8"))
    edit.setAccessibleName(name)
    edit.setReadOnly(True)
    edit.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    edit.setTabChangesFocus(True)
    return edit


def _close_button(dialog: QDialog) -> QDialogButtonBox:
    box = QDialogButtonBox()
    # The standard button of some styles has an icon that is black in the dark theme.
    box.addButton(_("Close"), QDialogButtonBox.ButtonRole.RejectRole)
    box.rejected.connect(dialog.reject)
    return box
