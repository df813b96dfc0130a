"""What the user chooses of a sort: which photos, where to, how, and into which folders."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
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
from catdog_desktop.gui.sorting.sort_text import ACTION_WORDS, FOLDER_WORDS, LAYOUT_WORDS
from catdog_desktop.gui.theme import GRID, colours
from catdog_desktop.gui.widgets.icons import icon_colour, make_icon, verdict_icon
from catdog_desktop.settings import Settings
from catdog_desktop.sorting.options import DEFAULT_FOLDERS, Action, Layout, SortError, SortOptions, check_folder_name
from catdog_desktop.verdict import Verdict


class WrongChoiceError(Exception):
    """Something must be chosen otherwise; the message is a sentence."""

    def __init__(self, sentence: str, field: QWidget) -> None:
        super().__init__(sentence)
        self.field = field


class SortChoices(QWidget):
    """A form. Nothing is looked at and nothing happens before the plan is asked for."""

    changed = Signal()

    def __init__(self, scopes: Sequence[Scope], settings: Settings, sources: Sequence[Path]) -> None:
        """Offer `scopes`, the first of them chosen; begin with what `settings` kept. Photos are copied at first."""
        super().__init__()
        self._sources = tuple(sources)
        self.scope = ScopeBox(scopes)
        self.destination = QLineEdit(settings.sort_into)
        self.destination.setPlaceholderText("A folder; it is made if it is not there")
        self.destination.setClearButtonEnabled(True)
        self.choose = QPushButton("Ch&oose…")
        self.choose.setAutoDefault(False)
        self.choose.clicked.connect(self._choose)
        self.actions_group = QButtonGroup(self)
        self.action_buttons = {action: QRadioButton(words) for action, words in ACTION_WORDS.items()}
        for button in self.action_buttons.values():
            self.actions_group.addButton(button)
        self.action_buttons[Action.COPY].setChecked(True)
        self.layout_choice = QComboBox()
        for layout, words in LAYOUT_WORDS.items():
            self.layout_choice.addItem(words, layout)
        self.layout_choice.setCurrentIndex(list(LAYOUT_WORDS).index(Layout(settings.sort_layout)))
        self.switches = {verdict: QCheckBox(words) for verdict, words in FOLDER_WORDS.items()}
        self.names = {verdict: QLineEdit() for verdict in FOLDER_WORDS}
        self._build()
        self._fill_folders(settings.sort_folders)
        self.scope.currentIndexChanged.connect(lambda _: self._count())
        self._count()
        self.destination.textChanged.connect(lambda _: self.changed.emit())
        for name in self.names.values():
            name.textChanged.connect(lambda _: self.changed.emit())

    def rows(self) -> Sequence[Row]:
        """Return the photos chosen."""
        return self.scope.rows

    def options(self) -> SortOptions:
        """Return what was chosen. Raises `WrongChoiceError`."""
        text = self.destination.text().strip()
        if text.startswith("file:"):  # a folder that was dragged here
            text = QUrl(text).toLocalFile()
        if not text:
            raise WrongChoiceError("Choose the folder that the photos go to.", self.destination)
        destination = Path(text).expanduser()
        if not destination.is_absolute():
            raise WrongChoiceError("Name the whole path of the folder, or choose it.", self.destination)
        folders = self._folders()
        if not any(folders.values()):
            raise WrongChoiceError("Choose at least one kind of photo.", self.switches[Verdict.CAT])
        action = next(action for action, button in self.action_buttons.items() if button.isChecked())
        try:
            return SortOptions(destination, action, folders, Layout(self.layout_choice.currentData()), self._sources)
        except SortError as error:
            raise WrongChoiceError(str(error), self.destination) from error

    def kept_folders(self) -> dict[str, str]:
        """Return the names that are not the usual ones, by verdict, as the settings keep them."""
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
                    raise WrongChoiceError(str(error), field) from error
            folders[verdict] = name
        return folders

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GRID)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.addWidget(_label("&Photos", self.scope), 0, 0)
        grid.addWidget(self.scope, 0, 1, 1, 2)
        grid.addWidget(_label("&Into", self.destination), 1, 0)
        grid.addWidget(self.destination, 1, 1)
        grid.addWidget(self.choose, 1, 2)
        grid.setColumnStretch(1, 1)
        layout.addLayout(grid)
        how = QGroupBox("How")
        column = QVBoxLayout(how)
        for button in self.action_buttons.values():
            column.addWidget(button)
        layout.addWidget(how)
        layout.addWidget(self._build_folders())

    def _build_folders(self) -> QGroupBox:
        box = QGroupBox("Folders")
        column = QVBoxLayout(box)
        hint = QLabel("Photos whose box is not ticked stay where they are.")
        hint.setWordWrap(True)
        column.addWidget(hint)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.setColumnStretch(1, 1)
        ours = colours(self.palette())
        self._counts = {verdict: QLabel() for verdict in FOLDER_WORDS}
        for line, (verdict, switch) in enumerate(self.switches.items()):
            sign = verdict_icon(verdict)
            name = self.names[verdict]
            switch.setIcon(make_icon(sign, icon_colour(sign, ours)))
            name.setAccessibleName(f"Folder for {switch.text().replace('&', '').lower()}")
            switch.toggled.connect(name.setEnabled)
            switch.toggled.connect(lambda _: self.changed.emit())
            grid.addWidget(switch, line, 0)
            grid.addWidget(name, line, 1)
            grid.addWidget(self._counts[verdict], line, 2)
        column.addLayout(grid)
        row = QHBoxLayout()
        row.addWidget(_label("&Within them", self.layout_choice))
        row.addWidget(self.layout_choice, 1)
        column.addLayout(row)
        return box

    def _fill_folders(self, kept: Mapping[str, str]) -> None:
        for verdict, switch in self.switches.items():
            name = kept.get(str(verdict), DEFAULT_FOLDERS[verdict] or "")
            switch.setChecked(bool(name))
            self.names[verdict].setText(name or DEFAULT_FOLDERS[verdict] or "")
            self.names[verdict].setEnabled(bool(name))

    def _count(self) -> None:
        """Show how many photos each folder would get."""
        counts = dict.fromkeys(FOLDER_WORDS, 0)
        for row in self.rows():
            if row.verdict is not None and row.state is not State.WAITING:
                counts[row.verdict] += 1
        for verdict, label in self._counts.items():
            label.setText(f"{counts[verdict]:,}")
        self.changed.emit()

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Sort into", self.destination.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.destination.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _label(words: str, buddy: QWidget) -> QLabel:
    label = QLabel(words)
    label.setBuddy(buddy)
    return label
