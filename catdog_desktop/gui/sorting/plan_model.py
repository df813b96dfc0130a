"""The sort plan as a table: every step, and everything that stays, with the reason. Nothing is copied into rows."""

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.status_text import VERDICT_WORDS
from catdog_desktop.sorting.plan import SortPlan, Step

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()
Stay = tuple[Path, str]
"""What stays, and why: the reason is read after the name."""


class Part(Enum):
    """Which rows are shown."""

    ALL = "everything"
    STEPS = "what goes"
    RENAMED = "new names"
    STAYS = "what stays"


class Column(Enum):
    """What a row tells."""

    PHOTO = "Photo"
    FROM = "Lies in"
    VERDICT = "Verdict"
    TO = "Goes to"
    REMARK = "Remark"


COLUMNS: Final = tuple(Column)


class SortPlanModel(QAbstractTableModel):
    """Shows a part of a plan; a row is a `Step`, or a file that stays."""

    def __init__(self, plan: SortPlan, stays: Sequence[Stay], parent: QObject | None = None) -> None:
        """Show all of `plan`, and of `stays`, which has what was left out of the plan and before it."""
        super().__init__(parent)
        self._destination = plan.options.destination.absolute()
        self._parts: dict[Part, Sequence[Step | Stay]] = {
            Part.ALL: (*plan.steps, *stays),
            Part.STEPS: plan.steps,
            Part.RENAMED: plan.conflicts,
            Part.STAYS: stays,
        }
        self._rows = self._parts[Part.ALL]

    def show(self, part: Part) -> None:
        """Show only a part."""
        self.beginResetModel()
        self._rows = self._parts[part]
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
        """Return the words above a column."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].value
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell says; whole paths as tooltips."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._step_text(row, column) if isinstance(row, Step) else _stay_text(*row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _step_tip(row) if isinstance(row, Step) else f"{displayable(row[0])} {row[1]}."
        return None

    def _step_text(self, step: Step, column: Column) -> str:
        match column:
            case Column.PHOTO:
                return displayable(step.source.name)
            case Column.FROM:
                return displayable(step.source.parent)
            case Column.VERDICT:
                return VERDICT_WORDS[step.verdict]
            case Column.TO:
                return displayable(step.target.relative_to(self._destination))
            case Column.REMARK:
                return "; ".join(filter(None, (_new_name(step), _with_companions(step))))


def _stay_text(path: Path, reason: str, column: Column) -> str:
    match column:
        case Column.PHOTO:
            return displayable(path.name)
        case Column.FROM:
            return displayable(path.parent)
        case Column.REMARK:
            return f"stays: {displayable(reason)}"
        case _:
            return ""


def _new_name(step: Step) -> str:
    return f"new name: {displayable(step.note)}" if step.note else ""


def _with_companions(step: Step) -> str:
    if not step.companions:
        return ""
    return f"with {', '.join(displayable(companion.source.name) for companion in step.companions)}"


def _step_tip(step: Step) -> str:
    return "\n".join(f"{displayable(file.source)} →\n{displayable(file.target)}" for file in step.files)
