"""The form of the sort dialog: which photos, where to, copy or move, and into which folders."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.selection_scope import Scope, ScopeBox
from catdog_desktop.gui.sorting.sort_text import action_labels, folder_labels, layout_labels
from catdog_desktop.gui.theme import GRID, colours
from catdog_desktop.gui.widgets.icons import icon_colour, make_icon, verdict_icon
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, pgettext
from catdog_desktop.settings import Settings
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.options import DEFAULT_FOLDERS, Action, Layout, SortOptions, check_folder_name
from catdog_desktop.verdict import Verdict


def translated_folders() -> dict[Verdict, str]:
    """Return folder names in the language in use. They are used only if the user asks for them."""
    return {
        # Translators: names of folders; only letters that every file system accepts.
        Verdict.CAT: pgettext("folder name", "cats"),
        Verdict.DOG: pgettext("folder name", "dogs"),
        Verdict.BOTH: pgettext("folder name", "both"),
        Verdict.NEITHER: pgettext("folder name", "neither"),
        Verdict.UNSURE: pgettext("folder name", "unsure"),
    }


def _is_another(folders: Mapping[Verdict, str]) -> bool:
    return any(name != DEFAULT_FOLDERS[verdict] for verdict, name in folders.items())


class InvalidChoiceError(Exception):
    """Something must be chosen differently; the message is a sentence for the user."""

    def __init__(self, sentence: str, field: QWidget) -> None:
        super().__init__(sentence)
        self.field = field
        """The widget to change."""


class SortChoices(QWidget):
    """The form. It does not touch the disk."""

    changed = Signal()

    def __init__(self, scopes: Sequence[Scope], settings: Settings, sources: Sequence[Path]) -> None:
        """Offer `scopes`, the first one chosen, and the choices of last time; the action is always copy at first."""
        super().__init__()
        self._sources = tuple(sources)
        self.scope = ScopeBox(scopes)
        self.destination = QLineEdit(settings.sort_into)
        self.destination.setPlaceholderText(_("Choose a folder (created if missing)"))
        self.destination.setClearButtonEnabled(True)
        self.choose = QPushButton(_("Ch&oose…"))
        self.choose.setAutoDefault(False)
        self.choose.clicked.connect(self._choose)
        self.actions_group = QButtonGroup(self)
        self.action_buttons = {action: QRadioButton(label) for action, label in action_labels().items()}
        for button in self.action_buttons.values():
            self.actions_group.addButton(button)
        self.action_buttons[Action.COPY].setChecked(True)
        self.layout_choice = QComboBox()
        for layout, label in layout_labels().items():
            self.layout_choice.addItem(label, layout)
        self.layout_choice.setCurrentIndex(self.layout_choice.findData(Layout(settings.sort_layout)))
        self.switches = {verdict: QCheckBox(label) for verdict, label in folder_labels().items()}
        self.names = {verdict: QLineEdit() for verdict in self.switches}
        self._build()
        self._fill_folders(settings.sort_folders)
        self.scope.currentIndexChanged.connect(lambda _index: self._count())
        self._count()
        self.destination.textChanged.connect(lambda _text: self.changed.emit())
        for name in self.names.values():
            name.textChanged.connect(lambda _text: self.changed.emit())

    def rows(self) -> Sequence[Row]:
        """Return the chosen photos."""
        return self.scope.rows

    def options(self) -> SortOptions:
        """Return the choices. Raises `InvalidChoiceError`."""
        text = self.destination.text().strip()
        if text.startswith("file:"):  # a folder that was dragged here
            text = QUrl(text).toLocalFile()
        if not text:
            raise InvalidChoiceError(_("Choose the folder that the photos go to."), self.destination)
        destination = Path(text).expanduser()
        if not destination.is_absolute():
            raise InvalidChoiceError(_("Enter the full path, or choose a folder."), self.destination)
        folders = self._folders()
        if not any(folders.values()):
            raise InvalidChoiceError(_("Choose at least one kind of photo."), self.switches[Verdict.CAT])
        action = next(action for action, button in self.action_buttons.items() if button.isChecked())
        try:
            return SortOptions(destination, action, folders, Layout(self.layout_choice.currentData()), self._sources)
        except SortError as error:
            raise InvalidChoiceError(str(error), self.destination) from error

    def kept_folders(self) -> dict[str, str]:
        """Return the folder names that differ from the defaults, by verdict, as the settings hold them."""
        folders = {verdict: name or "" for verdict, name in self._folders().items()}
        return {str(verdict): name for verdict, name in folders.items() if name != DEFAULT_FOLDERS[verdict]}

    def _folders(self) -> dict[Verdict, str | None]:
        folders: dict[Verdict, str | None] = {}
        for verdict, field in self.names.items():
            name = field.text().strip() if self.switches[verdict].isChecked() else None
            if name is not None:
                try:
                    check_folder_name(name)
                except SortError as error:
                    raise InvalidChoiceError(str(error), field) from error
            folders[verdict] = name
        return folders

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.addWidget(_label(_("&Photos"), self.scope), 0, 0)
        grid.addWidget(self.scope, 0, 1, 1, 2)
        grid.addWidget(_label(_("&Into"), self.destination), 1, 0)
        grid.addWidget(self.destination, 1, 1)
        grid.addWidget(self.choose, 1, 2)
        grid.setColumnStretch(1, 1)
        layout.addLayout(grid)
        how = QGroupBox(_("Action"))
        column = QVBoxLayout(how)
        for button in self.action_buttons.values():
            column.addWidget(button)
        layout.addWidget(how)
        layout.addWidget(self._build_folders())
        layout.addStretch(1)

    def _build_folders(self) -> QGroupBox:
        box = QGroupBox(_("Folders"))
        column = QVBoxLayout(box)
        hint = QLabel(_("Unticked kinds stay in place."))
        hint.setWordWrap(True)
        column.addWidget(hint)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.setColumnStretch(1, 1)
        ours = colours(self.palette())
        self._counts = {verdict: QLabel() for verdict in self.switches}
        for line, (verdict, switch) in enumerate(self.switches.items()):
            sign = verdict_icon(verdict)
            name = self.names[verdict]
            switch.setIcon(make_icon(sign, icon_colour(sign, ours)))
            kind = switch.text().replace("&", "")
            name.setAccessibleName(_("Folder for {kind}").format(kind=kind))
            switch.toggled.connect(name.setEnabled)
            switch.toggled.connect(lambda _on: self.changed.emit())
            grid.addWidget(switch, line, 0)
            grid.addWidget(name, line, 1)
            grid.addWidget(self._counts[verdict], line, 2)
        column.addLayout(grid)
        self.translate = QPushButton(_("Use &translated names"))
        self.translate.setToolTip(_("Folders have English names unless you choose others"))
        self.translate.setAutoDefault(False)
        self.translate.setVisible(_is_another(translated_folders()))
        self.translate.clicked.connect(self._translate_names)
        column.addWidget(self.translate, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout()
        row.addWidget(_label(_("Subfold&ers"), self.layout_choice))
        row.addWidget(self.layout_choice, 1)
        column.addLayout(row)
        return box

    def _translate_names(self) -> None:
        """Fill in the names of the language where no other name was written."""
        for verdict, name in translated_folders().items():
            if self.names[verdict].text() == (DEFAULT_FOLDERS[verdict] or ""):
                self.names[verdict].setText(name)

    def _fill_folders(self, kept: Mapping[str, str]) -> None:
        for verdict, switch in self.switches.items():
            name = kept.get(str(verdict), DEFAULT_FOLDERS[verdict] or "")
            switch.setChecked(bool(name))
            self.names[verdict].setText(name or DEFAULT_FOLDERS[verdict] or "")
            self.names[verdict].setEnabled(bool(name))

    def _count(self) -> None:
        """Show how many photos each folder would get."""
        counts = dict.fromkeys(self.switches, 0)
        for row in self.rows():
            if row.verdict is not None and row.state is not State.WAITING:
                counts[row.verdict] += 1
        for verdict, label in self._counts.items():
            label.setText(format_number(counts[verdict]))
        self.changed.emit()

    def _choose(self) -> None:
        dialog = QFileDialog(self, _("Sort into"), self.destination.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.destination.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(buddy)
    return label
