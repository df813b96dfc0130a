"""Table model of a sort plan: a row for each step and for each file that stays, with the reason."""

import os
from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from catdog_desktop.formatting import displayable
from catdog_desktop.gallery.natural_sort import natural_key
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.languages.formats import format_clauses, format_list, with_full_stop
from catdog_desktop.messages import _, pgettext
from catdog_desktop.sorting.plan import SortPlan, Step
from catdog_desktop.verdict_arrays import CODES
from catdog_desktop.verdict_text import verdict_word

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()
SkippedFile = tuple[Path, str]
"""A file that stays where it is, and why: the reason is read after the name."""


class Part(Enum):
    """Which rows are shown."""

    ALL = auto()
    STEPS = auto()
    RENAMED = auto()
    """Steps whose photo gets another name."""
    SKIPPED = auto()


class Column(Enum):
    """The columns from left to right."""

    PHOTO = auto()
    FROM = auto()
    VERDICT = auto()
    TO = auto()
    NOTE = auto()


COLUMNS: Final = tuple(Column)


@safe_overrides
class SortPlanModel(QAbstractTableModel):
    """Shows a part of a plan. The rows are the steps themselves: nothing is copied for ten thousand of them."""

    def __init__(self, plan: SortPlan, skipped: Sequence[SkippedFile], parent: QObject | None = None) -> None:
        """Show the steps of `plan` and all `skipped` files, those that the plan skips included."""
        super().__init__(parent)
        self._destination = plan.options.destination.absolute()
        self._parts: dict[Part, Sequence[Step | SkippedFile]] = {
            Part.ALL: (*plan.steps, *skipped),
            Part.STEPS: plan.steps,
            Part.RENAMED: plan.conflicts,
            Part.SKIPPED: skipped,
        }
        self._part = Part.ALL
        self._order: tuple[Column, bool] | None = None
        """Column, and whether it is descending; None: in the order of the plan."""
        self._rows = self._parts[Part.ALL]
        self._titles = {
            Column.PHOTO: _("Photo"),
            Column.FROM: pgettext("column of a sort plan", "From"),
            Column.VERDICT: _("Verdict"),
            Column.TO: pgettext("column of a sort plan", "To"),
            Column.NOTE: _("Note"),
        }

    def show(self, part: Part) -> None:
        """Show only a part."""
        self.beginResetModel()
        self._part = part
        self._rows = self._sorted()
        self.endResetModel()

    def count(self, part: Part) -> int:
        """Return how many rows a part has."""
        return len(self._parts[part])

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """Return how many rows are shown."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the title of a column."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[COLUMNS[section]]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell, or its tooltip: the whole paths."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._step_text(row, column) if isinstance(row, Step) else _skipped_text(*row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            if isinstance(row, Step):
                return _step_tooltip(row)
            return with_full_stop(_("{name} {problem}").format(name=displayable(row[0]), problem=row[1]))
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; by none (-1): in the order of the plan."""
        self._order = (COLUMNS[column], order is Qt.SortOrder.DescendingOrder) if column >= 0 else None
        self.layoutAboutToBeChanged.emit()
        persistent = self.persistentIndexList()
        rows = [self._rows[index.row()] for index in persistent]
        self._rows = self._sorted()
        places = {id(row): number for number, row in enumerate(self._rows)} if persistent else {}
        moved = [self.index(places[id(row)], index.column()) for row, index in zip(rows, persistent, strict=True)]
        self.changePersistentIndexList(persistent, moved)
        self.layoutChanged.emit()

    def _sorted(self) -> Sequence[Step | SkippedFile]:
        rows = self._parts[self._part]
        if self._order is None:
            return rows
        column, descending = self._order
        folders: dict[str, str] = {}
        """Sort key of each folder: there are few of them, and a key takes longer to make than to look up."""

        def place_key(path: Path) -> tuple[str, str]:
            # Path.parent and Path.name take several times as long.
            folder, name = os.path.split(path)
            if folder not in folders:
                folders[folder] = natural_key(folder)
            return folders[folder], natural_key(name)

        def key(row: Step | SkippedFile) -> tuple[object, ...]:
            source = row.source if isinstance(row, Step) else row[0]
            match column:
                case Column.PHOTO:
                    return (place_key(source)[1],)
                case Column.FROM:
                    return place_key(source)
                case Column.VERDICT:
                    return (CODES.index(row.verdict) if isinstance(row, Step) else len(CODES),)
                case Column.TO:
                    if not isinstance(row, Step):
                        return (True, "", "")
                    return (False, *place_key(row.target))
                case Column.NOTE:
                    return (format_clauses(_notes(row)) if isinstance(row, Step) else row[1],)

        return sorted(rows, key=key, reverse=descending)

    def _step_text(self, step: Step, column: Column) -> str:
        match column:
            case Column.PHOTO:
                return displayable(step.source.name)
            case Column.FROM:
                return displayable(step.source.parent)
            case Column.VERDICT:
                return verdict_word(step.verdict)
            case Column.TO:
                return displayable(step.target.relative_to(self._destination))
            case Column.NOTE:
                return format_clauses(_notes(step))


def _skipped_text(path: Path, reason: str, column: Column) -> str:
    match column:
        case Column.PHOTO:
            return displayable(path.name)
        case Column.FROM:
            return displayable(path.parent)
        case Column.NOTE:
            return _("stays: {reason}").format(reason=displayable(reason))
        case _:
            return ""


def _notes(step: Step) -> list[str]:
    notes = []
    if step.note:
        notes.append(_("new name: {reason}").format(reason=displayable(step.note)))
    if step.companions:
        names = format_list(displayable(companion.source.name) for companion in step.companions)
        notes.append(_("with {names}").format(names=names))
    return notes


def _step_tooltip(step: Step) -> str:
    return "\n".join(f"{displayable(file.source)} →\n{displayable(file.target)}" for file in step.files)
