"""The settings dialog: thresholds of the verdicts, language, appearance, work, and stored data."""

from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.discovery.skip_rules import parse_patterns
from catdog_desktop.gui.action_table import theme_names
from catdog_desktop.gui.language import system_languages
from catdog_desktop.gui.settings.stored_data import StoredDataBox, StoredDataClient
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import ErrorLabel
from catdog_desktop.gui.widgets.scroll_area import VerticalScrollArea
from catdog_desktop.languages.choice import LANGUAGES, system_language
from catdog_desktop.languages.formats import format_and_list, format_number, format_share, with_percent_sign
from catdog_desktop.messages import _
from catdog_desktop.messages import language as running_language
from catdog_desktop.pipeline import default_jobs
from catdog_desktop.settings import MARK_KEYS, OTHER_LETTERS, THEMES, Settings, check_mark_keys
from catdog_desktop.verdict import Thresholds

_EXCLUDE_LINES: Final = 3


class SettingsDialog(QDialog):
    """Changes take effect at once, so there is no *Apply*."""

    changed = Signal(object)  # Settings
    restart_requested = Signal()  # in the language that was chosen
    compare_requested = Signal()  # show what the thresholds do with the photos that the user checked

    def __init__(
        self,
        settings: Settings,
        recommended: Thresholds,
        stored_data: StoredDataClient,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Settings"))
        self._settings = settings
        self._recommended = recommended
        self.cat = _percent_slider(_("Threshold of the cat score"))
        self.dog = _percent_slider(_("Threshold of the dog score"))
        self.unsure = _percent_slider(_("Unsure range"), 0, 45)
        self._slider_labels = {slider: QLabel() for slider in (self.cat, self.dog, self.unsure)}
        self.language = QComboBox()
        self.language.addItem(_("Same as system"), "")
        for code, name in LANGUAGES.items():
            self.language.addItem(name, code)
        self.restart = QPushButton(_("Restart &now"))
        self.restart.setToolTip(_("Close the window and open it again in the new language"))
        self.restart.setAutoDefault(False)
        self.mark_keys = QLineEdit(settings.mark_keys)
        self.mark_keys.setMaxLength(len(MARK_KEYS))
        self.mark_keys.setPlaceholderText(_("No letter marks a photo"))
        self.mark_keys.setToolTip(_("The letters for cat, dog, both and neither. Leave it empty to switch them off."))
        self.mark_keys_error = ErrorLabel()
        self.theme = QComboBox()
        for theme in THEMES:
            self.theme.addItem(theme_names()[theme], theme)
        self.jobs = QSpinBox()
        self.jobs.setRange(0, 64)
        self.jobs.setSpecialValueText(_("One per core ({count})").format(count=default_jobs()))
        self.jobs.setToolTip(_("Takes effect at the next start"))
        self.thorough = QCheckBox(_("Look closer at &every photo"))
        self.thorough.setToolTip(_("Finds more small pets. Takes about five times as long, from the next start."))
        self.exclude = QPlainTextEdit(settings.exclude)
        self.exclude.setAccessibleName(_("Files and folders to skip"))
        self.exclude.setPlaceholderText(_("One pattern per line, such as *_edited.jpg or Screenshots/"))
        self.exclude.setToolTip(_("In the syntax of gitignore. Takes effect at the next start."))
        self.exclude.setTabChangesFocus(True)
        self.exclude.setFixedHeight(_EXCLUDE_LINES * self.exclude.fontMetrics().lineSpacing() + 2 * GRID)
        self.exclude_error = ErrorLabel()
        self.join_raw = QCheckBox(_("&Join raw files and their JPEG"))
        self.join_raw.setToolTip(
            _(
                "The JPEG is shown and classified; the raw file goes along when it is sorted or deleted. Takes effect "
                "at the next start."
            )
        )
        self.low_priority = QCheckBox(_("&Low priority: other programs first"))
        self.low_priority.setToolTip(_("On the battery, half of the cores are used. Takes effect at the next start."))
        self.continue_session = QCheckBox(_("&Offer to continue with the last session"))
        self.continue_session.setToolTip(_("Keeps which photos were open, the filters, the selection and the place"))
        self.stored_data = StoredDataBox(stored_data, settings.thumbnail_megabytes)
        self._build()
        self._show(settings)
        self._fit_screen()
        self._connect()

    def _build(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(3 * GRID, 3 * GRID, 2 * GRID, 2 * GRID)
        outer.setSpacing(2 * GRID)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, GRID, 0)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._verdict_box())
        layout.addWidget(self._app_box())
        layout.addWidget(self.stored_data)
        buttons = QDialogButtonBox()
        # The standard button of some styles has an icon that is black in the dark theme.
        buttons.addButton(_("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.accept)
        scroll = VerticalScrollArea(content)
        scroll.setMinimumWidth(50 * GRID)
        outer.addWidget(scroll, 1)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, GRID, 0)
        below.addWidget(buttons)
        outer.addLayout(below)

    def _verdict_box(self) -> QGroupBox:
        box = QGroupBox(_("Verdicts"))
        form = QVBoxLayout(box)
        form.setSpacing(GRID // 2)
        for slider, label in self._slider_labels.items():
            label.setWordWrap(True)
            label.setBuddy(slider)
            form.addWidget(label)
            form.addWidget(slider)
            form.addSpacing(GRID)
        reset = QPushButton(_("&Reset to recommended"))
        reset.setToolTip(_("The thresholds with the fewest wrong verdicts on the test photos of the model"))
        reset.setAutoDefault(False)
        reset.clicked.connect(self._reset)
        self.compare = QPushButton(_("Co&mpare with my verdicts…"))
        self.compare.setToolTip(_("How many of the photos that you checked are right for each threshold"))
        self.compare.setAutoDefault(False)
        self.compare.clicked.connect(self.compare_requested)
        row = QHBoxLayout()
        row.addWidget(reset)
        row.addWidget(self.compare)
        row.addStretch(1)
        form.addLayout(row)
        return box

    def _app_box(self) -> QGroupBox:
        box = QGroupBox(_("App"))
        rows = QFormLayout(box)
        language = QHBoxLayout()
        language.addWidget(self.language, 1)
        language.addWidget(self.restart)
        rows.addRow(_("&Language"), language)
        label = rows.labelForField(language)
        if isinstance(label, QLabel):  # A layout is no buddy.
            label.setBuddy(self.language)
        rows.addRow(_("&Theme"), self.theme)
        rows.addRow(_("Letters to mar&k"), self.mark_keys)
        rows.addRow(self.mark_keys_error)
        rows.addRow(_("&Parallel jobs"), self.jobs)
        rows.addRow(self.thorough)
        rows.addRow(_("S&kip"), self.exclude)
        rows.addRow(self.exclude_error)
        rows.addRow(self.join_raw)
        rows.addRow(self.low_priority)
        rows.addRow(self.continue_session)
        return box

    def _connect(self) -> None:
        for slider, field in (
            (self.cat, "cat_threshold"),
            (self.dog, "dog_threshold"),
            (self.unsure, "unsure_band"),
        ):
            slider.valueChanged.connect(partial(self._on_slider, field))
        self.language.currentIndexChanged.connect(lambda _index: self._on_language())
        self.restart.clicked.connect(self.restart_requested)
        self.theme.currentIndexChanged.connect(lambda _index: self._change(theme=self.theme.currentData()))
        self.mark_keys.textEdited.connect(self._on_mark_keys)
        self.jobs.valueChanged.connect(lambda jobs: self._change(jobs=jobs or None))
        self.thorough.toggled.connect(lambda checked: self._change(thorough=checked))
        self.exclude.textChanged.connect(self._on_exclude)
        self.join_raw.toggled.connect(lambda checked: self._change(join_raw=checked))
        self.low_priority.toggled.connect(lambda checked: self._change(low_priority=checked))
        self.continue_session.toggled.connect(lambda checked: self._change(continue_session=checked))
        self.stored_data.limit_chosen.connect(lambda megabytes: self._change(thumbnail_megabytes=megabytes))

    def _fit_screen(self) -> None:
        """Open as tall as the content, but not taller than 90 % of the screen."""
        hint = self.sizeHint()
        available = self.screen().availableGeometry().height() * 9 // 10
        self.resize(hint.width(), min(hint.height(), available))

    def _show(self, settings: Settings) -> None:
        limits = settings.thresholds(self._recommended)
        for slider, value in ((self.cat, limits.cat), (self.dog, limits.dog), (self.unsure, limits.unsure)):
            slider.blockSignals(True)
            slider.setValue(round(value * 100))
            slider.blockSignals(False)
        self.language.setCurrentIndex(self.language.findData(settings.language))
        self.restart.setVisible(False)
        self.theme.setCurrentIndex(THEMES.index(settings.theme))
        self.jobs.setValue(settings.jobs or 0)
        self.thorough.setChecked(settings.thorough)
        self.join_raw.setChecked(settings.join_raw)
        self.low_priority.setChecked(settings.low_priority)
        self.continue_session.setChecked(settings.continue_session)
        self._describe_sliders()

    def _describe_sliders(self) -> None:
        cat, dog, band = self.cat.value(), self.dog.value(), self.unsure.value()
        self._slider_labels[self.cat].setText(
            _("&Cat if score is at least {percent}").format(percent=format_share(cat / 100))
        )
        self._slider_labels[self.dog].setText(
            _("&Dog if score is at least {percent}").format(percent=format_share(dog / 100))
        )
        if band:
            text = _("&Unsure range: ±{band} points (cat {cat_range}, dog {dog_range})").format(
                band=format_number(band),
                cat_range=with_percent_sign(f"{max(0, cat - band)}–{min(100, cat + band)}"),
                dog_range=with_percent_sign(f"{max(0, dog - band)}–{min(100, dog + band)}"),
            )
        else:
            text = _("&Unsure range: none")
        self._slider_labels[self.unsure].setText(text)

    def _on_slider(self, field: str, percent: int) -> None:
        """Change only the slider that moved: the recommended values are finer than a slider shows."""
        self._describe_sliders()
        self._change(**{field: percent / 100})

    def _on_language(self) -> None:
        """Keep the choice, and offer a restart if the window is in another language."""
        chosen = self.language.currentData()
        self._change(language=chosen)
        self.restart.setVisible((chosen or system_language(system_languages())) != running_language())

    def _on_mark_keys(self, text: str) -> None:
        """Use the letters if they are valid. Else say what is, and keep the last valid ones."""
        keys = text.upper()
        try:
            check_mark_keys(keys)
        except ValueError:
            sentence = _("Four different letters or none. {letters} have other meanings.")
            self.mark_keys_error.say(sentence.format(letters=format_and_list(OTHER_LETTERS)))
        else:
            self.mark_keys_error.say("")
            self._change(mark_keys=keys)

    def _on_exclude(self) -> None:
        """Keep the patterns if all are valid. Else say which is not, and keep the last valid ones."""
        text = self.exclude.toPlainText()
        try:
            parse_patterns(text)
        except ValueError as error:
            self.exclude_error.say(f"{error}.")
        else:
            self.exclude_error.say("")
            self._change(exclude=text.strip())

    def _reset(self) -> None:
        self._change(cat_threshold=None, dog_threshold=None, unsure_band=None)
        self._show(self._settings)

    def _change(self, **fields: object) -> None:
        self._settings = replace(self._settings, **fields)  # type: ignore[arg-type]  # Checked by the fields' names.
        self.changed.emit(self._settings)


def _percent_slider(name: str, lowest: int = 1, highest: int = 99) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(lowest, highest)
    slider.setAccessibleName(name)
    return slider
