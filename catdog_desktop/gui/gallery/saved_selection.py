"""Selection and current photo survive a reset of the model: other filters, another order."""

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QObject, Signal
from PySide6.QtWidgets import QAbstractItemView

from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.gallery.gallery_model import ROW_ROLE, GalleryModel
from catdog_desktop.gui.widgets.uniform_grid_view import parts_of


class SavedSelection(QObject):
    """Saves both before a reset and restores what is still shown."""

    current_lost = Signal()  # the photo that was current is not shown any more

    def __init__(self, model: GalleryModel, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        self._numbers = np.zeros(0, np.int32)
        self._current: Row | None = None
        model.modelAboutToBeReset.connect(self._save)
        model.modelReset.connect(self._restore)

    def _save(self) -> None:
        parts = parts_of(self._view.selectionModel().selection())
        self._numbers = np.concatenate([np.zeros(0, np.int32), *(self._model.numbers_between(*part) for part in parts)])
        current = self._view.currentIndex()
        self._current = current.data(ROW_ROLE) if current.isValid() else None

    def _restore(self) -> None:
        selection = self._model.selection_of(self._model.positions(self._numbers))
        current = self._current
        index = self._model.index_of(current.path) if current is not None else QModelIndex()
        self._view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._view.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if current is not None and not index.isValid():
            self.current_lost.emit()
        self._numbers, self._current = np.zeros(0, np.int32), None
