"""Heat maps for models that bring none: made beside the GUI thread for the photo that somebody looks at."""

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
"""Complete maps, 1 kB each: whoever goes back to a photo need not wait again."""

Maps = NDArray[np.uint8]


class OcclusionHeatMaps(QObject):
    """Makes one photo's maps at a time; a photo that nobody looks at any more is given up at once."""

    maps_ready = Signal(object, object, bool)  # Path, Maps, whether they are complete

    def __init__(self, errands: TaskQueue, parent: QObject | None = None) -> None:
        """`errands` have a thread of their own: what is read for the eye must not wait for this."""
        super().__init__(parent)
        self._errands = errands
        self._model: ModelFile | None = None
        self._classifier: Classifier | None = None
        self._wanted: tuple[Path, str] | None = None
        self._kept: OrderedDict[tuple[Path, str], Maps] = OrderedDict()

    def use_model(self, model: ModelFile) -> None:
        """Make maps by another model from now on."""
        self.want(None)
        self._model = model
        self._kept.clear()

    def want(self, path: Path | None, content: str = "") -> None:
        """Let `maps_ready` tell of ever better maps of this photo; None: of no photo any more."""
        wanted = None if path is None else (path, content)
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self._errands.clear()
        if wanted is None or self._model is None:
            return
        known = self._kept.get(wanted)
        if known is not None:
            self._kept.move_to_end(wanted)
            self.maps_ready.emit(wanted[0], known, True)
            return
        model = self._model
        self._errands.run(lambda: self._make(wanted, model), lambda maps: self._keep(wanted, model, maps))

    def _make(self, wanted: tuple[Path, str], model: ModelFile) -> Maps | None:
        """In the thread of the errands: return the complete maps; None if nobody waits for them any more."""
        try:
            if self._classifier is None or self._classifier.model is not model:
                self._classifier = Classifier(model)
            maps = None
            for maps in occlusion_maps(wanted[0], model, self._classifier, lambda: self._wanted != wanted):
                if self._wanted == wanted:
                    self.maps_ready.emit(wanted[0], maps, False)
        except (PhotoError, ModelError):  # the gallery says so already
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
