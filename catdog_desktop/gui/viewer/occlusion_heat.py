"""Heat maps by occlusion, for models that output none: computed in the background for the photo shown."""

from collections import OrderedDict
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.inference.model_file import ModelError, ModelFile
from catdog_desktop.inference.occlusion import occlusion_maps
from catdog_desktop.inference.runtime import Classifier

_KEPT: Final = 200
"""Complete maps kept for photos that are shown again, 1 kB each."""

Maps = NDArray[np.uint8]


class OcclusionHeatMaps(QObject):
    """Computes the maps of one photo at a time. Another request cancels the one before."""

    maps_ready = Signal(object, object, bool)  # Path, Maps, whether they are complete

    def __init__(self, tasks: TaskQueue, parent: QObject | None = None) -> None:
        """`tasks` needs a thread of its own: the preview must not wait for heat maps."""
        super().__init__(parent)
        self._tasks = tasks
        self._model: ModelFile | None = None
        self._classifier: Classifier | None = None
        self._wanted: tuple[Path, str] | None = None
        self._kept: OrderedDict[tuple[Path, str], Maps] = OrderedDict()

    def use_model(self, model: ModelFile) -> None:
        """Use another model from now on."""
        self.request(None)
        self._model = model
        self._kept.clear()

    def request(self, path: Path | None, fingerprint: str = "") -> None:
        """Compute the maps of a photo: `maps_ready` is emitted several times, with better maps each. None cancels."""
        wanted = None if path is None else (path, fingerprint)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._tasks.clear()
        if wanted is None or self._model is None:
            return
        known = self._kept.get(wanted)
        if known is not None:
            self._kept.move_to_end(wanted)
            self.maps_ready.emit(wanted[0], known, True)
            return
        model = self._model
        self._tasks.run(lambda: self._compute(wanted, model), lambda maps: self._keep(wanted, model, maps))

    def _compute(self, wanted: tuple[Path, str], model: ModelFile) -> Maps | None:
        """Return the complete maps; None if the request was replaced. Runs in the thread of the task queue."""
        try:
            if self._classifier is None or self._classifier.model is not model:
                self._classifier = Classifier(model)
            maps = None
            for maps in occlusion_maps(wanted[0], model, self._classifier, lambda: self._wanted != wanted):
                if self._wanted == wanted:
                    self.maps_ready.emit(wanted[0], maps, False)
        except (PhotoError, ModelError):  # the gallery shows the error already
            return None
        return maps if self._wanted == wanted else None

    def _keep(self, wanted: tuple[Path, str], model: ModelFile, maps: Maps | None) -> None:
        if maps is None or model is not self._model:
            return
        self._kept[wanted] = maps
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        if wanted == self._wanted:
            self.maps_ready.emit(wanted[0], maps, True)
