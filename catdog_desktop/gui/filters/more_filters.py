"""The row of secondary filters: folder, dates, scores. Hidden at first."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QSpinBox, QWidget

from catdog_desktop.formatting import displayable, parse_days
from catdog_desktop.gallery.folder_tree import Folder
from catdog_desktop.gallery.query import SecondaryFilter
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, colours
from catdog_desktop.gui.widgets.flow_layout import FlowLayout
from catdog_desktop.gui.widgets.icons import Icon, make_icon
from catdog_desktop.gui.widgets.labels import plain_tooltip
from catdog_desktop.languages.formats import format_day, format_number
from catdog_desktop.messages import _

_PATH_ROLE = Qt.ItemDataRole.UserRole


@safe_overrides
class MoreFilters(QWidget):
    """Fields of the secondary filter."""

    changed = Signal(object)  # SecondaryFilter

    def __init__(
        self,
        folders: Callable[[], list[Folder]],
        days: Callable[[], tuple[int, int] | None],
        years: Callable[[], list[int]],
        parent: QWidget | None = None,
    ) -> None:
        """Start without a filter.

        `folders`, `days` and `years` return the folders, the range of dates and the years to choose from; they are
        called when needed.
        """
        super().__init__()
        self.setAccessibleName(_("More filters"))
        self._days, self._years = days, years
        self.folder = _FolderBox(folders)
        self.year = _YearBox()
        self._is_setting_year = False
        """Whether both days are being set, so that one of them alone means nothing."""
        self.first_day = _DayField(_("Date from"))
        self.last_day = _DayField(_("Date to"))
        self.cat = _ScoreRange(_("Cat score from"), _("Cat score to"))
        self.dog = _ScoreRange(_("Dog score from"), _("Dog score to"))
        layout = FlowLayout(self)
        for label, fields in (
            (_("Folder"), [self.folder]),
            (_("Year"), [self.year]),
            (_("Date from"), [self.first_day, QLabel(_("to")), self.last_day]),
            (_("Cat score"), self.cat.fields),
            (_("Dog score"), self.dog.fields),
        ):
            layout.addWidget(_group(label, fields))
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.folder.currentIndexChanged.connect(self._emit_changed)
        for day in (self.first_day, self.last_day):
            day.textChanged.connect(self._on_days)
        self.year.activated.connect(lambda _index: self._set_year(self.year.chosen))
        for score in (*self.cat.boxes, *self.dog.boxes):
            score.valueChanged.connect(self._emit_changed)

    @property
    def secondary(self) -> SecondaryFilter:
        """The filter as set."""
        first, last = self.first_day.days, self.last_day.days
        return SecondaryFilter(
            self.folder.chosen,
            first[0] if first is not None else None,
            last[1] if last is not None else None,
            self.cat.range,
            self.dog.range,
        )

    def refresh(self) -> None:
        """Update the folders and the range of dates to choose from."""
        self.folder.refresh()
        days = self._days()
        for field, ordinal in zip((self.first_day, self.last_day), days or (None, None), strict=True):
            day = date.fromordinal(ordinal) if ordinal is not None else None
            field.setPlaceholderText(format_day(day) if day is not None else _("any date"))
        self.year.set_years(self._years())
        self._show_year()

    def restore(self, secondary: SecondaryFilter) -> None:
        """Fill the fields for a filter of an earlier session."""
        self.blockSignals(True)
        self.folder.choose(secondary.folder)
        for field, day in ((self.first_day, secondary.first_day), (self.last_day, secondary.last_day)):
            field.setText("" if day is None else day.isoformat())
        for scores, (low, high) in ((self.cat, secondary.cat), (self.dog, secondary.dog)):
            scores.low.setValue(round(low * 100))
            scores.high.setValue(round(high * 100))
        self.blockSignals(False)
        self._emit_changed()

    def clear(self) -> None:
        """Reset all fields."""
        self.blockSignals(True)
        self.folder.setCurrentIndex(0)
        self.first_day.clear()
        self.last_day.clear()
        self.cat.clear()
        self.dog.clear()
        self.blockSignals(False)
        self._emit_changed()

    def minimumSizeHint(self) -> QSize:
        """Return no minimum width: fields wrap into the next line."""
        return QSize(0, super().minimumSizeHint().height())

    def _set_year(self, year: int | None) -> None:
        """Show the photos of one year only."""
        self._is_setting_year = True
        for field in (self.first_day, self.last_day):
            field.setText("" if year is None else str(year))
        self._is_setting_year = False
        self._emit_changed()

    def _on_days(self) -> None:
        if not self._is_setting_year:
            self._show_year()
            self._emit_changed()

    def _show_year(self) -> None:
        """Show the year that the two days enclose, if they enclose exactly one."""
        first, last = self.first_day.days, self.last_day.days
        year = None
        if first is not None and last is not None:
            one = first[0].year
            year = one if (first[0], last[1]) == (date(one, 1, 1), date(one, 12, 31)) else None
        self.year.show_year(year)

    def _emit_changed(self) -> None:
        self.changed.emit(self.secondary)


@safe_overrides
class _FolderBox(QComboBox):
    """The opened folders and their subfolders, as a tree."""

    def __init__(self, folders: Callable[[], list[Folder]]) -> None:
        super().__init__()
        self._folders = folders
        self.setAccessibleName(_("Folder"))
        self.setToolTip(_("Show the photos of one folder, subfolders included"))
        self.setMinimumContentsLength(16)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMaxVisibleItems(24)
        self.addItem(_("All folders"), None)

    @property
    def chosen(self) -> Path | None:
        """The chosen folder; None for all."""
        path: Path | None = self.currentData(_PATH_ROLE)
        return path

    def refresh(self) -> None:
        """Update the list. The chosen folder stays, even if it has no photos any more."""
        chosen, tree = self.chosen, self._folders()
        if chosen is not None and all(folder.path != chosen for folder in tree):
            tree.append(Folder(chosen, 0, 0))
        self.blockSignals(True)
        while self.count() > 1:
            self.removeItem(self.count() - 1)
        for folder in tree:
            name = folder.path.name if folder.depth and folder.path.name else folder.path.name or str(folder.path)
            self.addItem(f"{'    ' * folder.depth}{displayable(name)}  ({format_number(folder.photos)})", folder.path)
            self.setItemData(self.count() - 1, displayable(str(folder.path)), Qt.ItemDataRole.ToolTipRole)
            if folder.path == chosen:
                self.setCurrentIndex(self.count() - 1)
        self.blockSignals(False)

    def choose(self, folder: Path | None) -> None:
        """Choose a folder, which may have no photos yet."""
        if folder is not None and self.findData(folder, _PATH_ROLE) < 0:
            self.addItem(displayable(folder.name or str(folder)), folder)
        self.setCurrentIndex(0 if folder is None else self.findData(folder, _PATH_ROLE))

    def showPopup(self) -> None:  # noqa: N802
        """Update and open the list."""
        self.refresh()
        super().showPopup()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Update the list for the arrow keys, which choose without opening it."""
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.refresh()
        super().focusInEvent(event)


class _YearBox(QComboBox):
    """The years of the photos, the last one first."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("Year"))
        self.setToolTip(_("Show the photos of one year"))
        self.setMaxVisibleItems(24)
        self.addItem(_("any"), None)

    @property
    def chosen(self) -> int | None:
        """The chosen year; None for any."""
        year: int | None = self.currentData()
        return year

    def set_years(self, years: Sequence[int]) -> None:
        """Offer these years."""
        while self.count() > 1:
            self.removeItem(self.count() - 1)
        for year in reversed(years):
            self.addItem(str(year), year)

    def show_year(self, year: int | None) -> None:
        """Show a year without emitting `activated`; "any" for a year without photos."""
        self.setCurrentIndex(max(0, self.findData(year) if year is not None else 0))


@safe_overrides
class _DayField(QLineEdit):
    """A day, a month or a year. Marks invalid text once editing is finished."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(_day_help())
        self.setClearButtonEnabled(True)
        self.setAcceptDrops(False)
        self.setFixedWidth(16 * GRID)
        self._wrong = QAction(_("Not a date"), self)
        self.editingFinished.connect(self._check)
        self.textChanged.connect(lambda _text: self._show_wrong(wrong=False))

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day of the entered period; None if the text is empty or invalid."""
        try:
            return parse_days(self.text())
        except ValueError:
            return None

    def changeEvent(self, event: QEvent) -> None:
        """Repaint the icon for a new theme."""
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
        text = _day_help()
        if wrong:
            text = _("“{text}” is not a date. {help}.").format(text=self.text(), help=text)
        self.setToolTip(plain_tooltip(text))
        self.setAccessibleDescription(text)


class _ScoreRange:
    """Two fields for the lowest and the highest score, in whole percents."""

    def __init__(self, low_name: str, high_name: str) -> None:
        self.low, self.high = QSpinBox(), QSpinBox()
        self.boxes = (self.low, self.high)
        for box, value, name in ((self.low, 0, low_name), (self.high, 100, high_name)):
            box.setRange(0, 100)
            box.setSingleStep(5)
            box.setSuffix("%")
            box.setValue(value)
            box.setAccessibleName(name)
        self.fields = [self.low, QLabel(_("to")), self.high]

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest score, 0..1."""
        return self.low.value() / 100, self.high.value() / 100

    def clear(self) -> None:
        """Set the range to all scores."""
        self.low.setValue(0)
        self.high.setValue(100)


def _day_help() -> str:
    return _("A day, a month or a year: 12 May 2019, May 2019, 2019")


def _group(text: str, fields: Sequence[QWidget]) -> QWidget:
    """Return a widget with a label and its fields in one line."""
    group = QWidget()
    layout = QHBoxLayout(group)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(GRID)
    label = QLabel(text)
    label.setBuddy(fields[0])
    layout.addWidget(label)
    for field in fields:
        layout.addWidget(field)
    return group
