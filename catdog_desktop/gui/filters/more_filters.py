"""The row of further filters: by folder, by day, by score. Folded away until it is asked for."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QSpinBox, QWidget

from catdog_desktop.formatting import displayable, escape_html, parse_days
from catdog_desktop.gallery.folder_tree import Folder
from catdog_desktop.gallery.query import SecondaryFilter
from catdog_desktop.gui.theme import GRID, colours
from catdog_desktop.gui.widgets.flow_layout import FlowLayout
from catdog_desktop.gui.widgets.icons import Icon, make_icon

_PATH_ROLE = Qt.ItemDataRole.UserRole
_DAY_WORDS = "A day, a month or a year: 12 May 2019, May 2019, 2019"


class MoreFilters(QWidget):
    """What narrows the gallery beside the verdicts and the name."""

    changed = Signal(object)  # SecondaryFilter

    def __init__(
        self,
        folders: Callable[[], list[Folder]],
        days: Callable[[], tuple[int, int] | None],
        parent: QWidget | None = None,
    ) -> None:
        """Begin with nothing set. `folders` and `days` are asked for what there is to choose from, when it is."""
        super().__init__()
        self.setAccessibleName("More filters")
        self._days = days
        self.folder = _FolderBox(folders)
        self.first_day = _DayField("From which day")
        self.last_day = _DayField("Until which day")
        self.cat = _ScoreRange("Cat")
        self.dog = _ScoreRange("Dog")
        layout = FlowLayout(self)
        for words, fields in (
            ("&Folder", [self.folder]),
            ("&Taken from", [self.first_day, QLabel("to"), self.last_day]),
            ("&Cat score", self.cat.fields),
            ("&Dog score", self.dog.fields),
        ):
            layout.addWidget(_group(words.replace("&", ""), fields))
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.folder.currentIndexChanged.connect(self._tell)
        for day in (self.first_day, self.last_day):
            day.textChanged.connect(self._tell)
        for score in (*self.cat.boxes, *self.dog.boxes):
            score.valueChanged.connect(self._tell)

    @property
    def secondary(self) -> SecondaryFilter:
        """What is set."""
        first, last = self.first_day.days, self.last_day.days
        return SecondaryFilter(
            self.folder.chosen,
            first[0] if first is not None else None,
            last[1] if last is not None else None,
            self.cat.range,
            self.dog.range,
        )

    def refresh(self) -> None:
        """Offer the folders and days that there are now."""
        self.folder.refresh()
        days = self._days()
        for field, ordinal in zip((self.first_day, self.last_day), days or (None, None), strict=True):
            day = date.fromordinal(ordinal) if ordinal is not None else None
            field.setPlaceholderText(f"{day.day} {day:%b %Y}" if day is not None else "any day")

    def clear(self) -> None:
        """Set nothing."""
        self.blockSignals(True)
        self.folder.setCurrentIndex(0)
        self.first_day.clear()
        self.last_day.clear()
        self.cat.clear()
        self.dog.clear()
        self.blockSignals(False)
        self._tell()

    def minimumSizeHint(self) -> QSize:
        """Let the window be narrow: what finds no room goes into the next line."""
        return QSize(0, super().minimumSizeHint().height())

    def _tell(self) -> None:
        self.changed.emit(self.secondary)


class _FolderBox(QComboBox):
    """The given folders and their sub-folders, as a tree."""

    def __init__(self, folders: Callable[[], list[Folder]]) -> None:
        super().__init__()
        self._folders = folders
        self.setAccessibleName("Folder")
        self.setToolTip("Show the photos of one folder and of the folders in it")
        self.setMinimumContentsLength(16)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMaxVisibleItems(24)
        self.addItem("All folders", None)

    @property
    def chosen(self) -> Path | None:
        """The folder chosen; None for all."""
        path: Path | None = self.currentData(_PATH_ROLE)
        return path

    def refresh(self) -> None:
        """Offer the folders that there are; the one that is chosen stays chosen, even if it is empty now."""
        chosen, tree = self.chosen, self._folders()
        if chosen is not None and all(folder.path != chosen for folder in tree):
            tree.append(Folder(chosen, 0, 0))
        self.blockSignals(True)
        while self.count() > 1:
            self.removeItem(self.count() - 1)
        for folder in tree:
            name = folder.path.name if folder.depth and folder.path.name else folder.path.name or str(folder.path)
            self.addItem(f"{'    ' * folder.depth}{displayable(name)}  ({folder.photos:,})", folder.path)
            self.setItemData(self.count() - 1, displayable(str(folder.path)), Qt.ItemDataRole.ToolTipRole)
            if folder.path == chosen:
                self.setCurrentIndex(self.count() - 1)
        self.blockSignals(False)

    def showPopup(self) -> None:  # noqa: N802
        """Open the list, as it is now."""
        self.refresh()
        super().showPopup()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Be up to date for the arrow keys, which choose without opening the list."""
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.refresh()
        super().focusInEvent(event)


class _DayField(QLineEdit):
    """A day, a month or a year in words; says so if it is none of these, once somebody has finished writing."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(_DAY_WORDS)
        self.setClearButtonEnabled(True)
        self.setAcceptDrops(False)
        self.setFixedWidth(16 * GRID)
        self._wrong = QAction("This is no day", self)
        self.editingFinished.connect(self._check)
        self.textChanged.connect(lambda _text: self._show_wrong(wrong=False))

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day that are meant; None if nothing is set, or no day."""
        try:
            return parse_days(self.text())
        except ValueError:
            return None

    def changeEvent(self, event: QEvent) -> None:
        """Paint the sign again in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._wrong in self.actions():
            self._wrong.setIcon(make_icon(Icon.PROBLEM, colours(self.palette()).warning))

    def _check(self) -> None:
        self._show_wrong(wrong=bool(self.text().strip()) and self.days is None)

    def _show_wrong(self, *, wrong: bool) -> None:
        if wrong and self._wrong not in self.actions():
            self._wrong.setIcon(make_icon(Icon.PROBLEM, colours(self.palette()).warning))
            self.addAction(self._wrong, QLineEdit.ActionPosition.TrailingPosition)
        elif not wrong:
            self.removeAction(self._wrong)
        words = f"“{self.text()}” is no day. {_DAY_WORDS}." if wrong else _DAY_WORDS
        self.setToolTip(escape_html(words))
        self.setAccessibleDescription(words)


class _ScoreRange:
    """From which score on and up to which, in whole per cent."""

    def __init__(self, word: str) -> None:
        self.low, self.high = QSpinBox(), QSpinBox()
        self.boxes = (self.low, self.high)
        for box, value, name in ((self.low, 0, "from"), (self.high, 100, "to")):
            box.setRange(0, 100)
            box.setSingleStep(5)
            box.setSuffix(" %")
            box.setValue(value)
            box.setAccessibleName(f"{word} score {name}")
        self.fields = [self.low, QLabel("to"), self.high]

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest score, 0..1."""
        return self.low.value() / 100, self.high.value() / 100

    def clear(self) -> None:
        """Let every score pass."""
        self.low.setValue(0)
        self.high.setValue(100)


def _group(words: str, fields: Sequence[QWidget]) -> QWidget:
    """Return a label with its fields, which stay in one line."""
    group = QWidget()
    layout = QHBoxLayout(group)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(GRID)
    label = QLabel(words)
    label.setBuddy(fields[0])
    layout.addWidget(label)
    for field in fields:
        layout.addWidget(field)
    return group
