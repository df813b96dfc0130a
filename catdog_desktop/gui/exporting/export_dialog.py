"""The dialog *Export*: which photos, in which format, and to which file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QDir, QLocale, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QGroupBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.exporting.export_file import ExportFormat
from catdog_desktop.exporting.text_formats import COMMAS, SEMICOLONS, CsvStyle
from catdog_desktop.formatting import displayable
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.exporting.export_text import (
    csv_style_labels,
    describe_format,
    file_filter,
    format_labels,
    sidecar_name_labels,
)
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.selection_scope import Scope, ScopeBox, not_classified
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import ErrorLabel, SecondaryLabel
from catdog_desktop.gui.widgets.scroll_area import VerticalScrollArea
from catdog_desktop.gui.window_geometry import size_within_screen
from catdog_desktop.languages.formats import format_list, format_number, join_sentences
from catdog_desktop.messages import _, ngettext
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Verdict
from catdog_desktop.xmp.keyword_words import ENGLISH, KeywordWords, translated_words
from catdog_desktop.xmp.sidecars import SidecarNames

_WITH_KEYWORD = (Verdict.CAT, Verdict.DOG, Verdict.BOTH)


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What the user has chosen."""

    rows: Sequence[Row]
    format: ExportFormat
    path: Path | None
    """None for sidecars, which are written beside their photos."""
    replace: bool
    """The user agreed to replace the file at `path`."""
    csv_style: CsvStyle
    sidecar_names: SidecarNames
    keywords: KeywordWords


@safe_overrides
class ExportDialog(QDialog):
    """A form. The caller checks the choice and exports in the background, and closes the dialog once that has begun."""

    export_requested = Signal(object)  # ExportChoice

    def __init__(self, scopes: Sequence[Scope], settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Export"))
        self._may_replace: Path | None = None
        """The file that the user agreed to replace."""
        self.scope = ScopeBox(scopes)
        self._group = QButtonGroup(self)
        self.formats = {format_: QRadioButton(label) for format_, label in format_labels().items()}
        for button in self.formats.values():
            self._group.addButton(button)
        self._description = SecondaryLabel()
        self.csv_style = QComboBox()
        for style, label in csv_style_labels().items():
            self.csv_style.addItem(label, style)
        has_decimal_comma = QLocale().decimalPoint() == SEMICOLONS.decimal_point
        self.csv_style.setCurrentIndex(self.csv_style.findData(SEMICOLONS if has_decimal_comma else COMMAS))
        self.sidecar_names = QComboBox()
        for names, label in sidecar_name_labels().items():
            self.sidecar_names.addItem(label, names.value)
        self.sidecar_names.setCurrentIndex(self.sidecar_names.findData(settings.sidecar_names))
        self.keywords = QComboBox()
        # The words that were chosen once stay, whatever the language.
        chosen = KeywordWords.from_settings(settings.keywords)
        offered = list(dict.fromkeys((ENGLISH, translated_words(), chosen)))
        for words in offered:
            self.keywords.addItem(format_list((words.cat, words.dog)), words)
        self.keywords.setCurrentIndex(offered.index(chosen))
        self.file = QLineEdit(str(_first_file(settings)))
        self.choose = QPushButton(_("Ch&oose…"))
        self.hint = SecondaryLabel()
        self.error = ErrorLabel()
        self.export = QPushButton(_("&Export"))
        self.cancel = QPushButton(_("Cancel"))
        self._build()
        self._connect()
        self.formats[ExportFormat(settings.export_as)].setChecked(True)
        self._show_format()
        self.resize(size_within_screen(self, self.sizeHint()))
        self.export.setFocus()

    @property
    def format(self) -> ExportFormat:
        """The chosen format."""
        return next(format_ for format_, button in self.formats.items() if button.isChecked())

    @property
    def rows(self) -> Sequence[Row]:
        """The chosen photos."""
        return self.scope.rows

    def show_error(self, sentence: str) -> None:
        """Say what must be chosen differently; an empty sentence clears the error."""
        self.error.say(sentence)
        self.update_hint()

    def offer_replacing(self, path: Path) -> None:
        """Say that `path` exists. *Export* becomes *Replace*, with which the user agrees to replace the file."""
        self._may_replace = path
        sentence = _("“{name}” already exists. Replace it, or choose another name.")
        self.show_error(sentence.format(name=displayable(path.name)))
        self.export.setText(_("&Replace"))
        self.file.setFocus()

    def update_hint(self) -> None:
        """Say which of the chosen photos the export will not contain."""
        rows = self.rows
        waiting = len(not_classified(rows))
        sentences = []
        possible = waiting < len(rows)
        if waiting:
            text = ngettext(
                "{count} photo is not classified yet and will be skipped.",
                "{count} photos are not classified yet and will be skipped.",
                waiting,
            )
            sentences.append(text.format(count=format_number(waiting)))
        if self.format is ExportFormat.XMP:
            count = sum(row.verdict in _WITH_KEYWORD for row in rows)
            text = ngettext("{count} photo gets keywords.", "{count} photos get keywords.", count)
            sentences.append(text.format(count=format_number(count)))
            possible = possible and count > 0
        self.hint.setText(join_sentences(sentences))
        self.export.setEnabled(possible)

    def _build(self) -> None:
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        column.addLayout(self._build_grid())
        column.addWidget(self.hint)
        column.addStretch(1)
        # The order of the buttons is that of the desktop, as in every dialog.
        buttons = QDialogButtonBox()
        buttons.addButton(self.export, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.cancel, QDialogButtonBox.ButtonRole.RejectRole)
        for button in (self.cancel, self.choose):
            button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(VerticalScrollArea(form), 1)
        layout.addWidget(self.error)
        layout.addWidget(buttons)
        self.export.setDefault(True)

    def _build_grid(self) -> QGridLayout:
        box = QGroupBox(_("Format"))
        formats = QVBoxLayout(box)
        for button in self.formats.values():
            formats.addWidget(button)
        # High enough for the longest description, so that nothing moves when another format is chosen.
        self._description.setMinimumHeight(3 * self._description.fontMetrics().lineSpacing())
        formats.addSpacing(GRID)
        formats.addWidget(self._description)
        self._csv_style_label = _label(_("&Numbers"), self.csv_style)
        self._sidecar_label = _label(_("Side&cars"), self.sidecar_names)
        self._file_label = _label(_("&File"), self.file)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(1, 46 * GRID)
        grid.addWidget(_label(_("P&hotos"), self.scope), 0, 0)
        grid.addWidget(self.scope, 0, 1, 1, 2)
        grid.addWidget(box, 1, 0, 1, 3)
        grid.addWidget(self._file_label, 2, 0)
        grid.addWidget(self.file, 2, 1)
        grid.addWidget(self.choose, 2, 2)
        grid.addWidget(self._csv_style_label, 3, 0)
        grid.addWidget(self.csv_style, 3, 1, 1, 2)
        grid.addWidget(self._sidecar_label, 4, 0)
        grid.addWidget(self.sidecar_names, 4, 1, 1, 2)
        self._keywords_label = _label(_("Key&words"), self.keywords)
        grid.addWidget(self._keywords_label, 5, 0)
        grid.addWidget(self.keywords, 5, 1, 1, 2)
        for widget in (self._keywords_label, self.keywords):
            widget.setVisible(self.keywords.count() > 1)
        return grid

    def _connect(self) -> None:
        self.cancel.clicked.connect(self.reject)
        self.export.clicked.connect(self._request_export)
        self.choose.clicked.connect(self._choose_file)
        self._group.buttonToggled.connect(lambda *_args: self._show_format())
        self.keywords.currentIndexChanged.connect(lambda _index: self._show_format())
        self.scope.currentIndexChanged.connect(lambda _index: self.update_hint())
        self.file.textChanged.connect(lambda _text: self._reset())

    def showEvent(self, event: QShowEvent) -> None:
        """Lay out what depends on the width."""
        super().showEvent(event)
        self._fit_description()

    def _fit_description(self) -> None:
        """Let the description be as high as its text, whose lines may be higher than the font's in another script."""
        if self.isVisible():
            needed = self._description.heightForWidth(self._description.width())
            self._description.setMinimumHeight(max(needed, self._description.minimumHeight()))

    def _show_format(self) -> None:
        """Bring the form in line with the chosen format."""
        format_ = self.format
        self._description.setText(describe_format(format_, self.keywords.currentData()))
        self._fit_description()
        to_file = format_ is not ExportFormat.XMP
        for widget in (self._file_label, self.file, self.choose):
            widget.setEnabled(to_file)
        self._csv_style_label.setEnabled(format_ is ExportFormat.CSV)
        self.csv_style.setEnabled(format_ is ExportFormat.CSV)
        self._sidecar_label.setEnabled(not to_file)
        self.sidecar_names.setEnabled(not to_file)
        self._keywords_label.setEnabled(not to_file)
        self.keywords.setEnabled(not to_file)
        if to_file:
            path = Path(self.file.text())
            if path.suffix.lower() in (known.suffix for known in ExportFormat):
                self.file.setText(str(path.with_suffix(format_.suffix)))
        self._reset()

    def _reset(self) -> None:
        """Clear the error, and the agreement to replace a file: they were about another choice."""
        self._may_replace = None
        self.export.setText(_("&Export"))
        self.show_error("")

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, _("Export"), self.file.text(), file_filter(self.format))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setDefaultSuffix(self.format.value)
        dialog.selectFile(self.file.text())
        dialog.fileSelected.connect(self._on_file_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_file_chosen(self, name: str) -> None:
        self.file.setText(str(Path(name)))
        self._may_replace = Path(name)  # the file dialog has asked

    def _request_export(self) -> None:
        path = None
        if self.format is not ExportFormat.XMP:
            text = self.file.text().strip()
            path = Path(text).expanduser()
            if not text or not path.is_absolute():
                self.show_error(_("Enter the full path of the file, or choose it."))
                self.file.setFocus()
                return
            if not path.suffix:
                path = path.with_name(path.name + self.format.suffix)
        self.export.setEnabled(False)  # until the caller has checked the choice
        replace = path is not None and path == self._may_replace
        names = SidecarNames(self.sidecar_names.currentData())
        self.export_requested.emit(
            ExportChoice(
                self.rows,
                self.format,
                path,
                replace,
                self.csv_style.currentData(),
                names,
                self.keywords.currentData(),
            )
        )


def _first_file(settings: Settings) -> Path:
    """Return the file to propose: in the folder of the last export, else where photos were opened."""
    folder = settings.export_to or settings.last_folder or QDir.homePath()
    suffix = settings.export_as if settings.export_as != "xmp" else "csv"
    return Path(folder) / f"{_('Cats and dogs')}.{suffix}"


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(buddy)
    return label
