"""Table model of a sort plan's folders: how many photos and bytes each one gets."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from catdog_desktop.formatting import displayable, format_bytes
from catdog_desktop.gallery.natural_sort import natural_key
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _
from catdog_desktop.sorting.plan import SortPlan

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()


@dataclass(slots=True)
class FolderTotal:
    """What a folder below the destination gets."""

    folder: Path
    """Relative to the destination."""
    photos: int = 0
    companions: int = 0
    size: int = 0
    """Bytes of photos and companions."""


def folder_totals(plan: SortPlan) -> list[FolderTotal]:
    """Return what each folder gets, in natural order."""
    destination = plan.options.destination.absolute()
    totals: dict[Path, FolderTotal] = {}
    for step in plan.steps:
        parent = step.target.parent
        total = totals.get(parent)
        if total is None:
            total = totals[parent] = FolderTotal(parent.relative_to(destination))
        total.photos += 1
        total.companions += len(step.companions)
        total.size += sum(file.stat.size for file in step.files)
    return sorted(totals.values(), key=lambda total: natural_key(str(total.folder)))


@safe_overrides
class FolderTotalsModel(QAbstractTableModel):
    """Folder, photos, companions and size, sortable by each."""

    def __init__(self, plan: SortPlan, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = folder_totals(plan)
        self._titles = (_("Folder"), _("Photos"), _("Companions"), _("Size"))

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """Return how many folders there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NO_PARENT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the title of a column."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell."""
        if not index.isValid() or role != Qt.ItemDataRole.DisplayRole:
            return None
        total = self._rows[index.row()]
        return (
            displayable(total.folder),
            format_number(total.photos),
            format_number(total.companions),
            format_bytes(total.size),
        )[index.column()]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        if column < 0:
            return
        self.layoutAboutToBeChanged.emit()
        before = {id(total): number for number, total in enumerate(self._rows)}
        keys = (
            lambda total: natural_key(str(total.folder)),
            lambda total: total.photos,
            lambda total: total.companions,
            lambda total: total.size,
        )
        self._rows = sorted(self._rows, key=keys[column], reverse=order is Qt.SortOrder.DescendingOrder)
        places = {before[id(total)]: number for number, total in enumerate(self._rows)}
        old = self.persistentIndexList()
        self.changePersistentIndexList(old, [self.index(places[one.row()], one.column()) for one in old])
        self.layoutChanged.emit()
