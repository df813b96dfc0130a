"""*Export*: which photos, as what, and where to."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDir, QLocale, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
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

from catdog_desktop.exporting.export_file import ExportFormat
from catdog_desktop.exporting.lines import COMMAS, SEMICOLONS, CsvStyle
from catdog_desktop.formatting import plural
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.selection_scope import Scope, ScopeBox, not_classified
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import ErrorLabel, SecondaryLabel
from catdog_desktop.settings import Settings

FORMAT_WORDS: Final = {
    ExportFormat.CSV: "&Table for a spreadsheet (CSV)",
    ExportFormat.CONTACT_SHEET: "Contact &sheet to look at, to print or to pass on (HTML)",
    ExportFormat.XMP: "&Keywords for other photo programs (XMP sidecars)",
    ExportFormat.JSON_LINES: "Lines for &programs (JSON)",
}
_MEANING: Final = {
    ExportFormat.CSV: "One row a photo: verdict, scores, date, size. Opens in any spreadsheet.",
    ExportFormat.CONTACT_SHEET: "One file with a thumbnail of every photo. It needs no Internet and sends nothing.",
    ExportFormat.XMP: "“cat” and “dog” as keywords, in a small file beside each photo, as digiKam, darktable, "
    "Lightroom and Immich read them. What is in such a file stays. The photos are not touched. It can be undone.",
    ExportFormat.JSON_LINES: "One JSON object a line, with all there is to know of a photo.",
}
_KIND_OF_FILE: Final = {
    ExportFormat.CSV: "Tables (*.csv)",
    ExportFormat.CONTACT_SHEET: "Web pages (*.html)",
    ExportFormat.JSON_LINES: "JSON lines (*.jsonl)",
}
_STEM: Final = "Cats and dogs"
_STYLE_WORDS: Final = {COMMAS: "0.5, with commas between columns", SEMICOLONS: "0,5, with semicolons between columns"}


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What the user has chosen."""

    rows: Sequence[Row]
    format: ExportFormat
    path: Path | None
    """None for sidecars, which lie beside their photos."""
    replace: bool
    csv_style: CsvStyle


class ExportDialog(QDialog):
    """A form. Who opens it exports, in the background, and closes it once that has begun."""

    wanted = Signal(object)  # ExportChoice

    def __init__(self, scopes: Sequence[Scope], settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        self._may_go: Path | None = None
        self.scope = ScopeBox(scopes)
        self._group = QButtonGroup(self)
        self.formats = {format_: QRadioButton(words) for format_, words in FORMAT_WORDS.items()}
        for button in self.formats.values():
            self._group.addButton(button)
        self.meaning = SecondaryLabel()
        self.style_choice = QComboBox()
        for style, words in _STYLE_WORDS.items():
            self.style_choice.addItem(words, style)
        comma = QLocale().decimalPoint() == SEMICOLONS.decimal_point
        self.style_choice.setCurrentIndex(list(_STYLE_WORDS).index(SEMICOLONS if comma else COMMAS))
        self.place = QLineEdit(str(_first_place(settings)))
        self.choose = QPushButton("Ch&oose…")
        self.hint = SecondaryLabel()
        self.complaint = ErrorLabel()
        self.export = QPushButton("&Export")
        self.cancel = QPushButton("Cancel")
        self._build()
        self._connect()
        self.formats[ExportFormat(settings.export_as)].setChecked(True)
        self._show_format()
        self.export.setFocus()

    @property
    def format(self) -> ExportFormat:
        """What is to be written."""
        return next(format_ for format_, button in self.formats.items() if button.isChecked())

    @property
    def rows(self) -> Sequence[Row]:
        """The photos chosen."""
        return self.scope.rows

    def complain(self, sentence: str) -> None:
        """Say what must be chosen otherwise."""
        self.complaint.say(sentence)
        self.count()

    def ask_whether_to_replace(self, path: Path) -> None:
        """Say that something lies there; the next *Replace* is the user's word that it may go."""
        self._may_go = path
        self.complain(f"“{path.name}” is there already. Replace it, or choose another name.")
        self.export.setText("&Replace")
        self.place.setFocus()

    def count(self) -> None:
        """Say what of the choice will not be in the export, before it is made."""
        rows = self.rows
        waiting = len(not_classified(rows))
        sentences = []
        possible = waiting < len(rows)
        if waiting:
            sentences.append(f"{plural(waiting, 'photo is', 'photos are')} not classified yet and will be left out.")
        if self.format is ExportFormat.XMP:
            with_keyword = sum(row.verdict is not None and row.verdict.value in ("cat", "dog", "both") for row in rows)
            sentences.append(f"{plural(with_keyword, 'photo gets', 'photos get')} keywords.")
            possible = possible and with_keyword > 0
        self.hint.setText(" ".join(sentences))
        self.export.setEnabled(possible)

    # How it is put together.

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        box = QGroupBox("As")
        column = QVBoxLayout(box)
        for choice in self.formats.values():
            column.addWidget(choice)
        # Three lines at most: nothing jumps when another kind is chosen.
        self.meaning.setMinimumHeight(3 * self.meaning.fontMetrics().lineSpacing())
        column.addSpacing(GRID)
        column.addWidget(self.meaning)
        self._style_words = _label("&Numbers", self.style_choice)
        self._place_words = _label("&File", self.place)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.setColumnStretch(1, 1)
        grid.addWidget(_label("P&hotos", self.scope), 0, 0)
        grid.addWidget(self.scope, 0, 1, 1, 2)
        grid.addWidget(box, 1, 0, 1, 3)
        grid.addWidget(self._place_words, 2, 0)
        grid.addWidget(self.place, 2, 1)
        grid.addWidget(self.choose, 2, 2)
        grid.addWidget(self._style_words, 3, 0)
        grid.addWidget(self.style_choice, 3, 1, 1, 2)
        layout.addLayout(grid)
        layout.addWidget(self.hint)
        layout.addWidget(self.complaint)
        layout.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.export)
        layout.addLayout(row)
        for button in (self.cancel, self.choose):
            button.setAutoDefault(False)
        self.export.setDefault(True)
        self.setMinimumWidth(72 * GRID)

    def _connect(self) -> None:
        self.cancel.clicked.connect(self.reject)
        self.export.clicked.connect(self._ask)
        self.choose.clicked.connect(self._choose)
        self._group.buttonToggled.connect(lambda *_: self._show_format())
        self.scope.currentIndexChanged.connect(lambda _: self.count())
        self.place.textChanged.connect(lambda _: self._forget_word())

    # What follows from what.

    def _show_format(self) -> None:
        format_ = self.format
        self.meaning.setText(_MEANING[format_])
        into_file = format_ is not ExportFormat.XMP
        for part in (self._place_words, self.place, self.choose):
            part.setEnabled(into_file)
        self._style_words.setEnabled(format_ is ExportFormat.CSV)
        self.style_choice.setEnabled(format_ is ExportFormat.CSV)
        if into_file:
            place = Path(self.place.text())
            if place.suffix.lower() in (known.suffix for known in ExportFormat):
                self.place.setText(str(place.with_suffix(format_.suffix)))
        self._forget_word()

    def _forget_word(self) -> None:
        """Another name or kind: what was said of the one before does not hold for it."""
        self._may_go = None
        self.export.setText("&Export")
        self.complain("")

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Export", self.place.text(), _KIND_OF_FILE[self.format])
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setDefaultSuffix(self.format.value)
        dialog.selectFile(self.place.text())
        dialog.fileSelected.connect(self._on_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_chosen(self, name: str) -> None:
        self.place.setText(str(Path(name)))
        self._may_go = Path(name)  # the dialog has asked

    def _ask(self) -> None:
        path = None
        if self.format is not ExportFormat.XMP:
            text = self.place.text().strip()
            if not text:
                self.complain("Name the file, or choose it.")
                self.place.setFocus()
                return
            path = Path(text).expanduser()
            if not path.is_absolute():
                self.complain("Name the whole path of the file, or choose it.")
                self.place.setFocus()
                return
            if not path.suffix:
                path = path.with_name(path.name + self.format.suffix)
        self.export.setEnabled(False)  # until there is an answer
        style = self.style_choice.currentData()
        replace = path is not None and path == self._may_go
        self.wanted.emit(ExportChoice(self.rows, self.format, path, replace, style))


def _first_place(settings: Settings) -> Path:
    folder = settings.export_to or settings.last_folder or QDir.homePath()
    return Path(folder) / f"{_STEM}.{settings.export_as if settings.export_as != 'xmp' else 'csv'}"


def _label(words: str, buddy: QWidget) -> QLabel:
    label = QLabel(words)
    label.setBuddy(buddy)
    return label
