"""The settings: what counts as a cat, as a dog and as unsure, in words; how the app looks; what it remembers."""

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.gui.actions import theme_names
from catdog_desktop.gui.settings.remembered_box import RememberedBox
from catdog_desktop.gui.settings.store_client import Memory
from catdog_desktop.gui.theme import GRID
from catdog_desktop.pipeline import default_jobs
from catdog_desktop.settings import THEMES, Settings
from catdog_desktop.verdict import Thresholds


class SettingsDialog(QDialog):
    """Changes show at once in the gallery behind; there is nothing to apply."""

    changed = Signal(object)  # Settings

    def __init__(self, settings: Settings, of_model: Thresholds, memory: Memory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._settings = settings
        self._of_model = of_model
        self.cat = _percent_slider("Call it a cat from")
        self.dog = _percent_slider("Call it a dog from")
        self.unsure = _percent_slider("Say unsure within", 0, 45)
        self._words = {slider: QLabel() for slider in (self.cat, self.dog, self.unsure)}
        self.theme = QComboBox()
        for theme in THEMES:
            self.theme.addItem(theme_names()[theme], theme)
        self.jobs = QSpinBox()
        self.jobs.setRange(0, 64)
        self.jobs.setSpecialValueText(f"One per core ({default_jobs()})")
        self.jobs.setToolTip("Takes effect when the app is started again")
        self.remembered = RememberedBox(memory, settings.thumbnail_megabytes)
        self._build()
        self._show(settings)
        self._fit_screen()
        self.cat.valueChanged.connect(lambda value: self._moved(replace(self._settings, cat_threshold=value / 100)))
        self.dog.valueChanged.connect(lambda value: self._moved(replace(self._settings, dog_threshold=value / 100)))
        self.unsure.valueChanged.connect(lambda value: self._moved(replace(self._settings, unsure_band=value / 100)))
        self.theme.currentIndexChanged.connect(
            lambda _: self._change(replace(self._settings, theme=self.theme.currentData()))
        )
        self.jobs.valueChanged.connect(lambda jobs: self._change(replace(self._settings, jobs=jobs or None)))
        self.remembered.limit_chosen.connect(
            lambda megabytes: self._change(replace(self._settings, thumbnail_megabytes=megabytes))
        )

    def _build(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(3 * GRID, 3 * GRID, 2 * GRID, 2 * GRID)
        outer.setSpacing(2 * GRID)
        parts = QWidget()
        layout = QVBoxLayout(parts)
        layout.setContentsMargins(0, 0, GRID, 0)
        layout.setSpacing(2 * GRID)
        verdicts = QGroupBox("Verdicts")
        form = QVBoxLayout(verdicts)
        form.setSpacing(GRID // 2)
        for slider, words in self._words.items():
            words.setWordWrap(True)
            words.setBuddy(slider)
            form.addWidget(words)
            form.addWidget(slider)
            form.addSpacing(GRID)
        reset = QPushButton("As the model has it")
        reset.setToolTip("The thresholds that were measured to cost the fewest wrong verdicts")
        reset.setAutoDefault(False)
        reset.clicked.connect(self._reset)
        form.addWidget(reset, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(verdicts)
        general = QGroupBox("App")
        rows = QFormLayout(general)
        rows.addRow("&Theme", self.theme)
        rows.addRow("&Photos at once", self.jobs)
        layout.addWidget(general)
        layout.addWidget(self.remembered)
        buttons = QDialogButtonBox()
        buttons.addButton("Close", QDialogButtonBox.ButtonRole.RejectRole)  # Qt's own has a sign, black in the dark
        buttons.rejected.connect(self.accept)
        outer.addWidget(_Scrolled(parts), 1)
        below = QHBoxLayout()
        below.setContentsMargins(0, 0, GRID, 0)
        below.addWidget(buttons)
        outer.addLayout(below)

    def _fit_screen(self) -> None:
        """Open as tall as it would be, but no taller than the screen: at twice the size many are not."""
        hint = self.sizeHint()
        room = self.screen().availableGeometry().height() * 9 // 10
        self.resize(hint.width(), min(hint.height(), room))

    def _show(self, settings: Settings) -> None:
        limits = settings.thresholds(self._of_model)
        for slider, value in ((self.cat, limits.cat), (self.dog, limits.dog), (self.unsure, limits.unsure)):
            slider.blockSignals(True)
            slider.setValue(round(value * 100))
            slider.blockSignals(False)
        self.theme.setCurrentIndex(THEMES.index(settings.theme))
        self.jobs.setValue(settings.jobs or 0)
        self._describe()

    def _describe(self) -> None:
        self._words[self.cat].setText(f"Call it a &cat from {self.cat.value()} %")
        self._words[self.dog].setText(f"Call it a &dog from {self.dog.value()} %")
        band = self.unsure.value()
        self._words[self.unsure].setText(
            f"Say &unsure within {band} points: a cat score {self._band_around(self.cat)}, "
            f"or a dog score {self._band_around(self.dog)}"
            if band
            else "Never say &unsure"
        )

    def _band_around(self, slider: QSlider) -> str:
        low, high = max(0, slider.value() - self.unsure.value()), min(100, slider.value() + self.unsure.value())
        return f"between {low} and {high}\N{NO-BREAK SPACE}%"

    def _moved(self, settings: Settings) -> None:
        """Take over the one that moved: the others stay the model's own, which are finer than a slider shows."""
        self._describe()
        self._change(settings)

    def _reset(self) -> None:
        settings = replace(self._settings, cat_threshold=None, dog_threshold=None, unsure_band=None)
        self._show(settings)
        self._change(settings)

    def _change(self, settings: Settings) -> None:
        self._settings = settings
        self.changed.emit(settings)


def _percent_slider(name: str, lowest: int = 1, highest: int = 99) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(lowest, highest)
    slider.setAccessibleName(name)
    return slider


class _Scrolled(QScrollArea):
    """Shows `parts` whole where there is room for them."""

    def __init__(self, parts: QWidget) -> None:
        super().__init__()
        self._parts = parts
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(parts)
        self.setMinimumWidth(50 * GRID)

    def sizeHint(self) -> QSize:
        """Return the size of all parts, and of a scroll bar that is not there."""
        width = max(50 * GRID, self._parts.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width())
        return QSize(width, self._parts.heightForWidth(width))
