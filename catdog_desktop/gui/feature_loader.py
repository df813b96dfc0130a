"""Loads the features of known photos once something in the window needs them.

Photos that are classified bring their features. Those of known photos stay in the store until they are needed: by look-
alikes of the user's corrections, by similar photos, or by stacks. Of 10,000 photos they take 11 MB and a tenth of the
time until all verdicts are shown.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.gallery.gallery_model import GalleryModel
from catdog_desktop.gui.worker import ClassifyThread
from catdog_desktop.gui.worker_commands import LoadFeatures
from catdog_desktop.inference.model_file import ModelFile


class FeatureLoader(QObject):
    """Asks the classifying thread for features, and puts them into the gallery."""

    changed = Signal()  # features of some photos have come, or all have

    def __init__(self, worker: ClassifyThread, gallery: GalleryModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._gallery = gallery
        self._is_wanted = False
        self._model_gives_some = False
        self._asked = self._answered = 0
        """Numbers of `LoadFeatures` commands that were posted and that were executed."""
        self._afterwards: list[Callable[[], object]] = []
        worker.features_ready.connect(self._on_ready)
        worker.features_loaded.connect(self._on_loaded)

    @property
    def is_complete(self) -> bool:
        """Whether the features of all photos with a result are there, as far as the model gives any."""
        return self._is_wanted and self._asked == self._answered

    def can_compare(self, row: Row) -> bool:
        """Whether photos like `row` can be found, now or once its features are loaded."""
        return self._gallery.has_features(row) or (not self.is_complete and self._are_stored(row))

    def want(self, then: Callable[[], object] | None = None) -> None:
        """Load the features of known photos, from now on also those of photos to come; call `then` when they are there.

        If they are there already, `then` is called at once.
        """
        if not self._is_wanted:
            self._is_wanted = True
            self._load(self._gallery.rows())
        if then is None:
            return
        if self.is_complete:
            then()
        else:
            self._afterwards.append(then)

    def use_model(self, model: ModelFile) -> None:
        """Note that the results to come are those of `model`."""
        self._model_gives_some = model.features_output is not None

    def note(self, rows: Iterable[Row]) -> None:
        """Note that `rows` have new results; they load features if these are wanted, or if the user has corrected one.

        A photo that looks like a corrected one and has another verdict is to be checked.
        """
        if self._is_wanted:
            self._load(rows)
        elif any(row.corrected for row in rows):
            self.want()

    def _load(self, rows: Iterable[Row]) -> None:
        paths = tuple(row.path for row in rows if self._are_stored(row) and not self._gallery.has_features(row))
        if paths:
            self._asked += 1
            self._worker.post(LoadFeatures(paths))

    def _are_stored(self, row: Row) -> bool:
        result = row.result
        if not self._model_gives_some or result is None or result.scores is None:
            return False
        return bool(result.fingerprint) and not result.older_model

    def _on_ready(self, features: Mapping[Path, NDArray[np.float32]]) -> None:
        self._gallery.put_features(features)
        self.changed.emit()

    def _on_loaded(self, commands: int) -> None:
        self._answered = commands
        if self.is_complete:
            self.changed.emit()
            afterwards, self._afterwards = self._afterwards, []
            for then in afterwards:
                then()
