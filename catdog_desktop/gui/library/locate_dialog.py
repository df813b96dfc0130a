"""The dialog *Locate moved folder*: the old place, and the new one."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QDir, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import ErrorLabel, SecondaryLabel
from catdog_desktop.gui.window_geometry import size_within_screen
from catdog_desktop.languages.formats import join_sentences
from catdog_desktop.messages import _


class LocateDialog(QDialog):
    """A form. The caller compares both places in the background, and closes the dialog once that has begun."""

    locate_requested = Signal(Path, Path)  # the old place and the new one

    def __init__(self, missing: Sequence[Path], parent: QWidget | None = None) -> None:
        """`missing` are folders of stored photos that do not exist."""
        super().__init__(parent)
        self.setWindowTitle(_("Locate moved folder"))
        self.old = QComboBox()
        self.old.setEditable(True)
        for folder in missing:
            self.old.addItem(displayable(folder), str(folder))
        self.new = QLineEdit()
        self.choose = QPushButton(_("Ch&oose…"))
        self.error = ErrorLabel()
        self.locate = QPushButton(_("&Locate"))
        self.cancel = QPushButton(_("Cancel"))
        self._build(bool(missing))
        self.cancel.clicked.connect(self.reject)
        self.choose.clicked.connect(self._choose_folder)
        self.locate.clicked.connect(self._request)
        self.old.editTextChanged.connect(lambda _text: self.error.say(""))
        self.new.textChanged.connect(lambda _text: self.error.say(""))
        self.resize(size_within_screen(self, self.sizeHint()))
        (self.new if missing else self.old).setFocus()

    def _build(self, any_missing: bool) -> None:
        sentence = _(
            "The photos are compared with those that were classified before. Then results, sorts that can be undone, "
            "and the last session follow the folder. No photo is changed."
        )
        if not any_missing:
            sentence = join_sentences([sentence, _("All folders of classified photos exist at the moment.")])
        explanation = SecondaryLabel(sentence)
        explanation.setWordWrap(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(1, 46 * GRID)
        grid.addWidget(_label(_("&Before"), self.old), 0, 0)
        grid.addWidget(self.old, 0, 1, 1, 2)
        grid.addWidget(_label(_("&Now"), self.new), 1, 0)
        grid.addWidget(self.new, 1, 1)
        grid.addWidget(self.choose, 1, 2)
        buttons = QDialogButtonBox()
        buttons.addButton(self.locate, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.cancel, QDialogButtonBox.ButtonRole.RejectRole)
        for button in (self.cancel, self.choose):
            button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(explanation)
        layout.addLayout(grid)
        layout.addWidget(self.error)
        layout.addWidget(buttons)
        self.locate.setDefault(True)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, _("Where the folder is now"), self.new.text() or QDir.homePath())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda name: self.new.setText(str(Path(name))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _request(self) -> None:
        old, new = self._old_folder(), Path(self.new.text().strip()).expanduser()
        for folder, field in ((old, self.old), (new, self.new)):
            if not folder.is_absolute():
                self.error.say(_("Enter the full path of the folder."))
                field.setFocus()
                return
        self.locate_requested.emit(old, new)

    def _old_folder(self) -> Path:
        """Return the chosen folder, whose name may have characters that the list shows as escapes."""
        index = self.old.findText(self.old.currentText())
        text = self.old.itemData(index) if index >= 0 else self.old.currentText().strip()
        return Path(text).expanduser()


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(buddy)
    return label
